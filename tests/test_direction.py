"""What people type, in letters of either direction: nothing prints reversed, and its language is told where known."""

import re
from pathlib import Path

import pypdfium2
import pytest

from handouts.composition.bidi import direction, ordered, ordered_plain
from handouts.composition.passages import Passage, marked_up, passage
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.records import Destination
from handouts.resources import Resources
from handouts.treatment.values import cleaned
from tests.conftest import EXAMPLE_CLINIC, job, renamed

ARABIC_NOTE = "اتصلوا على +1 (212) 555-0199 من 8–18."
ENGLISH_NOTE = "Come on Monday at 10:30 (room 2). Call +20 2 2555 0142"


def composed(clinic: Path, *languages: str, **changed: object) -> str:
    sheets, _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", *languages, **changed))  # type: ignore[arg-type]  # a test's own keywords
    return sheets[0].html


def drawn(clinic: Path, folder: Path, tag: str, **changed: object) -> list[str]:
    """Return the lines of the pages as the eye meets them, from left to right: letters sorted by their boxes.

    Without spaces and brackets: pdfium gives a bracket of a right-to-left line the name of its counterpart.
    """
    made = Press(Resources(clinic=clinic)).make(
        job("microneedling-aftercare", tag, **changed),  # type: ignore[arg-type]  # a test's own keywords
        Destination(folder=folder),
    )
    with pypdfium2.PdfDocument(made.receipts[0].path) as pdf:
        lines: dict[tuple[int, int], list[tuple[float, str]]] = {}
        for number, page in enumerate(pdf):
            text = page.get_textpage()
            for n in range(text.count_chars()):
                left, bottom, _, _ = text.get_charbox(n, loose=True)
                lines.setdefault((number, round(bottom)), []).append((left, text.get_text_range(n, 1)))
    return [
        "".join(letter for _, letter in sorted(line)).translate(dict.fromkeys(map(ord, " ()")))
        for line in lines.values()
    ]


def edited(clinic: Path, *changes: tuple[str, str]) -> Path:
    file = clinic / "clinic.toml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return clinic


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("اتصلوا على +1 (212) 555-0199.", ["+1 (212) 555-0199"]),
        ("شماره +98 21 5555 0142 است", ["+98 21 5555 0142"]),
        ("رقم ٠١٠-١٢٣٤ ٥٦٧", ["٠١٠-١٢٣٤ ٥٦٧"]),
        ("السبت – الخميس 9–13 و16–21", ["9–13", "16–21"]),
        ("(3-7 أيام)", ["3-7"]),
        ("يوم 2026-11-21 أو 21/11/2026", ["2026-11-21", "21/11/2026"]),
        ("حرارة 38.5 °C أو أكثر", ["38.5 °C"]),
        ("حرارة -5 °C أو أقل", ["-5 °C"]),
        ("د. Smith (MD) هنا", ["Smith (MD)"]),
        ("عند R. Sample, RN, 2 Main Street.", ["R. Sample, RN, 2 Main Street"]),
        ("واقي SPF 30+ كل يوم", ["SPF 30+"]),
        ("بنسبة 50% أو 5 mg", ["50%", "5 mg"]),
        ("غرفة \u20663-7\u2069 هنا", ["3-7"]),
        ("تعالوا 10:30 (غرفة 2)", []),
        ("اكتبوا إلى care@lumen.example.org, شكرًا", []),
        ("أيام 3, 5, 7", []),
        ("السبت–9", []),
    ],
)
def test_what_would_turn_in_a_right_to_left_line_stands_in_an_element_of_its_own(
    text: str, expected: list[str]
) -> None:
    assert re.findall(r'<span class="(?:run|isolate)" dir="ltr">([^<]*)</span>', str(ordered(text, "rtl"))) == expected
    assert re.sub("<[^>]*>|[\u2066-\u2069]", "", str(ordered(text, "rtl"))) == re.sub("[\u2066-\u2069]", "", text)
    assert re.sub("[\u200e\u2066-\u2069]", "", ordered_plain(text)) == re.sub("[\u2066-\u2069]", "", text)


