"""A composed mail, a sheet as PDF and one address -> one message (RFC 5322) as bytes, the same for the same input."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime

from handouts.addresses import domain_of, mailbox, needs_smtputf8
from handouts.errors import InputError, Kind, Problem
from handouts.records import ComposedMail, Sender

MAXIMUM_NAME = 150
"""Octets of an attachment's name: longer ones do not fit on every file system with what a program adds to them."""

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{7,63}")
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # They spell Persian and Indic words.


def is_identifier(text: str) -> bool:
    """Return whether `text` can name a message: 8 to 64 small letters, digits and hyphens (a file's name, too)."""
    return _IDENTIFIER.fullmatch(text) is not None


def identifier_of(pdf: bytes, to: str) -> str:
    """Return the identifier of the message that brings a sheet, as it was before a password, to an address.

    The same sheet to the same address is the same message, so that nothing is sent twice by mistake. Nobody can tell
    from the 32 hex digits what the sheet or the address was: the sheet's bytes are not to be guessed.
    """
    return hashlib.sha256(hashlib.sha256(pdf).digest() + mailbox(to).encode()).hexdigest()[:32]


def message(mail: ComposedMail, pdf: bytes, *, identifier: str, to: str, sender: Sender, at: datetime) -> bytes:
    """Return the message with its sheet attached, lines ended by CRLF; `at` (aware) becomes its Date.

    `identifier` makes the Message-ID and the boundaries, so that a message made twice is the same message. Nothing of
    the patient is in the header but the address; nothing of this machine is. Raises InputError where an address is
    none, or where a text could not stand in a header field as one line.
    """
    assert is_identifier(identifier), "made by us, of hex digits"
    problems = [*_wrong_addresses(to, sender), *_wrong_texts(mail)]
    if problems:
        raise InputError(problems)
    policy = policy_for(to, sender.address, sender.reply_to)
    whole = EmailMessage(policy=policy)
    whole["Subject"] = mail.subject
    whole["From"] = _address(sender.address, mail.sender_name)
    if sender.reply_to:
        whole["Reply-To"] = _address(sender.reply_to)
    whole["To"] = _address(to)
    whole["Date"] = format_datetime(at)
    whole["Message-ID"] = f"<{identifier}@{domain_of(mailbox(sender.address))}>"
    whole["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: out-of-office programs keep still.
    whole["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    _fill(whole, mail, pdf)
    whole["Content-Language"] = mail.language.replace(
        "+", ", "
    )  # Last: filling takes every Content- field into a part.
    for number, part in enumerate(part for part in whole.walk() if part.is_multipart()):
        # "=_" can stand neither in quoted-printable nor in base64 (RFC 2045, 6.7): no content holds a boundary.
        part.set_boundary("=_" + hashlib.sha256(f"{identifier} {number}".encode()).hexdigest()[:32])
    data = whole.as_bytes()
    _read_back(data, mail, to=to, sender=sender)
    return data


def policy_for(*addresses: str) -> EmailPolicy[EmailMessage]:
    """Return the rules for a message's header: UTF-8 only where an address needs it (RFC 6532)."""
    return SMTPUTF8 if any(map(needs_smtputf8, addresses)) else SMTP


def header_of(data: bytes) -> EmailMessage:
    """Return the header of a message; what is not UTF-8 in it is replaced, and its addresses are then none."""
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    return HeaderParser(policy=SMTPUTF8).parsestr(head.decode(errors="replace"))


def _fill(whole: EmailMessage, mail: ComposedMail, pdf: bytes) -> None:
    """Put in text, HTML with its picture, and the sheet: mixed(alternative(text, related(HTML, picture)), PDF)."""
    whole.set_content(mail.text, cte=_encoding(mail.text))
    whole.add_alternative(mail.html, subtype="html", cte=_encoding(mail.html))
    if mail.picture is not None:
        kind, _, subtype = mail.picture.media_type.partition("/")
        html = whole.get_body(("html",))
        assert isinstance(html, EmailMessage), "put in one line above"
        name = f"logo.{subtype.partition('+')[0]}"
        html.add_related(
            mail.picture.data, kind, subtype, cid=f"<{mail.picture.cid}>", disposition="inline", filename=name
        )
    whole.add_attachment(pdf, maintype="application", subtype="pdf", filename=mail.attachment_name)


def _encoding(text: str) -> str:
    """Return the shorter transfer encoding; 8bit is none of them, so that every server can pass the message on."""
    return "quoted-printable" if sum(not character.isascii() for character in text) * 6 < len(text) else "base64"


def _address(text: str, name: str = "") -> Address:
    local, _, domain = mailbox(text).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _wrong_addresses(to: str, sender: Sender) -> list[Problem]:
    given = {"address": to, "sender": sender.address, "reply-to": sender.reply_to}
    return [
        Problem(kind=Kind.DELIVERY, code="not-an-address", source="the email", path=key, values={"key": key})
        for key, text in given.items()
        if not mailbox(text) and (text or key != "reply-to")
    ]


def _wrong_texts(mail: ComposedMail) -> list[Problem]:
    """Return a Problem for each text of a header field that is empty, or more than one plain line, or no file name."""
    given = {"subject": mail.subject, "sender_name": mail.sender_name, "attachment_name": mail.attachment_name}
    problems = [
        Problem(
            kind=Kind.TEMPLATE, code="mail-text-not-a-line", source="templates/email", path=key, values={"key": key}
        )
        for key, text in given.items()
        if not text.strip() or any(map(_is_unfit, text))
    ]
    name = mail.attachment_name
    if re.search(r'[/\\:*?"<>|]', name) or not name.endswith(".pdf") or len(name.encode()) > MAXIMUM_NAME:
        values = {"maximum": str(MAXIMUM_NAME)}
        problems.append(
            Problem(kind=Kind.TEMPLATE, code="attachment-name-unfit", source="templates/email", values=values)
        )
    return problems


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _JOINERS


def _read_back(data: bytes, mail: ComposedMail, *, to: str, sender: Sender) -> None:
    """Read the header again as a mail program does, and refuse a message that would not say what was asked for.

    It stands against faults of the library that folds header fields: one wrong fold is a wrong recipient.
    """
    try:
        found = header_of(data)
        seen = [[address.addr_spec for address in found[key].addresses] for key in ("To", "From")]
        name = found["From"].addresses[0].display_name
        is_same = (
            seen == [[mailbox(to)], [mailbox(sender.address)]]
            and (found["Subject"], name) == (mail.subject, mail.sender_name)
            and not set(map(str.lower, found.keys())) & {"cc", "bcc", "resent-to"}
        )
    except (MessageError, IndexError, AttributeError):
        is_same = False
    if not is_same:
        raise InputError([Problem(kind=Kind.DELIVERY, code="mail-not-sound", source="the email")])
