"""Entries, one by one -> lines at the end of a ledger's file, each on the disk before its append returns."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from handouts.errors import InputError, Kind, Problem, Severity
from handouts.ledger.chain import Chain, read_lines
from handouts.ledger.key import sync_folder
from handouts.ledger.reading import AT_MOST, sound_entries
from handouts.ledger.standings import Standings
from handouts.records import LedgerEntry

_PATIENCE = 30.0
_PAUSE = 0.005


class Ledger:
    """A ledger that is open for appending; several processes may have it open at once.

    Opening reads the whole chain and raises InputError with the line of each fault. A last line that a crash left
    unfinished is cut off, and `warnings` says so: its append had not returned, so nothing that counted is lost. A lock
    (flock) is held for each append only. A process forked from this one shares its lock: start workers before, or by
    spawn.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._source = str(path)
        self._chain = Chain(key, self._source)
        self._key = key
        self._end = 0
        self.warnings: tuple[Problem, ...] = ()
        if os.path.lexists(path) and not path.is_file():
            raise InputError([self._problem("not-a-file")])
        with self._disk():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            with self._locked():
                self._catch_up()
                if self._end == 0:
                    self._write((self._chain.head(),))
                    sync_folder(path.parent)
        except BaseException:
            self.close()
            raise

    @property
    def last_hash(self) -> str:
        """The hash of the last line that is known to be on the disk, for a person to keep."""
        return self._chain.last_hash

    @property
    def count(self) -> int:
        """How many entries there were at the last append or opening."""
        return self._chain.entries

    def append(self, *entries: LedgerEntry) -> None:
        """Write each entry as a line; when this returns, they are on the disk (one fsync for all of them).

        Raises InputError where the disk is full or fails, and then none of them counts; where another process holds
        the lock for 30 seconds; and where the file was replaced, shortened or wrongly continued since it was opened.
        """
        with self._locked():
            self._catch_up()
            self._write(self._chain.following(entries))

    def entries(self) -> Iterator[LedgerEntry]:
        """Yield every entry from the first, checking the chain; raise InputError at the first faulty line."""
        return sound_entries(self._path, self._key)

    def done(self) -> Standings:
        """Return how far each row has come; its memory is about 200 bytes a row, whatever the entries hold."""
        return Standings(self._path, self._key)

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _catch_up(self) -> None:
        """Read what is new in the file, take off an unfinished last line; the lock is held."""
        with self._disk():
            size = os.fstat(self._handle).st_size
            if size < self._end or not self._is_still_there():
                raise InputError([self._problem("ledger-replaced")])
            if size == self._end:
                return
            faults: list[Problem] = []
            with os.fdopen(self._handle, "rb", closefd=False) as stream:
                stream.seek(self._end)
                for line in read_lines(stream, self._chain, size=size):
                    if line.problem is None and line.ended:
                        continue
                    if line.problem is None:
                        self._put(b"\n")
                        size += 1
                    elif line.problem.severity is Severity.WARNING:
                        os.ftruncate(self._handle, line.offset)
                        os.fsync(self._handle)
                        self.warnings += (line.problem,)
                        size = line.offset
                    elif len(faults) < AT_MOST:
                        faults.append(line.problem)
            if faults:
                raise InputError(faults)
            self._end = size

    def _is_still_there(self) -> bool:
        """Return whether the path still leads to the open file: appending to a deleted one would keep nothing."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._handle))
        except FileNotFoundError:
            return False

    def _write(self, lines: tuple[bytes, ...]) -> None:
        with self._disk():
            try:
                self._put(b"".join(lines))
            except OSError:
                os.ftruncate(self._handle, self._end)
                raise
        for line in lines:
            self._chain.follow(line)
            self._end += len(line)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        os.fsync(self._handle)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        until = time.monotonic() + _PATIENCE
        with self._disk():
            while not self._try_lock():
                if time.monotonic() > until:
                    raise InputError([self._problem("ledger-in-use")])
                time.sleep(_PAUSE)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _try_lock(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the disk refuses into a Problem."""
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise InputError([self._problem("ledger-cannot-write", reason=reason)]) from None

    def _problem(self, code: str, **values: str) -> Problem:
        return Problem(kind=Kind.DELIVERY, code=code, source=self._source, values=values)
