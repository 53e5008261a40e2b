"""Operators of a PDF's pages -> what they draw: which glyphs, for which letters, whatever the codes of these are."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

FONT = re.compile(rb"/(\S+) \S+ Tf")
"""Chooses a font, by its name, and a size (ISO 32000-1, 9.3)."""
SHOWN = re.compile(rb"<([0-9a-f]*)>")
"""The codes of a text, each of four hex digits, inside the operator that shows it (9.4.3)."""

Codes = Mapping[str, Mapping[int, tuple[int, str]]]
"""What each code of a font stands for: its glyph and letters, by the font's name."""


def operator_of(part: Any) -> bytes:
    """Return a part of a stream as bytes."""
    return part if isinstance(part, bytes) else part.data if hasattr(part, "data") else str(part).encode()


def number(value: float) -> bytes:
    """Return a number as WeasyPrint writes it."""
    return b"%d" % value if value.is_integer() else f"{value:f}".rstrip("0").encode()


def meaning(operators: Iterable[bytes], codes: Codes) -> tuple[object, ...]:
    """Return operators in which each code is replaced by what it stands for."""
    found: list[object] = []
    known: Mapping[int, tuple[int, str]] = {}
    for operator in operators:
        if font := FONT.fullmatch(operator):
            known = codes[font[1].decode()]
            found.append(operator)
        elif operator.endswith(b"TJ"):
            found.append(tuple(_shown(operator, known)))
        else:
            found.append(operator)
    return tuple(found)


def _shown(operator: bytes, known: Mapping[int, tuple[int, str]]) -> Iterator[object]:
    for place, part in enumerate(SHOWN.split(operator)):
        if place % 2:
            yield tuple(known[int(part[start : start + 4], 16)] for start in range(0, len(part), 4))
        else:
            yield part


def recoded(operator: bytes, codes: Mapping[int, int]) -> bytes:
    """Return an operator with other codes for its glyphs."""
    if not operator.endswith(b"TJ") or all(old == new for old, new in codes.items()):
        return operator

    def other(match: re.Match[bytes]) -> bytes:
        shown = match[1]
        numbers = (int(shown[place : place + 4], 16) for place in range(0, len(shown), 4))
        return b"<%s>" % b"".join(b"%04x" % codes[number] for number in numbers)

    return SHOWN.sub(other, operator)
