"""Sheets for a printer -> jobs in its queue, each once, and the ledger says when they are on paper."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from handouts.codes import Code
from handouts.delivery.printing import (
    chosen,
    follow,
    job_attributes,
    job_titled,
    print_envelope,
    print_sheet,
    queues,
    remembers,
)
from handouts.errors import InputError, Kind, Problem
from handouts.press.bookkeeping import Bookkeeping
from handouts.records import Consignment, JobState, Paper, Printed, PrintOrder, PrintServer, Sheet, Step

AT_ONCE = 50
"""Jobs that may wait at a printer: CUPS takes 500 (MaxJobs), and remembers no more finished ones."""
_CAME_TO_NOTHING = frozenset((JobState.CANCELED, JobState.ABORTED))
_OVER = frozenset((Code.PRINT_CANCELED, Code.PRINT_ABORTED))
"""Problems of one job alone; any other means that the printer stands still, and what waits there waits on."""


Sent = tuple[Consignment, Sheet]
"""A sheet and its way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    """A job in the queue and the sheets that it prints."""

    job: Printed
    envelope: Sequence[Sent]


@dataclass(kw_only=True)
class PrintJobs:
    """Prints sheets one after the other; a few wait in the queue while the next ones are made.

    `books` are the ledger, or None where none is kept; what it says of runs before this one is not printed again.
    """

    order: PrintOrder
    server: PrintServer
    paper: Paper
    books: Bookkeeping | None
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _ended: dict[int, Printed] = field(default_factory=dict)
    _problems: list[Problem] = field(default_factory=list)

    def choose_queue(self) -> None:
        """Choose the queue of all sheets; raise InputError where it cannot do what the order asks."""
        queue = chosen(queues(self.server), self.order.queue)
        job_attributes(self.order, queue, pages=2, paper=self.paper)
        self.order = replace(self.order, queue=queue.name)

    def add(self, envelope: Sequence[Sent]) -> Printed | None:
        """Give the sheets of an envelope to the queue, as one job, and return it, or None where it was there before.

        The first sheet's way says which that is. Raises InputError where the queue does not take it, or where the
        printer stands still with many waiting.
        """
        consignment = envelope[0][0]
        if self.books is not None and self.books.is_printed(consignment.row):
            return None
        was_asked = self.books is not None and Step.PRINTING in self.books.steps(consignment.row)
        job = job_titled(consignment.title, server=self.server) if was_asked else None
        if was_asked and job is None and not self._would_know(consignment):
            self._record(envelope, Step.UNCERTAIN, f"printer {self.order.queue}, {consignment.title}")
            self._problems.append(_uncertain(consignment))
            return None
        if job is None or job.state in _CAME_TO_NOTHING:
            if not was_asked:
                queue = self.order.queue or "by default"
                self._record(envelope, Step.PRINTING, f"printer {queue}, {consignment.title}")
            job = self._given(envelope)
        if self.order.patience > 0:
            self._waiting.append(_Waiting(job=job, envelope=envelope))
            if len(self._waiting) > AT_ONCE:
                self._follow()
        return job

    def finish(self) -> tuple[Mapping[int, Printed], tuple[Problem, ...]]:
        """Follow the jobs that wait until they are printed.

        Returns the printed ones by number, and what stands in the way of others or has to be decided by a person. It
        ends at the first that the printer holds up: those behind it wait as well, and are not lost.
        """
        try:
            while self._waiting:
                self._follow()
        except InputError as error:
            self._problems += error.problems
        return self._ended, tuple(self._problems)

    def _given(self, envelope: Sequence[Sent]) -> Printed:
        (consignment, sheet), *others = envelope
        assert sheet.pages is not None, "only a PDF is printed"
        order, title = replace(self.order, patience=0), consignment.title
        if others:
            pdfs = [each.data for _, each in envelope]
            return print_envelope(pdfs, order, paper=self.paper, title=title, server=self.server)
        return print_sheet(sheet.data, order, pages=sheet.pages, paper=self.paper, title=title, server=self.server)

    def _follow(self) -> None:
        """Follow the oldest job and keep what became of it; raise InputError where the printer holds it up."""
        oldest = self._waiting.popleft()
        job = oldest.job
        try:
            ended = follow(self.server, job.queue, job.job, paper=self.paper, patience=self.order.patience)
        except InputError as error:
            placed = tuple(map(oldest.envelope[0][0].placed, error.problems))
            if not all(problem.code in _OVER for problem in placed):
                raise InputError(placed) from None
            self._problems += placed
        else:
            self._ended[ended.job] = ended
            where = f"printer {ended.queue}, job {ended.job}"
            self._record(oldest.envelope, Step.PRINTED, where)

    def _record(self, envelope: Sequence[Sent], step: Step, where: str) -> None:
        if self.books is not None:
            for consignment, sheet in envelope:
                self.books.record(consignment, sheet, step, where)

    def _would_know(self, consignment: Consignment) -> bool:
        """Return whether the scheduler's memory reaches back to when it was asked: then it never got the job."""
        asked = self.books.last(consignment.row) if self.books is not None else None
        return asked is not None and remembers(asked.at, server=self.server)


def _uncertain(consignment: Consignment) -> Problem:
    return Problem.of(Kind.DELIVERY, Code.ROW_UNCERTAIN, consignment.source, consignment.line, file=consignment.where)
