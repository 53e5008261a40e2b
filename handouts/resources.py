"""A clinic's folder (or none) -> the files of a shelf, the clinic's before the shipped, never a file outside."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handouts.codes import Code
from handouts.disk import LeadsOutside, place_inside, reason_of, write_inside
from handouts.errors import InputError, Kind, Problem
from handouts.letters import stack_of_marks
from handouts.misread import unmisread
from handouts.shelves import CHECKOUT, PACKAGE, SHELVES

__all__ = [
    "CHECKOUT",
    "PACKAGE",
    "SHELVES",
    "Resources",
    "bytes_of",
    "digest",
    "is_inside",
    "is_installed",
    "read_bytes",
    "read_text",
    "text_of",
    "write_texts",
]

_KINDS = {
    "library": Kind.DOCUMENT,
    "templates": Kind.TEMPLATE,
    "locales": Kind.TRANSLATION,
    "examples": Kind.BRANDING,
    "exports": Kind.BRANDING,
}

_FOREIGN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")
"""Control characters, controls that turn a line round (UAX 9), and what stands for a damaged character."""

_PROSE = (Kind.TRANSLATION, Kind.DOCUMENT)
"""Files that people write sentences in, and save with whatever program they have."""

MAXIMUM_BYTES = 5_000_000
"""No text, template or logo is larger; a 13,000 px PNG took 1.3 GB to typeset (docs/explanation/facts.md)."""


def is_installed() -> bool:
    """Return whether what ships is part of an installed package, into which no command writes."""
    return SHELVES["locales"].is_relative_to(PACKAGE)


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
        """Return the first file called `name` on the shelf, or None.

        Raises InputError where something else of that name stands before it: a folder, a pipe, a link to the outside.
        A sheet is never made from what ships when the clinic meant its own.
        """
        return next((path for root in self.roots(shelf) if (path := self._found(shelf, root, name)) is not None), None)

    def _found(self, shelf: str, root: Path, name: str) -> Path | None:
        home = self.clinic if self.clinic is not None and root.is_relative_to(self.clinic) else root
        plain = not Path(name).is_absolute() and ".." not in Path(name).parts and "\0" not in name
        is_there = plain and os.path.lexists(root / name)
        path = confined(home, str(root.relative_to(home) / name)) if is_there else None
        if path is None and is_there:
            code = Code.NOT_A_FILE if is_inside(home, root / name) else Code.LEADS_OUTSIDE
            raise InputError.of(_KINDS[shelf], code, self.display(root / name))
        if path is None and os.path.lexists(root) and not root.is_dir():
            raise InputError.of(_KINDS[shelf], Code.NOT_A_FOLDER, self.display(root))
        return path

    def shipped(self, shelf: str, name: str) -> Path | None:
        """Return the shipped file called `name`, whatever the clinic has put over it."""
        return confined(SHELVES[shelf], name)

    def stacked(self, shelf: str, *names: str) -> tuple[Path, ...]:
        """Return every file of these names, shipped first, in their order, so that later ones win when merged."""
        found = (self._found(shelf, root, name) for root in reversed(self.roots(shelf)) for name in names)
        return tuple(path for path in found if path is not None)

    def names(self, shelf: str, pattern: str) -> tuple[str, ...]:
        """Return the relative names of all files on the shelf that match the glob `pattern`, sorted."""
        found = {
            str(path.relative_to(root)) for root in self.roots(shelf) for path in root.glob(pattern) if path.is_file()
        }
        return tuple(sorted(found))

    def own_names(self, shelf: str, pattern: str) -> tuple[str, ...]:
        """Return those of `names` that the clinic has, whatever it is."""
        own = [root for root in self.roots(shelf)[:-1] if os.path.lexists(root)]
        if not own:
            return ()
        return tuple(name for name in self.names(shelf, pattern) if any(os.path.lexists(root / name) for root in own))

    def displayed(self, name: str) -> Path | None:
        """Return the file of the clinic or of what ships that `display` names so, or None."""
        roots = (root for root in (self.clinic, CHECKOUT, PACKAGE) if root is not None)
        return next(filter(None, (confined(root, name) for root in roots)), None)

    def display(self, path: Path) -> str:
        """Return a path as people know it: relative to the clinic's folder or to the shipped shelves."""
        for root in (self.clinic, CHECKOUT, PACKAGE):
            if root is not None and path.is_relative_to(root):
                return str(path.relative_to(root))
        return str(path)


