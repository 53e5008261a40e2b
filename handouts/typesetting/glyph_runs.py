"""A line that Pango has set -> its runs, each with its glyphs from left to right, as numbers that are read once."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from handouts.typesetting.engine import ffi, pango

_INFO = struct.Struct("=I3i4x")
"""A PangoGlyphInfo: the glyph, its geometry, and a mark of its cluster, which nothing here asks for."""


EMPTY: int = pango.PANGO_GLYPH_EMPTY
"""The number of a glyph that draws nothing; higher ones stand for letters that no font has."""


class Glyph(NamedTuple):
    """A glyph by its number in its font; lengths in Pango's units, of which a CSS pixel has 1024."""

    number: int
    width: int
    x_offset: int
    y_offset: int

    @property
    def is_drawn(self) -> bool:
        """Whether it draws something: not the place of a letter without a glyph, nor of one that no font has."""
        return self.number < EMPTY


_glyph: Callable[[tuple[int, ...]], Glyph] = partial(tuple.__new__, Glyph)
"""Makes a glyph of its numbers, as Glyph._make does, in a quarter of the time."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Run:
    """Glyphs in one font and one direction, from left to right.

    `clusters` says for each glyph with which byte of the text, in UTF-8, the letters begin that it stands for. `infos`
    are Pango's own records of the glyphs, which can be changed.
    """

    font: Any
    is_backwards: bool
    text: bytes
    glyphs: Sequence[Glyph]
    clusters: Sequence[int]
    infos: Any


def runs_of(line: Any, text: bytes) -> Iterator[Run]:
    """Yield the runs of a line from left to right; `text` is the layout's, in UTF-8."""
    following = line.runs[0]
    while following != ffi.NULL:
        part, following = following.data, following.next
        item, string = part.item, part.glyphs
        count = string.num_glyphs
        yield Run(
            font=item.analysis.font,
            is_backwards=bool(item.analysis.level % 2),
            text=text[item.offset : item.offset + item.length],
            glyphs=[*map(_glyph, _INFO.iter_unpack(ffi.buffer(string.glyphs, count * _INFO.size)))],
            clusters=ffi.unpack(string.log_clusters, count),
            infos=string.glyphs,
        )
