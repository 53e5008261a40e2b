"""A text that names the page of another -> that page's number is guessed, so that most sheets are laid out once.

WeasyPrint lays pages out with a 0 there, and again once it knows. A right guess leaves nothing to do again; a wrong one
is found and put right in the same way, so no guess stays on a sheet.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handouts.typesetting.engine import Work, wrap

_Names = Sequence[str]
_OfTargets = Mapping[str, Sequence[str]]
_GUESSED = 2
"""Where a standard sheet says what is an emergency and whom to call, if not on its first page."""


def guess_pages() -> None:
    """Let WeasyPrint guess the page of each target."""
    wrap(Work.BEGIN_TARGET, _guessing)
    wrap(Work.MISS_COUNTERS, _missing_what_it_names)


def _guessing(begin: Callable[..., Any]) -> Callable[..., Any]:
    def guessed(*state: str) -> Any:
        target = begin(*state)
        target.cached_page_counter_values = {"page": [_GUESSED], "pages": [0]}
        return target

    return guessed


def _missing_what_it_names(collect: Callable[..., None]) -> Callable[..., None]:
    """Return what takes note of the counters that a text lacks.

    WeasyPrint 70 takes those of its targets for those of its own page, too, and lays out for these a second time.
    """

    def named(collector: Any, box: Any, where: str, again: Any, missing: _Names, of_targets: _OfTargets) -> None:
        content = box.style["content"] if where == "content" else ()
        names_its_own = where != "content" or any(kind.startswith("counter") for kind, _ in content)
        collect(collector, box, where, again, missing if names_its_own or not of_targets else (), of_targets)

    return named
