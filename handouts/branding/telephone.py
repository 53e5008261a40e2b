"""An E.164 number -> Telephone in its country's form; an emergency number -> whether it is that country's."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, shortnumberinfo

from handouts.records import Telephone


def telephone(number: str, country: str) -> Telephone | None:
    """Return the number in E.164 and in `country`'s national form (international form if it is abroad), or None."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    at_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return Telephone(
        e164=phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        national=phonenumbers.format_number(parsed, form),
    )


def is_emergency_number(number: str, country: str) -> bool:
    """Return whether `number` connects to an emergency service in `country` (libphonenumber's data)."""
    return bool(shortnumberinfo.is_emergency_number(number, country))
