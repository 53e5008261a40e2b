"""A sheet in two languages is the same sheet: the clinic's look, its order and what stands behind it reach both."""

import re
import subprocess
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from pypdfium2.raw import FPDFText_GetFontSize, FPDFText_GetUnicode

from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Destination, Format, PrintSize
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, example_press, job

LARGE_TEXT, LARGE_HEADING = 24, 28
"""18 and 21 pt in CSS px."""
WORD = re.compile(r'<word xMin="([^"]*)" yMin="([^"]*)" xMax="([^"]*)" yMax="([^"]*)">(.*?)</word>')
HALF_A_POINT = 0.5

OWN_PAGE = """
{% extends "@shipped/handout/sheet.html" %}
{% block style %}h1 { border-bottom: 3pt dotted; }{% endblock %}
{% block header %}<header><p class="band">A header of the clinic's own</p></header>{% endblock %}
{% block body %}
{% for block in blocks if block.kind == "emergency" %}{{ parts.block(block) }}{% endfor %}
{% for block in blocks if block.kind != "emergency" %}{{ parts.block(block) }}{% endfor %}
{% call(side) parts.beside("map") %}<p>{{ side.gettext("Worried? Call us.") }} (once more)</p>{% endcall %}
{% endblock %}
"""


def composed(languages: str, clinic: Path = EXAMPLE_CLINIC) -> str:
    press = example_press() if clinic == EXAMPLE_CLINIC else Press(Resources(clinic=clinic))
    (sheet,), _ = press.compose(job("microneedling-aftercare", languages, form=Format.HTML))
    return sheet.html


def test_a_clinics_own_page_reaches_a_sheet_in_two_languages(clinic: Path) -> None:
    sheet = clinic / "templates" / "handout" / "sheet.html"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(OWN_PAGE)
    html = composed("es+en", clinic)
    assert "h1 { border-bottom: 3pt dotted; }" in html
    assert html.count("A header of the clinic's own") == 1
    assert "120 Harbor Street" not in html
    body = html.partition("<body>")[2]
    assert body.index("Llame ya al") < body.index("Call ") < body.index("Qué hacer</h2>")
    assert "¿Le preocupa algo? Llámenos. (once more)" in html
    assert "Worried? Call us. (once more)" in html


def test_a_page_that_drops_the_title_of_one_language_is_refused(clinic: Path) -> None:
    sheet = clinic / "templates" / "handout" / "sheet.html"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(
        '{% extends "@shipped/handout/sheet.html" %}'
        "{% block title %}<h1>{{ document.title }}</h1><p>{{ document.summary }}</p>{% endblock %}"
    )
    assert "<h1>Su piel" in composed("es", clinic)
    with pytest.raises(InputError) as error:
        composed("es+en", clinic)
    (problem,) = errors_of(error.value.problems)
    assert (problem.code, problem.values["names"]) == ("sheet-loses", "{% block title %}")


def test_a_sheet_in_two_languages_says_who_approved_it_and_who_regulates_the_clinic() -> None:
    html = composed("en+es")
    for words in ("Approved for this clinic by: ", "Aprobado para esta clínica por: "):
        assert f'{words}<span class="run" dir="ltr">Dr. A. Example' in html
    assert "Licensed by the Example Board of Health, no. 0000" in html
    assert "Con licencia de la Junta de Salud de Ejemplo, n.º 0000" in html


def test_a_sheet_in_two_languages_names_the_clinic_in_both_and_once_where_the_name_is_the_same() -> None:
    names = re.findall(r'<p class="clinic"[^>]*>(?:<[^>]+>)*([^<]+)', composed("ar+en"))
    assert names == ["عيادة لومن للبشرة", "Lumen Skin Clinic"]
    assert len(re.findall(r'<p class="clinic"', composed("es+en"))) == 1


def test_a_translation_that_nobody_has_checked_is_a_draft_in_both_languages() -> None:
    html = composed("en+es")
    assert "No named person has checked this translation yet." in html
    assert "Ninguna persona identificada ha revisado aún esta traducción." in html
    assert html.count('class="draft"') == 2


