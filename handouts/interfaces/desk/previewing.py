"""A wish -> the real sheet as pictures of its pages and as text, the dates on it, and what is wrong with it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from handouts.composition import Wording
from handouts.errors import Problem, each_once
from handouts.interfaces.desk.wishing import Wish
from handouts.languages import language
from handouts.press import PreparedJob, Press
from handouts.records import Format
from handouts.typesetting.page_dots import page_dots, png

_BLANK_NAME = "– – – – –"
"""What stands for a name that is not typed yet, as on a form of paper: strokes that lie on nothing."""
_WIDEST, _NARROWEST = 2400, 400
"""Dots across a page: a wide screen with four dots to a pixel, and a narrow one."""
_COLOURS = 64
"""Of a page's picture: two colours of a clinic and the greys between ink and paper."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One waiting period as the sheet has it: how long and until when, in the staff's language, and who set it."""

    id: str
    long: str
    until: str
    set_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """One sheet as it would be handed out. `pages` are PNG files."""

    pages: tuple[bytes, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    laid_out: str

    def as_data(self) -> dict[str, Any]:
        """Return it for the page's script, but for its problems."""
        return {
            "pages": [base64.b64encode(page).decode("ascii") for page in self.pages],
            "rows": {row.id: {"long": row.long, "until": row.until, "setBy": row.set_by} for row in self.rows},
            "laidOut": self.laid_out,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class LookAt:
    """Makes a preview for staff who read the language `tag`; each page is `width` dots across."""

    wish: Wish
    now: datetime
    tag: str
    width: int

    def __call__(self, press: Press) -> Preview:
        """Return the preview; raise InputError with every Problem."""
        prepared, warnings = press.check(_named(self.wish).job(self.now))
        sheet = press.sheet_of(prepared.checked)
        return Preview(
            pages=tuple(_pictures(sheet.data, self.width)),
            rows=tuple(_rows(prepared, self.tag)),
            problems=each_once((*warnings, *sheet.problems)),
            laid_out=str(sheet.laid_out or ""),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One piece of a sheet's text: `kind` is the HTML element that it stands in, `lang` and `dir` its own."""

    kind: str
    lang: str
    dir: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOut:
    """Reads a sheet's every word, for who listens to it."""

    wish: Wish
    now: datetime

    def __call__(self, press: Press) -> tuple[Passage, ...]:
        """Return the sheet's text in its order; raise InputError with every Problem."""
        composed, _ = press.compose(_named(self.wish).job(self.now, Format.HTML))
        reader = _Reader()
        reader.feed(composed[0].html)
        reader.close()
        return tuple(reader.passages)


def _named(wish: Wish) -> Wish:
    """Return the wish with a line to write on in place of a name that is not there yet."""
    name = wish.value("patient.name")
    if isinstance(name, str) and name.strip():
        return wish
    others = (detail for detail in wish.details if detail[0] != "patient.name")
    return replace(wish, details=(("patient.name", _BLANK_NAME), *others))


def _pictures(pdf: bytes, width: int) -> Iterator[bytes]:
    across = min(max(width, _NARROWEST), _WIDEST)
    for page in page_dots(pdf, lambda points: across / points):
        yield png(page.dots.to_pil().quantize(_COLOURS, method=2))


def _rows(prepared: PreparedJob, tag: str) -> Iterator[Row]:
    wording = Wording(language(tag, prepared.branding.country), {})
    for row in prepared.sheets[0][0].schedule.rows:
        if row.duration is None or row.moment is None:
            continue
        yield Row(
            id=row.id,
            long=wording.duration(row.duration),
            until=wording.day_and_time(row.moment),
            set_by=str(row.set_by),
        )


_WITHIN = frozenset(("h1", "h2", "h3", "h4", "p", "li", "td", "th", "dt", "dd", "caption", "figcaption", "summary"))
_UNSEEN = frozenset(("style", "script", "title", "template"))
_VOID = frozenset(("br", "img", "input", "meta", "link", "hr", "col", "wbr", "source"))


class _Reader(HTMLParser):
    """Gathers an HTML page's passages: what stands in one element that is read as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[Passage] = []
        self._open: list[tuple[str, str, str]] = [("p", "", "")]
        self._kind = "p"
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _WITHIN or tag in ("div", "section", "table", "tr", "ul", "ol"):
            self._end()
        if tag in _VOID:
            self._text.append(f" {given.get('alt') or ''} ")
            return
        _, lang, direction = self._open[-1]
        self._open.append((tag, given.get("lang") or lang, given.get("dir") or direction))
        if tag in _WITHIN:
            self._kind = tag

    def handle_endtag(self, tag: str) -> None:
        if tag in _WITHIN or tag in ("div", "section", "table", "tr", "ul", "ol"):
            self._end()
        while len(self._open) > 1 and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(name in _UNSEEN for name, _, _ in self._open):
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        text = " ".join("".join(self._text).split())
        if text:
            _, lang, direction = self._open[-1]
            self.passages.append(Passage(kind=self._kind, lang=lang, dir=direction, text=text))
        self._text.clear()
        self._kind = "p"
