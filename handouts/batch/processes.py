"""Tasks -> their sheets in the same order, made by processes on this machine, of which any may die."""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from handouts.batch.making import Maker, maker
from handouts.errors import Kind, Problem
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources

TRIES = 2
"""A sheet whose worker died is tried once more, by another one."""
SECONDS = 120.0
"""A sheet takes a quarter of a second; a clinic's template that takes this long would take for ever."""
_SHEETS_A_WORKER = 500
"""Then a fresh process takes over: what fonts of many languages keep in memory is given back."""
_AHEAD = 4
"""Tasks that wait for each worker: enough to keep it busy, few enough to keep in memory."""

_make: Maker | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """Makes sheets in `workers` processes."""

    resources: Resources
    workers: int
    seconds: float = SECONDS

    def run(self, tasks: Iterable[Task]) -> Iterator[Sheet | Failed]:
        """Yield what became of each task, in their order; no more than a few are held at any time."""
        pool = ProcessPool(
            max_workers=self.workers,
            max_tasks=_SHEETS_A_WORKER,
            initializer=_begin,
            initargs=(self.resources,),
            context=multiprocessing.get_context("spawn"),
        )
        waiting: deque[tuple[Task, ProcessFuture[Sheet | Failed]]] = deque()
        try:
            for task in tasks:
                waiting.append((task, self._scheduled(pool, task)))
                if len(waiting) > self.workers * _AHEAD:
                    yield self._result(pool, *waiting.popleft())
            while waiting:
                yield self._result(pool, *waiting.popleft())
        finally:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble
            pool.join()

    def _scheduled(self, pool: ProcessPool, task: Task) -> ProcessFuture[Sheet | Failed]:
        return pool.schedule(_work, args=(task,), timeout=self.seconds)

    def _result(self, pool: ProcessPool, task: Task, future: ProcessFuture[Sheet | Failed]) -> Sheet | Failed:
        """Return what became of a task; a worker that died or hung has been replaced by then."""
        for again in range(TRIES):
            try:
                result: Sheet | Failed = future.result()
            except (ProcessExpired, TooSlow):
                if again < TRIES - 1:
                    future = self._scheduled(pool, task)
            else:
                return result
        return died(task)


def died(task: Task) -> Failed:
    """Return what is told of a sheet that has taken every one of its workers with it."""
    source = task.job.details[0].source if task.job.details else "the table"
    problem = Problem(kind=Kind.TYPESETTING, code="worker-died", source=source, line=task.line)
    return Failed(number=task.number, problems=(problem,))


def _begin(resources: Resources) -> None:
    global _make  # noqa: PLW0603 - one press for the life of the process
    _make = maker(resources)


def _work(task: Task) -> Sheet | Failed:
    assert _make is not None, "the initializer has run"
    return _make(task)
