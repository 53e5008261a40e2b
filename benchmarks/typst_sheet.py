"""A composed sheet -> the same sheet for Typst: its words, tables, pictures and fonts, and a place for each value.

The sheet's own HTML is read, so that no word is lost or old. What differs between the sheets of two patients is a
value; all else stands in the source, which Typst reads once.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes
from xml.etree.ElementTree import Element

from handouts.page_tree import HTML, page_tree
from handouts.records import ComposedHandout, Paper

LOOK: Final = Path(__file__).with_suffix(".typ")
WHOLE: Final = "whole.typ"
PAPERS: Final = {Paper.A4: "a4", Paper.LETTER: "us-letter"}
_SPACE = re.compile(r"[ \n]+")
_ADDRESS = re.compile(r"data:[^;,]*(;base64)?,([^)\"']*)")
_CUSTOM = re.compile(r"--(\w+): ([^;]+);")
_FAMILIES = re.compile(r"html \{ font-family: ([^;]+); \}")
_FOOT = re.compile(r"@bottom-(left|right) \{ content:((?:\s*(?:\"[^\"]*\"|counter\(pages?\)))+)")
_PIECE = re.compile(r"\"([^\"]*)\"|counter\((pages?)\)")
_WIDTH = re.compile(r"^\.(?:(\w+) col|(column))\.([\w-]+) \{ width: ([\d.]+(?:%|mm));", re.MULTILINE)
_HALF = "49.2%"


class UnknownMarkupError(Exception):
    """The sheet has an element that would be left out: the contents would not be the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypstSheet:
    """A folder with a sheet's source for Typst, and the places of the texts that are a patient's values."""

    folder: Path
    places: tuple[int, ...]

    def of(self, html: str) -> bytes:
        """Return the source that makes the sheet of the patient whose composed HTML this is.

        The values are an argument: as `sys_inputs`, which all of a source may look at, they would cost Typst what it
        remembers of the sheet before (18 ms in place of 8, English, measured on 2026-11-28).
        """
        found = _texts(_body(page_tree(html)))
        values = "".join(f'"{place}": {_quoted(found[place][2].strip())}, ' for place in self.places)
        return f'#import "{WHOLE}": whole\n#whole(({values}))\n'.encode()


def written(one: ComposedHandout, other: ComposedHandout, folder: Path) -> TypstSheet:
    """Write the source of a sheet, given as that of two patients who share no value; its pictures go beside it.

    Raises UnknownMarkupError for what would be left out.
    """
    first, second = _texts(_body(page_tree(one.html))), _texts(_body(page_tree(other.html)))
    if len(first) != len(second):
        raise UnknownMarkupError("the sheets of two patients differ by more than their values")
    places = tuple(place for place, pair in enumerate(zip(first, second, strict=True)) if pair[0][2] != pair[1][2])
    (folder / LOOK.name).write_bytes(LOOK.read_bytes())
    (folder / WHOLE).write_text(_Writing(one, frozenset(places), folder).source(), encoding="utf-8")
    return TypstSheet(folder=folder, places=places)


def _body(page: Element) -> Element:
    body = page.find(f"{HTML}body")
    assert body is not None
    return body


def _texts(element: Element) -> list[tuple[Element, bool, str]]:
    """Return each text in order, with the element that it opens, or follows (True)."""
    found = [(element, False, element.text or "")]
    for child in element:
        found += _texts(child)
        found.append((child, True, child.tail or ""))
    return found


def _quoted(text: str) -> str:
    """Return a string of Typst's, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _array(pieces: Iterable[str]) -> str:
    return "(" + "".join(f"{piece}, " for piece in pieces) + ")"


def _is(element: Element, name: str) -> bool:
    return element.tag == HTML + name


def _classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def _inside(element: Element, name: str) -> Iterator[Element]:
    return element.iter(HTML + name)


class _Writing:
    """Writes one sheet as an expression of Typst."""

    def __init__(self, composed: ComposedHandout, places: frozenset[int], folder: Path) -> None:
        self._composed, self._folder = composed, folder
        self._page = page_tree(composed.html)
        self._places = {
            (element, is_tail): place
            for place, (element, is_tail, _) in enumerate(_texts(_body(self._page)))
            if place in places
        }
        custom = dict(_CUSTOM.findall(composed.html))
        self._widths = {
            (table or columns, name): width for table, columns, name, width in _WIDTH.findall(composed.html)
        }
        self._brand, self._tint = (f"rgb({_quoted(custom[name])})" for name in ("primary", "tint"))

    def source(self) -> str:
        """Return the whole source."""
        page, html = self._page, self._composed.html
        families = _FAMILIES.search(html)
        assert families is not None
        fonts = _array(_quoted(name.strip(' "')) for name in families[1].split(",") if name.strip() != "sans-serif")
        feet = {side: _array(map(_foot_piece, _PIECE.finditer(content))) for side, content in _FOOT.findall(html)}
        names = {element.get("name"): element.get("content", "") for element in _inside(page, "meta")}
        title = "".join(element.text or "" for element in _inside(page, "title"))
        # In reading order: Typst lays the first column at the right where the text runs from there.
        left, right = ("right", "left") if page.get("dir") == "rtl" else ("left", "right")
        return f"""#import "{LOOK.name}": *
