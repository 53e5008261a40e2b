"""A ledger's path -> the ledger, its key and how far each row has come, for one batch at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handouts.ledger import Ledger, Standings, begin_key


@contextmanager
def opened(path: Path) -> Iterator[tuple[Ledger, bytes, Standings]]:
    """Yield the ledger at `path`, its key and its standings; begin it where there is none.

    Raises InputError where the ledger is not whole, or another batch is at work with it: two could make one row twice.
    """
    key = begin_key(path)
    with Ledger(path, key) as ledger:
        ledger.claim()
        yield ledger, key, ledger.done()
