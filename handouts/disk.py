"""Bytes and a path -> a file that outlasts a crash, whole or not at all, and never one that a link leads to."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

_OWNER = 0o600
_PATIENCE = 30.0
"""Seconds for which another program may keep a lock: none of ours does so for more than a few."""
_PAUSE = 0.005
_AT_ONCE = 16
"""Files that are made durable at the same time."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def lock(handle: int, kind: int = fcntl.LOCK_EX, *, wait: bool = True) -> bool:
    """Lock an open file or folder (flock); return False where another program keeps it locked, after a while."""
    end = time.monotonic() + (_PATIENCE if wait else 0.0)
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        else:
            return True


class LeadsOutside(OSError):
    """What was to be written inside a folder would stand outside of it."""


def write_synced(data: bytes, path: Path, temporary: Path) -> None:
    """Write a file that only its owner can read, in a folder that is there; raise OSError where the disk refuses."""
    with synced_file(path, temporary) as file:
        file.write(data)


def write_new(data: bytes, path: Path) -> None:
    """Write a file that only its owner can read, in place of whatever stands there, for a while; raise OSError."""
    with _folder(path.parent) as folder:
        handle = _begun(folder, path.name, _OWNER)
        try:
            _put(handle, data)
        finally:
            os.close(handle)


def write_together(files: Mapping[str, bytes | Path], folder: Path, temporary: Callable[[str], str]) -> None:
    """Write files into a folder that is there, each as whole as write_synced's; raise OSError.

    A path is that of a file which write_new has written on the same disk: it is moved here. When this returns, all of
    them are on the disk; where it raises, some may be. All are written first, then each has its fsync, a few at the
    same time, then its name, and then the folder has one fsync: on ext4 that takes 0.3 ms of the clock a file, and 7 ms
    one after the other, since a journal writes down at once what asks for it at once (measured 2026-11-28, groups of
    100 files of 50 kB). `temporary` names the file that is to be renamed.
    """
    begun: dict[str, int] = {}
    with _folder(folder) as home, _alone(home):
        try:
            for name, data in files.items():
                if isinstance(data, Path):
                    begun[name] = os.open(data, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                else:
                    begun[name] = _begun(home, temporary(name), _OWNER)
                    _put(begun[name], data)
                os.fchmod(begun[name], _OWNER)
            tuple(_threads().map(os.fsync, begun.values()))
            for name, data in files.items():
                if isinstance(data, Path):
                    os.replace(data, name, dst_dir_fd=home)
                else:
                    os.replace(temporary(name), name, src_dir_fd=home, dst_dir_fd=home)
        except BaseException:
            for name in begun:
                with suppress(FileNotFoundError):
                    os.unlink(temporary(name), dir_fd=home)
            raise
        finally:
            for handle in begun.values():
                os.close(handle)
        os.fsync(home)


@contextmanager
def synced_file(path: Path, temporary: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which becomes `path` at the end; only its owner can read it. Raise OSError.

    Temporary file in the same folder, fsync, rename, fsync of the folder: a crash leaves the old file or the new one,
    and what it leaves of the temporary file the next attempt takes away. Others may write into a shared folder:
    whatever stands under either name, a link as well, is replaced and never written through.
    """
    with _folder(path.parent) as folder, _replacing(folder, path.name, temporary.name, _OWNER) as file:
        yield file


def write_inside(data: bytes, home: Path, path: Path) -> None:
    """Write a file somewhere below the folder `home`, and the folders that are missing on the way to it.

    It is as whole as write_synced's, and never stands outside `home`: links may lead from one place in it to another;
    for any other LeadsOutside is raised, and OSError where the disk refuses. A file that was there keeps who may read
    it.
    """
    inside = place_inside(home, path)
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        folder = opened.enter_context(_folder(home))
        for part in inside.parent.parts:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=folder)
            folder = opened.enter_context(_folder(part, within=folder))
        try:
            mode = stat.S_IMODE(os.stat(inside.name, dir_fd=folder, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            mode = None
        with _replacing(folder, inside.name, f".{inside.name}.new", mode) as file:
            file.write(data)


def place_inside(home: Path, path: Path) -> Path:
    """Return where a path leads, relative to the folder `home`; raise LeadsOutside where that is outside."""
    try:
        return path.resolve().relative_to(home.resolve())
    except (ValueError, RuntimeError):  # RuntimeError: a link to itself
        raise LeadsOutside from None


@contextmanager
def _folder(path: Path | str, within: int | None = None) -> Iterator[int]:
    """Open a folder, or one that no link leads to and that lies within another."""
    handle = os.open(path, _FOLDER if within is None else _FOLDER | os.O_NOFOLLOW, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def locked_folder(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Lock a folder that is no link, and yield whether it is ours; raise OSError where its disk has no locks."""
    handle = os.open(path, _FOLDER | os.O_NOFOLLOW)
    try:
        yield lock(handle, wait=wait)
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: int) -> Iterator[None]:
    """Keep others of us out of a folder: two who write one name would share its temporary file."""
    try:
        is_ours = lock(folder)
    except OSError:  # Disks of a network may have no locks: then it is up to chance.
        is_ours = True
    if not is_ours:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_UN)  # A process that was forked meanwhile has the same lock.


@contextmanager
def _replacing(folder: int, name: str, temporary: str, mode: int | None) -> Iterator[BinaryIO]:
    """Yield the temporary file that takes the place of `name` in an open folder; None: the process's mask decides."""
    with _alone(folder), _new_file(folder, name, temporary, mode) as file:
        yield file


@contextmanager
def _new_file(folder: int, name: str, temporary: str, mode: int | None) -> Iterator[BinaryIO]:
    handle = _begun(folder, temporary, 0o666 if mode is None else mode & _OWNER)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _begun(folder: int, temporary: str, mode: int) -> int:
    """Return a new file in an open folder, in place of whatever stands under its name."""
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that wait for the disk; to begin them for each group of files takes as long as to name it."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fsync")


def _put(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync(folder: Path) -> None:
    """Make the names in a folder outlast a power cut (fsync of the folder)."""
    with _folder(folder) as handle:
        os.fsync(handle)


def reason_of(error: OSError) -> str:
    """Return the system's words for a fault, without the file's name."""
    return os.strerror(error.errno) if error.errno else str(error)
