"""Two brand colours -> colours that can be read on white and on a tint, and a Problem for each that had to change.

The clinic's own colour stays where it is no text and no mark that means something alone.
"""

import colorsys
from collections.abc import Callable
from dataclasses import replace

from handouts.checking import FileText
from handouts.codes import Code
from handouts.errors import Problem, Severity
from handouts.pictures import VISIBLE_CONTRAST
from handouts.records import Colours

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum), for text below 18 pt."""
GRAPHIC_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11 Non-text Contrast."""
WHITE = "#ffffff"
BLACK = "#000000"
_TINT_SHARE = 0.07

Rgb = tuple[float, float, float]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two #rrggbb colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(_rgb(first)), _luminance(_rgb(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def tint(colour: str) -> str:
    """Return a pale shade of `colour` for the ground of a panel."""
    return _hex(tuple(1 - (1 - part) * _TINT_SHARE for part in _rgb(colour)))  # type: ignore[arg-type]  # three parts in, three out


def nearest_passing(colour: str, ground: str, ratio: float) -> str:
    """Return `colour` if it reaches `ratio` on `ground`, else the lightest shade of the same hue that does."""
    return _lightest(colour, lambda shade: contrast(shade, ground) >= ratio)


def ink_on(ground: str) -> str:
    """Return white or black, whichever can be read as text on `ground`: one of the two always reaches 4.5:1."""
    return WHITE if contrast(WHITE, ground) >= TEXT_CONTRAST else BLACK


def readable(primary: str, accent: str, file: FileText) -> tuple[Colours, tuple[Problem, ...]]:
    """Return colours that pass, with a warning about the clinic's `file` for each one that did not.

    Without an accent it is the primary colour, of which one warning is enough.
    """
    ground = tint(primary)
    text = nearest_passing(primary, ground, TEXT_CONTRAST)
    graphic = nearest_passing(accent or primary, ground, GRAPHIC_CONTRAST)
    brand = nearest_passing(primary, WHITE, VISIBLE_CONTRAST)
    changes = [("primary", Code.LOW_CONTRAST, primary, text, TEXT_CONTRAST)]
    if accent:
        changes.append(("accent", Code.LOW_CONTRAST_ACCENT, accent, graphic, GRAPHIC_CONTRAST))
    warnings = []
    for name, code, own, shade, ratio in changes:
        if shade != own.lower():
            found, wanted = f"{contrast(own, ground):.1f}", f"{ratio:g}"
            values = {"colour": own, "found": found, "wanted": wanted, "shade": shade, "brand": brand}
            warnings.append(replace(file.problem(code, ("colours", name), **values), severity=Severity.WARNING))
    return Colours(primary=text, accent=graphic, tint=ground, brand=brand, on_brand=ink_on(brand)), tuple(warnings)


def _lightest(colour: str, passes: Callable[[str], bool]) -> str:
    if passes(colour):
        return colour.lower()
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    low, high = 0.0, lightness
    for _ in range(12):
        middle = (low + high) / 2
        if passes(_hex(colorsys.hls_to_rgb(hue, middle, saturation))):
            low = middle
        else:
            high = middle
    return _hex(colorsys.hls_to_rgb(hue, low, saturation))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(parts: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(parts: Rgb) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
