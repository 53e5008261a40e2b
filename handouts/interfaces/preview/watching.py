"""The folders of a clinic -> a number that grows with each saved change, and the events that tell of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, awatch

from handouts.interfaces.local import Event, is_ingredient
from handouts.resources import SHELVES, Resources, is_installed

_SHELVES = ("templates", "locales", "library")
_QUIET, _LONGEST = 25, 300
"""Milliseconds without a change after which several are told as one, and after which they are in any case: editors save
by a new file, its name, and the old one's end."""
_STILL = 20.0
"""Seconds after which a page hears that the server is still there."""
_MOST_NAMES = 5


class Watch:
    """Watches the files that sheets are made from: the clinic's, and in a checkout those that ship.

    `revision` counts the changes. `changes` tells of those after it was called, several at once as one.
    """

    def __init__(self, resources: Resources) -> None:
        assert resources.clinic is not None, "a preview is of a clinic"
        self._resources = resources
        self._clinic = resources.clinic
        self._stop = asyncio.Event()
        self._next = asyncio.Event()
        self._names: tuple[str, ...] = ()
        self.revision = 1

    async def run(self) -> None:
        """Watch until `end`; where the system cannot tell of changes (too many folders), look for them."""
        shipped = () if is_installed() else tuple(SHELVES[shelf] for shelf in _SHELVES)
        folders = (self._clinic, *shipped)
        try:
            await self._watch(folders, looks=False)
        except OSError:
            await self._watch(folders, looks=True)

    def end(self) -> None:
        """Let `run` come to its end, and whoever listens."""
        self._stop.set()
        self._next.set()

    async def changes(self) -> AsyncIterator[Event]:
        """Yield the present revision, and then each new one with the files that changed."""
        seen = self.revision
        yield Event(kind="present", data={"revision": seen})
        while not self._stop.is_set():
            if self.revision == seen:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._next.wait(), _STILL)
            if self.revision == seen:
                yield Event(kind="present", data={"revision": seen})
            else:
                seen = self.revision
                yield Event(kind="changed", data={"revision": seen, "files": self._names})

    async def _watch(self, folders: tuple[Path, ...], *, looks: bool) -> None:
        async for found in awatch(
            *folders,
            watch_filter=self._concerns,
            debounce=_LONGEST,
            step=_QUIET,
            stop_event=self._stop,
            force_polling=looks,
            ignore_permission_denied=True,
        ):
            names = sorted({self._resources.display(Path(path)) for _, path in found})
            self._names = tuple(names[:_MOST_NAMES])
            self.revision += 1
            told, self._next = self._next, asyncio.Event()
            told.set()

    def _concerns(self, _change: Change, path: str) -> bool:
        """Return whether a sheet can be made from a file of this name."""
        roots = (self._clinic, *(SHELVES[shelf] for shelf in _SHELVES))
        return any(is_ingredient(Path(path).relative_to(root)) for root in roots if Path(path).is_relative_to(root))
