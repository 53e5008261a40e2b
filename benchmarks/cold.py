"""One sheet -> what a command that is started for it takes: the bare weasyprint command, and `handouts make`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.contenders import CHECKOUT, CLINIC, DOCUMENT, Composing
from benchmarks.patients import some

TREATMENT: Final = CHECKOUT / "examples" / "treatment.toml"
ROUNDS, RUNS = 5, 3
"""The commands in turn, so many times, each so often: a machine that is slower for a while is so for both."""


def commands() -> dict[str, float]:
    """Return the median seconds of each command."""
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
        rounds = [_measured(tuple(measured.values()), folder) for _ in range(ROUNDS)]
        return {
            name: median(chain.from_iterable(times))
            for name, times in zip(measured, zip(*rounds, strict=True), strict=True)
        }


def _measured(commands: Sequence[str], folder: Path) -> list[list[float]]:
    """Return the seconds of each run of each command, as hyperfine measures them."""
    report = folder / "report.json"
    hyperfine = shutil.which("hyperfine")
    assert hyperfine is not None, "hyperfine is missing: scripts/install.sh test"
    options = ["--style=none", "--warmup=1", f"--runs={RUNS}", f"--export-json={report}"]
    subprocess.run([hyperfine, *options, *commands], check=True, stderr=subprocess.DEVNULL, env=_compiling_into(folder))
    return [result["times"] for result in json.loads(report.read_text())["results"]]


def _compiling_into(folder: Path) -> dict[str, str]:
    """Return the environment of two commands that find their modules compiled, as whoever has installed them does.

    A container's PYTHONDONTWRITEBYTECODE would let only the one of them that pip compiled.
    """
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return ours | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
