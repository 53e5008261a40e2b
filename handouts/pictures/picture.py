"""What a picture of pixels is once it has been read, and why one cannot be."""

from dataclasses import dataclass

MAXIMUM_PIXELS = 4000


class TooManyPixels(ValueError):
    """The picture is wider or higher than MAXIMUM_PIXELS."""


class Damaged(ValueError):
    """The bytes are no PNG or JPEG that can be read to its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raster:
    """A picture of `width` by `height` pixels; `contrast` (WCAG 2.2, 1 to 21) is of its darkest part on white."""

    media: str
    data: bytes
    width: int
    height: int
    contrast: float
