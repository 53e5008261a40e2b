"""Dates as each language and country writes them: by CLDR, and of the Persian calendar where it comes first."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from babel import Locale, localedata
from babel.dates import format_date, format_timedelta
from babel.lists import format_list

from handouts.composition.calendars import PersianDate, persian
from handouts.composition.wording import Wording
from handouts.languages import known_tags, language, meant_tag
from handouts.own_locale import OwnLocale
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, example_press, job

DAY = datetime(2026, 11, 22, 15, 0)  # noqa: DTZ001 - a clock on the wall
SPACES = re.compile("[\u00a0\u2009\u202f]")


def countries(tag: str) -> list[str]:
    """Return the countries for which CLDR has the language of `tag`."""
    locales = [Locale.parse(name) for name in localedata.locale_identifiers()]
    plain = Locale.parse(tag, sep="-")
    same = [found for found in locales if (found.language, found.script) == (plain.language, plain.script)]
    return sorted({found.territory for found in same if found.territory and len(found.territory) == 2})


def wording(tag: str, country: str) -> Wording:
    return Wording(language(tag, country), {})


@pytest.mark.parametrize("tag", known_tags())
def test_every_long_date_is_as_cldr_spells_it_out(tag: str) -> None:
    for country in ["", *countries(tag)]:
        found = language(tag, country)
        if found.persian_calendar:
            continue
        skeletons = found.locale.datetime_skeletons
        for month in range(1, 13):
            day = date(2026, month, 21)
            words = SPACES.sub(" ", wording(tag, country).day_and_date(day))
            weekday = format_date(day, "EEEE", locale=found.locale)
            assert weekday in words or format_date(day, "cccc", locale=found.locale) in words
            if "MMMMEd" in skeletons:
                pattern = re.sub("E+", "EEEE", str(skeletons["MMMMEd"].pattern))
                assert words == SPACES.sub(" ", format_date(day, pattern, locale=found.locale)), country
            if "yMMMMEd" in skeletons:
                pattern = re.sub("MMMM", "MMM", str(skeletons["yMMMMEd"].pattern))
                short = SPACES.sub(" ", format_date(day, pattern, locale=found.locale))
                found_there = wording(tag, country).date_and_time(DAY.replace(month=month, day=21))
                assert short in SPACES.sub(" ", found_there), country


@pytest.mark.parametrize("country", ["", "ES", "GB", "AE", *countries("es")])
def test_a_spanish_date_has_its_de_in_every_country(country: str) -> None:
    assert wording("es", country).day_and_date(DAY).startswith("domingo, 22 de noviembre")
    assert "22 de nov de 2026" in wording("es", country).date_and_time(DAY).replace("nov.", "nov")


def test_a_brazilian_date_and_its_time_have_a_word_between_them() -> None:
    assert wording("pt-BR", "BR").day_and_time(DAY) == "domingo, 22 de novembro, às\u00a015:00"
    assert wording("pt-BR", "BR").date_and_time(DAY) == "dom., 22 de nov. de 2026, às\u00a015:00"


def test_a_russian_weekday_is_spelt_out() -> None:
    assert wording("ru", "US").day_and_date(DAY) == "воскресенье, 22\xa0ноября"


def test_a_languages_words_are_never_those_of_one_that_was_looked_up_before() -> None:
    urdu, creole = (
        OwnLocale(Locale("ur"), {}),
        OwnLocale(Locale("ht"), {"short_weekdays": [*"abcdefg"], "day": "{0} jou"}),
    )
    assert format_date(DAY, "ccc", locale=urdu) == "اتوار"
    assert format_date(DAY, "ccc", locale=OwnLocale(Locale("fil"), {})) == "Lin"
    assert format_date(DAY, "ccc", locale=Locale("fil")) == "Lin"
    assert format_date(DAY, "ccc EEE EEEE", locale=creole) == "g g dimanche"
    assert format_timedelta(timedelta(days=3), granularity="day", threshold=1e9, locale=creole) == "3 jou"


@pytest.mark.parametrize("country", ["", "HT", "US"])
def test_no_french_stands_in_creole(country: str) -> None:
    creole = wording("ht", country)
    assert creole.day_and_time(DAY) == "dimanch 22\u00a0novanm, 3:00\u00a0PM"
    assert creole.measure("1.5", "millimeter") == "1.5\u00a0mm"
    assert format_list(["figi", "kou", "men"], locale=language("ht", country).locale) == "figi, kou ak men"


def test_a_languages_names_in_creole_are_not_french() -> None:
    french = [one.tag for one in map(language, known_tags()) if one.name_in("ht") == one.name_in("fr")]
    assert french == ["hi", "fil", "bn", "pa"], "which both call alike"
    assert language("zh-Hant").name_in("ht") == "chinwa (tradisyonèl)"
    assert meant_tag("panyòl") == "es"


def test_a_languages_own_words_stay_its_own_where_babel_has_wrapped_the_data_before() -> None:
    plain = Locale("sq")
    before = plain.days["stand-alone"]["wide"][0]
    own = OwnLocale(plain, {"weekdays": [*"abcdefg"]})
    assert own.days["stand-alone"]["wide"][0] == "a"
    assert Locale("sq").days["stand-alone"]["wide"][0] == before


def test_no_line_ends_between_a_korean_month_and_its_day() -> None:
    korean = replace(language("en"), tag="ko", locale=OwnLocale(Locale("ko"), {"pm": "오후"}))
    words = Wording(korean, {})
    assert words.day_and_time(DAY) == "11월\xa022일 (일요일) 오후\xa03:00"
    assert words.narrow_date(DAY) == "11월 22일"


@pytest.mark.parametrize("tag", known_tags())
def test_a_sheet_has_one_decimal_sign(tag: str) -> None:
    for country in ["", *countries(tag)]:
        words = wording(tag, country)
        signs = {re.sub(r".*\d(\D)5.*", r"\1", words.measure("1.5", "millimeter"))}
        signs |= {re.sub(r".*100(\D)4.*", r"\1", str(words.inline("38 °C (100.4 °F)")))}
        signs |= {re.sub(r".*100(\D)4.*", r"\1", words.plain("38 °C (100,4 °F)"))}
        assert len(signs) == 1, country


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(1987, 5, 14), (1366, 2, 24)),
        (date(2017, 3, 20), (1395, 12, 30)),
        (date(2020, 3, 20), (1399, 1, 1)),
        (date(2021, 3, 20), (1399, 12, 30)),
        (date(2021, 3, 21), (1400, 1, 1)),
        (date(2024, 3, 20), (1403, 1, 1)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2025, 3, 21), (1404, 1, 1)),
        (date(2026, 11, 21), (1405, 8, 30)),
    ],
)
def test_a_day_has_its_date_in_the_persian_calendar(day: date, expected: tuple[int, int, int]) -> None:
    year, month, number = expected
    assert persian(day) == PersianDate(year=year, month=month, day=number)


def test_the_days_of_the_persian_calendar_follow_each_other() -> None:
    day, before = date(1890, 1, 1), persian(date(1889, 12, 31))
    while day.year < 2201:
        found = persian(day)
        longest = 31 if before.month < 7 else 30
        if found.day == 1:
            assert before.day == longest or (before.month, before.day) == (12, 29)
            assert (found.year, found.month) == (before.year + before.month // 12, before.month % 12 + 1)
        else:
            assert (found.year, found.month, found.day) == (before.year, before.month, before.day + 1)
            assert found.day <= longest
        day, before = day + timedelta(days=1), found
    with pytest.raises(ValueError, match="outside"):
        persian(date(2300, 1, 1))


def test_an_iranian_date_is_of_the_persian_calendar_in_its_digits() -> None:
    words = wording("fa", "IR")
    assert words.day_and_time(DAY.replace(day=21)) == "شنبه ۳۰\xa0آبان،\u200f ۱۵:۰۰"
    assert (words.short_date(DAY), words.narrow_date(DAY), words.weekday(DAY)) == ("۱\xa0آذر", "۱ آذر", "یکشنبه")
    assert words.beside_gregorian(words.full_date(DAY), DAY) == "۱\xa0آذر ۱۴۰۵ (۲۲ نوامبر ۲۰۲۶)"
    assert wording("fa", "AF").day_and_date(DAY) == "یکشنبه ۱\xa0قوس"
    assert wording("fa", "US").day_and_date(DAY) == "یکشنبه 22\xa0نوامبر"
    assert wording("ar", "IR").day_and_date(DAY) == wording("ar", "").day_and_date(DAY)


def test_a_clinic_says_which_calendar_its_persian_sheets_have(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    for country, calendar, months in (("US", "persian", "آذر"), ("IR", "gregorian", "نوامبر")):
        zone = "Asia/Tehran" if country == "IR" else "America/New_York"
        text = (
            (EXAMPLE_CLINIC / "clinic.toml")
            .read_text()
            .replace('country = "US"', f'country = "{country}"\ncalendar = "{calendar}"')
        )
        number = '"115"' if country == "IR" else '"911"'
        file.write_text(text.replace("America/New_York", zone).replace('number = "911"', f"number = {number}"))
        (sheet,), _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", "fa"))
        body = sheet.html.partition("<body>")[2]
        assert ("آذر" in body, body.count(months) > 5) == (calendar == "persian", True)


def test_rows_planner_and_timeline_of_an_iranian_sheet_are_of_one_calendar(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    text = file.read_text().replace('country = "US"', 'country = "IR"').replace("America/New_York", "Asia/Tehran")
    file.write_text(re.sub(r'number = "911"', 'number = "115"', text))
    (sheet,), _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", "fa"))
    body = sheet.html.partition("<body>")[2]
    gregorian = re.findall("(?:نوامبر|دسامبر|ژانویهٔ|مهٔ)", body)
    assert len(gregorian) == len(re.findall(r"\([۰-۹]+ \S+ [۰-۹]{4}\)", body)) == 3
    assert body.count("آذر") > 10
    assert example_press().compose(job("microneedling-aftercare", "fa"))
