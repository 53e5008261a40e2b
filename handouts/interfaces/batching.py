"""`handouts batch`: a table of treatments -> a sheet for each row, delivered once, and a ledger that says so."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.interfaces.batch_words import progress, said
from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import COMMAND_LINE, cache_folder, clock
from handouts.interfaces.mail_order import mail_order, outbox_option
from handouts.interfaces.make_delivery import PRINTING, named_file, print_or_mail, refuse_unheard, sheets_folder
from handouts.interfaces.making import sheet_options
from handouts.interfaces.print_settings import print_server
from handouts.interfaces.printing import print_options, print_order
from handouts.records import BatchOrder, Paper, PrintSize
from handouts.resources import Resources, read_bytes

if TYPE_CHECKING:
    from handouts.batch import Engine
    from handouts.treatment.tables import Table

PATTERN = "{document}-{language}-{reference}"
DATES = ("year-month-day", "day/month/year", "month/day/year")


def table_options(command: Any) -> Any:
    """Add the options that say how the table is to be read."""
    for decorate in (
        click.option("--document", default="", metavar="ID", help="The document, where a row names none."),
        click.option("--language", default="", metavar="TAG", help="The language, where a row names none."),
        click.option("--dates", type=click.Choice(DATES), default=DATES[0], help="How the table writes its dates."),
        click.option("--column", "columns", multiple=True, metavar="HEADER=DETAIL", help="What a column holds."),
        click.option("--ignore", "ignored", multiple=True, metavar="HEADER", help="A column to pass over."),
        click.option("--encoding", default="", metavar="NAME", help="The table's encoding, where it is not Unicode."),
        click.option("--worksheet", default="", metavar="NAME", help="Which sheet of a workbook, if not the first."),
        click.option("--family-first", is_flag=True, help="Put the family name first in a name."),
    )[::-1]:
        command = decorate(command)
    return command


def destination_options(command: Any) -> Any:
    """Add --print and --email with what belongs to them; the emails are sent by `outbox send`."""
    return print_or_mail(print_options(outbox_option(command)))


@click.command("batch", cls=DiscreetCommand, short_help="Make a sheet for each row of a table.")
@click.argument("table")
@clinic_option()
@table_options
@click.option("--to", default="out", show_default=True, metavar="FOLDER", help="Where to put the sheets.")
@click.option("--pattern", default=PATTERN, show_default=True, help="How to name their files.")
@click.option("--merge", "merged", metavar="FILE", help="One PDF of all sheets, for the print room, in their place.")
@sheet_options
@destination_options
@click.option("--skip-faulty", is_flag=True, help="Go on without faulty rows; they go into a file of rejects.")
@click.option("--resume", is_flag=True, help="Make what the ledger does not have yet.")
@click.option(
    "--ledger", "ledger_file", metavar="FILE", help="The ledger; ledger.jsonl beside the sheets, if left out."
)
@click.option("--workers", type=click.IntRange(1, 256), metavar="NUMBER", help="How many processes; one a core.")
@click.option("--cluster", metavar="ADDRESS", help="Make them on a Dask cluster: local, or tls://HOST:PORT.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def batch_command(table: str, clinic: str | None, as_json: bool, **options: Any) -> int:
    """Make a sheet for each row of TABLE (CSV, XLSX, JSON Lines), in the row's language.

    Every row is checked before the first sheet is made. The ledger keeps what was made, so that no row is made twice.

    \b
    Example:
      handouts batch treatments.csv --clinic my-clinic --document microneedling-aftercare
    """
    from handouts import batch
    from handouts.press import Press

    resources = Resources(clinic=clinic_folder(clinic), cache=cache_folder())
    press = Press(resources)
    rows = _table(table, options)
    order = _order(options)
    file = options["ledger_file"]
    ledger_path = named_file(file, "--ledger") if file is not None else order.folder / "ledger.jsonl"
    engine = _engine(resources, options)
    with batch.opened(ledger_path) as (ledger, key, standings):
        delivering = batch.Delivering(
            order=order,
            press=press,
            ledger=ledger,
            standings=standings,
            clock=lambda: datetime.now(UTC),
            paper=order.paper or press.branding(order.started_at.date()).paper,
            server=print_server() if order.printing else None,
        )
        delivering.begin()
        planning = batch.Planning(rows, order, press, key, standings)
        checked = batch.admitted(planning, order)
        try:
            with progress(checked.fit, quiet=as_json) as tell:
                outcome = batch.run(planning, checked, engine, delivering, tell)
        except KeyboardInterrupt:
            click.echo("\nStopped. The same command with --resume makes the other sheets, and none twice.", err=True)
            raise
    return said(rows, order, checked, outcome, as_json=as_json)


def _engine(resources: Resources, options: dict[str, Any]) -> "Engine":
    """Return what makes the sheets: processes on this machine, or a cluster."""
    from handouts import batch

    workers = options["workers"] or os.cpu_count() or 1
    if options["cluster"] is not None:
        return batch.Cluster(resources=resources, address=batch.cluster_address(options["cluster"]), workers=workers)
    return batch.Processes(resources=resources, workers=workers)


def _table(name: str, options: dict[str, Any]) -> "Table":
    """Read the table; raise InputError with everything that refuses it whole."""
    from handouts.treatment import tables

    form = tables.form_of(name)
    data = read_bytes(Path(name), kind=Kind.TREATMENT, source=name, maximum=tables.MAXIMUM_BYTES)
    return tables.read_table(
        data,
        name,
        form=form,
        dates=list(tables.DateOrder)[DATES.index(options["dates"])],
        aliases=_aliases(options["columns"]),
        ignored=frozenset(options["ignored"]),
        encoding=options["encoding"],
        sheet=options["worksheet"],
        family_first=options["family_first"],
    )


def _aliases(texts: tuple[str, ...]) -> dict[str, str]:
    """Return what --column says of each header; raise InputError where it says two things of one."""
    said = [_column(text) for text in texts]
    twice = [header for header, count in Counter(header for header, _ in said).items() if count > 1]
    if twice:
        raise InputError(
            Problem(kind=Kind.USAGE, code=Code.TABLE_ALIAS_TWICE, source=COMMAND_LINE, values={"header": header})
            for header in twice
        )
    return dict(said)


def _column(text: str) -> tuple[str, str]:
    header, _, detail = text.rpartition("=")
    if not header.strip() or not detail.strip():
        raise InputError([Problem(kind=Kind.USAGE, code=Code.COLUMN_NOT_NAMED, source=COMMAND_LINE, path="--column")])
    return header.strip(), detail.strip()


def _order(options: dict[str, Any]) -> BatchOrder:
    """Return what the options ask for; raise InputError or UsageError where they cannot be meant."""
    from handouts.press import tags_meant

    language = options["language"]
    if language:
        tags_meant(language.split("+"), "--language")  # The rows are told where it is set as another: es-MX as es.
    refuse_unheard({"queue": PRINTING, "email": ("outbox_folder",)}, options)
    if options["merged"] and (options["email"] or options["queue"] is not None):
        raise click.UsageError("--merge puts the sheets into one file: print or email them in a batch without it.")
    printing = {name: options[name] for name in PRINTING}
    outbox = options["outbox_folder"]
    return BatchOrder(
        folder=sheets_folder(options["to"]),
        pattern=options["pattern"],
        started_at=clock(),
        document=options["document"],
        language=language,
        paper=Paper(options["paper"]) if options["paper"] else None,
        print_size=PrintSize(options["print_size"]),
        strict=options["strict"],
        merged=named_file(options["merged"], "--merge") if options["merged"] is not None else None,
        printing=None if options["queue"] is None else print_order(options["queue"], **printing),
        mail=mail_order(outbox_folder=outbox, lock=False, send_now=False) if options["email"] else None,
        skip_faulty=options["skip_faulty"],
        resume=options["resume"],
    )
