"""A page of a PDF -> how each letter is set, beside how its font has it: its size, its shape, the room it has."""

import unicodedata
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from pypdfium2 import raw

from handouts.typesetting.characters import Characters

_STRETCHED, _LEANING = 0.1, 0.05
"""How far a letter may be from as wide as it is high, and from upright, as shares: measured 0 and 0."""
_DOT = 0.07
"""Square ems of a sign that may stand in the room of the line above: a tanwin has 0.06, an alif 0.11."""
_VIRAMA = 9
"""Unicode's combining class of the sign after which the next letter can stand under the one before, as in ଶ୍ରୀ."""
_Array = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]
_Owners = npt.NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Setting:
    """How the characters of a page are set, each of PDFium's in its order.

    `size` is in points. `is_upright` says that a letter is neither turned, slanted, stretched nor squeezed. `room` is
    the way to the next letter of its piece of text, as a share of its own width; 1 for what may stand under another.
    `runs_on` is how much is taken of a space that a letter lies on, `overlap` how much of the letter's box is under or
    over other pieces of text. A mark, which stands on another letter, has nothing of the three. `figure` is the height
    of a figure from 0 to 9, as a share of its font's size; 1 for other letters.
    """

    size: _Array
    is_upright: _Flags
    room: _Array
    runs_on: _Array
    overlap: _Array
    figure: _Array

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Setting":
        """Return the setting of some of the characters."""
        return Setting(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def setting(text: Any, found: Characters, characters: npt.NDArray[np.str_], boxes: _Array) -> Setting:
    """Return the setting of PDFium's text of a page; `boxes` has left, top, right and bottom of each character."""
    owner, (x, y), right = found.owners, found.origins.T, found.ends
    is_space, is_digit = np.strings.isspace(characters), np.strings.isdigit(characters)
    is_mark = np.array([unicodedata.category(one).startswith("M") for one in characters.tolist()], dtype=bool)
    is_under = np.roll([unicodedata.combining(one) == _VIRAMA for one in characters.tolist()], 1)
    drawn, letters = (
        np.flatnonzero((owner > 0) & ~is_mark & ~is_under),
        np.flatnonzero((owner > 0) & ~is_mark & ~is_space),
    )
    spaces = np.flatnonzero((owner > 0) & is_space & (right > x))
    is_figure = (characters >= "0") & (characters <= "9")
    _, first, of_owner = np.unique(owner, return_index=True, return_inverse=True)
    room, runs_on, overlap = np.ones(len(owner)), np.zeros(len(owner)), np.zeros(len(owner))
    room[drawn] = _room(owner[drawn], x[drawn], _ends(characters, right, is_mark)[drawn], is_digit[drawn])
    runs_on[letters] = _runs_on((x[letters], right[letters], y[letters]), (x[spaces], right[spaces], y[spaces]))
    size = np.array([_size(text, index) for index in first])[of_owner]
    large = letters[_area(boxes[letters]) > _DOT * size[letters] ** 2]
    overlap[large] = _overlap(boxes[large], owner[large])
    return Setting(
        size=size,
        is_upright=np.array([_is_upright(text, index) for index in first], dtype=bool)[of_owner],
        room=room,
        runs_on=runs_on,
        overlap=overlap,
        figure=np.where(is_figure & (owner > 0), (boxes[:, 3] - boxes[:, 1]) / np.maximum(size, 0.01), 1),
    )


def _matrix(text: Any, index: int) -> Any:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text.raw, index, matrix)
    return matrix


def _size(text: Any, index: int) -> float:
    return float(raw.FPDFText_GetFontSize(text.raw, index) * abs(_matrix(text, index).d))


def _is_upright(text: Any, index: int) -> bool:
    matrix = _matrix(text, index)
    leaning, stretched = max(abs(matrix.b), abs(matrix.c)), abs(matrix.a - matrix.d)
    return bool(leaning <= _LEANING * matrix.d and stretched <= _STRETCHED * matrix.d)


def _ends(characters: npt.NDArray[np.str_], right: _Array, is_mark: _Flags) -> _Array:
    """Return each character's right edge, a letter's with that of its vowel signs that have a width of their own.

    A sign may stand before its letter, as in Bengali: PDFium then gives the letter the sign's place and the sign its.
    """
    has_width = np.array([unicodedata.category(one) == "Mc" for one in characters.tolist()], dtype=bool)
    letter = np.maximum.accumulate(np.where(is_mark, 0, np.arange(len(right))))
    ends = right.copy()
    np.maximum.at(ends, letter[has_width], right[has_width])
    return ends


def _room(owner: _Owners, x: _Array, right: _Array, is_digit: _Flags) -> _Array:
    """Return each character's room; 1 for the last of a piece, and for letters that share a glyph, such as "fi"."""
    order = np.lexsort((x, owner))
    one, other = order[:-1], order[1:]
    is_shared = (x[one] == x[other]) & (right[one] == right[other]) & ~is_digit[one]
    is_next = (owner[one] == owner[other]) & (right[one] > x[one]) & ~is_shared
    one, other = one[is_next], other[is_next]
    room = np.ones(len(x))
    room[one] = (x[other] - x[one]) / (right[one] - x[one])
    return room


def _runs_on(letters: tuple[_Array, _Array, _Array], spaces: tuple[_Array, _Array, _Array]) -> _Array:
    """Return how much is taken of a space that each letter lies on; both as origins, right edges and baselines."""
    (x, right, y), (left, end, baseline) = letters, spaces
    space, letter = np.nonzero(np.abs(y - baseline[:, None]) < 1)
    on = np.minimum(right[letter], end[space]) - np.maximum(x[letter], left[space])
    space, letter, on = (part[on > 0] for part in (space, letter, on))
    taken = np.bincount(space, np.minimum(on / (end - left)[space], 1), len(left))
    runs_on = np.zeros(len(x))
    np.maximum.at(runs_on, letter, taken[space])
    return runs_on


def _area(boxes: _Array) -> _Array:
    areas: _Array = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return areas


def _overlap(boxes: _Array, owner: _Owners) -> _Array:
    """Return how much of each letter's box lies in boxes of letters of other pieces of text."""
    overlap = np.zeros(len(boxes))
    _, piece = np.unique(owner, return_inverse=True)
    for number, others in enumerate(_near(boxes, piece)):
        near = others[piece]
        if near.any():
            own = piece == number
            low = np.maximum(boxes[own, None, :2], boxes[None, near, :2])
            high = np.minimum(boxes[own, None, 2:], boxes[None, near, 2:])
            common = np.maximum(high - low, 0).prod(axis=2).sum(axis=1)
            overlap[own] = common / np.maximum(_area(boxes[own]), 0.01)
    return overlap


def _near(boxes: _Array, piece: npt.NDArray[np.intp]) -> _Flags:
    """Return which pieces of text, each from its leftmost letter to its rightmost, reach into which others."""
    count = piece.max(initial=-1) + 1
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, piece, boxes[:, :2])
    np.maximum.at(high, piece, boxes[:, 2:])
    reaches = np.concatenate((low[:, None] < high[None], high[:, None] > low[None]), axis=2)
    near: _Flags = reaches.all(axis=2) & ~np.eye(count, dtype=bool)
    return near
