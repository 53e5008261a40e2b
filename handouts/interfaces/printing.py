"""`handouts print` and `handouts printers`: a PDF and options -> paper; the queues of this desk -> a list."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from handouts.errors import Kind
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.print_settings import print_server
from handouts.records import Paper, PrintColorMode, Printed, PrintOrder, Queue, Sides
from handouts.resources import read_bytes

PATIENCE = PrintOrder().patience

_SIDES = {"one-sided": Sides.ONE_SIDED, "two-sided": Sides.TWO_SIDED}
_COLOURS = {"colour": PrintColorMode.COLOR, "mono": PrintColorMode.MONOCHROME}
_PAPERS = {"iso_a4_210x297mm": str(Paper.A4), "na_letter_8.5x11in": str(Paper.LETTER)}

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


@click.command("print", cls=DiscreetCommand, short_help="Print a sheet that was made before.")
@click.argument("file")
@click.option(
    "--queue", default="", metavar="NAME", help="The default one, if left out; `handouts printers` lists all."
)
@print_options
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def print_command(file: str, queue: str, as_json: bool, **options: Any) -> None:
    """Print FILE, a sheet as PDF, and wait until it is printed.

    The answer is the job and its state. Where it is not printed, the printer's own reason is told. A job that waits
    in the queue is not lost and must not be sent a second time.

    \b
    Example:
      handouts print out/microneedling-aftercare-en-82f42e92.pdf --copies 2 --colour mono
    """
    from handouts.delivery.printing.printable import printable
    from handouts.delivery.printing.printer import print_sheet

    pdf = read_bytes(Path(file), kind=Kind.DELIVERY, source=file)
    sheet = printable(pdf, file)
    order = print_order(queue, **options)
    printed = print_sheet(pdf, order, pages=sheet.pages, paper=sheet.paper, server=print_server())
    click.echo(json.dumps(job_as_data(printed)) if as_json else job_in_words(printed))


@click.command("printers", short_help="List the printers of this desk.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def printers_command(as_json: bool) -> None:
    """List the queues: which is the default one, how each is, its paper, sides, colour and trays.

    \b
    Example:
      handouts printers
    """
    from handouts.delivery.printing.printer import queues
    from handouts.delivery.printing.reasons import plain, why

    found = queues(print_server())
    reasons = {queue.name: why(plain(queue.reasons, queue.message), queue.message) for queue in found}
    if as_json:
        click.echo(json.dumps([_queue_data(queue, reasons[queue.name]) for queue in found], ensure_ascii=False))
        return
    for queue in found:
        click.echo(_queue_in_words(queue, reasons[queue.name]))
    if not found:
        click.echo("No printer is set up.")


def _papers(queue: Queue) -> list[str]:
    return [paper for name, paper in _PAPERS.items() if name in queue.media]


def _queue_data(queue: Queue, reason: str) -> dict[str, object]:
    return {
        "name": queue.name,
        "is_default": queue.is_default,
        "accepting": queue.accepting,
        "state": str(queue.state),
        "reason": reason,
        "papers": _papers(queue),
        "two_sided": queue.can_duplex,
        "colour": queue.can_color,
        "trays": list(queue.trays),
    }


def _queue_in_words(queue: Queue, reason: str) -> str:
    name = f"{queue.name} (default)" if queue.is_default else queue.name
    state = str(queue.state) if queue.accepting else "takes no jobs"
    lines = [f"{name}: {state}; {reason}" if reason else f"{name}: {state}"]
    sides = "both sides" if queue.can_duplex else "one side"
    colour = "colour" if queue.can_color else "mono"
    lines.append(f"  {', '.join(_papers(queue)) or 'neither A4 nor Letter'}; {sides}; {colour}")
    if queue.trays:
        lines.append(f"  trays: {', '.join(queue.trays)}")
    return "\n".join(lines)
