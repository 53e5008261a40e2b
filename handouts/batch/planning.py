"""A table and what is asked of its rows -> every row checked, once, before anything is delivered, and planned."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from handouts.batch.merging import is_there, parts_folder
from handouts.batch.row_checking import CheckedRows, PackedPlans, RowChecker
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, each_once, errors_of
from handouts.press import Delivering, Press
from handouts.records import BatchOrder, Planned, Step
from handouts.treatment.tables import Table


class PlannedRows:
    """Rows that are fit, in their order, kept in memory and nowhere else: about 250 bytes each, whatever they hold."""

    def __init__(self) -> None:
        self._packed: list[PackedPlans] = []

    def append(self, rows: PackedPlans) -> None:
        """Keep these rows after those before."""
        self._packed.append(rows)

    def __iter__(self) -> Iterator[Planned]:
        for rows in self._packed:
            yield from rows.opened()


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

    def __init__(self, table: Table, order: BatchOrder, press: Press, delivering: Delivering, workers: int) -> None:
        """Raises InputError for a pattern that names no file. Many rows are checked by `workers` processes."""
        self._table = table
        self._order = order
        assert delivering.books is not None, "a batch keeps a ledger"
        self._books = delivering.books
        self._workers = workers
        self._checker = RowChecker(press, table, order, self._books.key)
        self._lines: dict[bytes, int] = {}
        self._rows = table.rows()
        self.found = Plan(warnings={warning.identity: warning for warning in table.warnings})
        self.is_complete = False

    @property
    def folder(self) -> Path:
        """Where the sheets will stand."""
        return self._checker.folder

    def look_at(self, rows: int) -> None:
        """Look at so many more rows. Where these were all, it is as if `complete` had been called."""
        first = tuple(islice(self._rows, rows))
        self._add(self._checker.checked(first))
        if len(first) < rows:
            self.complete()

    def complete(self) -> None:
        """Look at every row that is left, and raise InputError where the batch cannot begin.

        That is with the problems of every faulty row, unless the order skips them, some are fit, and they are of the
        row itself and not of the document, the templates or the command; and where some rows are done and the order
        does not say that this goes on with them: they would be printed or sent twice.
        """
        if self.is_complete:
            return
        with closing(self._checker.each(self._rows, self._workers)) as others:
            for checked in others:
                self._add(checked)
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

    def _add(self, checked: CheckedRows) -> None:
        """Add rows to what was found, and what is wrong with them beside others."""
        found, twice = self.found, dict(self._twice(checked))
        for line in sorted({*checked.problems, *twice}):
            problems = (*checked.problems.get(line, ()), *twice.get(line, ()))
            for warning in (each for each in problems if each.severity is Severity.WARNING):
                found.warnings.setdefault(warning.identity, warning)
            if errors := errors_of(problems):
                found.faulty[line] = errors
        if twice or self._books.ledger.count:
            self._keep([each for each in map(self._with_done, checked.planned.opened()) if each.task.line not in twice])
        else:
            found.rows.append(checked.planned)
            found.new += checked.planned.count

    def _twice(self, checked: CheckedRows) -> Iterator[tuple[int, tuple[Problem, ...]]]:
        """Yield the fault of each row that says the same as one before it."""
        for line, identity in checked.identities:
            first = self._lines.setdefault(identity, line)
            if first != line:
                source = self._table.source
                yield line, (Problem.of(Kind.TREATMENT, Code.ROW_TWICE, source, line, first=str(first)),)

    def _keep(self, rows: Sequence[Planned]) -> None:
        done = sum(each.done for each in rows)
        self.found.rows.append(PackedPlans.of(rows))
        self.found.done += done
        self.found.new += len(rows) - done

    def _with_done(self, planned: Planned) -> Planned:
        """Return a row that says whether a run before this one has made it."""
        consignment = planned.consignment
        return replace(planned, done=self._is_done(consignment.row, consignment.path))

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
