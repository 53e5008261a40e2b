"""A document that is being drawn -> where among the operators of its pages each field's value stands."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from handouts.typesetting.engine import Work, wrap
from handouts.typesetting.personalising.places import Place


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cut:
    """The operators of a value: the first one of them in its page's stream, and the one behind the last."""

    place: Place
    stream: Any
    start: int
    end: int


_watched: dict[int, Place] = {}
_found: list[Cut] = []


@contextmanager
def watching(places: Sequence[Place]) -> Iterator[list[Cut]]:
    """Yield a list to which each place's cut comes as it is drawn; one document is drawn at a time."""
    _watched.update({id(place.box): place for place in places})
    try:
        yield _found
    finally:
        _watched.clear()
        _found.clear()


def _noting(draw: Any) -> Any:
    """Wrap WeasyPrint's drawing of a line."""

    def draw_noting(stream: Any, box: Any, *arguments: Any) -> Any:
        place = _watched.get(id(box))
        start = len(stream.stream)
        drawn = draw(stream, box, *arguments)
        if place is not None:
            _found.append(Cut(place=place, stream=stream, start=start, end=len(stream.stream)))
        return drawn

    return draw_noting


def watch() -> None:
    """Put the wrapper into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.DRAW_LINE, _noting)
