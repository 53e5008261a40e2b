"""A ledger's path -> what is written into it of each sheet, and how far a row came in runs before this one."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from handouts.delivery import bytes_as_noted
from handouts.ledger import Ledger, RowProgress, begin_key, key_beside
from handouts.records import Consignment, LedgerEntry, Sheet, Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookkeeping:
    """An open ledger with its key. `progress` is that of its rows when it was opened, or None where it does not count.

    `clock` returns the time of a step (aware).
    """

    ledger: Ledger
    key: bytes
    progress: RowProgress | None
    clock: Callable[[], datetime]

    def record(self, consignment: Consignment, sheet: Sheet, step: Step, where: str) -> None:
        """Write one step of a sheet, and where it has brought the sheet; it is on the disk when this returns.

        Raises InputError where that cannot be.
        """
        self.ledger.append(self._entry(consignment, sheet, step, where))

    def record_made(self, sheets: Sequence[tuple[Consignment, Sheet]]) -> None:
        """Write of each sheet that it is in its place, unless the ledger says so already; one fsync for all of them.

        They are on the disk when this returns. Raises InputError where that cannot be, and then none counts.
        """
        new = (each for each in sheets if not self._has(*each))
        self.ledger.append(*(self._entry(*each, Step.MADE, each[0].where) for each in new))

    def as_made_before(self, consignment: Consignment, sheet: Sheet) -> Sheet:
        """Return a sheet with the bytes that its file has, if the ledger says of this very file that it was made.

        The same sheet has other bytes where it is made in another way: what was given out stays as it was.
        """
        last = self.last(consignment.row)
        if last is None or (last.version, last.fingerprint) != (sheet.version, sheet.fingerprint):
            return sheet
        data = bytes_as_noted(consignment.path, last.sheet)
        return replace(sheet, content=data) if data else sheet

    def _entry(self, consignment: Consignment, sheet: Sheet, step: Step, where: str) -> LedgerEntry:
        return LedgerEntry(
            at=self.clock(),
            step=step,
            row=consignment.row,
            patient=consignment.patients,
            document=sheet.document,
            version=sheet.version,
            language=sheet.language,
            fingerprint=sheet.fingerprint,
            sheet=sheet.digest,
            where=where,
            fell_back=consignment.fell_back,
        )

    def steps(self, row: str) -> frozenset[Step]:
        """Return the steps that a row had come when the ledger was opened; none where that does not count."""
        return self.progress.steps(row) if self.progress is not None else frozenset()

    def is_printed(self, row: str) -> bool:
        """Return whether a row is on paper, or may be: then it is not given to a printer again."""
        return not self.steps(row).isdisjoint((Step.PRINTED, Step.UNCERTAIN))

    def last(self, row: str) -> LedgerEntry | None:
        """Return a row's last entry when the ledger was opened, or None."""
        return self.progress.last(row) if self.progress is not None else None

    def _has(self, consignment: Consignment, sheet: Sheet) -> bool:
        """Return whether the ledger says already that this sheet, with just these bytes, is in its place."""
        last = self.last(consignment.row)
        if last is None or last.sheet != sheet.digest:
            return False
        return last.step is not Step.MADE or last.where == consignment.where


@contextmanager
def opened(path: Path, clock: Callable[[], datetime], *, resumes: bool) -> Iterator[Bookkeeping]:
    """Yield the ledger at `path`, begun where there is none; one in which nothing was written goes away again.

    `resumes`: this run goes on where runs before it stopped, and is alone with the ledger meanwhile; two could make one
    row twice. Raises InputError where the ledger is not whole, or another run is alone with it.
    """
    begins = not os.path.lexists(path) and not os.path.lexists(key_beside(path))
    key = begin_key(path)
    with Ledger(path, key) as ledger:
        if resumes:
            ledger.claim()
        try:
            progress = ledger.done() if resumes else None
            yield Bookkeeping(ledger=ledger, key=key, progress=progress, clock=clock)
        finally:
            if begins and ledger.count == 0:
                path.unlink(missing_ok=True)
                key_beside(path).unlink(missing_ok=True)
                with suppress(OSError):  # There is something else in it.
                    path.parent.rmdir()
