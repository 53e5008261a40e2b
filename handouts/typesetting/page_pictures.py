"""A finished PDF -> pictures of its pages, as a screen shows them and as a laser printer puts them on paper.

Also two PDFs -> where their pages look different.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from PIL import Image

from handouts.records import Box, Difference, PagePicture
from handouts.typesetting.page_dots import page_dots, png

SCREEN = 144
"""Dots per inch: a page of 560 CSS pixels on a screen of two dots each."""
LASER = 300
_SCREEN_CELL = np.array(((7, 5, 8, 10), (3, 1, 12, 14), (9, 11, 6, 4), (13, 15, 2, 0)))
"""The order in which the dots of a cell get toner: two spots that grow, which is a screen of 106 lines an inch."""
_TILE = 6
"""Dots of a side, at _COMPARED: what changed within so much of another change is one region."""
_COMPARED = 72
_VISIBLE = 24
"""Of 255: a smaller change of a dot is the rim of a letter that moved by a hair."""
_MOST_REGIONS = 60

_Picture = npt.NDArray[np.uint8]
_Tiles = npt.NDArray[np.bool_]


def page_pictures(pdf: bytes) -> tuple[PagePicture, ...]:
    """Return the pages as PDFium shows them on a screen."""
    return tuple(
        PagePicture(width=width, height=height, png=png(Image.fromarray(page)))
        for page, width, height in drawn(pdf, SCREEN)
    )


def laser_pictures(pdf: bytes) -> tuple[PagePicture, ...]:
    """Return the pages as a laser printer prints them without colour: every dot is black or white."""
    return tuple(
        PagePicture(width=width, height=height, png=png(Image.fromarray(_toner(page))))
        for page, width, height in drawn(pdf, LASER, grey=True)
    )


def difference(before: bytes, after: bytes) -> Difference:
    """Return where two PDFs look different, page by page."""
    if before == after:
        return Difference(pages=(), regions=())
    pages: list[int] = []
    regions: list[Box] = []
    both = zip_longest(drawn(before, _COMPARED), drawn(after, _COMPARED))
    for number, (old, new) in enumerate(both, start=1):
        if old is None or new is None or old[0].shape != new[0].shape:
            pages.append(number)
        elif found := tuple(_regions(old[0], new[0], number)):
            pages.append(number)
            regions += found
    return Difference(pages=tuple(pages), regions=tuple(regions))


def drawn(pdf: bytes, resolution: int, *, grey: bool = False) -> Iterator[tuple[_Picture, float, float]]:
    """Yield the picture of each page, height x width (x 3), and the size of its paper in points."""
    for page in page_dots(pdf, lambda _width: resolution / 72, grey=grey):
        yield np.array(page.dots.to_numpy()), page.width, page.height


def _toner(grey: _Picture) -> npt.NDArray[np.bool_]:
    """Return where paper stays white, by a clustered screen."""
    side = len(_SCREEN_CELL)
    rows, columns = grey.shape
    thresholds = (_SCREEN_CELL + 0.5) * 255 / side**2
    screen = np.tile(thresholds, (-(-rows // side), -(-columns // side)))[:rows, :columns]
    white: npt.NDArray[np.bool_] = grey > screen
    return white


def _regions(old: _Picture, new: _Picture, page: int) -> Iterator[Box]:
    """Yield the rectangles around what differs; many that lie all over the page become one."""
    differs = (np.abs(old.astype(np.int16) - new).max(axis=2) > _VISIBLE) if old.ndim == 3 else old != new
    rows, columns = (-(-side // _TILE) for side in differs.shape)
    padded = np.zeros((rows * _TILE, columns * _TILE), dtype=np.bool_)
    padded[: differs.shape[0], : differs.shape[1]] = differs
    tiles = np.asarray(padded.reshape(rows, _TILE, columns, _TILE).any(axis=(1, 3)))
    found = tuple(_together(tiles))
    if len(found) > _MOST_REGIONS:
        marked = np.argwhere(tiles)
        found = ((*marked.min(axis=0).tolist(), *marked.max(axis=0).tolist()),)
    dot = 72 / _COMPARED * _TILE
    for top, left, bottom, right in sorted(found):
        yield Box(page=page, left=left * dot, top=top * dot, right=(right + 1) * dot, bottom=(bottom + 1) * dot)


def _together(tiles: _Tiles) -> Iterator[tuple[int, int, int, int]]:
    """Yield top, left, bottom and right tile of each group of marked tiles, none farther than one from the next."""
    left_over = set(map(tuple, np.argwhere(tiles).tolist()))
    while left_over:
        group = [left_over.pop()]
        for row, column in group:
            near = {(row + down, column + across) for down in range(-2, 3) for across in range(-2, 3)} & left_over
            left_over -= near
            group += near
        yield _corners(group)


def _corners(group: Sequence[tuple[int, ...]]) -> tuple[int, int, int, int]:
    rows, columns = [place[0] for place in group], [place[1] for place in group]
    return min(rows), min(columns), max(rows), max(columns)
