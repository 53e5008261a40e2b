"""A table that is dropped on the desk's page: each patient as the form takes them, and what is wrong with each row."""

import json
import pickle
from pathlib import Path

import openpyxl
import pytest

from handouts.errors import InputError, errors_of
from handouts.interfaces.desk.todays_list import MOST, ReadList, TodaysList
from handouts.interfaces.desk.wishing import wish
from handouts.press import Press
from handouts.treatment.tables import DateOrder
from tests.conftest import CHECKOUT, NOW, example_press

DOCUMENT = "microneedling-aftercare"
HEAD = "Patient name,Date of birth,Language,Area,Date of service,Needle depth (mm),Document"


@pytest.fixture(scope="module")
def press() -> Press:
    return example_press()


def read(press: Press, *rows: str, document: str = DOCUMENT, dates: DateOrder = DateOrder.ISO) -> TodaysList:
    data = "\n".join((HEAD, *rows)).encode()
    work = ReadList(data=data, name="today.csv", now=NOW, document=document, dates=dates)
    found = pickle.loads(pickle.dumps(work))(press)  # noqa: S301 - as the workroom sends it
    assert isinstance(found, TodaysList)
    return found


def test_a_patient_is_as_the_form_takes_them(press: Press) -> None:
    data = (CHECKOUT / "examples" / "treatments.csv").read_bytes()
    found = ReadList(data=data, name="treatments.csv", now=NOW)(press)
    assert [(each.line, each.name, each.when, each.languages, each.is_faulty) for each in found.waiting] == [
        (2, "Amina Example", "2026-11-21 15:00", ("en",), False),
        (3, "José Example", "2026-11-21 15:45", ("es",), False),
        (4, "ليلى مثال", "2026-11-21 16:30", ("ar",), False),
    ]
    assert found.at(2) is found.waiting[0]
    assert dict(found.waiting[0].values) == {
        "patient.name": "Amina Example",
        "patient.birth_date": "1987-05-14",
        "patient.record_number": "LSC-00417",
        "procedure": "microneedling",
        "body_sites": ["face", "neck"],
        "performed_on": "2026-11-21 15:00",
        "practitioner": "Nurse R. Sample",
        "settings": {"needle_depth": "1.5"},
        "follow_up": "2027-01-04 10:30",
    }


def test_what_the_form_gets_makes_the_treatment_of_the_row(press: Press) -> None:
    row = {
        "patient": {"name": "Ana Example", "language": "es"},
        "performed_on": "2026-11-20 22:30",
        "time_zone": "Europe/Berlin",
        "body_sites": ["Around the eyes"],
        "settings": {"Needle depth": "0,5"},
        "products": ["Serum A"],
        "note": "a\nb",
        "waiting_periods": {"Make-up": {"days": 3, "reason": "thin skin"}},
    }
    data = json.dumps(row).encode()
    (waiting,) = ReadList(data=data, name="today.jsonl", now=NOW, document=DOCUMENT)(press).waiting
    assert waiting.problems == tuple(each for each in waiting.problems if each.severity == "warning")
    form = {"document": waiting.document, "languages": list(waiting.languages), "details": dict(waiting.values)}
    typed = press.check(wish(form).job(NOW))[0].checked.treatment
    assert (typed.patient.name, typed.body_sites, typed.products) == ("Ana Example", ("around-eyes",), ("Serum A",))
    assert [(each.name, each.value) for each in typed.settings] == [("needle_depth", "0.5")]
    assert [(each.id, str(each.duration), each.reason) for each in typed.waiting_periods] == [
        ("make-up", "3 days", "thin skin")
    ]
    assert typed.performed_on is not None
    assert f"{typed.performed_on.timestamp():.0f}" == "1795210200", "the same moment, on the clinic's clock"


def test_what_is_wrong_with_a_row_is_told_in_words_of_its_columns_and_what_was_typed_stays(press: Press) -> None:
    found = read(
        press,
        "Ana Example,1990-01-31,es,face,2026-11-21 15:00,1.5,",
        "Bo Example,1990-01-31,xx,elbow,2026-11-21 15:00,99,",
        "Cy Example,31/01/1990,en,face,2026-11-21,1.5,",
        "Di Example,,en,face,2026-11-21 15:00,,microneedling-nothing",
        "Ed Example,,en,elbow,2026-11-21 15:00,,",
    )
    assert [each.is_faulty for each in found.waiting] == [False, True, True, True, True]
    told = [
        {(problem.code, problem.line, problem.path) for problem in errors_of(each.problems)} for each in found.waiting
    ]
    assert told[2] == {("table-date-order", 4, "Date of birth"), ("time-needed", 4, "Date of service")}
    assert told[3] == {("unknown-document", 5, "document")}
    assert {line for _, line, _ in told[1]} == {3}
    assert told[4] == {("not-in-document", 6, "Area")}
    assert "Bo" not in str(told)
    assert (found.waiting[2].name, found.waiting[2].values["body_sites"]) == ("Cy Example", ["face"])
    assert found.waiting[2].values["settings"] == {"needle_depth": "1.5"}
    day_first = read(press, "Cy Example,31/01/1990,en,face,21/11/2026 15:00,1.5,", dates=DateOrder.DAY_FIRST)
    assert day_first.waiting[0].values["patient.birth_date"] == "1990-01-31"


def test_a_table_without_documents_leaves_them_to_the_desk(press: Press) -> None:
    (waiting,) = read(press, "Ana Example,1990-01-31,ar,Face,2026-11-21 15:00,1.5,", document="").waiting
    assert (waiting.document, waiting.languages, waiting.is_faulty) == ("", ("ar",), False)
    assert (waiting.problems, waiting.values["body_sites"]) == ((), ["Face"])


def test_a_workbook_is_read_too_and_a_months_table_is_not(press: Press, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEAD.split(","))
    sheet.append(["Ana Example", "1990-01-31", "es", "face", "2026-11-21 15:00", 1.5, ""])
    book.save(tmp_path / "today.xlsx")
    data = (tmp_path / "today.xlsx").read_bytes()
    (waiting,) = ReadList(data=data, name="today.xlsx", now=NOW, document=DOCUMENT)(press).waiting
    assert (waiting.is_faulty, waiting.values["settings"]) == (False, {"needle_depth": "1.5"})
    with pytest.raises(InputError) as long:
        read(press, *["Ana Example,1990-01-31,es,face,2026-11-21 15:00,1.5,"] * (MOST + 1))
    assert [problem.code for problem in long.value.problems] == ["table-too-long"]
    with pytest.raises(InputError) as unknown:
        ReadList(data=data, name="today.docx", now=NOW)(press)
    assert [problem.code for problem in unknown.value.problems] == ["table-form-unknown"]
