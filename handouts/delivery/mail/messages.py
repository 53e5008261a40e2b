"""A composed mail, a sheet as PDF and one address -> one message (RFC 5322) as bytes, the same for the same input."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime, parseaddr

from handouts.addresses import domain_of, mailbox
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import ComposedMail, Sender

MAXIMUM_NAME = 150
"""Octets of an attachment's name: longer ones do not fit on every file system with what a program adds to them."""

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{7,63}")
_PERMANENT = re.compile(rb"/Type /XRef/ID \[\(([0-9a-f]{32})\)")
_ATOMS = re.compile(r"[\w!#$%&'*+/?^`{|}~-]+( [\w!#$%&'*+/?^`{|}~-]+)*", re.ASCII)
_PLAIN_NAME = re.compile(r"([\w '().-]{1,64}\.pdf)?", re.ASCII)
_DRAFT = "X-Unsent: 1\r\n"
"""By this first field Outlook and others open the file as a draft that can be sent, not as mail that came in."""
_SHORT = 60  # Characters that fit on a line of 78 with the field's name.
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # They spell Persian and Indic words.
_LONGEST = 2000
"""Characters of a field of addresses that is looked at; ours have one address of 254 at most."""
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError, MessageError)
"""What the library's reader of addresses raises for one oddity or another."""


def is_identifier(text: str) -> bool:
    """Return whether `text` can name a message: 8 to 64 small letters, digits and hyphens (a file's name, too)."""
    return _IDENTIFIER.fullmatch(text) is not None


def identifier_of(pdf: bytes, to: str, beside: Sequence[bytes] = ()) -> str:
    """Return the identifier of the message that brings a sheet, as it was before a password, to an address.

    `beside` are others that the same message brings.

    The same sheet to the same address is the same message, so that nothing is sent twice by mistake, even where the
    sheet was made in two ways: its PDF says what it is. Nobody can tell from the 32 hex digits what the sheet or the
    address was.
    """
    told = b"".join(map(_told_apart_by, (pdf, *beside)))
    return hashlib.sha256(told + mailbox(to).encode()).hexdigest()[:32]


def _told_apart_by(pdf: bytes) -> bytes:
    """Return the identifier that a sheet of ours bears (ISO 32000-1, 14.4), else the digest of another PDF."""
    table = pdf.rfind(b"/Type /XRef")
    found = _PERMANENT.match(pdf, table) if table >= 0 else None
    is_last = pdf.count(b"startxref", max(table, 0)) == 1  # Else another program has added to the PDF.
    return found[1] if found is not None and is_last else hashlib.sha256(pdf).digest()


def message(
    mail: ComposedMail,
    pdf: bytes,
    *,
    identifier: str,
    to: str,
    sender: Sender,
    at: datetime,
    beside: Sequence[bytes] = (),
) -> bytes:
    """Return the message with its sheet attached, and those `beside`, lines ended by CRLF; `at` (aware) is its Date.

    `identifier` makes the Message-ID and the boundaries, so that a message made twice is the same message. Nothing of
    the patient is in the header but the address; nothing of this machine is. Raises InputError where an address is
    none, or where a text could not stand in a header field as one line.
    """
    assert is_identifier(identifier), "made by us, of hex digits"
    problems = [*_wrong_addresses(to, sender), *_wrong_texts(mail)]
    if problems:
        raise InputError(problems)
    whole = EmailMessage(policy=SMTP)
    _fill(whole, mail, (pdf, *beside))
    for number, part in enumerate(part for part in whole.walk() if part.is_multipart()):
        # "=_" can stand neither in quoted-printable nor in base64 (RFC 2045, 6.7): no content holds a boundary.
        part.set_boundary("=_" + hashlib.sha256(f"{identifier} {number}".encode()).hexdigest()[:32])
    data = _head(mail, identifier, to, sender, at).encode() + whole.as_bytes()
    _read_back(data, mail, to=to, sender=sender)
    return data


