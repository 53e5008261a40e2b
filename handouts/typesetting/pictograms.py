"""A picture in an element's background, which WeasyPrint draws in a group -> the same operators where they are to show.

WeasyPrint 70 makes each such group an object with resources of its own: the 27 pictograms of a sheet had 13 kB of 51.
A group that is opaque, drawn where all before it was opaque, shows what its operators show (ISO 32000-1, 11.4.7).
"""

from typing import Any

from handouts.typesetting.engine import Work, pictures_of, take_in, wrap


def _without_group(draw: Any) -> Any:
    """Wrap WeasyPrint's drawing of a background's picture."""

    def draw_without_group(stream: Any, layer: Any, style: Any) -> None:
        pictures = pictures_of(stream)
        before = len(pictures)
        draw(stream, layer, style)
        if len(pictures) != before + 1:
            return
        name, group = next(reversed(pictures.items()))
        shown = b"/%s Do" % name.encode()
        if shown in stream.stream[-2:] and take_in(stream, group):
            place = len(stream.stream) - 1 - stream.stream[::-1].index(shown)
            stream.stream[place : place + 1] = [b"q", *group.stream, b"Q"]
            del pictures[name]

    return draw_without_group


def draw_in_place() -> None:
    """Put the wrapper into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.DRAW_BACKGROUND, _without_group)
