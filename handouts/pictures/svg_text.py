"""The bytes of an SVG as drawing programs write them -> its text without a document type, its few entities put in."""

import codecs
import re
from xml.sax.saxutils import escape

_MAXIMUM_ENTITIES = 50
_MAXIMUM_VALUE = 200
_MAXIMUM_GROWTH = 200_000
"""Illustrator names a dozen namespaces and writes each name two or three times."""

_XML_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"""\bencoding\s*=\s*["']([^"']*)""")
_UNICODE = {"utf-8": ("", "utf-8", "utf8", "us-ascii", "ascii"), "utf-16": ("", "utf-16", "utf-16le", "utf-16be")}
_LATIN = {"iso-8859-1": "latin-1", "latin1": "latin-1", "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252"}
_DOCTYPE = re.compile(
    r"<!DOCTYPE\b(?P<head>(?:[^\[\]<>\"']|\"[^\"]*\"|'[^']*')*+)"
    r"(?:\[(?P<subset>(?:[^\]\"'<]|\"[^\"]*\"|'[^']*'|<!--(?:[^-]|-(?!->))*+(?:-->)?|<)*+)\]\s*)?>",
    re.DOTALL,
)
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*+(?:-->)?")
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]*)\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>""")
_BARE_ATTRIBUTES = re.compile(r"""<!ATTLIST\b[^"'<>]*>""")
"""Attributes without a default: nothing is drawn otherwise for them."""
_DECLARATION = re.compile(r"<(?:(![A-Z]+)|\?([\w-]+))|(%)")
_EXTERNAL_STYLE = re.compile(r"<\?(xml-stylesheet)")
_REFERENCE = re.compile(r"&([A-Za-z_][\w.-]*);")


class NotText(ValueError):
    """The bytes are no text in the encoding that they say; `line` is where, if it can be told."""

    def __init__(self, line: int | None) -> None:
        super().__init__(line)
        self.line = line


class NotTaken(ValueError):
    """The text declares something that must not be read, by name: an entity that is a file, a style from elsewhere."""


def svg_text(data: bytes) -> str:
    """Return the text of an SVG, without XML declaration and document type; raise NotText or NotTaken.

    UTF-8, UTF-16, Latin-1 and Windows-1252 are read. An entity whose value is a short plain text is put in where it
    is named, as Illustrator needs; every other one is refused, so that nothing is read from elsewhere or grows.
    """
    text = _decoded(data)
    external = _EXTERNAL_STYLE.search(text)
    if external:
        raise NotTaken(external[1])
    declared = _DOCTYPE.match(text, max(text.find("<!DOCTYPE"), 0))
    if declared is None:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise NotTaken("!DOCTYPE")
        return text
    return _with_entities(text[: declared.start()] + text[declared.end() :], _entities(declared["subset"] or ""))


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    head = _XML_DECLARATION.match(data[:200].decode("ascii", "replace"))
    declared = _ENCODING.search(head[0]) if head else None
    if declared and encoding == "utf-8":
        encoding = _LATIN.get(declared[1].lower(), encoding)
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotText(data[: error.start].count(b"\n") + 1 if encoding == "utf-8" else None) from None
    declaration = _XML_DECLARATION.match(text)
    named = _ENCODING.search(declaration[0]) if declaration else None
    if named and encoding in _UNICODE and named[1].lower() not in _UNICODE[encoding]:
        raise NotText(None)
    return _XML_DECLARATION.sub("", text)


def _entities(subset: str) -> dict[str, str]:
    """Return the entities of a document type by name; raise NotTaken for a declaration that is more than a name."""
    rest = _COMMENT.sub("", subset)
    found = {match[1]: match[2] or match[3] or "" for match in _ENTITY.finditer(rest)}
    if len(found) > _MAXIMUM_ENTITIES or any(len(value) > _MAXIMUM_VALUE for value in found.values()):
        raise NotTaken("!ENTITY")
    rest = _BARE_ATTRIBUTES.sub("", _ENTITY.sub("", rest))
    other = _DECLARATION.search(rest)
    if other:
        raise NotTaken(other[1] or other[2] or "!ENTITY")
    return found


def _with_entities(text: str, entities: dict[str, str]) -> str:
    """Return the text with its own entities put in as text; XML's five and unknown ones stay for the parser."""
    growth = sum(len(entities[match[1]]) for match in _REFERENCE.finditer(text) if match[1] in entities)
    if growth > _MAXIMUM_GROWTH:
        raise NotTaken("!ENTITY")
    values = {name: escape(value, {'"': "&quot;"}) for name, value in entities.items()}
    return _REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)
