"""One block's text as written -> spans (plain, strong, link, placeholder), alike for source and translation."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from markdown_it import MarkdownIt

PLACEHOLDERS = ("clinic", "telephone", "emergency_number")
"""What a document's text may ask for in braces; branding fills it."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DEAD_LINK = re.compile(r"\]\(([^)]*)\)")  # what the parser would not make a link of, such as javascript:
_NUMBER = re.compile(r"\d+(?:[.,\u066b]\d+)*")
_LINK_SCHEMES = ("https://", "mailto:", "tel:")


class SpanKind(StrEnum):
    """What a stretch of text is."""

    PLAIN = "plain"
    STRONG = "strong"
    LINK = "link"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of text; `target` is a link's address or a placeholder's name."""

    kind: SpanKind
    text: str
    target: str = ""
    strong: bool = False


class InlineFault(ValueError):
    """Inline text that a sheet cannot use: `code` words it, `what` is the piece in question."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(code)
        self.code = code
        self.what = what


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero").enable(["emphasis", "link", "escape", "html_inline"]).enable("newline")


def spans(markup: str) -> tuple[Span, ...]:
    """Return the spans of `markup`; raise InlineFault where it holds anything but bold, links and known placeholders.

    Italics are refused because UKAAF G003 and RNIB's clear print guidance advise against them.
    """
    if "<" in markup and re.search(r"</?[a-zA-Z!]", markup):
        raise InlineFault("raw-html", markup)
    found: list[Span] = []
    strong = False
    target = ""
    for token in _parser().parseInline(markup)[0].children or ():
        if token.type == "text":
            if match := _DEAD_LINK.search(token.content):
                raise InlineFault("link-scheme", match[1])
            found += _with_placeholders(token.content, strong=strong, target=target)
        elif token.type in ("strong_open", "strong_close"):
            strong = token.type == "strong_open"
        elif token.type == "link_open":
            target = str(token.attrs["href"])
            if not target.startswith(_LINK_SCHEMES):
                raise InlineFault("link-scheme", target)
        elif token.type == "link_close":
            target = ""
        elif token.type in ("softbreak", "hardbreak"):
            found.append(Span(kind=SpanKind.PLAIN, text=" ", strong=strong))
        elif token.type == "em_open":
            raise InlineFault("italics", markup)
        elif token.type != "em_close":
            raise InlineFault("unused-markup", token.type)
    return tuple(found)


def _with_placeholders(text: str, *, strong: bool, target: str) -> list[Span]:
    found: list[Span] = []
    kind = SpanKind.LINK if target else SpanKind.STRONG if strong else SpanKind.PLAIN
    for index, piece in enumerate(_PLACEHOLDER.split(text)):
        if index % 2:
            if piece not in PLACEHOLDERS:
                raise InlineFault("unknown-placeholder", piece)
            found.append(Span(kind=SpanKind.PLACEHOLDER, text="", target=piece, strong=strong))
        elif piece:
            found.append(Span(kind=kind, text=piece, target=target, strong=strong))
    return found


def plain(markup: str) -> str:
    """Return the words of `markup` without its marks; a placeholder stands as {name}."""
    return "".join(f"{{{span.target}}}" if span.kind is SpanKind.PLACEHOLDER else span.text for span in spans(markup))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers in `text`, sorted, in Latin digits with a point, however a language writes them.

    38,5 and 38.5 and the same in Arabic or Devanagari digits are one number; 48 and 24 are not.
    """
    found = []
    for match in _NUMBER.findall(text):
        latin = "".join(str(unicodedata.digit(character, 0)) if character.isdigit() else "." for character in match)
        found.append(latin)
    return tuple(sorted(found))
