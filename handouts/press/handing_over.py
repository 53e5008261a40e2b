"""A sheet that lies in its folder -> on paper, in the outbox and sent, each step of it in the ledger.

The press imports this only for who prints, mails or keeps a ledger: a plain `make` must start fast.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from handouts.codes import Code
from handouts.delivery.mail.enclosing import enclose
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.passwords import check_password
from handouts.delivery.mail.posting import send
from handouts.delivery.mail.settings import or_clinic
from handouts.delivery.printing.following import follow
from handouts.delivery.printing.printer import TITLE, print_sheet
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.ledger import Ledger, begin_key, patient_references, row_reference
from handouts.press.gathering import Gathering
from handouts.press.preparing import Prepared
from handouts.records import (
    ComposedMail,
    Destination,
    Job,
    LedgerEntry,
    MailOrder,
    MailState,
    Paper,
    Posted,
    Printed,
    PrintOrder,
    PrintServer,
    Receipt,
    Sheet,
    Step,
)

Note = Callable[[Step, str], None]
"""Writes one step of a sheet into the ledger, and where it has brought the sheet."""


def to_printer(
    sheet: Sheet, order: PrintOrder, server: PrintServer, *, paper: Paper, title: str, note: Note | None
) -> Printed:
    """Give a sheet to the printer's queue and return the job at once; what the printer is asked is noted before.

    `note` is None where a run before this one has noted that already. Raises InputError as print_sheet does.
    """
    if note is not None:
        note(Step.PRINTING, f"printer {order.queue or 'by default'}, {title}")
    return print_sheet(
        sheet.pdf, replace(order, patience=0), pages=sheet.pages, paper=paper, title=title, server=server
    )


def at_printer(printed: Printed) -> str:
    """Return where a sheet is that a queue has taken, for the ledger."""
    return f"printer {printed.queue}, job {printed.job}"


def to_outbox(
    sheet: Sheet,
    mail: ComposedMail,
    order: MailOrder,
    clinic_address: str,
    *,
    to: str,
    at: datetime,
    identifier: str = "",
) -> tuple[Path, MailState | None, str]:
    """Put a sheet's email into the outbox: its path, its state if it was there already, and where, for the ledger."""
    path, state = enclose(
        Outbox(order.outbox),
        mail,
        sheet.pdf,
        to=to,
        sender=or_clinic(order.sender, clinic_address),
        at=at,
        password=order.password,
        identifier=identifier,
    )
    return path, state, f"{order.outbox}, message {path.stem}"


