"""Text of either direction -> HTML or plain text in which no number, range or name prints reversed (Unicode UAX 9)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

RIGHT_TO_LEFT = ("R", "AL")
_OPPOSITE = {"ltr": "rtl", "rtl": "ltr"}
_TYPED_ISOLATE = re.compile("([\u2066-\u2068])([^\u2066-\u2069]*)\u2069")
_ISOLATES = {"\u2066": "ltr", "\u2067": "rtl", "\u2068": ""}
_MARKS = "\u200e\u200f\u061c"

# Each letter of a text as one of: R right to left, L left to right, D digit, A Arabic or Persian digit, and what joins.
_RUN_IN_RIGHT_TO_LEFT = re.compile("[^R]+")
_RUN_IN_LEFT_TO_RIGHT = re.compile("R(?:[^L]*R)?")
_EDGES = re.compile(r"(?:[+%(]|(?<!R)-){0,9}[DAL](?:.*[DAL])?[+%)]*")
_BETWEEN_NUMBERS = re.compile(", +")
_READS_ANYWAY = re.compile(r"D+(?:[.,:]D+)*|A+(?:[.,:/]A+)*|L(?:[^DA]*L)?")
_CLASSES = {
    " ": " ",
    "\u00a0": " ",
    "\u202f": " ",
    "+": "+",
    ",": ",",
    ";": ",",
    "\u060c": ",",
    ":": ":",
    ".": ".",
    "/": "/",
    "(": "(",
    "[": "(",
    ")": ")",
    "]": ")",
    "-": "-",
    "\u2212": "-",
    "%": "%",
    "\u00b0": "%",
    "$": "%",
    "\u20ac": "%",
    "\u00a3": "%",
    "#": "%",
}
_FEWEST_DIGITS_OF_A_TELEPHONE = 6

_FIGURES = re.compile(r"(?<![\w-])[+(]{0,9}\d(?:[\d ().:/\u2013\u2212-]*\d)?(?: [AaPp]\.? ?[Mm]\b\.?)?")
_FIGURES_WITHOUT_SPACE = re.compile(r"[+(]{0,9}\d[^ ]*\d")
_BREAKS = re.compile(r"[ /\u2013\u2212-]")
_LONGEST_KEPT_TOGETHER = 20
"""Letters: +49 1512 345 678 90 has 19."""


@lru_cache(maxsize=4096)
def direction(text: str, default: str = "ltr") -> str:
    """Return "ltr" or "rtl" by the first strong character outside isolates (Unicode UAX 9, rules P2 and P3)."""
    for character in _TYPED_ISOLATE.sub("", text):
        kind = unicodedata.bidirectional(character)
        if kind in RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            return "ltr"
    return default


def isolated(text: str, href: str = "") -> Markup:
    """Return text that must read as it stands inside a line of either direction: telephone numbers, addresses, codes.

    With `href` it is a link. <bdi> alone prints +1 (555) 010-2345 backwards in an Arabic line, and an isolated element
    inside a link would be a link annotation outside its Link tag, which PDF/UA-1 forbids (7.18.5).
    """
    if href:
        return Markup('<a class="isolate" dir="{}" href="{}">{}</a>').format(direction(text), href, text)
    return Markup('<span class="isolate" dir="{}">{}</span>').format(direction(text), text)


def kept(text: object) -> str:
    """Return text between left-to-right marks, for a number in plain text.

    In a right-to-left line +1 (212) 555-0142 would read backwards; mail programs know the marks better than isolates.
    """
    words = str(text)
    return f"\u200e{words}\u200e" if direction(words) == "ltr" else words


def ordered(text: str, base: str) -> Markup:
    """Return one line of typed text as HTML, for an element of the direction `base`.

    What runs the other way, with its numbers, stands in an element of its own: telephone numbers, times, ranges, dates
    in figures, temperatures and names. Isolates that were typed in pairs become elements too; other marks stay.
    In a left-to-right line a telephone number, a time or a range of up to twenty letters is kept in one line.
    """
    return Markup("").join(
        _turned_piece(piece) if piece.dir else _together(piece.text) if base == "ltr" else escape(piece.text)
        for piece in _pieces(text, base)
    )


def is_plain(text: str, base: str) -> bool:
    """Return whether `ordered` makes no element of any part of the text."""
    if base == "ltr" and any(_figures(text)):
        return False
    return (text.isascii() and base == "ltr") or not any(piece.dir for piece in _pieces(text, base))


def _turned_piece(piece: "_Piece") -> Markup:
    """Return an element of a piece's own direction; one without letters never breaks."""
    if any(map(str.isalpha, piece.text)):
        return Markup('<span class="run" dir="{}">{}</span>').format(piece.dir, ordered(piece.text, piece.dir))
    return Markup('<span class="isolate" dir="{}">{}</span>').format(piece.dir, piece.text)


