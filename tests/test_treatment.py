"""Details in, Treatment out: names of every script survive, what could turn a line round does not."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import time_zones
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, ValueFault
from handouts.records import Detail, Duration, Treatment, Unit
from handouts.treatment import FIELDS, located, read_file, treatment
from handouts.treatment.tables import Table, TableForm, read_table
from handouts.treatment.values import MAXIMUM_NAME, cleaned, composed, email, name
from tests.conftest import NOW, details

NEW_YORK = time_zones.zone("America/New_York")
BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


def read(**changed: object) -> Treatment:
    return treatment(details(**changed), zone="America/New_York", now=NOW)[0]


def test_letters_keep_the_marks_that_scripts_put_on_them() -> None:
    for text in ("Nguyễn Thị Hương", "བསྒྲུབས་", "שָׁלוֹם", "ٱلرَّحْمَٰنُ", "ผู้ป่วย", "क्ष्म्यों", "မြန်မာ့"):
        assert name(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "is_json"),
    [
        ('{"patient.name": "Zoë", "patient": {"name": "Ana"}}', True),
        ('"patient.name" = "Zoë"\n[patient]\nname = "Ana"\n', False),
    ],
)
def test_a_key_that_stands_in_two_forms_is_told(text: str, is_json: bool) -> None:  # noqa: FBT001 - of a table
    with pytest.raises(InputError) as error:
        read_file(text, "t", is_json=is_json)
    assert [(problem.code, problem.values) for problem in error.value.problems] == [
        ("key-twice", {"key": "patient.name"})
    ]


def codes(**changed: object) -> set[str]:
    with pytest.raises(InputError) as error:
        read(**changed)
    return {problem.code for problem in error.value.problems}


def test_the_example_is_read_whole() -> None:
    found = read()
    assert found.patient.name == "Amina Example"
    assert found.performed_on == datetime(2026, 11, 21, 15, tzinfo=NEW_YORK)
    assert found.follow_up == datetime(2027, 1, 4, 10, 30, tzinfo=NEW_YORK)
    assert found.settings[0].value == "1.5"


@pytest.mark.parametrize(
    "text",
    [
        "José Álvarez",
        "Siân Ó Briain",
        "O’Brien–Smith",
        "محمد عبد الله",
        "अनुष्का श्रीवास्तव",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "諸葛亮",
        "Nguyễn Thị Minh",
        "X",
        "A" * 100,
    ],
)
def test_a_name_is_kept_as_it_is_written(text: str) -> None:
    assert name(text) == unicodedata.normalize("NFC", text)


@given(text=st.text(min_size=1, max_size=150))
def test_no_control_or_bidi_control_gets_through(text: str) -> None:
    try:
        found = name(text)
    except ValueFault as fault:
        if fault.code not in ("empty-value", "too-long", "damaged-text", "control-character"):
            raise
        return
    assert found == found.strip()
    assert not any(character in BIDI_CONTROLS for character in found)
    assert not any(unicodedata.category(character) == "Cc" for character in found)
    assert len(found) <= MAXIMUM_NAME


def told(read: Callable[[], object]) -> set[str]:
    """Return the codes of what is wrong with a file, a table's rows included."""
    try:
        found = read()
    except InputError as error:
        return {str(problem.code) for problem in error.problems}
    rows = found.rows() if isinstance(found, Table) else ()
    faults: set[str] = set()
    for row in rows:
        faults |= {str(problem.code) for problem in row.problems}
        faults |= told(lambda details=row.details: treatment(details, zone="UTC", now=NOW))  # type: ignore[misc]  # a lambda's default
    return faults


UNSEEN = ("\0", "\x1b", "\x7f", "\x90", "\ufdd0", "\U0001ffff", "\U0010ffff", "\ufffc", "\U000e0041", "\ufffd")


@pytest.mark.parametrize("character", UNSEEN, ids=[f"U+{ord(each):04X}" for each in UNSEEN])
@pytest.mark.parametrize("reader", ["json", "toml", "option", "csv", "jsonl", "xlsx"])
def test_what_nobody_can_see_is_refused_in_names_and_notes(reader: str, character: str) -> None:
    for path in ("patient.name", "note"):
        values = {"patient.name": "Ana Example", "note": "Rest.", "performed_on": "2026-11-20 15:00"}
        values[path] += f"x{character}y"
        codes = told(READERS[reader](values))
        assert codes & {"control-character", "damaged-text", "table-not-text", "treatment-not-toml"}, (path, codes)