def test_where_no_language_is_english_the_staff_can_read_what_the_sheet_is() -> None:
    html = composed("es+ar")
    assert '<p class="for-staff" lang="en" dir="ltr">Your skin after microneedling · Spanish + Arabic</p>' in html
    assert '<p class="draft" lang="en" dir="ltr"><strong>Draft translation. </strong>' in html
    assert 'class="for-staff"' not in composed("ar+en")


def test_steps_and_what_can_be_ticked_are_there_in_both_languages() -> None:
    for document in ("microneedling-before", "microneedling-routine"):
        (one,), _ = example_press().compose(job(document, "es"))
        (two,), _ = example_press().compose(job(document, "es+en"))
        assert one.html.count('class="tick"') == two.html.count('class="tick"')
        steps = one.html.count("<ol") and one.html.split("<ol", 1)[1].split("</ol>")[0].count("<li")
        assert bool(steps) == ('<tr class="step">' in two.html)


def test_headings_of_large_print_are_larger_than_its_text_in_two_languages(tmp_path: Path) -> None:
    letters = letters_of(made("ar+es", tmp_path, PrintSize.LARGE))
    assert min(size for letter, size in letters if letter != " ") == LARGE_TEXT
    text = "".join(letter for letter, _ in letters)
    for heading in ("Llame ya al", "Qué no hacer", "Marque las casillas", "¿Le preocupa", "Cuándo puede"):
        assert letters[text.index(heading)][1] == LARGE_HEADING


@pytest.mark.parametrize(
    ("languages", "size"),
    [("ar+es", PrintSize.LARGE), ("de+ru", PrintSize.LARGE), ("es+ar", PrintSize.STANDARD), ("ru", PrintSize.STANDARD)],
)
def test_no_word_in_print_lies_on_another(tmp_path: Path, languages: str, size: PrintSize) -> None:
    assert collisions(made(languages, tmp_path, size)) == []


@pytest.mark.parametrize("languages", ["ar+en", "es+ar", "de+en"])
def test_a_sheet_in_two_languages_takes_four_to_six_sides(tmp_path: Path, languages: str) -> None:
    with PdfDocument(made(languages, tmp_path, PrintSize.STANDARD)) as pdf:
        assert len(pdf) in (4, 5, 6)


def made(languages: str, folder: Path, size: PrintSize) -> Path:
    wanted = job("microneedling-aftercare", languages, size=size)
    return example_press().make(wanted, Destination(folder=folder)).receipts[0].path


def letters_of(path: Path) -> list[tuple[str, float]]:
    """Return each letter of a sheet's text layer with its size in CSS px."""
    found = []
    with PdfDocument(path) as pdf:
        for page in pdf:
            text = page.get_textpage()
            for index in range(text.count_chars()):
                letter = chr(FPDFText_GetUnicode(text, index))
                found.append((letter, round(FPDFText_GetFontSize(text, index), 1)))
    return [(letter, size) for letter, size in found if not letter.isspace() or letter == " "]


def collisions(path: Path) -> list[tuple[str, str]]:
    """Return the words of a sheet whose middle halves share more than half a point.

    A single letter does not count: pdftotext takes some Arabic words apart, whose letters stand close.
    """
    pages = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    found = []
    for page in pages.split("<page")[1:]:
        words = [(word, *map(float, box)) for *box, word in WORD.findall(page) if len(word) > 1]
        for index, (word, left, top, right, bottom) in enumerate(words):
            for other, start, upper, end, lower in words[index + 1 :]:
                across = min(right, end) - max(left, start)
                down = min(bottom - (bottom - top) / 4, lower - (lower - upper) / 4) - max(
                    top + (bottom - top) / 4, upper + (lower - upper) / 4
                )
                if across > HALF_A_POINT and down > HALF_A_POINT:
                    found.append((word, other))
    return found
