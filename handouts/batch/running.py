"""A table and a BatchOrder -> every row's sheet made and delivered, and the outcome: how many, which failed and why."""

import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from handouts.batch.entering import Entering
from handouts.batch.merging import forget_parts, is_there, merge
from handouts.batch.planning import Plan, Planning
from handouts.codes import Code
from handouts.delivery.spool import spool
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.press import Delivering, Press
from handouts.records import BatchOrder, Failed, LaidOut, Planned, Receipt, Sheet, Task
from handouts.stopping import Stopped, undisturbed
from handouts.treatment.tables import Table

_AT_MOST = 100
"""Sheets that are delivered together, 10 MB of them: one fsync of the folder and one of the ledger for all."""
_AT_FIRST = 100
"""Rows that are given to an engine before the others are checked: it begins, and warms up, meanwhile."""
_AT_LEAST_EVERY = 0.5
"""Seconds after which sheets that have been made are delivered, however few they are."""


class Engine(Protocol):
    """Makes sheets of tasks: processes on this machine, or a cluster."""

    def run(self, tasks: Iterable[Task], place: Path | None) -> Generator[Sheet | Failed]:
        """Yield what became of each task, in their order; sheets may wait in files of the folder `place`."""
        ...


Advance = Callable[[int], None]
"""Called once per row with the number of rows finished since the last call."""
BatchProgress = Callable[[int], AbstractContextManager[Advance]]
"""Given the number of sheets to make, shows how far they are until its context ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a batch has come to.

    `faulty` has the problems of rows that were left out, by line; `failed` those of rows that could not be made.
    `held_up` says why sheets that wait at a printer are not on paper yet, and what a person has to decide. `merged` are
    the files for the print room. `laid_out` says how many of those that were made were laid out by themselves, and why;
    the others were written from one laid out for many, and `audited` of these were compared. `entered` is how many were
    entered for a record system, None where nobody asked for that.
    """

    made: int
    done_before: int
    faulty: Mapping[int, tuple[Problem, ...]]
    failed: Mapping[int, tuple[Problem, ...]]
    held_up: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    entries: int
    last_hash: str
    merged: tuple[Path, ...] = ()
    laid_out: Mapping[LaidOut, int] = field(default_factory=dict)
    audited: int = 0
    entered: int | None = None


def run(
    table: Table,
    order: BatchOrder,
    press: Press,
    engine: Engine,
    *,
    clock: Callable[[], datetime],
    progress: BatchProgress,
    workers: int = 1,
) -> Outcome:
    """Check every row, then deliver the sheets of those that are fit; the first are made while others are checked.

    Where there are many rows, `workers` processes check them. `clock` returns the time of each step (aware). Raises
    InputError where the batch cannot begin (see `Planning`), where the delivery itself fails, and at the first sheet
    that an audit finds wrong: what was delivered until then is in the ledger, and a run with `resume` makes the rest.
    """
    branding = press.branding(order.started_at.date())
    destination, paper, now = order.destination, order.paper, order.started_at
    with press.delivering(destination, branding, paper=paper, now=now, clock=clock, resumes=True) as delivering:
        _refuse_sending(order)
        delivering.choose_queue()
        planning = Planning(table, order, press, delivering, workers)
        entering = Entering(order=order.record) if order.record else None
        batch = _Batch(
            table=table,
            order=order,
            planning=planning,
            plan=planning.found,
            delivering=delivering,
            entering=entering,
        )
        try:
            batch.make(engine, progress)
            return batch.outcome()
        except Stopped as stopped:
            stopped.made = delivering.made
            raise


def _audited(planned: Planned) -> Planned:
    return replace(planned, task=replace(planned.task, audited=True))


def _refuse_sending(order: BatchOrder) -> None:
    """Raise InputError for an order that names a mail server: a batch fills the outbox, which is sent by itself."""
    mail = order.destination.mail
    if mail is not None and mail.server is not None:
        raise InputError.of(
            Kind.USAGE,
            Code.BATCH_DOES_NOT_SEND,
            "mail",
            path="server",
            server=mail.server.host,
            outbox=str(mail.outbox),
        )