def of_file(text: str, *, is_json: bool) -> Callable[[], object]:
    return lambda: treatment(read_file(text, "file", is_json=is_json), zone="UTC", now=NOW)


def of_table(data: bytes, form: TableForm) -> Callable[[], object]:
    return lambda: read_table(data, "table", form=form)


def csv_of(values: Mapping[str, str]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows([values.keys(), values.values()])
    return lines.getvalue().encode()


def workbook_of(values: Mapping[str, str]) -> bytes:
    """Return a workbook; what XML cannot hold stands in it as Excel writes it (ECMA-376, 22.9.2.19)."""
    book, data = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet(index=0)
    for cells in (values.keys(), values.values()):
        sheet.append([re.sub("[\\0-\x1f\x7f]", lambda odd: f"_x{ord(odd[0]):04X}_", cell) for cell in cells])
    book.save(data)
    return data.getvalue()


READERS: Mapping[str, Callable[[Mapping[str, str]], Callable[[], object]]] = {
    "json": lambda values: of_file(json.dumps(values), is_json=True),
    "toml": lambda values: of_file(
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()), is_json=False
    ),
    "option": lambda values: (
        lambda: treatment(
            tuple(Detail(path=key, value=value, source="x") for key, value in values.items()), zone="UTC", now=NOW
        )
    ),
    "csv": lambda values: of_table(csv_of(values), TableForm.CSV),
    "jsonl": lambda values: of_table(json.dumps(values).encode(), TableForm.JSON_LINES),
    "xlsx": lambda values: of_table(workbook_of(values), TableForm.WORKBOOK),
}


