"""The custom properties of the shipped styles: they are all that says a colour, a size or a distance, each in words."""

import importlib
import re

import pytest

from handouts.composition.stylesheets import resolved
from handouts.resources import SHELVES

manual = importlib.import_module("scripts.manual")
STYLES: tuple[str, ...] = manual.STYLES
HANDOUT = SHELVES["templates"] / "handout"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ROOT = re.compile(r"^:root \{.*?^\}", re.DOTALL | re.MULTILINE)
VALUE = re.compile(r"#[0-9a-fA-F]{3,8}\b|-?\d*\.?\d+(?:pt|mm|cm|in|px|em|rem|%)")
WHOLES = {"100%", "50%", "0em", "0mm", "0rem", "1em"}
"""All of something, half of it, and what lengths are taken from."""
FROM_THE_CLINIC = {"primary", "accent", "tint", "brand", "on-brand", "lead"}
"""What sheet.html sets: the clinic's colours, and the language's line height."""


@pytest.mark.parametrize("style", STYLES)
def test_no_rule_has_a_colour_a_size_or_a_distance_of_its_own(style: str) -> None:
    rules = re.sub(r"@media[^{]*", "", ROOT.sub("", COMMENT.sub("", (HANDOUT / style).read_text())))
    assert set(VALUE.findall(rules)) <= WHOLES


def test_every_property_is_said_in_words_set_and_used() -> None:
    found = manual.properties()
    assert [name for name, one in found.items() if not one.words] == []
    text = "".join((HANDOUT / name).read_text() for name in (*STYLES, "sheet.html"))
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) == {*found, *FROM_THE_CLINIC}
    set_anywhere = "".join(match for style in STYLES for match in ROOT.findall((HANDOUT / style).read_text()))
    assert set(re.findall(r"^  --([\w-]+):", set_anywhere, re.MULTILINE)) == set(found)


def test_a_clinics_own_value_comes_last_and_is_put_in() -> None:
    style = "".join((HANDOUT / name).read_text() for name in STYLES) + ":root { --radius: 7mm; }"
    assert "border-radius: 7mm" in resolved((style,))[0]
    assert "var(--radius)" not in resolved((style,))[0]
