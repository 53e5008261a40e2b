"""The process that a command runs in -> its clock, the user's cache folder, progress on the terminal."""

import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from handouts.interfaces.guarded import begin

COMMAND_LINE = "command line"
"""The source of what a person typed as an option, where others have a file's name."""


def home_folder() -> Path | None:
    """Return the user's own folder, or None: a container's user need not have a name, a home or HOME."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def cache_folder() -> Path | None:
    """Return the user's own cache folder for compiled templates (XDG Base Directory), or None where it cannot be."""
    given, home = os.environ.get("XDG_CACHE_HOME", ""), home_folder()
    if not given and home is None:
        return None
    folder = (Path(given) if given or home is None else home / ".cache") / "handouts"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if folder.stat().st_uid == os.getuid() else None
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def clock() -> datetime:
    """Return now, or the time that SOURCE_DATE_EPOCH says (reproducible-builds.org), so that a job can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if re.fullmatch("[0-9]{1,11}", epoch) else datetime.now(UTC)


def narrator(*, quiet: bool) -> Callable[[str, str], None]:
    """Return a function that begins a step of work and tells on a terminal, and nowhere else, what is being done."""

    def tell(stage: str, what: str) -> None:
        begin(stage, what)
        if not quiet and sys.stderr.isatty():
            click.echo(f"{stage} {what} …", err=True)

    return tell
