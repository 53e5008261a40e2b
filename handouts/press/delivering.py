"""A finished sheet and its destination -> its file, paper and the outbox, each step in the ledger, each done once.

What prints, mails or keeps a ledger is imported only where it is asked for: a plain `make` must start fast.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.delivery import sheet_path, write_all_whole, write_whole
from handouts.errors import Gathering, InputError, Problem
from handouts.records import (
    Branding,
    CheckedJob,
    Consignment,
    Destination,
    MailOrder,
    Paper,
    Posted,
    PrintSize,
    Receipt,
    Sheet,
    Spooled,
    Step,
    Treatment,
)

if TYPE_CHECKING:
    from handouts.press.bookkeeping import Bookkeeping
    from handouts.press.mailing import ComposeMail
    from handouts.press.print_jobs import PrintJobs

_MOST_FAILED = 3
"""Emails, one after another, that cannot be put into the outbox: then it is the outbox, and no other can be either."""
Narrate = Callable[[str, str], None]
"""Called with (stage, what) as the work goes on, for progress."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What was made and delivered: a receipt for each sheet, every problem, and the emails that were sent at once."""

    receipts: tuple[Receipt, ...]
    problems: tuple[Problem, ...]
    posted: tuple[Posted, ...] = ()


@dataclass(kw_only=True)
class Delivering:
    """Brings sheets to one destination: those of a job, or those of a whole batch.

    A step is written into the ledger when it is on the disk, that of many sheets together. What a crash leaves in
    between is found again by its name: files are written anew with the same bytes, an outbox does not take a message
    twice, and a printer's own list tells whether it has the job. `now` (aware) is when all of it was asked for; `made`
    counts the sheets.
    """

    destination: Destination
    branding: Branding
    paper: Paper
    now: datetime
    compose_mail: ComposeMail
    narrate: Narrate
    books: Bookkeeping | None
    made: int = 0
    _problems: list[Problem] = field(default_factory=list)
    _emails_failed: int = 0

    def consignment(self, sheet: Sheet, checked: CheckedJob) -> Consignment:
        """Return the way of a job's sheet: a file that bears a digest of its content, and the patient's own address."""
        treatment, path = checked.treatment, sheet_path(sheet, self.destination.folder)
        row, patients = self._references(treatment, sheet, checked.job.print_size)
        return Consignment(
            path=path,
            where=str(path),
            address=treatment.patient.email,
            row=row,
            patients=patients,
            fell_back=checked.fell_back,
        )

    def _references(self, treatment: Treatment, sheet: Sheet, print_size: PrintSize) -> tuple[str, tuple[str, ...]]:
        """Return the ledger's keyed references to a sheet and to its patient, or "" and () without a ledger."""
        if self.books is None:
            return "", ()
        from handouts.ledger import sheet_references

        return sheet_references(treatment, sheet.document, sheet.language, print_size, self.books.key)

    def choose_queue(self) -> None:
        """Ask the printer before the first sheet is made; raise InputError where it cannot do what is asked."""
        if self._print_jobs is not None:
            self._print_jobs.choose_queue()

    def deliver(self, consignment: Consignment, sheet: Sheet) -> Receipt:
        """Deliver one sheet as far as it goes; the receipt says which step was not taken.

        Raises InputError where its file cannot be written.
        """
        (receipt,) = self.deliver_together(((consignment, sheet),))
        return receipt

    def deliver_together(self, envelope: Sequence[tuple[Consignment, Sheet]]) -> tuple[Receipt, ...]:
        """Deliver the sheets of one patient in one language, in one print job and one email; return their receipts.

        Raises InputError where a file cannot be written.
        """
        envelope = tuple((consignment, self._as_made_before(consignment, sheet)) for consignment, sheet in envelope)
        for consignment, sheet in envelope:
            write_whole(sheet.data, consignment.path)
        unrecorded = self._record_made(envelope)
        if unrecorded:
            return tuple(Receipt(path=each.path, sheet=sheet, problems=unrecorded) for each, sheet in envelope)
        return self._sent_on(envelope)

    def send_again(self, consignment: Consignment, sheet: Sheet) -> Receipt:
        """Print or mail, as the destination asks, a sheet that was made before and whose file is there."""
        (receipt,) = self._sent_on(((consignment, sheet),))
        return receipt

    def deliver_all(self, sheets: Sequence[tuple[Consignment, Sheet]]) -> Iterator[Receipt]:
        """Deliver sheets as `deliver` does, and yield the receipt of each.

        When the first is yielded all of their files are on the disk, and the ledger says of all of them that they were
        made. Where a file cannot be written they are delivered one by one, as far as it goes.
        """
        sheets = [(consignment, self._as_made_before(consignment, sheet)) for consignment, sheet in sheets]
        if len(sheets) < 2 or not write_all_whole({each.path: _where_or_what(sheet) for each, sheet in sheets}):
            yield from (self.deliver(consignment, _in_hand(consignment, sheet)) for consignment, sheet in sheets)
            return
        sheets = [(consignment, _moved(sheet, consignment.path)) for consignment, sheet in sheets]
        unrecorded = self._record_made(sheets)
        for consignment, sheet in sheets:
            if unrecorded:
                yield Receipt(path=consignment.path, sheet=sheet, problems=unrecorded)
            else:
                yield from self._sent_on(((consignment, sheet),))

    def _as_made_before(self, consignment: Consignment, sheet: Sheet) -> Sheet:
        return sheet if self.books is None else self.books.as_made_before(consignment, sheet)

    def _record_made(self, sheets: Sequence[tuple[Consignment, Sheet]]) -> tuple[Problem, ...]:
        """Count sheets whose files are there; what the ledger cannot record is not done, and its problems say why."""
        try:
            if self.books is not None:
                self.books.record_made(sheets)
        except InputError as error:
            return error.problems
        self.made += len(sheets)
        return ()

    def _sent_on(self, envelope: Sequence[tuple[Consignment, Sheet]]) -> tuple[Receipt, ...]:
        """Print and mail the sheets of an envelope that were made, if that is asked."""
        gathering, job, message = Gathering(), None, None
        if self._print_jobs is not None:
            job = gathering.take(partial(self._print_jobs.add, envelope))
        if self.destination.mail is not None:
            message = gathering.take(partial(self._put_in_outbox, envelope, self.destination.mail))
        problems = tuple(gathering.problems)
        return tuple(
            Receipt(path=consignment.path, sheet=sheet, printed=job, message=message, problems=problems)
            for consignment, sheet in envelope
        )

    def finish(self, receipts: Sequence[Receipt] = ()) -> Made:
        """Wait until what was printed is on paper, send the emails of these receipts, and return what became of all.

        Emails are sent where the destination names a mail server; those that it puts off are tried again after 5 and
        after 30 seconds, and then wait in the outbox.
        """
        printed, unprinted = self._print_jobs.finish() if self._print_jobs is not None else ({}, ())
        posted, unsent = self._send(receipts)
        ended = (
            replace(
                receipt,
                printed=printed.get(receipt.printed.job, receipt.printed) if receipt.printed else None,
                message=_where_now(receipt.message) if posted and receipt.message else receipt.message,
            )
            for receipt in receipts
        )
        not_taken = (problem for receipt in receipts for problem in receipt.problems)
        problems = (*not_taken, *self._problems, *unprinted, *unsent)
        return Made(receipts=tuple(ended), problems=problems, posted=posted)

    @cached_property
    def _print_jobs(self) -> PrintJobs | None:
        order, server = self.destination.printing, self.destination.print_server
        if order is None:
            return None
        from handouts.press.print_jobs import PrintJobs

        assert server, "given with the order to print"
        return PrintJobs(order=order, server=server, paper=self.paper, books=self.books)

    def _put_in_outbox(self, envelope: Sequence[tuple[Consignment, Sheet]], order: MailOrder) -> Path | None:
        """Return the message's path, or None where a run before this one has put it there."""
        from handouts.press.mailing import there_already, to_outbox

        books, (consignment, sheet), *others = self.books, *envelope
        if books is not None and Step.IN_OUTBOX in books.steps(consignment.row):
            return None
        beside, locked = tuple(each.document for _, each in others), bool(order.password)
        mail = self.compose_mail(sheet.document, sheet.language, self.now.date(), locked=locked, beside=beside)
        enclosed, to = [each.data for _, each in others], consignment.address
        try:
            path, state = to_outbox(sheet.data, mail, order, self.branding.email, to=to, at=self.now, beside=enclosed)
        except InputError as error:
            self._emails_failed += 1
            if self._emails_failed == _MOST_FAILED:
                raise
            self._problems += map(consignment.placed, error.problems)  # The others may yet be put there.
            return None
        self._emails_failed = 0
        if state is not None:
            problem = there_already(path, state, locked=bool(order.password))
            self._problems.append(consignment.placed(problem))
        if books is not None and (state is None or books.progress is not None):
            for each in envelope:
                books.record(*each, Step.IN_OUTBOX, f"{order.outbox}, message {path.stem}")
        return path

    def _send(self, receipts: Sequence[Receipt]) -> tuple[tuple[Posted, ...], tuple[Problem, ...]]:
        """Send the receipts' messages where the order names a server; return what became of each."""
        messages = tuple(dict.fromkeys(receipt.message.stem for receipt in receipts if receipt.message is not None))
        order = self.destination.mail
        if order is None or order.server is None or not messages:
            return (), ()
        from handouts.delivery.mail import send

        self.narrate("sending", order.server.host)

        def wait(seconds: float) -> None:
            self.narrate("sending", f"again in {seconds:.0f} seconds")
            time.sleep(seconds)

        try:
            return send(order, sleep=wait, on_posted=lambda _posted: None, identifiers=messages)
        except InputError as error:
            return (), error.problems


