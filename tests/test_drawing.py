"""A value's line that is drawn in one walk over its glyphs is the line that WeasyPrint draws."""

import unicodedata
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from

from handouts.languages import known_tags, language, name_fonts
from handouts.typesetting import typesetter  # It puts into WeasyPrint what makes a text layer exact.
from handouts.typesetting.engine import HTML, Brush, Layout, lines
from handouts.typesetting.personalising.drawing import Drawing, Pen
from handouts.typesetting.personalising.operators import meaning

assert typesetter
NAMES = (
    "Ana AVATAR To. Ty, fi ffl LTV-0012/7",
    "Nguyễn Thị Ánh, O\u0308zge Çağlar, Łukasz",
    "Анна Ёлкина-Щербак 21.11.2026",
    "محمّد بن عليّ الأنصاري 12-34",
    "فاطمه رضایی‌نژاد ۱۲۳",
    "कृष्णमूर्ति श्रीदेवी क्षत्रिय २१",
    "ন্যাশনাল ক্ষ্ম ੴ ਸਿੰਘ ਪ੍ਰੀਤ",
    "王小明 2026年11月21日 (周六) 7:00",
    "김민준 11월 21일 ひらがな カタカナ",
    "نستعلیق سید ٹھیک ہے",
    "Ana محمد Anna 王 कमल",
    "(Ana) [محمد] «12»",
)


def brush_of(direction: str, weight: int, tag: str) -> tuple[Brush, Any]:
    """Return what draws with the fonts of a page in this language, and the page's style."""
    families = ", ".join(f'"{name}"' for name in (*language(tag).fonts, "Noto Sans", *name_fonts()))
    style = f"font: {weight} 10.4px {families}; direction: {direction}"
    document = HTML(string=f"<html lang={tag}><p style='{style}'>x").render()
    return Brush(document), next(box for box, _ in lines(document.pages[0])).style


def drawn(text: str, direction: str, weight: int, tag: str) -> Iterator[Drawing]:
    """Yield a text's line as it is drawn by ourselves, and by WeasyPrint with fonts that have met nothing."""
    for way in (Pen.drawing, Pen._by_brush):  # noqa: SLF001 - what the other is held against
        brush, style = brush_of(direction, weight, tag)
        layout = Layout(style)
        layout.set_text(text)
        box = SimpleNamespace(style=style, pango_layout=layout, text=text, baseline=0)
        yield way(Pen(brush), box)


def said(drawing: Drawing) -> tuple[object, ...]:
    """Return all that a drawing shows."""
    operators = tuple(meaning(part.operators, {part.font.hash: part.codes}) for part in drawing.parts)
    return operators, tuple(part.codes for part in drawing.parts), drawing.letters


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize(("direction", "weight", "tag"), [("ltr", 400, "en"), ("rtl", 700, "ar"), ("ltr", 700, "ja")])
def test_a_line_is_drawn_as_weasyprint_draws_it(text: str, direction: str, weight: int, tag: str) -> None:
    ours, theirs = drawn(text, direction, weight, tag)
    assert said(ours) == said(theirs)


def letters() -> list[str]:
    """Return letters, marks and digits of the scripts in the basic plane that fonts may turn, join and pile up."""
    ranges = ((0x20, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x5D0, 0x6FF), (0x900, 0xDFF), (0x3040, 0x30FF))
    every = (chr(code) for first, last in ranges for code in range(first, last + 1))
    return [letter for letter in every if unicodedata.category(letter)[0] in "LMN"] + [" ", ".", ",", "-", "(", ")"]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(lists(sampled_from(letters()), min_size=1, max_size=12).map("".join))
def test_any_letters_in_a_row_are_drawn_as_weasyprint_draws_them(text: str) -> None:
    if text.strip():
        ours, theirs = drawn(text, "ltr", 400, known_tags()[0])
        assert said(ours) == said(theirs)


@pytest.mark.parametrize("text", [name for name in NAMES if "\u0651" not in name])
def test_only_glyphs_above_their_line_are_left_to_weasyprint(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Brush, "draw", None)
    brush, style = brush_of("ltr", 400, "en")
    layout = Layout(style)
    layout.set_text(text)
    drawing = Pen(brush).drawing(SimpleNamespace(style=style, pango_layout=layout, text=text, baseline=0))
    assert drawing.parts
