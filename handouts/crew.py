"""Pieces of work -> what became of each, in their order, done by limited, warm processes of which any may die."""

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from multiprocessing import resource_tracker
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from handouts.codes import Code
from handouts.disk import reason_of
from handouts.errors import InputError, Kind, Problem
from handouts.limits import SECONDS, OutOfTime, limit_memory, narrow_memory, narrow_time, time_limit
from handouts.stopping import undisturbed

TRIES = 2
"""A piece of work whose worker died is tried once more, by another one."""
HANGS = 1800.0
"""Seconds by the clock after which work waits for something that never comes, on the busiest machine too."""
_A_WORKER = 2000
"""Portions; then a fresh process takes over, and what the old one keeps in memory is given back. It begins cold, so it
must not come often: 270 MB after 200 sheets in eight languages, and no more after 400 (measured 2026-11-28)."""
_AHEAD = 4
"""Portions that wait for each worker: enough to keep it busy, few enough to keep in memory."""
_PORTION = 25
"""Pieces of work that are sent together, at most."""
_PORTION_SECONDS = 0.1
"""How long a portion may take: it costs a millisecond to send, and its first result comes with its last."""
_RENEWALS = 20
"""Pools that may break in one run: more means that no worker can begin here."""

Work = TypeVar("Work")
Result = TypeVar("Result")
Worker = Callable[[Work], Result]

_worker: Worker[Any, Any] | None = None


class Ended(Enum):
    """How work came to its end without a result; the value is the code of a Problem."""

    DIED = Code.WORKER_DIED
    OUT_OF_TIME = Code.OUT_OF_TIME
    OUT_OF_MEMORY = Code.OUT_OF_MEMORY

    def problem(self, source: str, line: int | None = None) -> Problem:
        """Return the problem of such an end; a limit that was set from outside blames nothing of the work."""
        outside = narrow_time(SECONDS) if self is Ended.DIED else None
        if self is not Ended.OUT_OF_TIME:
            outside = outside or narrow_memory()
        return outside or Problem.of(Kind.TYPESETTING, self.value, source, line)


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew(Generic[Work, Result]):
    """Does work in `workers` processes; what takes more than `seconds` of a processor ends its worker.

    Work that takes milliseconds is soon sent in portions. One whose worker dies is done again piece by piece, so that
    only the piece that ends its worker is to blame. Each process begins with `hire()`, which is sent there and returns
    what does one piece of work.
    """

    hire: Callable[[], Worker[Work, Result]]
    workers: int
    seconds: float = SECONDS

    def run(self, works: Iterable[Work]) -> Iterator[tuple[Work, Result | Ended]]:
        """Yield each piece of work and what became of it; no more than a few are held at any time.

        Raises InputError where this computer lets no process begin.
        """
        shift = _Shift(self)
        try:
            rest = iter(works)
            while portion := tuple(islice(rest, shift.size)):
                shift.take(portion)
                while len(shift.waiting) > self.workers * _AHEAD:
                    yield from shift.oldest()
            while shift.waiting:
                yield from shift.oldest()
        except BrokenProcessPool as error:
            cause = error.__cause__
            reason = reason_of(cause) if isinstance(cause, OSError) else "processes that end before they begin"
            raise InputError.of(Kind.MACHINE, Code.MACHINE_REFUSES, "this computer", reason=reason) from None
        finally:
            shift.end()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done(Generic[Result]):
    """What became of each piece of a portion, and how many seconds all of them took by the clock."""

    results: tuple[Result | Ended, ...]
    seconds: float


