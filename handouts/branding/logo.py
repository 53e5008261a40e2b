"""A logo's file (SVG, PNG, JPEG) -> Logo and its warnings, or a Problem: no picture, none that is drawn, not seen."""

import base64
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.pictures import (
    MAXIMUM_PIXELS,
    VISIBLE_CONTRAST,
    Damaged,
    NotDrawn,
    Raster,
    Svg,
    TooManyPixels,
    draw,
    kept,
    read_svg,
)
from handouts.records import LOGO_HEIGHT, Logo
from handouts.resources import read_bytes

MAXIMUM_LOGO_BYTES = 1_000_000
PRINTED_DPI = 600
"""Of an SVG that is printed as pixels: what office printers resolve."""
_COARSE_DPI = 150
_FINE_DPI = 300
_INVISIBLE = 1.1
_INVISIBLE_SHARE = 0.1
_MILLIMETRES = 25.4
_RASTERS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How every PNG and JPEG begins."""


def read_logo(
    path: Path, source: str, cache: Path | None = None, height: int = LOGO_HEIGHT
) -> tuple[Logo, tuple[Problem, ...]]:
    """Return the logo at `path` and its warnings; raise InputError where the sheet could not show it safely.

    It is printed at most `height` millimetres high. What was drawn or measured is kept in the folder `cache`, if there
    is one.
    """
    data = read_bytes(path, kind=Kind.BRANDING, source=source)
    if len(data) > MAXIMUM_LOGO_BYTES:
        raise InputError.of(Kind.BRANDING, Code.FILE_TOO_LARGE, source, maximum=f"{MAXIMUM_LOGO_BYTES // 1000} kB")
    vector = read_svg(data, Kind.BRANDING, source) if _is_svg(data, path.suffix.lower()) else None
    picture = _drawn(vector, source, cache, height) if vector else _read(data, source, cache)
    if picture.contrast < _INVISIBLE:
        raise InputError.of(Kind.BRANDING, Code.LOGO_INVISIBLE, source)
    logo = Logo(
        data_uri=_data_uri(picture.media, picture.data),
        aspect=vector.aspect if vector else picture.width / picture.height,
        height=height,
        vector=_data_uri("image/svg+xml", vector.data) if vector and vector.simple else "",
    )
    return logo, _warnings(picture, logo, source, drawn=vector is not None)


def _is_svg(data: bytes, suffix: str) -> bool:
    """Return whether a file is to be read as SVG: by what it holds, since people rename files to convert them."""
    return not data.startswith(_RASTERS) and (suffix == ".svg" or b"<svg" in data)


def _data_uri(media: str, data: bytes) -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def _drawn(vector: Svg, source: str, cache: Path | None, height: int) -> Raster:
    """Return an SVG as pixels of its printed size."""
    width = round(Logo.printed_width(vector.aspect, height) / _MILLIMETRES * PRINTED_DPI)
    try:
        made_from = (vector.data, str(width).encode(), version("resvg-py").encode())
        return kept(cache, made_from, lambda: _drawn_anew(vector.data, width))
    except (NotDrawn, Damaged, TooManyPixels):
        raise InputError.of(Kind.BRANDING, Code.SVG_FAILS, source) from None


@lru_cache(maxsize=4)
def _drawn_anew(svg: bytes, width: int) -> Raster:
    return _raster(draw(svg, width))


def _read(data: bytes, source: str, cache: Path | None) -> Raster:
    try:
        return kept(cache, (data,), lambda: _raster(data))
    except TooManyPixels:
        raise InputError.of(Kind.BRANDING, Code.LOGO_TOO_MANY_PIXELS, source, maximum=str(MAXIMUM_PIXELS)) from None
    except Damaged:
        raise InputError.of(Kind.BRANDING, Code.LOGO_NOT_A_PICTURE, source) from None


def _raster(data: bytes) -> Raster:
    from handouts.pictures.pixels import raster  # 0.2 s of numpy and Pillow that a logo once seen does not need.

    return raster(data)


def _warnings(picture: Raster, logo: Logo, source: str, *, drawn: bool) -> tuple[Problem, ...]:
    found: list[Problem] = []

    def warn(code: Code, **values: str) -> None:
        found.append(Problem.warning(Kind.BRANDING, code, source, **values))

    if picture.contrast < VISIBLE_CONTRAST:
        warn(Code.LOGO_PALE, found=f"{picture.contrast:.1f}")
    elif picture.invisible > _INVISIBLE_SHARE:
        warn(Code.LOGO_PARTLY_WHITE, share=f"{picture.invisible:.0%}".removesuffix("%"))
    inches = logo.width / _MILLIMETRES
    if not drawn and picture.width < _COARSE_DPI * inches:
        wanted = -(-round(_FINE_DPI * inches) // 50) * 50
        warn(Code.LOGO_COARSE, found=str(picture.width), wanted=str(wanted), printed=f"{logo.width:.0f}")
    return tuple(found)
