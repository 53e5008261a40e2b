"""An email address as it was typed -> the one mailbox it names, as a mail server takes it, or nothing."""

import re
import unicodedata

MAXIMUM_ADDRESS = 254
"""Octets: RFC 5321, 4.5.3.1.3, a path less its angle brackets."""
MAXIMUM_LOCAL_PART = 64
"""Octets: RFC 5321, 4.5.3.1.1."""

_TEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_ATOM = re.compile(rf"{_TEXT}(\.{_TEXT})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # Full stops of Chinese and Japanese keyboards (UTS 46, 2.3).


def mailbox(text: str) -> str:
    """Return the mailbox that `text` names, or "" where it names none, or more than one, or something besides.

    A mailbox is a dot-atom, one @ and a domain of two labels or more (RFC 5321, 4.1.2). Letters outside ASCII may stand
    before the @ (RFC 6531, 3.3; the mail server needs SMTPUTF8 for them); a domain comes back as DNS knows it, in small
    letters and in A-labels (RFC 5891). Spaces and invisible characters around it, which copying brings along, are
    dropped; anywhere else they refuse it, as do line ends, display names, comments, quoted names, address literals and
    a last label of digits.
    """
    local, at, domain = unicodedata.normalize("NFC", _bare(text)).partition("@")
    if not at or not _ATOM.fullmatch(local) or not _is_written(local) or len(local.encode()) > MAXIMUM_LOCAL_PART:
        return ""
    labels = [_a_label(label) for label in domain.translate(_DOTS).split(".")]
    if len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        return ""
    address = f"{local}@{'.'.join(labels)}"
    return address if len(address.encode()) <= MAXIMUM_ADDRESS else ""


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


def _a_label(label: str) -> str:
    """Return a domain's label as DNS knows it, or "" where it cannot be one.

    ß and ς stand for themselves, as in IDNA 2008; Python's own "idna" codec, of 2003, makes another domain of them.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
    if folded.isascii():
        return folded
    if not _is_written(folded) or unicodedata.category(folded[0])[0] == "M" or folded[0] == "-" or folded[-1] == "-":
        return ""
    return "xn--" + folded.encode("punycode").decode("ascii")
