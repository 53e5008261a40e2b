"""A logo's file (SVG, PNG, JPEG) -> Logo, or a Problem: not a picture, too large, or reaching outside itself."""

import base64
import io
from pathlib import Path
from xml.etree import ElementTree

from handouts.errors import InputError, Kind, Problem
from handouts.records import Logo
from handouts.resources import read_bytes

MAXIMUM_LOGO_BYTES = 1_000_000
MAXIMUM_PIXELS = 4000
_SVG = "{http://www.w3.org/2000/svg}"
_REFUSED_ELEMENTS = ("script", "foreignObject", "image", "animate", "set")
_MAXIMUM_ELEMENTS = 5000


def read_logo(path: Path, source: str) -> Logo:
    """Return the logo at `path`; raise InputError where the sheet could not show it safely."""
    data = read_bytes(path, kind=Kind.BRANDING, source=source)
    if len(data) > MAXIMUM_LOGO_BYTES:
        raise _refused(source, "file-too-large", maximum=f"{MAXIMUM_LOGO_BYTES // 1000} kB")
    media, aspect = _svg(data, source) if path.suffix.lower() == ".svg" else _raster(data, source)
    return Logo(data_uri=f"data:{media};base64,{base64.b64encode(data).decode()}", aspect=aspect)


def _refused(source: str, code: str, **values: str) -> InputError:
    return InputError([Problem(kind=Kind.BRANDING, code=code, source=source, values=values)])


def _svg(data: bytes, source: str) -> tuple[str, float]:
    """Return the media type and aspect of an SVG; anything that runs, moves or loads is refused."""
    if b"<!ENTITY" in data:
        raise _refused(source, "svg-not-plain", what="!ENTITY")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise InputError([Problem(kind=Kind.BRANDING, code="logo-not-a-picture", source=source, line=line)]) from None
    if root.tag != f"{_SVG}svg":
        raise _refused(source, "logo-not-a-picture")
    for count, element in enumerate(root.iter()):
        name = str(element.tag).removeprefix(_SVG)
        if name in _REFUSED_ELEMENTS or count > _MAXIMUM_ELEMENTS:
            raise _refused(source, "svg-not-plain", what=name)
        for key, value in element.attrib.items():
            reaches_out = key.endswith("href") and not value.startswith("#")
            if key.startswith("on") or reaches_out or "url(" in value.replace("url(#", ""):
                raise _refused(source, "svg-not-plain", what=key)
        if (
            name == "style"
            and element.text
            and ("@import" in element.text or "url(" in element.text.replace("url(#", ""))
        ):
            raise _refused(source, "svg-not-plain", what="style")
    width, height = _svg_size(root)
    if width <= 0 or height <= 0:
        raise _refused(source, "svg-without-size")
    return "image/svg+xml", width / height


def _svg_size(root: ElementTree.Element) -> tuple[float, float]:
    try:
        box = [float(part) for part in root.get("viewBox", "").replace(",", " ").split()]
        if len(box) == 4:
            return box[2], box[3]
        return float(root.get("width", "0").removesuffix("px")), float(root.get("height", "0").removesuffix("px"))
    except ValueError:
        return 0.0, 0.0


def _raster(data: bytes, source: str) -> tuple[str, float]:
    from PIL import Image, UnidentifiedImageError  # 20 ms that an SVG logo does not need.

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if max(width, height) > MAXIMUM_PIXELS:
                raise _refused(source, "logo-too-many-pixels", maximum=str(MAXIMUM_PIXELS))
            picture.load()
            media = "image/png" if picture.format == "PNG" else "image/jpeg"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise _refused(source, "logo-not-a-picture") from None
    return media, width / height
