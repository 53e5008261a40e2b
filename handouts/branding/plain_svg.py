"""The bytes of an SVG -> the bytes to embed and its aspect, or everything in it that a sheet must not run or load."""

import codecs
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from xml.etree import ElementTree

from handouts.errors import InputError, Kind, Problem

MAXIMUM_ELEMENTS = 5000
MAXIMUM_DEPTH = 50
_MAXIMUM_TOLD = 20

_SVG = "{http://www.w3.org/2000/svg}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_EDITORS = (
    "{http://www.inkscape.org/",
    "{http://sodipodi.sourceforge.net/",
    "{http://ns.adobe.com/",
    "{http://www.bohemiancoding.com/sketch/",
    "{http://www.serif.com/",
)
"""What drawing programs write for themselves: no viewer reads it."""

_ELEMENTS = """
svg g path circle ellipse rect line polyline polygon defs symbol use clipPath mask linearGradient radialGradient stop
style title desc metadata
""".split()  # noqa: SIM905 - words as the standard has them
_ATTRIBUTES = """
id class style lang role tabindex focusable type media version baseProfile contentStyleType enable-background
width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points pathLength offset viewBox preserveAspectRatio transform
transform-origin href gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits clip
clip-path clip-rule mask mask-type fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset stop-color stop-opacity color opacity display
visibility overflow vector-effect paint-order isolation mix-blend-mode shape-rendering text-rendering image-rendering
color-rendering color-interpolation color-interpolation-filters text-anchor letter-spacing word-spacing line-height
""".split()  # noqa: SIM905 - the same
_FREE_ATTRIBUTES = ("data-", "aria-", "font-")
_UNREAD_ATTRIBUTES = ("id", "class", "data-", "aria-")

_XML_DECLARATION = re.compile(r"\A<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"""\bencoding\s*=\s*["']([^"']*)""")
_ENCODINGS = {"utf-8": ("", "utf-8", "us-ascii"), "utf-16": ("", "utf-16", "utf-16le", "utf-16be")}
_DIRECTIVE = re.compile(r"<(?:(!(?:ENTITY|ATTLIST|ELEMENT|NOTATION))|\?(xml-stylesheet))")
_REACHES_OUT = re.compile(r"""url\(\s*+["']?+(?!#)|\\|@|//|image\(|image-set|src\(""", re.IGNORECASE)
_OWN_PART = re.compile(r"#[^\s%]*")
_REFERENCE = re.compile(r"""url\(\s*["']?#([^"')\s]+)|\A#(\S+)\Z""", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?)(px|pt|pc|mm|cm|in)?\s*")
_PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_FLATTEST = 1000


def read_svg(data: bytes, source: str) -> tuple[bytes, float]:
    """Return `data` in UTF-8 and its width by its height; raise InputError with all that a sheet cannot take."""
    text, plain = _decoded(data, source)
    refused = [match[1] or match[2] for match in _DIRECTIVE.finditer(text)]
    if not refused:
        root = _root(text, source)
        refused = list(islice(dict.fromkeys(_faults(root)), _MAXIMUM_TOLD))
    if refused:
        raise InputError(
            _problem(source, "svg-not-plain", what=what[:40]) for what in dict.fromkeys(refused[:_MAXIMUM_TOLD])
        )
    width, height = _size(root)
    if not (width > 0 and height > 0 and 1 / _FLATTEST < width / height < _FLATTEST):
        raise InputError([_problem(source, "svg-without-size")])
    return plain, width / height


def _problem(source: str, code: str, line: int | None = None, **values: str) -> Problem:
    return Problem(kind=Kind.BRANDING, code=code, source=source, line=line, values=values)


def _decoded(data: bytes, source: str) -> tuple[str, bytes]:
    """Return the text and the same in UTF-8, so that no reader after this one can decode it otherwise."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1 if encoding == "utf-8" else None
        raise InputError([_problem(source, "logo-not-a-picture", line)]) from None
    declaration = _XML_DECLARATION.match(text)
    declared = _ENCODING.search(declaration[0]) if declaration else None
    if declared and declared[1].lower() not in _ENCODINGS[encoding]:
        raise InputError([_problem(source, "logo-not-a-picture")])
    return text, data if encoding == "utf-8" else _XML_DECLARATION.sub("", text).encode()


def _root(text: str, source: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - declarations of entities are refused above
    except ElementTree.ParseError as error:
        raise InputError([_problem(source, "logo-not-a-picture", error.position[0])]) from None
    if root.tag != f"{_SVG}svg":
        raise InputError([_problem(source, "logo-not-a-picture")])
    return root


def _faults(root: ElementTree.Element) -> Iterator[str]:
    """Yield the name of each thing that is not on the lists above; in what only describes, only pages and scripts."""
    waiting = [(root, 1, False)]
    count = 0
    while waiting:
        element, depth, only_describes = waiting.pop()
        count += 1
        if depth > MAXIMUM_DEPTH or count > MAXIMUM_ELEMENTS:
            yield "groups inside groups" if depth > MAXIMUM_DEPTH else f"more than {MAXIMUM_ELEMENTS} elements"
            return
        describes = only_describes or element.tag.startswith(_EDITORS)
        name = element.tag.rpartition("}")[2]
        if element.tag.startswith((_SVG, _XHTML)) or not describes:
            yield from _element_faults(element, name)
        describes = describes or element.tag == f"{_SVG}metadata"
        waiting += [(child, depth + 1, describes) for child in reversed(element)]
    yield from _reference_faults(root)


def _element_faults(element: ElementTree.Element, name: str) -> Iterator[str]:
    if not element.tag.startswith(_SVG) or name not in _ELEMENTS:
        yield name
        return
    for key, value in element.attrib.items():
        local = key.rpartition("}")[2]
        is_read = "}" not in key and not key.startswith(_UNREAD_ATTRIBUTES)
        leads_out = local == "href" and not _OWN_PART.fullmatch(value)
        if not _is_known(key) or leads_out or (is_read and _REACHES_OUT.search(value)):
            yield local
    if name == "style" and _REACHES_OUT.search("".join(element.itertext())):
        yield name


def _is_known(key: str) -> bool:
    if key.startswith(_XLINK):
        return key.removeprefix(_XLINK) in ("href", "type", "title", "role", "arcrole", "show", "actuate")
    if key.startswith(_XML):
        return key.removeprefix(_XML) in ("space", "lang", "id")
    return key in _ATTRIBUTES or key.startswith((*_FREE_ATTRIBUTES, *_EDITORS))


def _reference_faults(root: ElementTree.Element) -> Iterator[str]:
    """Yield what would draw itself, or one thing thousands of times."""
    named = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    inside = {name: tuple(element.iter()) for name, element in named.items()}
    drawn = 0
    for use in root.iter(f"{_SVG}use"):
        target = inside.get((use.get("href") or use.get(f"{_XLINK}href") or "#")[1:], ())
        drawn += len(target)
        if any(element.tag == use.tag for element in target):
            yield "use inside use"
            return
        if drawn > MAXIMUM_ELEMENTS:
            yield "use too many times"
            return
    graph = {
        name: {found for element in elements for found in _references(element)} for name, elements in inside.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        yield "a part that refers to itself"


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
