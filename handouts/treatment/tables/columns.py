"""The headers of a table -> which detail each column holds, or a Problem for every header that is not understood."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, few_of_each, nearest
from handouts.resources import SHELVES
from handouts.treatment.fields import FIELDS
from handouts.treatment.tables.table import MAXIMUM_COLUMNS, title
from handouts.treatment.values import is_plain

_VALUE = re.compile(r"\d[-./:]\d|^\W*\d[\d\W]*$|@", re.ASCII)
"""What a date, a number or an address has, and a title has not."""
IGNORED = ""
GIVEN, MIDDLE, FAMILY = "name.given", "name.middle", "name.family"
DOCUMENT, LANGUAGE = "document", "language"
NAME, PERFORMED = "patient.name", "performed_on"
CLOCKS = {"performed_on.time": PERFORMED, "follow_up.time": "follow_up"}
SETTING = "settings."
_OF_TABLES = (DOCUMENT, LANGUAGE, GIVEN, MIDDLE, FAMILY, *CLOCKS)
_PATHS = (*(field.path for field in FIELDS), *_OF_TABLES)
SERVICE = "service"
"""What was booked, by the clinic's own name for it: clinic.toml says which sheet that is."""
DESCRIBED = (*_PATHS, SERVICE)
"""What a column may hold that the description of an export names."""
ADDED = ("line", "reason")
"""The columns that a file of rejects has after those of its table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column that counts: its place from 0, its header as it stands, and the path of what it holds."""

    index: int
    header: str
    path: str


def folded(header: str) -> str:
    """Return a header without what makes no difference: case, accents, spaces, hyphens, dots, bidi controls."""
    decomposed = unicodedata.normalize("NFKD", header.casefold())
    return "".join(character for character in decomposed if character.isalnum())


_OPTIONS = {folded(name): field.path for field in FIELDS for name in (field.path, field.option)}
"""The path of each field by its own name and by its option's: birth-date is patient.birth_date."""
_LAST = {path.rpartition(".")[2]: path for path in reversed(_PATHS) if "." in path}
"""The path that a part of it alone may mean: time is performed_on.time."""


def titles() -> Iterator[tuple[str, str]]:
    """Yield (path, title) of all that exports in any language call their columns, English last."""
    files = sorted(SHELVES["locales"].glob("*/columns.toml"), key=lambda path: path.parent.name == "en")
    for path in files:
        with path.open("rb") as file:
            named: dict[str, list[str]] = tomllib.load(file)
        yield from ((meaning, name) for meaning, names in named.items() for name in names)


@cache
def known_names() -> Mapping[str, str]:
    """Return the path of every header that is known by itself, by its folded spelling."""
    found = {folded(title): path for path, title in titles()}
    return found | {folded(path): path for path in _PATHS} | _OPTIONS


def path_of(header: str, aliases: Mapping[str, str], ignored: frozenset[str]) -> str | None:
    """Return what a header means: a path, IGNORED, or None where it is not known. `aliases` are folded."""
    key = folded(header)
    if key in ignored:
        return IGNORED
    if key in aliases:
        return aliases[key]
    if header.strip().startswith(SETTING) and is_plain(header.strip().removeprefix(SETTING)):
        return header.strip()
    return known_names().get(key)


def spoken_of(aliases: Mapping[str, str]) -> Mapping[str, str]:
    """Return the path of each header, folded, whose meaning is given; an option's name is a path."""
    return {folded(header): _OPTIONS.get(folded(path), path.strip()) for header, path in aliases.items()}


def is_header(cells: Sequence[str], aliases: Mapping[str, str], ignored: frozenset[str]) -> bool:
    """Return whether a row is the table's header: it names two details, or everything in it is known."""
    filled = [cell for cell in cells if cell.strip()]
    known = {path for cell in filled if (path := path_of(cell, aliases, ignored)) is not None}
    return len(known) >= min(2, len(filled)) > 0


def _are_titles(cells: Sequence[str], aliases: Mapping[str, str], ignored: frozenset[str]) -> bool:
    """Return whether a row that names one detail is a header whose other titles are not known: none is a value."""
    filled = [cell for cell in cells if cell.strip()]
    is_known = any(path_of(cell, aliases, ignored) is not None for cell in filled)
    return is_known and len(set(filled)) == len(filled) and not any(map(_VALUE.search, filled))


def added_columns(headers: Sequence[str]) -> frozenset[int]:
    """Return which columns, from 0, a file of rejects has added: the last of each name, where both names are there.

    A clinic's own column of such a name stands before them, or has no other beside it.
    """
    last = {folded(header): index for index, header in enumerate(headers)}
    return frozenset(last[name] for name in ADDED) if last.keys() >= set(ADDED) else frozenset()


