"""A logo's file (SVG, PNG, JPEG) -> Logo, or a Problem: not a picture, too large, or reaching outside itself."""

import base64
import io
import struct
import warnings
import zlib
from pathlib import Path

from handouts.branding.plain_svg import read_svg
from handouts.errors import InputError, Kind, Problem
from handouts.records import Logo
from handouts.resources import read_bytes

MAXIMUM_LOGO_BYTES = 1_000_000
MAXIMUM_PIXELS = 4000
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, struct.error, zlib.error)
"""What Pillow raises for one damaged picture or another."""


def read_logo(path: Path, source: str) -> Logo:
    """Return the logo at `path`; raise InputError where the sheet could not show it safely."""
    data = read_bytes(path, kind=Kind.BRANDING, source=source)
    if len(data) > MAXIMUM_LOGO_BYTES:
        raise _refused(source, "file-too-large", maximum=f"{MAXIMUM_LOGO_BYTES // 1000} kB")
    if path.suffix.lower() == ".svg":
        media = "image/svg+xml"
        data, aspect = read_svg(data, source)
    else:
        media, aspect = _raster(data, source)
    return Logo(data_uri=f"data:{media};base64,{base64.b64encode(data).decode()}", aspect=aspect)


def _refused(source: str, code: str, **values: str) -> InputError:
    return InputError([Problem(kind=Kind.BRANDING, code=code, source=source, values=values)])


def _raster(data: bytes, source: str) -> tuple[str, float]:
    """Return the media type and aspect of a PNG or JPEG that can be read to its last byte."""
    from PIL import Image, ImageFile  # 20 ms that an SVG logo does not need.

    too_large = _refused(source, "logo-too-many-pixels", maximum=str(MAXIMUM_PIXELS))
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES  # WeasyPrint sets it for the whole process: half a logo would pass.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        with picture:
            width, height = picture.size
            if max(width, height) > MAXIMUM_PIXELS:
                raise too_large
            picture.load()
            return ("image/png" if picture.format == "PNG" else "image/jpeg"), width / height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    except _DAMAGED:
        raise _refused(source, "logo-not-a-picture") from None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
