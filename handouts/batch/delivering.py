"""A sheet and where it is to go -> file, printer, outbox, each step in the ledger, each done once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from handouts.delivery import write_whole
from handouts.delivery.mail.enclosing import enclose
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.settings import or_clinic
from handouts.delivery.printing.following import follow
from handouts.delivery.printing.ordering import chosen, job_attributes
from handouts.delivery.printing.printer import job_titled, print_sheet, queues
from handouts.errors import InputError, Problem
from handouts.ledger import Ledger, Standings
from handouts.press import Press
from handouts.press.handing_over import entry
from handouts.records import BatchOrder, Paper, Planned, Printed, PrintServer, Sheet, Step

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
    jobs: list[Printed] = field(default_factory=list)

    def begin(self) -> None:
        """Raise InputError where the printer cannot do what the order asks, before the first sheet is made."""
        if self.order.printing is not None:
            assert self.server, "given with the order to print"
            queue = chosen(queues(self.server), self.order.printing.queue)
            job_attributes(self.order.printing, queue, pages=2, paper=self.paper)

    def finish(self) -> tuple[Problem, ...]:
        """Follow the jobs until they are printed, each with the order's patience; return what stands in their way.

        The first that is not printed ends it: what holds one job mostly holds those behind it, and they wait.
        """
        order = self.order.printing
        for printed in self.jobs if order is not None else ():
            assert order, "asked for"
            assert self.server, "given with the order to print"
            try:
                follow(self.server, printed.queue, printed.job, paper=self.paper, patience=order.patience)
            except InputError as error:
                return error.problems
        return ()

    def deliver(self, planned: Planned, sheet: Sheet) -> None:
        """Deliver one sheet; raise InputError where that is not possible, with everything up to there kept."""
        steps = self.standings.steps(planned.row)
        write_whole(sheet.pdf, planned.path)
        if Step.MADE not in steps:
            self._note(Step.MADE, planned, sheet, planned.where)
        if self.order.printing is not None and Step.PRINTED not in steps:
            self._print(planned, sheet, was_asked=Step.PRINTING in steps)
        if self.order.mail is not None and Step.IN_OUTBOX not in steps:
            self._put_in_outbox(planned, sheet)

    def _print(self, planned: Planned, sheet: Sheet, *, was_asked: bool) -> None:
        assert self.order.printing, "asked for"
        assert self.server, "given with the order to print"
        printed = job_titled(planned.title, server=self.server) if was_asked else None
        if printed is None:
            self._note(Step.PRINTING, planned, sheet, f"printer {self.order.printing.queue}, {planned.title}")
            printed = print_sheet(
                sheet.pdf,
                replace(self.order.printing, patience=0),
                pages=sheet.pages,
                paper=self.paper,
                title=planned.title,
                server=self.server,
            )
        self.jobs.append(printed)
        self._note(Step.PRINTED, planned, sheet, f"printer {printed.queue}, job {printed.job}")

    def _put_in_outbox(self, planned: Planned, sheet: Sheet) -> None:
        order = self.order.mail
        assert order, "asked for"
        today = self.order.started_at.date()
        enclose(
            Outbox(order.outbox),
            self.press.mail(sheet.document, sheet.language, today),
            sheet.pdf,
            to=planned.address,
            sender=or_clinic(order.sender, self.press.branding(today).email),
            at=self.order.started_at,
            identifier=planned.row,
        )
        self._note(Step.IN_OUTBOX, planned, sheet, f"{order.outbox}, message {planned.row}")

    def _note(self, step: Step, planned: Planned, sheet: Sheet, where: str) -> None:
        self.ledger.append(entry(step, sheet, planned.row, planned.patients, where, self.clock()))
