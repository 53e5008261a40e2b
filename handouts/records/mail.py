"""An email about a sheet, the same for every patient and without a name in it; its way through outbox and server."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture that the HTML shows as cid:<cid>: its media type, such as image/png, and its bytes."""

    cid: str
    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedMail:
    """Subject, text and HTML of a message and the name of its attachment, in the sheet's language or languages.

    `sheets` is how many it brings; of several each name has its number. `plain_name` is the attachment's name for
    programs that read ASCII alone, "" where there is none.
    """

    language: str
    subject: str
    text: str
    html: str
    picture: Picture | None
    attachment_name: str
    sender_name: str
    sheets: int = 1
    plain_name: str = ""

    @property
    def attachment_names(self) -> tuple[str, ...]:
        """Return the name of each attached file."""
        return numbered(self.attachment_name, self.sheets)

    @property
    def plain_names(self) -> tuple[str, ...]:
        """Return each name as ASCII, "" where there is none."""
        return numbered(self.plain_name, self.sheets) if self.plain_name else ("",) * self.sheets


def numbered(name: str, count: int) -> tuple[str, ...]:
    """Return the name of the one file, or the names of several: information 1.pdf, information 2.pdf."""
    stem, dot, ending = name.rpartition(".")
    return (name,) if count == 1 else tuple(f"{stem} {number}{dot}{ending}" for number in range(1, count + 1))


class Tls(StrEnum):
    """How the way to the mail server is protected (RFC 3207, RFC 8314). NONE is for this very machine alone."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who writes, and to whom answers go: two mailboxes. "" is the clinic's own, and the one who writes."""

    address: str = ""
    reply_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """The server that takes the clinic's mail. `ca` is a file of the certificates to trust in place of the system's."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MailOrder:
    """How a sheet is to be emailed: into which outbox, from whom, under which password ("" for none).

    `server` is where it is sent at once, or None to leave it in the outbox. One that the server puts off is tried
    `tries` times in all, at most three.
    """

    outbox: Path
    sender: Sender
    password: str = field(default="", repr=False)
    server: MailServer | None = None
    tries: int = 3


class MailState(StrEnum):
    """The folder of the outbox in which a message is. SENDING without a sender at work means: nobody knows."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Answer(StrEnum):
    """What became of one try. UNCERTAIN: the message was handed over and no reply came back.

    SENDER_REFUSED: the server lets nobody send under this address; another try helps only with another sender.
    """

    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"
    SENDER_REFUSED = "sender-refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The mail server's answer to one message: `code` is SMTP's or None; `reason` holds no address.

    `wrong_address`: it was refused since nobody gets mail at the patient's address.
    """

    answer: Answer
    code: int | None = None
    reason: str = ""
    wrong_address: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A message of the outbox: where it is now, and the server's last reply where there was one.

    `to` is its address where the whole outbox is listed, else "".
    """

    identifier: str
    state: MailState
    reply: Reply | None = None
    to: str = field(default="", repr=False)
