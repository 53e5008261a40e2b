"""Laid-out pages and the probes on them -> the place of each value, or what keeps a value from a field of its own.

A field is a block that holds one value and nothing else, whose size and place no value can change: then a page with
other values is the same page but for the words in its fields.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.codes import Code
from handouts.typesetting.engine import boxes, is_generated, lines, strut

_NEAR = 1e-6
_PLAIN = {
    "text_decoration_line": "none",
    "text_transform": "none",
    "letter_spacing": "normal",
    "word_spacing": 0,
    "white_space": "normal",
    "text_overflow": "clip",
    "block_ellipsis": "none",
    "visibility": "visible",
}
"""What the style of a value must be; each of these properties would make more of a line than its glyphs."""
_FITTED = {boxes.FlexContainerBox: "flex", boxes.GridContainerBox: "grid", boxes.MarginBox: "position: running"}
"""Boxes that size what is in them by how much it needs, and the word of a style that makes one."""


class NoField(Exception):
    """A value stands where another would change more than its own words.

    `code` says how, `what` names the element around it, `style` the property or its value that makes it so, or "".
    """

    def __init__(self, code: Code, value: int, what: str, style: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.what = what
        self.style = style


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Place:
    """Where a value stands. Lengths are in CSS pixels from the page's upper left; `value` counts from 0.

    `top` is the line's, `height` the least height of its block, `line_height` what a line takes of it, `baseline` where
    the lowest baseline of the boxes around the text lies below `top`. `is_free` says that a text of other metrics, from
    another font, moves nothing else.
    """

    value: int
    page: int
    box: Any
    left: float
    width: float
    top: float
    height: float
    line_height: float
    baseline: float
    align: str
    from_right: bool
    is_free: bool


def places(document: Any, probes: Sequence[str]) -> tuple[Place, ...]:
    """Return the place of each probe, page by page; one may have none or several. Raises NoField."""
    index = {probe: number for number, probe in enumerate(probes)}
    any_probe = re.compile("|".join(map(re.escape, probes)) or "(?!)", re.IGNORECASE)
    return tuple(_places(document, index, any_probe))


def _places(document: Any, index: dict[str, int], any_probe: re.Pattern[str]) -> Iterator[Place]:
    for number, page in enumerate(document.pages):
        for _, label, _, _ in page.bookmarks:
            if found := any_probe.search(label):
                raise NoField(Code.VALUE_IN_HEADING, _value(found[0], index), "")
        for box, around in lines(page):
            found = any_probe.search(box.text)
            if found is not None:
                if found[0] not in index:
                    raise _styled(_value(found[0], index), box, "text-transform")
                value = index[found[0]]
                if box.text != found[0] or is_generated(box):
                    raise NoField(Code.VALUE_NOT_ALONE, value, _name(around))
                yield _place(value, number, box, around)


def _value(found: str, index: dict[str, int]) -> int:
    """Return which value a probe stands for, in whatever case a style has set it."""
    return next(value for probe, value in index.items() if probe.casefold() == found.casefold())


def _place(value: int, page: int, box: Any, around: Sequence[Any]) -> Place:
    first = max(place for place, outer in enumerate(around) if isinstance(outer, boxes.LineBox))
    line, block, inner = around[first], around[first - 1], around[first:]
    _check_alone(value, box, block, inner)
    _check_style(value, box, line)
    free = [_is_free(value, outer, below) for outer, below in zip(around, (*around[1:first], line), strict=False)]
    height, _ = strut(box.style)
    return Place(
        value=value,
        page=page,
        box=box,
        left=block.content_box_x(),
        width=block.width,
        top=line.position_y,
        height=block.height,
        line_height=height,
        baseline=max(strut(outer.style)[1] for outer in (*inner, box)),
        align=_alignment(value, line, block),
        from_right=block.style["direction"] == "rtl",
        is_free=all(free) and block.style["height"] == "auto" and block.min_height >= block.height - _NEAR,
    )


def _check_alone(value: int, box: Any, block: Any, inner: Sequence[Any]) -> None:
    """Raise NoField where something else is in the value's block, or has room beside it."""
    for outer in (block, *inner):
        beside = isinstance(outer, boxes.InlineBox) and outer.margin_width() != box.width
        if len(outer.children) != 1 or beside:
            parts = (child.element_tag.rpartition("::")[2] for child in outer.children if is_generated(child))
            raise NoField(Code.VALUE_NOT_ALONE, value, _name((block,)), "".join(f"::{part}" for part in parts))
    for within in (*inner[1:], box):
        if within.style["vertical_align"] != "baseline":
            raise _styled(value, within, "vertical-align")


def _check_style(value: int, box: Any, line: Any) -> None:
    for name, plain in _PLAIN.items():
        found = box.style[name]
        if found != plain and not (isinstance(plain, int) and not found):
            raise _styled(value, box, name.removesuffix("_line").replace("_", "-"))
    if line.style["text_indent"].value:
        raise _styled(value, line, "text-indent")


def _alignment(value: int, line: Any, block: Any) -> str:
    """Return "start", "center" or "end"."""
    last = line.style["text_align_last"]
    align = line.style["text_align_all"] if last == "auto" else last
    if align in ("left", "right"):
        return "start" if (align == "left") == (block.style["direction"] == "ltr") else "end"
    if align == "justify":
        raise _styled(value, block, "text-align")
    return str(align)


def _is_free(value: int, box: Any, below: Any) -> bool:
    """Return whether the height of a line's parts inside a box moves nothing beside it.

    Raises NoField for a box whose width, or whose children's, is by what they hold.
    """
    style = box.style
    if fitted := next((word for kind, word in _FITTED.items() if isinstance(box, kind)), ""):
        raise _sized(value, box, fitted)
    shrunk = (
        "inline-block" if isinstance(box, boxes.InlineBlockBox)
        else "float" if style["float"] != "none"
        else "absolute" if style["position"] == "absolute"
        else ""
    )  # fmt: skip
    if shrunk and style["width"] == "auto":
        raise _sized(value, box, shrunk)
    if isinstance(box, boxes.TableBox) and style["table_layout"] != "fixed":
        raise _sized(value, box, "table-layout")
    if isinstance(box, boxes.TableRowBox) and len(box.children) > 1:
        return str(getattr(below, "vertical_align", "baseline")) != "baseline"
    return not (isinstance(box, boxes.InlineBlockBox) and style["vertical_align"] not in ("top", "bottom"))


def _styled(value: int, box: Any, style: str) -> NoField:
    return NoField(Code.VALUE_STYLED, value, _name((box,)), style)


def _sized(value: int, box: Any, style: str) -> NoField:
    return NoField(Code.VALUE_SIZES, value, _name((box,)), style)


def _name(around: Iterable[Any]) -> str:
    """Return the innermost element as a style would choose it, such as th.when."""
    element = next((box.element for box in reversed(tuple(around)) if box.element is not None), None)
    if element is None:
        return "@page"
    names = element.get("class", "").split()
    return ".".join((element.tag.rpartition("}")[2], *names))
