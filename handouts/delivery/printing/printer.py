"""A sheet's PDF and a PrintOrder -> paper, and Printed, or the printer's own reason why not."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote

from handouts.codes import Code
from handouts.delivery.printing.following import STATES, follow
from handouts.delivery.printing.ipp import Attribute, Group, Operation, Tag, printable_text
from handouts.delivery.printing.joining import joined
from handouts.delivery.printing.ordering import chosen, job_attributes, sides_of
from handouts.delivery.printing.queue_list import Values, queues, target_of
from handouts.delivery.printing.scheduler import ask
from handouts.errors import InputError, Kind
from handouts.records import JOB_TITLE, JobState, Paper, Printed, PrintOrder, PrintServer, Queue, Sides

__all__ = ["job_titled", "print_envelope", "print_sheet", "queues", "remembers"]


def print_sheet(
    pdf: bytes, order: PrintOrder, *, pages: int, paper: Paper, server: PrintServer, title: str = JOB_TITLE
) -> Printed:
    """Print a sheet and return when it is printed, or at once where the order has no patience.

    Raises InputError: before anything is sent, where the queue is unknown or its printer cannot do what is asked;
    afterwards, where the job is not printed (see `follow`). Such a job mostly waits: it must not be sent again.
    The document goes without a name of its own, in one Print-Job request (RFC 8011, 4.2.1), so that there is no job
    without its document after a crash.
    """
    queue = chosen(queues(server), order.queue)
    return _printed(pdf, order, queue, pages=pages, paper=paper, server=server, title=title)


def print_envelope(
    pdfs: Sequence[bytes], order: PrintOrder, *, paper: Paper, server: PrintServer, title: str = JOB_TITLE
) -> Printed:
    """Print several sheets of one patient as one job, each from a new piece of paper on; else as `print_sheet`."""
    queue = chosen(queues(server), order.queue)
    two_sided = sides_of(order, queue, pages=len(pdfs)) is Sides.TWO_SIDED
    pdf, pages = joined(pdfs, two_sided=two_sided)
    return _printed(pdf, order, queue, pages=pages, paper=paper, server=server, title=title)


def _printed(
    pdf: bytes, order: PrintOrder, queue: Queue, *, pages: int, paper: Paper, server: PrintServer, title: str
) -> Printed:
    asked = job_attributes(order, queue, pages=pages, paper=paper)
    about = [Attribute("job-name", Tag.NAME, (title,)), Attribute("document-format", Tag.MIME, ("application/pdf",))]
    target = target_of(queue.name)
    answer = ask(server, Operation.PRINT_JOB, about, target=target, job=asked, document=pdf)
    job = next((number for values in answer.of(Group.JOB) for number in values.get("job-id", ()) if number > 0), None)
    if job is None:  # It may have taken the sheet.
        raise InputError.of(Kind.DELIVERY, Code.PRINT_UNCERTAIN, queue.name)
    if order.patience <= 0:
        return Printed(queue=queue.name, job=job, state=JobState.PENDING)
    return follow(server, queue.name, job, paper=paper, patience=order.patience)


def job_titled(title: str, *, server: PrintServer) -> Printed | None:
    """Return the latest job of that title in any queue, finished ones too, or None where the scheduler knows of none.

    Only jobs of `server.user` are seen with their titles (JobPrivateValues of cupsd.conf), and only as long as CUPS
    keeps them: PreserveJobHistory, and the last 500 by its default MaxJobs.
    """
    found: list[Printed] = []
    for values in _all_jobs(server, "job-id", "job-name", "job-state", "job-printer-uri"):
        if values.get("job-name") == (title,):
            parts = (values.get("job-id", ()), values.get("job-state", ()), values.get("job-printer-uri", ()))
            for job, state, uri in zip(*parts, strict=False):
                queue = printable_text(unquote(str(uri).rpartition("/")[2]))
                found.append(Printed(queue=queue, job=job, state=STATES.get(state, JobState.PENDING)))
    return max(found, key=lambda printed: printed.job, default=None)


def remembers(moment: datetime, *, server: PrintServer) -> bool:
    """Return whether the scheduler still knows of a job from before `moment` (aware): then it has forgotten none since.

    CUPS forgets its oldest jobs first, and all of them at once where PreserveJobHistory is off.
    """
    found = _all_jobs(server, "time-at-creation")
    return any(begun < moment.timestamp() for values in found for begun in values.get("time-at-creation", ()))


def _all_jobs(server: PrintServer, *wanted: str) -> tuple[Values, ...]:
    """Return these attributes of every job that the scheduler knows, finished ones too.

    CUPS 2.4 leaves out the name and times of a finished job that it has put out of memory, unless something is asked
    for that it must read from its spool, such as `copies` (measured 2026-11-21).
    """
    about = [
        Attribute("which-jobs", Tag.KEYWORD, ("all",)),
        Attribute("requested-attributes", Tag.KEYWORD, (*wanted, "copies")),
    ]
    return ask(server, Operation.GET_JOBS, about).of(Group.JOB)
