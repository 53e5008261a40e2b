"""A table and what is asked of its rows -> every row checked before anything is made, then planned one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from handouts import ledger
from handouts.batch.merging import is_there, parts_folder
from handouts.batch.names import PERSONAL, fields_of, file_name
from handouts.batch.printing import SETTLED
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, each_once, errors_of
from handouts.press import Prepared, Press
from handouts.records import BatchOrder, Job, Planned, PrintSize, Row, Step, Task
from handouts.treatment.tables import Table

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
        return each_once(problem for problems in self.faulty.values() for problem in problems)


class Planning:
    """Reads the table's rows, as often as it takes, and says of each what is to be made and where it goes.

    Of a row that is fit it keeps a few dozen bytes, so that any number can pass. Raises InputError for a pattern that
    names no file.
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
            planned: Planned | None = None
            problems: tuple[Problem, ...] = row.problems
            try:
                prepared, warnings = self._press.check(self._job(row))
                planned = self._planned(0, row, prepared)
                problems += (*warnings, *self._unfit(row, prepared), *self._twice(row, prepared, lines))
            except InputError as error:
                problems += tuple(self._of_row(problem, row) for problem in error.problems)
            errors = tuple(map(self.seen, errors_of(problems)))
            for warning in map(self.seen, (problem for problem in problems if problem.severity is Severity.WARNING)):
                found.warnings.setdefault(repr(warning), warning)
            if planned is None or errors:
                found.faulty[row.line] = errors
            elif planned.done:
                found.done += 1
            else:
                found.fit += 1
        return found

    def planned(self, faulty: Mapping[int, object]) -> Iterator[Planned]:
        """Yield the rows that are fit, the done ones too, in their order; `faulty` has the lines of the others."""
        number = 0
        for row in self._table.rows():
            if row.line in faulty:
                continue
            number += 1
            yield self._planned(number, row, self._press.check(self._job(row))[0])

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
            raise InputError([self._problem(row, Code.ROW_WITHOUT_DOCUMENT)])
        return Job(
            document=document,
            languages=tuple(filter(None, (row.language or order.language,))),
            details=row.details,
            printed_at=order.started_at,
            paper=order.paper,
            print_size=order.print_size,
            strict=order.strict,
        )

    def _planned(self, number: int, row: Row, prepared: Prepared) -> Planned:
        job, order, treatment = self._job(row), self._order, prepared.treatment
        (language,) = prepared.languages
        kind = language if order.print_size is PrintSize.STANDARD else f"{language} {order.print_size}"
        reference = ledger.row_reference(treatment, job.document, kind, self._key)
        name = file_name(
            order.pattern,
            {
                "line": f"{row.line:05}",
                "document": job.document,
                "language": language,
                "reference": reference[:REFERENCE_DIGITS],
                "date": treatment.performed_on.date().isoformat() if treatment.performed_on else "",
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
        """Return whether a run before this one has brought the row to where the order wants it, and it is there."""
        if self._standings is None:
            return False
        steps, order = self._standings.steps(reference), self._order
        if Step.MADE not in steps or (order.mail and Step.IN_OUTBOX not in steps):
            return False
        if order.printing and steps.isdisjoint(SETTLED):
            return False
        return path.exists() or (order.merged is not None and self._is_merged(reference, order.merged))

    def _is_merged(self, reference: str, merged: Path) -> bool:
        """Return whether the row is in the merged file that is there."""
        assert self._standings, "a row that was made stands in it"
        last = self._standings.last(reference)
        return is_there(merged) and last is not None and last.where == str(merged)

    def _unfit(self, row: Row, prepared: Prepared) -> Iterator[Problem]:
        """Yield what hinders the email of a row; raise InputError where its templates do."""
        if self._order.mail:
            if not prepared.treatment.patient.email:
                yield self._problem(row, Code.ROW_WITHOUT_ADDRESS)
            (language,) = prepared.languages
            self._press.mail(prepared.document.id, language, self._order.started_at.date())

    def _twice(self, row: Row, prepared: Prepared, lines: dict[bytes, int]) -> Iterator[Problem]:
        (language,) = prepared.languages
        identity = ledger.identity_reference(prepared.treatment, prepared.document.id, language, self._key)
        first = lines.setdefault(bytes.fromhex(identity), row.line)
        if first != row.line:
            yield self._problem(row, Code.ROW_TWICE, first=str(first))

    def _problem(self, row: Row, code: Code, **values: str) -> Problem:
        return Problem(kind=Kind.TREATMENT, code=code, source=self._table.source, line=row.line, values=values)


def admitted(planning: Planning, order: BatchOrder) -> Checked:
    """Return what a look at every row has found, if that lets the batch begin.

    Raises InputError with the problems of every faulty row, unless the order skips them and they are of the row itself
    and not of the document, the templates or the command; and where some rows are done
    and the order does not say that this goes on with them: they would be printed or sent twice.
    """
    checked = planning.check()
    everywhere = [problem for problem in checked.problems() if problem.source != planning.source]
    problems = everywhere if order.skip_faulty else list(checked.problems())
    if checked.done and not order.resume:
        values = {"done": str(checked.done), "rows": str(checked.done + checked.fit)}
        problems.append(Problem(kind=Kind.USAGE, code=Code.ROWS_DONE_BEFORE, source=planning.source, values=values))
    merged = order.merged
    if merged is not None and is_there(merged) and checked.fit:
        problems.append(Problem(kind=Kind.DELIVERY, code=Code.MERGED_THERE, source=str(merged)))
    if problems:
        raise InputError(problems)
    return checked