def _together(text: str) -> Markup:
    """Return left-to-right text as HTML in which no line breaks within a short number, time or range."""
    html = Markup()
    done = 0
    for start, end in _figures(text):
        html += escape(text[done:start]) + Markup('<span class="together">{}</span>').format(text[start:end])
        done = end
    return html + escape(text[done:])


def _figures(text: str) -> Iterator[tuple[int, int]]:
    """Yield where figures stand that a line could break: of too long a row, each that has no space in it."""
    for match in _FIGURES.finditer(text):
        short = len(match[0]) <= _LONGEST_KEPT_TOGETHER
        for found in (match,) if short else _FIGURES_WITHOUT_SPACE.finditer(text, *match.span()):
            if len(found[0]) <= _LONGEST_KEPT_TOGETHER and _BREAKS.search(found[0]):
                yield found.span()


def ordered_plain(text: object) -> str:
    """Return typed text for plain text: in each right-to-left line, what runs the other way stands between marks."""
    return "\n".join(_line(line) if direction(line) == "rtl" else line for line in str(text).split("\n"))


def _line(line: str) -> str:
    return "".join(f"\u200e{piece.text}\u200e" if piece.dir == "ltr" else piece.text for piece in _pieces(line, "rtl"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """A part of a line; `dir` is "" where it runs with its line."""

    text: str
    dir: str = ""


def _pieces(text: str, base: str) -> Iterator[_Piece]:
    start = 0
    for match in _TYPED_ISOLATE.finditer(text):
        yield from _untyped(text[start : match.start()], base)
        yield _Piece(text=match[2], dir=_ISOLATES[match[1]] or direction(match[2], base))
        start = match.end()
    yield from _untyped(text[start:], base)


def _untyped(text: str, base: str) -> Iterator[_Piece]:
    """Yield the pieces of a text without isolates."""
    classes = "".join(map(_class, text))
    done = 0
    for start, end in _turned(classes, base):
        if start > done:
            yield _Piece(text=text[done:start])
        yield _Piece(text=text[start:end], dir=_OPPOSITE[base])
        done = end
    if done < len(text):
        yield _Piece(text=text[done:])


@lru_cache(maxsize=4096)
def _class(character: str) -> str:
    kind = unicodedata.bidirectional(character)
    if character in _MARKS:
        return "m"
    if character in _CLASSES:
        return _CLASSES[character]
    if character.isdecimal():
        return "D" if character.isascii() else "A"
    if kind in RIGHT_TO_LEFT:
        return "R"
    return "L" if kind == "L" else "x"


def _turned(classes: str, base: str) -> Iterator[tuple[int, int]]:
    """Yield where something stands that runs against `base` and would not read as it was typed."""
    if base == "ltr":
        yield from (match.span() for match in _RUN_IN_LEFT_TO_RIGHT.finditer(classes))
        return
    for run in _RUN_IN_RIGHT_TO_LEFT.finditer(classes):
        for start, end in _parts(classes, *run.span()):
            first, last = _trimmed(classes, start, end)
            part = classes[first:last]
            if part and not _READS_ANYWAY.fullmatch(part) and not _native(part):
                yield first, last


def _parts(classes: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a run that has letters whole, else each entry of a list of numbers: the list runs as its line does."""
    if "L" not in classes[start:end]:
        for comma in _BETWEEN_NUMBERS.finditer(classes, start, end):
            yield start, comma.start()
            start = comma.end()
    yield start, end


def _trimmed(classes: str, start: int, end: int) -> tuple[int, int]:
    """Return where a run begins and ends without the spaces and marks that belong to the line around it."""
    match = _EDGES.search(classes, start, end)
    if match is None:
        return start, start
    first, last = match.span()
    text = classes[first:last]
    if text.count("(") < text.count(")"):
        last -= len(text) - len(text.rstrip(")"))
    elif text.count("(") > text.count(")"):
        first += len(text) - len(text.lstrip("("))
    return first, last


def _native(part: str) -> bool:
    """Return whether a part is of Arabic or Persian digits and no telephone number: it reads as its line does."""
    return "A" in part and not set(part) & {"D", "L", "+"} and part.count("A") < _FEWEST_DIGITS_OF_A_TELEPHONE
