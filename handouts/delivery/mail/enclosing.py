"""A sheet, its composed mail and an address -> a message in the outbox, once."""

from datetime import datetime
from pathlib import Path

from handouts.delivery.mail.message import identifier_of, message
from handouts.delivery.mail.outbox import Outbox
from handouts.delivery.mail.protection import protect
from handouts.records import ComposedMail, MailState, Sender


def enclose(
    outbox: Outbox,
    mail: ComposedMail,
    pdf: bytes,
    *,
    to: str,
    sender: Sender,
    at: datetime,
    password: str = "",
    identifier: str = "",
) -> tuple[Path, MailState | None]:
    """Put the message into the outbox and return its path, and None or the state in which it was there already.

    None: it was put there now, maybe in place of one that still waited. Otherwise nothing was put there, and what is
    there may have another text, sender or password.

    With a password the enclosed sheet opens by it alone; `mail` must say so (`Press.mail(..., locked=True)`). The
    message's name, the path's stem, is `identifier`, else it comes from sheet and address. Raises InputError where an
    address, a text of the mail, the password or the outbox is unfit.
    """
    identifier = identifier or identifier_of(pdf, to)
    enclosed = protect(pdf, password) if password else pdf
    return outbox.put(identifier, message(mail, enclosed, identifier=identifier, to=to, sender=sender, at=at))
