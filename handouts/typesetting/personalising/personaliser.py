"""A shape's page, laid out once with probes -> the PDF of any sheet of that shape, by its values alone.

What is drawn outside the fields is drawn by WeasyPrint, once. What stands in a field is set by the same functions of
WeasyPrint that set it on a page, and placed by the same arithmetic; `drawn` shows it to be held against a sheet that
was laid out by itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from handouts.records import LaidOut
from handouts.typesetting.complaints import ONE_AT_A_TIME
from handouts.typesetting.engine import Brush, style_key
from handouts.typesetting.personalising.places import Place
from handouts.typesetting.personalising.proof import Codes, Drawn, meaning, operator_of, page_streams, rest_of
from handouts.typesetting.personalising.shaping import Line, NotWritten, Shaper, Shown
from handouts.typesetting.personalising.small_fonts import SmallFonts
from handouts.typesetting.personalising.watching import Cut
from handouts.typesetting.personalising.writing import Writer
from handouts.typesetting.text_layer import codes_of

_NEAR = 1e-6
_SHOWN = re.compile(rb"<([0-9a-f]+)>")
_UNITS = 1024
"""Pango's units in a pixel: it breaks a line that is wider than a whole number of them."""
_KEPT = 4096
Texts = dict[str, dict[tuple[int, str], None]]
"""Glyphs and their letters that small fonts must have, by the name of the font, in the order of drawing."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Field:
    """A place, what sets its values, and its operators before and behind its value's."""

    place: Place
    shaper: Shaper
    metrics: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Encoded:
    """A part of a line: its operators if the sheet's own font has all of it, else None and the part."""

    operators: tuple[bytes, ...] | None
    part: Shown


