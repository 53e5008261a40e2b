"""Two brand colours -> colours that can be read on white and on a tint, and a Problem for each that had to change."""

import colorsys
from collections.abc import Callable

from handouts.errors import Kind, Problem, Severity
from handouts.records import Colours

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum), for text below 18 pt."""
GRAPHIC_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11 Non-text Contrast."""
WHITE = "#ffffff"
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


def readable(
    primary: str, accent: str, problem: Callable[[str, str, dict[str, str]], Problem]
) -> tuple[Colours, tuple[Problem, ...]]:
    """Return colours that pass, with a warning (made by `problem(path, code, values)`) for each one that did not."""
    ground = tint(primary)
    wanted = (("primary", primary, TEXT_CONTRAST), ("accent", accent or primary, GRAPHIC_CONTRAST))
    chosen: dict[str, str] = {}
    warnings: list[Problem] = []
    for name, colour, ratio in wanted:
        shade = nearest_passing(colour, ground, ratio)
        chosen[name] = shade
        if shade != colour.lower():
            values = {
                "colour": colour,
                "found": f"{contrast(colour, ground):.1f}",
                "wanted": f"{ratio:g}",
                "shade": shade,
            }
            warnings.append(problem(f"colours.{name}", "low-contrast", values))
    return Colours(primary=chosen["primary"], accent=chosen["accent"], tint=ground), tuple(warnings)


def warning(source: str, line: int | None, path: str, code: str, values: dict[str, str]) -> Problem:
    """Return a branding warning."""
    return Problem(
        kind=Kind.BRANDING,
        code=code,
        source=source,
        line=line,
        path=path,
        values=values,
        severity=Severity.WARNING,
    )


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
