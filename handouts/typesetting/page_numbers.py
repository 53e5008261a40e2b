"""A text that names the page of another -> that page's number is guessed, so that most sheets are laid out once.

WeasyPrint lays pages out with a 0 there, and again once it knows. A right guess leaves nothing to do again; a wrong one
is found and put right in the same way, so no guess stays on a sheet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handouts.typesetting.engine import Work, wrap

_Names = Sequence[str]
_OfTargets = Mapping[str, Sequence[str]]
_FIRST = 2
"""Where the first target is, if no earlier sheet tells.

Most standard sheets say on their second page what is an emergency, and whom to call on the same page in English, which
takes two, and in other languages on the third (measured 2026-11-29: in 82 of 125).
"""
_MOST_SHEETS = 256


@dataclass(slots=True)
class _Expected:
    """The pages of the next document's targets by their names, and how many pages apart others are.

    `collecting_complaints` lets one document be typeset at a time.
    """

    pages: Mapping[str, int] = field(default_factory=dict)
    apart: int = 0


_expected = _Expected()


class Guesses:
    """Remembers where the targets of a kind of sheet were when one was last laid out."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Mapping[str, int]] = {}

    def use(self, kinds: Sequence[tuple[object, ...]], *, is_english: bool) -> None:
        """Guess for the sheet that is laid out next, by the first of these kinds that there was a sheet of."""
        _expected.pages = next((self._known[kind] for kind in kinds if kind in self._known), {})
        _expected.apart = 0 if is_english else 1

    def learn(self, kinds: Sequence[tuple[object, ...]], document: Any) -> None:
        """Note where the targets of a sheet of these kinds are."""
        if len(self._known) >= _MOST_SHEETS:
            self._known.clear()
        found = {name: number for number, page in enumerate(document.pages, 1) for name in page.anchors}
        self._known.update(dict.fromkeys(kinds, found))


def guess_pages() -> None:
    """Let WeasyPrint guess the page of each target that a text names."""
    wrap(Work.FIND_TARGET, _guessing)
    wrap(Work.MISS_COUNTERS, _missing_what_it_names)


def _guessing(find: Callable[..., Any]) -> Callable[..., Any]:
    def guessed(collector: Any, *where: Any) -> Any:
        target, targets = find(collector, *where), collector.target_lookup_items
        if collector.collecting and not target.cached_page_counter_values:
            before = sum(bool(other.cached_page_counter_values) for other in targets.values())
            name = next((name for name, other in targets.items() if other is target), "")
            page = _expected.pages.get(name, _FIRST + _expected.apart * before)
            target.cached_page_counter_values = {"page": [page], "pages": [0]}
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
