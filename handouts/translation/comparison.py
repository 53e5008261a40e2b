"""A source text and its translation -> how they differ in placeholders, numbers, links and emphasis."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.inline import Span, SpanKind, numbers, spans

_BRACED = re.compile(r"\{([^{}]*)\}")


def differences(source: str, target: str) -> Iterator[tuple[Code, str]]:
    """Yield (code, detail) for each thing that the translation lost, added or changed."""
    try:
        theirs = spans(target)
    except ValueFault as fault:
        yield fault.code, fault.values["what"]
        return
    ours = spans(source)
    if _placeholders(ours) != _placeholders(theirs):
        yield Code.PLACEHOLDERS_DIFFER, _listed(_placeholders(ours), _placeholders(theirs), "{%s}")
    yield from _numbers(source, target)
    if _links(ours) != _links(theirs):
        yield Code.LINKS_DIFFER, _listed(_links(ours), _links(theirs), "%s")
    if _strong_runs(ours) != _strong_runs(theirs):
        yield Code.EMPHASIS_DIFFERS, f"{_strong_runs(ours)} / {_strong_runs(theirs)}"


def label_differences(source: str, target: str) -> Iterator[tuple[Code, str]]:
    """Yield the same for a fixed label, whose braces are filled by a template and which has no Markdown."""
    ours, theirs = Counter(_BRACED.findall(source)), Counter(_BRACED.findall(target))
    if ours != theirs:
        yield Code.PLACEHOLDERS_DIFFER, _listed(ours, theirs, "{%s}")
    yield from _numbers(_BRACED.sub("", source), _BRACED.sub("", target))


def _numbers(source: str, target: str) -> Iterator[tuple[Code, str]]:
    ours, theirs = Counter(numbers(source)), Counter(numbers(target))
    if ours != theirs:
        yield Code.NUMBERS_DIFFER, _listed(ours, theirs, "%s")


def _listed(ours: Counter[str], theirs: Counter[str], form: str) -> str:
    """Return what is missing and what is too much, as "-48 +24"."""
    lost = [f"-{form % name}" for name in (ours - theirs).elements()]
    added = [f"+{form % name}" for name in (theirs - ours).elements()]
    return " ".join(lost + added)


def _placeholders(found: tuple[Span, ...]) -> Counter[str]:
    return Counter(span.target for span in found if span.kind is SpanKind.PLACEHOLDER)


def _links(found: tuple[Span, ...]) -> Counter[str]:
    return Counter(span.target for span in found if span.kind is SpanKind.LINK)


def _strong_runs(found: tuple[Span, ...]) -> int:
    """Return how many stretches are bold."""
    before = (False, *(span.strong for span in found))
    return sum(now and not then for then, now in pairwise(before))