@dataclass(kw_only=True)
class _Batch:
    """A batch under way."""

    table: Table
    order: BatchOrder
    planning: Planning
    plan: Plan
    delivering: Delivering
    entering: Entering | None
    failed: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    _group: list[tuple[Planned, Sheet]] = field(default_factory=list)
    _laid_out: Counter[LaidOut | None] = field(default_factory=Counter)
    _audited: int = 0

    def make(self, engine: Engine, progress: BatchProgress) -> None:
        """Make what is planned, and deliver it once every row is; raise InputError where either cannot be."""
        waiting: deque[Planned] = deque()

        def tasks() -> Iterator[Task]:
            new = (planned for planned in self._planned() if not planned.done)
            for number, planned in enumerate(new, start=1):
                is_audited = self.order.audit > 0 and number % self.order.audit == 0
                waiting.append(_audited(planned) if is_audited else planned)
                yield waiting[-1].task

        with spool(self.planning.folder) as place, closing(engine.run(tasks(), place)) as results:
            first = [*islice(results, 1)]
            self._complete()
            with progress(self.plan.new) as advance:
                self._deliver_each(chain(first, results), waiting, advance)

    def _planned(self) -> Iterator[Planned]:
        """Yield the first rows as soon as they are planned, and the others once all are."""
        self.planning.look_at(_AT_FIRST)
        self._may_go_on()
        yield from (first := [*self.plan.rows])
        self._complete()
        yield from islice(self.plan.rows, len(first), None)

    def _complete(self) -> None:
        self.planning.complete()
        self._may_go_on()

    def _may_go_on(self) -> None:
        """Lift the limit of checking a row: what computes has limits in its own process, and this one has many rows."""
        self.delivering.narrate("delivering", str(self.order.destination.folder))

    def _deliver_each(self, results: Iterable[Sheet | Failed], waiting: deque[Planned], advance: Advance) -> None:
        delivered = time.monotonic() - _AT_LEAST_EVERY
        try:
            for result in results:
                planned = waiting.popleft()
                if isinstance(result, Failed):
                    self._stop_at_difference(planned, result, advance)
                    self.failed[planned.task.line] = tuple(map(self.table.with_header, errors_of(result.problems)))
                    advance(1)
                else:
                    self._group.append((planned, result))
                    self._audited += planned.task.audited and result.laid_out is None
                if len(self._group) == _AT_MOST or time.monotonic() - delivered >= _AT_LEAST_EVERY:
                    advance(self._deliver())
                    delivered = time.monotonic()
        finally:
            advance(self._deliver())

    def outcome(self) -> Outcome:
        """Wait for the printer, merge what is to be merged, and return what the batch has come to."""
        held_up = [*self.delivering.finish().problems]
        not_entered = [*self._catch_up()]
        merged = self._merge()
        if self.order.merged and not merged:
            held_up.append(Problem.of(Kind.DELIVERY, Code.NOT_MERGED, str(self.order.merged)))
        books = self.delivering.books
        assert books is not None, "a batch keeps a ledger"
        return Outcome(
            made=self.delivering.made,
            done_before=self.plan.done,
            faulty=self.plan.faulty,
            failed=self.failed,
            held_up=tuple(held_up),
            warnings=(*books.ledger.warnings, *not_entered, *self.plan.warnings.values()),
            entries=books.ledger.count,
            last_hash=books.ledger.last_hash,
            merged=merged,
            laid_out={why: count for why, count in self._laid_out.items() if why is not None},
            audited=self._audited,
            entered=self.entering.count if self.entering else None,
        )

    def _catch_up(self) -> Iterator[Problem]:
        """Enter for the record what runs before this one have made, and what the printer has said since."""
        entering, books, printing = self.entering, self.delivering.books, self.order.destination.printing
        if entering is None or not (self.plan.done or printing):
            return
        assert books is not None, "a batch keeps a ledger"
        rows = (planned for planned in self.plan.rows if planned.task.line not in self.failed)
        if gone := entering.catch_up(rows, books.ledger.done(), again=printing is not None):
            yield Problem.warning(Kind.DELIVERY, Code.FHIR_SHEETS_GONE, str(entering.order.folder), count=str(gone))

    def _deliver(self) -> int:
        """Deliver the sheets that have been made since the last time; return how many they were."""
        group, self._group = self._group, []
        with undisturbed():
            try:
                self._deliver_group(group)
            except InputError as error:
                raise self._stopped(error.problems) from None
        self._laid_out.update(sheet.laid_out for _, sheet in group)
        for warning in map(self.table.with_header, chain.from_iterable(sheet.problems for _, sheet in group)):
            self.plan.warnings.setdefault(warning.identity, warning)
        return len(group)

    def _deliver_group(self, group: list[tuple[Planned, Sheet]]) -> None:
        """Deliver sheets and enter them for the record, those before one that fails too; raise InputError."""
        sent: list[tuple[Planned, Receipt]] = []
        try:
            receipts = self.delivering.deliver_all([(planned.consignment, sheet) for planned, sheet in group])
            for (planned, _), receipt in zip(group, receipts, strict=True):
                if errors_of(receipt.problems):
                    raise InputError(receipt.problems)
                sent.append((planned, receipt))
        finally:
            if self.entering is not None:
                self.entering.delivered(sent, self.order.started_at)

    def _stop_at_difference(self, planned: Planned, found: Failed, advance: Advance) -> None:
        """Raise InputError with the row of a sheet whose audit has failed, when those before it are delivered."""
        differing = tuple(problem for problem in found.problems if problem.code is Code.SHEET_DIFFERS)
        if differing:
            advance(self._deliver())
            raise self._stopped(
                replace(problem, source=self.table.source, line=planned.task.line) for problem in differing
            )

    def _stopped(self, problems: Iterable[Problem]) -> InputError:
        made = str(self.delivering.made)
        return InputError((*problems, Problem.of(Kind.DELIVERY, Code.BATCH_STOPPED, self.table.source, made=made)))

    def _merge(self) -> tuple[Path, ...]:
        """Write the one file, if there is to be one and nothing that should be in it is missing; return the files."""
        order = self.order
        if order.merged is None or (self.failed and not order.skip_faulty):
            return ()
        files: tuple[Path, ...] = (order.merged,)
        if self.delivering.made or not is_there(order.merged):
            files = merge((planned for planned in self.plan.rows if planned.consignment.path.exists()), order.merged)
        forget_parts(order.merged)
        return files
