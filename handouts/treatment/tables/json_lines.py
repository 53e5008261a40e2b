"""JSON Lines, one treatment a line -> a Table whose rows have the details of each, or what is wrong with the line."""

import pickle
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, ValueFault
from handouts.records import Detail, RecordReferences, Row
from handouts.resources import MAXIMUM_BYTES
from handouts.treatment.dates import DateOrder, day_text, is_utc_time, moment_in_table
from handouts.treatment.fhir import Codes, health_record, is_fhir
from handouts.treatment.files import flattened, parsed_json
from handouts.treatment.reading import faults_of
from handouts.treatment.tables.cells import is_null, sheet_language
from handouts.treatment.tables.columns import DOCUMENT, LANGUAGE, NAME, PERFORMED
from handouts.treatment.tables.encoding import lines_of
from handouts.treatment.tables.table import MAXIMUM_ROWS, Table, TableForm
from handouts.treatment.values import line as one_line

_PASSED_OVER = ("line", "reason")
_DAYS = ("patient.birth_date",)
_MOMENTS = (PERFORMED, "follow_up")
MAXIMUM_LINE = MAXIMUM_BYTES
"""Characters, as many as a treatment's own file may have. Of 617 Bundles of Synthea (R4) without their line breaks the
largest has 1,650,000; it takes 8 MB of memory while it is read, a line of the worst kind 140 MB (measured 2026-11-29).
"""


def json_lines(data: bytes, source: str, encoding: str, dates: DateOrder, codes: Codes = dict) -> Table:
    """Return the table of a JSON Lines file; each line is a JSON treatment, with document and language.

    A line may be a FHIR resource or Bundle (NDJSON) as well; `codes` are the clinic's names for its codes.
    """
    count = sum(1 for _ in _filled(data, encoding))
    if count > MAXIMUM_ROWS:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_TOO_LONG, source, maximum=f"{MAXIMUM_ROWS:,}")
    lines = _Lines(source, codes)

    @cache
    def has_utc_times(path: str) -> bool:
        values = (lines.values(number, text).get(path) for number, text in _filled(data, encoding))
        return any(is_utc_time(value, dates) for value in values)

    def read() -> Iterator[Row]:
        return (_row(text, number, lines, dates, has_utc_times) for number, text in _filled(data, encoding))

    return Table(source=source, form=TableForm.JSON_LINES, columns=(), count=count, read=read)


def _filled(data: bytes, encoding: str) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(lines_of(data, encoding), start=1):
        if stripped := text.strip(" \t\r\n\ufeff"):
            yield number, stripped


_Said = tuple[object, RecordReferences]
"""What a line says, as a treatment file would say it, and how a record system names it."""


class _Lines:
    """Reads the lines of one file. What a record (FHIR) says is kept, in memory and nowhere else.

    The models of FHIR take 0.9 ms for a line of 1.9 kB that is read two or three times; what is kept of it takes 0.5 kB
    (measured 2026-11-29).
    """

    def __init__(self, source: str, codes: Codes) -> None:
        self.source = source
        self._codes = codes
        self._kept: dict[int, bytes] = {}

    def said(self, number: int, text: str) -> _Said:
        """Return what a line says; raise InputError where it cannot be read."""
        packed = self._kept.get(number)
        found = self._read(number, text) if packed is None else pickle.loads(zlib.decompress(packed))  # noqa: S301 - ours
        if isinstance(found, list):
            raise InputError(found)
        return found

    def values(self, number: int, text: str) -> dict[str, object]:
        """Return what a line holds by path; nothing where it is no treatment, which is told of its row."""
        try:
            data = self.said(number, text)[0] if len(text) <= MAXIMUM_LINE else None
            return {one.path: one.value for one in flattened(data, self.source)} if isinstance(data, Mapping) else {}
        except InputError:
            return {}

    def _read(self, number: int, text: str) -> _Said | list[Problem]:
        data = parsed_json(text, self.source)
        if not is_fhir(data):
            return data, RecordReferences()
        found: _Said | list[Problem]
        try:
            record = health_record(data, self.source, self._codes)
            found = record.details, record.references
        except InputError as error:
            found = [*error.problems]
        self._kept[number] = zlib.compress(pickle.dumps(found), level=1)
        return found


def _row(text: str, number: int, lines: _Lines, dates: DateOrder, has_utc_times: Callable[[str], bool]) -> Row:
    source = lines.source
    empty = Row(line=number, document="", language="", details=(), cells=(text,))
    if len(text) > MAXIMUM_LINE:
        return replace(empty, problems=(_too_long(source, number),))
    try:
        data, references = lines.said(number, text)
        given = {key: data[key] for key in data if key not in _PASSED_OVER} if isinstance(data, Mapping) else {}
        flat = tuple(flattened({key: given[key] for key in given if key not in (DOCUMENT, LANGUAGE)}, source))
    except InputError as error:
        return replace(empty, problems=tuple(replace(problem, line=number) for problem in error.problems))
    if not isinstance(data, Mapping):
        return replace(empty, problems=(Problem.of(Kind.TREATMENT, Code.TABLE_LINE_NOT_OBJECT, source, number),))
    flat = tuple(one for one in flat if one.path == NAME or not is_null(one.value))
    problems: list[Problem] = []
    sheet = {key: _of_sheet(key, given.get(key, ""), source, number, problems) for key in (DOCUMENT, LANGUAGE)}
    details = [replace(_dated(one, dates, has_utc_times, problems, number), line=number) for one in flat]
    paths = {detail.path for detail in details} | {problem.path for problem in problems}
    problems += (
        Problem.of(Kind.TREATMENT, Code.TABLE_COLUMN_MISSING, source, number, key=path)
        for path in (NAME, PERFORMED)
        if path not in paths
    )
    if problems:
        reported = {problem.path for problem in problems if problem.path}
        problems += (problem for problem in faults_of(details) if problem.path not in reported)
    return replace(
        empty,
        document=sheet[DOCUMENT],
        language=sheet[LANGUAGE],
        details=tuple(details),
        references=references,
        problems=tuple(problems),
    )


def _too_long(source: str, number: int) -> Problem:
    return Problem.of(Kind.TREATMENT, Code.TABLE_LINE_TOO_LONG, source, number, maximum=f"{MAXIMUM_LINE:,}")


def _of_sheet(key: str, value: object, source: str, number: int, problems: list[Problem]) -> str:
    try:
        text = one_line(value)
        return sheet_language(text) if key == LANGUAGE and text else text
    except ValueFault as error:
        problems.append(_problem(error, source, key, number))
        return ""


def _dated(
    detail: Detail,
    dates: DateOrder,
    has_utc_times: Callable[[str], bool],
    problems: list[Problem],
    number: int,
) -> Detail:
    """Return the detail with its date as ISO 8601; what is no text is left to the field's own check."""
    if not isinstance(detail.value, str) or detail.path not in (*_DAYS, *_MOMENTS):
        return detail
    try:
        if detail.path in _DAYS:
            return replace(detail, value=day_text(detail.value, dates))
        return replace(detail, value=moment_in_table(detail.value, None, dates, partial(has_utc_times, detail.path)))
    except ValueFault as error:
        problems.append(_problem(error, detail.source, detail.path, number))
        return detail


def _problem(error: ValueFault, source: str, path: str, number: int) -> Problem:
    values = {"path": path, "nearest": error.nearest, "key": path, **error.values}
    return Problem.of(Kind.TREATMENT, error.code, source, number, **values)
