"""A sheet that lies in its folder -> on paper, in the outbox and in the ledger too, or the Problem why not.

The press imports this only for who prints, mails or keeps a ledger: a plain `make` must start fast.
"""

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from handouts import ledger
from handouts.delivery.mail.enclosing import enclose
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.settings import or_clinic
from handouts.delivery.printing.printer import print_sheet
from handouts.press.gathering import Gathering
from handouts.records import (
    Branding,
    ComposedMail,
    Destination,
    LedgerEntry,
    Paper,
    Printed,
    Receipt,
    Sheet,
    Step,
    Treatment,
)


def hand_over(
    receipt: Receipt,
    pdf: bytes,
    *,
    destination: Destination,
    treatment: Treatment,
    branding: Branding,
    paper: Paper,
    mail: ComposedMail | None,
    at: datetime,
    gathering: Gathering,
) -> Receipt:
    """Return the receipt with what became of the printing and the email; what went wrong goes to `gathering`.

    The sheet stays in its folder whatever happens, so that nothing is lost.
    """
    gathering.take(lambda: _note(Step.MADE, receipt, pdf, treatment, destination, str(receipt.path), at))
    order = destination.printing
    if order is not None:
        printed = gathering.take(lambda: _printed(pdf, receipt, destination, paper))
        if printed is not None:
            receipt = replace(receipt, printed=printed)
            where = f"printer {printed.queue}, job {printed.job}"
            gathering.take(lambda: _note(Step.PRINTED, receipt, pdf, treatment, destination, where, at))
    if mail is not None:
        path = gathering.take(lambda: _put(pdf, mail, treatment, destination, branding, at))
        if path is not None:
            receipt = replace(receipt, message=path)
            where = f"{path.parent.parent}, message {path.stem}"
            gathering.take(lambda: _note(Step.IN_OUTBOX, receipt, pdf, treatment, destination, where, at))
    return receipt


def _printed(pdf: bytes, receipt: Receipt, destination: Destination, paper: Paper) -> Printed:
    assert destination.printing, "asked for"
    assert destination.print_server, "given with the order to print"
    assert receipt.pages, "a PDF has pages"
    return print_sheet(pdf, destination.printing, pages=receipt.pages, paper=paper, server=destination.print_server)


def _put(
    pdf: bytes,
    mail: ComposedMail,
    treatment: Treatment,
    destination: Destination,
    branding: Branding,
    at: datetime,
) -> Path:
    assert destination.mail, "asked for"
    order = destination.mail
    sender = or_clinic(order.sender, branding.email)
    to, password = treatment.patient.email, order.password
    return enclose(Outbox(order.outbox), mail, pdf, to=to, sender=sender, at=at, password=password)[0]


def _note(
    step: Step, receipt: Receipt, pdf: bytes, treatment: Treatment, destination: Destination, where: str, at: datetime
) -> None:
    """Write a line of the ledger, where the destination has one."""
    if destination.ledger is None:
        return
    key = ledger.begin_key(destination.ledger)
    sheet = Sheet(
        number=1,
        pdf=pdf,
        document=receipt.document,
        version=receipt.version,
        language=receipt.language,
        fingerprint=receipt.fingerprint,
        pages=receipt.pages or 0,
    )
    row = ledger.row_reference(treatment, receipt.document, receipt.language, key)
    with ledger.Ledger(destination.ledger, key) as book:
        book.append(entry(step, sheet, row, ledger.patient_references(treatment.patient, key), where, at))


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