def entry(step: Step, sheet: Sheet, row: str, patients: tuple[str, ...], where: str, at: datetime) -> LedgerEntry:
    """Return the ledger's entry about one step of a sheet."""
    return LedgerEntry(
        at=at,
        step=step,
        row=row,
        patient=patients,
        document=sheet.document,
        version=sheet.version,
        language=sheet.language,
        fingerprint=sheet.fingerprint,
        sheet=hashlib.sha256(sheet.pdf).hexdigest(),
        where=where,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class HandingOver:
    """Hands over the sheets of one job. What goes wrong is gathered: the sheets are in their folder."""

    prepared: Prepared
    mails: Mapping[str, ComposedMail]
    destination: Destination
    paper: Paper
    at: datetime
    ledger: Ledger | None
    key: bytes

    def hand_over(
        self, filed: Sequence[tuple[Receipt, bytes]], gathering: Gathering, tell: Callable[[str, str], None]
    ) -> tuple[tuple[Receipt, ...], tuple[Posted, ...]]:
        """Bring each sheet on, then send what was put into the outbox; return the receipts and what became of it."""
        receipts = tuple(self._hand_over(receipt, pdf, gathering) for receipt, pdf in filed)
        messages = tuple(receipt.message.stem for receipt in receipts if receipt.message is not None)
        order = self.destination.mail
        if order is None or order.server is None or not messages:
            return receipts, ()
        tell("sending", order.server.host)

        def wait(seconds: float) -> None:
            tell("sending", f"again in {seconds:.0f} seconds")
            time.sleep(seconds)

        sent = gathering.take(lambda: send(order, sleep=wait, told=lambda _posted: None, identifiers=messages))
        posted, problems = sent or ((), ())
        gathering.problems += problems
        return tuple(self._where_now(receipt) for receipt in receipts), posted

    @staticmethod
    def _where_now(receipt: Receipt) -> Receipt:
        return replace(receipt, message=Outbox.where_now(receipt.message)) if receipt.message else receipt

    def _hand_over(self, receipt: Receipt, pdf: bytes, gathering: Gathering) -> Receipt:
        """Return the receipt with what became of printing and email. A step that cannot be noted is not taken."""
        sheet = Sheet(
            number=1,
            pdf=pdf,
            document=receipt.document,
            version=receipt.version,
            language=receipt.language,
            fingerprint=receipt.fingerprint,
            pages=receipt.pages or 0,
        )
        try:
            self._note(Step.MADE, sheet, str(receipt.path))
            if self.destination.printing is not None:
                job = gathering.take(lambda: self._print(sheet, gathering))
                receipt = replace(receipt, printed=job)
            if self.destination.mail is not None:
                receipt = replace(receipt, message=gathering.take(lambda: self._mail(sheet, gathering)))
        except InputError as error:
            gathering.problems += error.problems
        return receipt

    def _note(self, step: Step, sheet: Sheet, where: str) -> None:
        if self.ledger is not None:
            treatment = self.prepared.treatment
            row = row_reference(treatment, sheet.document, sheet.language, self.key)
            patients = patient_references(treatment.patient, self.key)
            self.ledger.append(entry(step, sheet, row, patients, where, self.at))

    def _print(self, sheet: Sheet, gathering: Gathering) -> Printed:
        order, server = self.destination.printing, self.destination.print_server
        assert order, "asked for"
        assert server, "given with the order to print"

        def note(step: Step, where: str) -> None:
            self._note(step, sheet, where)

        job = to_printer(sheet, order, server, paper=self.paper, title=TITLE, note=note)
        if order.patience <= 0:
            return job
        followed = gathering.take(lambda: follow(server, job.queue, job.job, paper=self.paper, patience=order.patience))
        if followed is not None:
            self._note(Step.PRINTED, sheet, at_printer(followed))
        return followed or job

    def _mail(self, sheet: Sheet, gathering: Gathering) -> Path:
        order, to = self.destination.mail, self.prepared.treatment.patient.email
        assert order, "asked for"
        path, state, where = to_outbox(
            sheet, self.mails[sheet.language], order, self.prepared.branding.email, to=to, at=self.at
        )
        if state is None:
            self._note(Step.IN_OUTBOX, sheet, where)
        else:
            gathering.problems.append(there_already(path, state, locked=bool(order.password)))
        return path


def there_already(path: Path, state: MailState, *, locked: bool) -> Problem:
    """Return what to say of an email that the outbox has and did not take again; only one that was sent can be right.

    `locked`: it was to have a password, which it may not have.
    """
    return Problem(
        kind=Kind.DELIVERY,
        code=Code.MAIL_PASSWORD_TOO_LATE if locked else Code.MAIL_THERE_ALREADY,
        source=str(path),
        values={"state": str(state), "identifier": path.stem, "outbox": str(path.parent.parent)},
        severity=Severity.WARNING if state is MailState.SENT and not locked else Severity.ERROR,
    )


def _known(prepared: Prepared) -> tuple[str, ...]:
    """Return what whoever knows the patient would try as a password first, besides dates."""
    patient, practitioner = prepared.treatment.patient, prepared.treatment.practitioner
    return (patient.name, patient.record_number, patient.email, practitioner, prepared.branding.name)


@contextmanager
def handing_over(
    prepared: Prepared, mails: Mapping[str, ComposedMail], job: Job, destination: Destination
) -> Iterator[HandingOver]:
    """Yield what hands over the job's sheets; raise InputError, before one is made, where it could not."""
    gathering = Gathering()
    if destination.mail is not None:
        order = destination.mail
        gathering.take(lambda: or_clinic(order.sender, prepared.branding.email))
        if order.password:
            gathering.take(lambda: check_password(order.password, _known(prepared)))
    with ExitStack() as open_things:
        key = b""
        ledger: Ledger | None = None
        if destination.ledger is not None:
            path = destination.ledger
            key = gathering.take(lambda: begin_key(path)) or b""
            ledger = gathering.take(lambda: open_things.enter_context(Ledger(path, key))) if key else None
        gathering.stop_at_errors()
        yield HandingOver(
            prepared=prepared,
            mails=mails,
            destination=destination,
            paper=job.paper or prepared.branding.paper,
            at=job.printed_at,
            ledger=ledger,
            key=key,
        )
