"""A wish and a way -> the finished sheets in their folder, on paper or in the outbox, and what the ledger has of them.

They are made in a worker; files, printer, mail server and ledger are the server's own, in a thread.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from handouts import ledger
from handouts.errors import InputError, Problem, each_once
from handouts.interfaces.desk.wishing import Wish
from handouts.press import Made, Press, way_to
from handouts.records import (
    Branding,
    CheckedJob,
    ComposedMail,
    Destination,
    Format,
    LedgerEntry,
    Receipt,
    Sheet,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The sheets of an envelope, ready to be handed out, with what their delivery needs to know, and the warnings.

    Each has the job with the treatment as its document knows it.
    """

    sheets: tuple[tuple[Sheet, CheckedJob], ...] = field(repr=False)
    branding: Branding
    mail: ComposedMail | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    """Makes the sheets of a wish as `handouts make` does, to the byte, for a destination that it is checked against."""

    wish: Wish
    now: datetime
    form: Format
    destination: Destination

    def __call__(self, press: Press) -> Finished:
        """Return the finished sheets; raise InputError with every Problem."""
        job = self.wish.job(self.now, self.form)
        made, problems = press.finished(job, self.destination)
        order, language, mail = self.destination.mail, made[0][1][0].language, None
        if order:
            locked = bool(order.password)
            mail = press.mail(job.document, language, job.now.date(), locked=locked, beside=job.beside)
        return Finished(
            sheets=tuple((sheet, prepared.checked) for prepared, (sheet,) in made),
            branding=made[0][0].branding,
            mail=mail,
            problems=problems,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TellBranding:
    """Reads what a delivery needs to know of the clinic."""

    today: date

    def __call__(self, press: Press) -> Branding:
        """Return the branding; raise InputError with every Problem of clinic.toml."""
        return press.branding(self.today)


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """What became of an envelope: its receipts, what is wrong, and all that the ledger has of it for this patient."""

    made: Made
    entries: tuple[LedgerEntry, ...]

    @property
    def receipt(self) -> Receipt:
        """The first sheet's; print job and email are those of all."""
        return self.made.receipts[0]


def hand_out(
    finished: Finished, destination: Destination, clock: Callable[[], datetime], tell: Callable[[str], None]
) -> HandedOut:
    """Deliver the finished sheets, wait until they are on paper or sent, and read what the ledger then has of them.

    `tell` is called with each stage as it begins: "made", then "queued" where it was printed. Raises InputError before
    anything is written where the printer cannot do what is asked, and where a file or the ledger cannot be written.
    """
    now = clock()

    def compose_mail(*_given: object, **_named: object) -> ComposedMail:
        assert finished.mail is not None, "composed with the sheet"
        return finished.mail

    with way_to(
        destination, finished.branding, compose_mail, paper=None, now=now, clock=clock, narrate=lambda _s, _w: None
    ) as way:
        envelope = [(way.consignment(sheet, checked), sheet) for sheet, checked in finished.sheets]
        way.choose_queue()
        tell("made")
        receipts = way.deliver_together(envelope)
        if receipts[0].printed is not None:
            tell("queued")
        made = way.finish(receipts)
    return HandedOut(
        made=replace(made, problems=each_once((*finished.problems, *made.problems))),
        entries=entries_of(destination.ledger, {consignment.row for consignment, _ in envelope}),
    )


def entries_of(path: Path | None, rows: Collection[str]) -> tuple[LedgerEntry, ...]:
    """Return what a ledger has of some rows; a ledger that is not whole is told of by whoever verifies it."""
    if path is None:
        return ()
    try:
        return tuple(entry for _, entry in ledger.read(path, ledger.read_key(path)) if entry and entry.row in rows)
    except InputError:
        return ()
