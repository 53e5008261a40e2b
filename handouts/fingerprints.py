"""This machine -> what its sheets depend on, part by part, to be compared with another machine or another day."""

import ctypes
import hashlib
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from handouts.languages import BASE_FAMILY, known_tags, language, name_fonts
from handouts.resources import PACKAGE, SHELVES, digest

_LIBRARIES = (
    *("babel", "fonttools", "jinja2", "markdown-it-py", "mdit-py-plugins", "phonenumbers", "pillow", "pydantic"),
    *("numpy", "pydyf", "pypdfium2", "resvg-py", "tinycss2", "tinyhtml5", "tzdata"),
)
"""Besides WeasyPrint and Pango, what decides how a sheet's words, dates and pictures come out."""
_PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0", "pango-1.0-0", "pango-1.0")
_SECONDS = 120


@cache
def fingerprints() -> Mapping[str, str]:
    """Return a fingerprint for each part, by its name as people know it: equal parts make equal sheets."""
    from handouts.typesetting import library_versions  # noqa: PLC0415 - half a second; a scheduler has no need of it

    return {
        **code_fingerprint(),
        "typesetter (Pango, WeasyPrint)": library_versions(),
        "libraries": _libraries(),
        "Python": platform.python_version(),
        "library": _tree(SHELVES["library"]),
        "templates": _tree(SHELVES["templates"]),
        "locales": _tree(SHELVES["locales"]),
        "fonts": fonts_fingerprint(),
    }


@cache
def code_fingerprint() -> Mapping[str, str]:
    """Return the fingerprint of handouts' own code, which a scheduler needs as well."""
    return {"handouts": f"{_version('handouts')} {_tree(PACKAGE, '*.py')}"}


@cache
def program_fingerprint() -> Mapping[str, str]:
    """Return the fingerprint of handouts' code and of all that decides how it works, without what ships and the fonts.

    It is there at once: the typesetter need not be imported for it.
    """
    return {
        **code_fingerprint(),
        "typesetter": f"Pango {_pango()}, WeasyPrint {_version('weasyprint')}",
        "libraries": _libraries(),
        "Python": platform.python_version(),
    }


def _pango() -> str:
    """Return the version of the library that WeasyPrint sets text by, under the first of its names that is there."""
    for name in _PANGO:
        try:
            return str(ctypes.CDLL(name).pango_version())
        except (OSError, AttributeError):
            continue
    from handouts.typesetting import library_versions  # noqa: PLC0415 - half a second

    return library_versions()


def _libraries() -> str:
    return " ".join(f"{name}={_version(name)}" for name in _LIBRARIES)


def fonts_fingerprint(*families: str) -> str:
    """Return a digest of these fonts and those of every language as fontconfig finds them: family, style, version."""
    if shutil.which("fc-list") is None:
        return "fontconfig is missing"
    wanted = {*families, BASE_FAMILY, *name_fonts(), *(font for tag in known_tags() for font in language(tag).fonts)}
    command = ["fc-list", "--format", "%{family}\t%{style}\t%{fontversion}\n"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - fixed command
    lines = {line for line in listed.stdout.splitlines() if wanted & set(line.split("\t")[0].split(","))}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def differing(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that are not the same on two machines."""
    return tuple(name for name in dict.fromkeys((*here, *there)) if here.get(name) != there.get(name))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _tree(root: Path, pattern: str = "*") -> str:
    """Return the digest of a folder's files by name and content."""
    return digest(tuple(part for path in sorted(_files(root, pattern)) for part in _named(root, path)))


def _files(root: Path, pattern: str) -> Iterator[Path]:
    return (path for path in root.rglob(pattern) if path.is_file() and "__pycache__" not in path.parts)


def _named(root: Path, path: Path) -> tuple[bytes, bytes]:
    return path.relative_to(root).as_posix().encode(), path.read_bytes()