def test_right_to_left_words_in_a_left_to_right_line_keep_their_numbers_outside() -> None:
    assert str(ordered("Ask أحمد 5 times", "ltr")) == 'Ask <span class="run" dir="rtl">أحمد</span> 5 times'
    inner = '<span class="isolate" dir="ltr">3-7</span>'
    assert inner in str(ordered("See غرفة 3-7 في القاهرة now", "ltr"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call +1 (212) 555-0199.", ["+1 (212) 555-0199"]),
        ("Ring 020 7946 0123, 9:30 am to 7 pm", ["020 7946 0123", "9:30 am", "7 pm"]),
        ("Llame de 8–18 o a las 3:00 p. m.", ["8–18", "3:00 p. m."]),
        ("212-555-0142 202-555-0143", ["212-555-0142", "202-555-0143"]),
        ("rooms 1 2 3 4 5 6 7 8 9 10 11 12 13", []),
        ("file LSC-00417, 2 a day at 10:30", []),
        ("+1-212-555-0142-555-0143-555-0144", []),
    ],
)
def test_short_figures_of_the_sheets_own_direction_are_kept_in_one_line(text: str, expected: list[str]) -> None:
    assert re.findall('<span class="together">([^<]*)</span>', str(ordered(text, "ltr"))) == expected
    assert re.sub("<[^>]*>", "", str(ordered(text, "ltr"))) == text


def test_typed_telephone_numbers_are_printed_in_one_line_wherever_the_line_ends(tmp_path: Path) -> None:
    words = "Wash it with cool water, pat it dry, then call us "
    note = "\n".join(words + "on " * more + "+1 (212) 555-0199" for more in range(8, 13))
    lines = drawn(EXAMPLE_CLINIC, tmp_path, "en", note=note)
    assert sum("+1212555-0199" in line for line in lines) == 5


def test_typed_text_is_escaped_wherever_it_stands() -> None:
    for text in ('<b>&"', "أ <b> 3-7 &"):
        for base in ("ltr", "rtl"):
            assert "<b>" not in str(ordered(text, base))
            assert "&amp;" in str(ordered(text, base))


@pytest.mark.parametrize("text", ["10:30", "", "\u2067عربي\u2069 first"])
def test_a_line_without_a_strong_letter_runs_as_the_sheet_does(text: str) -> None:
    assert direction(text, "rtl") == ("ltr" if "first" in text else "rtl")


def test_an_arabic_note_shows_its_numbers_left_to_right(tmp_path: Path) -> None:
    lines = drawn(EXAMPLE_CLINIC, tmp_path, "ar", note=ARABIC_NOTE)
    assert any("+1212555-0199" in line and "8–18" in line for line in lines)
    assert not any("0199-555" in line for line in lines)


@pytest.mark.parametrize("tag", ["en", "ar", "fa", "ru"])
def test_an_english_note_reads_from_left_to_right_on_every_sheet(tmp_path: Path, tag: str) -> None:
    lines = drawn(EXAMPLE_CLINIC, tmp_path, tag, note=ENGLISH_NOTE)
    assert any("ComeonMondayat10:30room2.Call+20225550142" in line for line in lines)


def test_an_arabic_reason_shows_its_numbers_left_to_right(tmp_path: Path) -> None:
    reason = "make-up=5 days: بعد الجلسة 3-7، اتصلوا +1 (212) 555-0199"
    for tag in ("ar", "en"):
        text = "".join(drawn(EXAMPLE_CLINIC, tmp_path, tag, waiting_periods=[reason]))
        assert "+1212555-0199" in text
        assert "3-7" in text


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_each_line_of_a_note_runs_as_its_own_first_letter(tag: str) -> None:
    html = composed(EXAMPLE_CLINIC, tag, note="اغسلوا البشرة.\nWash your skin.")
    assert '<p class="value" dir="rtl">اغسلوا البشرة.</p><p class="value" dir="ltr">Wash your skin.</p>' in html


def test_a_note_has_a_language_only_where_it_is_told() -> None:
    assert '<p class="value" dir="ltr">Call us.</p>' in composed(EXAMPLE_CLINIC, "ar", note="Call us.")
    html = composed(EXAMPLE_CLINIC, "ar", note="Call us.", note_language="en", waiting_periods=["make-up=5 days: thin"])
    assert '<p class="value" lang="en" dir="ltr">Call us.</p>' in html
    assert '<span class="run" lang="en" dir="ltr">thin</span>' in html
    assert 'lang="ar"' not in composed(EXAMPLE_CLINIC, "ar", note="اتصلوا.", note_language="ar").partition("<body>")[2]


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u2066x\u2069", "\u2067س\u2069"])
def test_typed_marks_are_kept_in_sentences_alone(mark: str) -> None:
    assert cleaned(f"a {mark} b", marks=True) == f"a {mark} b"
    assert cleaned(f"a {mark} b") == " ".join(["a", *re.findall("[xس]", mark), "b"])


