"""The folder where sheets will stand -> a place in it where whoever makes them leaves them until they are delivered.

So the bytes of a sheet that another process makes are written once and go through no pipe, which costs more.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from handouts.delivery.folder import make_folder
from handouts.disk import locked_folder, write_new
from handouts.records import Sheet, Spooled

_PREFIX = ".handouts-spool-"


@contextmanager
def spool(folder: Path) -> Iterator[Path | None]:
    """Yield a new folder within `folder`, for its owner alone, or None where there can be none.

    It goes away at the end with all that is left in it; so do those of runs that were killed, which nobody keeps locked
    any more, and folders on the way that were missing and hold nothing. What is moved from it stays on its disk.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    with ExitStack() as kept:
        kept.callback(_remove_empty, missing)
        try:
            place = None if folder.is_symlink() else _begun(folder.absolute(), kept)
        except OSError:  # Whoever delivers will meet it, and tell.
            place = None
        yield place


def leave(sheet: Sheet, path: Path) -> Sheet:
    """Leave a sheet's bytes in a file of a spool, and return the sheet without them.

    Where the disk refuses, the sheet keeps them: whoever delivers it will meet the same, and tell.
    """
    data = sheet.data
    try:
        write_new(data, path)
    except OSError:
        return sheet
    return replace(sheet, content=Spooled(path=path, digest=sheet.digest))


def _begun(folder: Path, kept: ExitStack) -> Path | None:
    """Return a new place that is locked until `kept` ends, once what others have left is gone."""
    make_folder(folder)
    with locked_folder(folder) as is_ours:
        if not is_ours:
            return None
        for left in folder.glob(f"{_PREFIX}*"):
            with suppress(OSError), locked_folder(left, wait=False) as is_left:
                if is_left:
                    shutil.rmtree(left, ignore_errors=True)
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        kept.callback(shutil.rmtree, place, ignore_errors=True)
        kept.enter_context(locked_folder(place, wait=False))
        return place


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
