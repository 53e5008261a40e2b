"""`handouts batch`: a table of treatments -> a sheet for each row, delivered once, a ledger of it, and a report."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, each_once, errors_of
from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.delivery_options import (
    batch_delivery_options,
    destination,
    named_file,
    record_options,
    record_order,
)
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import COMMAND_LINE, cache_folder, clock, narrator
from handouts.interfaces.making import sheet_options
from handouts.interfaces.words import as_data, counted, format_problems, remedy, what
from handouts.records import BatchOrder, LaidOut, Paper, PrintSize
from handouts.resources import SHELVES, Resources, read_bytes, write_texts

if TYPE_CHECKING:
    from handouts.batch import Engine, Outcome
    from handouts.press import Press
    from handouts.records import Row
    from handouts.treatment.tables import Exports, Table

PATTERN = "{document}-{language}-{reference}"
DATES = ("year-month-day", "day/month/year", "month/day/year")


def table_options(command: Any) -> Any:
    """Add the options that say how the table is to be read."""
    for decorate in (
        click.option("--document", default="", metavar="ID", help="The document, where a row names none."),
        click.option("--language", default="", metavar="TAG", help="The language, where a row names none."),
        click.option("--dates", type=click.Choice(DATES), help="How the table writes its dates."),
        click.option("--export", default="", metavar="NAME", help="Which program's export it is; or none."),
        click.option("--strict-services", is_flag=True, help="Refuse a service that clinic.toml does not have."),
        click.option("--column", "columns", multiple=True, metavar="HEADER=DETAIL", help="What a column holds."),
        click.option("--ignore", "ignored", multiple=True, metavar="HEADER", help="A column to pass over."),
        click.option("--encoding", default="", metavar="NAME", help="The table's encoding, where it is not Unicode."),
        click.option("--worksheet", default="", metavar="NAME", help="Which sheet of a workbook, if not the first."),
        click.option("--hidden", is_flag=True, help="Read a workbook's hidden rows and columns, too."),
        click.option("--family-first", is_flag=True, help="Put the family name first in a name."),
    )[::-1]:
        command = decorate(command)
    return command


@click.command("batch", cls=DiscreetCommand, short_help="Make a sheet for each row of a table.")
@click.argument("table")
@clinic_option()
@table_options
@click.option("--to", default="out", show_default=True, metavar="FOLDER", help="Where to put the sheets.")
@click.option("--pattern", default=PATTERN, show_default=True, help="How to name their files.")
@click.option("--merge", "merged", metavar="FILE", help="One PDF of all sheets, for the print room, in their place.")
@sheet_options
@batch_delivery_options
@record_options
@click.option("--skip-faulty", is_flag=True, help="Go on without faulty rows; they go into a file of rejects.")
@click.option("--resume", is_flag=True, help="Make what the ledger does not have yet.")
@click.option("--audit", type=click.IntRange(1), metavar="NUMBER", help="Lay out every so manieth sheet and compare.")
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
    press = Press(resources, narrator(quiet=True))
    rows = _table(table, options, press, resources)
    if rows.notice is not None and not as_json:
        click.echo(what(rows.notice), err=True)
    if rows.warnings and not as_json:
        click.echo(format_problems(rows.warnings), err=True)  # Before anything is made: it may be the wrong half of it.
    order = _order(options)
    workers = options["workers"] or os.cpu_count() or 1
    engine = _engine(resources, options["cluster"], workers)
    shown = partial(_progress, quiet=as_json)
    outcome = batch.run(rows, order, press, engine, clock=lambda: datetime.now(UTC), progress=shown, workers=workers)
    return _report(rows, order, outcome, as_json=as_json)


def _engine(resources: Resources, cluster: str | None, workers: int) -> "Engine":
    """Return what makes the sheets: processes on this machine, or a cluster."""
    from handouts import batch

    if cluster is not None:
        return batch.Cluster(resources=resources, address=batch.cluster_address(cluster), workers=workers)
    return batch.Processes(resources=resources, workers=workers)


def _table(name: str, options: dict[str, Any], press: "Press", resources: Resources) -> "Table":
    """Read the table; raise InputError with everything that refuses it whole.

    Where nobody knows its columns or has said what they hold, a draft of their description is written, too.
    """
    from handouts.treatment import tables

    form = tables.form_of(name)
    data = read_bytes(Path(name), kind=Kind.TREATMENT, source=name, maximum=tables.MAXIMUM_BYTES)
    exports = press.exports(clock().date(), options["export"], strict=options["strict_services"])
    where = {"encoding": options["encoding"], "sheet": options["worksheet"], "with_hidden": options["hidden"]}
    try:
        return tables.read_table(
            data,
            name,
            form=form,
            dates=list(tables.DateOrder)[DATES.index(options["dates"])] if options["dates"] else None,
            aliases=_aliases(options["columns"]),
            ignored=frozenset(options["ignored"]),
            family_first=options["family_first"],
            exports=exports,
            **where,
        )
    except InputError as error:
        said = options["columns"] or options["ignored"] or options["export"]
        unknown = any(problem.code is Code.TABLE_COLUMN_UNKNOWN for problem in error.problems)
        if said or not unknown or _is_example(resources):
            raise
        headers = tables.headers_of(data, name, form=form, **where)
        raise InputError((*error.problems, _drafted(name, headers, exports, resources))) from None


def _is_example(resources: Resources) -> bool:
    """Return whether the clinic is one that ships, in whose folder nothing is written."""
    return resources.clinic is None or resources.clinic.resolve().is_relative_to(SHELVES["examples"].resolve())


def _drafted(name: str, headers: tuple[str, ...], exports: "Exports", resources: Resources) -> Problem:
    """Write the draft of a description of the table into the clinic's folder, and return what to do with it."""
    from handouts.treatment import tables

    assert resources.clinic is not None, "a batch has a clinic"
    draft, text = tables.draft_of(headers, name, [each.name for each in exports.known])
    path = resources.clinic / "exports" / f"{draft}.toml"
    write_texts({path: text}, resources.clinic, kind=Kind.BRANDING)
    return Problem.of(Kind.TREATMENT, Code.EXPORT_DRAFTED, name, file=resources.display(path))


