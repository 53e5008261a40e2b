"""An Accept header -> the formats that a program takes, the one that it would rather have first (RFC 9110, 12.5.1)."""

from collections.abc import Mapping

from handouts.records import Format

MEDIA_TYPES: Mapping[Format, str] = {Format.PDF: "application/pdf", Format.HTML: "text/html"}


def accepted(header: str) -> tuple[Format, ...]:
    """Return the formats that a header lets through; a PDF before HTML where both are as welcome."""
    given = dict(_parts(header))
    weights = {form: _weight(media, given) for form, media in MEDIA_TYPES.items()}
    return tuple(sorted((form for form in weights if weights[form] > 0), key=lambda form: -weights[form]))


def _parts(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece.removeprefix("q=") for piece in parameters if piece.startswith("q=")), "1")
        try:
            found.append((media, float(weight)))
        except ValueError:
            found.append((media, 0.0))
    return found


def _weight(media: str, given: Mapping[str, float]) -> float:
    """Return the weight of the closest range that a media type lies in."""
    ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
    return next((given[each] for each in ranges if each in given), 0.0)
