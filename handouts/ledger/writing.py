"""Entries, one by one -> lines at the end of a ledger's file, each on the disk before its append returns."""

import contextlib
import fcntl
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from handouts.codes import Code
from handouts.disk import lock, reason_of, sync
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.ledger.chain import Chain, read_lines
from handouts.ledger.key import check_is_file, key_beside
from handouts.ledger.reading import AT_MOST
from handouts.ledger.row_progress import RowProgress
from handouts.records import LedgerEntry

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Ledger:
    """A ledger that is open for appending; several processes may have it open at once.

    Opening reads the whole chain and raises InputError with the line of each fault. A last line that a crash left
    unfinished is cut off, and `warnings` says so: its append had not returned, so nothing that counted is lost. A lock
    (flock) is held for each append only; a run that must be alone with the ledger claims it. In a process that is
    forked from this one the ledger is closed, so that no orphan keeps a lock.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._source = str(path)
        self._chain = Chain(key, self._source)
        self._key = key
        self._end = 0
        self._handle = self._claim = -1
        self.warnings: tuple[Problem, ...] = ()
        check_is_file(path)
        with self._disk():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(path, _FLAGS, 0o600)
        _OPEN.add(self)
        try:
            with self._locked():
                self._catch_up()
                if self._end == 0:
                    self._write((self._chain.head(),))
                    sync(path.parent)
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

    def claim(self) -> None:
        """Keep the ledger for this run until it is closed: two runs that go on with one ledger would make sheets twice.

        Others can still append. Raises InputError where another run has claimed it. The claim is a lock on the key
        beside the ledger, which ends with its process, however that ends.
        """
        with self._disk():
            self._claim = os.open(key_beside(self._path), os.O_RDWR | os.O_CLOEXEC)
            if not lock(self._claim, wait=False):
                os.close(self._claim)
                self._claim = -1
                raise InputError.of(Kind.DELIVERY, Code.LEDGER_CLAIMED, self._source)

    def append(self, *entries: LedgerEntry) -> None:
        """Write each entry as a line; when this returns, they are on the disk (one fsync for all of them).

        Raises InputError where the disk is full or fails, and then none of them counts; where another process holds
        the lock for 30 seconds; and where the file was replaced, shortened or wrongly continued since it was opened.
        """
        if not entries:
            return
        with self._locked():
            self._catch_up()
            self._write(self._chain.following(entries))

    def done(self) -> RowProgress:
        """Return how far each row has come; its memory is about 200 bytes a row, whatever the entries hold."""
        return RowProgress(self._path, self._key)

    def close(self) -> None:
        """Close the file and give up the claim."""
        for handle in (self._handle, self._claim):
            if handle >= 0:
                os.close(handle)
        self._handle = self._claim = -1
        _OPEN.discard(self)

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
                raise InputError.of(Kind.DELIVERY, Code.LEDGER_REPLACED, self._source)
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
        with self._disk():
            if not lock(self._handle):
                raise InputError.of(Kind.DELIVERY, Code.LEDGER_IN_USE, self._source)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the disk refuses into a Problem."""
        try:
            yield
        except OSError as error:
            raise InputError.of(
                Kind.DELIVERY, Code.LEDGER_CANNOT_WRITE, self._source, reason=reason_of(error)
            ) from None


_OPEN: weakref.WeakSet[Ledger] = weakref.WeakSet()


def _close_all() -> None:
    """Close what a forked child has inherited; the locks stay the parent's."""
    for opened in tuple(_OPEN):
        opened.close()


os.register_at_fork(after_in_child=_close_all)
