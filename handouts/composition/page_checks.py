"""A composed page and what it was made from -> a Problem for whatever it lost, loads or runs."""

import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from handouts.codes import Code
from handouts.composition.allowlist import is_attribute, is_element
from handouts.composition.quoting import Quoting
from handouts.composition.stylesheets import refusals
from handouts.errors import Kind, Problem, each_once
from handouts.letters import letters_of, words_of
from handouts.page_tree import HTML, SVG, XLINK, elements, text_of, words
from handouts.records import PageText

_HEADINGS = frozenset(f"{HTML}h{level}" for level in range(1, 7))
_VIEWPORT = "width=device-width,initial-scale=1"
"""Any other would make letters small on a telephone."""
_CARRIED = ("data:", "cid:")
"""A sheet carries its pictures in itself, a message beside itself (RFC 2392); a sheet's policy refuses the latter."""
_TURNS = re.compile("[\u202a-\u202e]")
"""Controls that turn a line round (UAX 9): a number would stand reversed, and its letters alone would not show it."""
_TURNS_BY_ESCAPE = re.compile(r"\\0{0,2}(202[a-e])", re.IGNORECASE)
_SPACES = " \t\n\r\f"
"""What a browser takes off an address; a no-break space is part of it."""
_MAY_LOAD = ("(", "\\", "@")
"""Without one of these a value of an SVG's attribute is a number, a word or a colour."""


def losses(page: Element, contents: Sequence[PageText]) -> Iterator[Problem]:
    """Yield a Problem that names each part of the sheet with a text that the page does not hold.

    The spaces of what is the patient's count too: “1 2 December” is another day.

    Templates belong to clinics; a warning that one of them leaves out must stop the sheet.
    """
    text = words(page)
    letters, spaced = letters_of(text), words_of(text)
    lost = {
        wanted.name
        for wanted in contents
        if not (found := letters_of(wanted.text))
        or found not in letters
        or (wanted.varies and words_of(wanted.text) not in spaced)
    }
    if lost:
        yield Problem.of(Kind.TEMPLATE, Code.SHEET_LOSES, "templates", names=", ".join(sorted(lost)))


def dangers(page: Element, script: str = "", markup: str | None = None) -> tuple[Problem, ...]:
    """Return a Problem for each thing in the page that is not known to load, send and run nothing.

    Headings without words count too. `script` is the text of the one script that may run: once, and word for word.
    A message holds only what stands in the templates' `markup`, unless that is None: then no patient is at hand.
    """
    return each_once(_Reading(script, Quoting(markup)).problems(page))


class _Reading:
    """Goes through the elements of one page."""

    def __init__(self, script: str, quoting: Quoting) -> None:
        self._script = script
        self._quoting = quoting

    def problems(self, page: Element) -> Iterator[Problem]:
        for element in elements(page):
            name = element.tag.rpartition("}")[2]
            if not is_element(element.tag):
                yield self._element_refused(name, element)
                continue
            if element.tag == f"{HTML}script":
                yield from self._of_script(element)
                continue
            for character in sorted(set(_TURNS.findall(f"{element.text or ''}{element.tail or ''}"))):
                shown = f"U+{ord(character):04X}"
                yield Problem.of(Kind.TEMPLATE, Code.FOREIGN_CHARACTER, "templates", character=shown)
            for attribute, value in element.attrib.items():
                yield from self._of_attribute(element, name, attribute, value)
            if element.tag == f"{HTML}style":
                style = text_of(element)
                yield from self._of_style(style)
                if escape := _TURNS_BY_ESCAPE.search(style):
                    shown = f"U+{int(escape[1], 16):04X}"
                    yield Problem.of(Kind.TEMPLATE, Code.FOREIGN_CHARACTER, "templates", character=shown)
            if element.tag in _HEADINGS and not _has_words(element):
                yield Problem.of(Kind.TEMPLATE, Code.HEADING_WITHOUT_WORDS, "templates", heading=f"<{name}>")

    def _element_refused(self, name: str, element: Element) -> Problem:
        address = element.attrib.get("href")
        if name == "link" and address:
            return Problem.of(Kind.TEMPLATE, Code.ADDRESS_REFUSED, "templates", address=self._quoting.address(address))
        quoted = self._quoting.name(name)
        return Problem.of(Kind.TEMPLATE, Code.ELEMENT_REFUSED, "templates", element=quoted, asked=f"<{quoted}")

    def _of_script(self, element: Element) -> Iterator[Problem]:
        if element.attrib or not self._script or text_of(element) != self._script:
            yield Problem.of(Kind.TEMPLATE, Code.MUST_NOT_RUN, "templates", what="script", asked="<script")
        else:
            self._script = ""

    def _of_attribute(self, element: Element, name: str, attribute: str, value: str) -> Iterator[Problem]:
        given = value.strip(_SPACES).lower()
        local = attribute.rpartition("}")[2]
        if attribute.startswith("on"):
            quoted = self._quoting.name(attribute)
            yield Problem.of(Kind.TEMPLATE, Code.MUST_NOT_RUN, "templates", what=quoted, asked=f"{quoted}=")
        elif attribute == "http-equiv" and given == "refresh":
            yield Problem.of(Kind.TEMPLATE, Code.MUST_NOT_RUN, "templates", what="refresh", asked="http-equiv")
        elif element.tag.startswith(SVG) and attribute in ("href", f"{XLINK}href"):
            if not given.startswith("#"):
                yield Problem.of(Kind.TEMPLATE, Code.ADDRESS_REFUSED, "templates", address=self._quoting.address(value))
        elif not is_attribute(element.tag, attribute, given):
            quoted = self._quoting.name(local)
            asked = f"{quoted}=" if value else quoted
            yield Problem.of(
                Kind.TEMPLATE, Code.ATTRIBUTE_REFUSED, "templates", element=name, attribute=quoted, asked=asked
            )
        elif attribute == "content" and element.attrib.get("name", "").strip(_SPACES).lower() == "viewport":
            if "".join(given.split()) != _VIEWPORT:
                yield Problem.of(
                    Kind.TEMPLATE, Code.ATTRIBUTE_REFUSED, "templates", element=name, attribute=local, asked="viewport"
                )
        elif attribute == "src":
            if not given.startswith(_CARRIED):
                yield Problem.of(Kind.TEMPLATE, Code.ADDRESS_REFUSED, "templates", address=self._quoting.address(value))
        elif attribute == "style" or (element.tag.startswith(SVG) and any(sign in value for sign in _MAY_LOAD)):
            yield from self._of_style(value)

    def _of_style(self, css: str) -> Iterator[Problem]:
        for code, what in refusals(css):
            address = self._quoting.address(what)
            if code == Code.ADDRESS_REFUSED:
                yield Problem.of(Kind.TEMPLATE, code, "templates", address=address)
            elif code == Code.IMPORT_REFUSED:
                yield Problem.of(Kind.TEMPLATE, code, "templates", address=address, name=address.rpartition("/")[2])
            elif code == Code.STYLE_BROKEN:
                yield Problem.of(Kind.TEMPLATE, code, "templates")
            else:
                name = self._quoting.name(what.removesuffix("()"))
                yield Problem.of(Kind.TEMPLATE, code, "templates", what=name + "()" * what.endswith("()"), asked=name)


def _has_words(heading: Element) -> bool:
    pictured = "".join(picture.attrib.get("alt", "") for picture in heading.iter(f"{HTML}img"))
    return bool((words(heading) + pictured).strip())
