"""The text of a Jinja template -> its blocks, each as it is written and with the comment before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_BEGINS = re.compile(r"{%-?\s*block\s+(\w+)")
_BLOCK = re.compile(
    r"(?:\{#-?\s*(?P<about>(?:(?!#\}).)*?)\s*-?#\}\s*)?"
    r"(?P<text>\{%-?\s*block\s+(?P<name>\w+)(?:(?!%\}).)*%\}.*?\{%-?\s*endblock\b(?:(?!%\}).)*%\})",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenBlock:
    """A block as it is written, without the comments in it, and what the comment before it says."""

    name: str
    about: str
    text: str


def without_comments(text: str) -> str:
    """Return a template's text with each comment empty and every line where it was."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)


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
    for match in _BLOCK.finditer(text):
        yield WrittenBlock(
            name=match["name"],
            about=" ".join((match["about"] or "").split()),
            text=_COMMENT.sub("", match["text"]),
        )
