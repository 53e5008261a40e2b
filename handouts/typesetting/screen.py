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
_STATES = frozenset(
    ("active", "checked", "focus", "focus-visible", "focus-within", "hover", "target", "target-within", "visited")
)
"""Pseudo-classes that hold in a browser at times, and in WeasyPrint 70 never."""
_OF_WINDOWS = re.compile(r"\d[sld]?v(?:w|h|i|b|min|max)\b", re.IGNORECASE)
"""Lengths by the window, which WeasyPrint 70 takes by the paper."""
_DROPPED = ("animation", "transition", "-webkit-", "-moz-", "-ms-", "-o-")
_HARMLESS = frozenset(("accent-color", "color-scheme", "cursor", "scroll-behavior", "touch-action", "user-select"))
"""Properties that WeasyPrint 70 passes over and that hide nothing in a browser."""
_SELECTOR = "Invalid or unsupported selector"
_ISOLATION = re.compile(r"`?unicode-bidi:\s*(isolate|plaintext|normal)\b")


def passed_over(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield what WeasyPrint passed over of a style and a browser may follow: a property's name, or its reason."""
    for problem in problems:
        if problem.code == Code.TYPESETTER_WARNING and problem.values["reason"].startswith(_SELECTOR):
            yield "selector"
        name, reason = problem.values.get("property", ""), problem.values.get("reason", "")
        if problem.code == Code.STYLE_PASSED_OVER and name not in _HARMLESS and not _ISOLATION.match(reason):
            yield name or reason


def unjudged(page: Element) -> Iterator[str]:
    """Yield the name of what browsers follow and WeasyPrint drops without a word.

    That is a rule ("@keyframes"), a property ("animation"), a column that folds away ("collapse"), a length ("vh").
    """
    for style in styles(page):
        yield from _of_rules(tinycss2.parse_stylesheet(text_of(style), skip_comments=True, skip_whitespace=True))
    for element in elements(page):
        yield from _of_declarations(element.attrib.get("style", ""))


def meet_conditions(page: Element) -> bool:
    """Put each rule that asks for a screen's width, a state or the like in force, as on some screen it is at times.

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
    """Take the condition out of each @media in these tokens, and have each state hold; return whether there was one."""
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
                if rule is not None and _asks_more_than_a_screen(inside[rule:]):
                    inside[rule:] = tinycss2.parse_component_value_list(" all ")
                    found = True
                rule = None
                waiting.append(token.content)
            elif token.type == "function":
                waiting.append(token.arguments)
            is_state = token.type == "ident" and token.lower_value in _STATES and inside[-1:] == [":"]
            found = found or is_state
            inside += tinycss2.parse_component_value_list("not(_)") if is_state else (token,)
    return found


def _asks_more_than_a_screen(prelude: Sequence[Node]) -> bool:
    """Return whether the words of an @media are more than "screen" and "all": a page on a screen is printed, too."""
    queries = tinycss2.serialize(prelude).lower().split(",")
    return any(query.strip() not in ("", "screen", "all") for query in queries)


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
            value = tinycss2.serialize(item.value).lower()
            if name != "border-collapse" and "collapse" in value:
                yield "collapse"
            if length := _OF_WINDOWS.search(value):
                yield length[0].lstrip("0123456789")
        elif item.type == "qualified-rule":
            yield "&"
        elif item.type == "at-rule":
            yield f"@{item.lower_at_keyword}"
