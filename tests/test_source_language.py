"""A document may be written in another language than English: its English is then a translation like any other."""

import re
from pathlib import Path

import pytest

from handouts.press import Press
from handouts.records import ComposedHandout, Format
from handouts.resources import Resources
from tests.conftest import job

SOURCE = """---
id: hoja
language: es
version: "1.0"
title: Su piel después del tratamiento
summary: Qué hacer y cuándo llamar.
treatments:
  microneedling: Microagujas
body_sites:
  face: La cara
  neck: El cuello
review:
  by: Dra. B. Muestra
  role: dermatóloga
  "on": 2026-10-01
  due: 2027-11-21
sources:
  practice:
    citation: Lo que hace la clínica.
settings:
  needle_depth:
    label: Profundidad
    unit: millimeter
    at_least: 0.1
    at_most: 3.5
---

::: key-message
Mantenga la piel limpia.
:::

::: emergency
- Le cuesta respirar.
:::

::: call-us
- Ve pus.
:::

::: contact
:::
"""
IN_ENGLISH = {
    ("title", "Su piel después del tratamiento"): "Your skin after the treatment",
    ("summary", "Qué hacer y cuándo llamar."): "What to do and when to call.",
    ("treatment", "Microagujas"): "Fine needles",
    ("body site", "La cara"): "The face",
    ("body site", "El cuello"): "The neck",
    ("setting", "Profundidad"): "Depth",
    ("key-message paragraph", "Mantenga la piel limpia."): "Keep your skin clean.",
    ("call-us item", "Ve pus."): "You see pus.",
    ("emergency item", "Le cuesta respirar."): "It is hard to breathe.",
}
SPANISH_TITLE = '<span lang="es" dir="ltr">Su piel después del tratamiento</span>'
NOT_CHECKED = "No named person has checked this translation yet."


@pytest.fixture
def spanish(clinic: Path) -> Path:
    """A clinic whose sheet `hoja` is in Spanish; nobody has reviewed its translations into English and Arabic."""
    (clinic / "library").mkdir(exist_ok=True)
    (clinic / "library" / "hoja.md").write_text(SOURCE)
    for tag in ("en", "ar"):
        folder = clinic / "locales" / tag / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        entries = (
            f'msgctxt "{context}"\nmsgid "{source}"\nmsgstr "{text}"\n'
            for (context, source), text in IN_ENGLISH.items()
        )
        header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        (folder / "hoja.po").write_text("\n".join((header, *entries)))
    return clinic


def composed(clinic: Path, languages: str) -> ComposedHandout:
    (sheet,), _ = Press(Resources(clinic=clinic)).compose(job("hoja", languages, form=Format.HTML))
    return sheet


def test_an_unreviewed_translation_into_english_is_a_draft_and_says_so(spanish: Path) -> None:
    assert NOT_CHECKED in composed(spanish, "en").html
    mail = Press(Resources(clinic=spanish)).mail("hoja", "en", job().now.date())
    assert NOT_CHECKED in mail.html
    assert NOT_CHECKED in mail.text


def test_a_spanish_title_for_the_staff_is_marked_as_spanish(spanish: Path) -> None:
    html = composed(spanish, "ar").html
    assert f'<p class="for-staff" lang="en" dir="ltr">{SPANISH_TITLE} · Arabic</p>' in html


@pytest.mark.parametrize("languages", ["es", "es+ar"])
def test_a_title_that_stands_on_the_sheet_is_not_said_once_more(spanish: Path, languages: str) -> None:
    html = composed(spanish, languages).html
    in_english = "Spanish + Arabic" if "+" in languages else "Spanish"
    assert f'<p class="for-staff" lang="en" dir="ltr">{in_english}</p>' in html
    for element in re.findall(r"<[^>]*>Su piel después del tratamiento", html):
        assert element.startswith(("<h1>", "<title>"))


def test_a_sheet_in_english_needs_nothing_in_english_for_the_staff(spanish: Path) -> None:
    assert 'class="for-staff"' not in composed(spanish, "en").html
