"""A value and the style of its place -> its glyphs as WeasyPrint draws them there, and the size of their line."""

import re
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from handouts.letters import letters_of
from handouts.records import LaidOut
from handouts.typesetting.engine import FROM_UNITS, Brush, Layout, line_size, pango
from handouts.typesetting.fonts import families_without_bold
from handouts.typesetting.personalising.drawing import Part, Pen
from handouts.typesetting.whole_words import kept_whole

_KEPT = 4096
"""Lines that are kept for each style: dates come again, names mostly do not."""
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
"""What changes how others are set, has no glyph of its own, or belongs to no text."""


class NotWritten(Exception):
    """A value cannot be written into its field; `why` says what is to be laid out by itself for."""

    def __init__(self, why: LaidOut) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Line:
    """A value on one line: width, height and baseline in CSS pixels, and its parts in the order of drawing."""

    width: float
    height: float
    baseline: float
    parts: tuple[Part, ...]


class Shaper:
    """Sets values in one computed style; what was set is kept, since many sheets share it."""

    def __init__(self, style: Any, brush: Brush, pen: Pen, families: frozenset[str]) -> None:
        self._style = style.copy()
        self._style["overflow_wrap"] = "normal"  # For a single line it is the same, and adds nothing to each text.
        self._brush, self._pen = brush, pen
        self._families = families
        self._fit: set[str] = set()
        self._layout = Layout(self._style)
        pango.pango_layout_set_single_paragraph_mode(self._layout.layout, True)  # noqa: FBT003 - C has no keywords
        self.line = lru_cache(maxsize=_KEPT)(self._line)

    def _line(self, text: str) -> Line:
        """Return a value as it stands on one line; raise NotWritten where it cannot."""
        if _ODD.search(text) or "  " in text or text != text.strip(" ") or not letters_of(text):
            raise NotWritten(LaidOut.CHARACTERS)
        layout = self._layout
        layout.set_text(kept_whole(text, self._style["lang"] or ""))  # As the page's own texts are.
        line, rest = layout.get_first_line()
        if rest is not None:
            raise NotWritten(LaidOut.CHARACTERS)
        width, height = line_size(line, self._style)
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        drawing = self._pen.drawing(
            SimpleNamespace(style=self._style, pango_layout=layout, text=layout.text, baseline=baseline)
        )
        for part in drawing.parts:
            self._see_that_it_may_draw(part.font)
        if not drawing.parts or not _says(drawing.letters, text):
            raise NotWritten(LaidOut.LETTERS)
        return Line(width=width, height=height, baseline=baseline, parts=drawing.parts)

    def draw(self, text: str) -> None:
        """Draw a text on nothing, so that its glyphs are known; it can be far longer than a line."""
        self._layout.set_text(text)
        self._brush.draw(SimpleNamespace(style=self._style, pango_layout=self._layout, text=text, baseline=0))

    def _see_that_it_may_draw(self, font: Any) -> None:
        """Raise NotWritten for a font that is none of the sheet's, or draws pictures, or lacked a letter just now."""
        if font.missing:
            missing = {*font.missing.values()}
            font.missing.clear()
            for code in missing & font.to_unicode.keys():
                del font.to_unicode[code], font.widths[code]
            raise NotWritten(LaidOut.LETTERS)
        if font.hash not in self._fit:
            is_drawing = font.png or font.svg or font.colr or font.bitmap
            is_fit = font.family in self._families and not is_drawing and "fvar" not in font.tables
            if not is_fit or families_without_bold(self._brush.fonts.values()):
                raise NotWritten(LaidOut.LETTERS)
            self._fit.add(font.hash)


def _says(drawn: str, text: str) -> bool:
    """Return whether a reader of the PDF gets each letter of a value back, in whatever order they were drawn."""
    return drawn == text or sorted(drawn) == sorted(text) or sorted(letters_of(drawn)) == sorted(letters_of(text))
