"""A composed page and what it was made from -> a Problem for whatever it lost, loads or runs."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from markupsafe import Markup

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.letters import plain
from handouts.records import PageText

_RUNS = frozenset(("script", "iframe", "frame", "object", "embed", "applet", "form", "base", "portal"))
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LOADS = frozenset(("src", "srcset", "poster", "data", "background", "action", "formaction", "xlink:href"))
_CARRIED = ("data:", "cid:")
"""A sheet carries its pictures in itself, a message beside itself (RFC 2392); a PDF refuses the latter."""
_SAFE_LINKS = ("https:", "mailto:", "tel:", "#")
_CSS_ADDRESS = re.compile(r"url\(\s*+['\"]?+(?!data:|#)([^'\")]*)|@import\s+(?:url\()?['\"]?([^'\";)]*)", re.IGNORECASE)
_NOT_READ = re.compile(r"<(style|title)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)


def losses(html: str, contents: Sequence[PageText]) -> Iterator[Problem]:
    """Yield a Problem that names each part of the sheet with a text that the page does not hold.

    Templates belong to clinics; a warning that one of them leaves out must stop the sheet.
    """
    text = plain(Markup(_NOT_READ.sub("", html)).striptags())  # noqa: S704 - only to take the marks out
    lost = {wanted.name for wanted in contents if not (letters := plain(wanted.text)) or letters not in text}
    if lost:
        yield Problem.of(Kind.TEMPLATE, Code.SHEET_LOSES, "templates", names=", ".join(sorted(lost)))


def dangers(html: str, script: str = "") -> Iterator[Problem]:
    """Yield a Problem for each thing in the page that would run, send or load something, or is a heading without words.

    `script` is the text of the one script that may run: once, and word for word.
    """
    reader = _Reader(script)
    reader.feed(html)
    reader.close()
    for address in dict.fromkeys(reader.addresses):
        yield Problem.of(Kind.TEMPLATE, Code.ADDRESS_REFUSED, "templates", address=address[:80])
    for address in dict.fromkeys(reader.imports):
        values = {"address": address[:80], "name": address[:80].rpartition("/")[2]}
        yield Problem.of(Kind.TEMPLATE, Code.IMPORT_REFUSED, "templates", **values)
    for what in dict.fromkeys(reader.runs):
        yield Problem.of(Kind.TEMPLATE, Code.MUST_NOT_RUN, "templates", what=what)
    for level in dict.fromkeys(reader.wordless):
        values = {"heading": level}
        yield Problem.of(Kind.TEMPLATE, Code.HEADING_WITHOUT_WORDS, "templates", **values)


class _Reader(HTMLParser):
    """Notes what a page would run, which addresses it would load, and which of its headings have no words."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self._allowed = script
        self._script: str | None = None
        self.runs: list[str] = []
        self.addresses: list[str] = []
        self.imports: list[str] = []
        self.wordless: list[str] = []
        self._heading: str | None = None
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Look at one element and its attributes."""
        if tag in _HEADINGS:
            self._heading = ""
        elif tag == "img" and self._heading is not None:
            self._heading += dict(attrs).get("alt") or ""
        self._in_style = tag == "style"
        if tag == "link":
            self.addresses += [value or "" for name, value in attrs if name == "href"]
            return
        if tag == "script" and not attrs and self._script is None:
            self._script = ""
            return
        if tag in _RUNS:
            self.runs.append(tag)
            return
        for name, given in attrs:
            value = (given or "").strip()
            if name.startswith("on"):
                self.runs.append(name)
            elif name == "http-equiv" and value.lower() == "refresh":
                self.runs.append("refresh")
            elif name in _LOADS and not value.lower().startswith(_CARRIED):
                self.addresses.append(value)
            elif name == "href" and tag in ("a", "area") and not value.lower().startswith(_SAFE_LINKS):
                self.runs.append(value.partition(":")[0] + ":" if ":" in value else value)
            elif name == "style":
                self._style(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave a <style>, or a <script>, which is allowed once."""
        if tag == "style":
            self._in_style = False
        elif tag in _HEADINGS:
            self._leave_heading(tag)
        elif tag == "script":
            self._leave_script()

    def _leave_heading(self, tag: str) -> None:
        if self._heading is not None and not self._heading.strip():
            self.wordless.append(f"<{tag}>")
        self._heading = None

    def close(self) -> None:
        """Leave a <script> that does not end."""
        super().close()
        self._leave_script()

    def _leave_script(self) -> None:
        if self._script is not None and (not self._script or self._script != self._allowed):
            self.runs.append("script")
        elif self._script is not None:
            self._allowed = ""
        self._script = None

    def handle_data(self, data: str) -> None:
        """Look at the text of a <style> or <script>."""
        if self._script is not None:
            self._script += data
        if self._in_style:
            self._style(data)
        if self._heading is not None:
            self._heading += data

    def _style(self, text: str) -> None:
        found = _CSS_ADDRESS.findall(text)
        self.addresses += [address for address, _ in found if address]
        self.imports += [imported for _, imported in found if imported]
