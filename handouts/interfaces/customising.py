"""`handouts customise` and `handouts new-document`: a file of the clinic's own, begun from what ships."""

import re
import shlex
from datetime import timedelta
from pathlib import Path
from string import Template

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.interfaces.clinic_option import clinic_folder, clinic_option, own_clinic
from handouts.interfaces.environment import clock
from handouts.resources import SHELVES, Resources, write_texts

_BEGUN = "new-document/document.md"
_USABLE = timedelta(days=730)
"""How long a new text may be used, where nobody says otherwise: clinics look at theirs every two years."""


@click.command("customise", short_help="Begin a template of the clinic's own.")
@click.argument("template", required=False)
@clinic_option()
@click.option("--whole", is_flag=True, help="Copy all of it, where one block after another could be changed as well.")
@click.option("--seen", is_flag=True, help="Say that you have looked at what has changed in what ships.")
def customise_command(template: str | None, clinic: str | None, whole: bool, seen: bool) -> None:
    """Begin a file of the clinic's own that covers TEMPLATE, such as handout/sheet.css; without it, list them.

    A template with blocks is extended: each block stands in the new file as a comment, and what you leave out goes on
    following what ships. Any other is copied. Neither changes how a sheet looks before you change the file. What ships
    today is kept in the clinic's folder originals: when it changes, `handouts check` tells, and shows the difference.
    --seen makes what ships now the one to compare with, also for a file that was there before.

    \b
    Example:
      handouts customise handout/sheet.html --clinic my-clinic
    """
    from handouts import composition
    from handouts.catalogues import document_ids

    if template is None:
        if whole or seen:
            raise click.UsageError("Name a TEMPLATE. Without one, what can be customised is listed.")
        _list(own_clinic(clinic))
        return
    folder = clinic_folder(clinic)
    own, original = composition.customised(template, whole=whole)
    name, path = own.name.removeprefix("templates/"), folder / own.name
    is_there = path.is_symlink() or path.exists()
    if seen and not is_there:
        raise InputError([Problem.of(Kind.TEMPLATE, Code.TEMPLATE_NOT_OWN, own.name, name=name)])
    if is_there and not seen:
        raise InputError([Problem.of(Kind.TEMPLATE, Code.TEMPLATE_THERE, own.name, name=name)])
    wanted = (original,) if seen else (original, own)
    write_texts({folder / each.name: each.text for each in wanted}, folder, kind=Kind.TEMPLATE)
    click.echo(folder / wanted[-1].name)
    if seen:
        click.echo("`handouts check` compares with what ships now.")
        return
    click.echo("See it, with SAMPLE across it, after each change, and have all sheets checked:")
    _echo_commands(folder, document_ids(Resources(clinic=folder))[0])
    if name.startswith("handout/"):
        click.echo("An approval ends with each change of a sheet's templates: `handouts approve` renews it.")


def _list(clinic: Path | None) -> None:
    """List what can be customised, a line each; pictograms, which are many, in one."""
    from handouts import composition

    resources = Resources(clinic=clinic)
    pictograms = [each for each in composition.customisable() if each.name.startswith(composition.PICTOGRAMS)]
    others = [each for each in composition.customisable() if each not in pictograms]
    width = max(len(each.name) for each in others)
    for each in others:
        mark = "yours" if resources.own_names("templates", each.name) else ""
        blocks = f" Blocks: {', '.join(each.blocks)}." if each.blocks else ""
        click.echo(f"{each.name:{width}}  {mark:5}  {each.about}{blocks}".rstrip())
    names = ", ".join(Path(each.name).stem for each in pictograms)
    click.echo(f"{composition.PICTOGRAMS}NAME.svg: {pictograms[0].about} {names}.")


def _echo_commands(folder: Path, document: str) -> None:
    clinic = shlex.quote(str(folder))
    click.echo(f'  handouts make {document} --clinic {clinic} --sample --patient "Ana Example"')
    click.echo(f"  handouts check {clinic}")


@click.command("new-document", short_help="Begin a document of the clinic's own.")
@click.argument("name")
@clinic_option()
def new_document_command(name: str, clinic: str | None) -> None:
    """Begin the document NAME in the clinic's library: commented, with each kind of block, and a sheet at once.

    NAME is what you call it on the command line: small letters, digits and hyphens.

    \b
    Example:
      handouts new-document patch-test --clinic my-clinic
    """
    from handouts.documents import IDENTIFIER_PATTERN

    if not re.fullmatch(IDENTIFIER_PATTERN, name):
        guess = "-".join(re.findall("[a-z0-9]+", name.lower())) or "patch-test"
        raise click.UsageError(f"NAME must be small letters, digits and hyphens, such as {guess}.")
    folder, source = clinic_folder(clinic), f"library/{name}.md"
    if Resources(clinic=folder).find("library", f"{name}.md") is not None:
        raise InputError([Problem.of(Kind.DOCUMENT, Code.DOCUMENT_THERE, source)])
    said = {"name": name, "title": name.replace("-", " ").capitalize(), "due": (clock() + _USABLE).date().isoformat()}
    text = Template((SHELVES["examples"] / _BEGUN).read_text()).substitute(said)
    write_texts({folder / source: text}, folder, kind=Kind.DOCUMENT)
    click.echo(folder / source)
    click.echo("Change it line by line. See it, with SAMPLE across it, and have it checked:")
    _echo_commands(folder, name)
