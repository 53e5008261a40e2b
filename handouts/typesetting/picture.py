"""A PDF's bytes -> the letters of each page: where its picture shows them, in what contrast, and what they say."""

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from pypdfium2 import raw

from handouts.typesetting.setting import Setting, setting

RESOLUTION = 150
"""Dots per inch: at 12 pt every stem of a letter fills a dot."""
_HYPHEN_AT_LINE_END = "\x02"
"""What PDFium makes of it."""

_Array = npt.NDArray[np.float64]
_Dots = npt.NDArray[np.uint8]
_STEP = np.arange(256) / 255
_LINEAR = np.where(_STEP <= 0.04045, _STEP / 12.92, ((_STEP + 0.055) / 1.055) ** 2.4)
"""Relative luminance of a channel (WCAG 2.2)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Letters:
    """The letters of one page, without spaces. Places are the middles of letters in points from its upper left.

    A page is drawn twice, with and without its text; what differs is what a letter shows. `contrast` (WCAG 2.2, 1 to
    21) is the largest in a letter's box between the two: what the letter stands out by from all that lies behind it
    and on it. `share` (0 to 1) is how much of the box's height and width it shows in, and `ground` the contrast within
    what lies behind. `setting` is None of a page in a browser.
    """

    VISIBLE: ClassVar = 1.2
    """A contrast below this is none."""

    characters: npt.NDArray[np.str_]
    is_mark: npt.NDArray[np.bool_]
    x: _Array
    y: _Array
    contrast: _Array
    share: _Array
    ground: _Array
    setting: Setting | None = None


def letters(pdf: bytes) -> tuple[Letters, ...]:
    """Return the letters of each page, by PDFium, which draws for most of the screens that will show the sheet."""
    document = pdfium.PdfDocument(pdf)
    try:
        return tuple(_of_page(page) for page in document)
    finally:
        document.close()


def _of_page(page: Any) -> Letters:
    with_text = page.render(scale=RESOLUTION / 72).to_numpy()
    text = page.get_textpage()
    characters, boxes = _characters(text, page.get_height())
    set_as = setting(text, characters, boxes)
    is_letter = np.array([not character.isspace() for character in characters], dtype=bool)
    for item in _objects(page):
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT:
            raw.FPDFTextObj_SetTextRenderMode(item, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    without_text = page.render(scale=RESOLUTION / 72).to_numpy()
    shown = compared(characters[is_letter].tolist(), boxes[is_letter], with_text, without_text, scale=RESOLUTION / 72)
    return replace(shown, setting=set_as.of(is_letter))


def compared(
    characters: Sequence[str], boxes: _Array, with_text: _Dots, without_text: _Dots, *, scale: float
) -> Letters:
    """Return the letters of a page that was drawn with its text and without.

    `boxes` has a row for each letter: left, top, right, bottom, in points from the page's upper left. The pictures are
    arrays of height x width x channels, blue, green and red first, with `scale` dots to a point.
    """
    contrast = np.ones(with_text.shape[:2])
    differs = (with_text != without_text).any(axis=2)
    light, dark = _luminance(with_text[differs]) + 0.05, _luminance(without_text[differs]) + 0.05
    contrast[differs] = np.maximum(light, dark) / np.minimum(light, dark)
    edges = boxes * scale
    corners = np.hstack((np.floor(edges[:, :2]), np.ceil(edges[:, 2:]))).astype(int)
    measured = np.array([_measured(contrast, without_text, *corner) for corner in corners]).reshape(-1, 3)
    return Letters(
        characters=np.array(characters, dtype=np.str_),
        is_mark=np.array([unicodedata.category(letter).startswith("M") for letter in characters], dtype=np.bool_),
        x=(boxes[:, 0] + boxes[:, 2]) / 2,
        y=(boxes[:, 1] + boxes[:, 3]) / 2,
        contrast=measured[:, 0],
        share=measured[:, 1],
        ground=measured[:, 2],
    )


def _measured(
    contrast: _Array, ground: _Dots, left: int, top: int, right: int, bottom: int
) -> tuple[float, float, float]:
    """Return contrast, share and ground of one letter's box, in dots; a dot more on each side for the first."""
    around = contrast[max(0, top - 1) : max(0, bottom + 1), max(0, left - 1) : max(0, right + 1)]
    inside = contrast[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] > Letters.VISIBLE
    behind = ground[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if not inside.size:
        return (float(around.max()) if around.size else 1.0), 0.0, 1.0
    height, width = max(1, bottom - top), max(1, right - left)
    share = min(inside.any(axis=1).sum() / height, inside.any(axis=0).sum() / width)
    if (behind == behind[0, 0]).all():
        return float(around.max()), float(share), 1.0
    light = _luminance(behind) + 0.05
    return float(around.max()), float(share), float(light.max() / light.min())


def _luminance(dots: _Dots) -> _Array:
    """Return the relative luminance of each dot of a picture."""
    blue, green, red = (_LINEAR[dots[..., channel]] for channel in range(3))
    luminance: _Array = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return luminance


def _characters(text: Any, height: float) -> tuple[npt.NDArray[np.str_], _Array]:
    """Return the characters of the text layer, spaces too, and their boxes: left, top, right, bottom."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    characters, boxes = [], []
    for index in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text.raw, index)).replace(_HYPHEN_AT_LINE_END, "-")
        raw.FPDFText_GetCharBox(text.raw, index, left, right, bottom, top)
        characters.append(character)
        boxes.append((left.value, height - top.value, right.value, height - bottom.value))
    return np.array(characters, dtype=np.str_), np.array(boxes, dtype=float).reshape(-1, 4)


def _objects(page: Any) -> Iterator[Any]:
    """Yield everything that is drawn on a page, groups opened."""
    waiting = [raw.FPDFPage_GetObject(page.raw, index) for index in range(raw.FPDFPage_CountObjects(page.raw))]
    while waiting:
        item = waiting.pop()
        yield item
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM:
            waiting += (raw.FPDFFormObj_GetObject(item, index) for index in range(raw.FPDFFormObj_CountObjects(item)))