@contextmanager
def way_to(
    destination: Destination,
    branding: Branding,
    compose_mail: ComposeMail,
    *,
    paper: Paper | None,
    now: datetime,
    clock: Callable[[], datetime],
    narrate: Narrate,
    resumes: bool = False,
) -> Iterator[Delivering]:
    """Yield what brings sheets to a destination; `paper` None is the clinic's own.

    `resumes`: it goes on where runs before it stopped, as the ledger has it. Raises InputError where there is no sender
    for its emails or its ledger cannot be kept, before anything is made.
    """
    gathering = Gathering()
    if destination.mail is not None:
        from handouts.delivery.mail import or_clinic

        gathering.take(partial(or_clinic, destination.mail.sender, branding.email))
    opening: AbstractContextManager[Bookkeeping | None] = nullcontext()
    if destination.ledger is not None:
        from handouts.press.bookkeeping import opened

        opening = opened(destination.ledger, clock, resumes=resumes)
    with opening as books:
        gathering.stop_at_errors()
        yield Delivering(
            destination=destination,
            branding=branding,
            paper=paper or branding.paper,
            now=now,
            compose_mail=compose_mail,
            narrate=narrate,
            books=books,
        )


def _where_or_what(sheet: Sheet) -> Path | bytes:
    return sheet.content.path if isinstance(sheet.content, Spooled) else sheet.content


def _moved(sheet: Sheet, path: Path) -> Sheet:
    """Return a sheet whose bytes, if they waited in a file, stand under another name now."""
    content = sheet.content
    return replace(sheet, content=replace(content, path=path)) if isinstance(content, Spooled) else sheet


def _in_hand(consignment: Consignment, sheet: Sheet) -> Sheet:
    """Return a sheet with its bytes; where they waited in a file, that may have come to its place before others failed.

    Raises InputError where it is gone.
    """
    content = sheet.content
    if isinstance(content, Spooled) and not content.path.exists():
        content = replace(content, path=consignment.path)
    return replace(sheet, content=content.read()) if isinstance(content, Spooled) else sheet


def _where_now(message: Path) -> Path:
    from handouts.delivery.mail import Outbox

    return Outbox.where_now(message)
