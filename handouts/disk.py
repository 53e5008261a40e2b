"""Bytes and a path -> a file that outlasts a crash, whole or not at all."""

import os
from pathlib import Path


def write_synced(data: bytes, path: Path, temporary: Path) -> None:
    """Write a file that only its owner can read, in a folder that is there; raise OSError where the disk refuses.

    Temporary file in the same folder, fsync, rename, fsync of the folder: a crash leaves the old file or the new one,
    and what it leaves of the temporary file the next attempt takes away. Others may write into a shared folder:
    whatever stands under either name, a link as well, is replaced and never written through.
    """
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
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
    """Make the names in a folder outlast a power cut (fsync of the folder)."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def reason_of(error: OSError) -> str:
    """Return the system's words for a fault, without the file's name."""
    return os.strerror(error.errno) if error.errno else str(error)
