"""`handouts print` and `handouts printers`: a PDF and options -> paper; the queues of this desk -> a list."""

import json
from pathlib import Path
from typing import Any

import click

from handouts.errors import Kind
from handouts.interfaces.delivery_options import job_as_data, job_in_words, print_options, print_order
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.print_settings import print_server
from handouts.records import Paper, Queue
from handouts.resources import read_bytes

_PAPERS = {"iso_a4_210x297mm": str(Paper.A4), "na_letter_8.5x11in": str(Paper.LETTER)}


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
    from handouts.delivery.printing import print_sheet, printable

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
    from handouts.delivery.printing import keywords_of, queues, why

    found = queues(print_server())
    reasons = {queue.name: why(keywords_of(queue.reasons, queue.message), queue.message) for queue in found}
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
