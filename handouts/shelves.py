"""What ships -> the folder of each shelf, in a checkout or in an installed wheel."""

from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent


def _shipped_root() -> Path:
    """Return the folder that holds the shipped templates, locales and examples: a wheel's or the checkout's."""
    in_wheel = PACKAGE / "shipped"
    return in_wheel if in_wheel.is_dir() else CHECKOUT


SHELVES: Mapping[str, Path] = {
    "library": PACKAGE / "library",
    "templates": _shipped_root() / "templates",
    "locales": _shipped_root() / "locales",
    "examples": _shipped_root() / "examples",
    "exports": PACKAGE / "exports",
}
