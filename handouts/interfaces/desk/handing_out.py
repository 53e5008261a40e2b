"""A wish and a way -> the finished sheet in its folder, on paper or in the outbox, and what the ledger has of it.

The sheet is made in a worker; files, printer, mail server and ledger are the server's own, in a thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from handouts import ledger
from handouts.delivery import sheet_path
from handouts.errors import Gathering, InputError, Problem, each_once
from handouts.interfaces.desk.wishing import Wish
from handouts.press import Delivering, Made, Press, way_to
from handouts.records import (
    Branding,
    ComposedMail,
    Consignment,
    Destination,
    Format,
    LedgerEntry,
    Receipt,
    Sheet,
    Treatment,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """A sheet that is ready to be handed out, with what its delivery needs to know, and its warnings."""

    sheet: Sheet
    treatment: Treatment = field(repr=False)
    branding: Branding
    mail: ComposedMail | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    """Makes the sheet of a wish as `handouts make` does, to the byte, for a destination that it is checked against."""

    wish: Wish
    now: datetime
    form: Format
    destination: Destination

    def __call__(self, press: Press) -> Finished:
        """Return the finished sheet; raise InputError with every Problem."""
        job = self.wish.job(self.now, self.form)
        gathering = Gathering()
        prepared, warnings = press.check(job)
        press.check_delivery(prepared, self.destination)
        composed, _ = press.compose(job)
        (sheet,) = press.typeset(composed, job, gathering)
        order = self.destination.mail
        mail = press.mail(job.document, sheet.language, job.now.date(), locked=bool(order.password)) if order else None
        return Finished(
            sheet=sheet,
            treatment=prepared.checked.treatment,
            branding=prepared.branding,
            mail=mail,
            problems=each_once((*warnings, *gathering.problems)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """What became of a sheet: its receipt, what is wrong, and all that the ledger has of it for this patient."""

    receipt: Receipt
    made: Made
    entries: tuple[LedgerEntry, ...]


def hand_out(
    finished: Finished, wish: Wish, destination: Destination, clock: Callable[[], datetime], tell: Callable[[str], None]
) -> HandedOut:
    """Deliver a finished sheet, wait until it is on paper or sent, and read what the ledger then has of it.

    `tell` is called with each stage as it begins: "made", then "queued" where it was printed. Raises InputError where
    its file cannot be written or its ledger not be kept.
    """
    now = clock()

    def compose_mail(*_given: object, **_named: object) -> ComposedMail:
        assert finished.mail is not None, "composed with the sheet"
        return finished.mail

    with way_to(
        destination, finished.branding, compose_mail, paper=None, now=now, clock=clock, narrate=lambda _s, _w: None
    ) as way:
        consignment = _consignment(finished, wish, way)
        tell("made")
        receipt = way.deliver(consignment, finished.sheet)
        if receipt.printed is not None:
            tell("queued")
        made = way.finish((receipt,))
    return HandedOut(
        receipt=made.receipts[0],
        made=replace(made, problems=each_once((*finished.problems, *made.problems))),
        entries=_entries(destination.ledger, consignment.row),
    )


def _consignment(finished: Finished, wish: Wish, way: Delivering) -> Consignment:
    sheet, treatment = finished.sheet, finished.treatment
    path = sheet_path(sheet, way.destination.folder)
    row, patients = way.references(treatment, sheet.document, sheet.language, wish.print_size)
    return Consignment(path=path, where=str(path), address=treatment.patient.email, row=row, patients=patients)


def _entries(path: Path | None, row: str) -> tuple[LedgerEntry, ...]:
    """Return what a ledger has of one row; a ledger that is not whole is told of by whoever verifies it."""
    if path is None:
        return ()
    try:
        return tuple(entry for _, entry in ledger.read(path, ledger.read_key(path)) if entry and entry.row == row)
    except InputError:
        return ()
