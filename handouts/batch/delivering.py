"""A sheet and where it is to go -> file, printer, outbox, each step in the ledger, each done once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handouts.delivery import write_whole
from handouts.delivery.message import message
from handouts.delivery.outbox import Outbox
from handouts.delivery.printer import job_titled, print_sheet
from handouts.ledger import Ledger, Standings
from handouts.press import Press
from handouts.records import BatchOrder, LedgerEntry, Paper, Planned, PrintServer, Sheet, Step

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """Brings sheets to where the order wants them.

    A step is written down when it is on the disk or in the queue; what a crash leaves between the two is found again
    by its name: a file is written anew with the same bytes, an outbox does not take a message twice, and a printer's
    own list tells whether it has the job.
    """

    order: BatchOrder
    press: Press
    ledger: Ledger
    standings: Standings
    clock: Clock
    paper: Paper
    server: PrintServer | None = None

    def deliver(self, planned: Planned, sheet: Sheet) -> None:
        """Deliver one sheet; raise InputError where that is not possible, with everything up to there kept."""
        steps = self.standings.steps(planned.row)
        write_whole(sheet.pdf, planned.path)
        if Step.MADE not in steps:
            self._note(Step.MADE, planned, sheet, planned.where)
        if self.order.printing is not None and Step.PRINTED not in steps:
            self._print(planned, sheet, was_asked=Step.PRINTING in steps)
        if self.order.outbox is not None and Step.IN_OUTBOX not in steps:
            self._put_in_outbox(planned, sheet)

    def _print(self, planned: Planned, sheet: Sheet, *, was_asked: bool) -> None:
        assert self.order.printing, "asked for"
        assert self.server, "given with the order to print"
        printed = job_titled(planned.title, server=self.server) if was_asked else None
        if printed is None:
            self._note(Step.PRINTING, planned, sheet, f"printer {self.order.printing.queue}, {planned.title}")
            printed = print_sheet(
                sheet.pdf,
                self.order.printing,
                pages=sheet.pages,
                paper=self.paper,
                title=planned.title,
                server=self.server,
            )
        self._note(Step.PRINTED, planned, sheet, f"printer {printed.queue}, job {printed.job}")

    def _put_in_outbox(self, planned: Planned, sheet: Sheet) -> None:
        assert self.order.outbox, "asked for"
        assert self.order.sender, "given with the outbox"
        mail = self.press.mail(sheet.document, sheet.language, self.order.started_at.date())
        data = message(
            mail,
            sheet.pdf,
            identifier=planned.row,
            to=planned.address,
            sender=self.order.sender,
            at=self.order.started_at,
        )
        Outbox(self.order.outbox).put(planned.row, data)
        self._note(Step.IN_OUTBOX, planned, sheet, f"{self.order.outbox}, message {planned.row}")

    def _note(self, step: Step, planned: Planned, sheet: Sheet, where: str) -> None:
        self.ledger.append(
            LedgerEntry(
                at=self.clock(),
                step=step,
                row=planned.row,
                patient=planned.patients,
                document=sheet.document,
                version=sheet.version,
                language=sheet.language,
                fingerprint=sheet.fingerprint,
                sheet=hashlib.sha256(sheet.pdf).hexdigest(),
                where=where,
            )
        )
