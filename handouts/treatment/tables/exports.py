"""The descriptions of exports (exports/NAME.toml) -> frozen records of them, or every Problem of the files."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from handouts.checking import AS_TUPLE, FileText, StrictModel, check, toml_file
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, ValueFault, nearest
from handouts.records import Service
from handouts.resources import Resources, read_text
from handouts.treatment.dates import DateOrder
from handouts.treatment.tables.cells import is_null
from handouts.treatment.tables.columns import CLOCKS, DESCRIBED, FAMILY, GIVEN, NAME, PERFORMED, SERVICE, folded
from handouts.treatment.tables.columns import SETTING as _SETTING
from handouts.treatment.tables.plain import plain_text, revived

SHELF = "exports"
UNRECOGNISED = "none"
"""What --export says where a table is to be read as any other."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ORDERS = {
    "year-month-day": DateOrder.ISO,
    "day/month/year": DateOrder.DAY_FIRST,
    "month/day/year": DateOrder.MONTH_FIRST,
}
_MONTH_FIRST = frozenset(("US", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"))
_EITHER = frozenset(("CA", "PH"))
"""Countries in which programs write the month first or the day first, as they are set up: nothing is guessed there."""

Title = Annotated[str, Field(min_length=1, max_length=200)]
Titles = Annotated[tuple[Title, ...], Field(max_length=200), AS_TUPLE]
Words = Annotated[str, Field(min_length=1, max_length=80)]

Cells = Mapping[str, tuple[str, ...]]
"""Of a row, as text by folded title; a title may stand over several."""


class LeaveOutTable(StrictModel):
    """Rows that get no sheet: their cell in a column has one of these values, or is filled at all."""

    column: Title
    """The column's title."""
    values: Titles = ()
    """As the program writes them; case, spaces, hyphens and underscores make no difference."""
    filled: bool = False
    """Every row that has anything in this column: for columns such as the time of a cancellation."""
    one: Words
    """What one such row is called, as `cancelled row`."""
    many: Words
    """What several are called."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "LeaveOutTable":
        if bool(self.values) == self.filled:
            raise ValueFault(Code.VALUE_REFUSED, reason="it must have either values or filled = true")
        return self


class ExportFile(StrictModel):
    """The whole of a description. A column that it does not name is passed over and told."""

    what: Words
    """As what a file is read, with its article: `a Jane appointment export`."""
    known_by: Annotated[tuple[Title, ...], Field(min_length=1, max_length=200), AS_TUPLE]
    """Titles that are all there in this export, and together in no other."""
    dates: Literal["year-month-day", "day/month/year", "month/day/year", "country"] = "year-month-day"
    """How it writes days; `country` where the program writes them as the clinic's country does."""
    names: Literal["given family", "family, given"] = "given family"
    """How a whole name stands in one cell."""
    pass_over: Titles = ()
    """Columns that no sheet needs."""
    undecided: Titles = ()
    """Columns of a draft of which nobody has said yet what they hold. While there is one, no row is read."""
    columns: dict[str, Title]
    """Which column holds what: the detail, and the column's title."""
    counts: dict[str, Titles] = Field(default_factory=dict)
    """By a column's title the states in which a row gets its sheet. A state that stands nowhere is told."""
    leave_out: Annotated[tuple[LeaveOutTable, ...], Field(max_length=20), AS_TUPLE] = ()
    """Rows that get no sheet, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaveOut:
    """Rows that get no sheet. `column` is folded; `values` are folded, none where any value leaves a row out."""

    column: str
    values: frozenset[str]
    one: str
    many: str

    def fits(self, cell: str) -> bool:
        """Return whether a row with this cell is left out."""
        if self.values:
            return _spelling(cell) in self.values
        return bool(cell.strip()) and not is_null(cell)


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """How one program's export is read. `source` is the file that describes it, `is_own` whether it is the clinic's.

    `columns` has the path of each column that counts, by its folded title; `needed` are the folded titles without which
    it is not this export, with each as it is written. `order` is None where the clinic's country says it.
    """

    name: str
    source: str
    is_own: bool
    what: str
    columns: Mapping[str, str]
    needed: Mapping[str, str]
    passed_over: frozenset[str]
    order: DateOrder | None
    family_comma: bool
    counts: Mapping[str, frozenset[str]]
    leave_out: tuple[LeaveOut, ...]
    undecided: tuple[str, ...]

    def lacks(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Return the titles that a header line would need, too, to be this export's."""
        there = set(map(folded, headers))
        return tuple(title for key, title in self.needed.items() if key not in there)

    def why_not(self, cells: Cells) -> LeaveOut | None:
        """Return why a row gets no sheet, or None."""
        return next((each for each in self.leave_out if any(map(each.fits, cells.get(each.column, ())))), None)

    def odd_states(self, cells: Cells) -> Iterator[tuple[str, str]]:
        """Yield the folded title and the value of each state that the description does not have."""
        for column, known in self.counts.items():
            for value in map(str.strip, cells.get(column, ())):
                if value and _spelling(value) not in known:
                    yield column, value


@dataclass(frozen=True, kw_only=True, slots=True)
class Clinic:
    """What of a clinic an export is read by: its services by folded name, a record system's codes, its dates."""

    country: str
    services: Mapping[str, Service]
    codes: Mapping[str, str]

    @property
    def order(self) -> DateOrder:
        """In which order programs write dates there; ISO, which refuses such dates, where they do it both ways."""
        if self.country in _EITHER:
            return DateOrder.ISO
        return DateOrder.MONTH_FIRST if self.country in _MONTH_FIRST else DateOrder.DAY_FIRST


@dataclass(frozen=True, kw_only=True, slots=True)
class Exports:
    """The exports that a table may be, the clinic's before the shipped. `named` is the one that a person says, or "".

    `strict` refuses a table with a service that the clinic does not have. `clinic` is asked for once one is recognised.
    """

    known: tuple[Export, ...]
    clinic: Callable[[], Clinic] = field(repr=False)
    named: str = ""
    strict: bool = False

    def of(self, headers: Sequence[str], source: str, line: int) -> Export | None:
        """Return the export that has these headers, or the named one, or None where it is any other table.

        Raises InputError where the named one is not known or has other columns, where two of a clinic's own fit, and
        where the description is a draft.
        """
        if self.named == UNRECOGNISED:
            return None
        found = self._named(headers, source, line) if self.named else self._fitting(headers, source, line)
        if found is not None and found.undecided:
            titles = ", ".join(found.undecided)
            raise InputError.of(Kind.BRANDING, Code.EXPORT_UNDECIDED, found.source, columns=titles)
        return found

    def _named(self, headers: Sequence[str], source: str, line: int) -> Export:
        found = next((each for each in self.known if each.name == self.named), None)
        if found is None:
            names = [each.name for each in self.known]
            values = {"nearest": nearest(self.named, names), "name": self.named, "known": ", ".join(names)}
            raise InputError([Problem.of(Kind.USAGE, Code.EXPORT_UNKNOWN, "--export", **values)])
        if lacks := found.lacks(headers):
            columns = ", ".join(lacks)
            raise InputError.of(Kind.TREATMENT, Code.EXPORT_OTHER_COLUMNS, source, line, columns=columns)
        return found

    def _fitting(self, headers: Sequence[str], source: str, line: int) -> Export | None:
        fitting = [each for each in self.known if not each.lacks(headers)]
        first = [each for each in fitting if each.is_own] or fitting
        if len(first) > 1:
            names = ", ".join(each.name for each in first)
            raise InputError.of(Kind.TREATMENT, Code.EXPORT_AMBIGUOUS, source, line, names=names)
        return first[0] if first else None


def exports_of(resources: Resources) -> tuple[Export, ...]:
    """Return the exports that are described, the clinic's before the shipped; raise InputError with every fault.

    One of the clinic's stands in the place of a shipped one of its name.
    """
    own = frozenset(resources.own_names(SHELF, "*.toml"))
    names = resources.names(SHELF, "*.toml")
    found: list[Export] = []
    problems: list[Problem] = []
    for name in sorted(names, key=lambda name: (name not in own, name)):
        try:
            path = resources.find(SHELF, name)
            assert path is not None, "the name was listed"
            found.append(_export(path, resources.display(path), is_own=name in own))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def description_of(resources: Resources, name: str) -> str:
    """Return the text of the description of an export, which is known."""
    path = resources.find(SHELF, f"{name}.toml")
    assert path is not None, "it is one of those that `exports_of` returns"
    return read_text(path, kind=Kind.BRANDING, source=resources.display(path))


def service_key(name: str) -> str:
    """Return what two spellings of a service share: case and spaces make no difference."""
    return " ".join(name.casefold().split())


def cells_of(keys: Sequence[str], cells: Sequence[object]) -> Cells:
    """Return a row's cells as text; `keys` are the folded titles of its columns."""
    found: dict[str, tuple[str, ...]] = {}
    for key, cell in zip(keys, cells, strict=False):
        found[key] = (*found.get(key, ()), revived(plain_text(cell)))
    return found


def _export(path: Path, source: str, *, is_own: bool) -> Export:
    """Return what a file describes; raise InputError with every fault of it."""
    data, file = toml_file(read_text(path, kind=Kind.BRANDING, source=source), kind=Kind.BRANDING, source=source)
    told = check(ExportFile, data, file)
    problems = [*_faults(told, path.stem, file)]
    if problems:
        raise InputError(problems)
    first = (NAME, GIVEN, FAMILY, PERFORMED, *CLOCKS, SERVICE)
    needed = (
        *told.known_by,
        *(told.columns[path] for path in first if path in told.columns),
        *(each.column for each in told.leave_out),
    )
    leave_out = tuple(
        LeaveOut(
            column=folded(each.column), values=frozenset(map(_spelling, each.values)), one=each.one, many=each.many
        )
        for each in told.leave_out
    )
    counts = {folded(column): frozenset(map(_spelling, states)) for column, states in told.counts.items()}
    for each in leave_out:
        if each.column in counts:
            counts[each.column] |= each.values
    return Export(
        name=path.stem,
        source=source,
        is_own=is_own,
        what=told.what,
        columns={folded(title): path for path, title in told.columns.items()},
        needed={folded(title): title for title in needed},
        passed_over=frozenset(
            map(folded, (*told.pass_over, *told.known_by, *told.counts, *(each.column for each in told.leave_out)))
        ),
        order=_ORDERS.get(told.dates),
        family_comma=told.names == "family, given",
        counts=counts,
        leave_out=leave_out,
        undecided=told.undecided,
    )


def _faults(told: ExportFile, name: str, file: FileText) -> Iterator[Problem]:
    """Yield what is wrong with a description that has the right shape."""
    if not _NAME.fullmatch(name) or name == UNRECOGNISED:
        yield file.problem(Code.EXPORT_NAME, ())
    seen: dict[str, str] = {}
    for path, title in told.columns.items():
        if path not in DESCRIBED and not path.startswith(_SETTING):
            guess = nearest(path, DESCRIBED)
            yield file.problem(Code.TABLE_ALIAS_UNKNOWN, ("columns", path), nearest=guess, name=path, known=_KNOWN)
        if folded(title) in seen:
            yield file.problem(Code.EXPORT_COLUMN_TWICE, ("columns", path), header=title, other=seen[folded(title)])
        seen[folded(title)] = path


_KNOWN = ", ".join(DESCRIBED)


def _spelling(value: str) -> str:
    """Return what spellings of a state share: No Show, no_show and NO-SHOW are one; signs such as ? stay."""
    text = value.strip().casefold()
    return re.sub(r"[\s_-]+", "", text) or text
