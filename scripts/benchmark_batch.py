"""Measures batches: sheets per second and memory for 1, 10, 1,000 and 10,000 rows, and what a second core gives.

scripts/benchmark_batch.py [ROWS ...] measures other numbers of rows.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).parent.parent
CLINIC = CHECKOUT / "examples" / "lumen-skin-clinic"
ROWS = (1, 10, 1_000, 10_000)
FOR_CORES = 300
LANGUAGES = ("en", "es", "ar", "zh-Hans", "ru")
NAMES = ("Ana Example", "أمينة مثال", "李示例", "Анна Пример", "José Ejemplo", "आनंद उदाहरण", "Nguyễn Ví Dụ")
HEADER = ("Name", "MRN", "DOB", "Language", "Area", "Date of service")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One batch: seconds in all and of processors, and the largest memory in MB of the command and of all together."""

    seconds: float
    processor: float
    parent: float
    together: float


def table(path: Path, rows: int) -> Path:
    """Write a table of made-up patients."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            name, language = NAMES[number % len(NAMES)], LANGUAGES[number % len(LANGUAGES)]
            day = f"2026-11-{1 + number % 20:02} 15:00"
            writer.writerow([f"{name} {number}", f"LSC-{number:05}", "1987-05-14", language, "face", day])
    return path


def batch(rows: int, workers: int) -> Measured:
    """Run one batch and measure it; every row must have become a sheet."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        command = [sys.executable, CHECKOUT / "generate.py", "batch", table(Path(name) / "rows.csv", rows)]
        command += ["--clinic", CLINIC, "--document", "microneedling-aftercare", "--to", out]
        command += ["--workers", str(workers), "--json"]
        before, began = os.times(), time.perf_counter()
        with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as running:
            peaks = {"parent": 0.0, "together": 0.0}
            watching = threading.Thread(target=watch, args=(running, peaks))
            watching.start()
            answer, _ = running.communicate()
            watching.join()
        seconds, after = time.perf_counter() - began, os.times()
        if running.returncode != 0 or json.loads(answer)["made"] != rows or len(list(out.glob("*.pdf"))) != rows:
            sys.exit(f"the batch of {rows} rows failed: {answer[:1000]}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return Measured(seconds=seconds, processor=used, **peaks)


def watch(running: "subprocess.Popen[str]", peaks: dict[str, float]) -> None:
    """Note the largest memory of the command alone, and of it and its workers together, until it ends."""
    parent = psutil.Process(running.pid)
    while running.poll() is None:
        try:
            own = parent.memory_info().rss
            workers = sum(child.memory_info().rss for child in parent.children(recursive=True))
        except psutil.NoSuchProcess:
            continue
        peaks["parent"] = max(peaks["parent"], own / 2**20)
        peaks["together"] = max(peaks["together"], (own + workers) / 2**20)
        time.sleep(0.2)


def main() -> None:
    """Measure everything."""
    cores = os.cpu_count() or 1
    for rows in [int(text) for text in sys.argv[1:]] or ROWS:
        found = batch(rows, cores)
        print(
            f"{rows:6} rows, {cores} workers: {found.seconds:7.1f} s, {rows / found.seconds:6.2f} sheets/s, "
            f"{found.processor / rows * 1000:5.0f} ms of processor a sheet, "
            f"memory {found.parent:.0f} MB the command, {found.together:.0f} MB with its workers",
            flush=True,
        )
    one, two = batch(FOR_CORES, 1).seconds, batch(FOR_CORES, 2).seconds
    print(f"{FOR_CORES} rows: one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
