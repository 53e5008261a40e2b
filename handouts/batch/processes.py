"""Tasks -> their sheets in the same order, made by processes on this machine, of which any may die."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import count
from multiprocessing import resource_tracker
from typing import TypeAlias

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from handouts.codes import Code
from handouts.disk import reason_of
from handouts.errors import InputError, Kind, Problem
from handouts.limits import SECONDS, OutOfTime, limit_memory, narrow_memory, narrow_time, out_of_memory, time_limit
from handouts.press import Press
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources
from handouts.stopping import undisturbed

TRIES = 2
"""A sheet whose worker died is tried once more, by another one."""
HANGS = 1800.0
"""Seconds by the clock after which a sheet waits for something that never comes, on the busiest machine too."""
_SHEETS_A_WORKER = 500
"""Then a fresh process takes over: what fonts of many languages keep in memory is given back."""
_AHEAD = 4
"""Tasks that wait for each worker: enough to keep it busy, few enough to keep in memory."""

_RENEWALS = 20
"""Pools that may break in one run: more means that no worker can begin here."""
_WARM = 8
"""The sheet after which what stays in memory has mostly come."""
Future: TypeAlias = "ProcessFuture[Sheet | Failed]"
Maker = Callable[[Task], Sheet | Failed]

_make: Maker | None = None


def maker(resources: Resources) -> Maker:
    """Return a function that makes one row's sheet with a press that stays warm: keep it while many are made."""
    press = Press(resources)
    made = count(1)

    def make(task: Task) -> Sheet | Failed:
        try:
            sheet = press.sheet_of(task.checked)
        except InputError as error:
            return Failed(problems=error.problems)
        if next(made) == _WARM:
            gc.freeze()  # What a warm press keeps need not be looked at again: 6 to 8 % (docs/explanation/facts.md).
        return sheet

    return make


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """Makes sheets in `workers` processes; a sheet that takes more than `seconds` of a processor ends its worker."""

    resources: Resources
    workers: int
    seconds: float = SECONDS

    def run(self, tasks: Iterable[Task]) -> Iterator[Sheet | Failed]:
        """Yield what became of each task, in their order; no more than a few are held at any time.

        Raises InputError where this computer lets no worker begin.
        """
        crew = _Crew(self)
        try:
            for task in tasks:
                crew.take(task)
                if len(crew.waiting) > self.workers * _AHEAD:
                    yield crew.oldest()
            while crew.waiting:
                yield crew.oldest()
        except BrokenProcessPool as error:
            cause = error.__cause__
            reason = reason_of(cause) if isinstance(cause, OSError) else "processes that end before they begin"
            raise InputError.of(Kind.MACHINE, Code.MACHINE_REFUSES, "this computer", reason=reason) from None
        finally:
            crew.end()


class _Crew:
    """The workers of one run and the tasks that they have been given, the oldest first."""

    def __init__(self, engine: Processes) -> None:
        self._engine = engine
        self._pool = self._begun()
        self._renewals = 0
        self.waiting: deque[tuple[Task, Future]] = deque()

    def take(self, task: Task) -> None:
        """Give a task to the workers."""
        future = self._scheduled(task)  # First: it may renew what waits.
        self.waiting.append((task, future))

    def oldest(self) -> Sheet | Failed:
        """Return what became of the oldest task; a worker that died or hung over it has been replaced by then."""
        task, future = self.waiting.popleft()
        tries = 0
        while tries < TRIES:
            try:
                return future.result()
            except BrokenProcessPool:
                self._renew()
            except (ProcessExpired, TooSlow):
                tries += 1
            future = self._scheduled(task)
        narrow = narrow_time(SECONDS) or narrow_memory()
        return Failed(problems=(narrow,)) if narrow else died(task)

    def end(self) -> None:
        """Let the workers go."""
        with undisturbed():
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble
            self._pool.join()

    def _begun(self) -> ProcessPool:
        with undisturbed():
            resource_tracker.ensure_running()  # It lets SIGINT through to what the same thread begins next.
            return ProcessPool(
                max_workers=self._engine.workers,
                max_tasks=_SHEETS_A_WORKER,
                initializer=_begin,
                initargs=(self._engine.resources,),
                context=multiprocessing.get_context("spawn"),
            )

    def _renew(self) -> None:
        """Replace the workers: pebble gives up a whole pool if a worker dies while none is at work."""
        self.end()
        self._renewals += 1
        if self._renewals > _RENEWALS:
            raise BrokenProcessPool("workers die before they begin")
        self._pool = self._begun()
        self.waiting = deque(
            (task, future if _is_made(future) else self._scheduled(task)) for task, future in self.waiting
        )

    def _scheduled(self, task: Task) -> Future:
        try:
            return self._given(task)
        except RuntimeError:  # The pool has broken since.
            self._renew()
            return self._given(task)

    def _given(self, task: Task) -> Future:
        with undisturbed():  # The first task begins the workers.
            return self._pool.schedule(_work, args=(task, self._engine.seconds), timeout=HANGS)


def _is_made(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def died(task: Task) -> Failed:
    """Return the failure of a sheet that has ended every one of its workers."""
    return _failed(task, Code.WORKER_DIED)


def _failed(task: Task, code: Code) -> Failed:
    return Failed(problems=(Problem.of(Kind.TYPESETTING, code, _source(task), task.line),))


def _source(task: Task) -> str:
    return task.checked.job.details[0].source  # A row that is fit has details.


def _begin(resources: Resources) -> None:
    global _make  # noqa: PLW0603 - one press for the life of the process
    limit_memory()
    _make = maker(resources)


def _work(task: Task, seconds: float) -> Sheet | Failed:
    assert _make is not None, "the initializer has run"
    try:
        with time_limit(seconds):
            return _make(task)
    except OutOfTime:
        return _failed(task, Code.OUT_OF_TIME)
    except MemoryError:
        return Failed(problems=(out_of_memory(Kind.TYPESETTING, _source(task), task.line),))
