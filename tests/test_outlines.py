"""Outlines put together draw what HarfBuzz cuts; a face with what changes how a glyph is drawn is left to it."""

import io
from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from fontTools import cffLib
from fontTools.pens.recordingPen import RecordingPen

from handouts.press import Press
from handouts.resources import Resources
from handouts.typesetting.compact_fonts import face_of_outlines
from handouts.typesetting.personalising import small_fonts
from handouts.typesetting.personalising.outlines import Outlines
from tests.conftest import EXAMPLE_CLINIC, job

NAMES = ("王小明", "欧阳娜", "山田花子", "김예시", "王明小", "李示例", "Ω明 Ø")
FIRST = ("Ana Example", "Ben Sample", "Clara Muster")


@cache
def cuts() -> dict[tuple[int, ...], tuple[bytes, bytes | None]]:
    """Return, by the glyphs, what HarfBuzz cuts and what was put together of the small fonts of some sheets."""
    found: dict[tuple[int, ...], tuple[bytes, bytes | None]] = {}

    class Noted(Outlines):
        def of(self, glyphs: Sequence[int]) -> bytes | None:
            together = super().of(glyphs)
            found[tuple(glyphs)] = (self._cut(glyphs), together)
            return together

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(small_fonts, "Outlines", Noted)
        press = Press(Resources(clinic=EXAMPLE_CLINIC))
        for name in (*FIRST, *NAMES):
            wanted = job("microneedling-aftercare", "en", patient_name=name)
            press.sheet_of(press.check(wanted)[0].checked)
    return found


def drawn(outlines: bytes) -> dict[str, tuple[object, ...]]:
    """Return how each glyph is drawn, with its width and what says how it fits to pixels."""
    face = face_of_outlines(outlines)
    found: dict[str, tuple[object, ...]] = {}
    for place, name in enumerate(face.charset):
        pen = RecordingPen()
        glyph = face.CharStrings[name]
        glyph.draw(pen)
        private = face.FDArray[face.FDSelect[place]].Private
        found[name] = (pen.value, glyph.width, private.rawDict)
    return found


def test_outlines_put_together_draw_what_harfbuzz_cuts() -> None:
    assert len(cuts()) >= len(NAMES) - 1
    for glyphs, (whole, together) in cuts().items():
        assert together is not None
        assert drawn(together) == drawn(whole)
        assert [*drawn(together)] == [".notdef", *(f"cid{glyph:05d}" for glyph in glyphs)]
        assert len(together) < len(whole), "what a PDF asks for nowhere is left out"


def test_outlines_are_the_same_whatever_was_cut_before() -> None:
    cut = {glyphs: whole for glyphs, (whole, _) in cuts().items()}
    for glyphs, (_, together) in cuts().items():
        assert Outlines(lambda wanted: cut[tuple(wanted)]).of(glyphs) == together


def changed(outlines: bytes, change: Callable[[Any], object]) -> bytes:
    """Return outlines of which something is changed, written by fontTools."""
    fonts, as_it_is = cffLib.CFFFontSet(), SimpleNamespace(recalcBBoxes=False)
    fonts.decompile(io.BytesIO(outlines), as_it_is)
    for name in fonts[0].charset:
        fonts[0].CharStrings[name].decompile()
    change(fonts[0])
    out = io.BytesIO()
    fonts.compile(out, as_it_is)
    return out.getvalue()


def smaller(face: Any) -> None:
    face.FontMatrix = [0.0005, 0, 0, 0.0005, 0, 0]


def stroked(face: Any) -> None:
    face.PaintType = 2


def subroutines(face: Any) -> None:
    face.FDArray[0].Private.Subrs = cffLib.SubrsIndex()
    face.FDArray[0].Private.Subrs.append(face.CharStrings[face.charset[1]])


def given(outlines: bytes) -> Outlines:
    return Outlines(lambda _: outlines)


def test_a_face_with_what_changes_its_glyphs_is_left_to_harfbuzz() -> None:
    glyphs, (whole, _) = next(iter(cuts().items()))
    assert given(changed(whole, lambda _: None)).of(glyphs), "what is changed below is read as it is"
    for change in (smaller, stroked, subroutines):
        assert given(changed(whole, change)).of(glyphs) is None, change
    for broken in (b"", b"outlines", whole[: len(whole) // 2]):
        assert given(broken).of(glyphs) is None
    assert given(whole).of((*glyphs, 65_000)) is None, "a glyph that the cut has not"


def test_a_cut_that_is_of_another_face_adds_nothing() -> None:
    (one, (first, _)), (two, (second, _)) = [*cuts().items()][:2]

    def bounds(face: Any) -> None:
        face.FontBBox = [0, 0, 1, 1]

    cut = {one: first}
    outlines = Outlines(lambda wanted: cut.get(tuple(wanted), changed(second, bounds)))
    together = outlines.of(one)
    assert together
    assert outlines.of(two) is None
    assert outlines.of(one) == together