@given(text=st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


@given(text=st.text(st.characters(categories=("Lu", "Ll", "Lo", "Mn", "Nd")), min_size=1, max_size=60))
def test_letters_marks_and_digits_are_never_lost(text: str) -> None:
    assert cleaned(text) == composed(text)


def test_a_missing_time_is_now_in_the_clinics_zone() -> None:
    assert read(performed_on=None).performed_on == NOW.astimezone(NEW_YORK)


@pytest.mark.parametrize("midnight", ["2026-11-21T05:00:00.000Z", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00-05:00"])
def test_midnight_that_a_program_wrote_is_no_time(midnight: str) -> None:
    assert codes(performed_on=midnight) == {Code.TIME_NEEDED}
    assert read(performed_on="2026-11-21 00:00").performed_on == datetime(2026, 11, 21, tzinfo=NEW_YORK)


@pytest.mark.parametrize("written", ["\ufa19谷 太郎", "\u9038\ufa67", "\U0002f80f", "e\u0301"])
def test_an_ideograph_keeps_the_form_in_which_a_name_has_it(written: str) -> None:
    assert name(written) == written.replace("e\u0301", "é")


@pytest.mark.parametrize("zawgyi", ["\u1031\u1019\u102c\u1004\u1039\u1031\u1021\u102c\u1004\u1039", "\u1000\u1039"])
def test_burmese_in_zawgyi_is_told(zawgyi: str) -> None:
    assert codes(patient_name=zawgyi) == {Code.ZAWGYI}


@pytest.mark.parametrize("burmese", ["မောင်အောင်", "အောင်ဆန်းစုကြည်", "မင်္ဂလာ", "သတ္တိ", "ၸၢႆးၶွၼ်"])
def test_burmese_and_shan_in_unicode_are_read(burmese: str) -> None:
    assert name(burmese) == burmese


def test_an_own_time_zone_wins() -> None:
    assert read(time_zone="Europe/London").performed_on == datetime(
        2026, 11, 21, 15, tzinfo=time_zones.zone("Europe/London")
    )


def test_of_an_hour_that_comes_twice_the_later_is_meant() -> None:
    found = read(performed_on="2026-11-01 01:30", follow_up=None)
    assert found.performed_on
    assert found.performed_on.utcoffset() == datetime(2026, 12, 1, tzinfo=NEW_YORK).utcoffset()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"patient_name": None}, "detail-missing"),
        ({"patient_name": " \u202e "}, "empty-value"),
        ({"patient_name": "A" * 201}, "too-long"),
        ({"patient_name": "A\ufffd"}, "damaged-text"),
        ({"patient_name": "A" + 12 * "\u0301\u0316"}, "damaged-text"),
        ({"note": "Rest" + 100 * "\u0335"}, "damaged-text"),
        ({"patient_name": ["A"]}, "wrong-type"),
        ({"patient_birth_date": "14/05/1987"}, "not-a-date"),
        ({"patient_birth_date": "2027-05-14"}, "born-too-late"),
        ({"patient_birth_date": "1850-05-14"}, "born-too-early"),
        ({"performed_on": "2026-11-21"}, "time-needed"),
        ({"performed_on": "03/04/2026 15:00"}, "not-a-time"),
        ({"performed_on": "2026-02-30 15:00"}, "not-a-time"),
        ({"performed_on": "2026-11-21 3:00"}, "table-time-unclear"),
        ({"performed_on": "2026-W47-6T15:00"}, "not-a-time"),
        ({"follow_up": "15:00"}, "not-a-time"),
        ({"performed_on": "2026-03-08 02:30"}, "time-skipped"),
        ({"performed_on": "1066-10-14 09:00", "patient_birth_date": None}, "impossible-year"),
        ({"follow_up": "2026-11-21 14:59"}, "follow-up-too-early"),
        ({"time_zone": "America/New_Yorc"}, "unknown-time-zone"),
        ({"settings": ["needle_depth"]}, "not-name-and-value"),
        ({"settings": ["needle_depth=deep"]}, "not-a-number"),
        ({"settings": {"needle_depth": "NaN"}}, "not-a-number"),
        ({"waiting_periods": ["make-up=soon"]}, "not-a-period"),
        ({"waiting_periods": {"make-up": {"days": 3}}}, "not-a-period"),
        ({"patient_email": "a@b@example.org"}, "not-an-address"),
        ({"patient_emial": "a@example.org"}, "unknown-key"),
        ({"note": "x" * 601}, "too-long"),
        ({"body_sites": ["face"] * 21}, "too-many"),
    ],
)
def test_a_fault_is_told_by_its_code(changed: dict[str, object], code: str) -> None:
    assert codes(**changed) == {code}


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        *(("2026-11-21 9:30", "09:30"), ("2026-11-21 9:30 am", "09:30"), ("2026-11-21 09:30", "09:30")),
        *(("20261121T0930", "09:30"), ("2026/11/21 2:30 PM", "14:30"), ("21 Nov 2026 2:30pm", "14:30")),
        *(("Nov 21, 2026 14:30", "14:30"), ("2026-11-21 2:30 p.m.", "14:30"), ("2026-11-21 12:15 am", "00:15")),
        *(("2026-11-21 9.30", "09:30"), ("21 Nov 2026 2.30 pm", "14:30"), ("2026-11-21 3 pm", "15:00")),
        *(("2026-11-21 3pm", "15:00"), ("Nov 21, 2026 11 a.m.", "11:00"), ("2026-11-21 12pm", "12:00")),
    ],
)
def test_a_time_is_read_on_one_detail_as_in_a_table(typed: str, clock: str) -> None:
    wanted = datetime.fromisoformat(f"2026-11-21 {clock}").replace(tzinfo=NEW_YORK)
    assert read(performed_on=typed, follow_up="2027-01-04 9:30 am").performed_on == wanted


@pytest.mark.parametrize("typed", ["1987-05-14", "1987/5/14", "19870514", "14 May 1987", "May 14, 1987"])
def test_a_day_is_read_on_one_detail_as_in_a_table(typed: str) -> None:
    assert read(patient_birth_date=typed).patient.birth_date == date(1987, 5, 14)


