"""WeasyPrint's tags of a page -> tags that PDF/UA-1 allows, and what of a clinic's template no tag can make right.

WeasyPrint 70 builds each tag by one function that calls itself by its global name, so one wrapper sees every element,
children before parents; tests/test_clinic_templates.py asks veraPDF.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.typesetting.engine import Dictionary, String, Work, placed, wrap

_HEADING = re.compile("/H([1-6])")
_ROW_GROUPS = ("/THead", "/TBody", "/TFoot")
_INSIDE = {"/L": ("/L", "/LI", "/Caption"), "/Table": ("/TR", "/Caption", *_ROW_GROUPS)}
"""What alone may stand in a list and in a table (ISO 32000-1, 14.8.4.3)."""
_ONLY_INSIDE = {"/LI": ("/L",), "/TR": ("/Table", *_ROW_GROUPS)}
_ALONE = {"/LI": "li", "/TR": "tr"}
"""And what may stand nowhere else."""
_HOLDS_TEXT = frozenset(("/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/Lbl", "/LBody", "/TH", "/TD", "/Span"))
"""What may hold text by itself: it is no grouping element (14.8.4.2), nor a list or a table."""
_FIRST_PIECE = -1
"""The number of an object that is none, for the first piece of a page's text; the others' lie below it."""


@dataclass(slots=True)
class _Building:
    """The tags of one document so far; `collecting_complaints` lets one document be typeset at a time."""

    heading: int = 0
    links: list[Any] = field(default_factory=list)
    kinds: dict[bytes, str] = field(default_factory=dict)
    children: dict[bytes, list[bytes]] = field(default_factory=dict)
    spans: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    cells: dict[bytes, tuple[Any, str]] = field(default_factory=dict)
    faults: dict[tuple[Code, str], None] = field(default_factory=dict)


_building = _Building()


def forget_structure() -> None:
    """Begin a document."""
    global _building  # noqa: PLW0603 - WeasyPrint's function takes no argument of ours
    _building = _Building()


def structure_problems(source: str) -> Iterator[Problem]:
    """Yield a Problem for each kind of element of the document that a screen reader could not follow, by its name."""
    for code, element in _building.faults:
        yield Problem.of(Kind.TEMPLATE, code, source, element=element)


def make_accessible() -> None:
    """Wrap WeasyPrint's tag builder; done once, by typesetter.py."""
    wrap(Work.BUILD_TAGS, _wrapped)


def _wrapped(build: Any) -> Any:
    def build_accessibly(box: Any, parent: Any, pdf: Any, page_number: int, *rest: Any) -> Iterator[Any]:
        inner = placed(box)
        links = _building.links
        link = parent if parent.get("S") == "/Link" else links[-1] if links else None
        _move_annotation(inner, link, pdf, page_number, rest[1])
        links.append(link)
        objects = pdf if isinstance(pdf, _Objects) else _Objects(pdf)
        try:
            built = tuple(build(box, parent, objects, page_number, *rest))
        finally:
            links.pop()
        for tag in built:
            _take_texts(tag, rest[0])
            _mark_language(tag, inner)
            _close_heading_gap(tag)
            _note(tag, inner)
            yield tag

    return build_accessibly


class _Objects:
    """A PDF whose tags are being built, without a tag for each piece of text inside one that may hold text itself.

    WeasyPrint makes a /Span of each such piece, which says nothing: 270 of a sheet's 640 tags, with 3 kB.
    """

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._kinds: dict[bytes, str] = {}
        self.page_references = pdf.page_references

    def add_object(self, thing: Any) -> None:
        """Add an object to the PDF; a tag for a piece of text only gets a reference to the piece."""
        kind, held = thing.get("S"), thing.get("K")
        if kind == "/Span" and len(held) == 1 and self._kinds.get(thing["P"]) in _HOLDS_TEXT:
            thing.number = _FIRST_PIECE - held[0]
            return
        self._pdf.add_object(thing)
        if kind is not None:
            self._kinds[thing.reference] = kind


def _take_texts(tag: Any, holders: dict[int, bytes]) -> None:
    """Let a tag hold its pieces of text itself; `holders` says of each piece on the page in which tag it is."""
    for place, child in enumerate(tag["K"]):
        if isinstance(child, bytes) and child.startswith(b"-"):
            piece = _FIRST_PIECE - int(child.partition(b" ")[0])
            tag["K"][place] = piece
            holders[piece] = tag.reference


