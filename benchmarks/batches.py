"""A number of rows -> `handouts batch` from CSV to files and ledger, measured from its start to its end."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import psutil

from benchmarks.contenders import CHECKOUT, CLINIC, DOCUMENT, NOW, clinic_of_the_full_way
from benchmarks.patients import SCRIPTS, Patient, patients
from benchmarks.table import Batch

HEADER: Final = (
    "Name",
    "MRN",
    "DOB",
    "Language",
    "Area",
    "Date of service",
    "Provider",
    "Needle depth (mm)",
    "Next visit",
)
FOREIGN: Final = 0.15
"""The share of names in another script in each batch."""


def batch(name: str, rows: int, *, workers: int, unfit: float = 0, full_way: bool = False) -> Batch:
    """Run one batch, on as many cores as it has workers, and see that each row became a sheet and the ledger holds."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clinic = clinic_of_the_full_way(folder) if full_way else CLINIC
        command = [*_handouts("batch"), str(_written(folder / "rows.csv", rows, unfit)), "--clinic", str(clinic)]
        command += ["--document", DOCUMENT, "--to", str(folder / "out"), "--workers", str(workers), "--json"]
        before, began = os.times(), time.perf_counter()
        with subprocess.Popen(
            ["taskset", "--cpu-list", _cores(workers), *command],
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, "SOURCE_DATE_EPOCH": f"{NOW.timestamp():.0f}"},
        ) as running:
            samples: list[tuple[float, float]] = []
            watching = threading.Thread(target=_watch, args=(running, samples))
            watching.start()
            answer, _ = running.communicate()
            watching.join()
        seconds, after = time.perf_counter() - began, os.times()
        written = sum(1 for path in (folder / "out").iterdir() if path.suffix == ".pdf")
        if running.returncode != 0 or json.loads(answer)["made"] != rows or written != rows:
            raise RuntimeError(f"a batch of {rows} rows failed: {answer[:1000]}")
        verify = [*_handouts("ledger"), "verify", str(folder / "out" / "ledger.jsonl")]
        verified = subprocess.run(verify, cwd=CHECKOUT, stdout=subprocess.DEVNULL, check=False).returncode == 0
    half = samples[-1][0] / 2
    return Batch(
        name=name,
        rows=rows,
        workers=workers,
        seconds=seconds,
        processor=sum(after[2:4]) - sum(before[2:4]),
        early=max(memory for at, memory in samples if at <= half),
        late=max(memory for at, memory in samples if at > half),
        laid_out=json.loads(answer)["laid_out"],
        verified=verified,
    )


def _handouts(command: str) -> list[str]:
    return [sys.executable, str(CHECKOUT / "generate.py"), command]


def _cores(number: int) -> str:
    return ",".join(map(str, sorted(os.sched_getaffinity(0))[:number]))


def _written(path: Path, rows: int, unfit: float) -> Path:
    """Write a clinic's table, its patients' languages in turn."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for language, one in islice(_in_turn(unfit), rows):
            number = f"{language[:2].upper()}-{one.record_number[-8:]}"
            treatment = ("face", one.performed_on, one.practitioner, "1.5", one.follow_up)
            writer.writerow((one.name, number, one.birth_date, language, *treatment))
    return path


def _in_turn(unfit: float) -> Iterator[tuple[str, Patient]]:
    waiting = {language: patients(language, foreign=FOREIGN, unfit=unfit) for language in SCRIPTS}
    return ((language, next(waiting[language])) for language in cycle(SCRIPTS))


def _watch(running: "subprocess.Popen[str]", samples: list[tuple[float, float]]) -> None:
    """Note the megabytes of the command and its workers together every half second, until it ends."""
    began = time.monotonic()
    while running.poll() is None:
        try:
            parent = psutil.Process(running.pid)
            memory = sum(one.memory_info().rss for one in (parent, *parent.children(recursive=True)))
        except psutil.NoSuchProcess:
            continue
        samples.append((time.monotonic() - began, memory / 2**20))
        time.sleep(0.5)
