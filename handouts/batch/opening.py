"""A ledger's path -> the ledger, its key and how far each row has come, for one batch at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handouts.errors import InputError, Kind, Problem
from handouts.ledger import Ledger, Standings, begin_key


@contextmanager
def opened(path: Path) -> Iterator[tuple[Ledger, bytes, Standings]]:
    """Yield the ledger at `path`, its key and its standings; begin it where there is none.

    Raises InputError where the ledger is not whole, or another batch is at work on it: two could make one row twice.
    """
    key = begin_key(path)
    with Ledger(path, key) as ledger, _alone(path):
        yield ledger, key, ledger.done()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the ledger for one batch; a crash gives it back."""
    lock = os.open(path.with_name(f".{path.name}.batch"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError([Problem(kind=Kind.DELIVERY, code="batch-at-work", source=str(path))]) from None
    finally:
        os.close(lock)
