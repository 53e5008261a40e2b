"""Measures the speed and memory of one sheet: cold against the bare weasyprint command on the same HTML, and warm."""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from handouts import InputError, Press, Resources
from handouts.languages import known_tags
from handouts.records import Destination, Detail, Format, Job

CHECKOUT = Path(__file__).parent.parent
CLINIC = CHECKOUT / "examples" / "lumen-skin-clinic"
TREATMENT = CHECKOUT / "examples" / "treatment.toml"
COLD_RUNS = 15
WARM_RUNS = 20
NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


def job(tag: str, form: Format = Format.PDF) -> Job:
    """Return a job for a made-up patient."""
    values: dict[str, object] = {
        "patient.name": "Amina Example",
        "body_sites": ["face"],
        "performed_on": "2026-11-21 15:00",
        "settings": ["needle_depth=1.5"],
    }
    details = tuple(Detail(path=path, value=value, source="benchmark") for path, value in values.items())
    return Job(document="microneedling-aftercare", languages=(tag,), details=details, now=NOW, format=form)


def cold(folder: Path) -> None:
    """Print what hyperfine measures of both commands, and their ratio."""
    html = Press(Resources(clinic=CLINIC)).make(job("en", Format.HTML), Destination(folder=folder)).receipts[0].path
    weasyprint = Path(sys.executable).with_name("weasyprint")
    bare = f"{weasyprint} --pdf-variant pdf/ua-1 --quiet {html} {folder}/bare.pdf"
    ours = (
        f"{sys.executable} {CHECKOUT}/generate.py make microneedling-aftercare --clinic {CLINIC} "
        f"--treatment {TREATMENT} --to {folder}/out"
    )
    hyperfine = shutil.which("hyperfine")
    if hyperfine is None:
        sys.exit("hyperfine is missing: sudo apt-get install hyperfine")
    report = folder / "cold.json"
    subprocess.run(
        [hyperfine, "--style=none", "--warmup=2", f"--runs={COLD_RUNS}", f"--export-json={report}", bare, ours],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    first, second = (result["median"] for result in json.loads(report.read_text())["results"])
    print(f"cold: bare weasyprint {first * 1000:.0f} ms, handouts {second * 1000:.0f} ms, ratio {second / first:.2f}")


def warm(folder: Path) -> None:
    """Print the median time of one sheet in each language, from details to file."""
    press = Press(Resources(clinic=CLINIC))
    for tag in known_tags():
        times = []
        try:
            press.make(job(tag), Destination(folder=folder))
        except InputError as error:
            print(f"warm {tag}: {error}")
            continue
        for _ in range(WARM_RUNS):
            start = time.perf_counter()
            press.make(job(tag), Destination(folder=folder))
            times.append(time.perf_counter() - start)
        print(f"warm {tag:8} {statistics.median(times) * 1000:6.0f} ms")


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold(folder)
        warm(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    one = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory: {peak:.0f} MB after all languages in one process, {one:.0f} MB for the largest command")


if __name__ == "__main__":
    main()
