"""The folders of a clinic -> a number that grows with each saved change, and the events that tell of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

from handouts.interfaces.local import Event, state_of_files
from handouts.resources import SHELVES, Resources, is_installed

_SHELVES = ("templates", "locales", "library")
_QUIET, _LONGEST = 25, 300
"""Milliseconds without a change after which several are told as one, and after which they are in any case: editors save
by a new file, its name, and the old one's end."""
_ANYWAY = 2000
"""Milliseconds after which it is looked whether something has changed that the system did not tell: on a disk of the
network, or in a folder that was new."""
_STILL = 20.0
"""Seconds after which a page hears that the server is still there."""
_MOST_NAMES = 5


class Watch:
    """Watches the files that sheets are made from: the clinic's, and in a checkout those that ship.

    `revision` counts the changes. `changes` tells of those after it was called, several at once as one. What the system
    tells is only the sign to look: a change is what the workers, too, take for one.
    """

    def __init__(self, resources: Resources) -> None:
        assert resources.clinic is not None, "a preview is of a clinic"
        self._resources = resources
        self._clinic = resources.clinic
        self._stop = asyncio.Event()
        self._next = asyncio.Event()
        self._seen = frozenset(state_of_files(self._clinic))
        self._names: tuple[str, ...] = ()
        self.revision = 1

    async def run(self) -> None:
        """Watch until `end`; where the system cannot tell of changes (too many folders), only look for them."""
        shipped = () if is_installed() else tuple(SHELVES[shelf] for shelf in _SHELVES)
        with suppress(OSError):
            async for _ in awatch(
                self._clinic,
                *shipped,
                watch_filter=None,
                debounce=_LONGEST,
                step=_QUIET,
                stop_event=self._stop,
                rust_timeout=_ANYWAY,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                await self._look()
        while not self._stop.is_set():
            await self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _ANYWAY / 1000)

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

    async def _look(self) -> None:
        """Tell whoever listens if a file has changed, come or gone."""
        state = await asyncio.to_thread(lambda: frozenset(state_of_files(self._clinic)))
        if state == self._seen:
            return
        names = sorted({self._resources.display(Path(path)) for path, *_ in state ^ self._seen})
        self._seen, self._names = state, tuple(names[:_MOST_NAMES])
        self.revision += 1
        told, self._next = self._next, asyncio.Event()
        told.set()
