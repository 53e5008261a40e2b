"""A shape's page, laid out once with probes -> the PDF of any sheet of that shape, by its values alone.

What is drawn outside the fields is drawn by WeasyPrint, once. What stands in a field is set by the same functions of
WeasyPrint that set it on a page, and placed by the same arithmetic; `drawn` shows it to be held against a sheet that
was laid out by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from handouts.codes import Code
from handouts.records import LaidOut
from handouts.typesetting.complaints import ONE_AT_A_TIME
from handouts.typesetting.engine import Brush, style_key
from handouts.typesetting.personalising.deflating import Stored, stored_in_room
from handouts.typesetting.personalising.drawing import Part, Pen
from handouts.typesetting.personalising.operators import Codes, meaning, number, operator_of, recoded
from handouts.typesetting.personalising.places import NoField, Place
from handouts.typesetting.personalising.proof import Drawn, page_streams, rest_of
from handouts.typesetting.personalising.shaping import Line, NotWritten, Shaper
from handouts.typesetting.personalising.small_fonts import SmallFonts
from handouts.typesetting.personalising.watching import Cut
from handouts.typesetting.personalising.writing import Writer
from handouts.typesetting.text_layer import codes_of

_NEAR = 1e-6
_UNITS = 1024
"""Pango's units in a pixel: it breaks a line that is wider than a whole number of them."""
_KEPT = 1024
Texts = dict[str, dict[tuple[int, str], None]]
"""Glyphs and their letters that small fonts must have, by the name of the font, in the order of drawing."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Written:
    """A value in its field: its position and its line, and `data` where the sheet's own fonts have all of it."""

    position: bytes
    line: Line
    data: Stored | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Field:
    """Which of the values stands in a field, and what sets a text there."""

    value: int
    written: Callable[[str], _Written]


