"""Pieces of work -> what became of each, in their order, done by limited, warm processes of which any may die."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from enum import Enum
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
_A_WORKER = 500
"""Pieces of work; then a fresh process takes over: what fonts of many languages keep in memory is given back."""
_AHEAD = 4
"""Pieces of work that wait for each worker: enough to keep it busy, few enough to keep in memory."""
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

    Each process begins with `hire()`, which is sent there and returns what does one piece of work.
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
            for work in works:
                shift.take(work)
                if len(shift.waiting) > self.workers * _AHEAD:
                    yield shift.oldest()
            while shift.waiting:
                yield shift.oldest()
        except BrokenProcessPool as error:
            cause = error.__cause__
            reason = reason_of(cause) if isinstance(cause, OSError) else "processes that end before they begin"
            raise InputError.of(Kind.MACHINE, Code.MACHINE_REFUSES, "this computer", reason=reason) from None
        finally:
            shift.end()


class _Shift(Generic[Work, Result]):
    """The processes of one run and the work that they have been given, the oldest first."""

    def __init__(self, crew: Crew[Work, Result]) -> None:
        self._crew = crew
        self._pool = self._begun()
        self._renewals = 0
        self.waiting: deque[tuple[Work, ProcessFuture[Result | Ended]]] = deque()

    def take(self, work: Work) -> None:
        """Give a piece of work to the processes."""
        future = self._scheduled(work)  # First: it may renew what waits.
        self.waiting.append((work, future))

    def oldest(self) -> tuple[Work, Result | Ended]:
        """Return what became of the oldest work; a process that died or hung over it has been replaced by then."""
        work, future = self.waiting.popleft()
        tries = 0
        while tries < TRIES:
            try:
                return work, future.result()
            except BrokenProcessPool:
                self._renew()
            except (ProcessExpired, TooSlow):
                tries += 1
            future = self._scheduled(work)
        return work, Ended.DIED

    def end(self) -> None:
        """Let the processes go."""
        with undisturbed():
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble
            self._pool.join()

    def _begun(self) -> ProcessPool:
        with undisturbed():
            resource_tracker.ensure_running()  # It lets SIGINT through to what the same thread begins next.
            return ProcessPool(
                max_workers=self._crew.workers,
                max_tasks=_A_WORKER,
                initializer=_begin,
                initargs=(self._crew.hire,),
                context=multiprocessing.get_context("spawn"),
            )

    def _renew(self) -> None:
        """Replace the processes: pebble gives up a whole pool if one dies while none is at work."""
        self.end()
        self._renewals += 1
        if self._renewals > _RENEWALS:
            raise BrokenProcessPool("workers die before they begin")
        self._pool = self._begun()
        self.waiting = deque(
            (work, future if _is_done(future) else self._scheduled(work)) for work, future in self.waiting
        )

    def _scheduled(self, work: Work) -> "ProcessFuture[Result | Ended]":
        try:
            return self._given(work)
        except RuntimeError:  # The pool has broken since.
            self._renew()
            return self._given(work)

    def _given(self, work: Work) -> "ProcessFuture[Result | Ended]":
        with undisturbed():  # The first work begins the processes.
            return self._pool.schedule(_done, args=(work, self._crew.seconds), timeout=HANGS)


def _is_done(future: "ProcessFuture[Any]") -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _begin(hire: Callable[[], Worker[Any, Any]]) -> None:
    global _worker  # noqa: PLW0603 - one for the life of the process
    limit_memory()
    _worker = hire()


def _done(work: Work, seconds: float) -> Any:
    assert _worker is not None, "the initializer has run"
    try:
        with time_limit(seconds):
            return _worker(work)
    except OutOfTime:
        return Ended.OUT_OF_TIME
    except MemoryError:
        return Ended.OUT_OF_MEMORY
