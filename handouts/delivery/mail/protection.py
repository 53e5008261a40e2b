"""A sheet as PDF and a password -> the same sheet under AES-256, opened again and compared before anybody gets it."""

import re
import secrets
import unicodedata
from datetime import date
from io import BytesIO

import pikepdf

from handouts.errors import InputError, Kind, Problem

MINIMUM_PASSWORD = 8
"""Characters; NIST SP 800-63B, 5.1.1.2."""
MAXIMUM_PASSWORD = 127
"""Octets: ISO 32000-2, 7.6.4.3.3 cuts what is longer, so that other endings would open it as well."""

_PARTS = re.compile(r"\W*(\d{1,4})[\W_]+(\d{1,2})[\W_]+(\d{1,4})\W*")
_YEAR_FIRST = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d\d)(\d\d)(\d{4})")


def password_fault(password: str) -> str:
    """Return the code of what is wrong with a sheet's password, or "".

    Refused are short ones, ones that a viewer may read otherwise, and every date: a birth date is what everybody who
    knows the patient would try first (facts/delivery.md).
    """
    if len(password) < MINIMUM_PASSWORD:
        return "password-too-short"
    if any(unicodedata.category(character)[0] == "C" for character in password) or password != password.strip():
        return "password-invisible"
    if len(_prepared(password)) > MAXIMUM_PASSWORD:
        return "password-too-long"
    return "password-is-date" if _is_date(password) else ""


def check_password(password: str) -> None:
    """Raise InputError where a sheet's password is unfit."""
    code = password_fault(password)
    if code:
        values = {"minimum": str(MINIMUM_PASSWORD), "maximum": str(MAXIMUM_PASSWORD)}
        raise InputError([Problem(kind=Kind.DELIVERY, code=code, source="--password", values=values)])


def protect(pdf: bytes, password: str) -> bytes:
    """Return the sheet so that only the password opens it, its metadata too (ISO 32000-2, revision 6).

    Programs that read aloud may still take its text out (PDF/UA-1, 7.16). The bytes differ each time. Raises InputError
    where the password is unfit, or where the protected sheet is not the same sheet.
    """
    check_password(password)
    encryption = pikepdf.Encryption(
        user=_prepared(password).decode(),
        owner=secrets.token_urlsafe(32),
        R=6,
        aes=True,
        metadata=True,
        allow=pikepdf.Permissions(accessibility=True, extract=True),
    )
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as plain:
        plain.save(written, encryption=encryption)
        wanted = _content(plain)
    try:
        with pikepdf.open(BytesIO(written.getvalue()), password=_prepared(password)) as opened:
            is_same = opened.is_encrypted and _content(opened) == wanted
        is_open = _opens(written.getvalue())
    except pikepdf.PdfError:
        is_same, is_open = False, False
    if not is_same or is_open:
        raise InputError([Problem(kind=Kind.DELIVERY, code="protection-not-sound", source="--password")])
    return written.getvalue()


def _opens(pdf: bytes) -> bool:
    """Return whether a PDF opens without a password."""
    try:
        with pikepdf.open(BytesIO(pdf)):
            return True
    except pikepdf.PasswordError:
        return False


def _content(pdf: pikepdf.Pdf) -> bytes:
    """Return everything in a PDF, written in one fixed way, less the two marks that encrypting leaves."""
    for place, key in ((pdf.Root, "/Extensions"), (pdf.trailer, "/ID")):
        if key in place:
            del place[key]
    written = BytesIO()
    pdf.save(
        written,
        static_id=True,
        encryption=False,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        force_version="1.7",
    )
    return written.getvalue()


def _prepared(password: str) -> bytes:
    """Return a password as viewers make it of what is typed (SASLprep, RFC 4013: NFKC), for those that do not."""
    return unicodedata.normalize("NFKC", password).encode()


def _is_date(text: str) -> bool:
    """Return whether a text can be a day of these three centuries, in any order, script of digits and separators."""
    for pattern in (_PARTS, _YEAR_FIRST, _YEAR_LAST):
        if match := pattern.fullmatch(text):
            first, second, third = map(int, match.groups())
            orders = ((first, second, third), (third, second, first), (third, first, second), (first, third, second))
            if any(_is_day(*order) for order in orders):
                return True
    return False


def _is_day(year: int, month: int, day: int) -> bool:
    """Return whether a year, of this calendar, of two digits, Buddhist or Persian, has such a day, give or take one."""
    if not (year < 100 or 1300 <= year < 1500 or 1800 <= year < 2200 or 2400 <= year < 2700):
        return False
    try:
        date(2000, month, min(day, 28))
    except ValueError:
        return False
    return day <= 31
