"""A picture's pixels on white paper -> which share of what is drawn cannot be seen there, since it is white itself."""

import numpy as np
import numpy.typing as npt

from handouts.pictures.picture import SEEN_CONTRAST

Pixels = npt.NDArray[np.float64]
"""A number for each pixel, by rows."""

_DRAWN = 0.5
_TOUCHING = 0.03
"""Share of its edge with which a white part must touch colour to be seen by it: a white plate with a small sign on it
has more, white letters of which one touches the sign have less."""

Mask = npt.NDArray[np.bool_]


def unseen_share(contrast: Pixels, opacity: Pixels) -> float:
    """Return the share, 0 to 1, of the drawn pixels that lie in white parts with nothing but transparency around them.

    `contrast` is each pixel's with white paper, `opacity` from 0 to 1. A white part that colour surrounds, or that
    surrounds colour, is seen by it; a white ground up to the picture's edge is no part.
    """
    coloured = contrast >= SEEN_CONTRAST
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
