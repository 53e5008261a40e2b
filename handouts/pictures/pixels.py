"""The bytes of a PNG or JPEG, whole, upright and small enough -> Raster, with how dark it stands on white paper."""

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageFile, ImageOps

from handouts.pictures.picture import MAXIMUM_PIXELS, Damaged, Raster, TooManyPixels
from handouts.pictures.unseen import Pixels, unseen_share

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
        unseen=unseen_share(darkness, opacity),
    )


def _on_white_paper(picture: Image.Image) -> tuple[Pixels, Pixels]:
    """Return the contrast with white paper (WCAG 2.2) of each pixel of a small copy, and how opaque it is, 0 to 1."""
    if picture.mode.startswith("I"):  # Pillow would cut 16 bits off at 255, where they are black.
        picture = Image.fromarray((np.asarray(picture) / 257).clip(0, 255).astype(np.uint8))
    seen = picture.convert("RGBA")
    seen.thumbnail((_MEASURED_PIXELS, _MEASURED_PIXELS))
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    parts = np.asarray(white.convert("RGB"), dtype=np.float64) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return 1.05 / (luminance + 0.05), np.asarray(seen.getchannel("A"), dtype=np.float64) / 255