def _aliases(texts: tuple[str, ...]) -> dict[str, str]:
    """Return what --column says of each header; raise InputError where it says two things of one."""
    columns = [_column(text) for text in texts]
    twice = [header for header, count in Counter(header for header, _ in columns).items() if count > 1]
    if twice:
        raise InputError(
            Problem.of(Kind.USAGE, Code.TABLE_ALIAS_TWICE, COMMAND_LINE, header=header) for header in twice
        )
    return dict(columns)


def _column(text: str) -> tuple[str, str]:
    header, _, detail = text.rpartition("=")
    if not header.strip() or not detail.strip():
        raise InputError.of(Kind.USAGE, Code.COLUMN_NOT_NAMED, COMMAND_LINE, path="--column")
    return header.strip(), detail.strip()


def _order(options: dict[str, Any]) -> BatchOrder:
    """Return what the options ask for; raise InputError or UsageError where they cannot be meant."""
    from handouts.press import tags_meant

    language = options["language"]
    if language:
        tags_meant(language.split("+"), "--language")  # The rows are told where it is set as another: es-MX as es.
    if options["merged"] and (options["email"] or options["queue"] is not None):
        raise click.UsageError("--merge puts the sheets into one file: print or email them in a batch without it.")
    record = record_order(options)
    if options["merged"] and record and not record.with_pdf:
        raise click.UsageError("--merge keeps no sheet by itself: a record has it only with --fhir-with-pdf.")
    return BatchOrder(
        destination=destination(options["to"], options, ledger="ledger.jsonl"),
        pattern=options["pattern"],
        started_at=clock(),
        document=options["document"],
        language=language,
        paper=Paper(options["paper"]) if options["paper"] else None,
        print_size=PrintSize(options["print_size"]),
        strict=options["strict"],
        merged=named_file(options["merged"], "--merge") if options["merged"] is not None else None,
        record=record,
        skip_faulty=options["skip_faulty"],
        resume=options["resume"],
        audit=options["audit"] or 0,
    )