@pytest.mark.parametrize("text", ["a\u202eb", "a\u2066b", "a\u2069b", "a\u2067\u2066b\u2069c", "\u2066a\n\u2069b"])
def test_marks_that_could_turn_what_follows_are_taken_out(text: str) -> None:
    kept = cleaned(text, lines=True, marks=True)
    assert "\u202e" not in kept
    assert len(re.findall("[\u2066-\u2068][^\u2066-\u2069\n]*\u2069", kept)) * 2 == len(
        re.findall("[\u2066-\u2069]", kept)
    )


def test_an_address_in_one_line_has_the_commas_of_its_own_letters() -> None:
    sheet = language("en")
    assert str(passage("مكتب 1204\nدبي", sheet).in_one_line()) == "مكتب 1204، دبي"
    assert str(passage("示例街 1 号\n北京", sheet).in_one_line()) == "示例街 1 号，北京"
    assert str(passage("1 Street\nTown", sheet).in_one_line()) == "1 Street, Town"


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_base_texts_in_other_letters_than_the_clinics_language_have_their_own_direction(clinic: Path, tag: str) -> None:
    edited(
        clinic,
        ('["120 Harbor Street, Suite 4", "Springfield, NY 10000"]', '["Office 1204, Bay Tower X2", "P.O. Box 12345"]'),
        ('default_language = "en"', 'default_language = "ar"'),
    )
    assert '<p dir="ltr">Office 1204, Bay Tower X2, P.O. Box 12345</p>' in composed(clinic, tag)


def test_base_texts_in_the_letters_of_the_clinics_language_have_that_language(clinic: Path) -> None:
    edited(clinic, ("120 Harbor Street, Suite 4", "شارع المثال 12"), ("Springfield, NY 10000", "القاهرة"))
    edited(clinic, ('default_language = "en"', 'default_language = "ar"'))
    assert '<p lang="ar" dir="rtl">شارع المثال 12، القاهرة</p>' in composed(clinic, "en")


PRINTED = """{% extends "@shipped/handout/sheet.html" %}
{% block style %}@page { @top-center { content: {{ clinic.name|css_string }}; } }
.own { --name: "{{ clinic.name }}"; }{% endblock %}
{% block header %}<p id="a" title="{{ clinic.name }}">{{ clinic.name }}</p><p id="b">{{ "By " ~ clinic.name }}</p>
<img alt='{{ clinic.name }} > logo' src="{{ clinic.logo.data_uri }}"><p>{{ clinic.name|upper }}</p>{% endblock %}"""


def test_a_passage_that_a_template_prints_is_its_words(clinic: Path) -> None:
    renamed(clinic, 'عيادة 3-7 \\"<ب>')
    edited(clinic, ('default_language = "en"', 'default_language = "ar"'))
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "sheet.html").write_text(PRINTED)
    html = composed(clinic, "en")
    words = "عيادة 3-7 &#34;&lt;ب&gt;"
    element = words.replace("3-7", '<span class="isolate" dir="ltr">3-7</span>')
    assert f'<p id="a" title="{words}"><span class="run" lang="ar" dir="rtl">{element}</span></p>' in html
    assert f'<p id="b">By {words}</p>' in html
    assert f"alt='{words} > logo'" in html
    assert f"{words}</title>" in html
    assert "Passage(" not in html
    assert not re.search("[\ufdd0-\ufdef]", html)


def test_a_passage_in_plain_text_is_its_words_alone() -> None:
    printed = Passage(text="عيادة", lang="ar", dir="rtl").__html__()
    assert marked_up(f"<{printed}>", plain=True) == "<عيادة>"


@pytest.mark.parametrize("tag", known_tags())
def test_a_languages_own_name_is_written_in_it(tag: str) -> None:
    printed = passage(language(tag).own_name, language("en"), tag)
    assert printed.dir == language(tag).direction
