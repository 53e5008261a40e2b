"""What each language says where a translation went wrong before: the right words, kind by kind, and on the sheet."""

import re
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from handouts import translation
from handouts.catalogues import document_ids
from handouts.composition.wording import Wording, unparted
from handouts.inline import without_marks
from handouts.languages import base_of, closest_tag, known_tags, language
from handouts.records import Destination, Paper
from handouts.resources import Resources
from tests.conftest import example_press, job

SHIPPED = Resources()
TRANSLATED = tuple(tag for tag in known_tags() if tag != "en")
BOTH_SITES = ("face", "around-eyes")
"""With these a sheet has all that it can have."""


def label(tag: str, source: str) -> str:
    return translation.labels(tag, SHIPPED).gettext(source)


class _Words(HTMLParser):
    """Keeps what a page says, each element's text on a line of its own where the element is a block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser's signature
        self._hidden = tag in ("style", "title")
        self.found.append("" if tag in ("span", "strong", "a") else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self.found.append("" if tag in ("span", "strong", "a") else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


@cache
def lines_of(document: str, tag: str, sites: tuple[str, ...] = ("face", "neck")) -> tuple[str, ...]:
    """Return what the sheet says, block by block."""
    (sheet,), _ = example_press().compose(job(document, tag, body_sites=list(sites)))
    words = _Words()
    words.feed(sheet.html)
    return tuple(" ".join(line.split(" ")).strip(" ") for line in "".join(words.found).splitlines() if line.strip())


DATES = {
    "es": ("Fecha del tratamiento", "Próxima cita"),
    "ar": ("تاريخ العلاج", "الزيارة القادمة"),
    "zh-Hans": ("治疗时间", "下次就诊"),
    "zh-Hant": ("治療時間", "下次就診"),
    "fil": ("Petsa ng treatment", "Susunod na balik"),
    "fr": ("Date du traitement", "Prochain rendez-vous"),
    "de": ("Behandelt am", "Folgetermin"),
    "it": ("Data del trattamento", "Prossimo appuntamento"),
    "pt-BR": ("Data do tratamento", "Próxima consulta"),
    "pl": ("Data zabiegu", "Następna wizyta"),
    "ro": ("Data tratamentului", "Următoarea programare"),
    "ru": ("Дата процедуры", "Следующий визит"),
    "uk": ("Дата процедури", "Наступний візит"),
    "tr": ("İşlem tarihi", "Sonraki randevu"),
    "vi": ("Ngày điều trị", "Lần hẹn tới"),
    "fa": ("تاریخ درمان", "مراجعهٔ بعدی"),
    "hi": ("ट्रीटमेंट की तारीख", "अगली विज़िट"),
    "ur": ("علاج کی تاریخ", "اگلی ملاقات"),
    "pa": ("ਇਲਾਜ ਦੀ ਤਾਰੀਖ", "ਅਗਲੀ ਮੁਲਾਕਾਤ"),
    "ko": ("시술 일시", "다음 방문"),
    "ja": ("施術日時", "次回の来院"),
    "ht": ("Dat tretman an", "Pwochen vizit"),
    "bn": ("চিকিৎসার তারিখ", "পরের সাক্ষাৎ"),
}
"""In full: before a treatment, a bare "Date" is the sheet's own, and a bare "Appointment" the treatment."""


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_labels_of_both_dates_say_whose_date_it_is(tag: str) -> None:
    assert (label(tag, "Treatment date"), label(tag, "Next visit")) == DATES[base_of(tag)]
    assert set(DATES[base_of(tag)]) <= set(lines_of("microneedling-aftercare", tag))


@pytest.mark.parametrize(
    ("tag", "words"),
    [("it", "Trattamento eseguito da"), ("pl", "Zabieg wykonuje"), ("es", "Su profesional"), ("vi", "Người phụ trách")],
)
def test_the_clinicians_label_says_who_treats_not_who_wrote_the_sheet(tag: str, words: str) -> None:
    assert label(tag, "Your clinician") == words
    assert words in lines_of("microneedling-aftercare", tag)


