"""Data of which only some parts change from sheet to sheet -> the same data deflated, for the price of those parts."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_HEAD = b"\x78\xda"
"""A zlib stream of the usual window (RFC 1950, 2.2)."""
_END = b"\x01\x00\x00\xff\xff"
"""A last block that is empty (RFC 1951, 3.2.4)."""
_LONGEST = 0xFFFF
"""Bytes of a block that is stored as it is."""
_MODULUS = 65_521
"""Of the sums of an Adler-32 (RFC 1950, 9)."""
_ROOM = 512
"""Bytes that a part of a sheet's own takes with the white space before it: the longest of 3,000 had 300 (measured)."""
_SPACE = b"\n"
_NOWHERE = bytes(range(0x80, 0x100)) * (_ROOM // 0x80)
"""Stands for a part while the constant ones are deflated: where these are ASCII, nothing refers to it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stored:
    """The blocks of a zlib stream that hold a part of one sheet's own as it is, white space before it included."""

    blocks: bytes
    sums: "_Sums"


class _Sums(NamedTuple):
    """How many bytes some data has, and the two sums of its Adler-32 (RFC 1950, 9), the first of them without its 1."""

    size: int
    first: int
    second: int


def _sums(data: bytes) -> _Sums:
    checksum = zlib.adler32(data)
    return _Sums(len(data), (checksum & 0xFFFF) - 1, checksum >> 16)


def stored(part: bytes) -> Stored:
    """Return a part with its blocks; what many sheets have is made once."""
    found: list[bytes] = []
    for start in range(0, len(part), _LONGEST):
        found += (b"\x00", _block(part[start : start + _LONGEST]))
    return Stored(blocks=b"".join(found), sums=_sums(part))


def stored_in_room(part: bytes) -> Stored:
    """Return a part with its blocks, which takes its room with white space before it; a longer one as it is."""
    space = _ROOM - len(part)
    if space < 0:
        return stored(part)
    return Stored(blocks=_begun(space) + _block(part), sums=_sums(_SPACE * space + part))


def _block(part: bytes) -> bytes:
    """Return what comes behind the first byte of a block that is stored."""
    size = len(part)
    return b"".join((size.to_bytes(2, "little"), (size ^ _LONGEST).to_bytes(2, "little"), part))


@cache
def _begun(space: int) -> bytes:
    """Return so much white space deflated, and the first byte of a block that is stored."""
    deflating = zlib.compressobj(9, wbits=-15, strategy=zlib.Z_FIXED)
    return (deflating.compress(_SPACE * space) + deflating.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_block(b""))


class MostlyConstant:
    """A zlib stream: constant parts, deflated once and for all, with a part of each sheet's own between any two.

    A constant part refers to those before it, at a distance that is known where each part of a sheet's own takes its
    room: a sheet in Latin letters has 4 kB less, of 52. Else each is deflated by itself.
    """

    def __init__(self, constant: Sequence[bytes]) -> None:
        self._sums = tuple(map(_sums, constant))
        self._by_itself = tuple(_deflated(constant, b""))
        is_text = all(part.isascii() for part in constant)
        self._referring = tuple(_deflated(constant, _NOWHERE)) if is_text else self._by_itself

    def with_own(self, own: Sequence[Stored]) -> bytes:
        """Return the stream with these parts between the constant ones, of which there is one more.

        The checksum is put together from those of the parts, which are known: to go over all data takes longer.
        """
        assert len(own) + 1 == len(self._sums), "a part between any two"
        deflated = self._referring if all(part.sums.size == _ROOM for part in own) else self._by_itself
        found = [_HEAD, deflated[0]]
        _, first, second = self._sums[0]
        for part, constant, behind in zip(own, self._sums[1:], deflated[1:], strict=True):
            found += (part.blocks, behind)
            for size, more_first, more_second in (part.sums, constant):
                second += more_second + size * first
                first += more_first
        checksum = second % _MODULUS << 16 | (first + 1) % _MODULUS
        return b"".join((*found, _END, checksum.to_bytes(4, "big")))


def _deflated(parts: Sequence[bytes], between: bytes) -> Iterator[bytes]:
    """Yield each part as blocks that end on a whole byte, deflated by itself or with what is to be between them."""
    deflating = zlib.compressobj(9, wbits=-15)
    for part in parts:
        yield deflating.compress(part) + deflating.flush(zlib.Z_SYNC_FLUSH if between else zlib.Z_FULL_FLUSH)
        deflating.compress(between)
        deflating.flush(zlib.Z_SYNC_FLUSH)
