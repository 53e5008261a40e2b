"""A ledger -> the steps that each row has reached, small enough for any number of rows."""

from pathlib import Path

from handouts.errors import InputError, Severity
from handouts.ledger.chain import Line, entry_of
from handouts.ledger.reading import read
from handouts.records import LedgerEntry, Step

_STEPS = tuple(Step)
_BITS = len(_STEPS)


class RowProgress:
    """Knows which steps each row has reached, as the ledger is when this is made; later appends do not count.

    Rows are kept as 16 bytes each, with one number for the steps they have reached and the place of their last line;
    the line itself is read again when it is asked for. Raises InputError at a faulty line.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._rows: dict[bytes, int] = {}
        for line, entry in read(path, key):
            if line.problem and line.problem.severity is Severity.ERROR:
                raise InputError([line.problem])
            if entry is not None:
                row = bytes.fromhex(entry.row)
                steps = self._rows.get(row, 0) & ((1 << _BITS) - 1) | 1 << _STEPS.index(entry.step)
                self._rows[row] = line.offset << _BITS | steps

    def steps(self, row: str) -> frozenset[Step]:
        """Return every step that the row has reached; none where the ledger does not know it.

        PRINTING without PRINTED: the printer was asked, and what became of it is uncertain.
        """
        found = self._rows.get(bytes.fromhex(row), 0)
        return frozenset(step for place, step in enumerate(_STEPS) if found >> place & 1)

    def last(self, row: str) -> LedgerEntry | None:
        """Return the row's last entry, with its step and where the sheet went, or None."""
        found = self._rows.get(bytes.fromhex(row))
        if found is None:
            return None
        with self._path.open("rb") as file:
            offset = found >> _BITS
            file.seek(offset)
            return entry_of(Line(line=0, offset=offset, data=file.readline(), problem=None, authentic=True))
