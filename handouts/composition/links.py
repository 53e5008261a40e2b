"""A page's links -> a Problem for each that leads where clinic and document do not, or elsewhere than it shows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from handouts.codes import Code
from handouts.composition.quoting import Quoting
from handouts.errors import Kind, Problem
from handouts.inline import SpanKind, spans
from handouts.page_tree import HTML, words
from handouts.records import Block, Branding, Document

_LONGEST_COUNTRY_CODE = 3
"""Digits (ITU-T E.164, 6.2.1)."""


def wrong_links(
    page: Element, branding: Branding, documents: Sequence[Document], markup: str | None = None
) -> Iterator[Problem]:
    """Yield a Problem for each link to an address that clinic.toml and documents do not have, or that shows another.

    Of an address that is letter by letter one of theirs no part is a patient's. A message holds only what stands in the
    templates' `markup`, unless that is None: then no patient is at hand.
    """
    quoting = Quoting(markup)
    numbers = _numbers(branding)
    own = {*(f"tel:{number}" for number in numbers), f"mailto:{branding.email}", branding.website, *branding.links}
    written: frozenset[str] | None = None
    for link in page.iter(f"{HTML}a"):
        href = link.attrib.get("href", "")
        if not href or href.startswith("#"):
            continue
        if href not in own and written is None:
            written = frozenset(address for document in documents for address in _written(document))
        if href not in own and href not in (written or ()):
            yield Problem.of(Kind.TEMPLATE, Code.LINK_UNKNOWN, "templates", address=quoting.address(href))
        elif not _is_shown(href, words(link), numbers):
            yield Problem.of(Kind.TEMPLATE, Code.LINK_SHOWS_ANOTHER, "templates", address=href)


def _numbers(branding: Branding) -> dict[str, Collection[str]]:
    """Return the clinic's numbers as they are dialled and as they are written, each with its digits in both forms."""
    telephones = [(one.e164, one.national) for one in (branding.telephone, branding.out_of_hours) if one]
    forms = (*telephones, (branding.emergency.number,))
    return {form: {*map(_digits, same)} for same in forms for form in same}


def _written(document: Document) -> Iterator[str]:
    """Yield the addresses that a document holds: its sources' and its links'."""
    yield from (source.url for source in document.sources.values() if source.url)
    waiting: list[Block] = list(document.blocks)
    texts = [] if document.planner is None else [task.text for task in document.planner.tasks]
    while waiting:
        block = waiting.pop()
        texts.append(block.text)
        waiting += block.children
    for text in texts:
        yield from (span.target for span in spans(text) if span.kind is SpanKind.LINK)


def _is_shown(href: str, shown: str, numbers: Mapping[str, Collection[str]]) -> bool:
    """Return whether a link's words are the number that it dials, or name no other mailbox than it writes to."""
    scheme, _, address = href.partition(":")
    if scheme == "mailto":
        return "@" not in shown or address in shown.split()
    return scheme != "tel" or _digits(shown) in numbers.get(address, ()) or _is_number(address, _digits(shown))


def _is_number(address: str, shown: str) -> bool:
    """Return whether digits are those of a number in its international form, or end it without the country's code."""
    number = _digits(address)
    least = len(number) - _LONGEST_COUNTRY_CODE * address.startswith("+")
    return any(len(form) >= max(least, 1) and number.endswith(form) for form in (shown, shown.removeprefix("0")))


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())
