"""A Problem of a sheet + the templates -> the Problem with the file and line that the fault comes from."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from handouts.errors import InputError, Kind, Problem
from handouts.resources import Resources, read_bytes

_MADE = re.compile(r"var\(\s*+--[\w-]++\s*+\)|{{.*?(?:}}|\Z)|{%.*?(?:%}|\Z)|{#.*?(?:#}|\Z)")
"""What another text stands for on the sheet: a custom property, an expression of Jinja."""
_SCHEME_ALONE = re.compile(r"\A[a-z]+:/*\Z")
"""What is left of an address that a template has put together: it stands in many lines."""
_LEAST = 3
"""Letters that a line must have to be told from others."""
_MOST_NEIGHBOURS = 50
_WRITTEN = (".css", ".html")


@contextmanager
def blamed_on_own(source: str) -> Iterator[None]:
    """Raise what is raised inside with `source`, the clinic's own files, where no file is known."""
    try:
        yield
    except InputError as error:
        known = (replace(one, source=source) if one.source == "templates" else one for one in error.problems)
        raise InputError(known) from None


def at_own_template(problem: Problem, stylesheet: str, resources: Resources) -> Problem:
    """Return the Problem with its place in a file of the templates, or as it is where none can be found.

    `line` of a Problem about style is one of the composed `stylesheet`. A value `property`, `asked` or `address` is
    looked for word for word, and a value `picture` is the SHA-256 of a picture's bytes, which becomes its file's name.
    """
    if problem.kind is Kind.TREATMENT:
        return problem  # What was typed has its place already.
    values = dict(problem.values)
    words: tuple[str, ...] = (values.get("asked") or _SCHEME_ALONE.sub("", values.get("address", "")),)
    place = None
    if digest := values.get("picture", ""):
        name = _picture(digest, resources)
        problem = replace(problem, values={**values, "picture": name or "one that stands in the template itself"})
        words = (Path(name).name,)
    if problem.line is not None:
        declared = values.get("property", "")
        place = _of_line(stylesheet.split("\n"), problem.line - 1, declared, resources)
        words = ("style=", declared)
    if place is None and all(words):
        place = next(_with_words(words, resources), None)
    if place is None:
        return replace(problem, line=None)
    return replace(problem, source=place[0], line=place[1])


def at_own_style(problem: Problem, resources: Resources) -> Problem:
    """Return the Problem at the one line of the clinic's own files that has its value `style`, else as it is.

    Of several lines nobody knows which it is: then the place that the Problem has is the better one.
    """
    style = problem.values.get("style", "")
    found = [place for place in _with_words((style,), resources, own=True) if style]
    return replace(problem, source=found[0][0], line=found[0][1]) if len(found) == 1 else problem


def _files(resources: Resources, *, own: bool = False) -> Iterator[tuple[str, Path]]:
    """Yield (name as people know it, path) of each file that styles and pages are written in, the clinic's first.

    `own`: of the clinic's alone, and none of the email's.
    """
    for root in resources.roots("templates")[: -1 if own else None]:
        for path in sorted(root.glob("**/*")):
            is_email = own and path.is_relative_to(root / "email")
            if path.suffix in _WRITTEN and path.is_file() and not is_email:
                yield resources.display(path), path


def _lines(path: Path) -> list[str]:
    return _content(path).decode("utf-8-sig", errors="replace").splitlines()


def _content(path: Path) -> bytes:
    return read_bytes(path, kind=Kind.TEMPLATE, source=path.name)


def _with_words(words: Sequence[str], resources: Resources, *, own: bool = False) -> Iterator[tuple[str, int]]:
    """Yield (file, line) of each line that has these words."""
    for name, path in _files(resources, own=own):
        for number, line in enumerate(_lines(path), start=1):
            if all(word in line for word in words):
                yield name, number


def _of_line(sheet: Sequence[str], index: int, needed: str, resources: Resources) -> tuple[str, int] | None:
    """Return the (file, line) that became line `index` of the sheet: the one with most neighbours alike."""
    if index >= len(sheet) or needed not in sheet[index]:
        return None  # The style stands in an attribute of an element, not in the sheet.
    best, place = 0, None
    for name, path in _files(resources):
        written = [tuple(_MADE.split(line.strip())) for line in _lines(path)]
        for number, parts in enumerate(written):
            if _length(parts) < _LEAST or not _became(parts, sheet[index].strip()):
                continue
            alike = 1 + _run(written, number, sheet, index, -1) + _run(written, number, sheet, index, 1)
            if alike > best:
                best, place = alike, (name, number + 1)
    return place


def _length(parts: Sequence[str]) -> int:
    return sum(map(len, parts))


def _became(parts: Sequence[str], line: str) -> bool:
    """Return whether a line of the sheet is these parts in their order, with anything between two of them."""
    first, *others = parts
    if not others:
        return line == first
    at, end = len(first), len(line) - len(others[-1])
    for part in others[:-1]:
        found = line.find(part, at, max(at, end))
        if found < 0:
            return False
        at = found + len(part)
    return at <= end and line.startswith(first) and line.endswith(others[-1])


def _run(written: Sequence[Sequence[str]], number: int, sheet: Sequence[str], index: int, step: int) -> int:
    """Return how many lines in a row are alike, going up (-1) or down (1); more than a few tell no more."""
    count = 0
    while 0 <= (number := number + step) < len(written) and 0 <= (index := index + step) < len(sheet):
        parts, line = written[number], sheet[index].strip()
        is_alike = len(line) < _LEAST if _length(parts) < _LEAST else _became(parts, line)
        if not is_alike or count == _MOST_NEIGHBOURS:
            break
        count += 1
    return count


def _picture(digest: str, resources: Resources) -> str:
    """Return the name of the picture with this digest among the templates, or ""."""
    for root in resources.roots("templates"):
        for path in sorted(root.glob("**/*")):
            if path.is_file() and hashlib.sha256(_content(path)).hexdigest() == digest:
                return resources.display(path)
    return ""
