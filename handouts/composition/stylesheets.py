"""The text of a style -> what of it a browser would load, the fonts it brings, and its custom properties put in."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import tinycss2
from tinycss2.ast import Node

from handouts.codes import Code
from handouts.composition.allowlist import AT_RULES, FUNCTIONS
from handouts.composition.generated import writing

_CARRIED = ("data:", "#")
_BROKEN = ("bad-string", "bad-url", "eof-in-string", "eof-in-url")
_BLOCKS = ("() block", "[] block", "{} block")
_PROPERTY = re.compile(r"(?<![\w-])--([\w-]++)\s*+:\s*+([^;}]++)(?:[;}]|\Z)")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_VARIABLE = re.compile(r"var\(\s*+--([\w-]++)\s*+\)")
_LAYER = re.compile(r"@layer|@[\w-]*\\", re.IGNORECASE)
"""A rule for layers, or one whose name is written with an escape."""
_LONGEST_VALUE = 500
"""Letters that a custom property may come to; the longest that ships has eight."""


@lru_cache(maxsize=1024)
def refusals(css: str) -> tuple[tuple[Code, str], ...]:
    """Return (code, what it is about) for all of a style that is not known to load nothing, or that writes words.

    `css` is a stylesheet, or the value of a style attribute or of an SVG's. What it is about is the whole address, or a
    name as people write it: "@namespace", "image-set()".
    """
    try:
        tokens = tinycss2.parse_component_value_list(css, skip_comments=True)
    except ValueError:  # A number of thousands of digits.
        return ((Code.STYLE_BROKEN, ""),)
    words = ((Code.STYLE_WRITES, name) for name in writing(tokens))
    return tuple(dict.fromkeys((*_refused(tokens), *words)))


def _refused(tokens: Sequence[Node]) -> Iterator[tuple[Code, str]]:
    waiting = [tokens]
    while waiting:
        inside = waiting.pop()
        imported: Node | None = None
        for index, token in enumerate(inside):
            if token is imported:
                continue
            if token.type == "at-keyword":
                if token.lower_value == "import":
                    imported = next(filter(_address, inside[index + 1 : index + 3]), None)
                    yield Code.IMPORT_REFUSED, "" if imported is None else _address(imported)
                elif token.lower_value not in AT_RULES:
                    yield Code.STYLE_REFUSED, f"@{token.lower_value}"
            elif token.type == "url":
                yield from _of_address(token.value)
            elif token.type == "function":
                yield from _of_function(token)
                waiting.append(token.arguments)
            elif token.type in _BLOCKS:
                waiting.append(token.content)
            elif token.type == "error" and token.kind in _BROKEN:
                yield Code.STYLE_BROKEN, ""


def _of_function(function: Node) -> Iterator[tuple[Code, str]]:
    if function.lower_name == "url":
        yield from _of_address(_address(function))
    elif function.lower_name not in FUNCTIONS:
        yield Code.STYLE_REFUSED, f"{function.lower_name}()"


def _of_address(address: str) -> Iterator[tuple[Code, str]]:
    if not address.lower().startswith(_CARRIED):
        yield Code.ADDRESS_REFUSED, address


def _address(token: Node) -> str:
    """Return the address in url("…"), url(…) or "…", or "" where there is none, or more than that."""
    if token.type in ("string", "url"):
        return str(token.value)
    if token.type != "function" or token.lower_name != "url":
        return ""
    given = [one for one in token.arguments if one.type != "whitespace"]
    return str(given[0].value) if len(given) == 1 and given[0].type == "string" else ""


@lru_cache(maxsize=16)
def own_fonts(stylesheet: str) -> frozenset[str]:
    """Return the families that a style brings itself, by @font-face: the clinic asked for each of them by name."""
    found: set[str] = set()
    if "font-face" not in stylesheet.lower() and "\\" not in stylesheet:  # Nor by an escape.
        return frozenset()
    waiting = tinycss2.parse_stylesheet(stylesheet, skip_comments=True, skip_whitespace=True)
    while waiting:
        rule = waiting.pop()
        if rule.type != "at-rule" or rule.content is None:
            continue
        inside = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
        waiting += inside
        if rule.lower_at_keyword == "font-face":
            found |= {
                _family(one.value) for one in inside if one.type == "declaration" and one.lower_name == "font-family"
            }
    return frozenset(found)


def _family(value: Sequence[Node]) -> str:
    return " ".join(str(token.value) for token in value if token.type in ("string", "ident"))


def _set_on_root(stylesheet: str) -> Counter[str]:
    """Return how often each custom property is set for the whole page, so that the last time counts (CSS Cascade 4)."""
    rules = tinycss2.parse_stylesheet(stylesheet, skip_comments=True, skip_whitespace=True)
    roots = (rule for rule in rules if rule.type == "qualified-rule" and _serialized(rule.prelude) == ":root")
    items = (item for rule in roots for item in tinycss2.parse_blocks_contents(rule.content, skip_comments=True))
    return Counter(
        item.name.removeprefix("--")
        for item in items
        if item.type == "declaration" and item.name.startswith("--") and not item.important
    )


def _serialized(tokens: Sequence[Node]) -> str:
    return str(tinycss2.serialize(tokens)).strip()


@lru_cache(maxsize=16)
def resolved(stylesheets: tuple[str, ...]) -> tuple[str, ...]:
    """Return a page's style with its custom properties put in where they are used, if each has one value for the page.

    WeasyPrint resolves var() again for every element: a twelfth of a warm sheet's time (measured 2026-11-21). Where one
    is set anew for some elements, goes round in circles or grows, only the typesetter can tell, and nothing is put in.
    Layers are ordered within one stylesheet: where there are any, all of the style is one.
    """
    stylesheet = "\n".join(stylesheets)
    if _LAYER.search(stylesheet):
        stylesheets = (stylesheet,)
    found = _PROPERTY.findall(_COMMENT.sub("", stylesheet))
    given = dict(found)
    if len(given) != len(found) and Counter(name for name, _ in found) != _set_on_root(stylesheet):
        return stylesheets
    asked = {name: {one for one in _VARIABLE.findall(value) if one in given} for name, value in given.items()}
    values: dict[str, str] = {}

    def put_in(text: str) -> str:
        return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)

    try:
        for name in TopologicalSorter(asked).static_order():
            values[name] = put_in(given[name])
            if len(values[name]) > _LONGEST_VALUE:
                return stylesheets
    except CycleError:
        return stylesheets
    return tuple(map(put_in, stylesheets))
