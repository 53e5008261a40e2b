"""A sheet's password as it was typed -> what is wrong with it, or nothing; never where it is kept."""

import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from itertools import permutations

from handouts.errors import InputError, Kind, Problem
from handouts.languages import known_tags, language

MINIMUM_PASSWORD = 8
"""Characters; NIST SP 800-63B, 5.1.1.2."""
MAXIMUM_PASSWORD = 127
"""Octets: ISO 32000-2, 7.6.4.3.3 cuts what is longer, so that other endings would open it as well."""

_PARTS = re.compile(r"(?=(?<!\d)(\d{1,4})[\W_]+(\d{1,2})[\W_]+(\d{1,4})(?!\d))")
_DIGITS = re.compile(r"\d+")
_COMMONEST = (
    "password passwort passw0rd p@ssword p@ssw0rd pa$$word contrasena letmein welcome willkommen bienvenue "
    "iloveyou sunshine princess football baseball superman dragon monkey master shadow trustno admin administrator "
    "qwerty qwertz azerty qwertyui qwertyuiop qwertzuiop azertyuiop asdfghjkl asdfghjk zxcvbnm qwertyqwerty "
    "qazwsx qazwsxedc 1qaz2wsx q1w2e3r4 1q2w3e4r abcd abcdefg abcdefgh abc changeme secret clinic patient"
)
"""From the lists of what people choose (NIST SP 800-63B, 5.1.1.2), whatever digits and signs stand around them."""
_ROWS = ("01234567890123456789", "98765432109876543210")


def prepared(password: str) -> bytes:
    """Return a password as viewers make it of what is typed (SASLprep, RFC 4013: NFKC), for those that do not."""
    return unicodedata.normalize("NFKC", password).encode()


def password_fault(password: str) -> str:
    """Return the code of what is wrong with a sheet's password, or "".

    Refused are short ones, ones that a viewer may read otherwise, the commonest, and what has a date in it: a birth
    date is what everybody who knows the patient would try first (facts/delivery.md).
    """
    if len(password) < MINIMUM_PASSWORD:
        return "password-too-short"
    if any(unicodedata.category(character)[0] == "C" for character in password) or password != password.strip():
        return "password-invisible"
    if len(prepared(password)) > MAXIMUM_PASSWORD:
        return "password-too-long"
    text = _folded(password)
    if _has_date(text) or (_DIGITS.search(text) and _months().search(text)):
        return "password-is-date"
    return "password-is-common" if _is_common(text) else ""


def check_password(password: str) -> None:
    """Raise InputError where a sheet's password is unfit."""
    code = password_fault(password)
    if code:
        values = {"minimum": str(MINIMUM_PASSWORD), "maximum": str(MAXIMUM_PASSWORD)}
        raise InputError([Problem(kind=Kind.DELIVERY, code=code, source="--password", values=values)])


def _folded(text: str) -> str:
    """Return a text without capitals and accents, so that Février is fevrier."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")


_WIDTHS = ("wide", "abbreviated")


@cache
def _months() -> re.Pattern[str]:
    """Return what finds a month's name, long or short, in any language of the sheets, as a word of its own."""
    # Copies: Babel 2.18 writes the first language's nominatives where those of all later ones are looked up.
    calendars = [deepcopy(language(tag).locale.months) for tag in known_tags()]
    written = {name for kinds in calendars for widths in kinds.values() for w in _WIDTHS for name in widths[w].values()}
    names = {_folded(name).strip("0123456789. ॰") for name in written}
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![^\W\d_])")


def _has_date(text: str) -> bool:
    """Return whether somewhere in a text stands a day, in any order, script of digits and with any separators."""
    return any(_is_day(*order) for parts in _dates(text) for order in permutations(map(int, parts)))


def _dates(text: str) -> Iterator[tuple[str, ...]]:
    """Yield what may be the three parts of a date: numbers apart, eight digits in a row, or six by themselves."""
    yield from (match.groups() for match in _PARTS.finditer(text))
    for digits in _DIGITS.findall(text):
        if len(digits) == len("310190"):
            yield digits[:2], digits[2:4], digits[4:]
        for start in range(len(digits) - len("31011990") + 1):
            part = digits[start : start + 8]
            yield part[:4], part[4:6], part[6:]
            yield part[:2], part[2:4], part[4:]


def _is_day(year: int, month: int, day: int) -> bool:
    """Return whether a year, of this calendar, of two digits, Buddhist or Persian, has such a day, give or take one."""
    if not (year < 100 or 1300 <= year < 1500 or 1800 <= year < 2200 or 2400 <= year < 2700):
        return False
    try:
        date(2000, month, min(day, 28))
    except ValueError:
        return False
    return day <= 31


def _is_common(text: str) -> bool:
    """Return whether a text is one of the commonest passwords, digits in their order, or one part again and again."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    is_repeated = re.fullmatch(r"(.{1,4}?)\1+.{0,3}", text) is not None
    return not {core, text}.isdisjoint(_COMMONEST.split()) or text in _ROWS[0] or text in _ROWS[1] or is_repeated
