"""Sheets that the ledger has -> the entries of each for a record system, written by this run or by a later one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from handouts.delivery import bytes_as_noted
from handouts.delivery.fhir import Entry, are_entered, enter, step_of
from handouts.ledger import RowProgress
from handouts.records import Format, LedgerEntry, Planned, Receipt, RecordOrder, Sheet, Step

_AT_ONCE = 100
"""Sheets that are entered together, from their files."""


@dataclass(kw_only=True)
class Entering:
    """Enters the sheets of a batch for a record system; `count` is of those that were not entered before this run.

    Entries come after the ledger's lines, which come after the files: none names a sheet that is not there.
    """

    order: RecordOrder
    count: int = 0

    def delivered(self, sent: Iterable[tuple[Planned, Receipt]], at: datetime) -> None:
        """Enter sheets that were delivered just now, as of `at` (aware); raise InputError where that cannot be."""
        self._enter([_named(planned, receipt.sheet, step_of(receipt), at) for planned, receipt in sent])

    def catch_up(self, rows: Iterable[Planned], now: RowProgress, *, again: bool) -> int:
        """Enter, from the file and what the ledger says of it, what is not entered yet, or with `again` everything.

        Returns how many cannot be entered: their sheets are not there any more, or have other bytes than the ledger
        says. Raises InputError where an entry cannot be written.
        """
        gone, rest = 0, iter(rows)
        while some := [*islice(rest, _AT_ONCE)]:
            is_new = {planned.entry: not are_entered(planned.entry, self.order.folder) for planned in some}
            wanted = [planned for planned in some if again or is_new[planned.entry]]
            made = [(planned, last) for planned in wanted if (last := now.last(planned.consignment.row)) is not None]
            found = [(planned, _entry_of(planned, last)) for planned, last in made]
            gone += sum(entry is None and is_new[planned.entry] for planned, entry in found)
            self._enter([entry for _, entry in found if entry is not None])
        return gone

    def _enter(self, entries: list[Entry]) -> None:
        self.count += sum(not are_entered(entry.name, self.order.folder) for entry in entries)
        enter(entries, self.order)


def _entry_of(planned: Planned, last: LedgerEntry) -> Entry | None:
    """Return the entry of a sheet from its file, or None where that has not the bytes of which the ledger speaks."""
    data = bytes_as_noted(planned.consignment.path, last.sheet)
    if not data:
        return None
    sheet = Sheet(
        content=data,
        format=Format.PDF,
        stem=planned.entry,
        document=last.document,
        version=last.version,
        language=last.language,
        fingerprint=last.fingerprint,
        pages=None,
    )
    return _named(planned, sheet, last.step, last.at)


def _named(planned: Planned, sheet: Sheet, step: Step, at: datetime) -> Entry:
    assert planned.references, "a row without is faulty where its sheet is to be entered"
    return Entry(sheet=sheet, references=planned.references, name=planned.entry, step=step, at=at)
