"""The bytes of an SVG -> a clean copy that runs, moves and loads nothing, and its aspect; or what stands in the way."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.pictures.svg_style import (
    ExternalReference,
    NotDrawnAlike,
    attribute_value,
    declarations,
    is_drawn,
    stylesheet,
)
from handouts.pictures.svg_text import NotTaken, NotText, svg_text

MAXIMUM_DEPTH = 100
MAXIMUM_VECTOR_ELEMENTS = 5000
"""A picture of more elements goes onto sheets as pixels: the typesetter would take seconds for each."""
_MAXIMUM_REPORTED = 20

_SVG = "{http://www.w3.org/2000/svg}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_XLINK = "{http://www.w3.org/1999/xlink}"

_VECTOR_ELEMENTS = frozenset(
    """
    svg g path circle ellipse rect line polyline polygon defs use clipPath style
    """.split()  # noqa: SIM905 - words as the standard has them
)
"""Of these alone the typesetter's own drawing is considered; gradients fail in one viewer or another."""
_DRAWN_ELEMENTS = _VECTOR_ELEMENTS | frozenset(
    """
    symbol marker mask pattern linearGradient radialGradient stop image filter feBlend feColorMatrix
    feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
    feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset
    fePointLight feSpecularLighting feSpotLight feTile feTurbulence
    """.split()  # noqa: SIM905 - words as the standard has them
)
_SILENT_ELEMENTS = frozenset(("title", "desc", "metadata", "view", "cursor", "font", "font-face", "color-profile"))
"""What draws nothing by itself."""
_TEXT_ELEMENTS = frozenset(("text", "tspan", "textPath", "tref", "altGlyph", "flowRoot"))
_RUNNING_ELEMENTS = frozenset(
    """
    script animate animateColor animateMotion animateTransform set mpath discard handler listener iframe audio video
    canvas foreignObject
    """.split()  # noqa: SIM905 - words as the standard has them
)
_LEFT_OUT_ATTRIBUTES = ("data-", "aria-", "font-", "-", "xmlns")
_PICTURES = re.compile(r"data:image/(png|jpe?g)(?:;[\w-]+=[\w.-]+)*;base64,(.*)", re.DOTALL | re.IGNORECASE)
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
_REFERENCE = re.compile(r"url\(#([^()]++)\)|\A#(\S+)\Z")
_LENGTH = re.compile(r"\s*+([-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]{1,2})?)(px|pt|pc|mm|cm|in)?\s*")
_PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_FLATTEST = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Svg:
    """A clean SVG in UTF-8 and its width by its height; `simple` if a typesetter's own drawing may be as good."""

    data: bytes
    aspect: float
    simple: bool


def read_svg(data: bytes, kind: Kind, source: str) -> Svg:
    """Return a clean copy; raise InputError with all that must not be run or loaded, or that nobody draws alike."""
    try:
        text = svg_text(data)
    except NotText as error:
        raise InputError.of(kind, Code.SVG_ENCODING, source, error.line) from None
    except NotTaken as error:
        raise InputError.of(kind, Code.SVG_NOT_PLAIN, source, what=str(error)) from None
    root = _root(text, kind, source)
    cleaning = _Cleaning()
    clean = cleaning.clean(root)
    if cleaning.faults:
        faults = islice(dict.fromkeys(cleaning.faults), _MAXIMUM_REPORTED)
        raise InputError(Problem.of(kind, code, source, what=what[:40]) for code, what in faults)
    width, height = _size(root)
    if not (width > 0 and height > 0 and 1 / _FLATTEST < width / height < _FLATTEST):
        raise InputError.of(kind, Code.SVG_WITHOUT_SIZE, source)
    clean.attrib |= {"width": f"{width:.10g}", "height": f"{height:.10g}"}
    return Svg(data=_serialized(clean).encode(), aspect=width / height, simple=_is_simple(clean))


