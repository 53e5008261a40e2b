"""`python -m benchmarks.comparison FOLDER`: sheets in every language, each written both ways and compared.

The batch has every document in every language, names in five scripts, some of them in two, notes, and details that are
missing; it stops at the first sheet that differs. Cut off, it goes on where it stopped when it is called again.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Final

from benchmarks.contenders import CHECKOUT, CLINIC, NOW
from benchmarks.patients import SCRIPTS, Patient, patients
from handouts.catalogues import document_ids
from handouts.documents import load
from handouts.languages import known_tags
from handouts.records import ReadWhen
from handouts.resources import Resources

ROWS: Final = 12_000
"""More than a thousand of these are the first of their kind, laid out in any case: there is nothing to compare."""
HEADER: Final = (
    "Name",
    "MRN",
    "DOB",
    "Language",
    "Handout",
    "Area",
    "Date of service",
    "Provider",
    "Needle depth (mm)",
    "Next visit",
    "Note to patient",
)
FOREIGN: Final = 0.3
"""The share of names in another script."""
SCRIPT_OF: Final = {"fa": "ar", "uk": "ru", **{script: script for script in SCRIPTS}}
"""The script that names are written in, by language; "en" for those that are not here."""
NOTES: Final = ("Keep it cool.", "Пейте больше воды.", "حافظي على برودة بشرتك.", "请多喝水。", "ठंडा रखें।")
EVERY: Final = 60.0
"""Seconds after which it is told how far it is."""


def main() -> int:
    """Write the table where there is none, run the batch, and tell each minute how far it is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparison", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    table, out = asked.folder / "rows.csv", asked.folder / "out"
    if not table.exists():
        write(table, asked.rows)
    command = [sys.executable, str(CHECKOUT / "generate.py"), "batch", str(table), "--clinic", str(CLINIC)]
    command += ["--to", str(out), "--workers", str(asked.workers), "--audit", "1", "--resume", "--json"]
    fixed = {**os.environ, "SOURCE_DATE_EPOCH": f"{NOW.timestamp():.0f}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=fixed) as running:
        began, before = time.monotonic(), _made(out)
        while True:
            try:
                answer, _ = running.communicate(timeout=EVERY)
                break
            except subprocess.TimeoutExpired:
                made, minutes = _made(out), (time.monotonic() - began) / 60
                print(f"{made:,} sheets, {(made - before) / minutes:.0f} a minute", flush=True)
    print(answer)
    return running.returncode or int(json.loads(answer)["audited"] == 0)


def _made(out: Path) -> int:
    ledger = out / "ledger.jsonl"
    return ledger.read_bytes().count(b"\n") - 1 if ledger.exists() else 0


def write(path: Path, rows: int) -> None:
    """Write a table: one document after the other, its languages in turn."""
    resources = Resources(clinic=CLINIC)
    documents = [load(name, resources) for name in document_ids(resources)]
    waiting = {tag: _patients(SCRIPT_OF.get(tag, "en"), seed) for seed, tag in enumerate(known_tags(), start=1)}
    numbers = count()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for document in documents:
            later = timedelta(days=60 if document.read is ReadWhen.BEFORE else 0)
            for language in _first(cycle(known_tags()), -(-rows // len(documents))):
                writer.writerow(_row(next(numbers), next(waiting[language]), language, document.id, later))


def _first(languages: Iterator[str], number: int) -> Iterator[str]:
    return (language for _, language in zip(range(number), languages, strict=False))


def _row(number: int, one: Patient, language: str, document: str, later: timedelta) -> tuple[str, ...]:
    treated, visit = (
        f"{datetime.fromisoformat(moment) + later:%Y-%m-%d %H:%M}" for moment in (one.performed_on, one.follow_up)
    )
    others = (treated, one.practitioner, "1.5")
    if number % 10:
        return (one.name, one.record_number, one.birth_date, language, document, "face", *others, visit, "")
    return (one.name, one.record_number, "", language, document, "face", *others, "", NOTES[number // 10 % len(NOTES)])


def _patients(script: str, seed: int) -> Iterator[Patient]:
    """Yield patients of whom each tenth has a name in two scripts."""
    others = patients("ru" if script == "en" else "en", seed=seed + 100)
    for number, (one, other) in enumerate(zip(patients(script, foreign=FOREIGN, seed=seed), others, strict=False)):
        yield replace(one, name=f"{one.name} {other.name.split()[0]}") if number % 10 == 9 else one


if __name__ == "__main__":
    sys.exit(main())
