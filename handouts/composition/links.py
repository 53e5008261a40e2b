"""A page's links and where an address may come from -> a Problem for each that could tell who the patient is."""

from collections.abc import Collection, Iterator, Sequence
from xml.etree.ElementTree import Element

from markupsafe import escape

from handouts.codes import Code
from handouts.composition.quoting import Quoting
from handouts.composition.side import Side
from handouts.errors import Kind, Problem
from handouts.inline import SpanKind, spans
from handouts.page_tree import HTML
from handouts.records import Block


def revealing_links(page: Element, sides: Sequence[Side], markup: str) -> Iterator[Problem]:
    """Yield a Problem for each link whose address is put together of what may be a patient's.

    An address may be the clinic's, or stand in the document or in the templates' `markup` word for word, whole or
    behind one of the clinic's. None of those has a patient's value in it, in whatever letters.
    """
    hrefs = dict.fromkeys(element.attrib.get("href", "") for element in page.iter(f"{HTML}a"))
    own = frozenset(address for side in sides for address in _own(side))
    strange = [href for href in hrefs if href and not href.startswith("#") and not _is_known(href, own, markup)]
    if strange:
        written = frozenset(address for side in sides for address in _written(side))
        for href in strange:
            if href not in written:
                quoted = Quoting(markup).address(href)
                yield Problem.of(Kind.TEMPLATE, Code.LINK_NOT_WHOLE, "templates", address=quoted)


def _own(side: Side) -> Iterator[str]:
    """Yield the clinic's addresses; a telephone number as it is dialled and as it is written."""
    branding = side.ingredients.branding
    for telephone in (branding.telephone, branding.out_of_hours):
        if telephone:
            yield from (f"tel:{telephone.e164}", f"tel:{telephone.national}")
    yield f"tel:{branding.emergency.number}"
    if branding.email:
        yield f"mailto:{branding.email}"
    if branding.website:
        yield branding.website


def _written(side: Side) -> Iterator[str]:
    """Yield the addresses that the document holds."""
    document = side.ingredients.document
    waiting: list[Block] = list(document.blocks)
    texts = [] if document.planner is None else [task.text for task in document.planner.tasks]
    while waiting:
        block = waiting.pop()
        texts.append(block.text)
        waiting += block.children
    for text in texts:
        yield from (span.target for span in spans(text) if span.kind is SpanKind.LINK)


def _is_known(href: str, own: Collection[str], markup: str) -> bool:
    if href in own or _is_quoted("", href, markup):
        return True
    return any(_is_quoted("}}", href.removeprefix(one), markup) for one in own if href.startswith(one))


def _is_quoted(before: str, text: str, markup: str) -> bool:
    """Return whether the text stands in the templates up to its closing quotation mark, and from one or `before`."""
    forms = (text, str(escape(text)))
    return any(f"{before or quote}{form}{quote}" in markup for form in forms for quote in ('"', "'"))