class Personaliser:
    """Writes the sheets of one shape; made of the document and the PDF in which the probes stand."""

    def __init__(self, document: Any, pdf: Any, cuts: Sequence[Cut], families: frozenset[str]) -> None:
        self._brush = Brush(document)
        self._codes: Codes = {font.hash: codes_of(font) for font in document.fonts.values()}
        self._pen = Pen(self._brush)
        self._small = SmallFonts(self._brush.fonts)
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
        """Return a place with what sets its values; raise NoField where the probe would not stand where it does."""
        box = place.box
        key = style_key(box.style)
        if key not in shapers:
            shapers[key] = Shaper(box.style, self._brush, self._pen, families)
        try:
            line = shapers[key].line(box.text)
        except NotWritten:
            raise NoField(Code.VALUE_STYLED, place.value, "", "font-family") from None
        x, y, _ = _position(place, line)
        if abs(x - box.position_x) > _NEAR or abs(y - box.position_y - box.baseline) > _NEAR:
            raise NoField(Code.VALUE_STYLED, place.value, "", "text-align")
        metrics = (line.height, line.baseline)
        write = lru_cache(maxsize=_KEPT)(partial(self._write, place, shapers[key], metrics))
        return _Field(value=place.value, written=write)

    def sheets(self, wanted: Sequence[tuple[Sequence[str], str]]) -> tuple[bytes | LaidOut, ...]:
        """Return the PDF of each sheet, by its values and its identity, or why a value cannot stand in its field.

        The values of all sheets are set field by field, which takes less time than sheet by sheet: what sets a line is
        in the processor's cache still when the next one comes (docs/explanation/speed.md).
        """
        with ONE_AT_A_TIME:
            columns = [[_column(field, wanted) for field in page] for page in self._fields]
            return tuple(
                self._sheet([[column[place] for column in page] for page in columns], identity)
                for place, (_, identity) in enumerate(wanted)
            )

    def _sheet(self, pages: Sequence[Sequence[_Written | LaidOut]], identity: str) -> bytes | LaidOut:
        """Return the PDF of a sheet by what stands in each field of its pages."""
        fields: list[list[_Written]] = []
        for page in pages:
            fields.append([])
            for written in page:
                if isinstance(written, LaidOut):
                    return written
                fields[-1].append(written)
        try:
            fonts, more, codes = self._small_fonts(self._lacking(chain.from_iterable(fields)))
        except NotWritten as reason:
            return reason.why
        data = [[self._data(written, codes) for written in page] for page in fields]
        return self._writer.write(data, fonts, more, identity)

    def _lacking(self, fields: Iterable[_Written]) -> Texts:
        """Return what small fonts must have for a sheet."""
        texts: Texts = {}
        for written in fields:
            if written.data is None:
                for part in written.line.parts:
                    if not self._is_in_own_font(part):
                        texts.setdefault(part.font.hash, {}).update(dict.fromkeys(part.codes.values()))
        return texts

    def drawn(self, values: Sequence[str]) -> Drawn | None:
        """Return what the sheet with these values would show, or None where one cannot stand in its field."""
        with ONE_AT_A_TIME:
            try:
                pages = tuple(tuple(self._drawn_page(page, values)) for page in range(len(self._fields)))
            except NotWritten:
                return None
            return Drawn(pages=pages, rest=self._rest)

    def _drawn_page(self, page: int, values: Sequence[str]) -> Iterator[object]:
        operators, last = self._operators[page], 0
        for (start, end), field in zip(self._edges[page], self._fields[page], strict=True):
            yield from meaning(operators[last:start], self._codes)
            written = field.written(values[field.value])
            yield written.position.rstrip(b"\n")
            for part in written.line.parts:
                yield from meaning(part.operators, {part.font.hash: part.codes})
            last = end
        yield from meaning(operators[last:], self._codes)

    def _write(self, place: Place, shaper: Shaper, metrics: tuple[float, float], text: str) -> _Written:
        """Return a value as it stands in its field; raise NotWritten where it cannot."""
        line = shaper.line(text)
        if line.width > int(place.width * _UNITS) / _UNITS:
            raise NotWritten(LaidOut.WIDE)
        x, y, height = _position(place, line)
        is_other = (line.height, line.baseline) != metrics
        if is_other and not (place.is_free and height <= place.height + _NEAR):
            raise NotWritten(LaidOut.HIGH)
        position = b"1 0 0 -1 %s %s Tm\n" % (number(x), number(y))
        lacking = [part for part in line.parts if not self._is_in_own_font(part)]
        for part in lacking:
            self._small.note(part, shaper.draw)
        data = None if lacking else stored_in_room(b"".join((position, *map(_joined, line.parts))))
        return _Written(position=position, line=line, data=data)

    def _is_in_own_font(self, part: Part) -> bool:
        """Return whether the sheet's own font has each glyph of a part, with its letters: then it has the same code."""
        return part.codes.keys() <= self._codes.get(part.font.hash, {}).keys()

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

    def _data(self, written: _Written, small: Mapping[str, Mapping[tuple[int, str], int]]) -> Stored:
        """Return a field's operators."""
        if written.data is not None:
            return written.data
        return stored_in_room(b"".join((written.position, *(self._part(part, small) for part in written.line.parts))))

    def _part(self, part: Part, small: Mapping[str, Mapping[tuple[int, str], int]]) -> bytes:
        if self._is_in_own_font(part):
            return _joined(part)
        name = part.font.hash
        codes = {code: small[name][meant] for code, meant in part.codes.items()}
        old, new = b"/%s " % name.encode(), b"/%s " % _small_name(name).encode()
        return b"".join(recoded(operator, codes).replace(old, new) + b"\n" for operator in part.operators)


def _column(field: _Field, wanted: Sequence[tuple[Sequence[str], str]]) -> list[_Written | LaidOut]:
    """Return a field's value of each sheet, or why it cannot stand there."""
    found: list[_Written | LaidOut] = []
    for values, _ in wanted:
        try:
            found.append(field.written(values[field.value]))
        except NotWritten as reason:
            found.append(reason.why)
    return found


def _joined(part: Part) -> bytes:
    return b"\n".join((*part.operators, b""))


def _small_name(font: str) -> str:
    return f"{font}x"


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
