"""Sheets for a printer -> jobs in its queue, each once, and the ledger told when they are on paper."""

from collections import deque
from dataclasses import dataclass, field, replace
from functools import partial

from handouts.codes import Code
from handouts.delivery.printing.following import follow
from handouts.delivery.printing.ordering import chosen, job_attributes
from handouts.delivery.printing.printer import job_titled, queues, remembers
from handouts.errors import InputError, Kind, Problem
from handouts.ledger import Standings
from handouts.press.handing_over import Note, at_printer, to_printer
from handouts.records import JobState, Paper, Planned, Printed, PrintOrder, PrintServer, Sheet, Step

AT_ONCE = 50
"""Jobs that may wait at a printer: CUPS takes 500 (MaxJobs), and remembers no more finished ones."""
SETTLED = frozenset((Step.PRINTED, Step.UNCERTAIN))
"""Steps after which a sheet is not given to a printer again."""

_CAME_TO_NOTHING = frozenset((JobState.CANCELED, JobState.ABORTED))
_OVER = frozenset((Code.PRINT_CANCELED, Code.PRINT_ABORTED))
"""Problems of one job alone; any other means that the printer stands still, and what waits there waits on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    """A job in the queue, the row that it belongs to, and what writes its steps into the ledger."""

    job: Printed
    planned: Planned
    note: Note


@dataclass(kw_only=True)
class Printing:
    """Prints sheets one after the other; a few wait in the queue while the next ones are made."""

    order: PrintOrder
    server: PrintServer
    paper: Paper
    standings: Standings
    _waiting: deque[_Waiting] = field(default_factory=deque)

    def begin(self) -> None:
        """Choose the queue; raise InputError where it cannot do what the order asks."""
        queue = chosen(queues(self.server), self.order.queue)
        job_attributes(self.order, queue, pages=2, paper=self.paper)
        self.order = replace(self.order, queue=queue.name)

    def print(self, planned: Planned, sheet: Sheet, note: Note) -> tuple[Problem, ...]:
        """Give a sheet to the queue, unless it has been there; return what a person has to decide or to see to.

        Raises InputError where the queue does not take it, or where the printer stands still with many waiting.
        """
        steps = self.standings.steps(planned.row)
        if not steps.isdisjoint(SETTLED):
            return ()
        was_asked = Step.PRINTING in steps
        job = job_titled(planned.title, server=self.server) if was_asked else None
        if was_asked and job is None and not self._would_know(planned):
            note(Step.UNCERTAIN, f"printer {self.order.queue}, {planned.title}")
            return (_of_row(planned, Code.ROW_UNCERTAIN, file=planned.where),)
        if job is None or job.state in _CAME_TO_NOTHING:
            asked = None if was_asked else note
            job = to_printer(sheet, self.order, self.server, paper=self.paper, title=planned.title, note=asked)
        if self.order.patience <= 0:
            return ()
        self._waiting.append(_Waiting(job=job, planned=planned, note=note))
        return self._follow() if len(self._waiting) > AT_ONCE else ()

    def finish(self) -> tuple[Problem, ...]:
        """Follow the jobs that wait until they are printed; return what stands in the way of those that are not.

        It ends at the first that the printer holds up: those behind it wait as well, and are not lost.
        """
        problems: list[Problem] = []
        try:
            while self._waiting:
                problems += self._follow()
        except InputError as error:
            problems += error.problems
        return tuple(problems)

    def _follow(self) -> tuple[Problem, ...]:
        """Follow the oldest job; return why it came to nothing, if it did; raise InputError where it is held up."""
        oldest = self._waiting.popleft()
        job = oldest.job
        try:
            follow(self.server, job.queue, job.job, paper=self.paper, patience=self.order.patience)
        except InputError as error:
            placed = tuple(map(partial(_placed, oldest.planned), error.problems))
            if all(problem.code in _OVER for problem in placed):
                return placed
            raise InputError(placed) from None
        oldest.note(Step.PRINTED, at_printer(job))
        return ()

    def _would_know(self, planned: Planned) -> bool:
        """Return whether the scheduler's memory reaches back to when it was asked: then it never got the job."""
        asked = self.standings.last(planned.row)
        return asked is not None and remembers(asked.at, server=self.server)


def _placed(planned: Planned, problem: Problem) -> Problem:
    """Return a problem of a job with the row that it belongs to."""
    return replace(problem, source=planned.task.job.details[0].source, line=planned.task.line, path=problem.source)


def _of_row(planned: Planned, code: Code, **values: str) -> Problem:
    source = planned.task.job.details[0].source
    return Problem(kind=Kind.DELIVERY, code=code, source=source, line=planned.task.line, values=values)
