"""A table and what is asked of its rows -> every row checked before anything is made, then planned one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from handouts import ledger
from handouts.batch.names import PERSONAL, fields_of, file_name
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.press import Press
from handouts.records import BatchOrder, Job, Planned, Row, Step, Task, Treatment
from handouts.treatment.tables import Table

AUTO = "auto"
REFERENCE_DIGITS = 12
"""Of a row's reference, in names: 48 bits keep ten thousand sheets apart."""


@dataclass(kw_only=True, slots=True)
class Checked:
    """What a look at every row has found: how many are fit and new, how many are done, what is wrong with the others.

    `faulty` has the problems by line; `warnings` each once.
    """

    fit: int = 0
    done: int = 0
    faulty: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    warnings: dict[str, Problem] = field(default_factory=dict)

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of all faulty rows in their order; one that many rows share stands once."""
        found = (problem for problems in self.faulty.values() for problem in problems)
        return tuple({repr(problem): problem for problem in found}.values())


class Planning:
    """Reads the table's rows, as often as it takes, and says of each what is to be made and where it goes.

    Of each row it keeps a few dozen bytes, so that any number can pass. Raises InputError for a pattern that names no
    file.
    """

    def __init__(
        self, table: Table, order: BatchOrder, press: Press, key: bytes, standings: ledger.Standings | None
    ) -> None:
        self._table = table
        self._order = order
        self._press = press
        self._key = key
        self._standings = standings
        self._named = fields_of(order.pattern)
        self._folder = order.folder if order.merged is None else parts_folder(order.merged)

    @property
    def source(self) -> str:
        """The table's name as the person knows it."""
        return self._table.source

    def check(self) -> Checked:
        """Look at every row; a row that says the same of the same patient as one before it is faulty too."""
        found = Checked(warnings={repr(warning): warning for warning in self._table.warnings})
        lines: dict[bytes, int] = {}
        for row in self._table.rows():
            try:
                treatment, warnings = self._press.check(self._job(row))
                planned = self._planned(0, row, treatment)
                problems = (*row.problems, *self._unfit(row, treatment), *self._twice(row, treatment, lines))
            except InputError as error:
                placed = (self._of_row(problem, row) for problem in error.problems)
                problems, warnings, planned = (*row.problems, *placed), (), None
            for warning in map(self.seen, (*warnings, *problems)):
                found.warnings.setdefault(repr(warning), warning)
            if planned is None or errors_of(problems):
                found.faulty[row.line] = tuple(map(self.seen, errors_of(problems)))
            elif planned.done:
                found.done += 1
            else:
                found.fit += 1
        for key in [key for key, problem in found.warnings.items() if errors_of((problem,))]:
            del found.warnings[key]
        return found

    def planned(self, faulty: Mapping[int, object]) -> Iterator[Planned]:
        """Yield the rows that are fit, the done ones too, in their order; `faulty` has the lines of the others."""
        number = 0
        for row in self._table.rows():
            if row.line in faulty:
                continue
            number += 1
            treatment, _ = self._press.check(self._job(row))
            yield self._planned(number, row, treatment)

    def seen(self, problem: Problem) -> Problem:
        """Return a problem of a row with its column's header as the person sees it."""
        return self._table.seen(problem)

    def _of_row(self, problem: Problem, row: Row) -> Problem:
        """Return a problem with the document or language that the row itself has named, with the row's place."""
        named = {row.document: "document", "--language": "language" if row.language else ""}
        path = named.get(problem.source, "")
        return replace(problem, source=self._table.source, line=row.line, path=path) if path else problem

    def _job(self, row: Row) -> Job:
        """Return the row's job; raise InputError where neither the row nor the order names a document."""
        if errors_of(row.problems):
            raise InputError(())
        order = self._order
        document = row.document or order.document
        if not document:
            raise InputError([self._problem(row, "row-without-document")])
        return Job(
            document=document,
            languages=(row.language or order.language or AUTO,),
            details=row.details,
            printed_at=order.started_at,
            paper=order.paper,
            print_size=order.print_size,
            strict=order.strict,
        )

    def _planned(self, number: int, row: Row, treatment: Treatment) -> Planned:
        job = self._job(row)
        order, language = self._order, row.language or order_language(self._order, treatment)
        reference = ledger.row_reference(treatment, job.document, language, self._key)
        name = file_name(
            order.pattern,
            {
                "line": f"{row.line:05}",
                "document": job.document,
                "language": language,
                "reference": reference[:REFERENCE_DIGITS],
                "date": treatment.performed_on.date().isoformat(),
                "patient": treatment.patient.name,
                "record_number": treatment.patient.record_number,
            },
        )
        path = self._folder / f"{name}.pdf"
        shown = f"…{reference[:REFERENCE_DIGITS]}.pdf" if PERSONAL & set(self._named) else path.name
        return Planned(
            task=Task(number=number, line=row.line, job=job),
            row=reference,
            patients=ledger.patient_references(treatment.patient, self._key),
            path=path,
            where=str(order.merged or order.folder / shown),
            title=f"handout {reference[:REFERENCE_DIGITS]}",
            name=treatment.patient.name,
            address=treatment.patient.email,
            done=self._is_done(reference, path),
        )

    def _is_done(self, reference: str, path: Path) -> bool:
        """Return whether a run before this one has brought the row to where the order wants it."""
        if self._standings is None:
            return False
        wanted = {Step.MADE}
        wanted |= {Step.PRINTED} if self._order.printing else set()
        wanted |= {Step.IN_OUTBOX} if self._order.mail else set()
        if not wanted <= self._standings.steps(reference):
            return False
        merged = self._order.merged
        return merged is None or merged.exists() or path.exists()

    def _unfit(self, row: Row, treatment: Treatment) -> Iterator[Problem]:
        if self._order.mail and not treatment.patient.email:
            yield self._problem(row, "row-without-address")

    def _twice(self, row: Row, treatment: Treatment, lines: dict[bytes, int]) -> Iterator[Problem]:
        job, language = self._job(row), row.language or order_language(self._order, treatment)
        identity = bytes.fromhex(ledger.identity_reference(treatment, job.document, language, self._key))
        first = lines.setdefault(identity, row.line)
        if first != row.line:
            yield self._problem(row, "row-twice", first=str(first))

    def _problem(self, row: Row, code: str, **values: str) -> Problem:
        return Problem(kind=Kind.TREATMENT, code=code, source=self._table.source, line=row.line, values=values)


def admitted(planning: Planning, order: BatchOrder) -> Checked:
    """Return what a look at every row has found, if that lets the batch begin.

    Raises InputError with the problems of every faulty row, unless the order skips them; and where some rows are done
    and the order does not say that this goes on with them: they would be printed or sent twice.
    """
    checked = planning.check()
    problems = [] if order.skip_faulty else list(checked.problems())
    if checked.done and not order.resume:
        values = {"done": str(checked.done), "rows": str(checked.done + checked.fit)}
        problems.append(Problem(kind=Kind.USAGE, code="rows-done-before", source=planning.source, values=values))
    merged = order.merged
    if merged is not None and merged.exists() and checked.fit:
        problems.append(Problem(kind=Kind.DELIVERY, code="merged-there", source=str(merged)))
    if problems:
        raise InputError(problems)
    return checked


def order_language(order: BatchOrder, treatment: Treatment) -> str:
    """Return the language of a row that names none: the order's, else the patient's, else the clinic's own."""
    return order.language or treatment.patient.language or AUTO


def parts_folder(merged: Path) -> Path:
    """Return where the sheets of a merged file wait until they are all there."""
    return merged.with_name(f".{merged.name}.parts")
