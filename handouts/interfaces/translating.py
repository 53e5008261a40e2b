"""`handouts translate`: catalogues made, brought up to date, and counted."""

import json
from pathlib import Path

import click

from handouts import catalogues, documents
from handouts.branding import EXAMPLE
from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.interfaces.clinic_option import CLINIC_HELP, clinic_option, own_clinic
from handouts.interfaces.environment import COMMAND_LINE, clock
from handouts.interfaces.values import day, few_words
from handouts.press import Press, Texts, tags_meant
from handouts.records import Destination, ReviewState, TranslationReview
from handouts.resources import SHELVES, Resources, is_installed


@click.group("translate", short_help="Work on translations.")
def translate_command() -> None:
    """Make catalogues, bring them up to date, see how far they are.

    \b
    Example:
      handouts translate update es --clinic my-clinic
    """


def _resources_and_folder(clinic: str | None) -> tuple[Resources, Path]:
    """Return where sources are looked up, and the folder in which catalogues are written.

    What ships is written in a checkout alone, and told; raises InputError where it is installed.
    """
    folder = own_clinic(clinic)
    if folder is not None:
        return Resources(clinic=folder), folder / "locales"
    shipped = SHELVES["locales"]
    if is_installed():
        raise InputError.of(Kind.USAGE, Code.SHIPPED_CATALOGUES, str(shipped))
    click.echo(f"No clinic is named: what ships is written, in {shipped}", err=True)
    return Resources(), shipped


@translate_command.command("extract", short_help="Write the template catalogues (.pot).")
@clinic_option(f"Write them to this clinic's locales folder. {CLINIC_HELP}")
def extract_command(clinic: str | None) -> None:
    """Write a template catalogue (.pot) of the labels and of each document.

    \b
    Example:
      handouts translate extract
    """
    resources, folder = _resources_and_folder(clinic)
    for path in catalogues.extract(resources, folder):
        click.echo(str(path))


@translate_command.command("update", short_help="Bring catalogues (.po) up to date.")
@click.argument("languages", nargs=-1, required=True)
@click.option("--document", "names", multiple=True, metavar="ID", help="Only this document (handouts: the labels).")
@clinic_option(f"Work in this clinic's locales folder. {CLINIC_HELP}")
def update_command(languages: tuple[str, ...], names: tuple[str, ...], clinic: str | None) -> None:
    """Bring the catalogues of LANGUAGES up to date with their sources, or begin them.

    With a clinic's folder, its own catalogues get what its templates and documents say and what ships does not
    translate. A text that has changed keeps its translation, marked fuzzy: it is not printed until somebody has looked
    at it.

    \b
    Example:
      handouts translate update es ar zh-Hans
    """
    tags = tags_meant(languages, COMMAND_LINE)
    resources, folder = _resources_and_folder(clinic)
    written = catalogues.update(resources, folder, tags, names)
    for path in written:
        click.echo(str(path))
    if not written:
        click.echo("Nothing is missing: no catalogue of this clinic's own is needed.")


@translate_command.command("status", short_help="See how far each translation is.")
@clinic_option(f"Count this clinic's catalogues too. {CLINIC_HELP}")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def status_command(clinic: str | None, as_json: bool) -> None:
    """Show how far each document is in each language: complete, fuzzy, missing, reviewed.

    \b
    Example:
      handouts translate status
    """
    resources = Resources(clinic=own_clinic(clinic))
    rows = catalogues.status(resources)
    if as_json:
        data = [
            {
                "name": row.name,
                "language": row.language,
                "complete": row.state.complete,
                "fuzzy": row.state.fuzzy,
                "missing": row.state.missing,
                "review": str(row.review),
            }
            for row in rows
        ]
        click.echo(json.dumps(data, indent=2))
        return
    width = max(len(row.name) for row in rows)
    click.echo(f"{'':{width}}  {'language':10}{'complete':>9}{'fuzzy':>7}{'missing':>9}  review")
    for row in rows:
        counts = f"{row.state.complete:>9}{row.state.fuzzy:>7}{row.state.missing:>9}"
        click.echo(f"{row.name:{width}}  {row.language:10}{counts}  {row.review}")


@translate_command.command("review", short_help="Record who reviewed a translation.")
@click.argument("document")
@click.argument("language")
@click.option("--by", required=True, metavar="NAME", help="The person who reviewed it.")
@click.option("--role", required=True, metavar="TEXT", help="In what capacity, such as medical interpreter.")
@click.option("--on", metavar="DATE", help="When, as 2026-11-21. Today, if left out.")
@clinic_option(f"Sign it for this clinic alone. {CLINIC_HELP}")
def review_command(document: str, language: str, by: str, role: str, on: str | None, clinic: str | None) -> None:
    """Record that a named person has reviewed the translation of DOCUMENT into LANGUAGE.

    The review covers every text as it is now, and ends with the first one that changes, or whose source does. The fixed
    labels, which stand on the sheets of every document, are reviewed once for all: DOCUMENT is then handouts. Where
    both are reviewed, a sheet no longer calls its translation a draft.

    \b
    Example:
      handouts translate review microneedling-aftercare es --by "R. Example" --role "medical interpreter"
    """
    resources, folder = _resources_and_folder(clinic)
    review = TranslationReview(
        state=ReviewState.REVIEWED, by=few_words(by, "--by"), role=few_words(role, "--role"), on=day(on, "--on")
    )
    click.echo(str(catalogues.review(resources, folder, document, tags_meant([language], COMMAND_LINE)[0], review)))


@translate_command.command("pack", short_help="Make a translator's pack.")
@click.argument("document")
@click.argument("language")
@click.option("--to", default="pack", show_default=True, metavar="FOLDER", help="Where to put the pack.")
@clinic_option(f"Use this clinic's texts and look. {CLINIC_HELP}")
def pack_command(document: str, language: str, to: str, clinic: str | None) -> None:
    """Make what a translator needs: a catalogue for Poedit or Weblate, the sheet before translation and as it is now.

    \b
    Example:
      handouts translate pack microneedling-aftercare es --to pack
    """
    from handouts.inspection import sample_job

    resources = Resources(clinic=own_clinic(clinic) or SHELVES["examples"] / EXAMPLE)
    (tag,), folder = tags_meant([language], COMMAND_LINE), Path(to)
    click.echo(str(catalogues.pack(resources, document, tag, folder)))
    source = documents.load(document, resources)
    press = Press(resources)
    for wanted in (source.language, tag):
        if wanted in Texts(resources).languages_of(source):
            made = press.make(sample_job(source, wanted, clock()), Destination(folder=folder))
            click.echo(str(made.receipts[0].path))
