"""Opening hours: days and times as a receptionist writes them, in the words of each sheet's language."""

import re
from datetime import time
from pathlib import Path

import pytest

from handouts import branding, translation
from handouts.branding.opening_hours import days_of, times_of
from handouts.composition.opening import opening_hours
from handouts.composition.passages import Passage
from handouts.composition.wording import Wording
from handouts.errors import InputError, ValueFault
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.records import Branding
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, job

SPLIT = '{ monday-wednesday = "08:00-12:00, 13:00-18:00", "thursday, sat" = "8 am - 1 pm", sunday = "closed" }'
FOREIGN = re.compile(r"\b(?:Monday|Friday|day|to|closed)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def example() -> Branding:
    return branding.load(EXAMPLE_CLINIC)[0]


def written(clinic: Path, hours: str) -> Branding:
    file = clinic / "clinic.toml"
    text, count = re.subn(r"(?m)^opening_hours = .*", f"opening_hours = {hours}", file.read_text())
    assert count == 1
    file.write_text(text)
    return branding.load(clinic)[0]


def said(found: Branding, tag: str, country: str = "US") -> Passage:
    sheet = language(tag, country)
    return opening_hours(found, sheet, Wording(sheet, {}), translation.labels(tag, Resources()).gettext)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("monday", ((0, 0),)),
        ("monday-friday", ((0, 4),)),
        ("Mon-Fri", ((0, 4),)),
        ("monday to friday", ((0, 4),)),
        ("monday, wed , friday–sunday", ((0, 0), (2, 2), (4, 6))),
        ("sunday-thursday", ((6, 3),)),
    ],
)
def test_days_are_read(text: str, expected: tuple[tuple[int, int], ...]) -> None:
    assert days_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-18:00", [(8, 0, 18, 0)]),
        ("8-18", [(8, 0, 18, 0)]),
        ("08:00–12:30, 13.15 - 18", [(8, 0, 12, 30), (13, 15, 18, 0)]),
        ("8 am-6 pm", [(8, 0, 18, 0)]),
        ("8:30 a.m. to 12 p.m.", [(8, 30, 12, 0)]),
        ("12 am-1am", [(0, 0, 1, 0)]),
        ("10:00-24:00", [(10, 0, 0, 0)]),
        ("Closed", []),
    ],
)
def test_times_are_read(text: str, expected: list[tuple[int, int, int, int]]) -> None:
    assert times_of(text) == tuple((time(a, b), time(c, d)) for a, b, c, d in expected)


@pytest.mark.parametrize("text", ["montag", "m", "t", "monday-", "monday-friday-sunday", "", "monday,", "weekdays"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueFault, match="opening-days"):
        days_of(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("morning", "opening-times"),
        ("08:00", "opening-times"),
        ("08:00-25:00", "opening-times"),
        ("24:30-24:45", "opening-times"),
        ("13 pm-2 pm", "opening-times"),
        ("1:00-5:00", "opening-times"),
        ("", "opening-times"),
        ("9:00-05:00", "opening-times-order"),
        ("18:00-08:00", "opening-times-order"),
        ("08:00-08:00", "opening-times-order"),
        ("08:00-13:00, 12:00-18:00", "opening-times-order"),
    ],
)
def test_what_is_no_time_beyond_doubt_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueFault, match=rf"{code}\b"):
        times_of(text)


def test_a_day_with_two_lines_is_refused_with_its_line(clinic: Path) -> None:
    with pytest.raises(InputError, match="friday stands in it twice"):
        written(clinic, '{ monday-friday = "08:00-18:00", fri = "08:00-12:00" }')


WORDED = {
    ("en", "US"): """\
Monday to Wednesday: 8:00\xa0AM to 12:00\xa0PM, 1:00\xa0PM to 6:00\xa0PM
Thursday, Saturday: 8:00\xa0AM to 1:00\xa0PM
Sunday: closed""",
    ("en", "GB"): """\
Monday to Wednesday: 08:00 to 12:00, 13:00 to 18:00
Thursday, Saturday: 08:00 to 13:00
Sunday: closed""",
    ("fr", "US"): """\
Du lundi au mercredi\xa0: de 08:00 à 12:00, de 13:00 à 18:00
Jeudi, samedi\xa0: de 08:00 à 13:00
Dimanche\xa0: fermé""",
    ("ar", "US"): """\
من الاثنين إلى الأربعاء: من 8:00\xa0ص إلى 12:00\xa0م، من 1:00\xa0م إلى 6:00\xa0م
الخميس، السبت: من 8:00\xa0ص إلى 1:00\xa0م
الأحد: مغلق""",
    ("ru", "US"): """\
Понедельник\xa0– среда: с 08:00 до 12:00, с 13:00 до 18:00
Четверг, суббота: с 08:00 до 13:00
Воскресенье: закрыто""",
}


@pytest.mark.parametrize(("tag", "country"), WORDED)
def test_hours_are_worded_by_language_and_country(clinic: Path, tag: str, country: str) -> None:
    assert said(written(clinic, SPLIT), tag, country).text == WORDED[tag, country]


@pytest.mark.parametrize("tag", known_tags())
def test_no_english_stands_in_a_foreign_sheet_and_no_range_turns(tag: str, example: Branding) -> None:
    found = said(example, tag)
    assert found.lang == ""
    assert bool(FOREIGN.search(found.text)) is (tag == "en")
    assert found.dir == language(tag).direction
    if found.dir == "rtl":  # A dash between two times would swap them (Unicode UAX 9).
        assert re.search(r"\d[^\w]*[-–~〜][^\w]*\d", found.text) is None
    assert list(branding.untranslated(example, [tag], "clinic.toml")) == []


def test_a_sheet_has_a_line_for_each_line(clinic: Path) -> None:
    written(clinic, SPLIT)
    (composed,), _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", "es"))
    assert re.findall(r"<p[^>]*>(De lunes|Jueves|Domingo)", composed.html) == ["De lunes", "Jueves", "Domingo"]


def test_the_clinics_own_words_in_a_language_come_before_the_rule(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("[texts.es]\n", '[texts.es]\nopening_hours = "Con cita previa"\n'))
    found = branding.load(clinic)[0]
    assert said(found, "es").text == "Con cita previa"
    assert said(found, "de").text == "Montag bis Freitag: 08:00 bis 18:00"
