"""The example clinic's sheet -> docs/assets/properties.png: names of custom properties beside what they change.

Run as a program: `.venv/bin/python scripts/properties_picture.py`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
from manual import ROOT, properties
from PIL import Image, ImageDraw, ImageFont

from handouts import Press

_SCALE = 2.0
_MARGIN, _ROW = 330, 34
_INK, _LINE = "#0b3d91", "#7fa0d8"
_FONT = "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"
_DETAILS = {
    "patient.name": "Ana Example",
    "patient.birth_date": "1987-05-14",
    "patient.record_number": "A-00417",
    "procedure": "microneedling",
    "body_sites": ["face", "neck"],
    "performed_on": "2026-11-21 15:00",
    "practitioner": "Nurse R. Sample",
    "settings": ["needle_depth=1.5"],
    "follow_up": "2027-01-04 10:30",
}


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """A line from a name to a text of the sheet, moved by some points of the page."""

    name: str
    text: str
    page: int = 0
    right: float = 0
    up: float = 0


LEFT: Sequence[Pointer] = (
    Pointer(name="brand-width", text="Your skin after", right=20, up=40),
    Pointer(name="head-gap", text="Your skin after", right=60, up=22),
    Pointer(name="title-size", text="Your skin after"),
    Pointer(name="summary-size", text="What to do, what"),
    Pointer(name="details-gap", text="Patient", up=14),
    Pointer(name="label-width", text="Treatment date"),
    Pointer(name="key-message-size", text="Your skin has many"),
    Pointer(name="heading-size", text="When you can start"),
    Pointer(name="soft", text="Wait before"),
    Pointer(name="icon-size", text="Make-up", right=-17),
    Pointer(name="icon-indent", text="Exercise and sweating"),
    Pointer(name="rule", text="Do", right=40, up=11),
    Pointer(name="pictured-indent", text="Wash your hands"),
)
RIGHT: Sequence[Pointer] = (
    Pointer(name="frame", text="lumen.example.org", right=-60, up=-13),
    Pointer(name="short-width", text="A-00417"),
    Pointer(name="value-line", text="1.5 mm"),
    Pointer(name="radius", text="cool and out of the", right=15, up=16),
    Pointer(name="key-message-line", text="worse and not better."),
    Pointer(name="when-width", text="OK again from"),
    Pointer(name="when-line", text="Monday, November 23, 3:00 PM"),
    Pointer(name="hairline", text="Saturday, December 19, 3:00 PM", up=-9),
    Pointer(name="red", text="Do not"),
    Pointer(name="item-gap", text="cause infection and scars.", up=-8),
    Pointer(name="column-gap", text="higher.", right=216, up=-4),
)


def _where(page: pypdfium2.PdfPage, pointer: Pointer, *, on_left: bool) -> tuple[float, float]:
    """Return where a text begins on the picture of the page, or for a name on the right, where it ends."""
    found = page.get_textpage()
    start, length = found.search(pointer.text, match_case=True, match_whole_word=True).get_next()
    left, bottom, _, top = found.get_charbox(start)
    right = found.get_charbox(start + length - 1)[2]
    x, y = (left if on_left else right) + pointer.right, (bottom + top) / 2 + pointer.up
    return _MARGIN + x * _SCALE, (page.get_height() - y) * _SCALE


def _draw(pen: ImageDraw.ImageDraw, page: pypdfium2.PdfPage, pointers: Sequence[Pointer], *, on_left: bool) -> None:
    font = ImageFont.truetype(_FONT, 24)
    places = sorted(
        ((*_where(page, pointer, on_left=on_left), pointer) for pointer in pointers), key=lambda place: place[1]
    )
    lowest = 0.0
    for x, y, pointer in places:
        lowest = max(y, lowest + _ROW)
        name = f"--{pointer.name}"
        length = pen.textlength(name, font=font)
        edge = _MARGIN - 24 if on_left else _MARGIN + page.get_width() * _SCALE + 24
        pen.text((edge - length if on_left else edge, lowest - 16), name, fill=_INK, font=font)
        pen.line([(edge + (6 if on_left else -6), lowest), (x, y)], fill=_LINE, width=2)
        pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=_INK)


def main(to: Path) -> None:
    """Write the picture."""
    unknown = {pointer.name for pointer in (*LEFT, *RIGHT)} - {*properties()}
    if unknown:
        sys.exit(f"not custom properties: {', '.join(sorted(unknown))}")
    press = Press.open(ROOT / "examples" / "lumen-skin-clinic")
    sheet = press.sheet("microneedling-aftercare", _DETAILS, language="en", now=datetime(2026, 11, 21, 20, tzinfo=UTC))
    page = pypdfium2.PdfDocument(sheet.data)[0]
    picture = page.render(scale=_SCALE).to_pil().convert("RGB")
    whole = Image.new("RGB", (picture.width + 2 * _MARGIN, picture.height), "white")
    whole.paste(picture, (_MARGIN, 0))
    pen = ImageDraw.Draw(whole)
    pen.rectangle([_MARGIN, 0, _MARGIN + picture.width - 1, picture.height - 1], outline=_LINE)
    _draw(pen, page, LEFT, on_left=True)
    _draw(pen, page, RIGHT, on_left=False)
    whole.resize((whole.width * 2 // 3, whole.height * 2 // 3), Image.Resampling.LANCZOS).quantize(48).save(
        to, optimize=True
    )


if __name__ == "__main__":
    main(ROOT / "docs" / "assets" / "properties.png")
