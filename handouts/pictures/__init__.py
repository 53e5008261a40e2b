"""A picture's file (SVG, PNG, JPEG) -> what every viewer and printer shows alike, or a Problem that says why not.

The pixels themselves (pixels.py) are a door of their own: numpy and Pillow are slow to import.
"""

from handouts.pictures.drawing import NotDrawn, draw
from handouts.pictures.keeping import kept
from handouts.pictures.picture import (
    MAXIMUM_PIXELS,
    VISIBLE_CONTRAST,
    Damaged,
    Raster,
    TooManyPixels,
    has_too_many_pixels,
)
from handouts.pictures.svg import Svg, read_svg

__all__ = [
    "MAXIMUM_PIXELS",
    "VISIBLE_CONTRAST",
    "Damaged",
    "NotDrawn",
    "Raster",
    "Svg",
    "TooManyPixels",
    "draw",
    "has_too_many_pixels",
    "kept",
    "read_svg",
]
