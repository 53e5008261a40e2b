"""Glyphs that a laid-out sheet's fonts do not have -> a small font of one sheet, with these alone."""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from handouts.records import LaidOut
from handouts.typesetting.compact_fonts import OUTLINES, is_bare_outlines
from handouts.typesetting.engine import PDF, Object, cut_font, cut_table, reduced_face, write_fonts
from handouts.typesetting.personalising.drawing import Part
from handouts.typesetting.personalising.font_patterns import FIRST_NUMBER, MOST_LETTERS, FontPattern, SmallFont
from handouts.typesetting.personalising.outlines import Outlines
from handouts.typesetting.personalising.shaping import NotWritten
from handouts.typesetting.text_layer import number_codes

_KEPT = 512
_LARGE = 20_000
"""Glyphs of a font from which it takes longer to cut a few than to set a whole sheet: 15 ms (measured)."""
_FIRST_ROWS = {"gb2312": range(0xB0, 0xD8), "euc_jp": range(0xB0, 0xD0), "euc_kr": range(0xB0, 0xC9)}
"""The rows of GB 2312 and JIS X 0208 (level 1) and KS X 1001 (syllables), with the letters that are used most."""


class SmallFonts:
    """Makes fonts of single sheets; those that come again are kept."""

    def __init__(self, fonts: Mapping[Any, Any]) -> None:
        self._fonts = fonts
        self._faces: dict[str, tuple[Any, frozenset[int]]] = {}
        self._draw: dict[str, Callable[[str], object]] = {}
        self._width: dict[tuple[str, int], int] = {}
        self._patterns: dict[str, FontPattern | None] = {}
        self._outlines: dict[str, Outlines] = {}
        self.objects = lru_cache(maxsize=_KEPT)(self._objects)

    def note(self, part: Part, draw: Callable[[str], object]) -> None:
        """Keep the widths of a part's glyphs, which its font knows by their codes; `draw` draws other texts in it."""
        name, widths = part.font.hash, part.font.widths
        self._draw.setdefault(name, draw)
        for code, (glyph, _) in part.codes.items():
            self._width.setdefault((name, glyph), widths[code])

    def codes(self, name: str, texts: tuple[tuple[int, str], ...]) -> Mapping[tuple[int, str], int]:
        """Return the codes that a font of these glyphs and letters has; raise NotWritten where it has no room."""
        try:
            return dict(zip(texts, number_codes(texts, self._font(name).glyph_count), strict=True))
        except ValueError:
            raise NotWritten(LaidOut.LETTERS) from None

    def _objects(self, name: str, texts: tuple[tuple[int, str], ...], first: int) -> tuple[bytes, tuple[bytes, ...]]:
        """Return the reference of a font with some glyphs for some letters, and its objects, numbered from `first`."""
        font = copy.copy(self._font(name))
        codes = {code: meant for meant, code in self.codes(name, texts).items()}
        font.to_unicode = {code: letters for code, (_, letters) in codes.items()}
        font.widths = {code: self._width[name, glyph] for code, (glyph, _) in codes.items()}
        font.text_layer = {meant: code for code, meant in codes.items() if code != meant[0]}
        font.missing = {}
        font.hb_face = self._face(name, font, frozenset(glyph for glyph, _ in texts))
        font.name = _tagged(font.name, repr((name, texts)))
        objects = None if font.text_layer else self._by_pattern(name, font, first)
        if objects is None:
            objects = tuple(thing.indirect + b"\n" for thing in _written(font, first))
        return b"%d 0 R" % (first + len(objects) - 1), objects

    def _by_pattern(self, name: str, font: Any, first: int) -> tuple[bytes, ...] | None:
        """Return a font's objects by the pattern of its face; None where that has none, or it has many letters."""
        if len(font.to_unicode) > MOST_LETTERS:
            return None
        if name not in self._patterns:
            objects = _written(font, FIRST_NUMBER)
            self._patterns[name] = FontPattern.of(objects, _own(font))
            if is_bare_outlines(font.file_content):
                self._outlines[name] = Outlines(partial(self._cut, name))
        pattern, outlines = self._patterns[name], self._outlines.get(name)
        if pattern is None:
            return None
        together = outlines.of(sorted(font.to_unicode)) if outlines else None
        if together is None:
            cut_font(font)
        else:
            font.file_content = together
        return pattern.written(_own(font), first)

    def _cut(self, name: str, glyphs: Sequence[int]) -> bytes:
        return cut_table(self._face(name, self._font(name), frozenset(glyphs)), OUTLINES, glyphs)

    def _face(self, name: str, font: Any, glyphs: frozenset[int]) -> Any:
        """Return a face with these glyphs among few others: a small font is cut from it many times faster."""
        if font.glyph_count > _LARGE:
            return self._near(name, font, glyphs)
        face, there = self._faces.get(name, (None, frozenset()))
        if glyphs <= there:
            return face
        there |= glyphs
        face = reduced_face(font.hb_face, sorted(there))
        self._faces[name] = (face, there)
        return face

    def _near(self, name: str, font: Any, glyphs: frozenset[int]) -> Any:
        """Return a face of a font with thousands of letters, with the common ones or all of them.

        What is cut from either is the same; from the smaller in a tenth of the time.
        """
        if name not in self._faces:
            self._draw[name](common_letters())
            common = frozenset(code for code in self._font(name).to_unicode if code < font.glyph_count)
            self._faces[name] = (reduced_face(font.hb_face, sorted(common | glyphs)), common | glyphs)
        face, common = self._faces[name]
        return face if glyphs <= common else font.hb_face

    def _font(self, name: str) -> Any:
        return next(font for font in self._fonts.values() if font.hash == name)


def _own(font: Any) -> SmallFont:
    return SmallFont(name=font.name, file=font.file_content, widths=font.widths, letters=font.to_unicode)


def _written(font: Any, first: int) -> Sequence[Any]:
    """Return a font's objects as WeasyPrint writes them, numbered from `first`; the last is what a page refers to."""
    pdf = PDF()
    pdf.objects = [_NO_OBJECT] * first
    write_fonts(pdf, {font.hash: font})
    return list(pdf.objects[first:])


def _tagged(name: bytes, content: str) -> bytes:
    """Return a font's name with six letters that tell this part of it from any other (ISO 32000-1, 9.6.4)."""
    tag = hashlib.md5(content.encode(), usedforsecurity=False).digest()[:6]
    return b"/%s%s" % (bytes(65 + byte % 26 for byte in tag), name[name.index(b"+") :])


@cache
def common_letters() -> str:
    """Return the letters of the scripts of thousands that most names are written in, each once."""
    found: dict[str, None] = {}
    for coding, rows in _FIRST_ROWS.items():
        for row in rows:
            data = b"".join(bytes((row, cell)) for cell in range(0xA1, 0xFF))
            found |= dict.fromkeys(data.decode(coding, errors="ignore"))
    return "".join(found)


_NO_OBJECT = Object()
"""Stands for each object before a sheet's own: only their number counts."""