@contextmanager
def _progress(length: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a bar with count, rate and time left; a bar is shown on a terminal only."""
    if quiet:
        yield lambda _: None
        return
    began, count = time.monotonic(), 0

    def rate(_: int | None) -> str:
        return f"{count / max(time.monotonic() - began, 0.001):.1f} sheets/s"

    hidden = not sys.stderr.isatty()
    with click.progressbar(
        length=length, file=sys.stderr, hidden=hidden, show_pos=True, show_eta=True, item_show_func=rate
    ) as bar:

        def advance(step: int) -> None:
            nonlocal count
            count += step
            bar.update(step, None)

        yield advance


def _report(table: "Table", order: BatchOrder, outcome: "Outcome", *, as_json: bool) -> int:
    """Print what a batch has come to, write its rejects, and return the exit code.

    Rows that the person chose to skip do not count as a failure; a sheet that could not be made does.
    """
    rejected = dict(sorted({**outcome.faulty, **outcome.failed}.items()))
    rejects = _rejects(table, order, rejected) if rejected else None
    problems = each_once(problem for found in rejected.values() for problem in found)
    failed = errors_of((*chain.from_iterable(outcome.failed.values()), *outcome.held_up))
    where = ", ".join(map(str, outcome.merged)) or str(order.destination.folder if order.merged is None else "")
    if as_json:
        answer = {
            "export": table.export or None,
            "read_as": what(table.notice) if table.notice else None,
            "made": outcome.made,
            "made_before": outcome.done_before,
            "written": outcome.made - sum(outcome.laid_out.values()),
            "laid_out": outcome.laid_out,
            "audited": outcome.audited,
            "rejected": list(rejected),
            "where": where,
            "rejects": str(rejects) if rejects else None,
            **({"entered": outcome.entered} if outcome.entered is not None else {}),
            "ledger_entries": outcome.entries,
            "last_hash": outcome.last_hash,
            "problems": [as_data(problem) for problem in (*problems, *outcome.held_up, *outcome.warnings)],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        others = (warning for warning in outcome.warnings if warning not in table.warnings)
        if problems_shown := (*others, *problems, *outcome.held_up):
            click.echo(format_problems(problems_shown), err=True)
        click.echo(f"{counted(outcome.made, 'sheet')} made" + (f": {where}" if where else ", not merged"))
        if outcome.made:
            click.echo(_how_made(outcome))
        if outcome.done_before:
            click.echo(f"{outcome.done_before:,} made before")
        if order.record and outcome.entered is not None:
            click.echo(f"{counted(outcome.entered, 'sheet')} entered for the record: {order.record.folder}")
        if rejects:
            click.echo(f"{counted(len(rejected), 'row')} not made: {rejects}")
        click.echo(f"ledger: {counted(outcome.entries, 'entry', 'entries')}, last hash {outcome.last_hash}")
    return int(InputError(failed).exit_code) if failed else 0


_WHY = {
    LaidOut.FIRST: "the first of their kind",
    LaidOut.FORM: "as HTML or as samples",
    LaidOut.WIDE: "with a value wider than its field",
    LaidOut.HIGH: "with a value higher than its field",
    LaidOut.LETTERS: "with a letter that the others' fonts do not have",
    LaidOut.CHARACTERS: "with characters that change how others are set",
    LaidOut.TEMPLATE: "since their template uses a value outside a field",
    LaidOut.DIFFERS: "since what was written for proof was not the same",
}


def _how_made(outcome: "Outcome") -> str:
    """Say how many sheets were written from one layout, how many were not and why, and how many were compared."""
    laid_out = sum(outcome.laid_out.values())
    said = [f"{counted(outcome.made - laid_out, 'sheet')} written from one layout"]
    if laid_out:
        why = ", ".join(f"{outcome.laid_out[why]:,} {_WHY[why]}" for why in _WHY if why in outcome.laid_out)
        said.append(f"{laid_out:,} laid out by themselves: {why}")
    if outcome.audited:
        said.append(f"{outcome.audited:,} compared, all the same")
    return "; ".join(said)


def _rejects(table: "Table", order: BatchOrder, rejected: Mapping[int, tuple[Problem, ...]]) -> Path:
    """Write the rows that were not made, each with its reasons in words, and return the file's path.

    A file that is there already, where somebody may be correcting rows, is left alone.
    """
    from handouts.delivery import write_whole
    from handouts.treatment.tables import TableForm, rejects

    def faulty() -> Iterator[tuple["Row", str]]:
        for row in table.rows():
            if row.line in rejected:
                yield row, " ".join(f"{what(problem)} {remedy(problem)}" for problem in rejected[row.line])

    suffix = "jsonl" if table.form is TableForm.JSON_LINES else "csv"
    data = b"".join(rejects(table, faulty()))
    names = (
        f"{Path(table.source).stem}-rejects{number}.{suffix}" for number in chain([""], map("-{}".format, count(2)))
    )
    paths = (order.destination.folder / name for name in names)
    return write_whole(data, next(path for path in paths if _is_free(path, data)))


def _is_free(path: Path, data: bytes) -> bool:
    """Return whether nothing stands under a name, or a file with just these bytes."""
    if path.is_symlink() or not path.is_file():
        return not os.path.lexists(path)
    return path.stat().st_size == len(data) and path.read_bytes() == data
