"""`handouts desk`: a clinic's folder -> a page on this computer from which sheets are handed out."""

import time

import click

from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.environment import cache_folder, clock
from handouts.resources import Resources

PORT = 8437


@click.command("desk", short_help="Open the front desk's page.")
@clinic_option()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where the page is on this computer; 0 is any that is free.",
)
@click.option(
    "--idle-minutes",
    type=click.FloatRange(1, 720),
    default=30,
    show_default=True,
    metavar="MINUTES",
    help="The page clears itself when nobody has used it for so long.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def desk_command(clinic: str | None, port: int, idle_minutes: float, opens: bool) -> None:
    """Open a page from which sheets are printed, emailed and saved; it is on this computer alone.

    The address that is printed lets one browser in, once; another one is printed for the next. Control-C ends the desk.

    \b
    Example:
      handouts desk --clinic my-clinic --open
    """
    from handouts.interfaces.extras import need_desk

    need_desk("desk")
    from handouts.interfaces.desk import Desk
    from handouts.interfaces.local import Serving, Sessions, serve

    resources = Resources(clinic=clinic_folder(clinic), cache=cache_folder())
    sessions = Sessions(idle=idle_minutes * 60, clock=time.monotonic)
    desk = Desk(resources, clock, sessions)
    serving = Serving(application=desk.application, sessions=sessions, announce=click.echo, opens=opens)
    serve(serving, port)
