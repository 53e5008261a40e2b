"""The style of a page for a screen -> what the typesetter cannot judge of it, and the page with every condition met.

A browser draws more than WeasyPrint does. What it alone knows could hide a warning where nobody looks, so that a style
may not hold it.
"""

import re
from collections.abc import Iterable, Iterator

import tinycss2
from tinycss2.ast import Node

from handouts.codes import Code
from handouts.errors import Problem

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>|\sstyle=(\"[^\"]*\"|'[^']*')", re.DOTALL | re.IGNORECASE)
_CONDITION = re.compile(r"@media\b[^{;]*\([^{;]*(?=\{)", re.IGNORECASE)
_MEDIA = re.compile(r"""(<style\b[^>]*?)\smedia\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_RULES = frozenset(("media", "page", "font-face", "charset", "counter-style"))
_FOLDED = re.compile(
    r"<(details|template|noscript|dialog|datalist|select|textarea|canvas|video|audio|slot|marquee|math|picture)\b",
    re.IGNORECASE,
)
"""Elements that browsers show otherwise than WeasyPrint 70: closed, in part, or not at all."""
_FOLDING = re.compile(r"<[^<>]*\s(popover|inert|hidden)\b[^<>]*>", re.IGNORECASE)
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


def unjudged(html: str) -> Iterator[str]:
    """Yield the name of each rule ("@keyframes") and property ("animation") that WeasyPrint drops without a word."""
    markup = _STYLE.sub("", html)
    yield from (f"<{match[1].lower()}>" for match in _FOLDED.finditer(markup))
    yield from (match[1].lower() for match in _FOLDING.finditer(markup))
    for match in _STYLE.finditer(html):
        if match[1] is not None:
            yield from _of_rules(tinycss2.parse_stylesheet(match[1], skip_comments=True, skip_whitespace=True))
        else:
            yield from _of_declarations(match[2][1:-1])


def with_conditions_met(html: str) -> str:
    """Return the page with each rule that asks for a screen's width or the like in force, as on some screen it is."""
    return _MEDIA.sub(r"\1", _CONDITION.sub("@media all ", html))


def _of_rules(rules: list[Node]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "at-rule":
            name = rule.lower_at_keyword
            if name not in _RULES:
                yield f"@{name}"
            elif name == "media" and rule.content is not None:
                yield from _of_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
        elif rule.type == "qualified-rule":
            yield from _of_declarations(rule.content)


def _of_declarations(content: str | list[Node]) -> Iterator[str]:
    for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            name = item.lower_name
            if name.startswith(_DROPPED):
                yield name
        elif item.type == "qualified-rule":
            yield "&"
        elif item.type == "at-rule":
            yield f"@{item.lower_at_keyword}"
