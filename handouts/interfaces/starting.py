"""`handouts new-clinic`, `schema` and `completion`: what a clinic needs once, at the start."""

import json
import shlex
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from handouts.branding import CLINIC_FILE
from handouts.codes import Code
from handouts.disk import reason_of, write_inside
from handouts.errors import InputError, Kind
from handouts.resources import SHELVES
from handouts.wordings import harmless

NEW = "new-clinic/clinic.toml"


@click.command("new-clinic", short_help="Make a clinic's folder to start from.")
@click.argument("folder")
def new_clinic_command(folder: str) -> None:
    """Make FOLDER: an empty clinic, in which every line says what to fill in.

    \b
    Example:
      handouts new-clinic my-clinic
    """
    if not folder.strip() or harmless(folder) != folder:
        raise click.UsageError("FOLDER must be a name, and without line breaks or control characters.")
    target = Path(folder)
    try:
        if target.is_dir() and any(target.iterdir()):
            raise InputError.of(Kind.DELIVERY, Code.FOLDER_NOT_EMPTY, folder)
        for shelf in ("library", "templates", "locales"):
            (target / shelf).mkdir(parents=True, exist_ok=True)
        write_inside((SHELVES["examples"] / NEW).read_bytes(), target, target / CLINIC_FILE)
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, folder, reason=reason_of(error)) from None
    name = shlex.quote(folder)
    click.echo(f"{target / CLINIC_FILE}: fill in your clinic's names and numbers. What is missing is told by")
    click.echo(f"  handouts check {name}")
    click.echo("See a sheet now, with SAMPLE across it:")
    click.echo(f'  handouts make microneedling-aftercare --clinic {name} --sample --patient "Ana Example"')


@click.command("schema", short_help="Print the JSON Schema of clinic.toml or of a document's head.")
@click.argument("kind", type=click.Choice(["clinic", "document"]))
def schema_command(kind: str) -> None:
    """Print the JSON Schema of clinic.toml or of a document's front matter, for editors that complete and check.

    \b
    Example:
      handouts schema clinic > clinic.schema.json
    """
    from handouts.branding import ClinicFile
    from handouts.checking import schema_of
    from handouts.documents import FrontMatter

    model = ClinicFile if kind == "clinic" else FrontMatter
    click.echo(json.dumps(schema_of(model), ensure_ascii=False, indent=2))


@click.command("completion", short_help="Print shell completion.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the lines that teach your SHELL to complete handouts' commands and options.

    \b
    Example:
      handouts completion bash >> ~/.bashrc
    """
    from handouts.interfaces.command import cli

    found = get_completion_class(shell)
    assert found is not None, "the choice above has only shells that Click knows"
    click.echo(found(cli, {}, "handouts", "_HANDOUTS_COMPLETE").source())
