"""One block's text as written -> spans (plain, strong, link, placeholder), alike for source and translation."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from html import unescape

from markdown_it import MarkdownIt

from handouts.codes import Code
from handouts.errors import ValueFault

PLACEHOLDERS = ("clinic", "telephone", "emergency_number")
"""What a document's text may ask for in braces; branding fills it."""

MAXIMUM_CHARACTERS = 1000
"""The longest text of what ships has 343; the parser of links is slow on thousands of brackets."""

_PLACEHOLDER = re.compile(r"(?<!\\)\{([^{}]*)\}")
_HTML = re.compile(r"</?[a-zA-Z!?]")
_ENTITY = re.compile(r"&#?\w+;")
_BROKEN_LINK = re.compile(r"\]\(([^)]*)\)?")
_REFERENCE = re.compile(r"\]\[|\[\^|^\[[^\]]+\]:\s*\S*(?:://|mailto:|tel:|www\.)")
_ALONE = re.compile(r"\*+|~~+|\\|(?<![\w_])__?(?=[^\W_])|(?<=[^\W_])__?(?![\w_])")
_HEADING = re.compile(r"^#{1,6}(?![\s#\d])")
_NUMBER = re.compile(r"\d+(?:[.,\u066b]\d+)*")
_LINK_SCHEMES = ("https://", "mailto:", "tel:")
_REFUSED_TOKENS = {"code_inline": "code", "image": "image", "s_open": "strikethrough"}


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


class _Parser(MarkdownIt):
    """Makes a link of every address, so that what is refused can be named; and knows what no sheet uses."""

    def __init__(self) -> None:
        super().__init__("zero")
        self.enable(["emphasis", "link", "escape", "newline", "backticks", "image", "strikethrough"])
        self.disable("text_join")

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the name and argument that markdown-it calls
        return True


@cache
def _parser() -> MarkdownIt:
    return _Parser()


@lru_cache(maxsize=4096)  # A text is read when it is loaded, translated, composed and measured.
def spans(markup: str) -> tuple[Span, ...]:
    """Return the spans of `markup`; raise ValueFault where it holds anything but bold, links and known placeholders.

    Italics are refused because UKAAF G003 and RNIB's clear print guidance advise against them. Marks that CommonMark
    would leave in the text as they stand are refused too, since a patient would read them.
    """
    _refuse_before_parsing(markup)
    found: list[Span] = []
    strong = False
    target = ""
    for token in _parser().parseInline(markup)[0].children or ():
        if token.type == "text":
            found += _with_placeholders(_words(token.content), strong=strong, target=target)
        elif token.type == "text_special":  # what follows a backslash
            if len(token.content) > 1:
                raise ValueFault(Code.MARK_ALONE, what="\\")
            found.append(_span(token.content, strong=strong, target=target))
        elif token.type in ("strong_open", "strong_close"):
            strong = token.type == "strong_open"
        elif token.type in ("link_open", "link_close"):
            target = _target(str(token.attrs["href"])) if token.type == "link_open" else ""
        elif token.type in ("softbreak", "hardbreak"):
            found.append(Span(kind=SpanKind.PLAIN, text=" ", strong=strong))
        elif token.type == "em_open":
            raise ValueFault(Code.ITALICS, what=markup)
        elif token.type != "em_close":
            raise ValueFault(Code.UNUSED_MARKUP, what=_REFUSED_TOKENS.get(token.type, token.type))
    return _joined(found)


def _refuse_before_parsing(markup: str) -> None:
    """Raise ValueFault for what the parser is slow on, or would take apart so that it could not be named."""
    if len(markup) > MAXIMUM_CHARACTERS:
        raise ValueFault(Code.TEXT_TOO_LONG, what=str(MAXIMUM_CHARACTERS))
    if _HTML.search(markup):
        raise ValueFault(Code.RAW_HTML, what=markup)
    if entity := next((name for name in _ENTITY.findall(markup) if unescape(name) != name), ""):
        raise ValueFault(Code.UNUSED_MARKUP, what=entity)
    if unknown := set(_PLACEHOLDER.findall(markup)) - set(PLACEHOLDERS):
        raise ValueFault(Code.UNKNOWN_PLACEHOLDER, what=min(unknown))


def _target(address: str) -> str:
    if not address.startswith(_LINK_SCHEMES):
        raise ValueFault(Code.LINK_SCHEME, what=address)
    if "%7B" in address:
        raise ValueFault(Code.LINK_PLACEHOLDER, what=address.replace("%7B", "{").replace("%7D", "}"))
    return address


def _words(text: str) -> str:
    """Return text outside of all markup; raise ValueFault where a mark was left in it."""
    if match := _BROKEN_LINK.search(text):
        raise ValueFault(Code.LINK_SCHEME, what=match[1])
    if _REFERENCE.search(text):
        raise ValueFault(Code.UNUSED_MARKUP, what="link by reference")
    if match := _HEADING.match(text):
        raise ValueFault(Code.HEADING_WITHOUT_SPACE, what=match[0])
    if match := _ALONE.search(text):
        raise ValueFault(Code.BOLD_NOT_CLOSED if match[0] == "**" else Code.MARK_ALONE, what=match[0])
    return text


def _with_placeholders(text: str, *, strong: bool, target: str) -> Iterator[Span]:
    for index, piece in enumerate(_PLACEHOLDER.split(text)):
        if index % 2:
            yield Span(kind=SpanKind.PLACEHOLDER, text="", target=piece, strong=strong)
        elif "{" in piece or "}" in piece:
            raise ValueFault(Code.BRACE_NOT_CLOSED if "{" in piece else Code.BRACE_NOT_OPENED, what=piece)
        elif piece:
            yield _span(piece, strong=strong, target=target)


def _span(text: str, *, strong: bool, target: str) -> Span:
    kind = SpanKind.LINK if target else SpanKind.STRONG if strong else SpanKind.PLAIN
    return Span(kind=kind, text=text, target=target, strong=strong)


def _joined(found: list[Span]) -> tuple[Span, ...]:
    """Return the spans with neighbours of the same kind as one."""
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined and span.kind is not SpanKind.PLACEHOLDER else None
        if last and (last.kind, last.target, last.strong) == (span.kind, span.target, span.strong):
            joined[-1] = replace(last, text=last.text + span.text)
        else:
            joined.append(span)
    return tuple(joined)


def without_marks(markup: str) -> str:
    """Return the words of `markup` without its marks; a placeholder stands as {name}."""
    return "".join(f"{{{span.target}}}" if span.kind is SpanKind.PLACEHOLDER else span.text for span in spans(markup))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers in `text`, sorted, in Latin digits with a point, however a language writes them.

    38,5 and 38.5 and the same in Arabic or Devanagari digits are one number; 48 and 24 are not. So are signs that stand
    for numbers, in any script: ½ is 0.5, ² and Ⅱ are 2.
    """
    found = [f"{unicodedata.numeric(sign):g}" for sign in text if unicodedata.category(sign) in ("Nl", "No")]
    for match in _NUMBER.findall(text):
        latin = "".join(str(unicodedata.digit(character, 0)) if character.isdigit() else "." for character in match)
        found.append(latin)
    return tuple(sorted(found))
