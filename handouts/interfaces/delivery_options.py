"""Options, environment, keyring and keyboard -> a Destination; what was made and where it went -> words or JSON."""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from handouts.codes import Code
from handouts.errors import Gathering, InputError, Kind, errors_of
from handouts.fhir_releases import need_models
from handouts.interfaces.print_settings import print_server
from handouts.interfaces.words import as_data, format_problems
from handouts.records import (
    Answer,
    Destination,
    MailOrder,
    Posted,
    PrintColorMode,
    Printed,
    PrintOrder,
    RecordOrder,
    Sides,
)

if TYPE_CHECKING:
    from handouts.press import Made

PRINTING = ("copies", "sides", "colour", "tray", "patience")
MAILING = ("outbox_folder", "lock", "send_now")

PATIENCE = PrintOrder().patience

_SIDES = {"one-sided": Sides.ONE_SIDED, "two-sided": Sides.TWO_SIDED}
_COLOURS = {"colour": PrintColorMode.COLOR, "mono": PrintColorMode.MONOCHROME}
_OPTIONS = (
    click.option("--copies", type=click.IntRange(min=1), default=1, show_default=True, help="How many to print."),
    click.option(
        "--sides", type=click.Choice(list(_SIDES)), help="Left out: both sides where there is more than one page."
    ),
    click.option("--colour", type=click.Choice(list(_COLOURS)), help="The queue's own choice, if left out."),
    click.option("--tray", default="", metavar="NAME", help="A paper tray, as `handouts printers` names it."),
    click.option(
        "--patience",
        type=click.FloatRange(min=0),
        default=PATIENCE,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait until it is printed; 0 leaves at once.",
    ),
)

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


def delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --print and --email with all that belongs to them, and --ledger; `destination` takes what they give."""
    ledger = click.option("--ledger", "ledger_file", metavar="FILE", help="Keep in this ledger what was made.")
    return _print_or_mail(print_options(mail_options(ledger(command))))


def batch_delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the same for a batch, whose emails are sent by `outbox send`, and --ledger with its place if left out."""
    ledger = click.option(
        "--ledger", "ledger_file", metavar="FILE", help="The ledger; ledger.jsonl beside the sheets, if left out."
    )
    return _print_or_mail(print_options(outbox_option(ledger(command))))


def _print_or_mail(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --print and --email themselves."""
    command = click.option("--email", is_flag=True, help="Put it into the outbox as an email to the patient.")(command)
    return click.option(
        "--print",
        "queue",
        is_flag=False,
        flag_value="",
        metavar="[QUEUE]",
        help="Print it, on the default printer if none is named.",
    )(command)


def record_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --fhir and --fhir-with-pdf; `record_order` takes what they give."""
    command = click.option("--fhir-with-pdf", is_flag=True, help="The sheet itself inside the DocumentReference.")(
        command
    )
    return click.option(
        "--fhir", "fhir_folder", metavar="FOLDER", help="Put a DocumentReference and a Communication there."
    )(command)


def record_order(options: dict[str, Any]) -> RecordOrder | None:
    """Take the options of record_options out of `options`; raise InputError or UsageError where they are unfit."""
    folder, with_pdf = options.pop("fhir_folder"), options.pop("fhir_with_pdf")
    if folder is None:
        if with_pdf:
            raise click.UsageError("--fhir-with-pdf says how, but nothing says --fhir.")
        return None
    need_models("--fhir")
    return RecordOrder(folder=sheets_folder(folder, "--fhir"), with_pdf=with_pdf)


def destination(to: str, options: dict[str, Any], *, ledger: str = "") -> Destination:
    """Take the options of delivery_options or of batch_delivery_options out of `options`.

    `ledger` is the name of the ledger in the folder of the sheets where none is named, or "" for none. Raises
    InputError or UsageError where they cannot be what is meant.
    """
    folder = sheets_folder(to)
    given = {name: options.pop(name) for name in (*PRINTING, *MAILING) if name in options}
    queue, email, file = options.pop("queue"), options.pop("email"), options.pop("ledger_file")
    _refuse_without_effect("--print", given=queue is not None, others=PRINTING)
    _refuse_without_effect("--email", given=email, others=MAILING)
    printing = {name: given.pop(name) for name in PRINTING}
    return Destination(
        folder=folder,
        printing=None if queue is None else print_order(queue, **printing),
        print_server=None if queue is None else print_server(),
        mail=mail_order(**given) if email else None,
        ledger=named_file(file, "--ledger") if file is not None else folder / ledger if ledger else None,
    )


def _refuse_without_effect(flag: str, *, given: bool, others: tuple[str, ...]) -> None:
    """Raise UsageError for one of the `others` that means nothing since --print or --email is not given."""
    context = click.get_current_context()
    typed = [
        option.opts[0]
        for option in context.command.params
        if option.name in others and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if typed and not given:
        raise click.UsageError(f"{typed[0]} says how, but nothing says {flag}.")


def sheets_folder(path: str, option: str = "--to") -> Path:
    """Return the folder for sheets; raise InputError where it cannot be one, before any work is done."""
    if not path.strip():
        raise InputError.of(Kind.USAGE, Code.EMPTY_FOLDER_NAME, option, option=option)
    folder = Path(path)
    if folder.is_file():
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, path, reason="this is a file")
    return folder


def named_file(name: str, option: str) -> Path:
    """Return the file that an option names; raise InputError where it is a folder or no name at all."""
    path = Path(name)
    if not path.name or path.is_dir():
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_FILE, option)
    return path


