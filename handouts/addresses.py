"""An email address as it was typed -> the one mailbox it names, as a mail server takes it, or nothing."""

import re
import unicodedata

MAXIMUM_LOCAL_PART = 64
"""Octets: RFC 5321, 4.5.3.1.1; email_validator counts characters."""

_LABEL = "[a-z0-9]+(?:-[a-z0-9]+)*"
_ORDINARY = re.compile(rf"(?=.{{1,60}}\Z)[a-z0-9]+(?:[._-][a-z0-9]+)*@(?:{_LABEL}\.)+(?:[a-z]{{2}}|com|net|org)")
"""Addresses that need no judge: to load email_validator takes 30 ms, a twentieth of what a sheet takes."""


def mailbox(text: str) -> str:
    """Return the mailbox that `text` names, or "" where it names none, or more than one, or something besides.

    A mailbox is what email_validator takes in its strict form: a dot-atom, one @ and a domain of two labels or more
    (RFC 5321, 4.1.2) that mail can reach from anywhere, so none below .local or .test. Letters outside ASCII may stand
    before the @ (RFC 6531, 3.3; the mail server needs SMTPUTF8 for them), other signs may not; a domain comes back as
    DNS knows it, in small letters and in A-labels (RFC 5891). Spaces and invisible characters around it, which copying
    brings along, are dropped.
    """
    bare = unicodedata.normalize("NFC", _bare(text))
    return bare if _ORDINARY.fullmatch(bare) else _judged(bare)


def _judged(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return ""
    fits = _is_written(found.local_part) and len(found.local_part.encode()) <= MAXIMUM_LOCAL_PART
    return f"{found.local_part}@{found.ascii_domain}" if fits else ""


def needs_smtputf8(address: str) -> bool:
    """Return whether a mailbox can only be reached through servers that speak SMTPUTF8 (RFC 6531)."""
    return not address.isascii()


def domain_of(address: str) -> str:
    """Return the domain of a mailbox."""
    return address.rpartition("@")[2]


def _bare(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while end > start and _is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _is_written(text: str) -> bool:
    """Return whether all of a text's characters outside ASCII are letters, marks or digits."""
    return all(character.isascii() or unicodedata.category(character)[0] in "LMN" for character in text)