def _head(mail: ComposedMail, identifier: str, to: str, sender: Sender, at: datetime) -> str:
    """Return the header fields that are not about the parts: ASCII, but for an address that is not (RFC 6532).

    They are written here because the library's newer way of folding lost quotes and spaces of clinics' names.
    """
    own = mailbox(sender.address)
    fields = {
        "Subject": _text(mail.subject, "Subject"),
        "From": f"{_phrase(mail.sender_name)} <{own}>",
        "Reply-To": mailbox(sender.reply_to),
        "To": mailbox(to),
        "Date": format_datetime(at),
        "Message-ID": f"<{identifier}@{domain_of(own)}>",
        "Content-Language": mail.language.replace("+", ", "),
        "Auto-Submitted": "auto-generated",  # RFC 3834, 5: out-of-office programs keep still.
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    return _DRAFT + "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)


def _phrase(name: str) -> str:
    """Return a display name: as it stands, in quotes, or in encoded words (RFC 5322, 3.2.5; RFC 2047, 5)."""
    if _ATOMS.fullmatch(name):
        return name
    if name.isascii() and "=?" not in name and len(name) <= _SHORT:
        return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return _encoded(name, "From")


def _text(text: str, field: str) -> str:
    """Return a field's text: as it stands, or in encoded words where it is long, not ASCII, or looks like such."""
    if text.isascii() and "=?" not in text and len(text) <= _SHORT and text == text.strip():
        return text
    return _encoded(text, field)


def _encoded(text: str, field: str) -> str:
    return Header(text, "utf-8", header_name=field, maxlinelen=75).encode(linesep="\r\n")


def as_sent(data: bytes) -> bytes:
    """Return a message of the outbox as it goes to a server: without the mark of a draft."""
    head, end, body = data.partition(b"\r\n\r\n")
    return head.removeprefix(_DRAFT.encode()) + end + body


def addresses_in(header: EmailMessage, key: str) -> tuple[str, ...]:
    """Return the addresses of all fields of that name, as they are written; none where they cannot be read.

    The library's reader breaks at line ends in encoded words, at deep comments, and in other ways; a message that was
    not made here is no reason to stop.
    """
    if any(len(str(value)) > _LONGEST for name, value in header.raw_items() if name.lower() == key.lower()):
        return ()
    try:
        return tuple(found.addr_spec for field in header.get_all(key, []) for found in field.addresses)
    except _UNREADABLE:
        return ()


def header_of(data: bytes) -> EmailMessage:
    """Return the header of a message; what is not UTF-8 in it is replaced, and its addresses are then none."""
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    return HeaderParser(policy=SMTPUTF8).parsestr(head.decode(errors="replace"))


def _fill(whole: EmailMessage, mail: ComposedMail, pdfs: Sequence[bytes]) -> None:
    """Put in text, HTML with its picture, and the sheets: mixed(alternative(text, related(HTML, picture)), PDF …)."""
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
    for name, pdf in zip(mail.attachment_names, pdfs, strict=True):
        whole.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    for part, name, plain in zip(whole.iter_attachments(), mail.attachment_names, mail.plain_names, strict=True):
        if plain and plain != name:
            folded = part["Content-Disposition"].fold(policy=SMTP)
            del part["Content-Disposition"]
            part["Content-Disposition"] = _Disposition(folded.replace(";", f';\r\n filename="{plain}";', 1))


class _Disposition(str):
    """A whole Content-Disposition as it is to stand: the library would leave out the second of two names.

    It keeps what has a `name` and a `fold` as it is (email.policy.EmailPolicy).
    """

    __slots__ = ()
    name = "Content-Disposition"

    def fold(self, *, policy: Policy) -> str:
        """Return the field's lines."""
        assert policy.linesep == "\r\n", "written so"
        return self


def _encoding(text: str) -> str:
    """Return the shorter transfer encoding; 8bit is none of them, so that every server can pass the message on."""
    return "quoted-printable" if sum(not character.isascii() for character in text) * 6 < len(text) else "base64"


def _wrong_addresses(to: str, sender: Sender) -> list[Problem]:
    given = {"address": to, "sender": sender.address, "reply-to": sender.reply_to}
    return [
        Problem.of(Kind.DELIVERY, Code.NOT_AN_ADDRESS, "the email", path=key, key=key)
        for key, text in given.items()
        if not mailbox(text) and (text or key != "reply-to")
    ]


def _wrong_texts(mail: ComposedMail) -> list[Problem]:
    """Return a Problem for each text of a header field that is empty, or more than one plain line, or no file name."""
    given = {"subject": mail.subject, "sender_name": mail.sender_name, "attachment_name": mail.attachment_name}
    problems = [
        Problem.of(Kind.TEMPLATE, Code.MAIL_TEXT_NOT_A_LINE, "templates/email", path=key, key=key)
        for key, text in given.items()
        if not text.strip() or any(map(_is_unfit, text))
    ]
    name, plain = mail.attachment_names[-1], mail.plain_names[-1]
    unfit = re.search(r'[/\\:*?"<>|]', name) or not name.endswith(".pdf") or len(name.encode()) > MAXIMUM_NAME
    if unfit or not _PLAIN_NAME.fullmatch(plain):
        problems.append(
            Problem.of(Kind.TEMPLATE, Code.ATTACHMENT_NAME_UNFIT, "templates/email", maximum=str(MAXIMUM_NAME))
        )
    return problems


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _JOINERS


def _read_back(data: bytes, mail: ComposedMail, *, to: str, sender: Sender) -> None:
    """Read the header again as a mail program does, and refuse a message that would not say what was asked for.

    One wrong character in a header is a wrong recipient, so this is not left to trust.
    """
    found = header_of(data)
    parsed = [[address.addr_spec for address in found[key].addresses] for key in ("To", "From")]
    name = parseaddr(_unfolded(found, "From"))[0]
    is_same = (
        parsed == [[mailbox(to)], [mailbox(sender.address)]]
        and str(make_header(decode_header(name))) == mail.sender_name
        and str(make_header(decode_header(_unfolded(found, "Subject")))) == mail.subject
        and len(found.keys()) == len(set(map(str.lower, found.keys())))
    )
    if not is_same:
        raise InputError.of(Kind.DELIVERY, Code.MAIL_HEADER_DIFFERS, "the email")


def _unfolded(header: EmailMessage, key: str) -> str:
    """Return a field as it is written, on one line: the library's decoding reader drops spaces and quotes."""
    raw = next(str(value) for name, value in header.raw_items() if name == key)
    return re.sub(r"\r?\n(?=[ \t])", "", raw)
