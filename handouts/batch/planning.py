"""A table and what is asked of its rows -> every row checked, once, before anything is delivered, and planned."""

import errno
import os
import pickle
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from handouts import ledger
from handouts.batch.merging import is_there, parts_folder
from handouts.batch.names import PERSONAL, fields_of, file_name
from handouts.batch.row_jobs import job_of, of_row
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, each_once, errors_of
from handouts.press import Delivering, PreparedJob, Press
from handouts.records import BatchOrder, Consignment, Job, Planned, RecordReferences, Row, Step, Task, Treatment
from handouts.treatment.tables import Table

REFERENCE_DIGITS = 12
"""Of a row's reference, in names: 48 bits keep ten thousand sheets apart."""


class PlannedRows:
    """Rows that are fit, in their order, kept in memory and nowhere else: about 250 bytes each, whatever they hold."""

    _AT_ONCE = 200

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._last: list[Planned] = []

    def append(self, planned: Planned) -> None:
        """Keep one row."""
        self._last.append(planned)
        if len(self._last) == self._AT_ONCE:
            self._packed.append(zlib.compress(pickle.dumps(self._last), level=1))
            self._last = []

    def __iter__(self) -> Iterator[Planned]:
        for packed in self._packed:
            yield from pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed by us, in this very process
        yield from self._last


