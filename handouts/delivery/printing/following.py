"""A print job's number -> Printed once it is printed, or the Problem that tells why it is not."""

import time
from dataclasses import dataclass

from handouts.codes import Code
from handouts.delivery.printing.ipp import Attribute, Group, Operation, Tag
from handouts.delivery.printing.queue_list import reasons_of, target_of, troubles
from handouts.delivery.printing.reasons import STOPPING, keywords_of, remedy, why
from handouts.delivery.printing.scheduler import ask
from handouts.errors import InputError, Kind, Problem
from handouts.records import JobState, Paper, Printed, PrintServer

STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PROCESSING,
    6: JobState.STOPPED,
    7: JobState.CANCELED,
    8: JobState.ABORTED,
    9: JobState.COMPLETED,
}
"""IPP's numbers (RFC 8011, 5.3.7)."""

_GRACE = 8.0
"""For how many seconds something must stand in a job's way before it is told: a sleeping printer needs some to wake."""

_FINAL = frozenset({JobState.COMPLETED, JobState.CANCELED, JobState.ABORTED})

_WANTED = ("job-state", "job-state-reasons", "job-printer-state-message", "job-printer-state-reasons")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sight:
    """A job as it is now; `troubles` are what the printer says, `reasons` what is said of the job, as keywords."""

    state: JobState
    reasons: tuple[str, ...]
    is_stopping: bool
    troubles: tuple[str, ...]
    message: str

    @property
    def is_final(self) -> bool:
        """Return whether no more will be said of it unless a person does something.

        While the printer stops a job that was cancelled (RFC 8011, 5.3.8, processing-to-stop-point), CUPS may not have
        said why yet: it does 1 to 8 ms later (2.4.2). Of a job that the printer gave up it says why and nothing more.
        """
        if self.state in _FINAL:
            return not self.is_stopping or bool(why(self.reasons, self.message))
        return self.state is JobState.HELD or "paused" in self.troubles

    @property
    def is_stuck(self) -> bool:
        """Return whether a person has to do something before it can be printed, or nobody says why it is not."""
        return self.is_stopping or not STOPPING.isdisjoint(self.troubles)


def follow(server: PrintServer, queue: str, job: int, *, paper: Paper, patience: float) -> Printed:
    """Return when the job is printed.

    Raises InputError when it is held, cancelled or given up, when its queue is paused or something has stood in its way
    for a while, and when `patience` (seconds) is over. A job that waits is not lost: the Problem says so, and its name.
    Printed is what CUPS calls completed. Measured with 2.4.2: a job that the printer itself aborts is "canceled" when
    the backend's monitor sees it first and "completed" when its main loop does (2 of 12 on a busy machine).
    """
    end = time.monotonic() + patience
    clear, pause = time.monotonic(), 0.1
    while True:
        sight = _look(server, queue, job)
        if sight is not None and sight.state is JobState.COMPLETED:
            return Printed(queue=queue, job=job, state=sight.state)
        now = time.monotonic()
        clear = clear if sight is not None and sight.is_stuck else now
        if now >= end or now - clear >= _GRACE or (sight is not None and sight.is_final):
            raise InputError([_problem(sight, queue, job, paper)])
        time.sleep(min(pause, max(end - now, 0.0)))
        pause = min(pause * 1.5, 1.0)


def _look(server: PrintServer, queue: str, job: int) -> _Sight | None:
    """Return how a job is, or None while the scheduler does not answer: it may be starting anew."""
    about = [Attribute("job-id", Tag.INTEGER, (job,)), Attribute("requested-attributes", Tag.KEYWORD, _WANTED)]
    try:
        found = ask(server, Operation.GET_JOB_ATTRIBUTES, about, target=target_of(queue)).of(Group.JOB)
        reasons, message = troubles(server, queue)
    except InputError:
        return None
    if not found:
        raise InputError.of(Kind.DELIVERY, Code.PRINT_NO_HISTORY, queue, job=f"{queue}-{job}")
    known = found[0]
    state = STATES.get(next(iter(known.get("job-state", ())), 3), JobState.PENDING)
    if state in _FINAL:
        # Before that, what the job remembers of its printer is old as soon as the printer answers again.
        message = " ".join(map(str, known.get("job-printer-state-message", ())))
        reasons = reasons_of(known, "job-printer-state-reasons")
    of_the_job = reasons_of(known, "job-state-reasons")
    return _Sight(
        state=state,
        reasons=keywords_of(of_the_job, ""),
        is_stopping="processing-to-stop-point" in of_the_job,
        troubles=keywords_of(reasons, message),
        message=message,
    )


def _problem(sight: _Sight | None, queue: str, job: int, paper: Paper) -> Problem:
    name = f"{queue}-{job}"
    if sight is None:
        return Problem.of(Kind.DELIVERY, Code.PRINT_CONNECTION_LOST, queue, job=name)
    if sight.state is JobState.HELD:
        code, keywords = Code.PRINT_HELD, sight.reasons or (str(sight.state),)
    elif sight.state is JobState.CANCELED:
        code, keywords = Code.PRINT_CANCELED, sight.reasons
    elif sight.state is JobState.ABORTED:
        code, keywords = Code.PRINT_ABORTED, sight.reasons + sight.troubles
    else:
        code, keywords = Code.PRINT_WAITING, sight.troubles or (str(sight.state),)
    message = "" if sight.state is JobState.HELD else sight.message
    return Problem.of(
        Kind.DELIVERY,
        code,
        queue,
        queue=queue,
        job=name,
        reason=why(keywords, message) or "it does not say why",
        remedy=remedy(keywords, queue=queue, job=name, paper=str(paper)),
    )
