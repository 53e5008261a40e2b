"""Pieces of work -> what became of each, in their order, done by limited, warm processes of which any may die."""

import multiprocessing
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import count, islice
from multiprocessing import resource_tracker
from statistics import median
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

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
_A_WORKER = 10_000
"""Portions; then a fresh process takes over, and what the old one keeps in memory is given back. It begins cold, which
takes half a minute in five languages, so it must not come often: 450 MB after 40,000 sheets in five languages, which is
what all lasting memories hold when they are full (measured 2026-11-29)."""
_AHEAD = 4
"""Portions that wait for each process: enough to keep it busy, however long what takes their results is busy."""
_PORTION = 25
"""Pieces of work that are sent together, at most."""
_BEGINNING = 2
"""A process that begins with a kind of work takes so many times as long as the longest piece of it until it is warm."""
_HELD, _HELD_QUICK = 2 * _AHEAD * _PORTION, 10 * _AHEAD * _PORTION
"""Pieces of work for each process that are held, with what became of those that others stand before: twice what can
wait, so that each finds work of its own kinds among them, and so many of quick ones that it does for as long as another
takes to begin with a kind. What is held is lost where the run ends early."""
_HELD_SECONDS = 5.0
"""How long a process may take for all quick pieces that are held for it."""
_PORTION_SECONDS = 0.1
"""How long a portion may take: it costs a millisecond to send, and its first result comes with its last."""
_RENEWALS = 20
"""Processes that may be begun anew in one run: more means that none can begin here."""

Work = TypeVar("Work")
Result = TypeVar("Result")
Worker = Callable[[Work], Result]


@runtime_checkable
class Ahead(Protocol):
    """A worker that does first what it can do for all pieces of a portion at once; it is asked for each after that."""

    def ahead(self, works: Sequence[Any]) -> None:
        """Do so; what is left out here is done when it is asked for."""


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


def _alike(_work: object) -> Hashable:
    return "work"


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew(Generic[Work, Result]):
    """Does work in `workers` processes; what takes more than `seconds` of a processor ends its worker.

    Work that takes milliseconds is soon sent in portions. One whose worker dies is done again piece by piece, so that
    only the piece that ends its worker is to blame. Each process begins with `hire()`, which is sent there and returns
    what does one piece of work. Work of one `kind` goes to a process that has done such work before: it is warm for it.
    One that has nothing to do takes what nobody has begun. What others have begun it takes when that would keep them
    busy, or has kept itself idle, for longer than it takes to become warm.
    """

    hire: Callable[[], Worker[Work, Result]]
    workers: int
    seconds: float = SECONDS
    kind: Callable[[Work], Hashable] = _alike

    def run(self, works: Iterable[Work]) -> Generator[tuple[Work, Result | Ended]]:
        """Yield each piece of work and what became of it, in their order; no more than a few are held at any time.

        Raises InputError where this computer lets no process begin.
        """
        with self.begun(0) as shift:
            yield from shift.run(works)

    @contextmanager
    def begun(self, at_once: int) -> "Iterator[Shift[Work, Result]]":
        """Let so many of the processes begin before it is known what there is to do; all of them end with the block."""
        shift = Shift(self)
        try:
            shift.begin(at_once)
            yield shift
        finally:
            shift.end()


@dataclass(kw_only=True, slots=True, eq=False)
class _Piece(Generic[Work, Result]):
    """A piece of work, its place among all, how often it ended its worker alone, and what became of it at last."""

    number: int
    work: Work
    kind: Hashable
    tries: int = 0
    results: tuple[Result | Ended, ...] = ()


