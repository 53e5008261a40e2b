"""The objects of a small font as WeasyPrint has written them -> those of other small fonts of the same face.

Of one face's small fonts all is the same but the name, the file, the widths and the letters. To put these into their
places takes a fifth of the time that it takes to make the objects anew.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from handouts.typesetting.compact_fonts import USUAL_WIDTH, is_bare_outlines
from handouts.typesetting.engine import Dictionary
from handouts.typesetting.personalising.operators import number

FIRST_NUMBER = 70_001
"""The number of the first object that a pattern is made of: in its objects such a number can only be a reference."""
MOST_LETTERS = 100
"""Letters in the one block of a ToUnicode map that is written here (Adobe Technical Note 5014)."""
_WINDOW, _MEMORY = 12, 4
"""Sizes of zlib's tables for some hundred bytes: its usual ones take five times as long to clear as to use."""
_FIXED_PITCH = 1
"""The flag of a font whose glyphs are all of one width (ISO 32000-1, 9.8.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SmallFont:
    """What is a small font's own: its name, its file, and the width and the letters of each code."""

    name: bytes
    file: bytes = field(repr=False)
    widths: Mapping[int, int]
    letters: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FontPattern:
    """The objects of a face's small fonts: a dictionary for each, with places for what is a font's own.

    `streams` says which of them is the file and which the map of letters; `around` is what stands before and behind
    the letters there.
    """

    dictionaries: tuple[bytes, ...]
    streams: tuple[str, ...]
    around: tuple[bytes, bytes]
    flags: int

    @classmethod
    def of(cls, objects: Sequence[Any], font: SmallFont) -> Self | None:
        """Return the pattern of a face by what WeasyPrint has written of one of its small fonts.

        Its objects are numbered from FIRST_NUMBER. None where the pattern would not give the same again: then each
        small font is written by WeasyPrint.
        """
        streams = tuple(map(_kind, objects))
        descriptors = [thing for thing in objects if isinstance(thing, dict) and "Flags" in thing]
        if len(descriptors) != 1 or sorted(filter(None, streams)) != ["file", "letters"]:
            return None
        lines: list[bytes] = objects[streams.index("letters")].stream
        begin, end = (lines.index(line) for line in _edges(font))
        pattern = cls(
            dictionaries=tuple(_with_places(thing, font, len(objects)) for thing in objects),
            streams=streams,
            around=(b"\n".join(lines[:begin]), b"\n".join(lines[end + 1 :])),
            flags=descriptors[0]["Flags"] - _is_fixed_pitch(font),
        )
        same = zip(pattern._parts(font, FIRST_NUMBER), map(_parts_of, objects), strict=True)
        return pattern if all(ours == theirs for ours, theirs in same) else None

    def written(self, font: SmallFont, first: int) -> tuple[bytes, ...]:
        """Return the objects of a font with no more than MOST_LETTERS, numbered from `first`.

        The last is what a page refers to.
        """
        return tuple(
            b"%d 0 obj\n%s\nendobj\n" % (place, dictionary if data is None else _stream(dictionary, data))
            for place, (dictionary, data) in enumerate(self._parts(font, first), start=first)
        )

    def _parts(self, font: SmallFont, first: int) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield each object's dictionary and, of a stream, its data."""
        own = {b"%d" % place: b"%d 0 R" % (first + place) for place in range(len(self.dictionaries))}
        own[b"name"] = font.name
        own[b"length"] = b"%d" % len(font.file)
        own[b"flags"] = b"%d" % (self.flags + _is_fixed_pitch(font))
        own[b"width"] = b"%d" % max(font.widths.values())
        own[b"widths"] = _widths(font)
        data = {"file": font.file, "letters": self._map(font), "": None}
        for dictionary, stream in zip(self.dictionaries, self.streams, strict=True):
            yield dictionary % own, data[stream]

    def _map(self, font: SmallFont) -> bytes:
        begin, end = _edges(font)
        letters = sorted(font.letters.items())
        entries = (f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in letters)
        return b"\n".join((self.around[0], begin, "\n".join(entries).encode(), end, self.around[1]))


def _kind(thing: Any) -> str:
    """Return which of a font's two streams an object is, or "" for a dictionary."""
    if isinstance(thing, dict):
        return ""
    return "letters" if b"begincmap" in thing.stream else "file"


def _edges(font: SmallFont) -> tuple[bytes, bytes]:
    return b"%d beginbfchar" % len(font.letters), b"endbfchar"


def _is_fixed_pitch(font: SmallFont) -> int:
    """Return the flag of a font that is one, by WeasyPrint's rule."""
    return _FIXED_PITCH if len(font.widths) > 1 and len({*font.widths.values()}) == 1 else 0


def _widths(font: SmallFont) -> bytes:
    """Return the widths of the codes that have not the usual one, each row of them together (ISO 32000-1, 9.7.4.3)."""
    unusual = {code: width for code, width in sorted(font.widths.items()) if width != USUAL_WIDTH}
    parts: list[str] = []
    for code, width in unusual.items():
        if code - 1 in unusual:
            parts[-1] += f" {width}"
        else:
            parts.append(f"{code} [{width}")
    return b"[%s]" % " ".join(f"{part}]" for part in parts).encode()


def _with_places(thing: Any, font: SmallFont, count: int) -> bytes:
    """Return an object's dictionary, with a named place for each thing that is a font's own."""
    values = dict(thing if isinstance(thing, dict) else thing.extra)
    for key, place in (("W", b"widths"), ("Flags", b"flags"), ("Length1", b"length")):
        if key in values:
            values[key] = _place(place)
    if "FontBBox" in values:
        left, bottom, _, top = (number(float(edge)) for edge in values["FontBBox"])
        values["FontBBox"] = b"[%s %s %s %s]" % (left, bottom, _place(b"width"), top)
    data: bytes = Dictionary(values).data.replace(b"%", b"%%").replace(_MARK, b"%(").replace(_END, b")s")
    data = data.replace(font.name.replace(b"%", b"%%"), b"%(name)s")
    for index in range(count):
        data = data.replace(b"%d 0 R" % (FIRST_NUMBER + index), b"%%(%d)s" % index)
    return data


def _place(name: bytes) -> bytes:
    return _MARK + name + _END


_MARK, _END = b"\x00(", b")\x00"
"""Around the name of a place until the rest of the dictionary is a format."""


def _parts_of(thing: Any) -> tuple[bytes, bytes | None]:
    """Return an object of WeasyPrint's as its dictionary and, of a stream, its data."""
    if isinstance(thing, dict):
        return Dictionary(thing).data, None
    return Dictionary(thing.extra).data, b"\n".join(thing.stream)


def _stream(dictionary: bytes, data: bytes) -> bytes:
    """Return a stream, deflated but for bare outlines: of 1,200 bytes these lose 80, for 0.1 ms (measured)."""
    entries = dictionary.removesuffix(b">>")
    if is_bare_outlines(data):
        return b"%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)
    deflating = zlib.compressobj(9, wbits=_WINDOW, memLevel=_MEMORY)
    deflated = deflating.compress(data) + deflating.flush()
    return b"%s/Filter /FlateDecode/Length %d>>\nstream\n%s\nendstream" % (entries, len(deflated), deflated)
