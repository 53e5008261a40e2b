"""A finished PDF -> what its pages are made of: tags in the order of reading, which font draws which words, and where.

It knows nothing of how the PDF was made: tags are read from its structure (ISO 32000-1, 14.7), places from the marked
content that they name, as PDFium finds it on the page.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from pypdfium2 import raw

from handouts.records import Anatomy, Box, Tag, Words
from handouts.typesetting.complaints import ONE_AT_A_TIME

_PHRASES = frozenset(
    ("Span", "Link", "NonStruct", "Reference", "Quote", "Code", "BibEntry", "Annot", "Ruby", "Warichu")
)
"""Tags that stand inside a sentence, or say nothing: they are read with the element around them."""
_DEEPEST = 200
_UNMARKED = -1
_MOST_LETTERS = 300
"""Of an element's text, to know it by."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One thing that is drawn, and its text, if it is one."""

    box: Box
    text: str = field(repr=False)


_Marked = dict[tuple[int, int], list[_Piece]]
"""What marked content draws, by its page and its number there."""


@dataclass(slots=True, eq=False)
class _Element:
    """An element while the structure is gone through, or what it goes on with after others that it holds.

    `run` is what it says at present: itself at first.
    """

    tag: Any
    kind: str
    depth: int
    own: list[tuple[int, int]] = field(default_factory=list)
    whole: list[tuple[int, int]] = field(default_factory=list)
    run: "_Element | None" = None


def anatomy(pdf: bytes) -> Anatomy:
    """Return what the pages of a tagged PDF are made of; one without tags has none."""
    with ONE_AT_A_TIME:
        marked, words = _drawn(pdf)
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = {page.obj.objgen: number for number, page in enumerate(opened.pages, start=1)}
        root = opened.Root.get("/StructTreeRoot")
        elements = list(_elements(root, pages)) if root is not None else []
        read = {place for element in elements for place in element.own}
        return Anatomy(
            tags=tuple(_tags(elements, marked)),
            words=tuple(said for _, said in words),
            unread=tuple(said for place, said in words if place not in read),
        )


def _elements(root: Any, pages: dict[tuple[int, int], int]) -> Iterator[_Element]:
    """Yield the elements that are no phrases, in the order of reading, each with the marked content that it names.

    Marked content is named by its page and its number there.
    """
    found: list[_Element] = []

    def walk(node: Any, page: int, around: tuple[_Element, ...]) -> None:
        page = pages.get(node["/Pg"].objgen, page) if "/Pg" in node else page
        kind = str(node.get("/S", "")).removeprefix("/")
        if kind and kind not in _PHRASES:
            around = (*around, _Element(tag=node, kind=kind, depth=len(around)))
            found.append(around[-1])
        for child in _children(node):
            if isinstance(child, pikepdf.Dictionary) and "/MCID" not in child:
                if len(around) < _DEEPEST and child.get("/Type") != "/OBJR":
                    walk(child, page, around)
            elif around:
                place = _named(child, page, pages)
                _saying(around[-1], found).own.append(place)
                for element in around:
                    element.whole.append(place)

    walk(root, 0, ())
    yield from found


def _saying(element: _Element, found: list[_Element]) -> _Element:
    """Return what an element's next words belong to: a part of its own if others were read since its last ones."""
    if found[-1] is not (element.run or element):
        found.append(_Element(tag=element.tag, kind=element.kind, depth=element.depth))
        element.run = found[-1]
    return found[-1]


def _children(node: Any) -> Sequence[Any]:
    children = node.get("/K")
    if children is None:
        return ()
    return list(children) if isinstance(children, pikepdf.Array) else (children,)


def _named(child: Any, page: int, pages: dict[tuple[int, int], int]) -> tuple[int, int]:
    """Return the page and number of a marked content, which is named by its number or with its page."""
    if isinstance(child, pikepdf.Dictionary):
        page = pages.get(child["/Pg"].objgen, page) if "/Pg" in child else page
        return page, int(child["/MCID"])
    return page, int(child)


def _tags(elements: Sequence[_Element], marked: _Marked) -> Iterator[Tag]:
    number = 0
    for element in elements:
        own = [piece for place in element.own for piece in marked.get(place, ())]
        whole = [piece for place in element.whole for piece in marked.get(place, ())]
        number += bool(own)
        yield Tag(
            kind=element.kind,
            depth=element.depth,
            number=number if own else 0,
            text=_text_of(own)[:_MOST_LETTERS],
            language=str(element.tag.get("/Lang", "")),
            alternative=str(element.tag.get("/Alt", "")),
            boxes=tuple(_around(whole)),
            own=tuple(_around(own)),
        )


def _text_of(pieces: Sequence[_Piece]) -> str:
    """Return the text of pieces; where one begins below the last, a space stands between the lines."""
    text, last = "", None
    for piece in pieces:
        begins_line = last is not None and (piece.box.top >= last.bottom or piece.box.page != last.page)
        text += f" {piece.text}" if begins_line else piece.text
        last = piece.box
    return " ".join(text.split())


def _around(pieces: Sequence[_Piece]) -> Iterator[Box]:
    """Yield the rectangle around pieces, a page each."""
    for page in sorted({piece.box.page for piece in pieces}):
        boxes = [piece.box for piece in pieces if piece.box.page == page]
        yield Box(
            page=page,
            left=min(box.left for box in boxes),
            top=min(box.top for box in boxes),
            right=max(box.right for box in boxes),
            bottom=max(box.bottom for box in boxes),
        )


def _drawn(pdf: bytes) -> tuple[_Marked, list[tuple[tuple[int, int], Words]]]:
    """Return what each marked content draws, and all words with the marked content in which they stand."""
    marked: _Marked = {}
    words: list[tuple[tuple[int, int], Words]] = []
    document = pdfium.PdfDocument(pdf)
    try:
        for number, page in enumerate(document, start=1):
            letters = page.get_textpage()
            for item in page.get_objects():
                box = _box(item, number, page.get_height())
                place = (number, raw.FPDFPageObj_GetMarkedContentID(item.raw))
                text = _text(item, letters) if item.type == raw.FPDF_PAGEOBJ_TEXT else ""
                if text.strip():
                    words.append((place, Words(font=_font(item), size=_size(item), text=text, box=box)))
                if place[1] != _UNMARKED:
                    marked.setdefault(place, []).append(_Piece(box, text))
            letters.close()
            page.close()
    finally:
        document.close()
    return marked, words


def _box(item: Any, page: int, height: float) -> Box:
    left, bottom, right, top = item.get_bounds()
    return Box(
        page=page,
        left=round(left, 2),
        top=round(height - top, 2),
        right=round(right, 2),
        bottom=round(height - bottom, 2),
    )


def _text(item: Any, letters: Any) -> str:
    length = raw.FPDFTextObj_GetText(item.raw, letters.raw, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFTextObj_GetText(item.raw, letters.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return buffer.raw.decode("utf-16-le", errors="replace").rstrip("\0")


def _font(item: Any) -> str:
    """Return the name of the font that draws a text, such as Noto-Sans-Bold; the subset's six letters are left out."""
    font = raw.FPDFTextObj_GetFont(item.raw)
    length = raw.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFFont_GetBaseFontName(font, buffer, length)
    return buffer.value.decode(errors="replace").rpartition("+")[2]


def _size(item: Any) -> float:
    """Return the size of a text in points, as it stands on the page."""
    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(item.raw, size)
    matrix = item.get_matrix()
    return round(size.value * float((matrix.c**2 + matrix.d**2) ** 0.5), 1)