def said(tag: str, document: str, source: str) -> str:
    """Return the translation of one message, whatever its context."""
    (found,) = {
        entry.text
        for (_, text), entry in translation.catalogue(document, tag, SHIPPED).entries.items()
        if text == source
    }
    return found


def names_one_of(text: str, words: str) -> bool:
    return any(word in text.lower() for word in words.split("|"))


SUN = {
    "es": "sol",
    "ar": "الشمس",
    "zh-Hans": "阳光",
    "zh-Hant": "陽光|太陽|曬",
    "fil": "araw",
    "fr": "soleil",
    "de": "sonne",
    "it": "sole",
    "pt-BR": "sol",
    "pl": "słońc",
    "ro": "soare",
    "ru": "солнц",
    "uk": "сонц",
    "tr": "güneş",
    "vi": "nắng",
    "fa": "آفتاب",
    "hi": "धूप",
    "ur": "دھوپ",
    "pa": "ਧੁੱਪ",
    "ko": "햇볕|햇빛",
    "ja": "日光|日差し|日",
    "ht": "solèy",
    "bn": "রোদ",
}
SKIN = {
    "es": "piel",
    "ar": "بشرة|بشرت",
    "zh-Hans": "皮肤",
    "zh-Hant": "皮膚",
    "fil": "balat",
    "fr": "peau",
    "de": "haut",
    "it": "pelle",
    "pt-BR": "pele",
    "pl": "skór",
    "ro": "piele|pielea",
    "ru": "кож",
    "uk": "шкір",
    "tr": "cilt|cild",
    "vi": "da ",
    "fa": "پوست",
    "hi": "त्वचा",
    "ur": "جلد",
    "pa": "ਚਮੜੀ",
    "ko": "피부",
    "ja": "肌",
    "ht": "po ",
    "bn": "ত্বক",
}


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_planners_tasks_are_whole(tag: str) -> None:
    clean = said(tag, "microneedling-aftercare", "Skin clean, hands off")
    sun = said(tag, "microneedling-aftercare", "Out of the sun")
    assert names_one_of(clean, SKIN[base_of(tag)]), "what is clean"
    assert names_one_of(sun, SUN[base_of(tag)])
    assert {clean, sun} <= set(lines_of("microneedling-aftercare", tag))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_planner_fits_with_all_that_a_sheet_can_have(tag: str, tmp_path: Path) -> None:
    """On the narrower paper; as many pages on the other one: tests/test_typesetting.py."""
    wanted = job("microneedling-aftercare", tag, paper=Paper.A4, body_sites=list(BOTH_SITES))
    assert example_press().make(wanted, Destination(folder=tmp_path)).receipts[0].sheet.pages in (2, 3)


@pytest.mark.parametrize("tag", TRANSLATED)
@pytest.mark.parametrize(
    "source",
    [
        "You can shower. Wash with cool or lukewarm water, not hot. Pat your skin dry with a clean towel.",
        "If your skin hurts, hold a wrapped cool pack on it. Ask us what you can take for pain.",
        "Do not rub your skin hard. Do not use harsh products.",
    ],
)
def test_an_item_names_the_skin_itself_and_leans_on_no_other_item(tag: str, source: str) -> None:
    """After an item on a cream, "if it hurts" is the cream; and a clinic may leave an item out."""
    for document in ("microneedling-aftercare", "microneedling-bumps"):
        if any(text == source for _, text in translation.catalogue(document, tag, SHIPPED).entries):
            assert names_one_of(said(tag, document, source), SKIN[base_of(tag)])


SCRUB_PRODUCT = {
    "es": "exfolia",
    "ar": "قشّر|تقشير",
    "zh-Hans": "磨砂|去角质",
    "zh-Hant": "磨砂|去角質",
    "fil": "scrub",
    "fr": "gommage",
    "de": "peeling",
    "it": "scrub",
    "pt-BR": "esfolia",
    "pl": "peeling",
    "ro": "exfolia",
    "ru": "скраб",
    "uk": "скраб",
    "tr": "peeling",
    "vi": "chà da chết",
    "fa": "اسکراب",
    "hi": "स्क्रब",
    "ur": "اسکرب",
    "pa": "ਸਕ੍ਰੱਬ",
    "ko": "스크럽",
    "ja": "スクラブ",
    "ht": "scrub",
    "bn": "স্ক্রাব",
}
"""What the table says may be used again from a date."""


