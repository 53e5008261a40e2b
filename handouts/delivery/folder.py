"""Sheets' bytes -> files in a folder, each whole or not at all; and such a file -> its bytes, if they are the same."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from handouts.codes import Code
from handouts.disk import reason_of, write_synced, write_together
from handouts.errors import InputError, Kind
from handouts.records import Sheet
from handouts.resources import read_bytes

_LARGEST = 50_000_000
"""Bytes of a sheet that is read again."""


def sheet_path(sheet: Sheet, folder: Path) -> Path:
    """Return a sheet's path in a folder: <stem>-<eight hex digits of its content>.<format>.

    The digits keep two patients' sheets apart without naming anybody, and the same sheet is the same file.
    """
    return folder / f"{sheet.stem}-{sheet.digest[:8]}.{sheet.format}"


def write_whole(data: bytes, path: Path) -> Path:
    """Write a file that only its owner can read, and return its path; raise InputError where it cannot be written.

    A crash leaves the old file or the new one. Folders that are missing are made, for their owner alone.
    """
    try:
        make_folder(path.parent)
        write_synced(data, path, path.with_name(_temporary(path.name)))
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(path.parent), reason=reason_of(error)) from None
    return path


def write_all_whole(files: Mapping[Path, bytes | Path]) -> bool:
    """Write files that only their owner can read; return False where one cannot be written: then some may not be there.

    Each is as whole as write_whole's, and together they take a small part of the time. What is a file already, on the
    same disk and its owner's alone, is moved.
    """
    folders: dict[Path, dict[str, bytes | Path]] = {}
    for path, data in files.items():
        folders.setdefault(path.parent, {})[path.name] = data
    try:
        for folder, named in folders.items():
            make_folder(folder)
            write_together(named, folder, _temporary)
    except OSError:
        return False
    return True


def _temporary(name: str) -> str:
    """Return the name of a file that is being written. It has no ending: no program is to open it."""
    return f".handouts-{Path(name).stem}"


def make_folder(folder: Path) -> None:
    """Make a folder and all that is missing above it, of mode 700; mkdir(parents=True) leaves those above open.

    Raises OSError.
    """
    for missing in [above for above in folder.parents if not above.exists()][::-1]:
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def bytes_as_noted(path: Path, digest: str) -> bytes:
    """Return what a sheet's file holds, or b"" where it is gone or has not the SHA-256 (hexadecimal) that was noted."""
    try:
        data = read_bytes(path, kind=Kind.DELIVERY, source=path.name, maximum=_LARGEST)
    except InputError:
        return b""
    return data if hashlib.sha256(data).hexdigest() == digest else b""
