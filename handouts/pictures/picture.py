"""What a picture of pixels is once it has been read, and why one cannot be."""

import io
import warnings
from dataclasses import dataclass

MAXIMUM_PIXELS = 4000
VISIBLE_CONTRAST = 1.3
"""With white paper: brand yellow (#ffd400) has 1.4. WCAG asks nothing of logos and of what only adorns (2.2, 1.4)."""


class TooManyPixels(ValueError):
    """The picture is wider or higher than MAXIMUM_PIXELS."""


class Damaged(ValueError):
    """The bytes are no PNG or JPEG that can be read to its end."""


def has_too_many_pixels(data: bytes) -> bool:
    """Return whether a picture of pixels says that it is wider or higher than MAXIMUM_PIXELS."""
    from PIL import Image  # WeasyPrint brings it in: a sheet without such a picture need not wait for it.

    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            return max(Image.open(io.BytesIO(data)).size) > MAXIMUM_PIXELS
    except Image.DecompressionBombError:
        return True
    except (OSError, SyntaxError, ValueError):
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Raster:
    """A picture of `width` by `height` pixels; `contrast` (WCAG 2.2, 1 to 21) is of its darkest part on white.

    `invisible` is the share, 0 to 1, of what is drawn on a transparent ground but stands out from no white paper: white
    letters beside a coloured sign, not a white star within it.
    """

    media: str
    data: bytes
    width: int
    height: int
    contrast: float
    invisible: float
