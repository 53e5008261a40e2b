"""A PDF that was laid out once, and the operators of one sheet's fields -> that sheet's PDF."""

import re
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from handouts.typesetting.engine import Stream
from handouts.typesetting.personalising.deflating import MostlyConstant, Stored, stored
from handouts.typesetting.personalising.operators import operator_of
from handouts.typesetting.personalising.proof import fonts_of, page_streams

_HEAD = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_UNUSED = b"\x00" + bytes(4) + b"\xff\xff"
_WIDTHS, _WIDTH = b"[1 4 2]", 7
"""Bytes of the three numbers of a row in the table of objects (ISO 32000-1, 7.5.8.3), and of all of it."""
_TABLE = b"/Type /XRef"
_WRITTEN = re.compile(rb"/Type /XRef(.*?/W \[1 (\d) (\d)\].*?)/Filter /FlateDecode/Length (\d+)>>\nstream\n", re.DOTALL)
"""How pydyf begins the table of objects."""
_WHOLE, _DIFFERENT = b"\x00", b"\x02"
"""Before a row: it is there itself, or what it has more than the row above (ISO 32000-1, 7.4.4.4; PNG, 9.2)."""


def identified(pdf: bytes, identity: str) -> bytes:
    """Return a PDF of WeasyPrint's with its permanent identifier (ISO 32000-1, 14.4).

    WeasyPrint could write one, and would deflate all of the PDF once more to do so. The table of objects is the last
    one, so nothing moves. Of most of its rows only how they differ is written, which is the same: a tenth as much.
    """
    found = _WRITTEN.match(pdf, pdf.rindex(_TABLE))
    assert found, "pydyf writes a table of objects"
    widths, length = (1, int(found[2]), int(found[3])), int(found[4])
    rows = zlib.decompress(pdf[found.end() : found.end() + length])
    table = zlib.compress(_differences(rows, sum(widths)), 9)
    head = b"".join((_TABLE, _id(identity), found[1], _packed(sum(widths), len(table))))
    return b"".join((pdf[: found.start()], head, b"stream\n", table, pdf[found.end() + length :]))


def _id(identity: str) -> bytes:
    return b"/ID [(%s) (%s)]" % (identity.encode(), identity.encode())


def _packed(width: int, length: int) -> bytes:
    """Return the end of the table's dictionary, which says how the rows are packed."""
    return b"/DecodeParms <</Predictor 12/Columns %d>>/Filter /FlateDecode/Length %d>>\n" % (width, length)


def _differences(rows: bytes, width: int) -> bytes:
    """Return rows of so many bytes, the first one whole, of each other one what it has more than the one above."""
    more = bytes((one - above) & 0xFF for above, one in zip(rows, rows[width:], strict=False))
    others = (_DIFFERENT + more[start : start + width] for start in range(0, len(more), width))
    return b"".join((_WHOLE, rows[:width], *others))