@dataclass(kw_only=True, slots=True)
class Plan:
    """What a look at every row has found: the rows that are fit, how many are new or done, what is wrong with others.

    `faulty` has the problems by line; `warnings` each once.
    """

    rows: PlannedRows = field(default_factory=PlannedRows)
    new: int = 0
    done: int = 0
    faulty: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    warnings: dict[tuple[object, ...], Problem] = field(default_factory=dict)

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of all faulty rows in their order; one that many rows share stands once."""
        return each_once(problem for problems in self.faulty.values() for problem in problems)


class Planning:
    """Looks at row after row; knows the rows before, since one that says the same of the same patient is faulty."""

    def __init__(self, table: Table, order: BatchOrder, press: Press, delivering: Delivering) -> None:
        """Raises InputError for a pattern that names no file."""
        self._table = table
        self._order = order
        self._press = press
        self._delivering = delivering
        assert delivering.books is not None, "a batch keeps a ledger"
        self._books = delivering.books
        self._named = fields_of(order.pattern)
        self._folder = order.destination.folder if order.merged is None else parts_folder(order.merged)
        self._lines: dict[bytes, int] = {}
        self._wanted = Job(
            document=order.document,
            languages=(order.language,) if order.language else (),
            details=(),
            now=order.started_at,
            paper=order.paper,
            print_size=order.print_size,
            strict=order.strict,
        )
        self._rows = table.rows()
        self.found = Plan(warnings={warning.identity: warning for warning in table.warnings})
        self.is_complete = False

    def look_at(self, rows: int) -> None:
        """Look at so many more rows. Where these were all, it is as if `complete` had been called."""
        taken = 0
        for row in islice(self._rows, rows):
            self.add(row, self.found)
            taken += 1
        if taken < rows:
            self.complete()

    def complete(self) -> None:
        """Look at every row that is left, and raise InputError where the batch cannot begin.

        That is with the problems of every faulty row, unless the order skips them, some are fit, and they are of the
        row itself and not of the document, the templates or the command; and where some rows are done and the order
        does not say that this goes on with them: they would be printed or sent twice.
        """
        if self.is_complete:
            return
        for row in self._rows:
            self.add(row, self.found)
        problems = [*self._hindering()]
        if problems:
            raise InputError(problems)
        self.is_complete = True

    def _hindering(self) -> Iterator[Problem]:
        """Yield what does not let the batch begin."""
        found, order, source = self.found, self._order, self._table.source
        skipped = order.skip_faulty and (found.new or found.done)
        yield from (problem for problem in found.problems() if not skipped or problem.source != source)
        if found.done and not order.resume:
            rows = str(found.done + found.new)
            yield Problem.of(Kind.USAGE, Code.ROWS_DONE_BEFORE, source, done=str(found.done), rows=rows)
        merged = order.merged
        if merged is not None and is_there(merged) and found.new:
            yield Problem.of(Kind.DELIVERY, Code.MERGED_THERE, str(merged))
        if merged is not None and parts_folder(merged).is_symlink():
            reason = os.strerror(errno.EEXIST)
            yield Problem.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(parts_folder(merged)), reason=reason)

    def add(self, row: Row, found: Plan) -> None:
        """Check a row and add it to what was found."""
        planned: Planned | None = None
        problems: tuple[Problem, ...] = row.problems
        try:
            prepared, warnings = self._press.check(job_of(row, self._wanted, self._table))
            planned = self._planned(row, prepared)
            problems += (*warnings, *self._twice(row, prepared), *self._nobody(planned))
            self._press.check_delivery(prepared, self._order.destination)
        except InputError as error:
            problems += tuple(of_row(problem, row, self._table) for problem in error.problems)
        errors = tuple(map(self._table.with_header, errors_of(problems)))
        for warning in map(self._table.with_header, (each for each in problems if each.severity is Severity.WARNING)):
            found.warnings.setdefault(warning.identity, warning)
        if planned is None or errors:
            found.faulty[row.line] = errors
            return
        found.rows.append(planned)
        found.done += planned.done
        found.new += not planned.done

    def _planned(self, row: Row, prepared: PreparedJob) -> Planned:
        order, job, treatment = self._order, prepared.checked.job, prepared.checked.treatment
        (language,) = prepared.languages
        reference, patients = self._delivering.references(treatment, job.document, language, order.print_size)
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
        path = self._folder / f"{name}.pdf"
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
            done=self._is_done(reference, path),
            references=_of_record(row, treatment) if order.record else None,
            entry=f"{job.document}-{language}-{short}" if order.record else "",
        )

    def _name(self, values: Mapping[str, str]) -> str:
        """Return the name that the order's pattern makes of a row's values, of which it asks for a few."""
        return file_name(self._order.pattern, {key: values[key] for key in (*self._named, "reference")})

    def _is_done(self, reference: str, path: Path) -> bool:
        """Return whether a run before this one has brought the row to where the order wants it, and it is there."""
        steps, order = self._books.steps(reference), self._order
        if Step.MADE not in steps or (order.destination.mail and Step.IN_OUTBOX not in steps):
            return False
        if order.destination.printing and not self._books.is_printed(reference):
            return False
        return path.exists() or (order.merged is not None and self._is_merged(reference, order.merged))

    def _is_merged(self, reference: str, merged: Path) -> bool:
        """Return whether the row is in the merged file that is there."""
        last = self._books.last(reference)
        return is_there(merged) and last is not None and last.where == str(merged)

    def _twice(self, row: Row, prepared: PreparedJob) -> Iterator[Problem]:
        (language,) = prepared.languages
        treatment = prepared.checked.treatment
        identity = ledger.identity_reference(treatment, prepared.document.id, language, self._books.key)
        first = self._lines.setdefault(bytes.fromhex(identity), row.line)
        if first != row.line:
            yield self._problem(row, Code.ROW_TWICE, first=str(first))

    def _nobody(self, planned: Planned) -> Iterator[Problem]:
        """Yield the fault of a row that is to be entered for a record, and does not say for whose."""
        if planned.references is not None and not planned.references.name_somebody:
            line = planned.task.line
            yield Problem.of(
                Kind.TREATMENT, Code.FHIR_NO_SUBJECT, self._table.source, line, path="patient.record_number"
            )

    def _problem(self, row: Row, code: Code, **values: str) -> Problem:
        return Problem.of(Kind.TREATMENT, code, self._table.source, row.line, **values)


def _of_record(row: Row, treatment: Treatment) -> RecordReferences:
    return replace(row.references, record_number=treatment.patient.record_number)
