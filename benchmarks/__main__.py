"""`python -m benchmarks`: measures every way of making a sheet, and batches, and prints the table (`make bench`)."""

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import batches, cold, desk, table
from benchmarks.contenders import CONTENDERS
from benchmarks.machine import described
from benchmarks.measuring import Order, measured, orders
from benchmarks.patients import SCRIPTS
from benchmarks.table import Batch, Cell, Measured
from tests.verapdf import Failure, validate

FAST, UNFIT, MIDDLE, SLOW = 1_500, 200, 60, 5
"""Sheets of a cell at scale 1: of the fast way, where some go the full way, of Typst, and where each is laid out."""
FULL_ROWS, UNFIT_ROWS, ROWS = 60, 2_000, 50_000
"""Rows of a batch that goes the full way, of one where some do, and of one where none does, for each core."""
FOREIGN, TOO_LONG = (0, 0.15), (0, 0.0025, 0.01)
SHEETS = {"handouts": FAST, "handouts, checked row": FAST, "handouts, 25 rows": FAST, "Typst": MIDDLE}
PARTS = ("sheets", "batches", "cold", "desk")
START, END = "<!-- measured -->\n", "<!-- end -->\n"


def main() -> None:
    """Measure, print, and put the table into a file where one is named."""
    asked = _arguments()
    began = time.monotonic()
    parts = [described(asked.on)]
    if "sheets" in asked.only:
        found, verdicts = _sheets(asked.scale)
        parts += ["### One sheet", table.of_goals(found), table.of_sheets(found, verdicts)]
    if "batches" in asked.only:
        parts += ["### A batch", table.of_batches([*_batches(asked.scale)])]
    if "cold" in asked.only:
        parts += ["### A cold start", table.of_commands(cold.commands())]
    if "desk" in asked.only:
        parts += ["### The desk", desk.table(desk.measured())]
    parts.append(f"The run took {(time.monotonic() - began) / 60:.0f} minutes at scale {asked.scale:g}.")
    text = "\n\n".join(part.strip() for part in parts if part) + "\n"
    print(text)
    if asked.into is not None:
        before, _, rest = asked.into.read_text().partition(START)
        asked.into.write_text(f"{before}{START}{text}{END}{rest.partition(END)[2]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--on", required=True, metavar="DAY", help="today, as the table says it")
    parser.add_argument("--scale", type=float, default=1, help="how many sheets and rows, 1 for those of the table")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--into", type=Path, metavar="FILE", help="the file whose table is put in its place")
    return parser.parse_args()


def _sheets(scale: float) -> tuple[list[Measured], dict[str, str]]:
    """Return every cell, and of the PDF that was kept of each what veraPDF says."""
    with tempfile.TemporaryDirectory() as name:
        found = [cell for order in orders(_cells(scale), Path(name)) for cell in _measured(order)]
        with _silence():
            failures = validate([Path(one.kept) for one in found])
    return found, {str(path): _verdict(failed) for path, failed in failures.items()}


@contextmanager
def _silence() -> Iterator[None]:
    """Throw away what veraPDF says besides its verdicts: hundreds of lines on Chromium's fonts."""
    kept = os.dup(sys.stderr.fileno())
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    try:
        yield
    finally:
        os.dup2(kept, sys.stderr.fileno())
        os.close(kept)


def _measured(order: Order) -> list[Measured]:
    print(f"{order.contender}, {order.language}", file=sys.stderr, flush=True)
    return measured(order)


def _verdict(failed: Sequence[Failure]) -> str:
    clauses = sorted({failure.clause for failure in failed})
    return f"fails {', '.join(clauses)}" if clauses else "passes"


def _cells(scale: float) -> Iterator[tuple[Cell, int]]:
    """Yield each cell and its number of sheets. What fits no field matters to the fast way alone."""
    for contender in CONTENDERS:
        for language in SCRIPTS:
            for foreign in FOREIGN:
                for unfit in TOO_LONG if contender == table.OURS else TOO_LONG[:1]:
                    sheets = UNFIT if unfit else SHEETS.get(contender, SLOW)
                    cell = Cell(contender=contender, language=language, foreign=foreign, unfit=unfit)
                    yield cell, max(math.ceil(sheets * scale), 1)


def _batches(scale: float) -> Iterator[Batch]:
    """Yield each batch; the first is what the others are compared with."""

    def run(name: str, rows: int, workers: int, *, unfit: float = 0, full_way: bool = False) -> Batch:
        print(f"{name}, {workers} workers", file=sys.stderr, flush=True)
        wanted = max(math.ceil(rows * scale), len(SCRIPTS))
        return batches.batch(name, wanted, workers=workers, unfit=unfit, full_way=full_way)

    yield run("each row laid out", FULL_ROWS, 1, full_way=True)
    yield run("0.25% of names too long", UNFIT_ROWS, 1, unfit=0.0025)
    yield run("every name fits", ROWS, 1)
    yield run("every name fits", 2 * ROWS, 2)


if __name__ == "__main__":
    main()
