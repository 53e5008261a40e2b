"""Outlines of some glyphs, as HarfBuzz has cut them from a face -> those of any glyphs that were met, put together.

They are in the compact font format (CFF, Adobe Technical Note 5176), of a face whose glyphs go by character
identifiers (CIDs). HarfBuzz plans each cut anew, and looks at the face's 65,535 places for it; of glyphs that were cut
once, other outlines are their parts one behind the other. What a PDF asks for nowhere, names and notices, is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

from handouts.typesetting.compact_fonts import face_of_outlines

_HEAD: Final = b"\1\0\4\4"
"""Major and minor version, size of this head, bytes of an offset (TN 5176, 6)."""
_NAME: Final = b"Outlines"
"""A face's name in its outlines; a PDF names it otherwhere."""
_OWN_STRINGS: Final = 391
"""The number of the first string that a face brings itself (TN 5176, appendix A)."""
_WRITTEN: Final = {"ROS", "FontBBox", "CIDCount", "charset", "CharStrings", "FDSelect", "FDArray", "Private"}
_LEFT_OUT: Final = {
    *("version", "Notice", "Copyright", "FullName", "FamilyName", "FontName", "Weight", "CIDFontVersion", "UniqueID"),
    *("XUID", "isFixedPitch", "ItalicAngle", "UnderlinePosition", "UnderlineThickness"),
}
"""What a PDF asks for nowhere. Anything else, FontMatrix say, would change how a glyph is drawn."""
_CID_COUNT, _COLLECTION, _FD_ARRAY, _FD_SELECT = b"\x0c\x22", b"\x0c\x1e", b"\x0c\x24", b"\x0c\x25"
_BOUNDS, _CHARSET, _CHAR_STRINGS, _PRIVATE = b"\x05", b"\x0f", b"\x11", b"\x12"
"""Operators of a dictionary (TN 5176, 9 and appendix H)."""


class _Glyph(NamedTuple):
    """How a glyph is drawn, and the private dictionary by which."""

    drawn: bytes
    private: bytes


class _Face(NamedTuple):
    """What is the same in all outlines of a face: the names of its collection, its bounds, and how many CIDs it has."""

    registry: bytes
    ordering: bytes
    supplement: int
    bounds: tuple[int, ...]
    cid_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Frame:
    """What stands before and behind the two offsets that depend on the number of glyphs; `size` is of all these."""

    before: bytes
    behind: bytes
    size: int


class Outlines:
    """The outlines of one face: `cut` gives those of glyphs that were not met yet, or b""."""

    def __init__(self, cut: Callable[[Sequence[int]], bytes]) -> None:
        self._cut = cut
        self._face: _Face | None = None
        self._met: dict[int, _Glyph] = {}
        self._frames: dict[tuple[bytes, ...], _Frame] = {}

    def of(self, glyphs: Sequence[int]) -> bytes | None:
        """Return the outlines of some glyphs in rising order; None where the face has what is not written here."""
        lacking = [glyph for glyph in glyphs if glyph not in self._met]
        if (lacking and not self._meet(lacking)) or self._face is None:
            return None
        cids = (0, *(glyph for glyph in glyphs if glyph))
        drawn = [self._met[cid] for cid in cids]
        privates = tuple(dict.fromkeys(glyph.private for glyph in drawn))
        if privates not in self._frames:
            self._frames[privates] = _frame(self._face, privates)
        return _together(self._frames[privates], privates, cids, drawn)

    def _meet(self, glyphs: Sequence[int]) -> bool:
        """Keep how glyphs are drawn; return whether that can be written here."""
        found = _read(self._cut(glyphs))
        if found is None:
            return False
        face, drawn = found
        self._face = self._face or face
        if face != self._face or not drawn.keys() >= {0, *glyphs}:
            return False
        self._met.update(drawn)
        return True


def _read(outlines: bytes) -> tuple[_Face, dict[int, _Glyph]] | None:
    """Return a face and its glyphs by their CIDs; None where they cannot be read, or have what is not known here."""
    try:
        font = face_of_outlines(outlines)
        return _face(font), dict(_glyphs(font, outlines))
    except Exception:  # noqa: BLE001 - whatever it is, HarfBuzz's own cut serves
        return None


