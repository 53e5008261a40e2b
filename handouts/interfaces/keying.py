"""`handouts api-key`: a clinic's folder and a program's name -> a key for it, the list of them, or one less."""

import json

import click

from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.environment import clock
from handouts.interfaces.values import few_words


@click.group("api-key", short_help="Let programs ask for sheets.")
def api_key_command() -> None:
    """Give out, list and take back the keys with which programs ask the open desk for sheets.

    \b
    Example:
      handouts api-key new "practice software" --clinic my-clinic
    """


@api_key_command.command("new", short_help="Make a key for a program.")
@click.argument("name")
@clinic_option()
def new_command(name: str, clinic: str | None) -> None:
    """Make a key for the program NAME and print it, this once: the clinic's folder keeps only a digest of it.

    \b
    Example:
      handouts api-key new "practice software" --clinic my-clinic
    """
    from handouts.interfaces.api_keys import new_key

    click.echo(new_key(clinic_folder(clinic), few_words(name, "NAME"), clock().date().isoformat()))


@api_key_command.command("list", short_help="Show which programs have a key.")
@clinic_option()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def list_command(clinic: str | None, as_json: bool) -> None:
    """Show which programs have a key, and since when.

    \b
    Example:
      handouts api-key list --clinic my-clinic
    """
    from handouts.interfaces.api_keys import read

    keys = read(clinic_folder(clinic))
    if as_json:
        click.echo(json.dumps([{"name": key.name, "made_on": key.made_on} for key in keys], ensure_ascii=False))
        return
    for key in keys:
        click.echo(f"{key.made_on}  {key.name}")


@api_key_command.command("revoke", short_help="Take a program's key back.")
@click.argument("name")
@clinic_option()
def revoke_command(name: str, clinic: str | None) -> None:
    """Take back the key of the program NAME: from now on it is refused, also by a desk that is open.

    \b
    Example:
      handouts api-key revoke "practice software" --clinic my-clinic
    """
    from handouts.interfaces.api_keys import revoke

    revoke(clinic_folder(clinic), name)
