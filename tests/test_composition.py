"""The sheet as HTML: golden text, languages and directions marked, one file that loads nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.branding.colours import TEXT_CONTRAST, contrast
from handouts.composition.bidi import direction, isolated
from handouts.composition.page_checks import dangers
from handouts.composition.wording import Wording, css_string, spaced
from handouts.errors import InputError, errors_of
from handouts.languages import known_tags, language
from handouts.page_tree import page_tree
from handouts.press import Press
from handouts.records import Duration, Format, PrintSize, Unit
from handouts.resources import SHELVES, Resources
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, example_press, job, renamed

GOLDEN = Path(__file__).parent / "golden"
DATA_URI = re.compile(r"data:[\w/+-]+;base64,[A-Za-z0-9+/=]+")
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
HASH = re.compile(r"'sha256-[\w+/=]+'(?: 'sha256-[\w+/=]+')*")
FINGERPRINT = re.compile(r"\b[0-9a-f]{8}\b")


def composed(*languages: str, clinic: Path = EXAMPLE_CLINIC, **options: object) -> str:
    press = example_press() if clinic == EXAMPLE_CLINIC else Press(Resources(clinic=clinic))
    (sheet,), _ = press.compose(job("microneedling-aftercare", *languages, **options))  # type: ignore[arg-type]  # a test's own keywords
    return sheet.html


def readable(html: str) -> str:
    """Return the HTML without style, pictures and fingerprint, so that a golden file shows what a sheet says."""
    html = HASH.sub("'sha256-…'", FINGERPRINT.sub("fingerprint", DATA_URI.sub("data:…", STYLE.sub("", html))))
    return "\n".join(line.rstrip() for line in html.splitlines() if line.strip()) + "\n"


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_the_sheet_says_what_the_golden_file_says(tag: str) -> None:
    path = GOLDEN / f"microneedling-aftercare.{tag}.html"
    found = readable(composed(tag))
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found)
    assert found == path.read_text()


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("size", list(PrintSize))
def test_a_sheet_is_one_file_that_loads_nothing(form: Format, size: PrintSize) -> None:
    html = composed("ar", form=form, size=size)
    loaded = re.findall(r'(?:src|poster|data)="([^"]*)"|url\(([^)]*)\)|@import\s+(\S+)', html)
    assert loaded
    assert all(address.startswith(("data:", "#")) for found in loaded for address in found if address)
    script = (SHELVES["templates"] / "handout" / "ticks.js").read_text()
    assert html.count("<script") == html.count(f"<script>{script}</script>") == (1 if form is Format.HTML else 0)
    assert "<link" not in html


@pytest.mark.parametrize("where", ["clinic's own", "changed", "twice", "with an attribute"])
def test_no_script_but_the_shipped_one_runs(where: str) -> None:
    script = "keep(ticks);"
    page = {
        "clinic's own": "<script>alert(1)</script>",
        "changed": f"<script>{script} </script>",
        "twice": f"<script>{script}</script>" * 2,
        "with an attribute": f"<script src=x>{script}</script>",
    }[where]
    shipped = page_tree(f"<script>{script}</script>")
    assert [problem.code for problem in dangers(page_tree(page), script)] == ["must-not-run"]
    assert dangers(shipped, script) == ()
    assert [problem.code for problem in dangers(shipped)] == ["must-not-run"]


def test_a_clinics_own_script_in_the_place_of_the_shipped_one_does_not_run(clinic: Path) -> None:
    own = clinic / "templates" / "handout" / "ticks.js"
    own.parent.mkdir(parents=True)
    own.write_text("alert(1)")
    assert "alert(1)" not in composed("en", clinic=clinic, form=Format.HTML)


def test_passages_in_another_language_are_marked() -> None:
    html = composed("ar", note="Use the blue gel.")
    assert '<html lang="ar" dir="rtl">' in html
    assert '<p class="value" dir="ltr">Use the blue gel.</p>' in html
    assert re.search(r'<p lang="en" dir="ltr">120 Harbor Street', html)
    assert '<p class="clinic" dir="rtl">عيادة لومن للبشرة</p>' in html
    assert '<p class="for-staff" lang="en" dir="ltr">Your skin after microneedling · Arabic</p>' in html


def test_a_number_keeps_its_direction_in_a_right_to_left_line() -> None:
    html = composed("ar")
    assert '<a class="isolate" dir="ltr" href="tel:+12125550142">(212) 555-0142</a>' in html
    assert '<a class="isolate" dir="ltr" href="tel:911">911</a>' in html


def test_a_name_brings_its_own_direction() -> None:
    assert '<div class="value patient" dir="rtl">محمد عبد الله</div>' in composed("en", patient_name="محمد عبد الله")
    assert '<div class="value patient" dir="ltr">Amina Example</div>' in composed("ar")


def test_what_was_typed_is_escaped() -> None:
    html = composed("en", patient_name="<script>alert(1)</script>", note='"><img src=x>')
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img src=x>" not in html


def test_a_patients_name_stands_in_its_field_alone() -> None:
    html = composed("en", patient_name="Zebulon Example")
    assert html.count("Zebulon") == 1


def test_a_sheet_that_nobody_stands_behind_says_so_in_both_languages() -> None:
    html = composed("ar")
    assert '<p class="draft" lang="en" dir="ltr"><strong>Draft translation. </strong>' in html
    assert html.count('class="draft"') == 2


def test_a_row_says_who_set_it_and_why() -> None:
    html = composed("en", waiting_periods=["make-up=5 days: thin skin"])
    reason = 'Set for you: <span class="run" dir="ltr">thin skin</span>'
    assert re.search(f"Make-up.*?{reason}.*?5\xa0days.*?Thursday, November\xa026", html, re.DOTALL)


def test_without_notes_settings_and_visits_their_rows_are_not_there() -> None:
    html = composed("en", settings=None, follow_up=None, practitioner=None, patient_birth_date=None, body_sites=None)
    for label in ("Needle depth", "Next visit", "Your clinician", "Born", "Where"):
        assert f">{label}<" not in html
    assert "A note for you" not in html


def test_all_sheets_of_a_clinic_document_and_language_share_a_fingerprint_and_others_do_not(clinic: Path) -> None:
    press = example_press()

    def fingerprint(press: Press, tag: str = "en", **changed: object) -> str:
        return press.compose(job("microneedling-aftercare", tag, **changed))[0][0].fingerprint  # type: ignore[arg-type]  # a test's own keywords

    first = fingerprint(press)
    assert first == fingerprint(press, patient_name="Somebody Else", note="Another note.")
    assert first != fingerprint(press, "es")
    assert first == fingerprint(press, body_sites=["neck"], settings=None), (
        "what applies to one patient is no other text"
    )
    renamed(clinic, "Lumina Skin Clinic")
    assert first != fingerprint(Press(Resources(clinic=clinic)))


def _of_a_sheet(clinic: Path, tag: str = "es") -> str:
    return Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", tag))[0][0].fingerprint


def _edited(clinic: Path, name: str, old: str, new: str) -> None:
    """Change a file of the clinic's folder; what ships is copied into it first."""
    path = clinic / name
    if not path.is_file():
        shelf, _, rest = name.partition("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((SHELVES[shelf] / rest).read_text())
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


LABELS = "locales/es/LC_MESSAGES/handouts.po"
ENGLISH = "library/microneedling-aftercare.md"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (LABELS, 'msgid "Do not"\nmsgstr "Qué no hacer"', 'msgid "Do not"\nmsgstr "Qué hacer"'),
        (LABELS, 'msgid "Treatment day:"\nmsgstr "', 'msgid "Treatment day:"\nmsgstr "x'),
        ("locales/es/LC_MESSAGES/microneedling-aftercare.po", 'msgstr "Abdomen"', 'msgstr "Vientre"'),
        ("clinic.toml", "5550142", "5550143"),
        ("clinic.toml", "5550187", "5550188"),
        ("clinic.toml", "Con licencia", "Sin licencia"),
        ("clinic.toml", "hours = 72", "hours = 96"),
        ("clinic.toml", 'fingerprint = "8a75', 'fingerprint = "0a75'),
        ("logo.svg", "M74 16v28h15", "M74 16v28h9"),
        ("templates/handout/sheet.html", "<body", "<p>Hello</p><body"),
    ],
)
def test_every_word_of_a_sheet_is_in_its_fingerprint(name: str, old: str, new: str, clinic: Path) -> None:
    before = _of_a_sheet(clinic)
    _edited(clinic, name, old, new)
    assert _of_a_sheet(clinic) != before


