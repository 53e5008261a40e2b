"""An E.164 number -> Telephone in its country's form; an emergency number -> whether it is that country's."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, shortnumberinfo

from handouts.records import Telephone

_DIGITS = re.compile("[1-9][0-9]{2,5}")


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


def short_number(number: str, country: str) -> Telephone | None:
    """Return a number that is dialled within `country` alone, as it is (111 in Britain), or None where it is none.

    `e164` is then the short number itself: there is no other form of it.
    """
    if not _DIGITS.fullmatch(number) or country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    code = phonenumbers.country_code_for_region(country)
    parsed = phonenumbers.PhoneNumber(country_code=code, national_number=int(number))
    known = shortnumberinfo.is_valid_short_number_for_region(parsed, country)
    return Telephone(e164=number, national=number) if known else None


def is_emergency_number(number: str, country: str) -> bool:
    """Return whether `number` connects to an emergency service in `country` (libphonenumber's data)."""
    return bool(shortnumberinfo.is_emergency_number(number, country))
