"""Two PDFs of one sheet, however each was made -> where they first differ, found in what a reader of the files gets.

It knows nothing of how they were made: both are opened, their operators, glyphs, letters, tags and metadata compared,
and their pages drawn.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any

import pikepdf

from handouts.typesetting.page_dots import page_dots

_MAPPED = re.compile(rb"<([0-9a-f]{4})>\s+(?:<([0-9a-f]*)>|(\d+))")
_BY_ITSELF = frozenset(("/Font", "/Contents", "/Length", "/Filter", "/DecodeParms"))
"""What is compared in another way, or says how something is packed."""
_SCALE = 1.5
"""Pixels a point: at 108 dpi a stroke is wider than a pixel."""
NO_PAGE = 0


def first_difference(one: bytes, other: bytes) -> int | None:
    """Return the page, from 1, on which two PDFs first differ, or None where a reader gets the same of both.

    NO_PAGE is for what belongs to no page: the number of pages, tags, links, outline and metadata.
    """
    with pikepdf.open(BytesIO(one)) as first, pikepdf.open(BytesIO(other)) as second:
        for number, (left, right) in enumerate(zip_longest(first.pages, second.pages), start=1):
            if left is None or right is None:
                return NO_PAGE
            if _operators(left) != _operators(right):
                return number
        if list(_described(first)) != list(_described(second)):
            return NO_PAGE
    pictures = zip(_pictures(one), _pictures(other), strict=True)
    return next((number for number, (left, right) in enumerate(pictures, start=1) if left != right), None)


def _operators(page: Any) -> list[tuple[object, ...]]:
    """Return a page's operators, with each code replaced by the glyph that it draws and the letters that it is for."""
    fonts = {name: _Font(font) for name, font in page.Resources.Font.items()}
    found: list[tuple[object, ...]] = []
    font: _Font | None = None
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator == "Tf":
            font = fonts[str(operands[0])]
            found.append((operator, font.name, float(operands[1])))
        elif operator == "TJ" and font is not None:
            found.append((operator, *(font.shown(part) for part in operands[0])))
        else:
            found.append((operator, *map(_plain, operands)))
    return found


class _Font:
    """A font of a PDF: its name without the tag of the subset, and what each of its codes stands for."""

    def __init__(self, font: Any) -> None:
        self.name = str(font.BaseFont).rpartition("+")[2]
        self._letters = {code: text for code, text, _ in _mapping(font.ToUnicode)}
        encoding = font.Encoding
        self._glyphs: Mapping[bytes, bytes] = (
            {code: glyph for code, _, glyph in _mapping(encoding)} if isinstance(encoding, pikepdf.Stream) else {}
        )

    def shown(self, part: Any) -> object:
        """Return a piece of text as glyphs with their letters, or a distance."""
        if not isinstance(part, pikepdf.String):
            return float(part)
        data = bytes(part)
        codes = (data[place : place + 2].hex().encode() for place in range(0, len(data), 2))
        return tuple((int(self._glyphs.get(code) or int(code, 16)), self._letters.get(code)) for code in codes)


def _mapping(cmap: Any) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the entries of a CMap: a code, the letters or the number that it leads to."""
    for match in _MAPPED.finditer(cmap.read_bytes()):
        yield match[1], match[2] or b"", match[3] or b""


def _plain(value: Any) -> object:
    return float(value) if isinstance(value, int | float | Decimal) else repr(value)


def _described(pdf: Any) -> Iterator[object]:
    """Yield all of a PDF but its fonts, its pages' operators and what tells one writing of it from another."""
    seen: dict[tuple[int, int], int] = {}
    waiting: list[tuple[str, Any]] = [("root", pdf.Root), ("info", pdf.docinfo)]
    while waiting:
        name, thing = waiting.pop()
        yield name
        if isinstance(thing, pikepdf.Object) and thing.is_indirect:
            is_new = thing.objgen not in seen
            yield seen.setdefault(thing.objgen, len(seen))
            if not is_new:
                continue
        if isinstance(thing, pikepdf.Stream):
            yield thing.read_bytes()
            thing = thing.stream_dict
        if isinstance(thing, pikepdf.Array):
            waiting += (("", part) for part in thing)
        elif isinstance(thing, pikepdf.Dictionary):
            waiting += sorted(((key, value) for key, value in thing.items() if key not in _BY_ITSELF), key=_key)
        else:
            yield _plain(thing)


def _key(entry: tuple[str, Any]) -> str:
    return entry[0]


def _pictures(pdf: bytes) -> Iterator[bytes]:
    """Yield each page as PDFium draws it."""
    for page in page_dots(pdf, lambda _width: _SCALE):
        yield bytes(page.dots.buffer)
