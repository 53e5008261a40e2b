"""What a table of treatments is -> its form, its limits, its columns, and the rows that can be read again and again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import Row
from handouts.treatment.values import cleaned

MAXIMUM_BYTES = 100_000_000
"""A table's own size. 10,000 rows with a note each take about 5 MB."""
MAXIMUM_ROWS = 100_000
MAXIMUM_COLUMNS = 200


class TableForm(StrEnum):
    """How a table is written. CSV stands for every text with separators, whichever they are."""

    CSV = "csv"
    WORKBOOK = "xlsx"
    JSON_LINES = "jsonl"


_FORMS = {
    ".csv": TableForm.CSV,
    ".tsv": TableForm.CSV,
    ".txt": TableForm.CSV,
    ".xlsx": TableForm.WORKBOOK,
    ".xlsm": TableForm.WORKBOOK,
    ".jsonl": TableForm.JSON_LINES,
    ".ndjson": TableForm.JSON_LINES,
}


def form_of(name: str) -> TableForm:
    """Return the form that the end of a file's name says; raise InputError where it says none."""
    found = _FORMS.get(PurePath(name).suffix.lower())
    if found is None:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_FORM_UNKNOWN, name, known=", ".join(_FORMS))
    return found


class Record(NamedTuple):
    """One row before its meaning: `faults` has the code of what is wrong with a cell, by column from 0."""

    line: int
    cells: Sequence[object]
    faults: Mapping[int, Code]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table whose columns are understood. `columns` are its headers as they stand; JSON Lines has none.

    `count` is how many rows it has. `warnings` were found while it was read. `notice` says as which export it is read,
    and what of it is left out; `export` is that export's name, or "".
    """

    source: str
    form: TableForm
    columns: tuple[str, ...]
    count: int
    read: Callable[[], Iterator[Row]] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    notice: Problem | None = None
    export: str = ""

    def rows(self) -> Iterator[Row]:
        """Yield each row, read anew every time: memory does not grow with their number."""
        return self.read()

    def with_header(self, problem: Problem) -> Problem:
        """Return a problem about a detail of a row with the column's header in place of the detail's path."""
        return with_header(problem, self.source, self.columns)


def with_header(problem: Problem, source: str, headers: Sequence[str]) -> Problem:
    """Return a problem in a cell of a table as people see it: with the header of its column."""
    if problem.source != source or problem.column is None or not 0 < problem.column <= len(headers):
        return problem
    header = title(headers[problem.column - 1])
    values = {**problem.values, "key": header} if "key" in problem.values else problem.values
    return replace(problem, path=header, values=values)


def title(header: str) -> str:
    """Return a header as a message shows it: its first line, cut short, without what could turn the line round.

    What follows in a quoted header may be a row with a patient in it: a quote that is closed too late.
    """
    first, _, rest = cleaned(header, lines=True).partition("\n")
    return f"{first[:40].rstrip()} …" if rest or len(first) > 40 else first
