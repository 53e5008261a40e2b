"""`handouts translate`: catalogues made, brought up to date, and counted."""

import json
from pathlib import Path

import click

from handouts import catalogues
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.interfaces.making import clinic_folder
from handouts.languages import canonical, known_tags
from handouts.resources import SHELVES, Resources


@click.group("translate", short_help="Work on translations.")
def translate_command() -> None:
    """Make catalogues, bring them up to date, see how far they are.

    \b
    Example:
      handouts translate update es --clinic my-clinic
    """


def _place(clinic: str | None) -> tuple[Resources, Path]:
    """Return where sources are looked up, and the folder in which catalogues are written."""
    if clinic is None:
        return Resources(), SHELVES["locales"]
    folder = clinic_folder(clinic)
    return Resources(clinic=folder), folder / "locales"


@translate_command.command("extract", short_help="Write the template catalogues (.pot).")
@click.option("--clinic", metavar="FOLDER", help="Write them to this clinic's locales folder.")
def extract_command(clinic: str | None) -> None:
    """Write a template catalogue (.pot) of the labels and of each document.

    \b
    Example:
      handouts translate extract
    """
    resources, folder = _place(clinic)
    for path in catalogues.extract(resources, folder):
        click.echo(str(path))


@translate_command.command("update", short_help="Bring catalogues (.po) up to date.")
@click.argument("languages", nargs=-1, required=True)
@click.option("--document", "names", multiple=True, metavar="ID", help="Only this document (handouts: the labels).")
@click.option("--clinic", metavar="FOLDER", help="Work in this clinic's locales folder.")
def update_command(languages: tuple[str, ...], names: tuple[str, ...], clinic: str | None) -> None:
    """Bring the catalogues of LANGUAGES up to date with their sources, or begin them.

    A text that has changed keeps its translation, marked fuzzy: it is not printed until somebody has looked at it.

    \b
    Example:
      handouts translate update es ar zh-Hans
    """
    unknown = [tag for tag in languages if not canonical(tag)]
    if unknown:
        raise InputError(
            Problem(
                kind=Kind.TRANSLATION,
                code="unknown-language",
                source="command line",
                values={"tag": tag, "known": ", ".join(known_tags())},
                nearest=nearest(tag, known_tags()),
            )
            for tag in unknown
        )
    resources, folder = _place(clinic)
    for path in catalogues.update(resources, folder, [canonical(tag) for tag in languages], names):
        click.echo(str(path))


@translate_command.command("status", short_help="See how far each translation is.")
@click.option("--clinic", metavar="FOLDER", help="Count this clinic's catalogues too.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def status_command(clinic: str | None, as_json: bool) -> None:
    """Show how far each document is in each language: complete, fuzzy, missing, reviewed.

    \b
    Example:
      handouts translate status
    """
    resources, _ = _place(clinic)
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
        review = "" if row.name == catalogues.LABELS else row.review
        click.echo(f"{row.name:{width}}  {row.language:10}{counts}  {review}")