class Personaliser:
    """Writes the sheets of one shape; made of the document and the PDF in which the probes stand."""

    def __init__(self, document: Any, pdf: Any, cuts: Sequence[Cut], families: frozenset[str]) -> None:
        self._brush = Brush(document)
        self._codes: Codes = {font.hash: codes_of(font) for font in document.fonts.values()}
        self._own = {name: {meant: code for code, meant in codes.items()} for name, codes in self._codes.items()}
        self._small = SmallFonts(self._brush.fonts)
        self._encoded = lru_cache(maxsize=_KEPT)(self._encode)
        streams = page_streams(pdf)
        by_page = [
            sorted((cut for cut in cuts if cut.stream is stream), key=lambda cut: cut.start) for stream in streams
        ]
        shapers: dict[object, Shaper] = {}
        self._fields = [[self._field(cut.place, shapers, families) for cut in page_cuts] for page_cuts in by_page]
        edges = [[(cut.start, cut.end) for cut in page_cuts] for page_cuts in by_page]
        self._writer = Writer(pdf, edges)
        self._operators = [list(map(operator_of, stream.stream)) for stream in streams]
        self._edges = edges
        self._rest = rest_of(pdf, streams)

    def _field(self, place: Place, shapers: dict[object, Shaper], families: frozenset[str]) -> _Field:
        """Return a place with what sets its values; raise NotWritten where the probe would not stand where it does."""
        box = place.box
        key = style_key(box.style)
        if key not in shapers:
            shapers[key] = Shaper(box.style, self._brush, families)
        line = shapers[key].line(box.text)
        x, y, _ = _position(place, line)
        if abs(x - box.position_x) > _NEAR or abs(y - box.position_y - box.baseline) > _NEAR:
            raise NotWritten(LaidOut.TEMPLATE)
        return _Field(place=place, shaper=shapers[key], metrics=(line.height, line.baseline))

    def sheet(self, values: Sequence[str], identity: str) -> bytes:
        """Return the PDF of the sheet with these values; raise NotWritten where one cannot stand in its field."""
        with ONE_AT_A_TIME:
            texts: Texts = {}
            lines = [[self._line(field, values) for field in page] for page in self._fields]
            for page in lines:
                for _, line in page:
                    self._gather(line, texts)
            fonts, more, renumbered = self._small_fonts(texts)
            fields = [[b"".join(self._drawn(place, line, renumbered)) for place, line in page] for page in lines]
            return self._writer.write(fields, fonts, more, identity)

    def drawn(self, values: Sequence[str]) -> Drawn:
        """Return what the sheet with these values would show; raise NotWritten where one cannot stand in its field."""
        with ONE_AT_A_TIME:
            pages = []
            for operators, edges, fields in zip(self._operators, self._edges, self._fields, strict=True):
                found: list[object] = []
                last = 0
                for (start, end), field in zip(edges, fields, strict=True):
                    found += meaning(operators[last:start], self._codes)
                    position, line = self._line(field, values)
                    found.append(position)
                    for part in line.parts:
                        found += meaning(part.operators, {part.font: part.codes})
                    last = end
                pages.append((*found, *meaning(operators[last:], self._codes)))
            return Drawn(pages=tuple(pages), rest=self._rest)

    def _line(self, field: _Field, values: Sequence[str]) -> tuple[bytes, Line]:
        """Return a field's value as it stands there, with the operator of its position."""
        place = field.place
        line = field.shaper.line(values[place.value])
        if line.width > int(place.width * _UNITS) / _UNITS:
            raise NotWritten(LaidOut.WIDE)
        x, y, height = _position(place, line)
        is_other = (line.height, line.baseline) != field.metrics
        if is_other and not (place.is_free and height <= place.height + _NEAR):
            raise NotWritten(LaidOut.HIGH)
        return b"1 0 0 -1 %s %s Tm" % (_number(x), _number(y)), line

    def _gather(self, line: Line, texts: Texts) -> None:
        """Add what small fonts must have of a line."""
        for encoded in self._encoded(line):
            if encoded.operators is None:
                self._small.note(encoded.part)
                texts.setdefault(encoded.part.font, {}).update(dict.fromkeys(encoded.part.codes.values()))

    def _encode(self, line: Line) -> tuple[_Encoded, ...]:
        return tuple(self._encoded_part(part) for part in line.parts)

    def _encoded_part(self, part: Shown) -> _Encoded:
        own = self._own.get(part.font, {})
        if not all(meant in own for meant in part.codes.values()):
            return _Encoded(operators=None, part=part)
        codes = {code: own[meant] for code, meant in part.codes.items()}
        return _Encoded(operators=tuple(_recoded(operator, codes) for operator in part.operators), part=part)

    def _small_fonts(
        self, texts: Texts
    ) -> tuple[Mapping[str, bytes], Sequence[bytes], Mapping[str, Mapping[tuple[int, str], int]]]:
        """Return the references of small fonts by their names, their objects, and their codes."""
        references: dict[str, bytes] = {}
        more: list[bytes] = []
        codes: dict[str, Mapping[tuple[int, str], int]] = {}
        for name, wanted in texts.items():
            pairs = tuple(wanted)
            codes[name] = self._small.codes(name, pairs)
            reference, objects = self._small.objects(name, pairs, self._writer.first_free + len(more))
            references[_small_name(name)] = reference
            more += objects
        return references, more, codes

    def _drawn(self, place: bytes, line: Line, small: Mapping[str, Mapping[tuple[int, str], int]]) -> Iterator[bytes]:
        yield place + b"\n"
        for encoded in self._encoded(line):
            part = encoded.part
            operators = encoded.operators
            if operators is None:
                codes = {code: small[part.font][meant] for code, meant in part.codes.items()}
                old, new = b"/%s " % part.font.encode(), b"/%s " % _small_name(part.font).encode()
                operators = tuple(_recoded(operator, codes).replace(old, new) for operator in part.operators)
            yield from (operator + b"\n" for operator in operators)


def _small_name(font: str) -> str:
    return f"{font}x"


def _recoded(operator: bytes, codes: Mapping[int, int]) -> bytes:
    """Return an operator with other codes for its glyphs."""
    if not operator.endswith(b"TJ") or all(old == new for old, new in codes.items()):
        return operator

    def other(match: re.Match[bytes]) -> bytes:
        shown = match[1]
        numbers = (int(shown[place : place + 4], 16) for place in range(0, len(shown), 4))
        return b"<%s>" % b"".join(b"%04x" % codes[number] for number in numbers)

    return _SHOWN.sub(other, operator)


def _position(place: Place, line: Line) -> tuple[float, float, float]:
    """Return where a line begins, its baseline, and how high it makes its line box.

    The arithmetic of WeasyPrint's layout/inline.py for a line that holds one text (CSS 2.2, 10.8.1).
    """
    rest = place.width - line.width
    offset = 0.0 if place.align == "start" else rest / 2 if place.align == "center" else rest
    x = place.left + (rest - offset if place.from_right else offset)
    own = line.baseline + (place.line_height - line.height) / 2
    lowest, highest = max(place.baseline, own), min(place.baseline, own)
    return x, place.top + lowest, lowest + place.line_height - highest


def _number(value: float) -> bytes:
    """Return a number as WeasyPrint writes it."""
    return b"%d" % value if value.is_integer() else f"{value:f}".rstrip("0").encode()
