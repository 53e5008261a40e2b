"""A clinic's folder -> the bytes of what its sheets are made of, and a folder again on another machine."""

import io
import os
import stat
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from handouts.codes import Code
from handouts.disk import write_inside
from handouts.errors import InputError, Kind
from handouts.resources import read_bytes

CLINIC_FILE = "clinic.toml"
SHELVES = ("library", "templates", "locales")
MAXIMUM_PACKAGE = 20_000_000
"""Bytes. A clinic's own documents, pictures and catalogues come to a few hundred thousand."""

_LEFT_OUT = frozenset((".pdf", ".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".key", ".eml", ".pem"))
"""Endings of sheets, tables, ledgers, keys and mail, should they lie there. Nothing that ships has one, so that what is
left out never lets a shipped file take its place."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the package: the same folder is the same bytes."""


def pack(folder: Path) -> bytes:
    """Return clinic.toml, the logo that it names and the three shelves, as a package for `unpack`.

    Nothing else travels: no sheets, tables, ledgers or keys, and nothing hidden. Raises InputError where a link leads
    out of the folder, something is not a file or not readable, or all of it is larger than MAXIMUM_PACKAGE.
    """
    home = folder.resolve()
    data = io.BytesIO()
    total = 0
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, path in sorted(_files(folder, home)):
            content = read_bytes(path, kind=Kind.BRANDING, source=name)
            total += len(content)
            if total > MAXIMUM_PACKAGE:
                raise InputError.of(
                    Kind.BRANDING, Code.CLINIC_TOO_LARGE, str(folder), maximum=f"{MAXIMUM_PACKAGE // 10**6} MB"
                )
            package.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return data.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write a package of `pack` into an empty folder; raise ValueError for a name that leads out of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            parts = PurePosixPath(name)
            if parts.is_absolute() or ".." in parts.parts:
                raise ValueError("a name in the package leads out of it")
            write_inside(package.read(name), folder, folder / parts)


def _files(folder: Path, home: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and path of every file that a sheet can be made of."""
    yield from _below(folder / CLINIC_FILE, CLINIC_FILE, home)
    logo = _logo(folder)
    if logo and os.path.lexists(folder / logo) and not logo.startswith(tuple(f"{shelf}/" for shelf in SHELVES)):
        yield from _below(folder / logo, logo, home)
    for shelf in SHELVES:
        if os.path.lexists(folder / shelf):
            yield from _below(folder / shelf, shelf, home)


def _logo(folder: Path) -> str:
    """Return the logo's name inside the folder, or ""; whether clinic.toml is right is checked elsewhere."""
    try:
        name = tomllib.loads((folder / CLINIC_FILE).read_text("utf-8-sig")).get("logo", "")
    except (OSError, ValueError, RecursionError):
        return ""
    if not isinstance(name, str) or ".." in Path(name).parts or Path(name).is_absolute():
        return ""
    return Path(name).as_posix() if name else ""


def _below(path: Path, name: str, home: Path) -> Iterator[tuple[str, Path]]:
    """Yield a file, or all files of a folder; a link may lead to another place in the clinic's folder only."""
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError):  # RuntimeError: a link to itself
        raise InputError.of(Kind.BRANDING, Code.NOT_A_FILE, name) from None
    if not real.is_relative_to(home):
        raise InputError.of(Kind.BRANDING, Code.LEADS_OUTSIDE, name)
    if stat.S_ISDIR(mode):
        if path.is_symlink() and path.absolute().is_relative_to(real):
            raise InputError.of(Kind.BRANDING, Code.NOT_A_FILE, name)  # A folder inside itself has no end.
        for entry in sorted(path.iterdir()):
            if not entry.name.startswith("."):
                yield from _below(entry, f"{name}/{entry.name}", home)
    elif not stat.S_ISREG(mode):
        raise InputError.of(Kind.BRANDING, Code.NOT_A_FILE, name)
    elif path.suffix.lower() not in _LEFT_OUT:
        yield name, path
