"""PDFium's text of a page -> what it says of each character, read into rows of numbers.

Each page has thousands of characters, and PDFium is asked five things of each. cffi asks them in a third of the time
that ctypes takes, by the addresses that ctypes has (measured 2026-11-29: 3 and 11 ms a page).
"""

import ctypes
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
from pypdfium2 import raw

from handouts.typesetting.engine import ffi

_Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Characters:
    """What PDFium says of the characters of a page, spaces too, in its order; lengths in points from the lower left.

    `codes` are UTF-16: a character above U+FFFF, as 𠮷 in a name, is two. `boxes` has left, right, bottom and top of
    each one's ink, `origins` where its baseline begins, `ends` the right edge of what its font gives it. `owners` tell
    which text object draws it, 0 for a space that PDFium puts in.
    """

    codes: list[int]
    boxes: _Array
    origins: _Array
    ends: _Array
    owners: npt.NDArray[np.uint64]


def characters_of(text: Any) -> Characters:
    """Return what PDFium says of the characters of a page's text."""
    count = text.count_chars()
    all_of = (repeat(ffi.cast("void *", ctypes.cast(text.raw, ctypes.c_void_p).value)), range(count))
    boxes, origins, edges = (
        ffi.new(kind, size * count) for kind, size in (("double[]", 4), ("double[]", 2), ("float[]", 4))
    )
    _call(map(_BOX_OF, *all_of, *(_places(boxes, column, 4, count) for column in range(4))))
    _call(map(_ORIGIN_OF, *all_of, *(_places(origins, column, 2, count) for column in range(2))))
    _call(map(_EDGES_OF, *all_of, _places(edges, 0, 4, count)))
    return Characters(
        codes=[*map(_CODE_OF, *all_of)],
        boxes=_rows(boxes, 4),
        origins=_rows(origins, 2),
        ends=_rows(edges, 4, np.float32)[:, 2],
        owners=np.fromiter(map(_OWNER_OF, *all_of), dtype=np.uint64, count=count),
    )


def _function(function: Any, kind: str) -> Any:
    """Return a function of PDFium's as cffi calls it."""
    return ffi.cast(kind, ctypes.cast(function, ctypes.c_void_p).value)


_CODE_OF = _function(raw.FPDFText_GetUnicode, "unsigned int (*)(void *, int)")
_OWNER_OF = _function(raw.FPDFText_GetTextObject, "uintptr_t (*)(void *, int)")
_BOX_OF = _function(raw.FPDFText_GetCharBox, "int (*)(void *, int, double *, double *, double *, double *)")
_ORIGIN_OF = _function(raw.FPDFText_GetCharOrigin, "int (*)(void *, int, double *, double *)")
_EDGES_OF = _function(raw.FPDFText_GetLooseCharBox, "int (*)(void *, int, float *)")


def _places(numbers: Any, column: int, columns: int, count: int) -> Iterable[Any]:
    """Return where the numbers of one column of a table are."""
    return map(numbers.__add__, range(column, columns * count, columns))


def _call(calls: Iterable[object]) -> None:
    deque(calls, maxlen=0)


def _rows(numbers: Any, columns: int, kind: type[np.floating[Any]] = np.float64) -> _Array:
    held = ffi.buffer(numbers) if len(numbers) else b""
    return np.frombuffer(held, dtype=kind).astype(np.float64).reshape(-1, columns)