def typed_now(text: str, now: datetime = NOW) -> Treatment:
    found = (replace(each, typed_now=True) for each in details(performed_on=text, follow_up=None))
    return treatment(tuple(found), zone="America/New_York", now=now)[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("9:30", "2026-11-21 09:30"), ("9:30 am", "2026-11-21 09:30"), ("14:05", "2026-11-21 14:05")),
        *(("today 9:30", "2026-11-21 09:30"), ("Today at 2:30 pm", "2026-11-21 14:30")),
        *(("9.30", "2026-11-21 09:30"), ("9.05 am", "2026-11-21 09:05"), ("today 14.05", "2026-11-21 14:05")),
        *(("3 pm", "2026-11-21 15:00"), ("Today at 3pm", "2026-11-21 15:00"), ("9.00", "2026-11-21 09:00")),
        *(("yesterday 15:00", "2026-11-20 15:00"), ("today", "2026-11-21 15:00"), ("now", "2026-11-21 15:00")),
    ],
)
def test_today_is_the_jobs_day_in_the_clinics_zone(typed: str, meant: str) -> None:
    assert typed_now(typed).performed_on == datetime.fromisoformat(meant).replace(tzinfo=NEW_YORK)


def test_today_is_the_clinics_day_and_not_that_of_utc() -> None:
    after_midnight_utc = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert typed_now("9:30", after_midnight_utc).performed_on == datetime(2026, 11, 21, 9, 30, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(("3:00", "table-time-unclear"), ("3.30", "table-time-unclear"), ("2026-11-21 3.30", "table-time-unclear")),
        *(("yesterday", "time-needed"), ("9.05", "not-a-time"), ("21.11.2026", "not-a-time"), ("13 pm", "not-a-time")),
        *(("3", "not-a-time"), ("2026-11-21 9", "not-a-time"), ("21. 11.2026", "not-a-time"), ("9.3", "not-a-time")),
    ],
)
def test_a_time_that_can_be_two_is_not_read(typed: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        typed_now(typed)
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("written", ["today", "9:30", "15:00:00"])
def test_a_file_says_the_day_since_it_can_be_used_again(written: str) -> None:
    assert codes(performed_on=written, follow_up=None) == {"day-needed"}


def test_every_fault_is_told_at_once() -> None:
    found = codes(patient_name="", performed_on="soon", settings=["x"], patient_email="nobody")
    assert found == {"empty-value", "not-a-time", "not-name-and-value", "not-an-address"}


def test_a_problem_never_holds_what_was_typed() -> None:
    with pytest.raises(InputError) as error:
        read(patient_name="Zebulon\ufffd", patient_email="zebulon@@example.org", performed_on="zebulon o'clock")
    assert len(error.value.problems) == 3
    assert "zebulon" not in repr(error.value.problems).lower()


@pytest.mark.parametrize("text", ["make-up=72h: thin skin", "make-up = 72 hours:thin skin"])
def test_a_period_can_be_typed(text: str) -> None:
    (period,) = read(waiting_periods=[text]).waiting_periods
    assert (period.id, period.duration, period.reason) == (
        "make-up",
        Duration(amount=72, unit=Unit.HOUR),
        "thin skin",
    )


@pytest.mark.parametrize("text", ["ana@example.org", "ana.b+c@mail.example.org", "аня@example.org"])
def test_an_address_is_kept(text: str) -> None:
    assert email(text) == text


@given(text=st.text(max_size=40))
def test_an_accepted_address_has_one_at_and_no_white_space(text: str) -> None:
    try:
        found = email(text)
    except ValueFault:
        return
    assert found.count("@") == 1
    assert not any(character.isspace() or character in ",;<>" for character in found)


def test_a_toml_file_and_a_json_file_say_the_same() -> None:
    toml = '[patient]\nname = "Amina"\n[settings]\nneedle_depth = 1.5\n'
    same = json.dumps({"patient": {"name": "Amina"}, "settings": {"needle_depth": 1.5}})
    from_toml = read_file(toml, "a", is_json=False)
    from_json = read_file(same, "a", is_json=True)
    assert [(entry.path, entry.value) for entry in from_toml] == [(entry.path, entry.value) for entry in from_json]
    assert [entry.line for entry in from_toml] == [2, 3]


def test_every_field_has_an_option_and_a_help_text() -> None:
    assert all(field.option.startswith("--") and field.help.endswith(".") for field in FIELDS)
    assert len({field.path for field in FIELDS}) == len({field.option for field in FIELDS}) == len(FIELDS)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"patient_name": "\u0301\u0302"}, "empty-value"),
        ({"patient_name": "\u3164"}, "empty-value"),
        ({"patient_name": 4711}, "wrong-type"),
        ({"patient_record_number": 0x10**5000}, "too-long"),
        ({"patient_record_number": 1.5}, "wrong-type"),
        ({"patient_birth_date": "1987-W20-4"}, "not-a-date"),
        ({"products": ["x" * 201]}, "too-long"),
        ({"performed_on": "2026-11-21x15:00"}, "not-a-time"),
        ({"follow_up": "0001-01-01 01:00+14:00"}, "impossible-visit-year"),
        ({"settings": {"needle_depth": "1_000"}}, "not-a-number"),
        ({"settings": {"needle_depth": 0x10**5000}}, "too-long"),
        ({"waiting_periods": {"make-up": {"days": 0x10**5000, "reason": "thin skin"}}}, "not-a-period"),
        ({"waiting_periods": {"make-up": {"days": True, "reason": "thin skin"}}}, "not-a-period"),
        ({"waiting_periods": {"make-up": 3}}, "not-a-period"),
        ({"patient_language": "klingon"}, "patient-language-unknown"),
    ],
)
def test_a_rarer_fault_is_told_by_its_code(changed: dict[str, object], code: str) -> None:
    assert codes(**changed) == {code}


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        *(("ZH_hans", "zh-Hans"), ("es", "es"), ("", ""), ("Spanish", "es"), ("Español", "es"), ("espanol", "es")),
        *(("es-MX", "es"), ("es-419", "es"), ("en_GB", "en"), ("العربية", "ar"), ("Simplified Chinese", "zh-Hans")),
        *(("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("繁體中文", "zh-Hant"), ("Tagalog", "fil"), ("tl", "fil")),
        *(("zh-CN", "zh-Hans"), ("zh_SG", "zh-Hans"), ("zh-Hans-CN", "zh-Hans"), ("pt", "pt-BR"), ("Farsi", "fa")),
        *(
            ("eng", "en"),
            ("spa", "es"),
            ("ger", "de"),
            ("deu", "de"),
            ("por", "pt-BR"),
            ("prs", "fa"),
            ("ar-001", "ar"),
        ),
        *(("Chinesisch (vereinfacht)", "zh-Hans"), ("हिन्दी", "hi"), ("Portuguese (Brazil)", "pt-BR")),
    ],
)
def test_a_patients_language_is_kept_by_its_tag(typed: str, tag: str) -> None:
    assert read(patient_language=typed).patient.language == tag


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("spanich", "es"),
        ("zh", "zh-Hans"),
        ("zho", ""),
        ("pt-PT", "pt-BR"),
        ("hi-Latn", "hi"),
        ("Chinese", "zh-Hans"),
        ("und", ""),
    ],
)
def test_a_language_that_may_be_another_one_is_suggested_and_not_taken(typed: str, tag: str) -> None:
    with pytest.raises(InputError) as error:
        read(patient_language=typed)
    assert [problem.nearest for problem in error.value.problems] == [tag]


