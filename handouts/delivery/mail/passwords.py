"""A sheet's password as it was typed -> what is wrong with it, or nothing; never where it is kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import permutations
from threading import Lock

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.languages import known_tags, language

MINIMUM_PASSWORD = 8
"""Characters; NIST SP 800-63B, 5.1.1.2."""
MAXIMUM_PASSWORD = 127
"""Octets: ISO 32000-2, 7.6.4.3.3 cuts what is longer, so that other endings would open it as well."""

_PARTS = re.compile(r"(?=(?<!\d)(\d{1,4})[\W_]+(\d{1,2})[\W_]+(\d{1,4})(?!\d))")
_DIGITS = re.compile(r"\d+")
_WORDS = (
    "passwort kennwort wachtwoord contrasena clave motdepasse senha parola haslo sifre matkhau пароль رمز पासवर्ड 密码 "
    "willkommen bienvenido bienvenue benvenuto welkom witamy hosgeldiniz добро "
    "sonnenschein schatz amor amour amore tesoro kochanie "
    "qwertz qwertzuiop azerty azertyuiop yxcvbnm йцукен йцукенгшщзхъ фывапролдж "
    "clinic klinik praxis clinica clinique klinika patient paciente paziente pacjent handouts"
)
"""What people choose where English is not spoken; zxcvbn knows what English speakers do."""
_SCORE = 3
"""zxcvbn's "safely unguessable": 100 million guesses or more. An email can be tried on any computer, for years."""
_JUDGED = 36
"""Characters that zxcvbn looks at in one go: its time grows with their square, and more are never less safe."""
_JUDGING = Lock()
"""zxcvbn keeps the words that are given to it in a place of its own."""


def password_bytes(password: str) -> bytes:
    """Return a password as viewers make it of what is typed (SASLprep, RFC 4013: NFKC), for those that do not."""
    return unicodedata.normalize("NFKC", password).encode()


def password_fault(password: str, known: Iterable[str] = ()) -> Code | None:
    """Return the code of what is wrong with a sheet's password, or None.

    Refused are short ones, ones that a viewer may read otherwise, what has a date in it, and what zxcvbn would guess in
    fewer than 100 million tries. `known` is what everybody who knows the patient may try: names, numbers, the clinic. A
    birth date is what they would try first.
    """
    if len(password) < MINIMUM_PASSWORD:
        return Code.PASSWORD_TOO_SHORT
    if any(unicodedata.category(character)[0] == "C" for character in password) or password != password.strip():
        return Code.PASSWORD_INVISIBLE
    if len(password_bytes(password)) > MAXIMUM_PASSWORD:
        return Code.PASSWORD_TOO_LONG
    text = _folded(password)
    if _has_date(text) or (_DIGITS.search(text) and _months().search(text)):
        return Code.PASSWORD_IS_DATE
    return None if _is_safe(text, known) else Code.PASSWORD_IS_COMMON


def check_password(password: str, known: Iterable[str] = ()) -> None:
    """Raise InputError where a sheet's password is unfit."""
    code = password_fault(password, known)
    if code:
        raise InputError.of(
            Kind.DELIVERY, code, "--password", minimum=str(MINIMUM_PASSWORD), maximum=str(MAXIMUM_PASSWORD)
        )


def _is_safe(text: str, known: Iterable[str]) -> bool:
    """Return whether a folded password is safe without what is known in it, its beginning or its end by itself."""
    from zxcvbn import zxcvbn

    words = {word for value in known for word in re.split(r"[\W_]+", _folded(value)) if len(word) > 1}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    with _JUDGING:
        return any(
            part and zxcvbn(part, user_inputs=[*words, *_WORDS.split()])["score"] >= _SCORE
            for part in (text[:_JUDGED], text[-_JUDGED:])
        )


def _folded(text: str) -> str:
    """Return a text without capitals and accents, so that Février is fevrier."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")


_WIDTHS = ("wide", "abbreviated")


@cache
def _months() -> re.Pattern[str]:
    """Return what finds a month's name, long or short, in any language of the sheets, as a word of its own."""
    calendars = [language(tag).locale.months for tag in known_tags()]
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
