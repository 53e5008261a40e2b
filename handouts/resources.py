"""A clinic's folder (or none) -> the files of a shelf, the clinic's before the shipped, never a file outside."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handouts.errors import InputError, Kind, Problem

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent

MAXIMUM_BYTES = 5_000_000
"""No text, template or logo of a clinic is larger; a 13,000 px PNG took 1.3 GB to typeset (facts/typesetting.md)."""


def _shipped_root() -> Path:
    """Return the folder that holds the shipped templates, locales and examples: a wheel's or the checkout's."""
    in_wheel = PACKAGE / "shipped"
    return in_wheel if in_wheel.is_dir() else CHECKOUT


SHELVES: Mapping[str, Path] = {
    "library": PACKAGE / "library",
    "templates": _shipped_root() / "templates",
    "locales": _shipped_root() / "locales",
    "examples": _shipped_root() / "examples",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """Finds files by shelf ("library", "templates", "locales") and relative name; a clinic's file wins.

    `clinic` is the clinic's folder as an absolute path, or None for what ships alone. `cache` is a folder of the
    user's own in which compiled templates may be kept, or None; nothing of a patient goes there.
    """

    clinic: Path | None = None
    cache: Path | None = None

    def roots(self, shelf: str) -> tuple[Path, ...]:
        """Return the folders of a shelf in lookup order."""
        own = () if self.clinic is None else (self.clinic / shelf,)
        return (*own, SHELVES[shelf])

    def find(self, shelf: str, name: str) -> Path | None:
        """Return the first file called `name` on the shelf, or None."""
        return next((path for root in self.roots(shelf) if (path := confined(root, name)) is not None), None)

    def shipped(self, shelf: str, name: str) -> Path | None:
        """Return the shipped file called `name`, whatever the clinic has put over it."""
        return confined(SHELVES[shelf], name)

    def stacked(self, shelf: str, name: str) -> tuple[Path, ...]:
        """Return every file called `name`, shipped first, so that later ones win when merged."""
        return tuple(path for root in reversed(self.roots(shelf)) if (path := confined(root, name)) is not None)

    def names(self, shelf: str, pattern: str) -> tuple[str, ...]:
        """Return the relative names of all files on the shelf that match the glob `pattern`, sorted."""
        found = {str(path.relative_to(root)) for root in self.roots(shelf) for path in root.glob(pattern)}
        return tuple(sorted(found))

    def display(self, path: Path) -> str:
        """Return a path as people know it: relative to the clinic's folder or to the shipped shelves."""
        for root in (self.clinic, CHECKOUT, PACKAGE):
            if root is not None and path.is_relative_to(root):
                return str(path.relative_to(root))
        return str(path)


def confined(root: Path, name: str) -> Path | None:
    """Return the regular file `name` below `root`, or None; links and `..` that lead outside do not count."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        return None
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return None
    return path if regular else None


def read_text(path: Path, *, kind: Kind, source: str) -> str:
    """Return the text of a UTF-8 file; raise InputError where it is not readable, too large or not UTF-8."""
    data = read_bytes(path, kind=kind, source=source)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError([Problem(kind=kind, code="not-utf-8", source=source, line=line)]) from None


def read_bytes(path: Path, *, kind: Kind, source: str) -> bytes:
    """Return the bytes of a file; raise InputError where it is not there, not readable or too large."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError([Problem(kind=kind, code="not-a-file", source=source)])
        if path.stat().st_size > MAXIMUM_BYTES:
            values = {"maximum": f"{MAXIMUM_BYTES // 1_000_000} MB"}
            raise InputError([Problem(kind=kind, code="file-too-large", source=source, values=values)])
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError([Problem(kind=kind, code="file-missing", source=source)]) from None
    except OSError as error:
        values = {"reason": os.strerror(error.errno) if error.errno else str(error)}
        raise InputError([Problem(kind=kind, code="file-unreadable", source=source, values=values)]) from None


def digest(parts: Iterator[bytes] | tuple[bytes, ...]) -> str:
    """Return the SHA-256 of the parts, each with its length, as hex."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()