def _face(font: Any) -> _Face:
    """Return what is the same in all outlines of a face; raise ValueError where it has what is not known here."""
    others = (entry for part in font.FDArray for entry in part.rawDict)
    if {*font.rawDict, *others} - _WRITTEN - _LEFT_OUT or len(font.GlobalSubrs):
        raise ValueError
    registry, ordering, supplement = font.rawDict["ROS"]
    return _Face(
        registry=registry.encode("ascii"),
        ordering=ordering.encode("ascii"),
        supplement=supplement,
        bounds=tuple(map(int, font.rawDict["FontBBox"])),
        cid_count=font.rawDict["CIDCount"],
    )


def _glyphs(font: Any, outlines: bytes) -> Iterator[tuple[int, _Glyph]]:
    privates = []
    for part in font.FDArray:
        size, start = part.rawDict["Private"]
        if hasattr(part.Private, "Subrs"):
            raise ValueError
        privates.append(outlines[start : start + size])
    for place, name in enumerate(font.charset):
        drawn = bytes(font.CharStrings.charStringsIndex[place].bytecode)
        yield int(name.removeprefix("cid")) if place else 0, _Glyph(drawn, privates[font.FDSelect[place]])


def _frame(face: _Face, privates: Sequence[bytes]) -> _Frame:
    """Return what is the same in all outlines of a face whose glyphs have these private dictionaries between them."""
    collection = b"".join(map(_integer, (_OWN_STRINGS, _OWN_STRINGS + 1, face.supplement)))
    bounds = b"".join(map(_integer, face.bounds))
    entries = b"".join((collection, _COLLECTION, bounds, _BOUNDS, _integer(face.cid_count), _CID_COUNT))
    names, strings = _index((_NAME,)), _index((face.registry, face.ordering))
    length = len(entries) + 4 * len(_long(0)) + len(_CHARSET + _FD_SELECT + _CHAR_STRINGS + _FD_ARRAY)
    start = len(_HEAD) + len(names) + len(_index((bytes(length),))) + len(strings) + len(_NOTHING)
    places = list(accumulate(map(len, privates), initial=start))
    array = _index(
        [_long(len(private)) + _long(place) + _PRIVATE for private, place in zip(privates, places, strict=False)]
    )
    size = places[-1] + len(array)
    entries += _long(places[-1]) + _FD_ARRAY + _long(size) + _CHARSET
    before = _index((entries + bytes(length - len(entries)),)).removesuffix(bytes(length - len(entries)))
    behind = b"".join((strings, _NOTHING, *privates, array))
    return _Frame(before=b"".join((_HEAD, names, before)), behind=behind, size=size)


def _together(frame: _Frame, privates: Sequence[bytes], cids: Sequence[int], glyphs: Sequence[_Glyph]) -> bytes:
    """Return the outlines of glyphs by their CIDs; the first of both is that of a letter without a glyph."""
    number_of = {private: number for number, private in enumerate(privates)}
    charset = b"\0" + b"".join(cid.to_bytes(2, "big") for cid in cids[1:])
    select = b"\0" + bytes(number_of[glyph.private] for glyph in glyphs)
    at = frame.size + len(charset)
    offsets = b"".join((_long(at), _FD_SELECT, _long(at + len(select)), _CHAR_STRINGS))
    return b"".join((frame.before, offsets, frame.behind, charset, select, _index([glyph.drawn for glyph in glyphs])))


def _index(parts: Sequence[bytes]) -> bytes:
    """Return parts of any size with a table of where each begins (TN 5176, 5)."""
    begin, places = 1, [1]
    for part in parts:
        begin += len(part)
        places.append(begin)
    size = (begin.bit_length() + 7) // 8
    table = b"".join(place.to_bytes(size, "big") for place in places)
    return b"%s%c%s%s" % (len(parts).to_bytes(2, "big"), size, table, b"".join(parts))


_NOTHING: Final = bytes(2)
"""A table without parts."""


def _integer(value: int) -> bytes:
    """Return a whole number as a dictionary has it (TN 5176, 4)."""
    return b"\x1c" + value.to_bytes(2, "big", signed=True) if -0x8000 <= value < 0x8000 else _long(value)


def _long(value: int) -> bytes:
    """Return a whole number in the form of five bytes, which any number has."""
    return b"\x1d" + value.to_bytes(4, "big", signed=True)
