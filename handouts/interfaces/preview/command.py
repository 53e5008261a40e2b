"""`handouts preview`: a clinic's folder -> a page on this computer that shows its sheets while it is changed."""

import time

import click

from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.discreet_command import DiscreetCommand
from handouts.interfaces.environment import cache_folder, clock
from handouts.resources import Resources

_IDLE = 12 * 3600.0
"""Seconds without a question after which a window's session ends: a working day."""


@click.command("preview", cls=DiscreetCommand, short_help="See the sheets change while you change the clinic's files.")
@clinic_option()
@click.option(
    "--treatment",
    "file",
    metavar="FILE",
    help="The treatment to show, as JSON or TOML. Left out: a made-up one that brings up all of a document's text.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="The page's port; 0 is any free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def preview_command(clinic: str | None, file: str | None, port: int, opens: bool) -> None:
    """Show the clinic's sheets, on a phone and in an email too, on a page that follows each saved change.

    The page is for this computer alone: open the address that is printed, which lets in one browser. Control-C ends it.

    \b
    Example:
      handouts preview --clinic my-clinic --open
    """
    from handouts.interfaces.extras import need_desk

    need_desk("preview")
    from handouts.interfaces.local import Serving, Sessions, serve
    from handouts.interfaces.making import details_from
    from handouts.interfaces.preview.application import Preview
    from handouts.interfaces.preview.views import Sitter

    resources = Resources(clinic=clinic_folder(clinic), cache=cache_folder())
    preview = Preview(resources, Sitter(details=details_from(file, {}, resources)[0], now=clock()))
    sessions = Sessions(idle=_IDLE, clock=time.monotonic)
    serving = Serving(
        application=lambda bound: preview.application(bound, sessions),
        sessions=sessions,
        announce=click.echo,
        opens=opens,
        leave=preview.leave,
    )
    serve(serving, port)
