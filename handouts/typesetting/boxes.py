"""Boxes on a picture -> the dots in them, box by box: what is most, least or anywhere in each, for all at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Boxes:
    """Boxes that have a dot at least: the place of the first in the flat picture, and how many rows and columns."""

    first: _Numbers
    rows: _Numbers
    columns: _Numbers
    width: int

    @classmethod
    def on(cls, shape: tuple[int, ...], corners: _Numbers) -> tuple["Boxes", npt.NDArray[np.bool_]]:
        """Return what of each box lies on a picture of this shape, and of which boxes there is any.

        `corners` has left, top, right and bottom of each, in dots; the right and the bottom one are not part of it.
        """
        height, width = shape
        left, right = (np.clip(edge, 0, width) for edge in (corners[:, 0], corners[:, 2]))
        top, bottom = (np.clip(edge, 0, height) for edge in (corners[:, 1], corners[:, 3]))
        is_any = (right > left) & (bottom > top)
        first, rows, columns = top * width + left, bottom - top, right - left
        return cls(first=first[is_any], rows=rows[is_any], columns=columns[is_any], width=width), is_any

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Boxes":
        """Return some of the boxes."""
        return Boxes(first=self.first[chosen], rows=self.rows[chosen], columns=self.columns[chosen], width=self.width)

    def dots(self, picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the dots of all boxes, one box after the other."""
        firsts, _ = _strips(self.first, self.rows, self.width)
        places, _ = _strips(firsts, np.repeat(self.columns, self.rows), 1)
        return picture.ravel()[places]

    def each(self, combine: np.ufunc, dots: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what `combine` makes of the dots of each box, which `dots` has returned."""
        if not len(self.first):
            return dots[:0]
        counts = self.rows * self.columns
        combined: npt.NDArray[Any] = combine.reduceat(dots, np.cumsum(counts) - counts)
        return combined

    def rows_with(self, marked: npt.NDArray[np.bool_]) -> _Numbers:
        """Return in how many rows of each box there is a marked dot."""
        return _with(marked, self.first, (self.rows, self.width), (self.columns, 1))

    def columns_with(self, marked: npt.NDArray[np.bool_]) -> _Numbers:
        """Return in how many columns of each box there is a marked dot."""
        return _with(marked, self.first, (self.columns, 1), (self.rows, self.width))


def _with(
    marked: npt.NDArray[np.bool_], first: _Numbers, lines: tuple[_Numbers, int], across: tuple[_Numbers, int]
) -> _Numbers:
    """Return how many of each box's lines have a marked dot; both ways are how many there are, and a step's length."""
    if not len(first):
        return first
    heads, starts = _strips(first, *lines)
    places, line_starts = _strips(heads, np.repeat(across[0], lines[0]), across[1])
    has_one = np.logical_or.reduceat(marked.ravel()[places], line_starts)
    counted: _Numbers = np.add.reduceat(has_one, starts, dtype=np.int64)
    return counted


def _strips(first: _Numbers, count: _Numbers, step: int) -> tuple[_Numbers, _Numbers]:
    """Return `count` places from each first one on, `step` apart, strip after strip, and where each strip starts."""
    starts = np.cumsum(count) - count
    return np.repeat(first - step * starts, count) + step * np.arange(count.sum()), starts
