"""A stream of which some parts change is, inflated, those parts between the constant ones, whatever their lengths."""

import zlib
from itertools import chain, zip_longest

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, lists

from handouts.typesetting.personalising import deflating
from handouts.typesetting.personalising.deflating import MostlyConstant, stored, stored_in_room

SHOWN = (b"1 0 0 -1 41.574803 67.462843 Tm\n/HUHQIP 16 Tf\n[<0031>] TJ\n", b"q\n0.043137 0.360784 0.419608 rg\nQ\n")
CONSTANT = tuple(SHOWN[place % 2] * (1 + place) for place in range(12))
ROOM = 512


def between(constant: tuple[bytes, ...], own: list[bytes]) -> bytes:
    return b"".join(chain.from_iterable(zip_longest(constant, own, fillvalue=b"")))


@given(own=lists(integers(0, 2 * ROOM).map(lambda size: b"x" * size), min_size=11, max_size=11))
def test_parts_of_any_length_stand_in_their_places(own: list[bytes]) -> None:
    data = MostlyConstant(CONSTANT).with_own([stored_in_room(part) for part in own])
    assert zlib.decompress(data).replace(b"\n", b"") == between(CONSTANT, own).replace(b"\n", b"")


@given(constant=lists(binary(max_size=600), min_size=1, max_size=4), data=binary(max_size=ROOM))
def test_constant_parts_of_any_bytes_do(constant: list[bytes], data: bytes) -> None:
    stream = MostlyConstant(constant).with_own([stored_in_room(data)] * (len(constant) - 1))
    room = data.rjust(ROOM, b"\n")
    assert zlib.decompress(stream) == between(tuple(constant), [room] * (len(constant) - 1))


def test_only_a_part_that_is_to_have_room_gets_white_space() -> None:
    own = [b"y" * 70_000, b"", b"y"]
    stream = MostlyConstant(CONSTANT[:4]).with_own([stored(part) for part in own])
    assert zlib.decompress(stream) == between(CONSTANT[:4], own)


def test_constant_parts_refer_to_those_before_them_where_every_part_has_its_room() -> None:
    content, shorter, longer = MostlyConstant(CONSTANT), stored_in_room(b"[<0031>] TJ"), stored_in_room(b"y" * 513)
    near, far = content.with_own([shorter] * 11), content.with_own([*[shorter] * 10, longer])
    assert len(far) > len(near) + 513 + 100


@pytest.mark.parametrize("size", [0, 1, 2, 511, 512])
def test_a_part_takes_its_room_for_few_bytes_more(size: int) -> None:
    part = stored_in_room(b"z" * size)
    assert part.sums.size == deflating._ROOM == ROOM  # noqa: SLF001 - what the lengths above are chosen for
    assert len(part.blocks) <= size + 12
