"""`handouts ledger`: a ledger and what is in question -> whether it is whole, and which text a patient got."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from handouts import ledger
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import COMMAND_LINE
from handouts.interfaces.looking_up import Match, matched, references
from handouts.interfaces.words import as_data, counted, format_problems
from handouts.records import LedgerEntry
from handouts.resources import read_bytes

_LARGEST = 100_000_000
"""Bytes of a sheet in hand; one that was made here is far smaller."""


@click.group("ledger", short_help="Check a ledger; find what a patient got.")
def ledger_command() -> None:
    """Check that a ledger is whole, and find in it which text a patient got.

    \b
    Example:
      handouts ledger verify ledger.jsonl
    """


@ledger_command.command("verify", short_help="Check that a ledger is whole and unchanged.")
@click.argument("file")
@click.option("--last", default="", metavar="HASH", help="The hash that you kept: nothing up to it may be missing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def verify_command(file: str, last: str, as_json: bool) -> None:
    """Check that nobody has changed, taken out or put in a line of FILE, and print the last hash, for you to keep.

    Whole lines that were cut off the end leave no trace in the file; the hash that you kept shows them, with --last.

    \b
    Example:
      handouts ledger verify ledger.jsonl
    """
    path = Path(file)
    verdict = ledger.verify(path, _key(path), last=last.strip().lower())
    if as_json:
        answer = {
            "whole": True,
            "entries": verdict.entries,
            "sheets": verdict.sheets,
            "from": verdict.first_at.isoformat() if verdict.first_at else None,
            "to": verdict.last_at.isoformat() if verdict.last_at else None,
            "last_hash": verdict.last_hash,
            "since_last": verdict.since,
            "problems": [as_data(problem) for problem in verdict.warnings],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    if verdict.warnings:
        click.echo(format_problems(verdict.warnings), err=True)
    entries, sheets = counted(verdict.entries, "entry", "entries"), counted(verdict.sheets, "sheet")
    click.echo(f"This ledger is whole: {entries} about {sheets}.")
    if verdict.first_at and verdict.last_at:
        click.echo(f"The first is of {_shown(verdict.first_at)}, the last of {_shown(verdict.last_at)}.")
    if verdict.since is not None:
        since = counted(verdict.since, "entry has", "entries have")
        click.echo(f"Nothing up to the hash that you kept is missing; {since} come since.")
    click.echo("Keep this hash somewhere else, for --last:")
    click.echo(verdict.last_hash)


@ledger_command.command("find", cls=DiscreetCommand, short_help="Find which text a patient got.")
@click.argument("file")
@click.option("--record-number", metavar="TEXT", help="The patient's number in your records.")
@click.option("--patient", metavar="NAME", help="The patient's name.")
@click.option("--birth-date", metavar="DATE", help="With --patient: the date of birth, as 1990-01-31.")
@click.option("--sheet", metavar="FILE", help="A PDF in hand, as it was made (before any --password).")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
@click.pass_context
def find_command(
    context: click.Context,
    file: str,
    record_number: str | None,
    patient: str | None,
    birth_date: str | None,
    sheet: str | None,
    as_json: bool,
) -> None:
    """Find in the ledger FILE what a patient got, or what a sheet in hand is: when, which text, where it went.

    What you type about the patient is only compared, and is shown nowhere.

    \b
    Example:
      handouts ledger find ledger.jsonl --record-number "LSC-00417"
    """
    if sum(given is not None for given in (record_number, patient, sheet)) != 1:
        raise click.UsageError("Give one of --record-number, --patient and --sheet.")
    if birth_date is not None and patient is None:
        raise click.UsageError("--birth-date goes with --patient.")
    path = Path(file)
    key = _key(path)
    digest = _digest(sheet) if sheet is not None else ""
    wanted = references(key, source=COMMAND_LINE, record_number=record_number, patient=patient, birth_date=birth_date)
    found: list[tuple[int, str, LedgerEntry]] = []
    problems: list[Problem] = []
    for line, entry in ledger.read(path, key):
        problems += [line.problem] if line.problem else []
        by = _matched(entry, wanted, digest) if entry else ""
        if entry and by:
            found.append((line.line, by, entry))
    _answer(found, problems, as_json=as_json)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        context.exit(int(errors[0].exit_code))


def _key(path: Path) -> bytes:
    """Return the key beside a ledger; a ledger that is not there is reported before its key."""
    if not path.exists():
        raise InputError.of(Kind.DELIVERY, Code.FILE_MISSING, str(path))
    return ledger.read_key(path)


def _matched(entry: LedgerEntry, wanted: Mapping[str, Match], digest: str) -> str:
    if digest:
        return "the sheet's bytes" if entry.sheet == digest else ""
    return str(matched(entry, wanted) or "")


def _digest(sheet: str) -> str:
    data = read_bytes(Path(sheet), kind=Kind.DELIVERY, source=sheet, maximum=_LARGEST)
    return hashlib.sha256(data).hexdigest()


def _answer(found: list[tuple[int, str, LedgerEntry]], problems: list[Problem], *, as_json: bool) -> None:
    if as_json:
        entries = [
            {
                "line": line,
                "at": entry.at.isoformat(),
                "step": str(entry.step),
                "document": entry.document,
                "version": entry.version,
                "language": entry.language,
                "fell_back": entry.fell_back,
                "fingerprint": entry.fingerprint,
                "where": entry.where,
                "sheet": entry.sheet,
                "matched_by": by,
            }
            for line, by, entry in found
        ]
        answer = {"entries": entries, "problems": [as_data(problem) for problem in problems]}
        click.echo(json.dumps(answer, indent=2))
        return
    if problems:
        click.echo(format_problems(problems), err=True)
    for line, by, entry in found:
        language = f"language {entry.language}{' in place of the record’s' if entry.fell_back else ''}"
        click.echo(f"{_shown(entry.at)}: {entry.document} {entry.version}, {language}, {entry.step}")
        click.echo(f"  where: {entry.where}")
        click.echo(f"  fingerprint of the text: {entry.fingerprint}")
        click.echo(f"  SHA-256 of the sheet: {entry.sheet}")
        click.echo(f"  found by: {by} (line {line})")
    if not found:
        click.echo("Nothing of this is in the ledger.")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