@pytest.mark.parametrize("tag", TRANSLATED)
@pytest.mark.parametrize("document", ["microneedling-bumps", "microneedling-routine"])
def test_never_to_scrub_is_a_movement_and_not_the_product_of_the_table(tag: str, document: str) -> None:
    assert names_one_of(said(tag, document, "Vitamin A creams, acids and scrubs"), SCRUB_PRODUCT[base_of(tag)])
    assert not names_one_of(
        said(tag, document, "Do not rub your skin hard. Do not use harsh products."), SCRUB_PRODUCT[base_of(tag)]
    )


ISOTRETINOIN = {
    **dict.fromkeys(("de", "tr", "vi"), "isotretinoin|izotretinoin"),
    "es": "isotretinoína",
    "ar": "إيزوتريتينوين",
    "zh-Hans": "异维a酸",
    "zh-Hant": "口服a酸",
    "fil": "isotretinoin",
    "fr": "isotrétinoïne",
    "it": "isotretinoina",
    "pt-BR": "isotretinoína",
    "pl": "izotretynoina",
    "ro": "izotretinoin",
    "ru": "изотретиноин",
    "uk": "ізотретиноїн",
    "fa": "ایزوترتینوئین",
    "hi": "आइसोट्रेटिनॉइन",
    "ur": "آئسوٹریٹینوئن",
    "pa": "ਆਈਸੋਟ੍ਰੈਟੀਨੋਇਨ",
    "ko": "이소트레티노인",
    "ja": "イソトレチノイン",
    "ht": "isotretinoin",
    "bn": "আইসোট্রেটিনোইন",
}


@pytest.mark.parametrize("tag", TRANSLATED)
def test_isotretinoin_is_no_example_of_what_is_sold_without_a_prescription(tag: str) -> None:
    drug = "You take isotretinoin, a prescription drug for bad acne, or took it in the last six months."
    assert names_one_of(said(tag, "microneedling-before", drug), ISOTRETINOIN[base_of(tag)])
    store = "You take any other medicine. What you buy in a store counts too."
    assert not names_one_of(said(tag, "microneedling-before", store), ISOTRETINOIN[base_of(tag)])


DAY_AND_TIME = {
    "es": ("día", "hora"),
    "ar": ("اليوم", "الوقت"),
    "zh-Hans": ("日期", "时间"),
    "zh-Hant": ("日期", "時間"),
    "fil": ("araw", "oras"),
    "fr": ("jour", "heure"),
    "de": ("Tag", "Uhrzeit"),
    "it": ("giorno", "ora"),
    "pt-BR": ("dia", "hora"),
    "pl": ("dnia", "godziny"),
    "ro": ("ziua", "ora"),
    "ru": ("дня", "времени"),
    "uk": ("дня", "часу"),
    "tr": ("gün", "saat"),
    "vi": ("ngày", "giờ"),
    "fa": ("روز", "ساعت"),
    "hi": ("दिन", "समय"),
    "ur": ("دن", "وقت"),
    "pa": ("ਦਿਨ", "ਸਮੇਂ"),
    "ko": ("날짜", "시각"),
    "ja": ("日付", "時刻"),
    "ht": ("jou", "lè"),
    "bn": ("দিন", "সময়"),
}


UNTIL = "Until the day and time in the table, use only what we gave you. If we gave you nothing, use only water."


