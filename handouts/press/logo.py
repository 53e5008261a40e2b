"""A logo as branding read it -> the form of it that goes onto sheets: its SVG where the typesetter draws that right."""

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from handouts.disk import write_synced
from handouts.records import Branding, Logo
from handouts.resources import digest


def with_chosen_logo(branding: Branding, cache: Path | None) -> Branding:
    """Return the branding with its logo as SVG if the typesetter draws the same picture, else as pixels."""
    logo = branding.logo
    if logo is None or not logo.vector:
        return branding
    chosen = logo.vector if _is_drawn_alike(logo, cache) else logo.data_uri
    return replace(branding, logo=replace(logo, data_uri=chosen, vector=""))


def _is_drawn_alike(logo: Logo, cache: Path | None) -> bool:
    """Compare the two, or remember in `cache` how they compared."""
    made_from = (logo.vector.encode(), logo.data_uri.encode(), version("weasyprint").encode())
    kept = cache / f"drawn-alike-{digest(made_from)}" if cache else None
    if kept is not None:
        with suppress(OSError):
            return kept.read_bytes() == b"yes"
    alike = _compared(logo.vector, logo.data_uri)
    if kept is not None:
        with suppress(OSError):
            write_synced(b"yes" if alike else b"no", kept, kept.with_suffix(".new"))
    return alike


@lru_cache(maxsize=4)
def _compared(vector: str, pixels: str) -> bool:
    from handouts.typesetting.vectors import drawn_alike  # Half a second that a logo once compared does not need.

    return drawn_alike(vector, pixels)
