"""A page for a screen -> what the typesetter cannot judge of it, and its style with every condition met.

A browser draws more than WeasyPrint does. What it alone knows could hide a warning where nobody looks, so that a style
may not hold it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

import tinycss2
from tinycss2.ast import Node

from handouts.codes import Code
from handouts.errors import Problem
from handouts.page_tree import elements, styles, text_of

_RULES = frozenset(("media", "page", "font-face", "charset", "counter-style"))
_DROPPED = ("animation", "transition", "-webkit-", "-moz-", "-ms-", "-o-")
_HARMLESS = frozenset(("accent-color", "color-scheme", "cursor", "scroll-behavior", "touch-action", "user-select"))
"""Properties that WeasyPrint 70 passes over and that hide nothing in a browser."""
_ISOLATION = re.compile(r"`?unicode-bidi:\s*(isolate|plaintext|normal)\b")


def passed_over(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield what WeasyPrint passed over of a style and a browser may follow: a property's name, or its reason."""
    for problem in problems:
        name, reason = problem.values.get("property", ""), problem.values.get("reason", "")
        if problem.code == Code.STYLE_PASSED_OVER and name not in _HARMLESS and not _ISOLATION.match(reason):
            yield name or reason


def unjudged(page: Element) -> Iterator[str]:
    """Yield the name of what browsers follow and WeasyPrint drops without a word.

    That is a rule ("@keyframes"), a property ("animation"), or a column that folds away ("collapse").
    """
    for style in styles(page):
        yield from _of_rules(tinycss2.parse_stylesheet(text_of(style), skip_comments=True, skip_whitespace=True))
    for element in elements(page):
        yield from _of_declarations(element.attrib.get("style", ""))


def meet_conditions(page: Element) -> bool:
    """Put each rule that asks for a screen's width or the like in force, as on some screen it is.

    Returns whether there was one.
    """
    found = False
    for style in styles(page):
        found = style.attrib.pop("media", None) is not None or found
        tokens = tinycss2.parse_component_value_list(text_of(style), skip_comments=True)
        if _meet(tokens):
            found = True
            style.text = tinycss2.serialize(tokens)
    return found


def _meet(tokens: list[Node]) -> bool:
    """Take the condition out of each @media in these tokens; return whether there was one."""
    found = False
    waiting = [tokens]
    while waiting:
        inside = waiting.pop()
        whole = [*inside]
        inside.clear()
        rule: int | None = None
        for token in whole:
            if token.type == "at-keyword":
                rule = len(inside) + 1 if token.lower_value == "media" else None
            elif token.type == "{} block":
                if rule is not None and _asks_more_than_a_medium(inside[rule:]):
                    inside[rule:] = tinycss2.parse_component_value_list(" all ")
                    found = True
                rule = None
                waiting.append(token.content)
            inside.append(token)
    return found


def _asks_more_than_a_medium(prelude: Sequence[Node]) -> bool:
    """Return whether the words of an @media are more than names of media, which alone WeasyPrint 70 knows."""
    queries = tinycss2.serialize(prelude).split(",")
    return any(len(query.split()) > 1 or not query.strip().isalpha() for query in queries if query.strip())


def _of_rules(rules: Sequence[Node]) -> Iterator[str]:
    waiting = [*rules]
    for rule in waiting:
        if rule.type == "at-rule":
            name = rule.lower_at_keyword
            if name not in _RULES:
                yield f"@{name}"
            elif name == "media" and rule.content is not None:
                waiting += tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        elif rule.type == "qualified-rule":
            yield from _of_declarations(rule.content)


def _of_declarations(content: str | list[Node]) -> Iterator[str]:
    for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            name = item.lower_name
            if name.startswith(_DROPPED):
                yield name
            elif name != "border-collapse" and "collapse" in tinycss2.serialize(item.value).lower():
                yield "collapse"
        elif item.type == "qualified-rule":
            yield "&"
        elif item.type == "at-rule":
            yield f"@{item.lower_at_keyword}"
