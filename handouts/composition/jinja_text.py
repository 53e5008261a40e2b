"""The text of a Jinja template -> its blocks, each as it is written and with the comment before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENS = re.compile(r"\{[#%]")
_CLOSING = {"{#": "#}", "{%": "%}"}
_BEGINS = re.compile(r"{%-?\s*block\s+(\w+)")
_ENDS = re.compile(r"{%-?\s*endblock\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenBlock:
    """A block as it is written, without the comments in it, and what the comment before it says."""

    name: str
    about: str
    text: str


def _parts(text: str) -> Iterator[str]:
    """Yield comments, tags and what stands between them, in order and whole."""
    at = 0
    while opened := _OPENS.search(text, at):
        end = text.find(_CLOSING[opened[0]], opened.end())
        if end < 0:
            break
        if opened.start() > at:
            yield text[at : opened.start()]
        yield text[opened.start() : end + 2]
        at = end + 2
    yield text[at:]


def _is_comment(part: str) -> bool:
    return part.startswith("{#") and part.endswith("#}")


def without_comments(text: str) -> str:
    """Return a template's text with each comment empty and every line where it was."""
    return "".join("\n" * part.count("\n") if _is_comment(part) else part for part in _parts(text))


def begun_blocks(text: str) -> Iterator[tuple[str, int]]:
    """Yield the name of each block and the line where it begins; a block in a comment is none."""
    plain = without_comments(text)
    for match in _BEGINS.finditer(plain):
        yield match[1], plain.count("\n", 0, match.start()) + 1


def names_of_blocks(text: str) -> tuple[str, ...]:
    """Return the names of the blocks in the order in which they begin."""
    return tuple(name for name, _ in begun_blocks(text))


def blocks_of(text: str) -> Iterator[WrittenBlock]:
    """Yield the blocks of a template in which none stands in another and none in a comment."""
    about, name = "", ""
    written: list[str] = []
    for part in _parts(text):
        if _is_comment(part):
            about = about if name else part[2:-2].strip("-")
        elif name:
            written.append(part)
            if _ENDS.match(part):
                yield WrittenBlock(name=name, about=" ".join(about.split()), text="".join(written))
                about, name = "", ""
        elif begun := _BEGINS.match(part):
            name, written = begun[1], [part]
        elif part.strip():
            about = ""