_Portion = tuple[_Piece[Work, Result], ...]
"""Pieces of one kind that are done together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done(Generic[Result]):
    """What became of each piece of a portion, and how many seconds all of them took by the clock."""

    results: tuple[Result | Ended, ...]
    seconds: float


@dataclass(kw_only=True, slots=True)
class _Pace:
    """Seconds that a piece of a kind took, by the clock: the longest, and one of those that were done last."""

    longest: float = 0.0
    latest: float = 0.0


class Shift(Generic[Work, Result]):
    """The processes of one run, and the work that is held: what nobody has been given yet, by its kind."""

    def __init__(self, crew: Crew[Work, Result]) -> None:
        self._kind = crew.kind
        self._paces: dict[Hashable, _Pace] = {}
        self._processes: list[_Process[Work, Result]] = [_Process(crew, self._paces) for _ in range(crew.workers)]
        self._held: deque[_Piece[Work, Result]] = deque()
        self._open: dict[Hashable, deque[_Piece[Work, Result]]] = {}
        self._numbers = count()
        self._has_all_it_may = False

    def begin(self, at_once: int) -> None:
        """Let some of the processes begin now, the others with their first work."""
        for process in self._processes[:at_once]:
            process.begin()

    def run(self, works: Iterable[Work]) -> Iterator[tuple[Work, Result | Ended]]:
        """Do work as `Crew.run` does."""
        try:
            rest = iter(works)
            while self.holds(rest):
                self.deal()
                if self._has_all_it_may:
                    yield from self.finished()
        except BrokenProcessPool as error:
            cause = error.__cause__
            reason = reason_of(cause) if isinstance(cause, OSError) else "processes that end before they begin"
            raise InputError.of(Kind.MACHINE, Code.MACHINE_REFUSES, "this computer", reason=reason) from None

    def holds(self, rest: Iterator[Work]) -> bool:
        """Take some of the pieces that may be held; return whether any is.

        Not all at once: what is there is dealt before more is asked for, which may take its time to come.
        """
        room = max(0, len(self._processes) * self._most() - len(self._held))  # Less may be held than a moment ago.
        before = len(self._held)
        for work in islice(rest, min(room, _PORTION)):
            piece: _Piece[Work, Result] = _Piece(number=next(self._numbers), work=work, kind=self._kind(work))
            self._held.append(piece)
            self._open.setdefault(piece.kind, deque()).append(piece)
        taken = len(self._held) - before
        self._has_all_it_may = taken < _PORTION or taken == room
        return bool(self._held)

    def _most(self) -> int:
        """Return how many pieces may be held for each process."""
        if not self._paces:
            return _HELD
        usual = median(pace.latest for pace in self._paces.values())
        return max(_HELD, min(_HELD_QUICK, int(_HELD_SECONDS / usual)))

    def deal(self) -> None:
        """Give each process as much as may wait for it."""
        for ahead in range(1, _AHEAD + 1):
            for process in self._processes:
                kind = self._kind_for(process) if len(process.waiting) < ahead else None
                if kind is not None:
                    process.take(self._portion(kind, process.size_of(kind)))

    def _kind_for(self, process: "_Process[Work, Result]") -> Hashable | None:
        """Return the kind of work that a process is to be given next, or None where it had better wait for its own."""
        begun = Counter(kind for other in self._processes for kind in other.sizes)
        for kinds in (self._open.keys() & process.sizes.keys(), self._open.keys() - begun.keys()):
            if kinds:
                return min(kinds, key=lambda kind: (begun[kind], self._open[kind][0].number))
        most = max(self._open, key=lambda kind: len(self._open[kind]), default="")
        return most if not process.waiting and self._is_much(len(self._open.get(most, ())), most, process) else None

    def _is_much(self, pieces: int, kind: Hashable, process: "_Process[Work, Result]") -> bool:
        """Return whether it pays that an idle process begins with so many pieces of what others do already."""
        pace = self._paces.get(kind)
        if pace is None:
            return pieces > _BEGINNING
        return pieces * pace.latest + process.idle > _BEGINNING * pace.longest

    def _portion(self, kind: Hashable, size: int) -> "_Portion[Work, Result]":
        pieces = self._open[kind]
        portion = tuple(pieces.popleft() for _ in range(min(size, len(pieces))))
        if not pieces:
            del self._open[kind]
        return portion

    def finished(self) -> Iterator[tuple[Work, Result | Ended]]:
        """Wait until a portion is done, and yield the first pieces of all that are."""
        wait([process.waiting[0][1] for process in self._processes if process.waiting], return_when=FIRST_COMPLETED)
        for process in self._processes:
            process.settle()
        while self._held and self._held[0].results:
            piece = self._held.popleft()
            yield piece.work, piece.results[0]

    def end(self) -> None:
        """Let the processes go."""
        for process in self._processes:
            process.end()


class _Process(Generic[Work, Result]):
    """A process, which another replaces should it die, and the portions that wait for it, the oldest first.

    `sizes` has the kinds of work that it has begun, and how many pieces of each are a portion; `paces` is of all
    processes.
    """

    def __init__(self, crew: Crew[Work, Result], paces: dict[Hashable, _Pace]) -> None:
        self._crew = crew
        self._paces = paces
        self._pool = _begun(self._crew, 1)
        self._renewals = 0
        self._idle, self._idle_since = 0.0, time.monotonic()
        self.sizes: dict[Hashable, int] = {}
        self.waiting: deque[tuple[_Portion[Work, Result], ProcessFuture[_Done[Result]]]] = deque()

    def begin(self) -> None:
        """Let it begin before it is given work. Where it cannot, its first work tells so."""
        with suppress(BrokenProcessPool, RuntimeError, OSError), undisturbed():
            _ = self._pool.active  # Pebble begins its processes when somebody asks.

    def take(self, portion: "_Portion[Work, Result]") -> None:
        """Give it a portion."""
        self._idle = self.idle
        future = self._scheduled(portion)  # First: it may renew what waits.
        self.waiting.append((portion, future))

    def settle(self) -> None:
        """Note what became of the portions that are done; a process that died or hung has been replaced by then."""
        while self.waiting and self.waiting[0][1].done():
            portion, future = self.waiting.popleft()
            self._idle_since = time.monotonic()
            try:
                done = future.result()
            except BrokenProcessPool:
                self._renew()
                self.take(portion)
            except (ProcessExpired, TooSlow):
                self._try_again(portion)
            else:
                for piece, result in zip(portion, done.results, strict=True):
                    piece.results = (result,)
                self._measure(portion, done.seconds)

    def _try_again(self, portion: "_Portion[Work, Result]") -> None:
        """Have work that ended its worker done piece by piece, and one that was alone once more."""
        self.sizes = dict.fromkeys(self.sizes, 1)
        for piece in portion:
            piece.tries += len(portion) == 1
            if piece.tries == TRIES:
                piece.results = (Ended.DIED,)
            else:
                self.take((piece,))

    def size_of(self, kind: Hashable) -> int:
        """Return how many pieces of a kind it is to take at once; it begins with the kind if it is new to it."""
        if kind not in self.sizes:
            self.sizes[kind] = 1
            self._idle, self._idle_since = 0.0, time.monotonic()
        return self.sizes[kind]

    @property
    def idle(self) -> float:
        """For how many seconds it has had nothing to do since it last began with a kind of work."""
        return self._idle + (0.0 if self.waiting else time.monotonic() - self._idle_since)

    def _measure(self, portion: "_Portion[Work, Result]", seconds: float) -> None:
        kind, fitting = portion[0].kind, int(_PORTION_SECONDS / seconds * len(portion))
        pace = self._paces.setdefault(kind, _Pace())
        pace.latest = seconds / len(portion)
        pace.longest = max(pace.longest, pace.latest)
        self.sizes[kind] = max(1, min(fitting, 2 * self.sizes[kind], _PORTION))

    def end(self) -> None:
        """Let it go."""
        _stopped(self._pool)

    def _renew(self) -> None:
        """Replace the process: pebble gives up its pool if it dies while it is not at work."""
        self.end()
        self._renewals += 1
        if self._renewals > _RENEWALS:
            raise BrokenProcessPool("workers die before they begin")
        self._pool = _begun(self._crew, 1)
        self.waiting = deque(
            (portion, future if _is_done(future) else self._scheduled(portion)) for portion, future in self.waiting
        )

    def _scheduled(self, portion: "_Portion[Work, Result]") -> "ProcessFuture[_Done[Result]]":
        try:
            return self._given(portion)
        except RuntimeError:  # The pool has broken since.
            self._renew()
            return self._given(portion)

    def _given(self, portion: "_Portion[Work, Result]") -> "ProcessFuture[_Done[Result]]":
        works = tuple(piece.work for piece in portion)
        with undisturbed():  # The first work begins the process.
            return self._pool.schedule(_all_done, args=(works, self._crew.seconds), timeout=HANGS)


class OnCall(Generic[Work, Result]):
    """The processes of a crew, begun at once and kept warm for whoever asks; threads may share them."""

    def __init__(self, crew: Crew[Work, Result]) -> None:
        self._crew = crew
        self._lock = threading.Lock()
        self._under_way: set[ProcessFuture[_Done[Result]]] = set()
        self._ended = False
        self._pool = _begun(crew, crew.workers)
        self._begin()

    def do(self, work: Work) -> Result | Ended:
        """Return what became of one piece of work; it waits until a process is free.

        A process that dies over it is replaced. Raises InputError where this computer lets no process begin.
        """
        for _ in range(TRIES):
            pool = self._pool
            try:
                done = self._result(pool, work)
            except CancelledError:
                break
            except (ProcessExpired, TooSlow):
                continue
            except (BrokenProcessPool, RuntimeError):  # RuntimeError: the pool has broken since.
                self._replace(pool)
            else:
                return done.results[0]
        return Ended.DIED

    def end(self) -> None:
        """Let the processes go, whatever they do; what is under way has died then."""
        with self._lock:
            self._ended = True
            under_way = tuple(self._under_way)
        for future in under_way:
            future.cancel()  # type: ignore[no-untyped-call]  # pebble; a pool that is stopped leaves who waits waiting
        _stopped(self._pool)

    def _result(self, pool: ProcessPool, work: Work) -> "_Done[Result]":
        with self._lock:
            if self._ended:
                raise CancelledError
            with undisturbed():
                future = pool.schedule(_all_done, args=((work,), self._crew.seconds), timeout=HANGS)
            self._under_way.add(future)
        try:
            return future.result()
        finally:
            self._under_way.discard(future)

    def _replace(self, broken: ProcessPool) -> None:
        with self._lock:
            if self._pool is broken and not self._ended:
                _stopped(broken)
                self._pool = _begun(self._crew, self._crew.workers)
                self._begin()

    def _begin(self) -> None:
        with undisturbed():
            _ = self._pool.active  # Pebble begins its processes when somebody asks.


def _begun(crew: Crew[Any, Any], workers: int) -> ProcessPool:
    with undisturbed():
        resource_tracker.ensure_running()  # It lets SIGINT through to what the same thread begins next.
        return ProcessPool(
            max_workers=workers,
            max_tasks=_A_WORKER,
            initializer=_begin,
            initargs=(crew.hire,),
            context=multiprocessing.get_context("spawn"),
        )


def _stopped(pool: ProcessPool) -> None:
    with undisturbed():
        pool.stop()  # type: ignore[no-untyped-call]  # pebble
        try:
            pool.join()
        except KeyError:  # A process had just ended by itself, which a thread of pebble's noticed at the same time.
            pool.join()


def _is_done(future: "ProcessFuture[Any]") -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _begin(hire: Callable[[], Worker[Any, Any]]) -> None:
    global _worker  # noqa: PLW0603 - one for the life of the process
    limit_memory()
    _worker = hire()


def _all_done(portion: tuple[Work, ...], seconds: float) -> "_Done[Any]":
    began = time.perf_counter()
    if isinstance(_worker, Ahead) and len(portion) > 1:
        with suppress(OutOfTime, MemoryError), time_limit(seconds):
            _worker.ahead(portion)
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
