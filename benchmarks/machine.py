"""This machine -> what a reader of the table must know of it: processor, memory, versions, what else it was doing."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.contenders import CHECKOUT
from tests.browser import NAMES


def described(on: str) -> str:
    """Return the machine in one paragraph; `on` is the day."""
    load = os.getloadavg()[0]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"Measured on {on} at commit {_commit()}: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}, load {load:.1f} at the start."
        f" Python {platform.python_version()}, WeasyPrint {version('weasyprint')}, Typst {version('typst')},"
        f" {_chromium()}."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _chromium() -> str:
    program = next(filter(None, map(shutil.which, NAMES)))
    said = subprocess.run([program, "--version"], capture_output=True, check=True, text=True).stdout
    return " ".join(said.split()[:2])


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, check=True, text=True, cwd=CHECKOUT).stdout.strip()
