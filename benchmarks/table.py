"""What was measured -> the table, in Markdown, and what it says about the goals."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

BARE, TYPST, OURS, TOGETHER = "WeasyPrint", "Typst", "handouts, checked row", "handouts, 25 rows"
FEW, SOME = 100, 20
"""Fewer sheets than these have no 99th, no 95th percentile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One contender in one language; the shares, from 0 to 1, of names in another script and of those too long."""

    contender: str
    language: str
    foreign: float
    unfit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Warming:
    """Before any sheet is measured: milliseconds of the first and the slowest, how many handouts laid out itself."""

    first: float
    slowest: float
    laid_out: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A cell's sheets: milliseconds of processors each, the mean by the clock, mean bytes, MB of all its language's.

    `laid_out` counts those that handouts laid out by themselves, by reason; `kept` is a PDF that was made.
    """

    cell: Cell
    milliseconds: tuple[float, ...] = field(repr=False)
    clock: float
    size: float
    megabytes: float
    laid_out: Mapping[str, int]
    warming: Warming
    kept: str

    @property
    def mean(self) -> float:
        """Return the mean milliseconds of processors of a sheet."""
        return fmean(self.milliseconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A batch from CSV to files and ledger: by the clock from start to end, and of processors, in seconds.

    The megabytes are the most of all its processes together, in the first half of its time and in the second.
    `laid_out` counts the rows that were laid out by themselves, by reason.
    """

    name: str
    rows: int
    workers: int
    seconds: float
    processor: float
    early: float
    late: float
    laid_out: Mapping[str, int]
    verified: bool

    @property
    def rate(self) -> float:
        """Return the rows a second."""
        return self.rows / self.seconds


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of them does not exceed (nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def of_sheets(found: Iterable[Measured], verdicts: Mapping[str, str]) -> str:
    """Return a row for each cell; `verdicts` says of each kept PDF what veraPDF does."""
    head = (
        "Way | Language | Other script | Too long | Sheets | Mean | Median | p95 | p99 | By the clock | Bytes | MB"
        " | PDF/UA-1 | Laid out"
    )
    return _table(head, (_row(one, verdicts.get(one.kept, "–")) for one in found), left=2)


def _row(one: Measured, verdict: str) -> tuple[str, ...]:
    cell, times = one.cell, one.milliseconds
    return (
        cell.contender,
        cell.language,
        f"{cell.foreign:.0%}",
        _share(cell.unfit),
        f"{len(times):,}",
        _ms(one.mean),
        _ms(percentile(times, 0.5)),
        _ms(percentile(times, 0.95)) if len(times) >= SOME else "–",
        _ms(percentile(times, 0.99)) if len(times) >= FEW else "–",
        _ms(one.clock),
        f"{one.size:,.0f}",
        f"{one.megabytes:,.0f}",
        verdict,
        _reasons(one.laid_out),
    )


def of_goals(found: Sequence[Measured]) -> str:
    """Return a row for each language: how many times faster checked rows' sheets are than WeasyPrint's and Typst's.

    That is where they are made one by one, and where a portion of them is made together.
    """
    plain = {
        (one.cell.contender, one.cell.language): one for one in found if not one.cell.foreign and not one.cell.unfit
    }
    head = (
        "Language | one by one | 25 together | WeasyPrint | Typst | times WeasyPrint | together"
        " | times Typst | together | First sheet | slowest while it warms up | laid out by then"
    )
    rows = []
    for language in dict.fromkeys(language for _, language in plain):
        ours, together, bare, typst = (plain[name, language] for name in (OURS, TOGETHER, BARE, TYPST))
        times = (f"{other.mean / own.mean:,.1f}" for other in (bare, typst) for own in (ours, together))
        warming = ours.warming
        means = (_ms(one.mean) for one in (ours, together, bare, typst))
        rows.append((language, *means, *times, _ms(warming.first), _ms(warming.slowest), str(warming.laid_out)))
    return _table(head, rows, left=1)


def of_batches(found: Sequence[Batch]) -> str:
    """Return a row for each batch; how many times its rate is the first one's, and those of more workers to one's."""
    head = (
        "Batch | Rows | Workers | Seconds | Rows a second | times the first | ms of processor a row"
        " | MB, first half | second half | Laid out | Ledger"
    )
    rows = (
        (
            one.name,
            f"{one.rows:,}",
            str(one.workers),
            f"{one.seconds:,.1f}",
            f"{one.rate:,.2f}",
            f"{one.rate / found[0].rate:,.1f}",
            _ms(one.processor / one.rows * 1000),
            f"{one.early:,.0f}",
            f"{one.late:,.0f}",
            _reasons(one.laid_out),
            "whole" if one.verified else "NOT WHOLE",
        )
        for one in found
    )
    return "\n".join((_table(head, rows, left=1), *_of_workers(found)))


def _of_workers(found: Sequence[Batch]) -> Iterator[str]:
    """Yield a sentence for each batch of which one worker has made its share: of two workers' rows, half."""
    alone = {(one.name, one.rows): one for one in found if one.workers == 1}
    for more in found:
        one = alone.get((more.name, more.rows // more.workers))
        if one is not None and more.workers > 1:
            rates = f"{more.workers} workers make {more.rate / one.rate:.2f} times as many a second"
            yield f"{more.name}: of {more.rows:,} rows, {rates} as one makes of {one.rows:,}."


def of_commands(seconds: Mapping[str, float]) -> str:
    """Return a row for each command by its median time, and how many times the first one's that is."""
    first = next(iter(seconds.values()))
    rows = ((name, _ms(time * 1000), f"{time / first:.2f}") for name, time in seconds.items())
    return _table("Command | ms by the clock | times the first", rows, left=1)


def _table(head: str, rows: Iterable[Sequence[str]], *, left: int) -> str:
    """Return a table whose first columns are set left and the others right."""
    names = head.split(" | ")
    rule = ["---"] * left + ["--:"] * (len(names) - left)
    return "\n".join(f"| {' | '.join(row)} |" for row in (names, rule, *rows)) + "\n"


def _ms(value: float) -> str:
    """Return milliseconds in three digits, or whole ones."""
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def _reasons(laid_out: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in sorted(laid_out.items())) or "–"


def _share(share: float) -> str:
    return f"{share * 100:g}%"
