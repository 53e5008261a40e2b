"""A shipped template -> a clinic's own file that covers it, and what of it has changed since somebody looked.

What shipped when a clinic began is kept in the clinic's folder `originals`, beside the templates and never among them:
no sheet is made of it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

from handouts.codes import Code
from handouts.composition.environment import SHIPPED
from handouts.composition.jinja_text import blocks_of, names_of_blocks, without_comments
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.resources import SHELVES, Resources, digest, read_text

ORIGINALS = "originals"
"""The folder of a clinic's folder in which what shipped is kept."""
PICTOGRAMS = "handout/pictograms/"
_FOLDERS = ("handout", "email")
_MARKS: Mapping[str, tuple[str, str]] = {
    ".html": ("{#", "#}"),
    ".txt": ("{#", "#}"),
    ".css": ("/*", "*/"),
    ".svg": ("<!--", "-->"),
}
"""The marks of a comment, by the ending of a file that a clinic may cover: no script but the shipped one runs."""
_END_OF_SENTENCE = re.compile(r"\.\s")
_HEADER = re.compile(r"(?:Covers \S+|Kept) of handouts (?P<version>\S+), fingerprint (?P<fingerprint>[0-9a-f]{16})\.")
_HEADER_WITHIN = 1_500
"""Characters at the beginning of a file, among which its header stands."""
_WIDTH = 3
"""Lines around a difference that are shown with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Customisable:
    """A shipped template that a clinic may cover: its name, what it is, and the blocks that may be changed alone."""

    name: str
    about: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunFile:
    """A file to be written into a clinic's folder, by its name there."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedOriginal:
    """What shipped when a clinic last looked, and has changed since.

    `difference` is a unified diff of what concerns the clinic's file, with a line break at its end; "" where what
    shipped then is not kept.
    """

    name: str
    before: str
    now: str
    difference: str

    def problem(self) -> Problem:
        """Return the warning that tells it."""
        code = Code.ORIGINAL_CHANGED if self.difference else Code.ORIGINAL_NOT_KEPT
        values = {"name": self.name, "before": self.before, "now": self.now}
        return Problem.warning(Kind.TEMPLATE, code, f"templates/{self.name}", **values)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What a clinic has looked at last: of which version, its fingerprint, and its text where that is kept."""

    version: str
    fingerprint: str
    text: str | None


@cache
def customisable() -> tuple[Customisable, ...]:
    """Return every template that a clinic may cover, in the order of their names."""
    shipped = SHELVES["templates"]
    paths = (path for folder in _FOLDERS for path in sorted((shipped / folder).rglob("*")))
    found = []
    for path in (path for path in paths if path.suffix in _MARKS and path.is_file()):
        text, name = path.read_text(), path.relative_to(shipped).as_posix()
        about = _words()["pictogram"] if name.startswith(PICTOGRAMS) else _about(text)
        found.append(Customisable(name=name, about=about, blocks=names_of_blocks(text)))
    return tuple(found)


def customised(name: str, *, whole: bool) -> tuple[BegunFile, BegunFile]:
    """Return the file with which a clinic begins to cover a template, and what ships, as it is kept beside it.

    The first is the shipped text, or where it has blocks and not the whole is wanted, one that extends it and has each
    block as a comment. Raises InputError with the nearest name where none of this name ships.
    """
    template = _known(name)
    text = _shipped(template.name)
    if whole or not template.blocks:
        own = _comment(template.name, "whole", text) + text
    else:
        examples = "".join(f"\n{{# {block.about} #}}\n{{#\n{block.text}\n#}}\n" for block in blocks_of(text))
        extends = f'{{% extends "{SHIPPED}{template.name}" %}}\n'
        own = _comment(template.name, "part", text) + extends + examples
    original = _comment(template.name, "original", text) + text
    return (
        BegunFile(name=f"templates/{template.name}", text=own),
        BegunFile(name=f"{ORIGINALS}/{template.name}", text=original),
    )


def changed_originals(resources: Resources) -> Iterator[ChangedOriginal]:
    """Yield each template that a clinic covers and of which what ships has changed since it was looked at.

    A file that extends the shipped one is told only where a block has changed that it covers.
    """
    for name in (template.name for template in customisable()):
        path = resources.find("templates", name)
        if resources.clinic is None or path is None or path == resources.shipped("templates", name):
            continue
        own, now = read_text(path, kind=Kind.TEMPLATE, source=resources.display(path)), _shipped(name)
        seen = _seen(resources.clinic, name, own)
        if seen is None or seen.fingerprint == _fingerprint(now):
            continue
        difference = "" if seen.text is None else "".join(_difference(name, seen, own, now))
        if difference or seen.text is None:
            yield ChangedOriginal(name=name, before=seen.version, now=_version(), difference=difference)


def _known(name: str) -> Customisable:
    """Return the template that a person names, with or without its folder; raise InputError with the nearest."""
    plain = name.removeprefix("./").removeprefix("templates/")
    known = {template.name: template for template in customisable()}
    if plain in known:
        return known[plain]
    same_file = [other for other in known if PurePosixPath(other).name == PurePosixPath(plain).name]
    guess = same_file[0] if same_file else nearest(plain, known)
    raise InputError([Problem.of(Kind.USAGE, Code.UNKNOWN_TEMPLATE, name or "TEMPLATE", nearest=guess)])


def _seen(clinic: Path, name: str, own: str) -> _Seen | None:
    path = clinic / ORIGINALS / name
    if path.is_file():
        text = read_text(path, kind=Kind.TEMPLATE, source=f"{ORIGINALS}/{name}")
        _, _, shipped = text.partition(f"{_MARKS[path.suffix][1]}\n")
        found = _HEADER.search(text, 0, _HEADER_WITHIN)
        if found and found["fingerprint"] == _fingerprint(shipped):
            return _Seen(version=found["version"], fingerprint=found["fingerprint"], text=shipped)
    found = _HEADER.search(own, 0, _HEADER_WITHIN)
    return _Seen(version=found["version"], fingerprint=found["fingerprint"], text=None) if found else None


def _difference(name: str, seen: _Seen, own: str, now: str) -> Iterator[str]:
    """Yield the lines of the difference between two texts, or between those blocks of them that `own` covers."""
    if f"{SHIPPED}{name}" not in without_comments(own):
        yield from _unified(name, seen.version, seen.text or "", now)
        return
    before, after = ({block.name: block.text for block in blocks_of(text)} for text in (seen.text or "", now))
    for block in names_of_blocks(own):
        yield from _unified(f"{name}, block {block}", seen.version, before.get(block, ""), after.get(block, ""))


def _unified(name: str, before: str, old: str, new: str) -> Iterator[str]:
    names = (f"{name} of handouts {before}", f"{name} of handouts {_version()}")
    lines = unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="", n=_WIDTH)
    return (f"{line}\n" for line in lines)


def _comment(name: str, words: str, text: str) -> str:
    """Return the comment that heads a file which covers or keeps this text."""
    begin, end = _MARKS[PurePosixPath(name).suffix]
    said = _words()[words].format(name=name, version=_version(), fingerprint=_fingerprint(text)).strip()
    return f"{begin} {said} {end}\n"


def _about(text: str) -> str:
    """Return the first sentence of the comment at the head of a template."""
    head = text.lstrip()
    begin = next((begin for begin, _ in _MARKS.values() if head.startswith(begin)), "")
    end = _END_OF_SENTENCE.search(head)
    return " ".join(head[len(begin) : end.start() + 1].split()) if begin and end else ""


def _shipped(name: str) -> str:
    return read_text(SHELVES["templates"] / name, kind=Kind.TEMPLATE, source=name)


def _fingerprint(text: str) -> str:
    return digest((text.encode(),))[:16]


@cache
def _words() -> Mapping[str, str]:
    with (SHELVES["locales"] / "en" / "customising.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _version() -> str:
    try:
        return version("handouts")
    except PackageNotFoundError:
        return "none"