def test_a_part_beside_the_sheets_templates_is_in_the_fingerprint(clinic: Path) -> None:
    own = clinic / "templates" / "ours" / "about.html"
    own.parent.mkdir(parents=True)
    own.write_text("<p>Call us any time.</p>")
    before = _of_a_sheet(clinic)
    own.write_text("<p>Never call us.</p>")
    assert _of_a_sheet(clinic) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clinic.toml", "name =", "# A comment, which moves every line.\nname ="),
        ("clinic.toml", 'time_zone = "America/New_York"', 'time_zone = "America/Chicago"'),
        ("logo.svg", "<circle", "<!-- A comment. --><circle"),
        (ENGLISH, "title:", "# A comment.\ntitle:"),
        (LABELS, 'msgid "Hello,"\nmsgstr "', 'msgid "Hello,"\nmsgstr "¡'),
        ("templates/email/message.txt", "{", "\n{"),
    ],
)
def test_what_no_sheet_says_is_not_in_its_fingerprint(name: str, old: str, new: str, clinic: Path) -> None:
    before = _of_a_sheet(clinic)
    _edited(clinic, name, old, new)
    assert _of_a_sheet(clinic) == before


def test_a_clinics_template_covers_one_part_and_reaches_the_original(clinic: Path) -> None:
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "sheet.html").write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block header %}<p>Hello from the clinic</p>{% endblock %}'
    )
    html = composed("en", clinic=clinic)
    assert "<p>Hello from the clinic</p>" in html
    assert "What will you put on your skin today?" in html
    assert "lumen.example.org" not in html