def _root(text: str, kind: Kind, source: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the document type, and with it every entity, is taken out
    except (ElementTree.ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ElementTree.ParseError) else None
        raise InputError.of(kind, Code.LOGO_NOT_A_PICTURE, source, line) from None
    if root.tag != f"{_SVG}svg":
        raise InputError.of(kind, Code.LOGO_NOT_A_PICTURE, source)
    return root


class _Cleaning:
    """Copies what is drawn, and notes (code, what) for each thing that stands in the way."""

    def __init__(self) -> None:
        self.faults: list[tuple[Code, str]] = []

    def clean(self, root: ElementTree.Element) -> ElementTree.Element:
        """Return a copy of the picture without namespaces in its tags, xlink:href as href."""
        whole = ElementTree.Element("svg", self._attributes(root, "svg", root=True))
        waiting = [(root, whole, 1)]
        while waiting:
            element, copy, depth = waiting.pop()
            if depth > MAXIMUM_DEPTH:
                self.faults.append((Code.SVG_NOT_DRAWN, "groups inside groups"))
                break
            copies = ((child, self._copied(child)) for child in _drawn_children(element))
            kept = [(child, copied) for child, copied in copies if copied is not None]
            copy.extend(copied for _, copied in kept)
            waiting += [(child, copied, depth + 1) for child, copied in reversed(kept) if copied.tag != "style"]
        return whole

    def _copied(self, element: ElementTree.Element) -> ElementTree.Element | None:
        """Return an element's copy without its children; None for what draws nothing, or for a fault."""
        name = element.tag.rpartition("}")[2]
        if element.tag.startswith(_XHTML):
            self.faults.append((Code.SVG_NOT_PLAIN, name))
        if not element.tag.startswith(_SVG) or name in _SILENT_ELEMENTS or "requiredExtensions" in element.attrib:
            return None
        if name in _RUNNING_ELEMENTS:
            self.faults.append((Code.SVG_NOT_PLAIN, name))
        elif name in _TEXT_ELEMENTS:
            if "".join(element.itertext()).strip():
                self.faults.append((Code.SVG_WITH_TEXT, name))
        elif name in ("a", "switch"):
            return ElementTree.Element("g", self._attributes(element, "g"))
        elif name not in _DRAWN_ELEMENTS:
            self.faults.append((Code.SVG_NOT_DRAWN, name))
        elif name == "style":
            return self._style(element)
        else:
            return ElementTree.Element(name, self._attributes(element, name))
        return None

    def _style(self, element: ElementTree.Element) -> ElementTree.Element | None:
        copy = ElementTree.Element("style")
        try:
            copy.text = stylesheet("".join(element.itertext()))
        except ExternalReference:
            self.faults.append((Code.SVG_NOT_PLAIN, "style"))
        except NotDrawnAlike as error:
            self.faults.append((Code.SVG_NOT_DRAWN, str(error)))
        return copy if copy.text else None

    def _attributes(self, element: ElementTree.Element, name: str, *, root: bool = False) -> dict[str, str]:
        kept: dict[str, str] = {}
        for key, value in element.attrib.items():
            local = key.rpartition("}")[2]
            if local == "href" and key in ("href", f"{_XLINK}href"):
                if name != "g" and ("href" not in kept or key == "href"):
                    kept["href"] = self._reference(name, value)
            elif local.lower().startswith("on"):
                self.faults.append((Code.SVG_NOT_PLAIN, local))
            elif "}" not in key and not key.startswith(_LEFT_OUT_ATTRIBUTES):
                kept |= self._attribute(key, value, root=root)
        return kept

    def _attribute(self, key: str, value: str, *, root: bool) -> Mapping[str, str]:
        if key in ("id", "class"):
            return {key: value}
        try:
            if key == "style":
                found = declarations(value, root=root)
                return {"style": "; ".join(f"{name}: {one}" for name, one in found.items())} if found else {}
            return {key: attribute_value(key, value)}
        except ExternalReference:
            if key == "style" or is_drawn(key):
                self.faults.append((Code.SVG_NOT_PLAIN, key))
        except NotDrawnAlike as error:
            self.faults.append((Code.SVG_NOT_DRAWN, str(error)))
        return {}

    def _reference(self, name: str, value: str) -> str:
        """Return an href that leads to a part of the picture, or holds a PNG or JPEG in itself."""
        if re.fullmatch(r"#[^\s%]*", value):
            return value
        picture = _PICTURES.fullmatch(value.strip()) if name in ("image", "feImage") else None
        try:
            data = base64.b64decode("".join(picture[2].split()) + "==") if picture else b""
        except binascii.Error:
            data = b""
        for signature, media in _SIGNATURES.items():
            if data.startswith(signature):
                return f"data:image/{media};base64,{base64.b64encode(data).decode()}"
        self.faults.append((Code.SVG_NOT_PLAIN, "href"))
        return "#"


def _drawn_children(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Yield the children that a viewer draws: of a <switch> the first that asks for nothing special."""
    if element.tag != f"{_SVG}switch":
        yield from element
        return
    for child in element:
        speaks = child.get("systemLanguage", "en").lower().startswith("en")
        plain = child.tag.startswith(_SVG) and child.tag != f"{_SVG}foreignObject"
        if plain and speaks and "requiredExtensions" not in child.attrib:
            yield child
            return


def _serialized(element: ElementTree.Element, *, root: bool = True) -> str:
    given = {"xmlns": "http://www.w3.org/2000/svg"} if root else {}
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in (given | element.attrib).items())
    inner = escape(element.text or "") + "".join(_serialized(child, root=False) for child in element)
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>" if inner else f"<{element.tag}{attributes}/>"


def _is_simple(root: ElementTree.Element) -> bool:
    """Return whether the picture is of plain shapes, and draws neither itself nor one thing thousands of times."""
    elements = tuple(root.iter())
    if len(elements) > MAXIMUM_VECTOR_ELEMENTS or any(element.tag not in _VECTOR_ELEMENTS for element in elements):
        return False
    named = {element.get("id", ""): element for element in elements if element.get("id")}
    inside = {name: tuple(element.iter()) for name, element in named.items()}
    drawn = 0
    for use in root.iter("use"):
        target = inside.get(use.get("href", "#")[1:], ())
        drawn += len(target)
        if drawn > MAXIMUM_VECTOR_ELEMENTS or any(element.tag == "use" for element in target):
            return False
    graph = {name: {found for element in within for found in _references(element)} for name, within in inside.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return False
    return True


def _references(element: ElementTree.Element) -> Iterator[str]:
    for value in element.attrib.values():
        for match in _REFERENCE.finditer(value):
            yield match[1] or match[2]


def _size(root: ElementTree.Element) -> tuple[float, float]:
    """Return width and height by the viewBox, or else by the attributes in any unit of length; (0, 0) for neither."""
    box = root.get("viewBox", "").replace(",", " ").split()
    given = box[2:] if box else [root.get("width", ""), root.get("height", "")]
    lengths = [_LENGTH.fullmatch(text) for text in given]
    if len(box) not in (0, 4) or len(lengths) != 2:
        return 0.0, 0.0
    width, height = (float(length[1]) * _PIXELS[length[2]] if length else 0.0 for length in lengths)
    return width, height
