"""An SVG and the same picture as pixels -> whether the typesetter's own drawing shows the same."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image, ImageFilter

from handouts.typesetting.complaints import ONE_AT_A_TIME, collecting_complaints
from handouts.typesetting.engine import CSS, HTML, NoFetcher

Pixels = npt.NDArray[np.float64]
_NEIGHBOURS = 3
"""A pixel may be what its neighbours are: the typesetter's circles are up to a pixel of 600 dpi off."""
_CLEARLY = 0.45
_SLIGHTLY, _SHARE = 0.06, 0.0005
"""From black to white: none may differ clearly, and few slightly; measured with shipped pictograms and wrong logos."""


def drawn_alike(svg: str, picture: str) -> bool:
    """Return whether the SVG, typeset, is the same as the picture, which another renderer drew; both are data URIs."""
    with Image.open(io.BytesIO(base64.b64decode(picture.partition(",")[2]))) as drawn:
        wanted = _on_white(drawn)
    shown = _typeset(svg, *wanted.size)
    inside = slice(1, -1)  # A picture ends within its last row of pixels.
    difference = np.maximum(_excess(shown, wanted), _excess(wanted, shown)).max(axis=2)[inside, inside]
    return bool((difference <= _CLEARLY).all() and (difference > _SLIGHTLY).mean() <= _SHARE)


def _typeset(svg: str, width: int, height: int) -> Image.Image:
    """Return a page of this size that is nothing but the picture."""
    fetcher = NoFetcher()
    style = (
        f"@page {{ size: {width}px {height}px; margin: 0 }} body {{ margin: 0 }} "
        f"img {{ display: block; width: {width}px; height: {height}px }}"
    )
    html = HTML(string=f'<html lang="en"><body><img alt="" src="{svg}"></body></html>', url_fetcher=fetcher)
    with collecting_complaints():  # What the typesetter says of the logo alone is for nobody.
        pdf = html.write_pdf(stylesheets=[CSS(string=style, url_fetcher=fetcher)])
    with ONE_AT_A_TIME, pypdfium2.PdfDocument(pdf) as document:
        shown: Any = document[0].render(scale=96 / 72).to_pil()
        return _on_white(shown.resize((width, height)))


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture.convert("RGBA"))
    return white.convert("RGB")


def _excess(one: Image.Image, other: Image.Image) -> Pixels:
    """Return by how much each pixel of one lies outside of what that pixel of the other and its neighbours are."""
    lightest, darkest = ImageFilter.MaxFilter(_NEIGHBOURS), ImageFilter.MinFilter(_NEIGHBOURS)
    pixels, high, low = (
        np.asarray(picture, dtype=np.float64) / 255 for picture in (one, other.filter(lightest), other.filter(darkest))
    )
    return np.maximum(np.maximum(low - pixels, pixels - high), 0)
