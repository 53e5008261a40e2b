"""Data of which only some parts change from sheet to sheet -> the same data deflated, for the price of those parts."""

import zlib
from collections.abc import Sequence
from itertools import zip_longest

_HEAD = b"\x78\xda"
"""A zlib stream of the usual window (RFC 1950, 2.2)."""
_END = b"\x01\x00\x00\xff\xff"
"""A last block that is empty (RFC 1951, 3.2.4)."""
_LONGEST = 0xFFFF
"""Bytes of a block that is stored as it is."""


class MostlyConstant:
    """A zlib stream: constant parts, deflated once and for all, with a part of each sheet's own between any two."""

    def __init__(self, constant: Sequence[bytes]) -> None:
        self._constant = tuple(constant)
        self._deflated = tuple(map(_deflated, constant))

    def with_own(self, own: Sequence[bytes]) -> bytes:
        """Return the stream with these parts between the constant ones, of which there is one more."""
        assert len(own) + 1 == len(self._constant), "a part between any two"
        found, checksum = [_HEAD], zlib.adler32(b"")
        for constant, deflated, part in zip_longest(self._constant, self._deflated, own, fillvalue=b""):
            found += (deflated, *_stored(part))
            checksum = zlib.adler32(part, zlib.adler32(constant, checksum))
        return b"".join((*found, _END, checksum.to_bytes(4, "big")))


def _deflated(part: bytes) -> bytes:
    """Return a part as blocks that end on a whole byte and refer to nothing before them."""
    deflating = zlib.compressobj(9, wbits=-15)
    return deflating.compress(part) + deflating.flush(zlib.Z_FULL_FLUSH)


def _stored(part: bytes) -> list[bytes]:
    """Return a part as blocks that hold it as it is."""
    found: list[bytes] = []
    for start in range(0, len(part), _LONGEST):
        block = part[start : start + _LONGEST]
        size = len(block)
        found += (b"\x00", size.to_bytes(2, "little"), (size ^ _LONGEST).to_bytes(2, "little"), block)
    return found