#let whole(values) = {{
let v(place) = values.at(place)
show: sheet.with(
  title: {_quoted(title)}, author: {_quoted(names["author"])}, language: {_quoted(page.get("lang", "").split("-")[0])},
  direction: {page.get("dir")}, fonts: {fonts}, paper: {_quoted(PAPERS[self._composed.paper])},
  left-foot: page-of({feet[left]}), right-foot: page-of({feet[right]}),
)
{chr(10).join(self._blocks(_body(page)))}
}}
"""

    def _blocks(self, element: Element) -> Iterator[str]:
        """Yield the blocks of an element, each an expression."""
        for child in element:
            if isinstance(child.tag, str):
                yield from self._block(child)

    def _block(self, element: Element) -> Iterator[str]:
        tag, classes = str(element.tag).removeprefix(HTML), _classes(element)
        match tag, classes:
            case ("main", _) | ("div", ["help-line" | "where-to-go"]):
                yield from self._blocks(element)
            case "header", _:
                (logo,) = _inside(element, "img")
                reach = "".join(f"block({self._flow(line)})\n" for line in _inside(element, "p"))
                width = re.sub(r"width: ([\d.]+mm)", r"\1", logo.get("style", ""))
                alternative = _quoted(logo.get("alt", ""))
                picture = f"image({self._picture(logo.get('src', ''))}, width: {width}, alt: {alternative})"
                yield f"head({self._brand}, {picture}, {{\n{reach}}})"
            case "footer", _:
                lines = (line for line in element if "on-screen" not in _classes(line))
                yield from (f"closing({self._flow(line)})" for line in lines)
            case "h1", _:
                yield f"headline({self._brand}, {self._flow(element)})"
            case "p", ["summary" | "for-staff", *_]:
                yield f"summary({self._flow(element)})"
            case "p", ["big"]:
                yield f"big({self._brand}, {self._flow(element)})"
            case "p", _:
                yield f"block({self._flow(element)})"
            case "ul", _:
                yield from self._list(element)
            case "div", ["columns"]:
                yield self._columns(element)
            case "table", [("details" | "rows" | "ticks") as kind, *_]:
                yield self._table(element, kind)
            case "section", ["panel", kind, *_]:
                yield self._panel(element, kind)
            case _:
                raise UnknownMarkupError(f"<{tag} class={' '.join(classes)}>")

    def _panel(self, section: Element, kind: str) -> str:
        heading, *rest = [child for child in section if isinstance(child.tag, str)]
        if not _is(heading, "h2"):
            heading, rest = Element("none"), [heading, *rest]
            title = "none"
        else:
            title = f"subheading({self._brand}, {_quoted(kind)}, {self._flow(heading)})"
        body = "\n".join(block for child in rest for block in self._block(child))
        return f"panel({self._brand}, {self._tint}, {_quoted(kind)}, {title}, {{\n{body}\n}})"

    def _columns(self, element: Element) -> str:
        widths = (self._width("column", column, _HALF) for column in element)
        parts = ", ".join(f"{{\n{chr(10).join(self._blocks(column))}\n}}" for column in element)
        return f"columns-of({_array(widths)}, {parts})"

    def _list(self, element: Element) -> Iterator[str]:
        plain = [item for item in element if "shown" not in _classes(item)]
        has_bullets = not any(_classes(one)[:1] == ["days"] for one in element.iter())
        for item in element:
            if item not in plain:
                yield f"pictured-item({self._flow(item)})"
            elif not has_bullets:
                yield f"block({self._flow(item)})"
        if plain and has_bullets:
            yield f"list({', '.join(self._flow(item) for item in plain)})"

    def _table(self, table: Element, kind: str) -> str:
        columns = (self._width(kind, column, "1fr") for column in _inside(table, "col"))
        heads = [self._cell(cell, kind) for head in _inside(table, "thead") for row in head for cell in row]
        cells = [self._cell(cell, kind) for body in _inside(table, "tbody") for row in body for cell in row]
        colour = {"details": f"{self._tint}, ", "rows": f"{self._brand}, "}.get(kind, "")
        header = f"{_array(heads)}, " if heads else ""
        return f"{kind}({colour}{_array(columns)}, {header}{', '.join(cells)})"

    def _width(self, kind: str, column: Element, otherwise: str) -> str:
        """Return the width that the sheet's style gives a column of a kind of table, or of blocks ("column")."""
        named = (self._widths[kind, name] for name in _classes(column) if (kind, name) in self._widths)
        return next(named, otherwise)

    def _cell(self, cell: Element, kind: str) -> str:
        content = self._flow(cell)
        if "patient" in [name for one in cell for name in _classes(one)] or "when" in _inner_classes(cell):
            content = f"strong({content})"
        elif (kind == "details" and _is(cell, "th")) or (kind == "rows" and cell.get("scope") == "col"):
            content = f"label({content})"
        if cell.get("colspan"):
            return f"table.cell(colspan: {cell.get('colspan')}, {content})"
        return content

    def _flow(self, element: Element) -> str:
        """Return what stands in an element, lines for its blocks."""
        is_line = _is(element, "p")
        pieces = [*(self._turned(element) if is_line else self._pieces(element))]
        while pieces and pieces[0] in ('" "', "linebreak()"):
            pieces.pop(0)
        while pieces and pieces[-1] in ('" "', "linebreak()"):
            pieces.pop()
        return " + ".join(pieces) or "[]"

    def _pieces(self, element: Element) -> Iterator[str]:
        yield from self._text(element, is_tail=False)
        for child in element:
            yield from self._inline(child)
            yield from self._text(child, is_tail=True)

    def _text(self, element: Element, *, is_tail: bool) -> Iterator[str]:
        text = _SPACE.sub(" ", (element.tail if is_tail else element.text) or "")
        if (element, is_tail) in self._places:
            yield f"v({_quoted(str(self._places[element, is_tail]))})"
        elif text:
            yield _quoted(text)

    def _inline(self, element: Element) -> Iterator[str]:
        tag, classes = str(element.tag).removeprefix(HTML), _classes(element)
        match tag, classes:
            case "strong", _:
                yield f"strong({' + '.join(self._pieces(element))})"
            case "a", _:
                yield f"link({_quoted(element.get('href', ''))}, {' + '.join(self._turned(element))})"
            case "br", _:
                yield "linebreak()"
            case "span", ["icon"]:
                yield f"icon({self._picture(element.get('style', ''))})"
                yield "h(0.4em)"
            case "span", ["tick"]:
                yield "tick"
            case "span", _:
                yield from self._turned(element)
            case (("div" | "p"), _):
                yield from () if "dates" in classes else ("linebreak()",)
                yield from self._turned(element)
            case _:
                raise UnknownMarkupError(f"<{tag} class={' '.join(classes)}>")

    def _turned(self, element: Element) -> Iterator[str]:
        """Yield what stands in an element, in a box of its own where that has a direction of its own."""
        direction = element.get("dir")
        if direction in (None, self._page.get("dir")):
            yield from self._pieces(element)
        else:
            yield f"box(text(dir: {direction}, {' + '.join(self._pieces(element)) or '[]'}))"

    def _picture(self, text: str) -> str:
        """Write the picture that an attribute carries, and return its name as a string of Typst's."""
        found = _ADDRESS.search(text)
        assert found is not None
        data = b64decode(found[2]) if found[1] else unquote_to_bytes(found[2])
        ending = "png" if data.startswith(b"\x89PNG") else "svg"
        name = f"{sha256(data).hexdigest()[:16]}.{ending}"
        (self._folder / name).write_bytes(data)
        return _quoted(name)


def _inner_classes(element: Element) -> list[str]:
    return [name for one in element.iter() for name in _classes(one)]


def _foot_piece(found: re.Match[str]) -> str:
    return _quoted(found[2] or found[1])
