"""What a finished PDF is found to be, as it travels from a worker to a page: pictures, places, tags, words, changes."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle on a page (from 1), in points from its upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """One element of the structure that is no mere phrase; `depth` is how many such elements are around it.

    `number` is its place in the order of reading, from 1, or 0 where it only holds others. `boxes` are around all that
    it holds, a page each; `own` around what it says itself. `language` and `alternative` are its own, "" without. An
    element that says something more after others that it holds is there once more for that, without `boxes`. `text`, to
    know it by, is as PDFium reads it: of an Arabic ligature it exchanges the letters, which the PDF has in their order.
    """

    kind: str
    depth: int
    number: int
    text: str = field(repr=False)
    language: str
    alternative: str
    boxes: tuple[Box, ...]
    own: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A piece of text that one font draws: the font's name as the PDF has it, without the mark of a subset."""

    font: str
    size: float
    text: str = field(repr=False)
    box: Box


@dataclass(frozen=True, kw_only=True, slots=True)
class Anatomy:
    """What a PDF's pages are made of. `unread` are texts outside every tag, such as page numbers: nobody hears them."""

    tags: tuple[Tag, ...]
    words: tuple[Words, ...]
    unread: tuple[Words, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PagePicture:
    """A page as a PNG, and the size of its paper in points."""

    width: float
    height: float
    png: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Where the pages of two PDFs look different: `pages` (from 1) that do, or that only one has; regions on these."""

    pages: tuple[int, ...]
    regions: tuple[Box, ...]
