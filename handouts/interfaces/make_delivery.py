"""The options of `make` that say where its sheets go -> a Destination; what was made -> words or JSON, an exit code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.interfaces.mail_order import mail_options, mail_order, posted_as_data, posted_in_words
from handouts.interfaces.print_settings import print_server
from handouts.interfaces.printing import job_as_data, job_in_words, print_options, print_order
from handouts.interfaces.words import as_data, told
from handouts.records import Destination

if TYPE_CHECKING:
    from handouts.press import Made

PRINTING = ("copies", "sides", "colour", "tray", "patience")
MAILING = ("outbox_folder", "lock", "send_now")


def delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --print and --email with all that belongs to them, and --ledger; `destination` takes what they give."""
    command = click.option("--ledger", "ledger_file", metavar="FILE", help="Keep in this ledger what was made.")(
        command
    )
    return print_or_mail(print_options(mail_options(command)))


def print_or_mail(command: Callable[..., Any]) -> Callable[..., Any]:
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


def refuse_unheard(needs: Mapping[str, tuple[str, ...]], options: Mapping[str, Any]) -> None:
    """Raise UsageError for an option of `needs` that means nothing since its --print or --email is not given."""
    context = click.get_current_context()
    names = {option.name: option.opts[0] for option in context.command.params}
    for flag, others in needs.items():
        given = [name for name in others if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given and options[flag] in (None, False):
            raise click.UsageError(f"{names[given[0]]} says how, but nothing says {names[flag]}.")


def destination(to: str, options: dict[str, Any]) -> Destination:
    """Take the options of delivery_options out of `options`; raise InputError where they cannot be what is meant."""
    folder = sheets_folder(to)
    refuse_unheard({"queue": PRINTING, "email": MAILING}, options)
    queue, email, ledger = options.pop("queue"), options.pop("email"), options.pop("ledger_file")
    printing = {name: options.pop(name) for name in PRINTING}
    mailing = {name: options.pop(name) for name in MAILING}
    return Destination(
        folder=folder,
        printing=None if queue is None else print_order(queue, **printing),
        print_server=None if queue is None else print_server(),
        mail=mail_order(**mailing) if email else None,
        ledger=named_file(ledger, "--ledger") if ledger is not None else None,
    )


def sheets_folder(path: str) -> Path:
    """Return the folder for sheets; raise InputError where it cannot be one, before any work is done."""
    if not path.strip():
        raise InputError(
            [Problem(kind=Kind.USAGE, code=Code.EMPTY_FOLDER_NAME, source="--to", values={"option": "--to"})]
        )
    folder = Path(path)
    if folder.is_file():
        raise InputError(
            [Problem(kind=Kind.DELIVERY, code=Code.CANNOT_WRITE, source=path, values={"reason": "this is a file"})]
        )
    return folder


def named_file(name: str, option: str) -> Path:
    """Return the file that an option names; raise InputError where it is a folder or no name at all."""
    path = Path(name)
    if not path.name or path.is_dir():
        raise InputError([Problem(kind=Kind.DELIVERY, code=Code.NOT_A_FILE, source=option)])
    return path


def report(made: "Made", *, as_json: bool) -> int:
    """Tell what was made and where it went, and return the exit code."""
    problems = made.warnings
    if as_json:
        sheets = [
            {
                "path": str(receipt.path),
                "document": receipt.document,
                "version": receipt.version,
                "language": receipt.language,
                "fingerprint": receipt.fingerprint,
                "pages": receipt.pages,
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
            click.echo(told(problems), err=True)
        for receipt in made.receipts:
            click.echo(str(receipt.path))
            if receipt.printed:
                click.echo(job_in_words(receipt.printed))
            if receipt.message:
                click.echo(str(receipt.message))
    errors = errors_of(problems)
    return int(errors[0].exit_code) if errors else 0
