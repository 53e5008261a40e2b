"""A picture in a background has no object of its own where it would look the same without, and keeps it elsewhere."""

import io

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest

from handouts.typesetting import typesetter  # It puts into WeasyPrint what draws pictures in their place.
from handouts.typesetting.engine import CSS, HTML
from tests.conftest import DETAILS, NOW, example_press

assert typesetter
OPAQUE = "<circle cx='5' cy='5' r='4' fill='%23075'/><path d='M1 1H9V9' stroke='%23a00' fill='none'/>"
GRADIENT = "<linearGradient id='g'><stop stop-color='red'/><stop offset='1'/></linearGradient>"
PAGE = "@page { size: 60px 60px; margin: 5px } p { margin: 0; height: 50px }"


def typeset(svg: str, style: str = "no-repeat", more: str = "") -> bytes:
    """Return a page whose paragraph has a picture in its background."""
    image = f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'>{svg}</svg>"
    html = f'<html lang="en"><p>a<p style="background: url(&quot;{image}&quot;) {style}; {more}">b'
    return bytes(HTML(string=html).write_pdf(stylesheets=[CSS(string=PAGE)], pdf_variant="pdf/ua-1"))


def groups(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return sum(isinstance(thing, pikepdf.Stream) and "/Group" in thing for thing in document.objects)


def dots(pdf: bytes) -> np.ndarray:
    with pdfium.PdfDocument(pdf) as document:
        return np.concatenate([page.render(scale=4).to_numpy().astype(int) for page in document])


def test_no_picture_of_a_shipped_sheet_is_an_object_of_its_own() -> None:
    assert groups(example_press().sheet("microneedling-aftercare", DETAILS, now=NOW).data) == 0


def test_a_picture_in_its_place_looks_as_it_does_in_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    in_place = typeset(OPAQUE)
    monkeypatch.setattr("handouts.typesetting.pictograms.take_in", lambda *_: False)
    in_group = typeset(OPAQUE)
    assert (groups(in_place), groups(in_group)) == (0, 1)
    assert np.abs(dots(in_place) - dots(in_group)).max() <= 2
    assert dots(in_place).min() == 0
    assert len(in_place) < len(in_group)


@pytest.mark.parametrize(
    ("svg", "style", "more"),
    [
        (f"<g opacity='.5'>{OPAQUE}</g>", "no-repeat", ""),
        ("<rect width='9' height='9' fill-opacity='.5'/>", "no-repeat", ""),
        (f"<mask id='m'><circle r='5' fill='white'/></mask><g mask='url(%23m)'>{OPAQUE}</g>", "no-repeat", ""),
        (f"{GRADIENT}<rect width='9' height='9' fill='url(%23g)'/>", "no-repeat", ""),
        (OPAQUE, "repeat", ""),
        (OPAQUE, "no-repeat", "box-shadow: 0 0 0 2px rgb(0 0 0 / 50%)"),
    ],
    ids=["half a group", "half a shape", "a mask", "a gradient", "repeated", "after something half"],
)
def test_a_picture_is_left_to_weasyprint_where_anything_is_not_opaque_or_more_than_shapes(
    svg: str, style: str, more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wrapper = typeset(svg, style, more)
    monkeypatch.setattr("handouts.typesetting.pictograms.take_in", lambda *_: False)
    assert with_wrapper == typeset(svg, style, more)
