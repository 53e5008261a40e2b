"""Work on a clinic's files, as a browser asks for it -> what came of it, done by limited processes that stay warm."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
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
    last process: printing goes on while other windows compute.
    """

    def __init__(self, resources: Resources, *, workers: int = 0, seconds: float = SECONDS) -> None:
        self._workers = workers or max(_LEAST, os.process_cpu_count() if hasattr(os, "process_cpu_count") else _LEAST)
        hire = partial(_Worker, resources.clinic, resources.cache)
        self._crew: Crew[Work[Any], Any] = Crew(hire=hire, workers=self._workers, seconds=seconds)
        self._on_call: OnCall[Work[Any], Any] | None = None
        self._patient = asyncio.Semaphore(self._workers - 1)
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="workroom")

    def begin(self) -> None:
        """Start the processes, which takes each about a second; work may be given at once."""
        self._on_call = OnCall(self._crew)

    def end(self) -> None:
        """Let the processes go."""
        if self._on_call is not None:
            self._on_call.end()
        self._threads.shutdown(cancel_futures=True)

    async def do(self, work: Work[Result], source: str = "the sheet", *, urgent: bool = False) -> Result:
        """Return what a piece of work returns; raise InputError as it does, or where it took too long or too much.

        `source` is what is named to be at fault then.
        """
        if urgent:
            return await self._done(work, source)
        async with self._patient:
            return await self._done(work, source)

    async def _done(self, work: Work[Result], source: str) -> Result:
        assert self._on_call is not None, "begin comes first"
        result = await asyncio.get_running_loop().run_in_executor(self._threads, self._on_call.do, work)
        if isinstance(result, Ended):
            raise InputError([result.problem(source)])
        if isinstance(result, _Refused):
            raise InputError(result.problems)
        return result  # type: ignore[no-any-return]  # what the work itself returned


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
                        if not _is_passed_over(entry.name):
                            folders.append(Path(entry.path))
                    elif _has_ending(entry.name):
                        status = entry.stat()
                        yield entry.path, status.st_mtime_ns, status.st_size
        except OSError:
            continue  # It went away, or nobody may look into it; the press says so where it matters.


def is_ingredient(path: Path) -> bool:
    """Return whether a file, by its path in a clinic's folder or on a shelf, is one that sheets are made from."""
    return _has_ending(path.name) and not any(map(_is_passed_over, path.parts))


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or name in _PASSED_OVER


def _has_ending(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _ENDINGS
