"""A ledger's path -> the ledger, its key and how far each row has come, for one batch at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handouts.ledger import Ledger, Standings, begin_key, key_beside


@contextmanager
def opened(path: Path) -> Iterator[tuple[Ledger, bytes, Standings]]:
    """Yield the ledger at `path`, its key and its standings; begin it where there is none.

    One that was begun for a batch that is refused goes away again. Raises InputError where the ledger is not whole, or
    another batch is at work with it: two could make one row twice.
    """
    begins = not os.path.lexists(path) and not os.path.lexists(key_beside(path))
    key = begin_key(path)
    with Ledger(path, key) as ledger:
        ledger.claim()
        try:
            yield ledger, key, ledger.done()
        finally:
            if begins and ledger.count == 0:
                path.unlink(missing_ok=True)
                key_beside(path).unlink(missing_ok=True)
                with suppress(OSError):  # There is something else in it.
                    path.parent.rmdir()
