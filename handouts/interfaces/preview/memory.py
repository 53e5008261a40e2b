"""What was last made of each view -> the same again until a file changes, and what the next is compared with."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from handouts.interfaces.preview.views import Failed, SheetSeen, View

_MOST = 24
"""Views of a window that are kept: 2 MB each, most of it pictures (measured 2026-11-28)."""


@dataclass(kw_only=True, slots=True)
class _Kept:
    """What is known of one view in one form. `good` is the last sheet that could be made."""

    revision: int = 0
    work: "asyncio.Task[Any] | None" = None
    good: SheetSeen | None = field(default=None, repr=False)


class Memory:
    """Keeps what was made of a number of views, each in the forms in which it was asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[View, str], _Kept] = OrderedDict()

    def good(self, view: View) -> SheetSeen | None:
        """Return the last sheet of a view that could be made."""
        return self._of(view, "sheet").good

    def give_up(self) -> None:
        """End what is being made."""
        for kept in self._kept.values():
            if kept.work is not None:
                kept.work.cancel()

    async def now(self, view: View, form: str) -> Any:
        """Return what was last made of a view in a form, or None."""
        kept = self._kept.get((view, form))
        return await asyncio.shield(kept.work) if kept is not None and kept.work is not None else None

    async def once(self, view: View, form: str, revision: int, make: Callable[[], Awaitable[Any]]) -> Any:
        """Return what `make` makes of a view at a revision, which is made once, whoever asks.

        What ends in an error that nothing was returned of is made again for the next who asks.
        """
        kept = self._of(view, form)
        if kept.work is None or kept.revision != revision or (kept.work.done() and kept.work.exception()):
            kept.revision, kept.work = revision, asyncio.ensure_future(make())
        work = kept.work
        result = await asyncio.shield(work)
        if kept.work is work and form == "sheet" and not isinstance(result, Failed):
            kept.good = result
        return result

    def _of(self, view: View, form: str) -> _Kept:
        kept = self._kept.setdefault((view, form), _Kept())
        self._kept.move_to_end((view, form))
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return kept
