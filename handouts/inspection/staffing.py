"""Pieces of an inspection -> what each found, by processes that begin while the clinic's folder is still being read."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from handouts.crew import Crew, Ended, Shift
from handouts.errors import InputError
from handouts.inspection.trials import Extent, Trial, Tried, Work, trier
from handouts.press import Press
from handouts.resources import Resources, digest

_WEIGHTS = {Extent.TEXTS: 1, Extent.WORDS: 10, Extent.WHOLE: 20}
"""About how long a trial takes, beside one of texts or the reading of one.

Measured 2026-11-30 on a slow machine: 0.04, 0.5 and 1.1 s of a processor, the reading of a text with its language.
"""
_WHOLE = _WEIGHTS[Extent.WHOLE]
_FEW = 2 * _WHOLE
"""Work that is done by the time that another process has begun."""
_COLLECTED = 30 * _WHOLE
"""Work after which a process gives back what the dead pages of it still hold: 7 MB each (measured 2026-11-29)."""


@contextmanager
def staff(
    resources: Resources, now: datetime, workers: int, *, is_whole: bool
) -> Iterator[Callable[[Sequence[Work]], Iterator[tuple[Work, Tried | Ended]]]]:
    """Yield what does the work of one inspection, the longest first; few pieces of work are done in this process.

    Where all of this clinic is inspected for the first time on a day, every sheet is to be tried: the processes begin
    now, before the folder has been read.
    """
    mark = _mark(resources, now) if is_whole else None
    at_once = workers if workers > 1 and mark is not None and not mark.exists() else 0
    with Crew(hire=partial(worker, resources, now), workers=workers, kind=_language).begun(at_once) as shift:
        yield partial(_done, shift if workers > 1 else None, partial(trier, resources, now), has_begun=at_once > 0)
    with suppress(OSError):
        if mark is not None:
            mark.touch(mode=0o600)


def _mark(resources: Resources, now: datetime) -> Path | None:
    """Return the path of an empty file that is there once all of a clinic has been inspected on this day."""
    told = (str(resources.clinic).encode(), str(now.date()).encode())
    return None if resources.cache is None else resources.cache / f"inspected-{digest(told)[:32]}"


def _done(
    shift: Shift[Work, Tried] | None,
    hire: Callable[[], Callable[[Work], Tried]],
    works: Sequence[Work],
    *,
    has_begun: bool,
) -> Iterator[tuple[Work, Tried | Ended]]:
    ordered = sorted(works, key=lambda work: -_weight(work))  # No process is left alone with the longest of it.
    if shift is not None and ordered and (has_begun or sum(map(_weight, ordered)) > _FEW):
        yield from shift.run(ordered)
    elif ordered:
        tried = hire()
        for work in ordered:
            with _not_collecting():
                found = tried(work)
            yield work, found


@contextmanager
def _not_collecting() -> Iterator[None]:
    """Leave garbage for the time of one piece of work: looking for it took a tenth of that (measured 2026-11-29)."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _weight(work: Work) -> int:
    """Return about how long work takes, beside the shortest."""
    return _WEIGHTS[work.extent] if isinstance(work, Trial) else 1


def _language(work: Work) -> str:
    """Return what a process is warm for: the fonts, style and words of a language."""
    return work.language


def worker(resources: Resources, now: datetime) -> Callable[[Work], Tried]:
    """Return what does work in a process of its own, with all libraries loaded that a sheet needs.

    Nothing of the clinic's is read before there is work. By then the register has read what that rests on: it shall not
    remember what was found of a file's former text.
    """
    press = Press(resources)
    with suppress(InputError):  # It is told of the first sheet.
        press.warm()
    tried = trier(resources, now, press)
    gc.collect()
    gc.freeze()
    gc.disable()
    since = 0

    def tried_without_collecting(work: Work) -> Tried:
        nonlocal since
        since += _weight(work)
        if since > _COLLECTED:
            since = 0
            gc.collect()
        return tried(work)

    return tried_without_collecting
