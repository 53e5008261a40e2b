"""A record of a table and what its columns hold -> a Row: details with line and column, every fault of its cells."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import partial

from handouts.codes import Code
from handouts.errors import Kind, Problem, ValueFault
from handouts.languages import meant_tag
from handouts.records import Detail, Row
from handouts.treatment.dates import DateOrder, clock_of, day_text, moment_in_table
from handouts.treatment.reading import faults_of
from handouts.treatment.tables.cells import checked_cell, is_null, several, sheet_language, text_of
from handouts.treatment.tables.columns import (
    CLOCKS,
    DOCUMENT,
    FAMILY,
    GIVEN,
    LANGUAGE,
    MIDDLE,
    NAME,
    PERFORMED,
    SERVICE,
    SETTING,
    Column,
)
from handouts.treatment.tables.plain import plain_text
from handouts.treatment.tables.table import Record, with_header
from handouts.treatment.values import language, line

_CLOCK_OF = {day: clock for clock, day in CLOCKS.items()}
_PARTS = frozenset({GIVEN, MIDDLE, FAMILY, SERVICE, *CLOCKS})
_READERS: Mapping[str, Callable[[object], object]] = {
    DOCUMENT: lambda value: line(text_of(value)),
    LANGUAGE: sheet_language,
    "patient.language": lambda value: meant_tag(text_of(value)) or text_of(value),  # The clinic may name another.
    "note_language": lambda value: language(text_of(value)),
    "body_sites": lambda value: several(value, ";|"),
    "products": lambda value: several(value, ";|"),
    "settings": lambda value: several(value, ";|"),
    "waiting_periods": lambda value: several(value, "|"),
}
_NAMES = frozenset({NAME, GIVEN, MIDDLE, FAMILY})
"""Null is a family name, too."""
_NO: Mapping[str, int] = {}

Found = dict[str, tuple[Column, object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowReader:
    """Makes rows out of records. `headers` are all headers as they stand, `columns` those that count.

    `unnamed` are the columns, from 0, that have no header. `family_comma`: whole names are written Example, Ana.
    `has_utc_times` says of the path of a moment whether its
    column holds times in UTC.
    """

    source: str
    headers: tuple[str, ...]
    columns: tuple[Column, ...]
    unnamed: tuple[int, ...]
    dates: DateOrder
    has_utc_times: Callable[[str], bool]
    family_first: bool = False
    family_comma: bool = False

    def row(self, record: Record) -> Row:
        """Return the row, with every fault of its cells where it has one."""
        cells = tuple(map(plain_text, record.cells))
        if misshapen := self._of_shape(record):
            return Row(line=record.line, document="", language="", details=(), cells=cells, problems=misshapen)
        problems: list[Problem] = []
        found = self._cells(record, problems)
        sheet = {DOCUMENT: "", LANGUAGE: ""}
        details: list[Detail] = []
        for path, (column, value) in found.items():
            if path in _PARTS or path.startswith(SETTING):
                continue
            try:
                clock = self._clock(path, found)
            except ValueFault as error:
                problems.append(self._problem(error, record.line, found[_CLOCK_OF[path]][0]))
                continue
            try:
                read = self._read(path, value, clock)
            except ValueFault as error:
                problems.append(self._problem(error, record.line, column))
                continue
            if path in sheet:
                sheet[path] = str(read)
            else:
                details.append(self._detail(path, read, record.line, column))
        self._join(found, record.line, details, problems)
        problems += self._missing(found, problems, record.line)
        if problems:
            problems += (with_header(problem, self.source, self.headers) for problem in faults_of(details))
            problems.sort(key=lambda problem: problem.column or 0)
        return Row(
            line=record.line,
            document=sheet[DOCUMENT],
            language=sheet[LANGUAGE],
            details=tuple(details),
            cells=cells,
            problems=tuple(problems),
        )

    def _of_shape(self, record: Record) -> tuple[Problem, ...]:
        """Return what is wrong with the number of cells, or values under no header: no other cell is certain then."""
        width, cells = len(self.headers), record.cells
        if len(cells) < width or any(cell != "" for cell in cells[width:]):
            found, wanted = str(len(cells)), str(width)
            return (
                Problem.of(Kind.TREATMENT, Code.TABLE_ROW_CELLS, self.source, record.line, found=found, wanted=wanted),
            )
        stray = [index for index in self.unnamed if str(cells[index]).strip()]
        return tuple(
            Problem.of(Kind.TREATMENT, Code.TABLE_COLUMN_UNNAMED, self.source, record.line, index + 1)
            for index in stray
        )

    def _cells(self, record: Record, problems: list[Problem]) -> Found:
        """Return the cells that hold something, by path; add what is wrong with the others."""
        found: Found = {}
        for column in self.columns:
            value = record.cells[column.index]
            try:
                if column.index in record.faults:
                    raise ValueFault(record.faults[column.index])
                if is_null(value) and column.path not in _NAMES:
                    continue
                if value != "" and (value := checked_cell(value, lines=column.path == "note")) != "":
                    found[column.path] = (column, value)
            except ValueFault as error:
                problems.append(self._problem(error, record.line, column))
        return found

    def _clock(self, path: str, found: Found) -> time | None:
        """Return the time of a column of its own that belongs to a moment, if it has one. Raises a ValueFault."""
        clock = found.get(_CLOCK_OF.get(path, ""))
        return clock_of(clock[1]) if clock else None

    def _read(self, path: str, value: object, clock: time | None) -> object:
        """Return the value of a detail as its field's check takes it. Raises a ValueFault."""
        if path in _CLOCK_OF:
            return moment_in_table(value, clock, self.dates, partial(self.has_utc_times, path))
        if self.family_comma and path in (NAME, "practitioner"):
            return _given_first(text_of(value))
        return day_text(value, self.dates) if path == "patient.birth_date" else _READERS.get(path, text_of)(value)

    def _join(self, found: Found, number: int, details: list[Detail], problems: list[Problem]) -> None:
        """Add the details that several columns make: a name out of its parts, the device's settings."""
        order = (FAMILY, GIVEN, MIDDLE) if self.family_first else (GIVEN, MIDDLE, FAMILY)
        parts: list[str] = []
        settings: dict[str, str] = {}
        first: dict[str, Column] = {}
        places: dict[str, int] = {}
        for path in (*order, *(path for path in found if path.startswith(SETTING))):
            if path not in found:
                continue
            column, value = found[path]
            try:
                text = text_of(value)
            except ValueFault as error:
                problems.append(self._problem(error, number, column))
                continue
            if path in order:
                parts.append(text)
                first.setdefault(NAME, column)
            else:
                settings[path.removeprefix(SETTING)] = text
                places[path.removeprefix(SETTING)] = column.index + 1
                first = {"settings": column, **first}
        if parts:
            details.append(self._detail(NAME, " ".join(parts), number, first[NAME]))
        if settings:
            details.append(replace(self._detail("settings", settings, number, first["settings"]), columns=places))

    def _missing(self, found: Found, problems: list[Problem], number: int) -> Iterator[Problem]:
        """Yield a Problem for each required cell that is empty; one with a fault of its own is not empty."""
        wanted = [path for path in (PERFORMED, SERVICE) if path not in found]
        if not found.keys() & {NAME, GIVEN, FAMILY}:
            wanted.append(NAME if any(column.path == NAME for column in self.columns) else FAMILY)
        wanted += (day for clock, day in CLOCKS.items() if clock in found and day not in found and day not in wanted)
        reported = {problem.column for problem in problems}
        for column in self.columns:
            if column.path in wanted and column.index + 1 not in reported:
                yield self._problem(ValueFault(Code.TABLE_CELL_EMPTY), number, column)

    def _detail(self, path: str, value: object, number: int, column: Column) -> Detail:
        return Detail(
            path=path, value=value, source=self.source, line=number, column=column.index + 1, lines=_NO, columns=_NO
        )

    def _problem(self, error: ValueFault, number: int, column: Column) -> Problem:
        place = (self.source, number, column.index + 1)
        values = {"path": column.header, "nearest": error.nearest, "key": column.header, **error.values}
        return Problem.of(Kind.TREATMENT, error.code, *place, **values)


def _given_first(name: str) -> str:
    """Return a name written Example, Ana as Ana Example. Raises a ValueFault where a second comma leaves it open."""
    family, *given = (part.strip() for part in name.split(","))
    if len(given) > 1:
        raise ValueFault(Code.TABLE_NAME_COMMAS)
    return " ".join(filter(None, (*given, family)))