def test_an_empty_file_is_named_when_something_is_missing() -> None:
    with pytest.raises(InputError) as error:
        treatment(read_file("", "empty.toml", is_json=False), zone="UTC", now=NOW)
    assert [(problem.code, problem.source) for problem in error.value.problems] == [("detail-missing", "empty.toml")]


def test_a_mismatch_gets_its_line_and_loses_a_name_that_may_be_a_value() -> None:
    given = read_file('[settings]\nneedle_depth = 1\n"Zebulon" = 2\n', "a.toml", is_json=False)
    for setting, line, path in (("needle_depth", 2, "settings.needle_depth"), ("Zebulon", 3, "settings")):
        problem = Problem(kind=Kind.TREATMENT, code=Code.NOT_IN_DOCUMENT, source="-", path=f"settings.{setting}")
        found = located(problem, given)
        assert (found.source, found.line, found.path) == ("a.toml", line, path)


@given(key=st.text(max_size=60), value=st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_whatever_stands_in_a_table_is_read_or_told(key: str, value: object) -> None:
    for field in ("settings", "waiting_periods"):
        paths: set[str] = set()
        try:
            read(**{field: {key: value}})
        except InputError as error:
            paths = {problem.path for problem in error.problems}
        assert paths <= {field, f"{field}.{key}"}
