"""The font files that clinic.toml names -> a typeface whose faces sheets can carry, or a Problem with each file."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from handouts.codes import Code
from handouts.disk import write_synced
from handouts.errors import InputError, Kind, Problem, each_once
from handouts.records import Face
from handouts.resources import digest, read_bytes

REGULAR, BOLD = 400, 700
"""The weights that a sheet is set in (CSS Fonts 4, 2.2)."""
MAXIMUM_FONT_BYTES = 5_000_000
_LIGHTEST_BOLD = 600
_PROGRAM = Path(__file__).with_name("font_in_child.py")
_FORM = b"1"
"""Of what is kept: one more whenever a font is read in another way."""
_FAULTS = {
    "restricted": Code.TYPEFACE_LICENCE,
    "no-subsetting": Code.TYPEFACE_LICENCE,
    "bitmaps-only": Code.TYPEFACE_LICENCE,
    "without-letters": Code.TYPEFACE_WITHOUT_LETTERS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FontFile:
    """A font file of a clinic: where it is, as clinic.toml names it, and the weight that is wanted of it."""

    path: Path
    name: str
    weight: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Font:
    """A font as it was read: its family's name, its weight, and what sheets carry."""

    family: str
    weight: int
    printed: bytes
    on_screen: bytes


def read_typeface(regular: FontFile, bold: FontFile, cache: Path | None = None) -> tuple[str, tuple[Face, ...]]:
    """Return a typeface's name, which no installed family has, and its regular and bold face.

    Raises InputError with what is wrong with each file: no font, one whose licence forbids to put it into documents,
    one that lacks letters or figures, and a bold that is none. What was read is kept in the folder `cache`.
    """
    files = (regular, bold)
    data = [_bytes(file) for file in files]
    with ThreadPoolExecutor(len(files)) as threads:
        found = list(threads.map(lambda file, content: _read(file, content, cache), files, data))
    problems = tuple(each for each in found if isinstance(each, Problem))
    fonts = tuple(each for each in found if isinstance(each, _Font))
    problems = problems or tuple(_without_bold(bold, *fonts))
    if problems:
        raise InputError(each_once(problems))
    mark = digest(tuple(font.printed for font in fonts))[:8]
    family = f"{_plain(fonts[0].family)} {mark}"
    faces = (
        Face(family=family, weight=file.weight, printed=font.printed, on_screen=font.on_screen)
        for file, font in zip(files, fonts, strict=True)
    )
    return family, tuple(faces)


def _bytes(file: FontFile) -> bytes:
    return read_bytes(file.path, kind=Kind.BRANDING, source=file.name, maximum=MAXIMUM_FONT_BYTES)


def _without_bold(file: FontFile, regular: _Font, bold: _Font) -> Iterator[Problem]:
    if bold.weight < _LIGHTEST_BOLD or bold.weight <= regular.weight:
        yield Problem.of(Kind.BRANDING, Code.TYPEFACE_BOLD_IS_NONE, file.name, weight=str(bold.weight))


def _plain(family: str) -> str:
    """Return a family's name without what means something in a style."""
    return "".join(letter for letter in family if letter.isalnum() or letter in " -")[:60].strip() or "Brand"


def _read(file: FontFile, data: bytes, cache: Path | None) -> _Font | Problem:
    made_from = (_FORM, data, str(file.weight).encode(), version("fonttools").encode())
    answer = _kept(cache and cache / f"font-{digest(made_from)}", lambda: _in_child(data, file.weight))
    head, _, rest = answer.partition(b"\n")
    said: Mapping[str, object] = json.loads(head) if head else {"fault": "not-a-font"}
    match said:
        case {"family": str(family), "weight": int(weight), "lengths": [int(first), int(second)]}:
            return _Font(family=family, weight=weight, printed=rest[:first], on_screen=rest[first : first + second])
    fault = str(said.get("fault"))
    return Problem.of(Kind.BRANDING, _FAULTS.get(fault, Code.TYPEFACE_NOT_A_FONT), file.name, restriction=fault)


def _in_child(data: bytes, weight: int) -> bytes:
    """Return the child's answer, or b"" where it was ended at one of its limits."""
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", _PROGRAM, str(weight)], input=data, capture_output=True, cwd=empty, check=False
        )
    return done.stdout if done.returncode == 0 else b""


def _kept(path: Path | None, make: Callable[[], bytes]) -> bytes:
    """Return what was kept at `path`, whole as its digest says, else make() anew; a refusal is not kept."""
    if path is not None:
        with suppress(OSError):
            mark, _, answer = path.read_bytes().partition(b"\n")
            if mark == digest((answer,)).encode():
                return answer
    answer = make()
    if path is not None and answer.startswith(b'{"family"'):
        with suppress(OSError):
            write_synced(digest((answer,)).encode() + b"\n" + answer, path, path.with_suffix(f".{os.getpid()}"))
    return answer
