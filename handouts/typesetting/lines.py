"""A laid-out sheet -> its paragraphs, each with the pieces of text that stand on its lines, where and how large."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handouts.letters import letters_of
from handouts.typesetting.engine import is_generated, text_boxes

POINTS = 0.75
"""Points in a CSS pixel."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Piece:
    """A piece of text on one line: page from 0, place in points from the page's upper left, size in points."""

    page: int
    left: float
    right: float
    baseline: float
    size: float
    letters: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Paragraph:
    """The text of one element, without markers and what a style generates, as pieces in the order of reading.

    `order` counts the paragraphs from the first page's first. `cell` is the cell of a table that it stands in, or None.
    """

    order: int
    pieces: tuple[Piece, ...]
    cell: object = None

    @property
    def letters(self) -> str:
        """Return the letters of the whole."""
        return "".join(piece.letters for piece in self.pieces)

    def between(self, start: int, end: int) -> Iterator[Piece]:
        """Yield the pieces that hold the letters from `start` to `end`."""
        position = 0
        for piece in self.pieces:
            if piece.letters and position < end and position + len(piece.letters) > start:
                yield piece
            position += len(piece.letters)


def paragraphs(document: Any) -> tuple[Paragraph, ...]:
    """Return the paragraphs of every page; one that goes on overleaf is there as its parts and as a whole."""
    whole: dict[object, Paragraph] = {}
    found: list[Paragraph] = []
    for number, page in enumerate(document.pages):
        parts: dict[object, list[Piece]] = {}
        cells: dict[object, object] = {}
        for owner, cell, box in text_boxes(page):
            if not is_generated(box):
                parts.setdefault(owner, []).append(_piece(box, number))
                cells[owner] = cell
        for owner, pieces in parts.items():
            part = Paragraph(order=len(found), pieces=tuple(pieces), cell=cells[owner])
            found.append(part)
            before = whole.get(owner, Paragraph(order=part.order, pieces=()))
            whole[owner] = Paragraph(order=before.order, pieces=before.pieces + part.pieces)
    return (*found, *(one for one in whole.values() if len({piece.page for piece in one.pieces}) > 1))


def _piece(box: Any, page: int) -> Piece:
    return Piece(
        page=page,
        left=box.position_x * POINTS,
        right=(box.position_x + box.width) * POINTS,
        baseline=(box.position_y + box.baseline) * POINTS,
        size=box.style["font_size"] * POINTS,
        letters=letters_of(box.text),
    )