def _move_annotation(box: Any, link: Any, pdf: Any, page_number: int, annotations: list[Any]) -> None:
    """Give what is clickable inside a link to the link's own tag: it must stand in no other (ISO 14289-1, 7.18.5).

    WeasyPrint makes a piece of its own clickable for each <strong> or picture inside an <a>.
    """
    if link is None or not box.link_annotation:
        return
    reference = Dictionary(
        {"Type": "/OBJR", "Obj": box.link_annotation.reference, "Pg": pdf.page_references[page_number]}
    )
    pdf.add_object(reference)
    link["K"].append(reference.reference)
    annotations.append((link.reference, box.link_annotation))
    box.link_annotation = None


def _mark_language(tag: Any, box: Any) -> None:
    """Write an element's lang as /Lang of its tag (ISO 32000-1, 14.9.2.2); WeasyPrint writes the document's only."""
    element = getattr(box, "element", None)
    language = None if element is None else element.get("lang")
    if language and box.element_tag not in ("html", "body") and "Lang" not in tag:
        tag["Lang"] = String(language)


def _close_heading_gap(tag: Any) -> None:
    """Tag a heading one level below the last at most: <h4> after <h2> looks as it did (ISO 14289-1, 7.4.2)."""
    heading = _HEADING.fullmatch(tag["S"])
    if heading:
        _building.heading = min(int(heading[1]), _building.heading + 1)
        tag["S"] = f"/H{_building.heading}"


def _note(tag: Any, box: Any) -> None:
    """Keep what kind of element this is, and note what it must not hold or lacks."""
    kinds, name = _building.kinds, (box.element_tag or "").rpartition("}")[2] or "div"
    references = [child for child in tag["K"] if isinstance(child, bytes)]
    children = [child for child in references if child in kinds]
    kind = kinds[tag.reference] = tag["S"]
    _building.children[tag.reference] = children
    if kind in ("/TD", "/TH"):
        _building.spans[tag.reference] = (box.colspan, box.rowspan)
        _building.cells[tag.reference] = (tag, "" if box.element is None else box.element.get("scope", "").lower())
    if kind == "/TR":
        _mark_scope(children)
    for child in children:
        if kind not in _ONLY_INSIDE.get(kinds[child], (kind,)):
            _building.faults[Code.ELEMENT_MISPLACED, _ALONE[kinds[child]]] = None
        elif kinds[child] not in _INSIDE.get(kind, (kinds[child],)):
            _building.faults[Code.ELEMENT_MISPLACED, name] = None
    if kind == "/L" and len(children) < len(references):  # Text has a tag that no builder was asked for.
        _building.faults[Code.ELEMENT_MISPLACED, name] = None
    if kind == "/Figure" and "Alt" not in tag and name == "svg":
        _building.faults[Code.SVG_WITHOUT_TITLE, name] = None
    if kind == "/Table":
        for cell, _ in _building.cells.values():
            cell["A"].pop("Headers", None)
            cell.pop("ID", None)  # By which headers are named: it would tell how many fonts the sheet has.
    if kind == "/Table" and not _is_even(tag.reference):
        _building.faults[Code.TABLE_UNEVEN, name] = None


def _mark_scope(row: list[bytes]) -> None:
    """Write which cells each header of a row is for (ISO 14289-1, 7.5).

    Where a template does not say so by scope="row" or "col", one beside data is its row's, any other its column's.

    WeasyPrint gives each cell the headers it has found instead, and finds wrong ones where some reach over several rows
    or columns; so these are left out.
    """
    beside_data = any(_building.kinds[cell] == "/TD" for cell in row)
    for cell in row:
        tag, scope = _building.cells.get(cell, (None, ""))
        if tag is not None and tag["S"] == "/TH":
            of_row = scope in ("row", "rowgroup") or (beside_data and scope not in ("col", "colgroup"))
            tag["A"]["Scope"] = "/Row" if of_row else "/Column"


def _is_even(table: bytes) -> bool:
    """Return whether all rows of a table are equally long, cells that reach over several counted in each."""
    rows: list[bytes] = []
    for child in _building.children[table]:
        group = _building.kinds[child] in _ROW_GROUPS
        rows += _building.children[child] if group else [child] if _building.kinds[child] == "/TR" else []
    reaching: dict[int, int] = {}
    lengths = set()
    for number, row in enumerate(rows):
        length = reaching.pop(number, 0)
        for cell in _building.children[row]:
            across, down = _building.spans.get(cell, (1, 1))
            length += across
            for below in range(number + 1, number + down):
                reaching[below] = reaching.get(below, 0) + across
        lengths.add(length)
    return len(lengths) <= 1
