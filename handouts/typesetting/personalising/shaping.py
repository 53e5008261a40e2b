"""A value and the style of its place -> its glyphs as WeasyPrint draws them there, and the size of their line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from handouts.letters import letters_of
from handouts.records import LaidOut
from handouts.typesetting.engine import FROM_UNITS, Brush, Layout, line_size, pango
from handouts.typesetting.text_layer import codes_of

_KEPT = 4096
"""Lines that are kept for each style: dates come again, names mostly do not."""
_SHOWN = re.compile(rb"<([0-9a-f]*)>")
_FONT = re.compile(rb"/(\S+) \S+ Tf")
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)
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
    operators: tuple[bytes, ...]
    codes: Mapping[int, tuple[int, str]]


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
        self._layout = Layout(self._style)
        self.line = lru_cache(maxsize=_KEPT)(self._line)

    def _line(self, text: str) -> Line:
        """Return a value as it stands on one line; raise NotWritten where it cannot."""
        if _ODD.search(text) or "  " in text or text != text.strip(" ") or not letters_of(text):
            raise NotWritten(LaidOut.CHARACTERS)
        layout = self._layout
        layout.set_text(text)
        line, rest = layout.get_first_line()
        if rest is not None:
            raise NotWritten(LaidOut.CHARACTERS)
        width, height = line_size(line, self._style)
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        box = SimpleNamespace(style=self._style, pango_layout=layout, text=text, baseline=baseline)
        return Line(width=width, height=height, baseline=baseline, parts=self._parts(box))

    def _parts(self, box: Any) -> tuple[Shown, ...]:
        operators = self._brush.draw(box)
        parts: list[Shown] = []
        for operator in operators:
            if found := _FONT.fullmatch(operator):
                parts.append(Shown(font=found[1].decode(), operators=(operator,), codes={}))
                continue
            part = parts.pop()
            codes = dict(part.codes)
            known = codes_of(self._font(part.font))
            for shown in _SHOWN.findall(operator):
                codes |= {code: known[code] for code in _numbers(shown)}
            parts.append(Shown(font=part.font, operators=(*part.operators, operator), codes=codes))
        if not parts or not _says(parts, box.text):
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
        is_drawing = font.png or font.svg or font.colr or font.bitmap
        if is_drawing or "fvar" in font.tables or font.family not in self._families:
            raise NotWritten(LaidOut.LETTERS)
        return font


def _numbers(shown: bytes) -> list[int]:
    return [int(shown[place : place + 4], 16) for place in range(0, len(shown), 4)]


def _says(parts: list[Shown], text: str) -> bool:
    """Return whether a reader of the PDF gets each letter of the value back, in whatever order they were drawn."""
    found = "".join(
        part.codes[code][1]
        for part in parts
        for operator in part.operators
        for shown in _SHOWN.findall(operator)
        for code in _numbers(shown)
    )
    return sorted(letters_of(found)) == sorted(letters_of(text))
