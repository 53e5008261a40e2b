"""A sheet and where it is to go -> file, printer, outbox, each step in the ledger, each done once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from handouts.batch.printing import Printing
from handouts.codes import Code
from handouts.delivery import write_whole
from handouts.delivery.mail.settings import or_clinic
from handouts.errors import Kind, Problem
from handouts.ledger import Ledger, Standings
from handouts.press import Gathering, Press
from handouts.press.handing_over import entry, to_outbox
from handouts.records import BatchOrder, Paper, Planned, PrintServer, Sheet, Step

Clock = Callable[[], datetime]


@dataclass(kw_only=True)
class Delivering:
    """Brings sheets to where the order wants them.

    A step is written down when it is on the disk; what a crash leaves in between is found again by its name: a file is
    written anew with the same bytes, an outbox does not take a message twice, and a printer's own list tells whether it
    has the job.
    """

    order: BatchOrder
    press: Press
    ledger: Ledger
    standings: Standings
    clock: Clock
    paper: Paper
    server: PrintServer | None = None
    made: int = 0

    def begin(self) -> None:
        """Raise InputError where printer or sender are not as the order needs them, before the first row is read.

        Nor does a batch send: an order that names a mail server is refused.
        """
        gathering = Gathering()
        mail = self.order.mail
        if self._printing is not None:
            gathering.take(self._printing.begin)
        if mail is not None and mail.server is not None:
            values = {"server": mail.server.host, "outbox": str(mail.outbox)}
            problem = Problem(
                kind=Kind.USAGE, code=Code.BATCH_DOES_NOT_SEND, source="mail", path="server", values=values
            )
            gathering.problems.append(problem)
        if mail is not None:
            gathering.take(lambda: or_clinic(mail.sender, self._clinic_address))
        gathering.stop_at_errors()

    def deliver(self, planned: Planned, sheet: Sheet) -> tuple[Problem, ...]:
        """Deliver one sheet and return what a person has to decide about it.

        Raises InputError where it cannot be delivered, with everything up to there kept.
        """
        write_whole(sheet.pdf, planned.path)
        self.made += 1
        note = partial(self._note, planned, sheet)
        if self._is_new(planned, sheet):
            note(Step.MADE, planned.where)
        problems = self._printing.print(planned, sheet, note) if self._printing is not None else ()
        if self.order.mail is not None and Step.IN_OUTBOX not in self.standings.steps(planned.row):
            self._put_in_outbox(planned, sheet)
        return problems

    def finish(self) -> tuple[Problem, ...]:
        """Wait until what was printed is on paper; return what stands in the way."""
        return self._printing.finish() if self._printing is not None else ()

    @cached_property
    def _printing(self) -> Printing | None:
        if self.order.printing is None:
            return None
        assert self.server, "given with the order to print"
        return Printing(order=self.order.printing, server=self.server, paper=self.paper, standings=self.standings)

    def _is_new(self, planned: Planned, sheet: Sheet) -> bool:
        """Return whether the ledger does not say yet that this sheet, with just this text, is there."""
        last = self.standings.last(planned.row)
        if last is None or last.sheet != hashlib.sha256(sheet.pdf).hexdigest():
            return True
        return last.step is Step.MADE and last.where != planned.where

    def _put_in_outbox(self, planned: Planned, sheet: Sheet) -> None:
        order, at = self.order.mail, self.order.started_at
        assert order, "asked for"
        mail = self.press.mail(sheet.document, sheet.language, at.date(), locked=bool(order.password))
        address = self._clinic_address
        _, _, where = to_outbox(sheet, mail, order, address, to=planned.address, at=at, identifier=planned.row)
        self._note(planned, sheet, Step.IN_OUTBOX, where)

    @cached_property
    def _clinic_address(self) -> str:
        return self.press.branding(self.order.started_at.date()).email

    def _note(self, planned: Planned, sheet: Sheet, step: Step, where: str) -> None:
        self.ledger.append(entry(step, sheet, planned.row, planned.patients, where, self.clock()))
