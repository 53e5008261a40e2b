"""`handouts make`: options and a treatment file -> sheets in a folder."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from handouts import treatment
from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.delivery_options import delivery_options, destination, record_options, record_order, report
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import COMMAND_LINE, cache_folder, clock, narrator
from handouts.records import Detail, Format, Job, Paper, PrintSize, Receipt, RecordOrder, RecordReferences
from handouts.resources import Resources, bytes_of, read_text, text_of

_INPUT = "standard input"
_FEW = 12
"""Sheets whose remains may stay until the command ends: 24 leave 130 MB that only the collector finds, which takes an
eighth more of a processor's time (measured 2026-11-28)."""


def treatment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each row of the field table."""
    for field in reversed(treatment.FIELDS):
        name = _parameter(field.path)
        decorate = click.option(
            field.option, name, metavar=field.metavar, help=field.help, multiple=field.repeated, default=None
        )
        command = decorate(command)
    return command


def sheet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a sheet is set: --paper, --print-size, --strict."""
    for decorate in (
        click.option(
            "--strict",
            is_flag=True,
            help="Refuse a text that nobody has reviewed or approved, and a treatment in the future or long ago.",
        ),
        click.option(
            "--print-size",
            type=click.Choice([str(size) for size in PrintSize]),
            default=str(PrintSize.STANDARD),
            show_default=True,
            help="standard is 12 point; large is 18 point, laid out for it.",
        ),
        click.option(
            "--paper", type=click.Choice([str(paper) for paper in Paper]), help="The clinic's paper, if left out."
        ),
    ):
        command = decorate(command)
    return command


def _parameter(path: str) -> str:
    return "detail_" + path.replace(".", "_")


def details_from(
    file: str | None, options: dict[str, Any], resources: Resources
) -> tuple[tuple[Detail, ...], RecordReferences]:
    """Return the details of a file ("-" for standard input) and then those of the options, which win.

    The references are those by which a record system's file (FHIR) names patient, author and visit.
    """
    typed = tuple(_typed(options))
    source, text = _INPUT if file == "-" else file or "--treatment", ""
    if file is not None:
        text = standard_input() if file == "-" else read_text(Path(file), kind=Kind.TREATMENT, source=source)
    if '"resourceType"' in text and treatment.is_fhir(data := treatment.parsed_json(text, source)):
        said = frozenset(detail.path for detail in typed)
        record = treatment.health_record(data, source, _codes(resources), said=said)
        details = (*treatment.flattened(record.details, source), *typed)
        return details, _with_number(record.references, details)
    is_json = text.lstrip().startswith("{") if file == "-" else source.lower().endswith(".json")
    found = treatment.read_file(text, source, is_json=is_json) if file is not None else ()
    return (*found, *typed), _with_number(RecordReferences(), (*found, *typed))


def _with_number(references: RecordReferences, details: Sequence[Detail]) -> RecordReferences:
    """Return references with the patient's record number, by which a patient is known who has no other."""
    numbers = [detail.value for detail in details if detail.path == "patient.record_number"]
    return replace(references, record_number=treatment.cleaned(str(numbers[-1])) if numbers else "")


def _typed(options: dict[str, Any]) -> Iterator[Detail]:
    for field in treatment.FIELDS:
        value = options.get(_parameter(field.path))
        if value is not None and value != ():
            given = list(value) if field.repeated else value
            yield Detail(path=field.path, value=given, source=COMMAND_LINE, typed_now=True)


def _codes(resources: Resources) -> Callable[[], Mapping[str, str]]:
    """Return how to ask for what a record system's codes are called in this clinic."""
    from handouts.press import Press

    return lambda: Press(resources).branding(clock().date()).codes


def standard_input() -> str:
    """Return what comes in; raise InputError where it is not UTF-8, cannot be read, or does not end."""
    os.set_blocking(sys.stdin.fileno(), True)  # Whoever shares this pipe may have made it one that never waits.
    return text_of(bytes_of(sys.stdin.fileno(), kind=Kind.TREATMENT, source=_INPUT), kind=Kind.TREATMENT, source=_INPUT)


@click.command("make", cls=DiscreetCommand, short_help="Make a patient's sheet.")
@click.argument("documents", metavar="DOCUMENT...", nargs=-1, required=True)
@clinic_option()
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="The language of the sheet, such as es or zh-Hans; may be given several times. "
    "Left out: the patient's language, else the clinic's.",
)
@click.option(
    "--treatment", "file", metavar="FILE", help="The treatment's details as JSON, TOML or FHIR; - for standard input."
)
@click.option("--to", default="out", show_default=True, metavar="FOLDER", help="Where to put the sheets.")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in Format]),
    default=str(Format.PDF),
    show_default=True,
    help="A PDF to print or send, or one HTML file to read on a phone or to listen to.",
)
@sheet_options
@click.option("--sample", is_flag=True, help="Print SAMPLE across it, with placeholders where the clinic has gaps.")
@delivery_options
@record_options
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
@treatment_options
def make_command(
    documents: tuple[str, ...],
    clinic: str | None,
    languages: tuple[str, ...],
    file: str | None,
    to: str,
    form: str,
    paper: str | None,
    print_size: str,
    strict: bool,
    sample: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Make a patient's sheet of DOCUMENT, in one language or several; print it, email it.

    Several documents for the same treatment go into one envelope: one print job, and one email.

    \b
    Example:
      handouts make microneedling-aftercare --clinic my-clinic --language es \\
        --patient "Ana Example" --body-site face --performed-on "2026-11-21 15:00"
    """
    from handouts.press import Press

    wanted, record = destination(to, options), record_order(options)
    if sample and (wanted.mail or wanted.ledger or record):
        raise click.UsageError("A sample is for nobody: leave --email, --ledger and --fhir out, or --sample.")
    document, *beside = dict.fromkeys(documents)
    if beside:
        _refuse_strays(documents, clinic_folder(clinic))
    resources = Resources(clinic=clinic_folder(clinic), cache=cache_folder())
    details, references = details_from(file, options, resources)
    if record and not references.name_somebody:
        raise InputError.of(Kind.USAGE, Code.FHIR_NO_SUBJECT, "--fhir")
    job = Job(
        document=document,
        beside=tuple(beside),
        languages=languages,
        details=details,
        now=clock(),
        format=Format(form),
        paper=Paper(paper) if paper else None,
        print_size=PrintSize(print_size),
        strict=strict,
        sample=sample,
    )
    if len(job.envelope) * len(job.languages) > _FEW:
        gc.enable()
    made = Press(resources, narrator(quiet=as_json)).make(job, wanted)
    code = report(made, as_json=as_json)
    for path in _entered(made.receipts, references, record, job.now) if record else ():
        if not as_json:
            click.echo(str(path))
    return code


def _entered(
    receipts: Sequence[Receipt], references: RecordReferences, record: RecordOrder, now: datetime
) -> tuple[Path, ...]:
    """Enter sheets that were delivered for a record system, and return the files."""
    from handouts.delivery.fhir import Entry, enter, step_of

    entries = (
        Entry(sheet=each.sheet, references=references, name=each.path.stem, step=step_of(each), at=now)
        for each in receipts
    )
    return enter(entries, record)


def _refuse_strays(documents: tuple[str, ...], clinic: Path) -> None:
    """Raise UsageError where one of several is no document: it may be half of a name, and is not repeated."""
    from handouts.catalogues import document_ids

    if set(documents) - set(document_ids(Resources(clinic=clinic))):
        context = click.get_current_context()
        assert isinstance(context.command, DiscreetCommand), "make is one"
        raise context.command.unplaced(context, tuple(sys.argv))
