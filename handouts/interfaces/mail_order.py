"""Options, environment, keyring and keyboard -> a MailOrder; a message that was sent -> words and JSON."""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import Answer, MailOrder, Posted

PASSWORD_VARIABLE = "HANDOUTS_PDF_PASSWORD"  # noqa: S105 - the name of a setting, not what it holds

_TRIED = {
    Answer.ACCEPTED: "sent",
    Answer.LATER: "put off",
    Answer.REFUSED: "refused",
    Answer.SENDER_REFUSED: "sender refused",
    Answer.UNCERTAIN: "uncertain",
}

outbox_option = click.option(
    "--outbox", "outbox_folder", default="outbox", show_default=True, metavar="FOLDER", help="The outbox's folder."
)


def mail_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options from which `mail_order` makes a MailOrder: --outbox, --password, --send."""
    command = click.option(
        "--send", "send_now", is_flag=True, help="Send the email at once; the environment names the mail server."
    )(command)
    command = click.option(
        "--password",
        "lock",
        is_flag=True,
        help=f"Protect the sheet with a password: asked for, or from {PASSWORD_VARIABLE}.",
    )(command)
    return outbox_option(command)


def mail_order(*, outbox_folder: str, lock: bool, send_now: bool, tries: int = 3) -> MailOrder:
    """Return what the options and the environment ask for; raise InputError with everything that is wrong with it."""
    from handouts.delivery.mail import settings
    from handouts.press import Gathering

    gathering = Gathering()
    sender = gathering.take(lambda: settings.sender(os.environ))
    server = gathering.take(lambda: settings.mail_server(os.environ, _from_keyring)) if send_now else None
    folder = gathering.take(partial(named_folder, outbox_folder))
    gathering.stop_at_errors()
    assert sender, "it is there or has left an error"
    assert folder, "it is there or has left an error"
    password = _sheet_password() if lock else ""
    return MailOrder(outbox=folder, sender=sender, password=password, server=server, tries=tries)


def named_folder(name: str) -> Path:
    """Return the folder that --outbox names; raise InputError where the name is empty."""
    if not name.strip():
        values = {"option": "--outbox"}
        raise InputError([Problem(kind=Kind.USAGE, code=Code.EMPTY_FOLDER_NAME, source="--outbox", values=values)])
    return Path(name)


def posted_in_words(posted: Posted) -> str:
    """Return what became of a message that was tried."""
    return f"{posted.identifier}: {_TRIED[posted.reply.answer]}" if posted.reply is not None else ""


def posted_as_data(posted: Posted) -> dict[str, object]:
    """Return a message for a program to read."""
    answer = str(posted.reply.answer) if posted.reply is not None else ""
    return {
        "identifier": posted.identifier,
        "state": str(posted.state),
        "answer": answer,
        "reason": reply_in_words(posted),
    }


def reply_in_words(posted: Posted) -> str:
    """Return the server's last reply to a message: its code and its words, or ""."""
    reply = posted.reply
    return " ".join(filter(None, (str(reply.code or ""), reply.reason))) if reply is not None else ""


def _sheet_password() -> str:
    """Return the sheet's password: the environment's, else typed twice; raise InputError where it is unfit."""
    from handouts.delivery.mail.passwords import check_password

    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        if not sys.stdin.isatty():
            raise InputError([Problem(kind=Kind.DELIVERY, code=Code.PASSWORD_NOT_GIVEN, source="--password")])
        password = click.prompt("Password for the sheet", hide_input=True, confirmation_prompt=True, err=True)
    check_password(password)
    return password


def _from_keyring(service: str, account: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(service, account)
    except NoKeyringError:
        return None
    except KeyringError as error:
        values = {"reason": type(error).__name__}
        raise InputError(
            [Problem(kind=Kind.DELIVERY, code=Code.KEYRING_UNUSABLE, source=service, values=values)]
        ) from None