@pytest.mark.parametrize("tag", TRANSLATED)
def test_until_the_time_in_the_table_is_a_day_and_a_time(tag: str) -> None:
    """A row of days has no hour: "until the hour in the table" would send the reader to another row."""
    whole = said(tag, "microneedling-aftercare", UNTIL)
    assert [word for word in DAY_AND_TIME[base_of(tag)] if word not in whole] == []
    assert whole in lines_of("microneedling-aftercare", tag)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_later_is_not_then(tag: str) -> None:
    """One's own sunscreen is off for 24 hours: hat and shade now, and the sunscreen not right after them."""
    hat = "**Stay in the shade. Cover your skin.** Later, add broad-spectrum sunscreen, SPF 30 or higher."
    then = "After that, use a mild cleanser and a plain moisturizer that does not clog pores."
    first_of = said(tag, "microneedling-aftercare", then).replace("，", " ").replace(",", " ").split()[0].lower()
    for document in ("microneedling-aftercare", "microneedling-bumps"):
        later = said(tag, document, hat).partition("**")[2].partition("**")[2].lstrip(" 。و").lower()
        assert not later.startswith(f"{first_of} ")
        assert not later.startswith(first_of)
    if tag == "ro":
        assert "mai târziu, adăugați și cremă solară" in later


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_days_of_the_timeline_end_before_their_dates_begin(tag: str) -> None:
    """In "days 4-7 25 Nov" a reader has to guess where the days end; and "day 0" is a number, not a day."""
    for source in ("Treatment day:", "Day {day}:", "Days {first} to {last}:"):
        assert label(tag, source).endswith((":", "："))
    said_there = lines_of("microneedling-aftercare", tag)
    days = said_there.index(label(tag, "Treatment day:"))
    assert "21" in said_there[days + 1], "its date follows"
    assert not any(line.startswith(label(tag, "Day {day}:").format(day=0)) for line in said_there)


def test_the_days_and_dates_of_a_timeline_in_russian() -> None:
    said_there = lines_of("microneedling-aftercare", "ru")
    for days, dates in (("День процедуры:", "21\xa0нояб."), ("Дни 4–7:", "25\xa0нояб.\xa0– 28\xa0нояб.")):
        assert said_there[said_there.index(days) + 1] == dates


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("en az SPF 30 güneş kremi", "en az SPF\xa030 güneş kremi"),
        ("FPS (SPF) 30 o más", "FPS\xa0(SPF)\xa030 o más"),
        ("38 °C (100,4 °F) ou mais", "38\xa0°C (100,4\xa0°F) ou mais"),
        ("з вітаміном C без", "з вітаміном\xa0C без"),
        ("örneğin C vitamini serumu", "örneğin C\xa0vitamini serumu"),
        ("Позже — крем", "Позже\xa0— крем"),
        ("2 mm into skin", "2\xa0mm into skin"),
        ("I am OK. A little cream", "I am OK. A little cream"),
        ("Do not smoke for 2 minutes", "Do not smoke for 2 minutes"),
    ],
)
def test_no_line_parts_what_is_read_as_one(text: str, kept: str) -> None:
    assert unparted(text) == kept
    assert unparted(kept) == kept
    assert without_marks(str(Wording(language("tr"), {}).inline(text))) == kept


PARTED = re.compile(r" [–—]|\d °|° [CF]|SPF\)? \d|(?:FPS|LSF) [\d(]|[Vv]it\w+ [A-E]\b|वि\S+ [A-E]\b|\b[A-E] vitamin")


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
@pytest.mark.parametrize("document", document_ids(SHIPPED))
def test_no_message_of_a_document_has_a_space_that_parts_them(tag: str, document: str) -> None:
    found = lines_of(document, tag, BOTH_SITES)
    assert [line for line in found if PARTED.search(line)] == []


def test_a_day_stays_with_its_month() -> None:
    at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    found = {tag: Wording(language(tag), {}).day_and_time(at) for tag in ("uk", "fr", "vi", "de")}
    assert found == {
        "uk": "понеділок, 23\xa0листопада, 15:00",
        "fr": "lundi 23\xa0novembre, 15:00",
        "vi": "15:00 Thứ Hai, 23\xa0tháng\xa011",
        "de": "Montag, 23.\xa0November, 15:00",
    }


@pytest.mark.parametrize(
    ("typed", "closest"),
    [
        ("Cantonese", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("Wu Chinese", "zh-Hans"),
        ("Chinese", "zh-Hans"),
        ("zh_tw", "zh-Hant"),
        ("Portugese", "pt-BR"),
        ("deutch", "de"),
        ("Mandarin", ""),
        ("Taiwanese", ""),
        ("Catalan", ""),
        ("Klingon", ""),
    ],
)
def test_a_language_that_is_another_one_is_no_misspelling(typed: str, closest: str) -> None:
    assert closest_tag(typed) == closest