class Writer:
    """Writes sheets that share all objects but the pages' operators and the table of fonts.

    `cuts` are, page by page, where fields stand among a page's operators: the first one of each, and the one after its
    last.
    """

    def __init__(self, pdf: Any, cuts: Sequence[Sequence[tuple[int, int]]]) -> None:
        streams = page_streams(pdf)
        self._fonts_table = next(iter(fonts_of(pdf)))
        own = (*streams, self._fonts_table)
        self._own_numbers = tuple(sorted(thing.number for thing in own))
        self._pages = [
            (stream.number, MostlyConstant(_segments(stream, page_cuts)))
            for stream, page_cuts in zip(streams, cuts, strict=True)
        ]
        self.first_free = len(pdf.objects) + 2  # Behind the document's information and the stream of objects.
        self._lay_down(pdf, {id(thing) for thing in own})
        self._info, self._root = b"%d 0 R" % len(pdf.objects), pdf.catalog.reference

    def _lay_down(self, pdf: Any, own: set[int]) -> None:
        """Write all that sheets share, and note where each object stands."""
        things = [*enumerate(pdf.objects), (len(pdf.objects), pdf.info)]
        shared = [(number, thing) for number, thing in things if thing.free != "f" and id(thing) not in own]
        rows: dict[int, bytes] = {}
        written, position = [_HEAD], len(_HEAD)

        def write(number: int, data: bytes) -> None:
            nonlocal position
            rows[number] = _row(position)
            written.append(b"%d 0 obj\n%s\nendobj\n" % (number, data))
            position += len(written[-1])

        for number, thing in shared:
            if not thing.compressible:
                write(number, thing.data)
        packed = [(number, bytes(thing.data)) for number, thing in shared if thing.compressible]
        container = len(pdf.objects) + 1
        rows |= {
            number: b"\x02%s%s" % (container.to_bytes(4, "big"), place.to_bytes(2, "big"))
            for place, (number, _) in enumerate(packed)
        }
        write(container, _object_stream(packed))
        self._shared = b"".join(written)
        self._rows = _between(rows, self._own_numbers, container + 1)

    def write(
        self, fields: Sequence[Sequence[Stored]], fonts: Mapping[str, bytes], more: Sequence[bytes], identity: str
    ) -> bytes:
        """Return the PDF of a sheet.

        `fields` has the operators of each page's fields in their order; `fonts` the references of fonts that this sheet
        adds to the table, and `more` their objects, numbered from `first_free`. `identity` is 32 hex digits.
        """
        parts, position = [self._shared], len(self._shared)
        rows: dict[int, bytes] = {}

        def put(number: int, data: bytes) -> None:
            nonlocal position
            rows[number] = _WHOLE + _row(position)
            parts.append(data)
            position += len(data)

        for (number, content), own in zip(self._pages, fields, strict=True):
            data = content.with_own(own)
            put(
                number,
                b"%d 0 obj\n<</Filter /FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n"
                % (number, len(data), data),
            )
        entries = b"".join(b"/%s %s" % (name.encode(), reference) for name, reference in fonts.items())
        number = self._fonts_table.number
        put(number, b"%d 0 obj\n%s%s>>\nendobj\n" % (number, self._fonts_table.data[:-2], entries))
        for number, data in enumerate(more, start=self.first_free):
            put(number, data)
        last = self.first_free + len(more)
        rows[last] = _WHOLE + _row(position)
        behind = b"".join(rows[number] for number in range(self.first_free, last + 1))
        data = self._rows.with_own([*(stored(rows[number]) for number in self._own_numbers), stored(behind)])
        table = b"/W %s/Size %d/Root %s/Info %s" % (_WIDTHS, last + 1, self._root, self._info)
        parts.append(
            b"%d 0 obj\n<<%s%s%s%sstream\n%s\nendstream\nendobj\n"
            % (last, _TABLE, _id(identity), table, _packed(_WIDTH, len(data)), data)
        )
        parts.append(b"startxref\n%d\n%%%%EOF\n" % position)
        return b"".join(parts)


def _segments(stream: Any, cuts: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return a page's operators without its fields', as the parts before, between and behind them."""
    operators = list(map(operator_of, stream.stream))
    edges = [0, *(edge for cut in cuts for edge in cut), len(operators)]
    pieces = [operators[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [b"".join(operator + b"\n" for operator in piece) for piece in pieces]


def _object_stream(packed: Sequence[tuple[int, bytes]]) -> bytes:
    """Return a stream that holds objects (ISO 32000-1, 7.5.7)."""
    places, position = [], 0
    for number, data in packed:
        places.append(b"%d %d" % (number, position))
        position += len(data) + 1
    head = b" ".join(places) + b"\n"
    extra = {"Type": "/ObjStm", "N": len(packed), "First": len(head)}
    return bytes(Stream([head + b"\n".join(data for _, data in packed)], extra, compress=True).data)


def _row(position: int) -> bytes:
    return b"\x01%s\x00\x00" % position.to_bytes(4, "big")


def _between(rows: Mapping[int, bytes], own: Sequence[int], end: int) -> MostlyConstant:
    """Return the table of objects, without the rows of each sheet's own objects and those behind all others."""
    edges = (-1, *own, end)
    parts = (
        b"".join(rows.get(number, _UNUSED) for number in range(start + 1, stop)) for start, stop in pairwise(edges)
    )
    return MostlyConstant([*(_differences(part, _WIDTH) if part else b"" for part in parts), b""])
