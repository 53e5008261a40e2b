"""The rows of a known export -> those that get a sheet, and every other told once, by kind and count."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from handouts.codes import Code
from handouts.errors import MOST, InputError, Kind, Problem, Severity, errors_of
from handouts.records import Detail, Row, Service
from handouts.treatment.dates import DateOrder
from handouts.treatment.tables.columns import SERVICE, Column, added_columns, folded
from handouts.treatment.tables.exports import Clinic, Export, LeaveOut, cells_of, service_key
from handouts.treatment.tables.plain import plain_text, revived
from handouts.treatment.tables.table import Record, title

CLINIC_FILE = "clinic.toml"
"""Where the clinic says what its services are."""
_DATES = {DateOrder.DAY_FIRST: "dates as day/month/year", DateOrder.MONTH_FIRST: "dates as month/day/year"}


@dataclass(kw_only=True, slots=True)
class Counts:
    """How many rows get a sheet and how many of each kind do not; services and states as they are written first."""

    kept: int = 0
    left_out: Counter[LeaveOut] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    without_sheet: Counter[str] = field(default_factory=Counter)
    odd: Counter[tuple[str, str]] = field(default_factory=Counter)


def details_of(service: Service) -> tuple[Detail, ...]:
    """Return what a service says of a treatment, each with its place in clinic.toml."""
    given = {
        "procedure": service.procedure,
        "body_sites": list(service.body_sites),
        "settings": dict(service.settings),
        "products": list(service.products),
    }
    return tuple(
        Detail(path=path, value=value, source=CLINIC_FILE, line=service.line) for path, value in given.items() if value
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorting:
    """Sorts the records of an export. `keys` are its titles folded, `columns` those that count, `order` its dates'."""

    export: Export
    clinic: Clinic
    source: str
    line: int
    headers: tuple[str, ...]
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    order: DateOrder

    @property
    def service_column(self) -> Column | None:
        """The column that holds what was booked, if there is one."""
        return next((column for column in self.columns if column.path == SERVICE), None)

    def kept(self, records: Callable[[], Iterator[Record]]) -> Iterator[Record]:
        """Yield the records that get a sheet."""
        counts = Counts()
        return (record for record in records() if self._is_kept(record, counts))

    def counted(self, records: Callable[[], Iterator[Record]]) -> Counts:
        """Return how many records are kept and left out."""
        counts = Counts()
        for record in records():
            counts.kept += self._is_kept(record, counts)
        return counts

    def with_service(self, row: Row) -> Row:
        """Return a row with what its service stands for in the clinic; what the row itself says comes first."""
        column = self.service_column
        service = self._service(self._name(row.cells, column))
        if service is None:
            return row
        there = {detail.path for detail in row.details}
        details = tuple(detail for detail in details_of(service) if detail.path not in there)
        return replace(row, document=row.document or service.document, details=(*row.details, *details))

    def told(self, counts: Counts, *, strict: bool) -> tuple[Problem, tuple[Problem, ...]]:
        """Return as what the table is read, and what else is to be said of it.

        Raises InputError where a service is not known and `strict`, and where no row is left.
        """
        warnings = (*self._services(counts, strict=strict), *self._others(counts))
        if not counts.kept:
            nothing = Problem.of(Kind.TREATMENT, Code.EXPORT_NOTHING_LEFT, self.source, export=self.export.what)
            raise InputError((self._read_as(counts), *warnings, nothing))
        if errors_of(warnings):
            raise InputError((self._read_as(counts), *warnings))
        return self._read_as(counts), warnings

    def _is_kept(self, record: Record, counts: Counts) -> bool:
        """Return whether a record gets a sheet; count why not. One of the wrong shape is kept, to be told as faulty."""
        if len(record.cells) < len(self.headers):
            return True
        cells = cells_of(self.keys, record.cells)
        if why := self.export.why_not(cells):
            counts.left_out[why] += 1
            return False
        column = self.service_column
        name = self._name(record.cells, column)
        service = self._service(name)
        if name and (service is None or not service.has_sheet):
            told = counts.unmapped if service is None else counts.without_sheet
            told[" ".join(name.split())] += 1
            return False
        counts.odd.update(self.export.odd_states(cells))
        return True

    def _name(self, cells: Sequence[object], column: Column | None) -> str:
        """Return the name of the service in a row's cells, or ""."""
        return revived(plain_text(cells[column.index])).strip() if column and column.index < len(cells) else ""

    def _service(self, name: str) -> Service | None:
        return self.clinic.services.get(service_key(name))

    def _read_as(self, counts: Counts) -> Problem:
        """Return in words what the table is, and what of it gets no sheet."""
        left = [f"{count:,} {why.one if count == 1 else why.many}" for why, count in counts.left_out.items()]
        if rows := counts.without_sheet.total():
            left.append(f"{rows:,} row{'s' * (rows > 1)} without a sheet in [services]")
        if rows := counts.unmapped.total():
            left.append(f"{rows:,} row{'s' * (rows > 1)} of an unknown service")
        words = " and ".join(filter(None, (", ".join(left[:-1]), *left[-1:]))) or "no row"
        dates = _DATES.get(self.order, "") if self.export.order is None else ""
        export = f"{self.export.what}, {dates}" if dates else self.export.what
        passed = sum(folded(header) in self.export.passed_over for header in self._not_read())
        return Problem.warning(
            Kind.TREATMENT, Code.EXPORT_READ, self.source, export=export, left_out=words, columns=f"{passed:,}"
        )

    def _services(self, counts: Counts, *, strict: bool) -> Iterator[Problem]:
        services = list(counts.unmapped.items())
        if more := services[MOST:]:  # The column may hold something else than services.
            services[MOST:] = [(f"{len(more):,} others", sum(count for _, count in more))]
        for name, count in services:
            values = {"service": title(name), "count": f"{count:,}"}
            problem = Problem.warning(Kind.TREATMENT, Code.SERVICE_UNKNOWN, self.source, **values)
            yield replace(problem, severity=Severity.ERROR) if strict else problem

    def _others(self, counts: Counts) -> Iterator[Problem]:
        for (column, value), count in islice(counts.odd.items(), MOST):
            header = next(header for header in self.headers if folded(header) == column)
            values = {"header": title(header), "state": title(value), "count": f"{count:,}"}
            yield Problem.warning(Kind.TREATMENT, Code.EXPORT_STATE_UNKNOWN, self.source, **values)
        known = self.export.passed_over
        if strange := [header for header in self._not_read() if folded(header) not in known]:
            titles = ", ".join(map(title, strange))
            yield Problem.warning(Kind.TREATMENT, Code.EXPORT_COLUMNS_STRANGE, self.source, self.line, columns=titles)

    def _not_read(self) -> Sequence[str]:
        """Return the titles of the columns that are passed over."""
        passed = {column.index for column in self.columns} | added_columns(self.headers)
        return [header for index, header in enumerate(self.headers) if index not in passed and header.strip()]
