"""A text with separators -> its header and its records, each with the line on which it begins, or why it has none."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.treatment.tables.encoding import lines_of
from handouts.treatment.tables.table import MAXIMUM_ROWS, Record

_SEPARATORS = (",", ";", "\t", "|")
_DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NO_FAULTS: dict[int, Code] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delimited:
    """A text whose quotes are balanced. `first` is the line of its header, `rows` how many records follow."""

    data: bytes
    encoding: str
    separator: str
    header: tuple[str, ...]
    first: int
    rows: int

    def records(self) -> Iterator[Record]:
        """Yield the records after the header; rows without a single value are passed over."""
        for line, cells in _filled(_numbered(lines_of(self.data, self.encoding), self.separator)):
            if line > self.first:
                yield Record(line, cells, _NO_FAULTS)


def delimited(data: bytes, source: str, encoding: str, is_header: Callable[[Sequence[str]], bool]) -> Delimited:
    """Return the text of a table, read through once; raise InputError where a quote is not closed.

    The separator is the one that makes the most cells of a header that `is_header` knows, or the one that a first
    line sep=; declares, as Excel writes it.
    """
    declared = _DECLARED.fullmatch(next(iter(lines_of(data, encoding)), ""))
    separators = (declared[1],) if declared else _SEPARATORS
    headers: list[tuple[bool, int, str, int, tuple[str, ...]]] = []
    for separator in separators:
        found = _header(data, encoding, separator, skip=1 if declared else 0)
        if found is not None:
            line, cells = found
            headers.append((is_header(cells), len(cells), separator, line, tuple(cells)))
    if not headers:
        raise _broken(data, source, encoding, separators[0])
    _, _, separator, first, header = max(headers, key=lambda one: one[:2])
    rows = 0
    try:
        for _ in _filled(_numbered(lines_of(data, encoding), separator)):
            rows += 1
    except csv.Error:
        raise _broken(data, source, encoding, separator) from None
    rows -= 2 if declared else 1
    if rows > MAXIMUM_ROWS:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_TOO_LONG, source, maximum=f"{MAXIMUM_ROWS:,}")
    return Delimited(data=data, encoding=encoding, separator=separator, header=header, first=first, rows=rows)


def _header(data: bytes, encoding: str, separator: str, *, skip: int) -> tuple[int, list[str]] | None:
    """Return the first record with a value after `skip` of them, and its line; None where a quote is broken in it."""
    try:
        return next(islice(_filled(_numbered(lines_of(data, encoding), separator)), skip, None), (1, [""]))
    except csv.Error:
        return None


def _numbered(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins. Raises csv.Error: strict, or quotes would swallow rows."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _filled(records: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    for record in records:
        if any(record[1]) and any(map(str.strip, record[1])):
            yield record


def _broken(data: bytes, source: str, encoding: str, separator: str) -> InputError:
    """Return what is wrong with the quotes: the line on which the cell that is not closed was opened."""
    reader, begins, reason = csv.reader(lines_of(data, encoding), delimiter=separator, strict=True), 1, ""
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
    code = Code.TABLE_CELL_TOO_LONG if reason.startswith("field larger") else Code.TABLE_QUOTE
    return InputError.of(Kind.TREATMENT, code, source, _opened(lines_of(data, encoding), separator, begins))


def _opened(lines: Iterable[str], separator: str, begins: int) -> int:
    """Return the line of the quote at fault in the record that begins on a line (RFC 4180, 2.5 to 2.7)."""
    opened, quoted, closing, fresh = begins, False, False, True
    for number, line in enumerate(islice(lines, begins - 1, None), start=begins):
        for character in line:
            if quoted:
                quoted, closing = character != '"', character == '"'
            elif closing:
                if character not in (separator, "\r", "\n", '"'):
                    return opened
                closing, quoted, fresh = False, character == '"', character != '"'
            elif fresh and character == '"':
                opened, quoted, fresh = number, True, False
            else:
                fresh = character in (separator, "\r", "\n")
    return opened
