"""A rendered page -> the same page with a policy by which a browser loads and runs nothing, and its tree."""

import base64
import hashlib
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.page_tree import HTML, elements, page_tree, styles, text_of

_HEAD = re.compile(r"<head(?:\s[^<>]*+)?>", re.IGNORECASE)
_NOT_UNICODE = re.compile("[\x00\ud800-\udfff]")
_OWN = (
    '\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    '\n<meta name="referrer" content="no-referrer">'
)
"""The encoding comes first: browsers look for it among the first 1,024 bytes alone, and it loads nothing."""


_LOADS_OF_A_MESSAGE = ("script", "connect", "font", "media", "object", "frame", "worker", "manifest")


def guarded(html: str, policy: Callable[[Element], str]) -> tuple[str, Element]:
    """Return the page with its policy, and the tree of the page without it.

    Nothing that a template writes stands before the policy; a second one could only forbid more (CSP 3, 8.1). Raises
    InputError for a page that has no <head> of its own or something before it, or that is no text.
    """
    if odd := _NOT_UNICODE.search(html):
        character = f"U+{ord(odd[0]):04X}"
        raise InputError.of(Kind.TEMPLATE, Code.FOREIGN_CHARACTER, "templates", character=character)
    start = _HEAD.search(html)
    if start is None:
        raise InputError([_NO_HEAD])
    before, behind = html[: start.end()], html[start.end() :]
    page = page_tree(before + _OWN.format(policy="") + behind)
    head = page[0]
    if head.tag != f"{HTML}head" or [_given(one) for one in head[:3]] != _GIVEN:
        raise InputError([_NO_HEAD])
    del head[:3]
    return before + _OWN.format(policy=policy(page)) + behind, page


def sheet_policy(page: Element, script: str) -> str:
    """Return the policy of a sheet: its own pictures and fonts, its own styles word for word, and `script` if any."""
    attributes = {element.attrib["style"] for element in elements(page) if "style" in element.attrib}
    hashes = sorted({_hash(text) for text in (*map(text_of, styles(page)), *attributes)})
    style = " ".join((*(("'unsafe-hashes'",) if attributes else ()), *hashes)) or "'none'"
    allowed = f"default-src 'none'; img-src data:; font-src data:; style-src {style}"
    if script:
        allowed += f"; script-src {_hash(script)}"
    return f"{allowed}; base-uri 'none'; form-action 'none'"


def mail_policy(_page: Element) -> str:
    """Return the policy of an email, which says nothing of pictures.

    Mail programs give the picture beside the message an address of their own, which no policy can name beforehand.
    """
    loads = "".join(f"{what}-src 'none'; " for what in _LOADS_OF_A_MESSAGE)
    return f"{loads}style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _given(element: Element) -> tuple[object, dict[str, str]]:
    return element.tag, element.attrib


_GIVEN = [
    (f"{HTML}meta", {"charset": "utf-8"}),
    (f"{HTML}meta", {"http-equiv": "Content-Security-Policy", "content": ""}),
    (f"{HTML}meta", {"name": "referrer", "content": "no-referrer"}),
]
_NO_HEAD = Problem.of(Kind.TEMPLATE, Code.PAGE_WITHOUT_HEAD, "templates")
