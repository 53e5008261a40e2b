"""A table's rows -> what each is by itself: a plan for its sheet where it is fit, else what is wrong with it.

Nothing here looks at other rows, or at what was done before: so rows may be checked anywhere, by several processes.
"""

import pickle
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Self

from handouts import ledger
from handouts.batch.merging import parts_folder
from handouts.batch.names import PERSONAL, fields_of, file_name
from handouts.batch.row_jobs import job_of, of_row
from handouts.codes import Code
from handouts.crew import Crew, Ended
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.press import PreparedJob, Press
from handouts.records import BatchOrder, Consignment, Job, Planned, RecordReferences, Row, Task, Treatment
from handouts.resources import Resources
from handouts.treatment.tables import Table

REFERENCE_DIGITS = 12
"""Of a row's reference, in names: 48 bits keep ten thousand sheets apart."""
_TOGETHER = 50
"""Rows that are checked and packed together: 20 ms of work, and 100 kB while they wait for a process."""
_MANY = 10_000
"""Rows for which it pays to begin processes: 0.5 s each until they know the clinic's files (measured 2026-11-29)."""


def _packed(records: Sequence[object]) -> bytes:
    return zlib.compress(pickle.dumps(records), level=1)


def _opened(data: bytes) -> Any:
    return pickle.loads(zlib.decompress(data))  # noqa: S301 - packed by us, who alone send it


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedPlans:
    """So many planned rows, as 250 bytes each."""

    count: int
    packed: bytes = field(repr=False)

    @classmethod
    def of(cls, rows: Sequence[Planned]) -> Self:
        """Return these rows, packed."""
        return cls(count=len(rows), packed=_packed(rows))

    def opened(self) -> Sequence[Planned]:
        """Return the rows."""
        rows: Sequence[Planned] = _opened(self.packed)
        return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRows:
    """Rows in their order.

    `identities` has the line of each that says for whom and what it is, and its identity reference (16 bytes), which
    another row that says the same has too. `problems` has those of each row that has any, by line; `planned` are the
    rows without an error.
    """

    identities: tuple[tuple[int, bytes], ...]
    problems: Mapping[int, tuple[Problem, ...]]
    planned: PackedPlans


class RowChecker:
    """Checks rows by one press, and plans a sheet of each that is fit; `key` is the ledger's.

    Of `table` only what all rows have in common is asked. Raises InputError for a pattern that names no file.
    """

    def __init__(self, press: Press, table: Table, order: BatchOrder, key: bytes) -> None:
        self._press, self._table, self._order, self._key = press, table, order, key
        self._named = fields_of(order.pattern)
        self.folder = order.destination.folder if order.merged is None else parts_folder(order.merged)
        self._wanted = Job(
            document=order.document,
            languages=(order.language,) if order.language else (),
            details=(),
            now=order.started_at,
            paper=order.paper,
            print_size=order.print_size,
            strict=order.strict,
        )

    def each(self, rows: Iterator[Row], workers: int) -> Generator[CheckedRows]:
        """Yield what rows are, in their order; where the table has many, `workers` processes check them.

        Raises InputError where this computer lets no process begin.
        """
        together = iter(lambda: tuple(islice(rows, _TOGETHER)), ())
        if workers == 1 or self._table.count < _MANY:
            yield from map(self.checked, together)
            return
        table = replace(self._table, read=_no_rows)
        hire = _Hire(resources=self._press.resources, table=table, order=self._order, key=self._key)
        crew: Crew[bytes, CheckedRows] = Crew(hire=hire, workers=workers)
        with closing(crew.run(map(_packed, together))) as results:
            for asked, found in results:
                # What ends a process is told with its row by this one, which has the same limits.
                yield self.checked(_opened(asked)) if isinstance(found, Ended) else found

    def checked(self, rows: Iterable[Row]) -> CheckedRows:
        """Return what these rows are."""
        identities: list[tuple[int, bytes]] = []
        found: dict[int, tuple[Problem, ...]] = {}
        fit: list[Planned] = []
        for row in rows:
            planned: Planned | None = None
            problems: tuple[Problem, ...] = row.problems
            try:
                prepared, warnings = self._press.check(job_of(row, self._wanted, self._table))
                planned = self._planned(row, prepared)
                identities.append((row.line, self._identity(prepared)))
                problems += (*warnings, *self._nobody(planned))
                self._press.check_delivery(prepared, self._order.destination)
            except InputError as error:
                problems += tuple(of_row(problem, row, self._table) for problem in error.problems)
            if problems:
                found[row.line] = tuple(map(self._table.with_header, problems))
            if planned is not None and not errors_of(problems):
                fit.append(planned)
        return CheckedRows(identities=tuple(identities), problems=found, planned=PackedPlans.of(fit))

    def _planned(self, row: Row, prepared: PreparedJob) -> Planned:
        order, job, treatment = self._order, prepared.checked.job, prepared.checked.treatment
        (language,) = prepared.languages
        reference, patients = ledger.sheet_references(treatment, job.document, language, order.print_size, self._key)
        short = reference[:REFERENCE_DIGITS]
        name = self._name(
            {
                "line": f"{row.line:05}",
                "document": job.document,
                "language": language,
                "reference": short,
                "date": treatment.performed_on.date().isoformat() if treatment.performed_on else "",
                "patient": treatment.patient.name,
                "record_number": treatment.patient.record_number,
            },
        )
        path = self.folder / f"{name}.pdf"
        shown = f"…{short}.pdf" if PERSONAL & set(self._named) else path.name
        consignment = Consignment(
            path=path,
            where=str(order.merged or order.destination.folder / shown),
            address=treatment.patient.email,
            title=f"handout {short}",
            row=reference,
            patients=patients,
            source=self._table.source,
            line=row.line,
            fell_back=prepared.checked.fell_back,
        )
        return Planned(
            task=Task.of(prepared.checked, row.line),
            consignment=consignment,
            name=treatment.patient.name,
            references=_of_record(row, treatment) if order.record else None,
            entry=f"{job.document}-{language}-{short}" if order.record else "",
        )

    def _name(self, values: Mapping[str, str]) -> str:
        """Return the name that the order's pattern makes of a row's values, of which it asks for a few."""
        return file_name(self._order.pattern, {key: values[key] for key in (*self._named, "reference")})

    def _identity(self, prepared: PreparedJob) -> bytes:
        (language,) = prepared.languages
        treatment, document = prepared.checked.treatment, prepared.document.id
        return bytes.fromhex(ledger.identity_reference(treatment, document, language, self._key))

    def _nobody(self, planned: Planned) -> Iterator[Problem]:
        """Yield the fault of a row that is to be entered for a record, and does not say for whose."""
        if planned.references is not None and not planned.references.name_somebody:
            line = planned.task.line
            yield Problem.of(
                Kind.TREATMENT, Code.FHIR_NO_SUBJECT, self._table.source, line, path="patient.record_number"
            )


def _of_record(row: Row, treatment: Treatment) -> RecordReferences:
    return replace(row.references, record_number=treatment.patient.record_number)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hire:
    """What another process needs to check rows as this one does; of the table what all rows have in common."""

    resources: Resources
    table: Table
    order: BatchOrder
    key: bytes = field(repr=False)

    def __call__(self) -> "_Checks":
        return _Checks(RowChecker(Press(self.resources), self.table, self.order, self.key))


class _Checks:
    """Checks rows that come packed."""

    def __init__(self, checker: RowChecker) -> None:
        self._checker = checker

    def __call__(self, rows: bytes) -> CheckedRows:
        return self._checker.checked(_opened(rows))


def _no_rows() -> Iterator[Row]:
    return iter(())
