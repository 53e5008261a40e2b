"""The text of a page -> its tree by the rules of browsers (HTML5), its words and its styles."""

import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

import tinyhtml5
from tinyhtml5 import inputstream

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"

_NOT_READ = frozenset((f"{HTML}head", f"{HTML}style", f"{HTML}script", f"{SVG}title", f"{SVG}desc"))


class _Patterns(dict[tuple[Collection[str], bool], re.Pattern[str]]):
    """Finds the pattern of one or more characters of a set, or outside it.

    tinyhtml5 2.1 keeps each under itself in place of the set and makes it again: 4 of 11 ms (measured 2026-11-28).
    """

    def __missing__(self, key: tuple[Collection[str], bool]) -> re.Pattern[str]:
        """Return and remember the pattern as tinyhtml5 makes it; the second of the key says “of the set”."""
        characters, is_of_set = key
        codes = "".join(f"\\x{ord(character):02x}" for character in characters)
        pattern = self[key] = re.compile(f"[{'' if is_of_set else '^'}{codes}]+")
        return pattern


inputstream.characters_until_regex = _Patterns()


def page_tree(html: str) -> Element:
    """Return the page's <html>, each element and attribute with its namespace.

    Comments are elements too; their `tag` is no text.
    """
    root: Element = tinyhtml5.parse(html)
    return root


def elements(page: Element) -> Iterator[Element]:
    """Yield the elements of a page in their order, without its comments."""
    return (element for element in page.iter() if isinstance(element.tag, str))


def words(page: Element) -> str:
    """Return the text that stands on a page, with a line break for each <br>.

    None of a comment, an attribute, the head, a style or a script counts, and none of what a drawing says of itself.
    """
    found: list[str] = []
    waiting: list[Element | str] = [page]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one.tag, str) and one.tag not in _NOT_READ:
            for child in reversed(one):
                waiting += (child.tail or "", child)
            waiting.append("\n" if one.tag == f"{HTML}br" else one.text or "")
    return "".join(found)


def styles(page: Element) -> Iterator[Element]:
    """Yield the page's <style> elements, in a tree that names the namespace of HTML or one that leaves it out."""
    return (element for element in elements(page) if element.tag in (f"{HTML}style", "style"))


def text_of(element: Element) -> str:
    """Return the text of a <style> or <script>, which hold nothing else."""
    return element.text or ""
