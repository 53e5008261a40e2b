"""The bytes of a PNG or JPEG, whole, upright and small enough -> Raster, with how dark it stands on white paper."""

import io
import struct
import warnings
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps

from handouts.pictures.picture import MAXIMUM_PIXELS, VISIBLE_CONTRAST, Damaged, Raster, TooManyPixels

Pixels = npt.NDArray[np.float64]
"""A number for each pixel, by rows."""

_DRAWN = 0.5
"""Opacity from which a pixel counts as drawn."""
_TOUCHING = 0.03
"""Share of its edge with which a white part must touch colour to be seen by it: a white plate with a small sign on it
has more, white letters of which one touches the sign have less."""

Mask = npt.NDArray[np.bool_]
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, struct.error, zlib.error)
"""What Pillow raises for one damaged picture or another."""
_ORIENTATION = 0x0112
"""Exif 2.32, 4.6.5.1.8: how a camera held the picture, 1 for upright."""
_MEASURED_PIXELS = 500
_SMALLEST_SHARE = 0.002
"""A logo of thin lines covers a fiftieth of its box; a tenth of that is dirt."""


def raster(data: bytes) -> Raster:
    """Return the picture, turned upright and without its Exif data where a camera had turned it.

    Raises TooManyPixels or Damaged; half a picture is damaged, though WeasyPrint and browsers would show it.
    """
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES  # WeasyPrint sets it for the whole process: half a logo would pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        with picture:
            if max(picture.size) > MAXIMUM_PIXELS:
                raise TooManyPixels
            picture.load()
            return _upright(picture, data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels from None
    except TooManyPixels:
        raise
    except _DAMAGED:
        raise Damaged from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _upright(picture: ImageFile.ImageFile, data: bytes) -> Raster:
    form = picture.format or ""
    shown: Image.Image = picture
    if picture.getexif().get(_ORIENTATION, 1) != 1:
        shown = ImageOps.exif_transpose(picture)
        saved = io.BytesIO()
        profile = picture.info.get("icc_profile")
        options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
        shown.save(saved, form, icc_profile=profile, exif=b"", **options)
        data = saved.getvalue()
    darkness, opacity = _on_white_paper(shown)
    return Raster(
        media="image/png" if form == "PNG" else "image/jpeg",
        data=data,
        width=shown.width,
        height=shown.height,
        contrast=float(np.quantile(darkness, 1 - _SMALLEST_SHARE)),
        invisible=invisible_share(darkness, opacity),
    )


def _on_white_paper(picture: Image.Image) -> tuple[Pixels, Pixels]:
    """Return the contrast with white paper (WCAG 2.2) of each pixel of a small copy, and how opaque it is, 0 to 1."""
    if picture.mode.startswith("I"):  # Pillow would cut 16 bits off at 255, where they are black.
        picture = Image.fromarray((np.asarray(picture) / 257).clip(0, 255).astype(np.uint8))
    small = picture.convert("RGBA")
    small.thumbnail((_MEASURED_PIXELS, _MEASURED_PIXELS))
    white = Image.new("RGBA", small.size, "white")
    white.alpha_composite(small)
    parts = np.asarray(white.convert("RGB"), dtype=np.float64) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return 1.05 / (luminance + 0.05), np.asarray(small.getchannel("A"), dtype=np.float64) / 255


def invisible_share(contrast: Pixels, opacity: Pixels) -> float:
    """Return the share, 0 to 1, of the drawn pixels that lie in white parts with nothing but transparency around them.

    `contrast` is each pixel's with white paper, `opacity` from 0 to 1. A white part that colour surrounds, or that
    surrounds colour, is seen by it; a white ground up to the picture's edge is no part.
    """
    coloured = contrast >= VISIBLE_CONTRAST
    pale = ~coloured & (opacity >= _DRAWN)
    drawn = np.count_nonzero(coloured | pale)
    if not drawn or not pale.any():
        return 0.0
    part_of = _parts(pale)[pale]
    size, by_colour, by_nothing = (
        np.bincount(part_of, weights=mask[pale], minlength=pale.size)
        for mask in (pale, _beside(coloured), _beside(~coloured & ~pale))
    )
    lost = (by_nothing > 0) & (by_colour <= _TOUCHING * (by_colour + by_nothing))
    return float(size[lost].sum() / drawn)


def _beside(mask: Mask) -> Mask:
    """Return which pixels have one of `mask` above, below, left or right of them."""
    found = np.zeros_like(mask)
    found[1:] |= mask[:-1]
    found[:-1] |= mask[1:]
    found[:, 1:] |= mask[:, :-1]
    found[:, :-1] |= mask[:, 1:]
    return found


def _parts(mask: Mask) -> npt.NDArray[np.int64]:
    """Return a number for each pixel, the same for all pixels of `mask` that hang together by their sides.

    Each takes the smallest number of its neighbours, and then that number's own, until none changes.
    """
    nowhere = mask.size
    numbers = np.where(mask, np.arange(mask.size).reshape(mask.shape), nowhere)
    while True:
        smallest = np.pad(numbers, 1, constant_values=nowhere)
        around = (smallest[:-2, 1:-1], smallest[2:, 1:-1], smallest[1:-1, :-2], smallest[1:-1, 2:])
        found = np.where(mask, np.minimum.reduce((numbers, *around)), nowhere)
        found = np.append(found.ravel(), nowhere)[found]
        if np.array_equal(found, numbers):
            return numbers
        numbers = found
