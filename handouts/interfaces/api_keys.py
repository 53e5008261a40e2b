"""A clinic's folder -> the keys of its programs: made, taken back, and known again when one is shown.

The file holds a name and a digest of each key. A key is 256 bits of chance, which nobody finds by trying: a plain
SHA-256 of it is as good as one that takes long to work out.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from handouts.codes import Code
from handouts.disk import reason_of, write_synced
from handouts.errors import InputError, Kind, Problem, nearest

FILE = "api-keys.json"
"""Only its owner can read it; it is no part of what a cluster's workers get."""
PREFIX = "handouts_"
"""So that a key is known for one wherever it is found."""
_BYTES = 32
_LARGEST = 100_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """One key: the program that has it, the day on which it was made, and the SHA-256 of it."""

    name: str
    made_on: str
    sha256: str


class Keys:
    """The keys of one clinic, as its file has them now."""

    def __init__(self, clinic: Path) -> None:
        self._clinic = clinic

    def knows(self, key: str) -> bool:
        """Return whether this is one of the keys; it takes as long for a wrong one. Raises InputError as `read`."""
        shown = _digest(key[:_LONGEST])
        return sum(hmac.compare_digest(shown, each.sha256) for each in read(self._clinic)) > 0


def read(clinic: Path) -> tuple[ApiKey, ...]:
    """Return the keys in a clinic's folder, none where there is no file; raise InputError where it is unfit."""
    path = clinic / FILE
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_LARGEST) if stat.S_ISREG(mode) else b""
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError.of(Kind.MACHINE, Code.FILE_UNREADABLE, FILE, reason=reason_of(error)) from None
    if mode & _OTHERS:
        raise InputError.of(Kind.MACHINE, Code.API_KEYS_OPEN, FILE)
    try:
        return tuple(ApiKey(**entry) for entry in json.loads(data))
    except (ValueError, TypeError, RecursionError):
        raise InputError.of(Kind.MACHINE, Code.API_KEYS_DAMAGED, FILE) from None


def new_key(clinic: Path, name: str, today: str) -> str:
    """Return a new key, which stands nowhere; raise InputError where a program of this name has one."""
    keys = read(clinic)
    if name in {each.name for each in keys}:
        raise InputError.of(Kind.USAGE, Code.API_KEY_TAKEN, FILE)
    key = PREFIX + secrets.token_urlsafe(_BYTES)
    _write(clinic, (*keys, ApiKey(name=name, made_on=today, sha256=_digest(key))))
    return key


def revoke(clinic: Path, name: str) -> None:
    """Take back the key of a program; raise InputError where there is none of this name."""
    keys = read(clinic)
    names = tuple(each.name for each in keys)
    if name not in names:
        raise InputError([Problem.of(Kind.USAGE, Code.API_KEY_MISSING, FILE, nearest=nearest(name, names))])
    _write(clinic, (each for each in keys if each.name != name))


def _write(clinic: Path, keys: Iterable[ApiKey]) -> None:
    path = clinic / FILE
    text = json.dumps([asdict(each) for each in keys], ensure_ascii=False, indent=2)
    try:
        write_synced(text.encode() + b"\n", path, path.with_suffix(".writing"))
    except OSError as error:
        raise InputError.of(Kind.MACHINE, Code.CANNOT_WRITE, FILE, reason=reason_of(error)) from None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
