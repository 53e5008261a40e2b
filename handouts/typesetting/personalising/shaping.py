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
from handouts.typesetting.personalising.operators import FONT, SHOWN
from handouts.typesetting.text_layer import meaning_of
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
class Shown:
    """A part of a line in one font: the operators, and what each code in them stands for: its glyph and letters."""

    font: str
    operators: list[bytes]
    codes: dict[int, tuple[int, str]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Line:
    """A value on one line: width, height and baseline in CSS pixels, and its parts in the order of drawing."""

    width: float
    height: float
    baseline: float
    parts: tuple[Shown, ...]


class Shaper:
    """Sets values in one computed style; what was set is kept, since many sheets share it."""

    def __init__(self, style: Any, brush: Brush, families: frozenset[str]) -> None:
        self._style = style.copy()
        self._style["overflow_wrap"] = "normal"  # For a single line it is the same, and adds nothing to each text.
        self._brush = brush
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
        drawn = kept_whole(text, self._style["lang"] or "")  # As the page's own texts are.
        layout.set_text(drawn)
        line, rest = layout.get_first_line()
        if rest is not None:
            raise NotWritten(LaidOut.CHARACTERS)
        width, height = line_size(line, self._style)
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        box = SimpleNamespace(style=self._style, pango_layout=layout, text=drawn, baseline=baseline)
        return Line(width=width, height=height, baseline=baseline, parts=self._parts(box, text))

    def draw(self, text: str) -> None:
        """Draw a text on nothing, so that its glyphs are known; it can be far longer than a line."""
        self._layout.set_text(text)
        self._brush.draw(SimpleNamespace(style=self._style, pango_layout=self._layout, text=text, baseline=0))

    def _parts(self, box: Any, text: str) -> tuple[Shown, ...]:
        parts: list[Shown] = []
        letters: list[str] = []
        font: Any = None
        for operator in self._brush.draw(box):
            if found := FONT.fullmatch(operator):
                font = self._font(found[1].decode())
                parts.append(Shown(font=font.hash, operators=[], codes={}))
            parts[-1].operators.append(operator)
            for shown in SHOWN.findall(operator):
                for place in range(0, len(shown), 4):
                    code = int(shown[place : place + 4], 16)
                    parts[-1].codes[code] = meaning = meaning_of(font, code)
                    letters.append(meaning[1])
        if not parts or not _says("".join(letters), text):
            raise NotWritten(LaidOut.LETTERS)
        return tuple(parts)

    def _font(self, name: str) -> Any:
        """Return a font by its name in the PDF; raise NotWritten where none of the sheet's may draw with it."""
        font = next(font for font in self._brush.fonts.values() if font.hash == name)
        if font.missing:
            missing = {*font.missing.values()}
            font.missing.clear()
            for code in missing & font.to_unicode.keys():
                del font.to_unicode[code], font.widths[code]
            raise NotWritten(LaidOut.LETTERS)
        if name not in self._fit:
            is_drawing = font.png or font.svg or font.colr or font.bitmap
            is_fit = font.family in self._families and not is_drawing and "fvar" not in font.tables
            if not is_fit or families_without_bold(self._brush.fonts.values()):
                raise NotWritten(LaidOut.LETTERS)
            self._fit.add(name)
        return font


def _says(drawn: str, text: str) -> bool:
    """Return whether a reader of the PDF gets each letter of a value back, in whatever order they were drawn."""
    return drawn == text or sorted(letters_of(drawn)) == sorted(letters_of(text))
