"""Work on a clinic's files, as a browser asks for it -> what came of it, done by limited processes that stay warm."""

import asyncio
import gc
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from handouts.crew import Crew, Ended, OnCall
from handouts.errors import InputError, Problem
from handouts.press import Press
from handouts.resources import SHELVES, Resources

SECONDS = 10.0
"""Of a processor, for one piece of work: a person waits for it."""
_LEAST = 3
"""Processes: one that goes round in circles leaves two, and one is always kept for what is urgent."""
_KINDS = 256
"""Kinds of work of which it is known who did the last."""
_ENDINGS = frozenset(
    ("toml", "md", "po", "html", "txt", "css", "js", "svg", "png", "jpg", "jpeg", "ttf", "otf", "woff", "woff2")
)
_PASSED_OVER = frozenset(("desk", "out", "outbox", "__pycache__"))
_MOST_FILES = 5_000

Result = TypeVar("Result")
Work = Callable[[Press], Result]
"""A frozen record that is called with a press; it and what it returns are sent between processes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Refused:
    problems: tuple[Problem, ...]


class Workroom:
    """The limited processes of one server, each with a press for the clinic that sees every change of its files.

    `begin` before the first work, `end` after the last. Work that is not `urgent`, such as a preview, never takes the
    last process: printing goes on while other windows compute. Work goes to the process that did what is `alike`, if it
    is free: there a press knows already what both share. Else it goes to the one that was used last, which is warmest.
    """

    def __init__(self, resources: Resources, *, workers: int = 0, seconds: float = SECONDS) -> None:
        self._workers = workers or max(_LEAST, os.process_cpu_count() if hasattr(os, "process_cpu_count") else _LEAST)
        hire = partial(_Worker, resources.clinic, resources.cache)
        self._crew: Crew[Work[Any], Any] = Crew(hire=hire, workers=1, seconds=seconds)
        self._processes: list[OnCall[Work[Any], Any]] = []
        self._free: list[int] = []
        self._last: OrderedDict[Hashable, int] = OrderedDict()
        self._any = asyncio.Semaphore(self._workers)
        self._patient = asyncio.Semaphore(self._workers - 1)
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="workroom")

    def begin(self) -> None:
        """Start the processes, which takes each about a second; work may be given at once."""
        self._processes = [OnCall(self._crew) for _ in range(self._workers)]
        self._free = list(range(self._workers))

    def end(self) -> None:
        """Let the processes go."""
        for process in self._processes:
            process.end()
        self._threads.shutdown(cancel_futures=True)

    async def do(
        self, work: Work[Result], source: str = "the sheet", *, urgent: bool = False, alike: Hashable = None
    ) -> Result:
        """Return what a piece of work returns; raise InputError as it does, or where it took too long or too much.

        `source` is what is named to be at fault then.
        """
        assert self._processes, "begin comes first"
        turns = (self._any,) if urgent else (self._patient, self._any)
        await _taken(turns)
        process = self._chosen(alike)
        going = asyncio.get_running_loop().run_in_executor(self._threads, self._processes[process].do, work)
        going.add_done_callback(lambda _going: self._give_back(process, turns))
        result = await asyncio.shield(going)  # Whoever asked may go away; the process is free when it is done.
        if isinstance(result, Ended):
            raise InputError([result.problem(source)])
        if isinstance(result, _Refused):
            raise InputError(result.problems)
        return result  # type: ignore[no-any-return]  # what the work itself returned

    def _chosen(self, alike: Hashable) -> int:
        """Take one of the free processes."""
        wanted = self._last.get(alike, -1) if alike is not None else -1
        process = wanted if wanted in self._free else self._free[-1]
        self._free.remove(process)
        if alike is not None:
            self._last[alike] = process
            self._last.move_to_end(alike)
            if len(self._last) > _KINDS:
                self._last.popitem(last=False)
        return process

    def _give_back(self, process: int, turns: Sequence[asyncio.Semaphore]) -> None:
        self._free.append(process)
        for turn in turns:
            turn.release()


async def _taken(turns: Sequence[asyncio.Semaphore]) -> None:
    """Wait for each turn in its order; whoever goes away meanwhile gives back what he has."""
    taken: list[asyncio.Semaphore] = []
    try:
        for turn in turns:
            await turn.acquire()
            taken.append(turn)
    except BaseException:
        for turn in taken:
            turn.release()
        raise


class _Worker:
    """Does work with a press that it keeps until a file has changed."""

    def __init__(self, clinic: Path | None, cache: Path | None) -> None:
        self._resources = Resources(clinic=clinic, cache=cache)
        self._seen: frozenset[tuple[str, int, int]] = frozenset()
        self._press = Press(self._resources)

    def __call__(self, work: Work[Any]) -> Any:
        seen = frozenset(state_of_files(self._resources.clinic))
        if seen != self._seen:
            self._seen, self._press = seen, Press(self._resources)
            gc.collect()
        try:
            return work(self._press)
        except InputError as error:
            return _Refused(problems=error.problems)


def state_of_files(clinic: Path | None) -> Iterator[tuple[str, int, int]]:
    """Yield the path, time of change and size of each file from which sheets are made: the clinic's and the shipped."""
    folders = [folder for folder in (clinic, *SHELVES.values()) if folder is not None]
    left = _MOST_FILES
    while folders and left > 0:
        try:
            with os.scandir(folders.pop()) as found:
                for entry in found:
                    left -= 1
                    if entry.is_dir():
                        if not entry.name.startswith(".") and entry.name not in _PASSED_OVER:
                            folders.append(Path(entry.path))
                    elif entry.name.rpartition(".")[2].lower() in _ENDINGS:
                        status = entry.stat()
                        yield entry.path, status.st_mtime_ns, status.st_size
        except OSError:
            continue  # It went away, or nobody may look into it; the press says so where it matters.
