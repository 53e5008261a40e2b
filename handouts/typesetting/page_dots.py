"""A finished PDF -> the dots of its pages, one page after another, as PDFium draws them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from handouts.typesetting.complaints import ONE_AT_A_TIME

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, kw_only=True, slots=True)
class PageDots:
    """A page's dots, red before green before blue, which last until the next page is asked for; its paper in points."""

    dots: pdfium.PdfBitmap
    width: float
    height: float


def page_dots(pdf: bytes, scale: Callable[[float], float], *, grey: bool = False) -> Iterator[PageDots]:
    """Yield each page; `scale` returns the dots to a point of a page that is so many points wide."""
    with ONE_AT_A_TIME:
        document = pdfium.PdfDocument(pdf)
        try:
            for page in document:
                width, height = page.get_size()
                dots = page.render(scale=scale(width), grayscale=grey, rev_byteorder=True)
                yield PageDots(dots=dots, width=width, height=height)
                page.close()
        finally:
            document.close()


def png(picture: "Image.Image") -> bytes:
    """Return a picture as the file that is quickest to write: it goes no farther than this computer."""
    written = BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return written.getvalue()
