"""clinic.toml's data with gaps -> the same with a placeholder in each place that a sample cannot do without."""

from collections.abc import Mapping

from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

from handouts.branding.telephone import is_emergency_number
from handouts.errors import Kind
from handouts.resources import SHELVES, read_text
from handouts.toml_text import parsed_toml

_FILE = "new-clinic/placeholders.toml"


def with_placeholders(data: Mapping[str, object]) -> Mapping[str, object]:
    """Return the data with what is required and left empty filled in; what the clinic has written stays."""
    text = read_text(SHELVES["examples"] / _FILE, kind=Kind.BRANDING, source=_FILE)
    filled = _filled(data, parsed_toml(text, kind=Kind.BRANDING, source=_FILE))
    own = data.get("emergency")
    is_own = isinstance(own, Mapping) and own.get("number")
    return filled if is_own else {**filled, "emergency": _emergency(filled)}


def _filled(data: Mapping[str, object], placeholders: Mapping[str, object]) -> dict[str, object]:
    filled = dict(data)
    for key, value in placeholders.items():
        own = data.get(key)
        if isinstance(value, Mapping) and (own is None or isinstance(own, Mapping)):
            filled[key] = _filled(own or {}, value)
        elif own is None or own in ("", []):
            filled[key] = value
    return filled


def _emergency(filled: Mapping[str, object]) -> object:
    """Return the emergency table, with a number of the country that now stands there (libphonenumber's data)."""
    table, country = filled["emergency"], filled["country"]
    if not isinstance(table, Mapping) or not isinstance(country, str) or country not in SUPPORTED_REGIONS:
        return table
    metadata = PhoneMetadata.short_metadata_for_region(country)
    example = metadata.emergency.example_number if metadata and metadata.emergency else None
    fits = isinstance(table["number"], str) and is_emergency_number(table["number"], country)
    return table if fits or not example else {**table, "number": example}
