"""A line that Pango has set -> its parts as WeasyPrint draws them, in one walk over its glyphs.

The arithmetic is that of WeasyPrint 70, draw/text.py: tests/test_drawing.py holds the one against the other, as every
shape's proof does. What is seldom met is left to WeasyPrint itself: glyphs above or below their line, and those that no
font has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from handouts.typesetting.engine import FROM_UNITS, Brush, ffi, pango
from handouts.typesetting.glyph_runs import EMPTY, Glyph, Run, runs_of
from handouts.typesetting.personalising.operators import FONT, SHOWN, number
from handouts.typesetting.text_layer import code_of, letters_of_glyphs, meaning_of, width_of

Meant = tuple[int, str]
"""What a code stands for: its glyph and letters."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Part:
    """A part of a line in one font of the document: the operators, and what each code in them stands for."""

    font: Any
    operators: list[bytes]
    codes: dict[int, Meant]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Drawing:
    """A line's parts from left to right, and the letters that they stand for in this order."""

    parts: tuple[Part, ...]
    letters: str


class _Seldom(Exception):
    """A line has something that is not drawn here."""


class _Stroke(NamedTuple):
    """What shows one glyph in a string of glyphs; its code, and what this stands for, or () where nothing is drawn."""

    shown: str
    code: tuple[tuple[int, Meant], ...]
    letters: str


_Strokes = dict[tuple[Glyph, str | None], _Stroke]
"""Those of one font in one size that were met, by glyph and letters."""


class Pen:
    """Draws lines with the fonts of one document; what it has met of a glyph it keeps."""

    def __init__(self, brush: Brush) -> None:
        self._brush = brush
        self._met: dict[tuple[str, float], _Strokes] = {}

    def drawing(self, box: Any) -> Drawing:
        """Return the line of a text box as it is drawn."""
        layout = box.pango_layout
        line = pango.pango_layout_get_line_readonly(layout.layout, 0)
        try:
            return self._drawing(runs_of(line, layout.text.encode()))
        except _Seldom:
            return self._by_brush(box)

    def _drawing(self, runs: Iterator[Run]) -> Drawing:
        parts: list[Part] = []
        shown: list[tuple[Part, list[str]]] = []
        letters: list[str] = []
        last, chosen = ffi.NULL, None
        for run in runs:
            font, size = self._brush.stream.add_font(run.font)
            if (font.hash, size) != chosen:
                chosen = (font.hash, size)
                choice = b"/%s %s Tf" % (font.hash.encode(), number(size))
                parts.append(Part(font=font, operators=[choice], codes={}))
            if run.font != last:
                last = run.font
                shown.append((parts[-1], []))
            strokes = self._strokes(run, font, size)
            shown[-1][1].append(_string([stroke.shown for stroke in strokes]))
            letters += [stroke.letters for stroke in strokes]
            parts[-1].codes.update([code for stroke in strokes for code in stroke.code])
        for part, strings in shown:
            part.operators.append(b"[%s] TJ" % "".join(strings).encode())
        return Drawing(parts=tuple(parts), letters="".join(letters))

    def _strokes(self, run: Run, font: Any, size: float) -> list[_Stroke]:
        """Return what shows each of a run's glyphs."""
        met = self._met.setdefault((font.hash, size), {})
        pairs = [*zip(run.glyphs, letters_of_glyphs(run, self._brush.stream), strict=True)]
        for pair in pairs:
            if pair not in met:
                met[pair] = self._stroke(*pair, run, font, size)
        return [met[pair] for pair in pairs]

    def _stroke(self, glyph: Glyph, letters: str | None, run: Run, font: Any, size: float) -> _Stroke:
        if glyph.y_offset or font.bitmap or font.png or font.svg or font.colr:
            raise _Seldom
        if letters is None and glyph.number != EMPTY:
            raise _Seldom
        if not letters:
            return _Stroke(shown=f">{-glyph.width / size}<", code=(), letters="")
        stream = self._brush.stream
        code = code_of(font, glyph.number, letters)
        meant = meaning_of(font, code)
        offset = glyph.x_offset / size
        before = f">{-offset}<" if offset else ""
        width = width_of(font, glyph.number, code, run.font, size, stream)
        kerning = width + offset - glyph.width * 1000 * FROM_UNITS / size
        behind = f">{int(kerning)}<" if kerning else ""
        return _Stroke(shown=f"{before}{code:04x}{behind}", code=((code, meant),), letters=meant[1])

    def _by_brush(self, box: Any) -> Drawing:
        """Return a line as WeasyPrint itself draws it."""
        operators = self._brush.draw(box)
        fonts = {font.hash: font for font in self._brush.fonts.values()}
        parts: list[Part] = []
        letters: list[str] = []
        for operator in operators:
            if found := FONT.fullmatch(operator):
                parts.append(Part(font=fonts[found[1].decode()], operators=[], codes={}))
            parts[-1].operators.append(operator)
            for shown in SHOWN.findall(operator):
                for place in range(0, len(shown), 4):
                    code = int(shown[place : place + 4], 16)
                    parts[-1].codes[code] = meaning = meaning_of(parts[-1].font, code)
                    letters.append(meaning[1])
        return Drawing(parts=tuple(parts), letters="".join(letters))


def _string(shown: Iterable[str]) -> str:
    """Return glyphs and distances as one string, which begins with a glyph and ends with either."""
    string = f"<{''.join(shown)}"
    return string[:-1] if string[-1] == "<" else f"{string}>"
