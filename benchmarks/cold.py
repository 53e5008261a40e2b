"""One sheet -> what a command that is started for it takes: the bare weasyprint command, and `handouts make`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.contenders import CHECKOUT, CLINIC, DOCUMENT, Composing
from benchmarks.patients import some

TREATMENT: Final = CHECKOUT / "examples" / "treatment.toml"
RUNS: Final = 15


def commands() -> dict[str, float]:
    """Return the median seconds of each command, as hyperfine measures it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (patient,) = some("en", 1)
        page = folder / "sheet.html"
        with closing(Composing("en")) as composing:
            page.write_text(composing.composed(patient).html)
        weasyprint = Path(sys.executable).with_name("weasyprint")
        measured = {
            "weasyprint": f"{weasyprint} --pdf-variant pdf/ua-1 --quiet {page} {folder}/bare.pdf",
            "handouts make": (
                f"{sys.executable} {CHECKOUT}/generate.py make {DOCUMENT} --clinic {CLINIC} --treatment {TREATMENT}"
                f" --to {folder}/out"
            ),
        }
        report = folder / "report.json"
        options = ["--style=none", "--warmup=2", f"--runs={RUNS}", f"--export-json={report}"]
        hyperfine = shutil.which("hyperfine")
        assert hyperfine is not None, "hyperfine is missing: scripts/install.sh test"
        command = [hyperfine, *options, *measured.values()]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env=_compiling_into(folder))
        medians = (result["median"] for result in json.loads(report.read_text())["results"])
        return dict(zip(measured, medians, strict=True))


def _compiling_into(folder: Path) -> dict[str, str]:
    """Return the environment of two commands that find their modules compiled, as whoever has installed them does.

    A container's PYTHONDONTWRITEBYTECODE would let only the one of them that pip compiled.
    """
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
