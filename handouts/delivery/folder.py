"""A sheet's bytes -> a file in a folder, whole or not at all."""

import hashlib
from pathlib import Path

from handouts.codes import Code
from handouts.disk import reason_of, write_synced
from handouts.errors import InputError, Kind
from handouts.records import Sheet


def sheet_path(sheet: Sheet, folder: Path) -> Path:
    """Return a sheet's path in a folder: <stem>-<eight hex digits of its content>.<format>.

    The digits keep two patients' sheets apart without naming anybody, and the same sheet is the same file.
    """
    return folder / f"{sheet.stem}-{hashlib.sha256(sheet.data).hexdigest()[:8]}.{sheet.format}"


def write_whole(data: bytes, path: Path) -> Path:
    """Write a file that only its owner can read, and return its path; raise InputError where it cannot be written.

    A crash leaves the old file or the new one. Folders that are missing are made, for their owner alone.
    """
    try:
        _make(path.parent)
        write_synced(data, path, path.with_name(f".handouts-{path.stem}"))  # No ending: no program is to open it.
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(path.parent), reason=reason_of(error)) from None
    return path


def _make(folder: Path) -> None:
    """Make a folder and all that is missing above it, of mode 700; mkdir(parents=True) leaves those above open."""
    for missing in [above for above in folder.parents if not above.exists()][::-1]:
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
