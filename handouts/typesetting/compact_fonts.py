"""A font with PostScript outlines and the glyphs that a sheet uses -> its bare outlines, cut to those glyphs.

WeasyPrint 70 keeps a place for each glyph that it leaves out: a Chinese sheet had 358 kB of fonts, 73 kB of them used.
A font whose glyphs go by character identifiers (CIDs) needs no such places: the CIDs stay with the glyphs, and a PDF
finds each by its CID (ISO 32000-1, 9.7.4.2). Fonts of other kinds are left to WeasyPrint. Of every font the widths that
a reader takes anyhow are left out, and its codes stand in their order.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from handouts.typesetting.engine import Array, Work, cut_table, face_of, wrap

OUTLINES = b"CFF "
"""The table of a face that has its outlines, in the compact font format."""
USUAL_WIDTH = 1000
"""The width of a glyph of which a font says nothing, in thousandths of its size (ISO 32000-1, table 117)."""
_FOUND_BY_CID: set[bytes] = set()
"""Faces of which a cut was looked into: each other cut of the same face has its glyphs in the same way."""


def _compact(cut: Any) -> Any:
    """Wrap WeasyPrint's cutting of a font to the glyphs that it maps to texts."""

    def cut_compactly(font: Any, to_unicode: Any, hinting: Any) -> None:
        if OUTLINES.decode() in font.tables and "fvar" not in font.tables and not font.missing:
            outlines = cut_table(font.hb_face, OUTLINES, sorted(to_unicode))
            face = face_of(font)
            if outlines and (face in _FOUND_BY_CID or _finds_by_cid(outlines, to_unicode)):
                _FOUND_BY_CID.add(face)
                font.file_content = outlines
                return
        cut(font, to_unicode, hinting)

    return cut_compactly


def _finds_by_cid(outlines: bytes, glyphs: Iterable[int]) -> bool:
    """Return whether each glyph's CID in the outlines is the number that the text has for it."""
    try:
        font = face_of_outlines(outlines)
        return hasattr(font, "ROS") and {f"cid{glyph:05d}" for glyph in glyphs if glyph} <= {*font.charset}
    except Exception:  # noqa: BLE001 - whatever it is, WeasyPrint's own way serves
        return False


def face_of_outlines(outlines: bytes) -> Any:
    """Return the one face that bare outlines hold, as fontTools reads it; raise whatever it does of others."""
    from fontTools import cffLib  # 0.03 s that sheets without Chinese do not need.

    fonts = cffLib.CFFFontSet()
    fonts.decompile(io.BytesIO(outlines), None)
    (face,) = fonts.topDictIndex
    return face


def is_bare_outlines(file: bytes) -> bool:
    """Return whether a font's file is its outlines alone: a whole font begins with another byte."""
    return file[:1] == b"\1"


def _as_outlines(build: Any) -> Any:
    """Wrap the writing of one font: bare outlines are declared as such, and found by CID."""

    def build_as_outlines(dictionary: Any, document: Any, font: Any, *arguments: Any) -> None:
        before = len(document.objects)
        build(dictionary, document, font, *arguments)
        if not is_bare_outlines(font.file_content):
            return
        descriptor, descendant = (thing for thing in document.objects[before:] if _type_of(thing) in _CHANGED)
        reference = descriptor.pop("FontFile2")
        descriptor["FontFile3"] = reference
        descendant["Subtype"] = "/CIDFontType0"
        del descendant["CIDToGIDMap"]
        (stream,) = (thing for thing in document.objects if thing.number is not None and thing.reference == reference)
        stream.extra = type(stream.extra)({"Subtype": "/CIDFontType0C"})

    return build_as_outlines


def _without_usual_widths(build: Any) -> Any:
    """Wrap the writing of one font: a width that a reader takes anyhow is left out, which a Chinese letter has."""

    def build_without(dictionary: Any, document: Any, font: Any, *arguments: Any) -> None:
        before = len(document.objects)
        build(dictionary, document, font, *arguments)
        for thing in document.objects[before:]:
            if isinstance(thing, dict) and "W" in thing:
                thing["W"] = Array(_unusual(thing["W"]))

    return build_without


def _unusual(widths: Sequence[Any]) -> Iterator[Any]:
    """Yield an array of widths (ISO 32000-1, 9.7.4.3), each behind its first code, without the usual ones."""
    for first, row in zip(widths[::2], widths[1::2], strict=True):
        for is_usual, together in groupby(enumerate(row, start=first), lambda pair: pair[1] == USUAL_WIDTH):
            if not is_usual:
                codes, others = zip(*together, strict=True)
                yield codes[0]
                yield Array(others)


def _in_order(build: Any) -> Any:
    """Wrap the writing of all fonts: codes in their order, of which one is like the next, take less room deflated."""

    def build_in_order(document: Any, used: Mapping[str, Any], *arguments: Any, **options: Any) -> Any:
        for font in used.values():
            font.to_unicode = dict(sorted(font.to_unicode.items()))
        return build(document, used, *arguments, **options)

    return build_in_order


_CHANGED = ("/FontDescriptor", "/Font")


def _type_of(thing: Any) -> object:
    return thing.get("Type") if isinstance(thing, dict) else None


def make_compact() -> None:
    """Put the wrappers into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.CUT_FONT, _compact)
    wrap(Work.WRITE_FONT, _as_outlines)
    wrap(Work.WRITE_FONT, _without_usual_widths)
    wrap(Work.WRITE_FONTS, _in_order)
