"""A ledger's file and its key -> its entries in their order, or a verdict on whether it is whole."""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from handouts.codes import Code
from handouts.disk import lock, reason_of
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.ledger.chain import UNREADABLE, Chain, Line, entry_of, read_lines
from handouts.records import LedgerEntry

AT_MOST = 20
"""Faulty lines told at once: a file that an editor has saved with other line ends is faulty in all of them."""

_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A ledger that is whole: how many entries for how many sheets, when the first and the last was written.

    `last_hash` is what a person keeps, to see later that nothing up to it was cut off. `since` is the number of entries
    after the hash that was kept from before, or None where none was given.
    """

    entries: int
    sheets: int
    first_at: datetime | None
    last_at: datetime | None
    last_hash: str
    since: int | None
    warnings: tuple[Problem, ...]


def read(path: Path, key: bytes) -> Iterator[tuple[Line, LedgerEntry | None]]:
    """Yield every line in its order, with its entry where it is authentic; nothing in the file is changed.

    The first line has no entry. A faulty one has its Problem and may still be authentic: moved, but written with the
    key. Appends that come while it is read are left out. Raises InputError where the file cannot be read or is not a
    ledger of this key.
    """
    source = str(path)
    with _opened(path) as stream:
        chain = Chain(key, source)
        for line in read_lines(stream, chain, size=_size_between_appends(stream, source)):
            if line.problem and line.problem.code in UNREADABLE:
                raise InputError([line.problem])
            entry = None
            if line.authentic and line.line > 1:
                try:
                    entry = entry_of(line)
                except ValueError:
                    raise InputError.of(Kind.DELIVERY, Code.LEDGER_NEWER, source, line.line) from None
            yield line, entry
        if chain.lines == 0:
            raise InputError.of(Kind.DELIVERY, Code.NOT_A_LEDGER, source)


def verify(path: Path, key: bytes, *, last: str = "") -> Verdict:
    """Return the verdict on a ledger that is whole; raise InputError with the line of each fault (the first 20).

    A chain cannot show that whole lines were cut off its end. `last` is the last hash of an earlier verdict: where no
    line has it, lines up to it are gone, and that is a fault too.
    """
    source = str(path)
    found: list[Problem] = []
    sheets: set[bytes] = set()
    first_at = last_at = None
    entries, last_hash, kept_at = 0, "", None
    for line, entry in read(path, key):
        if line.problem and len(found) < AT_MOST:
            found.append(line.problem)
        if not line.authentic:
            continue
        last_hash = line.hash
        kept_at = entries + (entry is not None) if line.hash == last else kept_at
        if entry is not None:
            entries += 1
            sheets.add(bytes.fromhex(entry.sheet[:32]))
            first_at, last_at = first_at or entry.at, entry.at
    if last and kept_at is None:
        whole = _HASH.fullmatch(last)
        code = Code.LEDGER_HASH_NOT_FOUND if whole else Code.LEDGER_HASH_MISSPELT
        found.append(Problem.of(Kind.DELIVERY, code, source))
    if any(problem.severity is Severity.ERROR for problem in found):
        raise InputError(found)
    return Verdict(
        entries=entries,
        sheets=len(sheets),
        first_at=first_at,
        last_at=last_at,
        last_hash=last_hash,
        since=None if kept_at is None else entries - kept_at,
        warnings=tuple(found),
    )


def _opened(path: Path) -> IO[bytes]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # NONBLOCK: a pipe must not hang us
        stream = os.fdopen(handle, "rb")
    except FileNotFoundError:
        raise InputError.of(Kind.DELIVERY, Code.FILE_MISSING, str(path)) from None
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.FILE_UNREADABLE, str(path), reason=reason_of(error)) from None
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_FILE, str(path))
    return stream


def _size_between_appends(stream: IO[bytes], source: str) -> int:
    """Return the size between two appends: under the lock none is half done."""
    if not lock(stream.fileno(), fcntl.LOCK_SH):
        raise InputError.of(Kind.DELIVERY, Code.LEDGER_IN_USE, source)
    try:
        return os.fstat(stream.fileno()).st_size
    finally:
        fcntl.flock(stream, fcntl.LOCK_UN)
