"""A PDF's bytes -> the letters of each page: where its picture shows them, in what contrast, and what they say."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from pypdfium2 import raw

from handouts.typesetting.boxes import Boxes
from handouts.typesetting.characters import characters_of
from handouts.typesetting.setting import Setting, setting

RESOLUTION = 150
"""Dots per inch: at 12 pt every stem of a letter fills a dot."""
_HYPHEN_AT_LINE_END = "\x02"
"""What PDFium makes of it."""
_NOTHING = "\u2060"

_Array = npt.NDArray[np.float64]
_Colours = npt.NDArray[np.uint32]
_Corners = npt.NDArray[np.int64]
_STEP = np.arange(256) / 255
_LINEAR = np.where(_STEP <= 0.04045, _STEP / 12.92, ((_STEP + 0.055) / 1.055) ** 2.4)
"""Relative luminance of a channel (WCAG 2.2)."""
_RED, _GREEN, _BLUE = (weight * _LINEAR for weight in (0.2126, 0.7152, 0.0722))
"""What each channel has of a dot's."""


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
    with_text = _drawn(page)
    text = page.get_textpage()
    found, height = characters_of(text), page.get_height()
    characters, (left, right, bottom, top) = _letters_of(found.codes), found.boxes.T
    boxes = np.column_stack((left, height - top, right, height - bottom))
    set_as = setting(text, found, characters, boxes)
    is_letter = ~np.strings.isspace(characters)
    for item in _objects(page):
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT:
            raw.FPDFTextObj_SetTextRenderMode(item, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    shown = compared(characters[is_letter].tolist(), boxes[is_letter], with_text, _drawn(page), scale=RESOLUTION / 72)
    return replace(shown, setting=set_as.of(is_letter))


def _drawn(page: Any) -> _Colours:
    """Return a page's picture; PDFium leaves the fourth byte of a dot as it is."""
    dots = page.render(scale=RESOLUTION / 72, prefer_bgrx=True).to_numpy()
    colours: _Colours = dots.view("<u4")[..., 0]
    return colours


def compared(
    characters: Sequence[str], boxes: _Array, with_text: _Colours, without_text: _Colours, *, scale: float
) -> Letters:
    """Return the letters of a page that was drawn with its text and without.

    `boxes` has a row for each letter: left, top, right, bottom, in points from the page's upper left. The pictures are
    arrays of height x width, each dot 0xFFRRGGBB, with `scale` dots to a point.
    """
    differs = np.flatnonzero(with_text != without_text)
    light, dark = (_luminance(picture.ravel()[differs]) + 0.05 for picture in (with_text, without_text))
    # 0 where nothing differs: memory that is never written to costs nothing, and a page is 17 MB of it.
    contrast, visible = np.zeros(with_text.shape), np.zeros(with_text.shape, dtype=np.bool_)
    contrast.ravel()[differs] = np.maximum(light, dark) / np.minimum(light, dark)
    visible.ravel()[differs] = contrast.ravel()[differs] > Letters.VISIBLE
    edges = boxes * scale
    corners = np.hstack((np.floor(edges[:, :2]), np.ceil(edges[:, 2:]))).astype(np.int64)
    return Letters(
        characters=np.array(characters, dtype=np.str_),
        is_mark=np.array([unicodedata.category(letter).startswith("M") for letter in characters], dtype=np.bool_),
        x=(boxes[:, 0] + boxes[:, 2]) / 2,
        y=(boxes[:, 1] + boxes[:, 3]) / 2,
        contrast=_most(contrast, corners + np.array((-1, -1, 1, 1))),
        share=_share(visible, corners),
        ground=_unevenness(without_text, corners),
    )


def _most(contrast: _Array, corners: _Corners) -> _Array:
    """Return the largest contrast in each box, at least 1."""
    found = np.ones(len(corners))
    inside, is_any = Boxes.on(contrast.shape, corners)
    found[is_any] = np.maximum(1, inside.each(np.maximum, inside.dots(contrast)))
    return found


def _share(visible: npt.NDArray[np.bool_], corners: _Corners) -> _Array:
    """Return in how much of each box's height and width something is visible, whichever is less."""
    found = np.zeros(len(corners))
    inside, is_any = Boxes.on(visible.shape, corners)
    width, height = np.maximum(1, corners[is_any, 2:] - corners[is_any, :2]).T
    found[is_any] = np.minimum(inside.rows_with(visible) / height, inside.columns_with(visible) / width)
    return found


def _unevenness(ground: _Colours, corners: _Corners) -> _Array:
    """Return the contrast within each box of what lies behind."""
    found = np.ones(len(corners))
    inside, is_any = Boxes.on(ground.shape, corners)
    dots = inside.dots(ground)
    is_uneven = inside.each(np.minimum, dots) != inside.each(np.maximum, dots)
    uneven = inside.of(is_uneven)
    light = _luminance(uneven.dots(ground)) + 0.05
    found[np.flatnonzero(is_any)[is_uneven]] = uneven.each(np.maximum, light) / uneven.each(np.minimum, light)
    return found


def _luminance(dots: _Colours) -> _Array:
    """Return the relative luminance of each dot of a picture."""
    blue, green, red, _ = dots.view(np.uint8).reshape(-1, 4).T
    luminance: _Array = _RED.take(red) + _GREEN.take(green) + _BLUE.take(blue)
    return luminance


def _letters_of(codes: Sequence[int]) -> npt.NDArray[np.str_]:
    """Return the characters of these codes.

    PDFium gives a character above U+FFFF, as 𠮷 in a name, in two halves (UTF-16): it stands for the first of them.
    """
    characters: list[str] = []
    for character in map(chr, codes):
        if character == _HYPHEN_AT_LINE_END:
            characters.append("-")
        elif _is_half(character) and characters and _is_half(characters[-1]):
            halves = (characters[-1] + character).encode("utf-16", "surrogatepass")
            characters[-1:] = [halves.decode("utf-16", "replace"), _NOTHING]
        else:
            characters.append(character)
    return np.array(characters, dtype=np.str_)


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _objects(page: Any) -> Iterator[Any]:
    """Yield everything that is drawn on a page, groups opened."""
    waiting = [raw.FPDFPage_GetObject(page.raw, index) for index in range(raw.FPDFPage_CountObjects(page.raw))]
    while waiting:
        item = waiting.pop()
        yield item
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_FORM:
            waiting += (raw.FPDFFormObj_GetObject(item, index) for index in range(raw.FPDFFormObj_CountObjects(item)))
