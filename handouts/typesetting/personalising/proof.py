"""What was drawn for a sheet -> its pages' operators and a digest of all else: equal ones are the same sheet."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handouts.resources import digest
from handouts.typesetting.engine import Stream
from handouts.typesetting.personalising.operators import meaning, operator_of
from handouts.typesetting.text_layer import codes_of

_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A sheet as it was drawn: each page's operators, with glyphs and letters for codes, and a digest of the rest.

    The rest is every object but fonts and the pages' operators: tags, links, outline, metadata, pictures. What a font
    holds differs with the glyphs that a sheet needs; which glyphs of it are drawn, and where, is among the operators.
    """

    pages: tuple[tuple[object, ...], ...]
    rest: str


def drawn(document: Any, pdf: Any) -> Drawn:
    """Return what was drawn, from WeasyPrint's document and the PDF that it is about to write."""
    codes = {font.hash: codes_of(font) for font in document.fonts.values()}
    streams = page_streams(pdf)
    return Drawn(
        pages=tuple(meaning((operator_of(part) for part in stream.stream), codes) for stream in streams),
        rest=rest_of(pdf, streams),
    )


def page_streams(pdf: Any) -> tuple[Any, ...]:
    """Return the streams of the pages' operators in their order."""
    by_reference = {thing.reference: thing for thing in pdf.objects}
    pages = (by_reference[reference] for reference in pdf.page_references)
    return tuple(by_reference[page["Contents"]] for page in pages)


def rest_of(pdf: Any, streams: Sequence[Any]) -> str:
    """Return a digest of all objects but the fonts and the pages' streams, however they are numbered."""
    left_out = {id(thing) for thing in (*streams, *fonts_of(pdf))}
    rest = [thing for thing in pdf.objects if id(thing) not in left_out and thing.free != "f"]
    places = {thing.reference: b"%d" % place for place, thing in enumerate(rest)}

    def numbered(data: bytes) -> bytes:
        return _REFERENCE.sub(lambda match: places.get(match[0], b"-"), data)

    return digest(numbered(_data(thing)) for thing in (*rest, pdf.info))


def fonts_of(pdf: Any) -> Iterator[Any]:
    """Yield the table of fonts, and each font's objects."""
    by_reference = {thing.reference: thing for thing in pdf.objects}
    table = by_reference[next(thing["Font"] for thing in pdf.objects if _has_fonts(thing))]
    waiting = [table]
    seen = set()
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            data = thing.extra.data if isinstance(thing, Stream) and thing.extra else b""
            data = data if isinstance(thing, Stream) else thing.data
            waiting += (by_reference[match[0]] for match in _REFERENCE.finditer(data))


def _has_fonts(thing: Any) -> bool:
    return isinstance(thing, dict) and isinstance(thing.get("Font"), bytes)


def _data(thing: Any) -> bytes:
    """Return an object's content; a stream's before it is deflated."""
    if not isinstance(thing, Stream):
        return bytes(thing.data)
    extra = repr(sorted((str(key), operator_of(value)) for key, value in thing.extra.items()))
    return b"\n".join((extra.encode(), *map(operator_of, thing.stream)))