def columns_of(
    headers: Sequence[str],
    source: str,
    line: int,
    *,
    aliases: Mapping[str, str],
    ignored: frozenset[str],
    described: Mapping[str, str] | None = None,
) -> tuple[Column, ...]:
    """Return the columns that count; raise InputError with every fault of the headers.

    `aliases` and `ignored` are what the person says, as typed. `described` is what the columns of an export hold, by
    folded header: of such a table no others count. A column without a header is taken; one that has values is reported
    by the rows.
    """
    spoken = {**(described or {}), **spoken_of(aliases)}
    unread = frozenset(map(folded, ignored))
    if len(headers) > MAXIMUM_COLUMNS:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_TOO_WIDE, source, line, maximum=str(MAXIMUM_COLUMNS))
    if described is None and not is_header(headers, spoken, unread) and not _are_titles(headers, spoken, unread):
        raise InputError.of(Kind.TREATMENT, Code.TABLE_NO_HEADER, source, line)
    problems = list(_unusable(headers, source, line, aliases, ignored))
    passed_over = added_columns(headers)
    found: dict[str, Column] = {}
    for index, header in enumerate(headers):
        if not header.strip() or index in passed_over:
            continue
        path = path_of(header, spoken, unread)
        if described is not None and folded(header) not in spoken:
            path = IGNORED
        if path is None:
            problems.append(_unknown(header, source, line, index))
        elif path in found:
            other = found[path].header
            problems.append(_at(source, Code.TABLE_COLUMN_TWICE, line, index, header, other=other))
        elif path != IGNORED:
            found[path] = Column(index=index, header=title(header), path=path)
    problems += _missing(found, source, line)
    if problems:
        raise InputError(few_of_each(problems))
    return tuple(found.values())


def _at(source: str, code: Code, line: int, index: int, header: str, **values: str) -> Problem:
    name = title(header)
    return Problem.of(Kind.TREATMENT, code, source, line, index + 1, path=name, header=name, **values)


def _unknown(header: str, source: str, line: int, index: int) -> Problem:
    names = known_names()
    guess = names.get(next(iter(get_close_matches(folded(header), names, n=1, cutoff=0.8)), ""), "")
    if guess == "note":  # What staff write for each other ("Notes") must not be printed by way of a suggestion.
        guess = ""
    return replace(_at(source, Code.TABLE_COLUMN_UNKNOWN, line, index, header), nearest=guess)


def _unusable(
    headers: Sequence[str], source: str, line: int, aliases: Mapping[str, str], ignored: frozenset[str]
) -> Iterator[Problem]:
    """Yield a Problem for what the person says of columns that are not there, or says twice, or means nothing."""
    there = {folded(header): title(header) for header in headers}
    for option, spoken in (("--column", [*aliases]), ("--ignore", sorted(ignored))):
        for header in spoken:
            if folded(header) not in there:
                yield Problem.of(
                    Kind.TREATMENT,
                    Code.TABLE_ALIAS_WITHOUT_COLUMN,
                    source,
                    line,
                    nearest=there.get(nearest(folded(header), there), ""),
                    header=header,
                    option=option,
                )
    unread, read = set(map(folded, ignored)), set[str]()
    for header, path in aliases.items():
        key = folded(header)
        if key in unread:
            yield Problem.of(Kind.TREATMENT, Code.TABLE_ALIAS_IGNORED, source, line, header=header)
        if key in read:
            yield Problem.of(Kind.TREATMENT, Code.TABLE_ALIAS_TWICE, source, line, header=header)
        read.add(key)
        setting = path.strip().startswith(SETTING) and is_plain(path.strip().removeprefix(SETTING))
        if path.strip() not in _PATHS and folded(path) not in _OPTIONS and not setting:
            guess = _LAST.get(path.strip().lower(), "") or nearest(path, _PATHS)
            values = {"nearest": guess, "name": path, "known": ", ".join(_PATHS)}
            yield Problem.of(Kind.TREATMENT, Code.TABLE_ALIAS_UNKNOWN, source, line, path=header, **values)


def _missing(found: Mapping[str, Column], source: str, line: int) -> Iterator[Problem]:
    parts = [found[path] for path in (GIVEN, FAMILY) if path in found]
    parts_beside = [*parts, *(found[path] for path in (MIDDLE,) if path in found)]
    if NAME in found and parts_beside:
        column = parts_beside[0]
        other = found[NAME].header
        yield _at(source, Code.TABLE_COLUMN_TWICE, line, column.index, column.header, other=other)
    wanted = {PERFORMED, *(day for clock, day in CLOCKS.items() if clock in found)}
    if NAME not in found and len(parts) == 1:
        yield _at(source, Code.TABLE_HALF_A_NAME, line, parts[0].index, parts[0].header)
    elif NAME not in found and not parts:
        wanted.add(NAME)
    yield from (
        Problem.of(Kind.TREATMENT, Code.TABLE_COLUMN_MISSING, source, line, key=path)
        for path in sorted(wanted - found.keys())
    )
    if "settings" in found and (single := next((path for path in found if path.startswith(SETTING)), "")):
        column = found[single]
        yield _at(source, Code.TABLE_COLUMN_TWICE, line, column.index, column.header, other=found["settings"].header)
