"""A page in a browser -> its paragraphs and the picture of its letters, as the judge of finished pages takes them."""

import io
from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page

from handouts.letters import letters_of
from handouts.typesetting.lines import POINTS, Paragraph, Piece
from handouts.typesetting.picture import Letters, compared
from tests.browser import DOTS, style

BASELINE = 1.07
"""Ems from the top of a line's box to its baseline, in Noto Sans."""

CHARACTERS = """() => {
  const found = [];
  const owners = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest("script, style")) continue;
    let owner = node.parentElement;
    const inside = (one) => getComputedStyle(one).display.startsWith("inline") && !one.matches("div, th, td, p");
    while (inside(owner)) owner = owner.parentElement;
    if (!owners.has(owner)) owners.set(owner, owners.size);
    const size = parseFloat(getComputedStyle(node.parentElement).fontSize);
    const range = document.createRange();
    for (let at = 0; at < node.data.length; at += 1) {
      if (!node.data[at].trim()) continue;
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { left, top, right, bottom } = range.getBoundingClientRect();
      found.push([owners.get(owner), node.data[at], left, top + scrollY, right, bottom + scrollY, size]);
    }
  }
  return found;
}"""
NO_TEXT = "* { color: transparent !important; text-decoration-color: transparent !important }"


def letters(page: Page) -> tuple[tuple[Paragraph, ...], Letters]:
    """Return what the page draws, as one long page: its paragraphs, and the letters of its picture."""
    found = [row for row in page.evaluate(CHARACTERS) if row[4] > row[2]]
    with_text = _picture(page)
    style(page, NO_TEXT)
    without_text = _picture(page)
    page.evaluate("() => document.adoptedStyleSheets.pop()")
    boxes = np.array([row[2:6] for row in found], dtype=float) * POINTS
    picture = compared([row[1] for row in found], boxes, with_text, without_text, scale=DOTS / POINTS)
    # A browser tells how much room a letter takes, with the lines above and below it, and not where its ink is.
    ones = np.ones_like(picture.share)
    return _paragraphs(found), replace(picture, share=ones, ground=ones)


def _picture(page: Page) -> npt.NDArray[np.uint32]:
    dots = np.array(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGBA"))
    return np.ascontiguousarray(dots[..., [2, 1, 0, 3]]).view("<u4")[..., 0]


def _paragraphs(found: list[list[float | str]]) -> tuple[Paragraph, ...]:
    owners: dict[object, list[Piece]] = {}
    for (owner, top, size), row in groupby(found, key=lambda row: (row[0], row[3], float(row[6]))):
        line = list(row)
        owners.setdefault(owner, []).append(
            Piece(
                page=0,
                left=min(float(letter[2]) for letter in line) * POINTS,
                right=max(float(letter[4]) for letter in line) * POINTS,
                baseline=(float(top) + BASELINE * size) * POINTS,
                size=size * POINTS,
                letters=letters_of("".join(str(letter[1]) for letter in line)),
            )
        )
    return tuple(Paragraph(order=order, pieces=tuple(pieces)) for order, pieces in enumerate(owners.values()))
