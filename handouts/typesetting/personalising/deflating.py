"""Data of which only some parts change from sheet to sheet -> the same data deflated, for the price of those parts."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = b"\x78\xda"
"""A zlib stream of the usual window (RFC 1950, 2.2)."""
_END = b"\x01\x00\x00\xff\xff"
"""A last block that is empty (RFC 1951, 3.2.4)."""
_LONGEST = 0xFFFF
"""Bytes of a block that is stored as it is."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stored:
    """A part of one sheet's own, and the blocks of a zlib stream that hold it as it is."""

    part: bytes
    blocks: bytes


def stored(part: bytes) -> Stored:
    """Return a part with its blocks; what many sheets have is made once."""
    found: list[bytes] = []
    for start in range(0, len(part), _LONGEST):
        block = part[start : start + _LONGEST]
        size = len(block)
        found += (b"\x00", size.to_bytes(2, "little"), (size ^ _LONGEST).to_bytes(2, "little"), block)
    return Stored(part=part, blocks=b"".join(found))


class MostlyConstant:
    """A zlib stream: constant parts, deflated once and for all, with a part of each sheet's own between any two."""

    def __init__(self, constant: Sequence[bytes]) -> None:
        self._constant = tuple(constant)
        self._deflated = tuple(map(_deflated, constant))

    def with_own(self, own: Sequence[Stored]) -> bytes:
        """Return the stream with these parts between the constant ones, of which there is one more."""
        assert len(own) + 1 == len(self._constant), "a part between any two"
        found, checksum = [_HEAD, self._deflated[0]], zlib.adler32(self._constant[0])
        for part, constant, deflated in zip(own, self._constant[1:], self._deflated[1:], strict=True):
            found += (part.blocks, deflated)
            checksum = zlib.adler32(constant, zlib.adler32(part.part, checksum))
        return b"".join((*found, _END, checksum.to_bytes(4, "big")))


def _deflated(part: bytes) -> bytes:
    """Return a part as blocks that end on a whole byte and refer to nothing before them."""
    deflating = zlib.compressobj(9, wbits=-15)
    return deflating.compress(part) + deflating.flush(zlib.Z_FULL_FLUSH)