class _Shift(Generic[Work, Result]):
    """The processes of one run and the portions that they have been given, the oldest first.

    `size` is how many pieces of work the next portion should have.
    """

    def __init__(self, crew: Crew[Work, Result]) -> None:
        self._crew = crew
        self._pool = _begun(self._crew)
        self._renewals = 0
        self.waiting: deque[tuple[tuple[Work, ...], ProcessFuture[_Done[Result]]]] = deque()
        self.size = 1

    def take(self, portion: tuple[Work, ...]) -> None:
        """Give a portion to the processes."""
        future = self._scheduled(portion)  # First: it may renew what waits.
        self.waiting.append((portion, future))

    def oldest(self) -> Iterator[tuple[Work, Result | Ended]]:
        """Yield what became of the oldest work; a process that died or hung over it has been replaced by then."""
        portion, future = self.waiting.popleft()
        tries = 0
        while tries < TRIES:
            try:
                done = future.result()
            except BrokenProcessPool:
                self._renew()
            except (ProcessExpired, TooSlow):
                if len(portion) > 1:
                    for work in portion:
                        self.take((work,))
                    self.waiting.rotate(len(portion))  # They are the oldest.
                    self.size = 1
                    return
                tries += 1
            else:
                self.size = max(1, min(int(_PORTION_SECONDS / done.seconds * len(portion)), 2 * self.size, _PORTION))
                yield from zip(portion, done.results, strict=True)
                return
            future = self._scheduled(portion)
        yield portion[0], Ended.DIED

    def end(self) -> None:
        """Let the processes go."""
        _stopped(self._pool)

    def _renew(self) -> None:
        """Replace the processes: pebble gives up a whole pool if one dies while none is at work."""
        self.end()
        self._renewals += 1
        if self._renewals > _RENEWALS:
            raise BrokenProcessPool("workers die before they begin")
        self._pool = _begun(self._crew)
        self.waiting = deque(
            (portion, future if _is_done(future) else self._scheduled(portion)) for portion, future in self.waiting
        )

    def _scheduled(self, portion: tuple[Work, ...]) -> "ProcessFuture[_Done[Result]]":
        try:
            return self._given(portion)
        except RuntimeError:  # The pool has broken since.
            self._renew()
            return self._given(portion)

    def _given(self, portion: tuple[Work, ...]) -> "ProcessFuture[_Done[Result]]":
        with undisturbed():  # The first work begins the processes.
            return self._pool.schedule(_all_done, args=(portion, self._crew.seconds), timeout=HANGS)


class OnCall(Generic[Work, Result]):
    """The processes of a crew, begun at once and kept warm for whoever asks; threads may share them."""

    def __init__(self, crew: Crew[Work, Result]) -> None:
        self._crew = crew
        self._lock = threading.Lock()
        self._pool = _begun(crew)
        self._begin()

    def do(self, work: Work) -> Result | Ended:
        """Return what became of one piece of work; it waits until a process is free.

        A process that dies over it is replaced. Raises InputError where this computer lets no process begin.
        """
        for _ in range(TRIES):
            pool = self._pool
            try:
                with undisturbed():
                    future = pool.schedule(_all_done, args=((work,), self._crew.seconds), timeout=HANGS)
                done: _Done[Result] = future.result()
            except (ProcessExpired, TooSlow):
                continue
            except (BrokenProcessPool, RuntimeError):  # RuntimeError: the pool has broken since.
                self._replace(pool)
            else:
                return done.results[0]
        return Ended.DIED

    def end(self) -> None:
        """Let the processes go, whatever they do."""
        _stopped(self._pool)

    def _replace(self, broken: ProcessPool) -> None:
        with self._lock:
            if self._pool is broken:
                _stopped(broken)
                self._pool = _begun(self._crew)
                self._begin()

    def _begin(self) -> None:
        with undisturbed():
            _ = self._pool.active  # Pebble begins its processes when somebody asks.


def _begun(crew: Crew[Any, Any]) -> ProcessPool:
    with undisturbed():
        resource_tracker.ensure_running()  # It lets SIGINT through to what the same thread begins next.
        return ProcessPool(
            max_workers=crew.workers,
            max_tasks=_A_WORKER,
            initializer=_begin,
            initargs=(crew.hire,),
            context=multiprocessing.get_context("spawn"),
        )


def _stopped(pool: ProcessPool) -> None:
    with undisturbed():
        pool.stop()  # type: ignore[no-untyped-call]  # pebble
        pool.join()


def _is_done(future: "ProcessFuture[Any]") -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _begin(hire: Callable[[], Worker[Any, Any]]) -> None:
    global _worker  # noqa: PLW0603 - one for the life of the process
    limit_memory()
    _worker = hire()


def _all_done(portion: tuple[Work, ...], seconds: float) -> "_Done[Any]":
    began = time.perf_counter()
    results = tuple(_done(work, seconds) for work in portion)
    return _Done(results=results, seconds=time.perf_counter() - began)


def _done(work: Work, seconds: float) -> Any:
    assert _worker is not None, "the initializer has run"
    try:
        with time_limit(seconds):
            return _worker(work)
    except OutOfTime:
        return Ended.OUT_OF_TIME
    except MemoryError:
        return Ended.OUT_OF_MEMORY
