"""`handouts exports`: which programs' exports are known by their titles, and the description of one."""

import json

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.interfaces.clinic_option import clinic_option, own_clinic
from handouts.resources import Resources


@click.command("exports", short_help="List the exports that are known, or print the description of one.")
@click.argument("name", required=False, default="")
@clinic_option()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for a program.")
def exports_command(name: str, clinic: str | None, as_json: bool) -> None:
    """List the programs' exports that a batch knows by their titles, the clinic's own first.

    With NAME, print its description: what is written into exports/ of the clinic's folder under that name stands in
    its place.

    \b
    Example:
      handouts exports
    """
    from handouts.treatment.tables import description_of, exports_of

    resources = Resources(clinic=own_clinic(clinic))
    known = exports_of(resources)
    if name and name not in (each.name for each in known):
        names = [each.name for each in known]
        values = {"nearest": nearest(name, names), "name": name, "known": ", ".join(names)}
        raise InputError([Problem.of(Kind.USAGE, Code.EXPORT_UNKNOWN, "NAME", **values)])
    if name and not as_json:
        click.echo(description_of(resources, name), nl=False)
        return
    rows = [
        {"name": each.name, "what": each.what, "file": each.source, "draft": bool(each.undecided)}
        for each in known
        if name in ("", each.name)
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        draft = "; a draft that is not filled in" if row["draft"] else ""
        click.echo(f"{row['name']}: {row['what']} ({row['file']}{draft})")
