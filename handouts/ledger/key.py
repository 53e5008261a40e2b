"""A ledger's path -> the secret key that stands beside it, made once; nobody but its owner may read it."""

import contextlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

from handouts.codes import Code
from handouts.disk import reason_of, sync
from handouts.errors import InputError, Kind

SUFFIX = ".key"
_BYTES = 32
_WRITTEN = re.compile(rb"([0-9a-f]{64})\n?")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_beside(ledger: Path) -> Path:
    """Return where the key of a ledger stands: ledger.key beside ledger.jsonl.

    Raises InputError where the path names no file: ".", "/", "..".
    """
    if ledger.name in ("", ".."):
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_FILE, str(ledger))
    return ledger.with_suffix(SUFFIX)


def read_key(ledger: Path) -> bytes:
    """Return the 32 bytes of the key beside a ledger.

    Raises InputError where it is missing, is no key, or can be read or changed by others (any of mode 077).
    """
    path = key_beside(ledger)
    if path == ledger:
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_LEDGER, str(ledger))
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # NONBLOCK: a pipe must not hang us
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise InputError.of(Kind.DELIVERY, Code.NOT_A_FILE, str(path))
            if mode & _OTHERS:
                raise InputError.of(Kind.DELIVERY, Code.LEDGER_KEY_OPEN, str(path))
            match = _WRITTEN.fullmatch(file.read(_BYTES * 2 + 2))
    except FileNotFoundError:
        raise InputError.of(Kind.DELIVERY, Code.LEDGER_KEY_MISSING, str(path)) from None
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.FILE_UNREADABLE, str(path), reason=reason_of(error)) from None
    if match is None:
        raise InputError.of(Kind.DELIVERY, Code.LEDGER_KEY_DAMAGED, str(path))
    return bytes.fromhex(match[1].decode())


def check_is_file(ledger: Path) -> None:
    """Raise InputError where something stands in a ledger's place that is no file, or a link to another's."""
    if os.path.lexists(ledger) and (ledger.is_symlink() or not ledger.is_file()):
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_FILE, str(ledger))


def begin_key(ledger: Path) -> bytes:
    """Return the key beside a ledger; make it, and the folder, where neither the key nor an entry is there yet.

    The key appears whole or not at all, also when two processes begin at once: both get the same. Raises InputError
    as read_key does, and where the folder cannot be written.
    """
    path = key_beside(ledger)
    if path == ledger:
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_LEDGER, str(ledger))
    check_is_file(ledger)
    try:
        begun = os.path.lexists(path) or (ledger.exists() and ledger.stat().st_size > 0)
        if not begun:
            ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(path)
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.LEDGER_CANNOT_WRITE, str(path), reason=reason_of(error)) from None
    return read_key(ledger)


def _make(path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".handouts-")  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
            os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    sync(path.parent)