def test_a_clinics_picture_is_carried_inside_the_sheet(clinic: Path) -> None:
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "map.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (clinic / "templates" / "handout" / "sheet.html").write_text(
        '{% extends "@shipped/handout/sheet.html" %}'
        '{% block header %}<img alt="A map" src="{{ asset("handout/map.svg") }}">{% endblock %}'
    )
    assert '<img alt="A map" src="data:image/svg+xml;base64,' in composed("en", clinic=clinic)


def test_a_misspelt_name_in_a_template_is_told_with_file_line_and_nearest(clinic: Path) -> None:
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "sheet.html").write_text("\n\n{{ documnet.title }}\n")
    with pytest.raises(InputError) as error:
        composed("en", clinic=clinic)
    (problem,) = errors_of(error.value.problems)
    assert (problem.code, problem.source, problem.line, problem.nearest) == (
        "template-undefined",
        "templates/handout/sheet.html",
        3,
        "document",
    )


@pytest.mark.parametrize("tag", known_tags())
def test_durations_are_words_in_every_language(tag: str) -> None:
    wording = Wording(language(tag), {})
    for unit in Unit:
        words = wording.duration(Duration(amount=3, unit=unit))
        assert "3" in words or "٣" in words or "۳" in words or "३" in words
        assert "duration" not in words
        assert unit.value not in words or tag == "en"