def print_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to print; `print_order` takes what they give."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


def print_order(
    queue: str, *, copies: int, sides: str | None, colour: str | None, tray: str, patience: float
) -> PrintOrder:
    """Return the order that the options of `print_options` make; `queue` "" is the default one."""
    return PrintOrder(
        queue=queue,
        copies=copies,
        sides=_SIDES[sides] if sides else None,
        color_mode=_COLOURS[colour] if colour else None,
        media_source=tray,
        patience=patience,
    )


def job_as_data(printed: Printed) -> dict[str, object]:
    """Return a print job for a program to read."""
    return {"queue": printed.queue, "job": f"{printed.queue}-{printed.job}", "state": str(printed.state)}


def job_in_words(printed: Printed) -> str:
    """Return what became of a print job, in one line."""
    return f"{printed.queue}-{printed.job}: {printed.state}"


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


def mail_order(*, outbox_folder: str, lock: bool = False, send_now: bool = False, tries: int = 3) -> MailOrder:
    """Return what the options and the environment ask for; raise InputError with everything that is wrong with it."""
    from handouts.delivery import mail

    gathering = Gathering()
    sender = gathering.take(lambda: mail.sender(os.environ))
    server = gathering.take(lambda: mail.mail_server(os.environ, from_keyring)) if send_now else None
    folder = gathering.take(partial(named_folder, outbox_folder))
    gathering.stop_at_errors()
    assert sender, "it is there or has left an error"
    assert folder, "it is there or has left an error"
    password = _sheet_password() if lock else ""
    return MailOrder(outbox=folder, sender=sender, password=password, server=server, tries=tries)


def named_folder(name: str) -> Path:
    """Return the folder that --outbox names; raise InputError where the name is empty."""
    if not name.strip():
        raise InputError.of(Kind.USAGE, Code.EMPTY_FOLDER_NAME, "--outbox", option="--outbox")
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
    from handouts.delivery.mail import check_password

    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        if not sys.stdin.isatty():
            raise InputError.of(Kind.DELIVERY, Code.PASSWORD_NOT_GIVEN, "--password")
        password = click.prompt("Password for the sheet", hide_input=True, confirmation_prompt=True, err=True)
    check_password(password)
    return password


def from_keyring(service: str, account: str) -> str | None:
    """Return the password that a keyring holds, or None; raise InputError where there is one that cannot be used."""
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
        raise InputError.of(Kind.DELIVERY, Code.KEYRING_UNUSABLE, service, reason=type(error).__name__) from None


def report(made: "Made", *, as_json: bool) -> int:
    """Print what was made and where it went, and return the exit code."""
    problems = made.problems
    if as_json:
        sheets = [
            {
                "path": str(receipt.path),
                "document": receipt.sheet.document,
                "version": receipt.sheet.version,
                "language": receipt.sheet.language,
                "fingerprint": receipt.sheet.fingerprint,
                "pages": receipt.sheet.pages,
                **({"printed": job_as_data(receipt.printed)} if receipt.printed else {}),
                **({"message": str(receipt.message)} if receipt.message else {}),
            }
            for receipt in made.receipts
        ]
        answer: dict[str, object] = {"sheets": sheets, "problems": [as_data(problem) for problem in problems]}
        if made.posted:
            answer["tried"] = [posted_as_data(posted) for posted in made.posted]
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for posted in made.posted:
            click.echo(posted_in_words(posted))
        if problems:
            click.echo(format_problems(problems), err=True)
        for receipt in made.receipts:
            click.echo(str(receipt.path))
        for printed in dict.fromkeys(receipt.printed for receipt in made.receipts if receipt.printed):
            click.echo(job_in_words(printed))
        for message in dict.fromkeys(receipt.message for receipt in made.receipts if receipt.message):
            click.echo(str(message))
    errors = errors_of(problems)
    return int(errors[0].exit_code) if errors else 0
