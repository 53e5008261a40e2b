"""`handouts email` and `handouts outbox`: a sheet made before -> an email in the outbox -> sent."""

import json
import time
from pathlib import Path
from typing import Any

import click

from handouts.codes import Code
from handouts.errors import Kind, Problem, Severity
from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.delivery_options import (
    mail_options,
    mail_order,
    named_folder,
    outbox_option,
    posted_as_data,
    posted_in_words,
    reply_in_words,
)
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import cache_folder, clock
from handouts.interfaces.words import as_data, format_problems
from handouts.records import MailOrder, MailState, Posted
from handouts.resources import Resources, read_bytes


@click.command("email", cls=DiscreetCommand, short_help="Put a sheet made before into the outbox.")
@click.argument("file")
@clinic_option()
@click.option("--address", required=True, metavar="ADDRESS", help="The patient's email address.")
@mail_options
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def email_command(file: str, clinic: str | None, address: str, as_json: bool, **options: Any) -> int | None:
    """Put FILE, a sheet as PDF that `handouts make` has made, into the outbox as an email to the patient.

    The email is in the sheet's language and names neither patient nor treatment in its subject. The same sheet for the
    same address is one email, however often this is said: while it waits, it is replaced.

    \b
    Example:
      handouts email out/microneedling-aftercare-es-5a78a60b.pdf --clinic my-clinic --address ana@example.org
    """
    from handouts.delivery.mail import Outbox
    from handouts.press import Press

    order = mail_order(**options)
    press = Press(Resources(clinic=clinic_folder(clinic), cache=cache_folder()))
    pdf = read_bytes(Path(file), kind=Kind.DELIVERY, source=file)
    path, problems = press.email(pdf, file, address, order, clock())
    is_new = not problems
    posted: tuple[Posted, ...] = ()
    if order.server is not None and is_new:
        posted, problems = _sent(order, identifiers=(path.stem,), quiet=as_json)
    now = Outbox.where_now(path)
    if not as_json:
        click.echo(str(now))
    message = {"identifier": path.stem, "path": str(now), "state": now.parent.name, "added": is_new}
    return _answer({"message": message, "tried": [posted_as_data(each) for each in posted]}, problems, as_json=as_json)


@click.group("outbox", short_help="Send, list and settle the emails of an outbox.")
def outbox_command() -> None:
    """Send the emails of an outbox, see what became of each, and decide about those of which nobody knows.

    \b
    Example:
      handouts outbox send --outbox outbox
    """


@outbox_command.command("send", short_help="Send what waits in the outbox.")
@outbox_option
@click.option(
    "--tries",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    help="How often an email is tried that the server puts off: at once, after 5 seconds, after 30 more.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def send_command(outbox_folder: str, tries: int, as_json: bool) -> int | None:
    """Send every email that waits, each once, and tell what became of it.

    What was being sent when a crash came is never sent again by itself: `outbox settle` decides about it.

    \b
    Example:
      handouts outbox send --outbox outbox
    """
    order = mail_order(outbox_folder=outbox_folder, lock=False, send_now=True, tries=tries)
    posted, problems = _sent(order, quiet=as_json)
    if not (posted or problems or as_json):
        click.echo("Nothing waits.")
    return _answer({"tried": [posted_as_data(each) for each in posted]}, problems, as_json=as_json)


def _sent(
    order: MailOrder, *, identifiers: tuple[str, ...] | None = None, quiet: bool
) -> tuple[tuple[Posted, ...], tuple[Problem, ...]]:
    """Send an order's outbox, or these messages of it alone, and print each as it goes, unless `quiet`.

    Returns what became of each and every Problem, those of messages that an earlier crash has left among them.
    """
    from handouts.delivery.mail import Outbox, send

    def show(posted: Posted) -> None:
        if not quiet and posted.reply is not None:
            click.echo(posted_in_words(posted))

    def pause(seconds: float) -> None:
        if not quiet:
            click.echo(f"Trying again in {seconds:.0f} seconds …", err=True)
        time.sleep(seconds)

    left_over = () if identifiers else _left_over(Outbox(order.outbox))
    posted, problems = send(order, sleep=pause, on_posted=show, identifiers=identifiers)
    return posted, (*left_over, *problems)


def _left_over(outbox: Any) -> tuple[Problem, ...]:
    """Return what is odd in an outbox, and the messages that an earlier crash has left."""
    if outbox.is_sending():
        return ()
    left = (each.identifier for each in outbox.messages() if each.state is MailState.SENDING)
    problems = (Problem.of(Kind.DELIVERY, Code.MAIL_LEFT_OVER, name) for name in left)
    return (*outbox.strangers(), *problems)


@outbox_command.command("list", short_help="Show every email of the outbox, to whom, and its state.")
@outbox_option
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def list_command(outbox_folder: str, as_json: bool) -> int | None:
    """Show every email, to whom, and its state: new, sending, sent or failed; the file in that folder has the rest.

    \b
    Example:
      handouts outbox list --outbox outbox
    """
    from handouts.delivery.mail import Outbox

    outbox = Outbox(named_folder(outbox_folder))
    messages, left_over = outbox.messages(), _left_over(outbox)
    if not as_json:
        for each in messages:
            reason = f": {reply_in_words(each)}" if each.reply is not None else ""
            click.echo(f"{each.identifier}  {each.to}  {each.state}{reason}")
    rows = [{**posted_as_data(each), "to": each.to} for each in messages]
    return _answer({"messages": rows}, left_over, as_json=as_json)


@outbox_command.command("settle", short_help="Decide about an email of which nobody knows whether it was sent.")
@click.argument("identifier", metavar="ID")
@outbox_option
@click.option(
    "--sent/--not-sent",
    default=None,
    help="It has arrived; or it has not, and waits to be sent again.",
)
def settle_command(identifier: str, outbox_folder: str, sent: bool | None) -> None:
    """Decide about the email ID, which a crash left in the outbox's folder sending/, or which was refused.

    \b
    Example:
      handouts outbox settle 3f0c5a1de2b94c7788aa01d2c3b4e5f6 --not-sent --outbox outbox
    """
    from handouts.delivery.mail import Outbox

    if sent is None:
        raise click.UsageError("Say which: --sent or --not-sent.")
    click.echo(str(Outbox(named_folder(outbox_folder)).settle(identifier.removesuffix(".eml"), sent=sent)))


def _answer(data: dict[str, object], problems: tuple[Problem, ...], *, as_json: bool) -> int | None:
    """Print the answer and return the exit code."""
    if as_json:
        answer = {**data, "problems": [as_data(problem) for problem in problems]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif problems:
        click.echo(format_problems(problems), err=True, nl=False)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    return int(errors[0].exit_code) if errors else None