@pytest.mark.parametrize(
    ("tag", "country", "expected"),
    [
        ("en", "US", "Sunday, November\xa022, 3:00\xa0PM"),
        ("en", "GB", "Sunday 22\xa0November, 15:00"),
        ("es", "US", "domingo, 22 de noviembre, 3:00\xa0p.m."),
        ("ar", "US", "الأحد، 22\xa0نوفمبر، 3:00\xa0م"),
        ("zh-Hans", "US", "11月22日星期日 15:00"),
        ("de", "DE", "Sonntag, 22.\xa0November, 15:00"),
    ],
)
def test_dates_are_spelt_out_as_the_language_does(tag: str, country: str, expected: str) -> None:
    moment = NOW.replace(day=22, hour=15)
    assert Wording(language(tag, country), {}).day_and_time(moment) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("en", "1.50\xa0mm"), ("es", "1.50\xa0mm"), ("de", "1,50\xa0mm"), ("zh-Hans", "1.50毫米")]
)
def test_a_measure_keeps_the_digits_that_were_typed(tag: str, expected: str) -> None:
    assert Wording(language(tag, "US"), {}).measure("1.50", "millimeter") == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("(212) 555", "ltr"), ("أحمد 123", "rtl"), ("123 אב", "rtl"), ("Ali علي", "ltr")]
)
def test_direction_is_that_of_the_first_strong_character(text: str, expected: str) -> None:
    assert direction(text) == expected


@given(text=st.text())
def test_isolated_text_is_escaped(text: str) -> None:
    inner = str(isolated(text)).removeprefix('<span class="isolate" dir="').removesuffix("</span>")
    assert "<" not in inner.partition(">")[2]


@given(text=st.text(st.characters(codec="utf-8")))
def test_a_css_string_cannot_end_its_string_or_its_element(text: str) -> None:
    inner = str(css_string(text))[1:-1]
    assert '"' not in inner
    assert "<" not in inner
    assert "\n" not in inner


def test_no_space_follows_full_width_punctuation() -> None:
    assert (spaced("应审核日期："), spaced("Review due:")) == ("应审核日期：", "Review due: ")


DATES = """
import sys
from datetime import datetime
from handouts.composition.page_checks import dangers
from handouts.composition.wording import Wording
from handouts.languages import language
for tag in sys.argv[1:]:
    wording = Wording(language(tag, "GB"), {})
    days = [datetime(2026, month, 21, 15) for month in range(1, 13)]
    words = [(wording.full_date(day), wording.day_and_time(day), wording.short_date(day)) for day in days]
print(words)
"""


@pytest.mark.parametrize("tag", ["fr", "ru", "pl", "hi"])
def test_a_languages_dates_are_the_same_after_another_language(tag: str) -> None:
    """Babel 2.18 gives some patterns the months of the language that was asked before, in one and the same process."""

    def words(*tags: str) -> str:
        command = [sys.executable, "-c", DATES, *tags]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout

    assert words(*known_tags(), tag) == words(tag)


def test_rules_and_frames_keep_a_pale_colour_of_the_clinics_own_and_text_does_not(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("#0b5c6b", "#ffd400"))
    html = composed("en", clinic=clinic, form=Format.HTML)
    (primary,) = re.findall("--primary: ([^;]*);", html)
    assert contrast(primary, "#ffffff") >= TEXT_CONTRAST
    assert "--brand: #ffd400;" in html
    own = set(re.findall(r"([a-z-]+): [^;{}]*var\(--brand\)", html))
    assert own == {"border", "border-top", "border-bottom", "background"}
    assert re.findall(r"([^{}\n]*){[^{}]*background: var\(--brand\)", html) == [".head.band "]


@pytest.mark.parametrize(
    ("tag", "country", "written"), [("en", "DE", "100,4"), ("es", "MX", "100.4"), ("de", "US", "100,4")]
)
def test_what_the_page_must_show_of_a_temperature_is_what_it_shows(tag: str, country: str, written: str) -> None:
    wording = Wording(language(tag, country), {})
    for text in ("a fever of 38 °C (100.4 °F)", "fiebre de 38 °C (100,4 °F)"):
        assert wording.words(text) == wording.inline(text).striptags().replace("\xa0", " ")
        assert written in wording.words(text)
