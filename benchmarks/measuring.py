"""One way of making sheets, one language -> what each sheet took, in a process of its own that nothing else warmed."""

import gc
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import psutil

from benchmarks.contenders import CONTENDERS, Contender, Output
from benchmarks.patients import patients, some
from benchmarks.table import Cell, Measured, Warming

FEW: Final = 8
"""Sheets that are enough of a way that lays each of them out by itself."""
IN_A_ROW: Final = 10
"""So many sheets that were not laid out by themselves say that a way is warm."""
MANY: Final = 1_000
"""Where so many sheets of a cell are measured, a third as many are made first: by then, as soon in any batch, the days
and times that come again have been put into words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One contender in one language: the cells that are wanted, each with its number of sheets."""

    contender: str
    language: str
    cells: tuple[tuple[Cell, int], ...]
    folder: Path


def measured(order: Order) -> list[Measured]:
    """Measure an order's cells one after another in a new process, pinned to one core; leave one PDF of each."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, order).result()


def _measured(order: Order) -> list[Measured]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with closing(CONTENDERS[order.contender](order.language)) as contender:
        return _cells(contender, order)


def _cells(contender: Contender, order: Order) -> list[Measured]:
    warming, is_fast = _warmed(contender, order)
    most, sheets = max(order.cells, key=lambda wanted: wanted[1])
    if is_fast and sheets >= MANY:
        _cell(contender, most, sheets // 3, order.folder / "settling.pdf", 98, warming)
    found = [
        _cell(contender, cell, sheets if is_fast else min(sheets, FEW), order.folder / f"{seed}.pdf", seed, warming)
        for seed, (cell, sheets) in enumerate(order.cells)
    ]
    megabytes = _megabytes(contender)
    return [replace(one, megabytes=megabytes) for one in found]


def _warmed(contender: Contender, order: Order) -> tuple[Warming, bool]:
    """Make sheets until a contender is warm, half of them with names in another script.

    Returns what they took, and whether in the end sheets were not laid out by themselves.
    """
    milliseconds, laid_out, in_a_row = [], 0, 0
    for patient in some(order.language, contender.warm_up, foreign=0.5, seed=99):
        used, _, (output,) = _portion(contender, contender.together([patient]), [order.folder / "warm"])
        milliseconds.append(used)
        laid_out += bool(output.laid_out)
        in_a_row = 0 if output.laid_out else in_a_row + 1
        if in_a_row == IN_A_ROW:
            break
    return Warming(first=milliseconds[0], slowest=max(milliseconds), laid_out=laid_out), in_a_row > 0


def _cell(contender: Contender, cell: Cell, sheets: int, kept: Path, seed: int, warming: Warming) -> Measured:
    """Return what a cell's sheets took; the last one is kept. `seed` gives it patients that no other cell has."""
    processor, clock, size, laid_out = [], 0.0, 0, Counter[str]()
    gc.collect()
    rows = patients(cell.language, foreign=cell.foreign, unfit=cell.unfit, seed=seed)
    for start in range(0, sheets, contender.portion):
        portion = [*islice(rows, min(contender.portion, sheets - start))]
        paths = [kept, *(kept.with_suffix(f".{place}.pdf") for place in range(1, len(portion)))]
        for path in paths:
            path.unlink(missing_ok=True)  # Each sheet is a new file.
        used, taken, outputs = _portion(contender, contender.together(portion), paths)
        processor += [used / len(portion)] * len(portion)
        clock += taken
        size += sum(len(output.data) for output in outputs)
        laid_out.update(output.laid_out for output in outputs if output.laid_out)
    return Measured(
        cell=cell,
        milliseconds=tuple(processor),
        clock=clock / sheets,
        size=size / sheets,
        megabytes=0,
        laid_out=dict(laid_out),
        warming=warming,
        kept=str(kept),
    )


def _portion(
    contender: Contender, make: Callable[[], list[Output]], paths: Sequence[Path]
) -> tuple[float, float, list[Output]]:
    """Make sheets and write them; return milliseconds of processors and of the clock, and the sheets."""
    others = {process: _clock_of(process) for process in contender.processes()}
    own, began = time.process_time(), time.perf_counter()
    outputs = make()
    for output, path in zip(outputs, paths, strict=True):
        path.write_bytes(output.data)
    taken, used = time.perf_counter() - began, time.process_time() - own
    # One that was started for these sheets counts whole.
    used += sum(max(_clock_of(process) - others.get(process, 0), 0) for process in contender.processes())
    return used * 1000, taken * 1000, outputs


def _clock_of(process: int) -> float:
    """Return the processor time of another process in seconds, to the nanosecond; 0 for one that has ended."""
    try:
        return time.clock_gettime((~process << 3) | 2)  # What clock_getcpuclockid(3) makes of it on Linux.
    except OSError:
        return 0


def _megabytes(contender: Contender) -> float:
    """Return the largest memory of this process, and what others that work for it hold now, shared pages shared."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return own + sum(map(_held, contender.processes())) / 2**20


def _held(process: int) -> int:
    """Return the bytes that another process holds; 0 for one that has ended."""
    try:
        return int(psutil.Process(process).memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def orders(cells: Iterator[tuple[Cell, int]], folder: Path) -> Iterator[Order]:
    """Yield an order for each contender and language that the cells name."""
    together: dict[tuple[str, str], list[tuple[Cell, int]]] = {}
    for cell, sheets in cells:
        together.setdefault((cell.contender, cell.language), []).append((cell, sheets))
    for number, ((contender, language), mine) in enumerate(together.items()):
        own = folder / str(number)
        own.mkdir()
        yield Order(contender=contender, language=language, cells=tuple(mine), folder=own)
