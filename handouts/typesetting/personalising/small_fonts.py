"""Glyphs that a laid-out sheet's fonts do not have -> a small font of one sheet, with these alone."""

import copy
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from handouts.records import LaidOut
from handouts.typesetting.engine import PDF, Object, reduced_face, write_fonts
from handouts.typesetting.personalising.shaping import NotWritten, Shown
from handouts.typesetting.text_layer import number_codes

_KEPT = 512


class SmallFonts:
    """Makes fonts of single sheets; those that come again are kept."""

    def __init__(self, fonts: Mapping[Any, Any]) -> None:
        self._fonts = fonts
        self._faces: dict[str, tuple[Any, frozenset[int]]] = {}
        self._width: dict[tuple[str, int], int] = {}
        self.objects = lru_cache(maxsize=_KEPT)(self._objects)

    def note(self, part: Shown) -> None:
        """Keep the widths of a part's glyphs, which its font knows by their codes."""
        widths = self._font(part.font).widths
        for code, (glyph, _) in part.codes.items():
            self._width.setdefault((part.font, glyph), widths[code])

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
        font.hb_face = self._face(name, font.hb_face, frozenset(glyph for glyph, _ in texts))
        tag = hashlib.md5(repr((name, texts)).encode(), usedforsecurity=False).digest()[:6]
        letters = "".join(chr(65 + byte % 26) for byte in tag)
        font.name = b"/" + letters.encode() + font.name[font.name.index(b"+") :]
        pdf = PDF()
        pdf.objects = [_NO_OBJECT] * first
        table = write_fonts(pdf, {name: font})
        return table[font.hash], tuple(thing.indirect + b"\n" for thing in pdf.objects[first:])

    def _face(self, name: str, whole: Any, glyphs: frozenset[int]) -> Any:
        face, there = self._faces.get(name, (None, frozenset()))
        if face is None or not glyphs <= there:
            there |= glyphs
            face = reduced_face(whole, sorted(there))
            self._faces[name] = (face, there)
        return face

    def _font(self, name: str) -> Any:
        return next(font for font in self._fonts.values() if font.hash == name)


_NO_OBJECT = Object()
"""Stands for each object before a sheet's own: only their number counts."""
