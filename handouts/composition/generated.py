"""A style's tokens -> the properties by which it would write words on a sheet that no template and no catalogue has.

Signs, counters and what stands in a page's margin are for a style to write; words beside a value or a warning are not.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from tinycss2.ast import Node

_WRITING = frozenset(
    (
        *("content", "quotes", "list-style", "list-style-type", "string-set", "hyphenate-character"),
        *("text-overflow", "block-ellipsis", "line-clamp", "text-emphasis", "text-emphasis-style"),
    )
)
_COUNTING = {"symbols": 1, "additive-symbols": 1, "prefix": 0, "suffix": 0, "negative": 0, "pad": 0}
"""Descriptors of @counter-style, with the letters that a word of theirs may have: a counter may be made of letters."""
_ELSEWHERE = frozenset(("var", "target-text", "string"))
"""Functions that write what stands in another place."""
_SIDES = ("top-", "bottom-", "left-", "right-")
"""How the names of a page's margin boxes begin (CSS Paged Media 3, 4)."""
_END = ";"


def writing(tokens: Sequence[Node]) -> Iterator[str]:
    """Yield the name of each property of a style, or of a style attribute, that writes a word."""
    waiting = [(tokens, "")]
    while waiting:
        inside, rule = waiting.pop()
        opened: str = rule
        name: str | None = None
        for token in inside:
            if token == _END or token.type == "{} block":
                if token != _END and not opened.startswith(_SIDES):
                    waiting.append((token.content, opened))
                opened, name = rule, None
            elif token.type == "at-keyword":
                opened, name = token.lower_value, ""
            elif name is None:
                name = token.lower_value if token.type == "ident" else None if token.type == "whitespace" else ""
            elif _is_written(name, rule, token):
                yield name


def _is_written(name: str, rule: str, token: Node) -> bool:
    if rule == "counter-style" and name in _COUNTING:
        return any(_letters(word) > _COUNTING[name] for word in _words(token, ("string", "ident")))
    return name in _WRITING and any(_letters(word) > 0 for word in _words(token, ("string",)))


def _words(token: Node, types: tuple[str, ...]) -> Iterator[str]:
    """Yield each word of these types that a part of a value has, and a letter for what stands elsewhere."""
    waiting = [token]
    while waiting:
        one = waiting.pop()
        if one.type in types:
            yield one.value
        elif one.type == "function" and one.lower_name in _ELSEWHERE:
            yield "x"
        elif one.type == "function":
            waiting += one.arguments


def _letters(text: str) -> int:
    """Return how many letters and digits of any script a text has; "№" has two."""
    return sum(unicodedata.category(letter)[0] in "LN" for letter in unicodedata.normalize("NFKC", text))
