"""How a sheet is to be handed out, and the environment -> the Destination in the clinic's folder."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handouts.errors import Gathering
from handouts.interfaces.delivery_options import from_keyring
from handouts.interfaces.desk.wishing import NotAForm
from handouts.interfaces.print_settings import print_server
from handouts.records import Destination, Format, MailOrder, PrintOrder

PATIENCE = 300.0
"""Seconds for which a job is followed until it is on paper: a desk's printer may have others before it."""
_KINDS = ("print", "email", "save", "open")
_LONGEST = 200
_SERVER = "HANDOUTS_SMTP_HOST"


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One of the ways in which the page hands a sheet out, with what was chosen for it."""

    kind: str
    queue: str = ""
    copies: int = 1
    tray: str = ""
    password: str = field(default="", repr=False)

    @property
    def prints(self) -> bool:
        """Whether it goes to a printer."""
        return self.kind == "print"

    @property
    def mails(self) -> bool:
        """Whether it goes out as an email."""
        return self.kind == "email"

    @property
    def form(self) -> Format:
        """What is made."""
        return Format.HTML if self.kind == "open" else Format.PDF

    @classmethod
    def of(cls, given: Any) -> "Way":
        """Return the way that a form's JSON holds; raise NotAForm."""
        if not isinstance(given, dict) or given.get("kind") not in _KINDS:
            raise NotAForm
        texts = {name: given.get(name, "") for name in ("queue", "tray", "password")}
        if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts.values()):
            raise NotAForm
        copies = given.get("copies", 1)
        return cls(kind=given["kind"], copies=copies if isinstance(copies, int) else 0, **texts)


def destination(way: Way, folder: Path) -> Destination:
    """Return where a sheet goes; `folder` is the desk's own. Raises InputError where the environment is not fit."""
    order = PrintOrder(queue=way.queue, copies=way.copies, media_source=way.tray, patience=PATIENCE)
    return Destination(
        folder=folder / "sheets",
        printing=order if way.prints else None,
        print_server=print_server() if way.prints else None,
        mail=_mail_order(way, folder / "outbox") if way.mails else None,
        ledger=folder / "ledger.jsonl",
    )


def _mail_order(way: Way, outbox: Path) -> MailOrder:
    """Return the order for an email, which is sent at once where the environment names a mail server."""
    from handouts.delivery import mail

    gathering = Gathering()
    sender = gathering.take(lambda: mail.sender(os.environ))
    names_server = bool(os.environ.get(_SERVER, "").strip())
    server = gathering.take(lambda: mail.mail_server(os.environ, from_keyring)) if names_server else None
    gathering.stop_at_errors()
    assert sender is not None, "it is there or has left an error"
    return MailOrder(outbox=outbox, sender=sender, password=way.password, server=server)
