"""A sheet as PDF and a password -> the same sheet under AES-256, opened again and compared before anybody gets it."""

import secrets
from io import BytesIO

import pikepdf

from handouts.codes import Code
from handouts.delivery.mail.passwords import check_password, password_bytes
from handouts.errors import InputError, Kind


def protect(pdf: bytes, password: str) -> bytes:
    """Return the sheet so that only the password opens it, its metadata too (ISO 32000-2, revision 6).

    Programs that read aloud may still take its text out (PDF/UA-1, 7.16). The bytes differ each time. Raises InputError
    where the password is unfit, or where the protected sheet is not the same sheet.
    """
    check_password(password)
    encryption = pikepdf.Encryption(
        user=password_bytes(password).decode(),
        owner=secrets.token_urlsafe(32),
        R=6,
        aes=True,
        metadata=True,
        allow=pikepdf.Permissions(accessibility=True, extract=True),
    )
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as plain:
        # It stands outside what is encrypted, and says whether a guess at all of the sheet's values is right.
        if "/ID" in plain.trailer:
            del plain.trailer["/ID"]
        plain.save(written, encryption=encryption)
        wanted = _content(plain)
    try:
        with pikepdf.open(BytesIO(written.getvalue()), password=password_bytes(password)) as opened:
            is_same = opened.is_encrypted and _content(opened) == wanted
        is_open = _opens(written.getvalue())
    except pikepdf.PdfError:
        is_same, is_open = False, False
    if not is_same or is_open:
        raise InputError.of(Kind.DELIVERY, Code.PROTECTION_FAILED, "--password")
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
