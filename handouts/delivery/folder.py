"""A sheet's bytes -> a file in a folder, whole or not at all."""

import hashlib
import os
from pathlib import Path

from handouts.errors import InputError, Kind, Problem
from handouts.records import Destination


def deliver(data: bytes, stem: str, suffix: str, destination: Destination) -> Path:
    """Write the sheet and return its path: <stem>-<eight hex digits of its content><suffix>.

    The digits keep two patients' sheets apart without naming anybody, and the same sheet is the same file.
    Raises InputError where the folder cannot be written.
    """
    return write_whole(data, destination.folder / f"{stem}-{hashlib.sha256(data).hexdigest()[:8]}{suffix}")


def write_whole(data: bytes, path: Path) -> Path:
    """Write a file that only its owner can read, and return its path; raise InputError where it cannot be written.

    Temporary file in the same folder, fsync, rename, fsync of the folder: a crash leaves the old file or the new one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(data, path, path.with_name(f".handouts-{path.stem}"))  # No ending: no program is to open it.
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        problem = Problem(kind=Kind.DELIVERY, code="cannot-write", source=str(path.parent), values={"reason": reason})
        raise InputError([problem]) from None
    return path


def write_synced(data: bytes, path: Path, temporary: Path) -> None:
    """Do what write_whole does, in a folder that is there; raise OSError where the disk refuses.

    What a crash leaves of the temporary file, in the same folder, the next attempt takes over.
    """
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Bring what a folder holds to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
