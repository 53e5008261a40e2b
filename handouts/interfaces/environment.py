"""The process that a command runs in -> its clock, the user's cache folder, progress on the terminal."""

import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from handouts.interfaces.guarded import begin

COMMAND_LINE = "command line"
"""The source of what a person typed as an option, where others have a file's name."""
_MOST_FILES = 5_000
_MOST_BYTES = 64_000_000
"""Of the cache folder: one document in two languages leaves 9 files and 0.2 MB in it (measured 2026-11-28)."""
_DAY = 86_400.0


def home_folder() -> Path | None:
    """Return the user's own folder, or None: a container's user need not have a name, a home or HOME."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def cache_folder() -> Path | None:
    """Return the user's own cache folder (XDG Base Directory), or None where it cannot be; once a day it is pruned."""
    given, home = os.environ.get("XDG_CACHE_HOME", ""), home_folder()
    if not given and home is None:
        return None
    folder = (Path(given) if given or home is None else home / ".cache") / "handouts"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            return None
        _prune(folder, time.time())
        return folder
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def _prune(folder: Path, now: float) -> None:
    """Remove the files that were used longest ago until the rest is within _MOST_FILES and _MOST_BYTES."""
    stamp = folder / ".pruned"
    if stamp.exists() and 0 <= now - stamp.stat().st_mtime < _DAY:
        return
    stamp.touch(mode=0o600)
    found = [(path.lstat(), path) for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    found.sort(key=lambda each: max(each[0].st_atime, each[0].st_mtime), reverse=True)
    size = 0
    for place, (status, path) in enumerate(found, start=1):
        size += status.st_size
        if place > _MOST_FILES or size > _MOST_BYTES:
            path.unlink(missing_ok=True)


def clock() -> datetime:
    """Return now, or the time that SOURCE_DATE_EPOCH says (reproducible-builds.org), so that a job can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if re.fullmatch("[0-9]{1,11}", epoch) else datetime.now(UTC)


def narrator(*, quiet: bool) -> Callable[[str, str], None]:
    """Return a function that begins a step of work and prints on a terminal, and nowhere else, what is being done."""

    def narrate(stage: str, what: str) -> None:
        begin(stage, what)
        if not quiet and sys.stderr.isatty():
            click.echo(f"{stage} {what} …", err=True)

    return narrate