def confined(root: Path, name: str) -> Path | None:
    """Return the regular file `name` below `root`, or None; links and `..` that lead outside do not count."""
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()):
            return None
        regular = stat.S_ISREG(path.stat().st_mode)
    except RecursionError:
        raise  # Whoever came here goes round in circles, not the file.
    except (OSError, ValueError, RuntimeError):  # ValueError: a NUL in the name; RuntimeError: a link to itself
        return None
    return path if regular else None


def read_text(path: Path, *, kind: Kind, source: str) -> str:
    """Return the text of a UTF-8 file; raise InputError where it is not readable, too large or not UTF-8.

    Characters that no text needs and that could turn or damage a line are refused too, each with its line; a
    treatment's values are cleaned of them later, one by one.
    """
    return text_of(read_bytes(path, kind=kind, source=source), kind=kind, source=source)


def text_of(data: bytes, *, kind: Kind, source: str) -> str:
    """Return the text that bytes are; raise InputError as read_text does."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError.of(kind, Code.NOT_UTF_8, source, line) from None
    if kind is Kind.TREATMENT:
        return text
    if (stack := stack_of_marks(text)) >= 0:
        line, character = text.count("\n", 0, stack) + 1, f"U+{ord(text[stack]):04X}"
        raise InputError.of(kind, Code.FOREIGN_CHARACTER, source, line, character=character)
    if foreign := tuple(_FOREIGN.finditer(text)):
        raise InputError(
            Problem.of(
                kind,
                Code.FOREIGN_CHARACTER,
                source,
                text.count("\n", 0, match.start()) + 1,
                character=f"U+{ord(match[0]):04X}",
            )
            for match in foreign[:20]
        )
    if kind in _PROSE and (damaged := tuple(_damaged_lines(text))):
        raise InputError(
            Problem.of(kind, Code.DAMAGED_LINE, source, number, likely=likely) for number, likely in damaged[:20]
        )
    return text


def _damaged_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line whose letters are those of another code page, and its beginning as it was."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.isascii() and not line.startswith("#") and (likely := unmisread(line)):
            yield number, likely.strip()[:60]


def read_bytes(path: Path, *, kind: Kind, source: str, maximum: int = MAXIMUM_BYTES) -> bytes:
    """Return the bytes of a file; raise InputError where it is not there, not readable or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # NONBLOCK: a pipe must not hang us
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError.of(kind, Code.NOT_A_FILE, source)
            return bytes_of(handle, kind=kind, source=source, maximum=maximum)
        finally:
            os.close(handle)
    except (FileNotFoundError, ValueError):  # ValueError: a NUL in the name
        raise InputError.of(kind, Code.FILE_MISSING, source) from None
    except OSError as error:
        raise InputError.of(kind, Code.FILE_UNREADABLE, source, reason=reason_of(error)) from None


def bytes_of(handle: int, *, kind: Kind, source: str, maximum: int = MAXIMUM_BYTES) -> bytes:
    """Return the bytes of an open file or stream; raise InputError where it is not readable, too large or endless."""
    try:
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(maximum + 1)
    except OSError as error:
        raise InputError.of(kind, Code.FILE_UNREADABLE, source, reason=reason_of(error)) from None
    if len(data) > maximum:
        raise InputError.of(kind, Code.FILE_TOO_LARGE, source, maximum=f"{maximum // 1_000_000} MB")
    return data


def write_texts(texts: Mapping[Path, str], home: Path, *, kind: Kind) -> None:
    """Write files of the folder `home`, each whole or not at all; raise InputError where the disk refuses.

    Raises InputError too, before one is written, for every file that would stand outside of it.
    """
    outside = [path for path in texts if not is_inside(home, path)]
    if outside:
        raise InputError(Problem.of(kind, Code.LEADS_OUTSIDE, str(path)) for path in outside)
    for path, text in texts.items():
        try:
            write_inside(text.encode(), home, path)
        except OSError as error:
            raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(path), reason=reason_of(error)) from None


def is_inside(home: Path, path: Path) -> bool:
    """Return whether a path leads to a place in the folder `home`."""
    try:
        place_inside(home, path)
    except LeadsOutside:
        return False
    return True


def digest(parts: Iterator[bytes] | tuple[bytes, ...]) -> str:
    """Return the SHA-256 of the parts, each with its length, as hex."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()
