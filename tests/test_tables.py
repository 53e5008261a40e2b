"""Tables in, rows out: however a clinic's program writes them, the same rows; every fault told with line and column.

tests/bad/tables holds a file for each fault and, beside it, what is told. UPDATE_EXPECTED=1 writes the .expected files
anew; read every one of them before you keep it.
"""

import csv
import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from handouts.codes import Code
from handouts.errors import InputError, Problem, Severity, ValueFault
from handouts.interfaces.words import format_problems
from handouts.records import Row
from handouts.treatment import treatment
from handouts.treatment.dates import clock_of, day_text, moment_in_table
from handouts.treatment.tables import DateOrder, Table, TableForm, form_of, read_table, rejects
from handouts.treatment.tables.columns import folded, known_names, titles
from handouts.treatment.tables.plain import neutral, revived
from tests.conftest import CHECKOUT, NOW
from tests.patient_values import repeated

BAD = CHECKOUT / "tests" / "bad" / "tables"
PATIENT = ("Zebulon", "Zébulon", "Quux", "4711", "1931", "keloid", "quux.example")
"""What the faulty tables say about their patients: none of it may come back."""

HEADER = (
    *("Document", "Sheet language", "Patient Name", "Date of Birth", "MRN", "E-mail", "Preferred language"),
    *("Treatment", "Treated area", "Date of service", "Provider", "settings.needle_depth", "Product", "Next visit"),
    "Note",
)
ROWS = (
    (
        *("microneedling-aftercare", "es", "José Ñandú", "1987-05-14", "00417", "jose@example.org", "es"),
        *("microneedling", "face; neck", "2026-11-21 15:00", "Nurse R. Sample", "1.50", "serum | balm"),
        *("2027-01-04 10:30", "Keep it clean,\nand “dry”; call us."),
    ),
    (
        *("microneedling-bumps", "ar+en", "Łucja O'Brien", "2001-12-31", "+1 555", "l@example.org", "Polski"),
        *("", "", "2026-11-21 09:05:30", "", "", "", "", ""),
    ),
)
WESTERN = tuple(tuple(cell.replace("Ł", "L").replace("Polski", "pl") for cell in row) for row in ROWS)


def written(
    rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, separator: str = ",", line_end: str = "\r\n"
) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows([header, *rows])
    return text.getvalue()


def read(data: bytes | str, form: TableForm = TableForm.CSV, **given: Any) -> Table:
    return read_table(data.encode() if isinstance(data, str) else data, "table", form=form, **given)


def said(table: Table) -> list[tuple[str, str, dict[str, object]]]:
    """Return what each row says, whatever its columns are and in whichever order."""
    rows = list(table.rows())
    assert [problem for row in rows for problem in row.problems] == []
    return [(row.document, row.language, {one.path: one.value for one in row.details}) for row in rows]


EXPECTED: list[tuple[str, str, dict[str, object]]] = [
    (
        "microneedling-aftercare",
        "es",
        {
            "patient.name": "José Ñandú",
            "patient.birth_date": "1987-05-14",
            "patient.record_number": "00417",
            "patient.email": "jose@example.org",
            "patient.language": "es",
            "procedure": "microneedling",
            "body_sites": ["face", "neck"],
            "performed_on": "2026-11-21 15:00",
            "practitioner": "Nurse R. Sample",
            "settings": {"needle_depth": "1.50"},
            "products": ["serum", "balm"],
            "follow_up": "2027-01-04 10:30",
            "note": "Keep it clean,\nand “dry”; call us.",
        },
    ),
    (
        "microneedling-bumps",
        "ar+en",
        {
            "patient.name": "Łucja O'Brien",
            "patient.birth_date": "2001-12-31",
            "patient.record_number": "+1 555",
            "patient.email": "l@example.org",
            "patient.language": "pl",
            "performed_on": "2026-11-21 09:05:30",
        },
    ),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac-roman"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("order", ["as it stands", "backwards", "shuffled"])
def test_every_encoding_separator_and_order_gives_the_same_rows(encoding: str, separator: str, order: str) -> None:
    places = list(range(len(HEADER)))
    if order == "backwards":
        places.reverse()
    elif order == "shuffled":
        places.sort(key=lambda place: place * 7 % 15)
    western = encoding in ("cp1252", "mac-roman")
    rows = [[row[place] for place in places] for row in (WESTERN if western else ROWS)]
    text = written(rows, [HEADER[place] for place in places], separator)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    table = read((mark + text).encode(encoding), encoding=encoding if western else "")
    expected = [(one, two, dict(three)) for one, two, three in EXPECTED]
    if western:
        expected[1][2]["patient.name"] = "Lucja O'Brien"
    assert said(table) == expected
    assert table.count == 2


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read_and_lines_are_counted(line_end: str) -> None:
    rows = list(read(written(ROWS, line_end=line_end)).rows())
    assert [row.line for row in rows] == [2, 4]  # The note of the first row takes two lines.


def test_mixed_line_ends_and_empty_lines() -> None:
    head, *lines = written((WESTERN[1],) * 3).split("\r\n")
    table = read(f"\n{head}\r\n\r\n{lines[0]}\n,,,,,,,,,,,,,,\n{lines[1]}\r{lines[2]}")
    assert [row.line for row in table.rows()] == [4, 6, 7]
    assert table.count == 3


def test_rows_can_be_read_again() -> None:
    table = read(written(ROWS))
    assert list(table.rows()) == list(table.rows())


def test_every_detail_says_its_line_and_column() -> None:
    (first, _) = read(written(ROWS)).rows()
    places = {detail.path: (detail.line, detail.column) for detail in first.details}
    assert places["patient.name"] == (2, 3)
    assert places["note"] == (2, 15)
    settings = next(detail for detail in first.details if detail.path == "settings")
    assert settings.columns == {"needle_depth": 12}


@pytest.mark.parametrize(
    "header",
    ["PATIENT_NAME", "patient.name", "--patient", "\u00a0Patient  name ", "\u202bPatient-Name\u202c", "Pátient Name"],
)
def test_a_header_may_be_spelt_in_many_ways(header: str) -> None:
    table = read(f"{header},D.O.B.,performed on\nAna Example,1990-01-31,2026-11-21 15:00\n")
    assert said(table)[0][2]["patient.name"] == "Ana Example"


def test_the_person_says_what_a_column_holds_and_which_to_pass_over() -> None:
    text = "الاسم;Datum;Telefon;Notes\nAna Example;2026-11-21 15:00;555-0100;not for patients\n"
    table = read(
        text, aliases={"الاسم": "patient.name", "datum": "performed_on"}, ignored=frozenset({"TELEFON", "Notes"})
    )
    assert said(table) == [("", "", {"patient.name": "Ana Example", "performed_on": "2026-11-21 15:00"})]


def test_what_staff_write_for_each_other_is_never_taken_for_the_patients_note() -> None:
    assert "notes" not in known_names()
    assert not {"datum", "fecha", "data", "hora", "uhrzeit", "notizen", "bemerkungen", "nota"} & set(known_names())
    assert not {"date", "time", "id", "appointment"} & set(known_names())


@pytest.mark.parametrize(("family_first", "name"), [(False, "Ana Example"), (True, "Example Ana")])
def test_a_name_in_two_columns(name: str, *, family_first: bool) -> None:
    table = read("Surname,First name,DOS\nExample,Ana,2026-11-21 15:00\n", family_first=family_first)
    assert said(table)[0][2]["patient.name"] == name


def test_one_name_is_enough() -> None:
    assert said(read("Surname,First name,DOS\n,Ana,2026-11-21 15:00\n"))[0][2]["patient.name"] == "Ana"


def test_a_separator_that_the_file_declares() -> None:
    assert said(read("sep=;\r\n" + written(ROWS, separator=";"))) == EXPECTED


def test_a_table_of_two_columns_whose_header_has_another_separator_in_it() -> None:
    table = read('"Patient, name";DOS\nAna Example;2026-11-21 15:00\n')
    assert said(table)[0][2]["patient.name"] == "Ana Example"


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("2026-03-04 15:00", DateOrder.MONTH_FIRST, "2026-03-04 15:00"),
        ("2026-03-04T15:00:00", DateOrder.ISO, "2026-03-04 15:00"),
        ("2026-03-04T15:00:00.0000000", DateOrder.ISO, "2026-03-04 15:00"),
        ("20260304 15:00", DateOrder.ISO, "2026-03-04 15:00"),
        ("2026/3/4 15:00", DateOrder.DAY_FIRST, "2026-03-04 15:00"),
        ("03/04/2026 3:00 PM", DateOrder.DAY_FIRST, "2026-04-03 15:00"),
        ("03/04/2026 3:00 PM", DateOrder.MONTH_FIRST, "2026-03-04 15:00"),
        ("3.4.2026, 12:30 a.m.", DateOrder.DAY_FIRST, "2026-04-03 00:30"),
        ("3-4-2026 12:00 pm", DateOrder.DAY_FIRST, "2026-04-03 12:00"),
        ("4-Mar-2026 9:00", DateOrder.ISO, "2026-03-04 09:00"),
        ("March 4, 2026 03:00", DateOrder.ISO, "2026-03-04 03:00"),
        (datetime(2026, 3, 4, 14, 59, 59, 999000), DateOrder.ISO, "2026-03-04 15:00"),  # noqa: DTZ001 - a workbook's
    ],
)
def test_a_moment_is_read_in_the_declared_order(text: object, order: DateOrder, found: str) -> None:
    assert moment_in_table(text, None, order) == found


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-04T15:00-05:00", "2026-03-04 15:00:00-05", "2026-03-04T15:00:00.000-0500", "2026-03-04 15:00 -0500"),
        *("2026-03-04 20:00:00Z", "2026-03-04T20:00:00.000Z", "2026-03-04 20:00:00 UTC", "2026-03-04 20:00 gmt"),
        *(
            "2026-03-04 20:00:00+00",
            "2026-03-04 20:00:00.123456+00",
            "2026-03-04 20:00+0000",
            "2026-03-05 01:30 +05:30",
        ),
        *("Mar 4, 2026 3:00 PM -0500", "04-Mar-2026 20:00 UTC"),
    ],
)
def test_a_time_with_an_offset_is_that_moment_however_programs_write_it(text: str) -> None:
    found = moment_in_table(text, None, DateOrder.ISO)
    assert isinstance(found, datetime)
    assert found.replace(microsecond=0) == datetime(2026, 3, 4, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-04 15:00 -05:00", "2026-03-04 15:00-16", "2026-03-04 15:00 -16:00"])
def test_what_may_be_the_end_of_a_visit_is_no_offset(text: str) -> None:
    with pytest.raises(ValueFault):
        moment_in_table(text, None, DateOrder.ISO)


@pytest.mark.parametrize("text", ["1987-05-14T00:00:00.000Z", "1987-05-14 00:00:00+00", "1987-05-14 00:00:00 UTC"])
def test_a_day_may_be_written_as_its_midnight(text: str) -> None:
    assert day_text(text, DateOrder.ISO) == "1987-05-14"


IN_UTC = "2026-11-21T00:00:00.000Z"  # Seven in the evening in New York, and what JavaScript makes of a day alone.


@pytest.mark.parametrize(
    ("times", "fit"),
    [
        ((IN_UTC, "2026-11-21T20:30:00.000Z"), (True, True)),
        ((IN_UTC, IN_UTC), (False, False)),
        ((IN_UTC, "2026-11-21 15:30"), (False, True)),  # nothing in it says that the column is in UTC
        (("2026-11-21T00:00:00-05:00", "2026-11-21T20:30:00.000Z"), (False, True)),  # midnight where it was written
        (("2026-11-21 00:00", "2026-11-21 15:00"), (False, True)),
    ],
)
@pytest.mark.parametrize("form", [TableForm.CSV, TableForm.JSON_LINES])
def test_midnight_is_no_time_but_where_a_column_is_in_utc(
    form: TableForm, times: tuple[str, ...], fit: tuple[bool, ...]
) -> None:
    lines = {
        TableForm.CSV: ["Name,DOS", *(f"Ana Example,{text}" for text in times)],
        TableForm.JSON_LINES: [f'{{"patient": {{"name": "Ana Example"}}, "performed_on": "{text}"}}' for text in times],
    }
    rows = list(read("\n".join(lines[form]), form).rows())
    assert tuple(not row.problems for row in rows) == fit
    assert {problem.code for row in rows for problem in row.problems} <= {Code.TIME_NEEDED}


def test_the_column_of_the_time_is_blamed_for_the_time() -> None:
    (row,) = read("Name,Date of service,Time of service\nAna Example,2026-11-21,24:00\n").rows()
    assert [(problem.code, problem.column, problem.path) for problem in row.problems] == [
        (Code.TABLE_NOT_A_CLOCK, 3, "Time of service")
    ]


@pytest.mark.parametrize("clock", ["15:00", "3:00 PM", time(15), timedelta(hours=15)])
@pytest.mark.parametrize("day", ["2026-03-04", "2026-03-04 00:00:00", date(2026, 3, 4)])
def test_a_time_may_stand_in_a_column_of_its_own(day: object, clock: object) -> None:
    assert moment_in_table(day, clock_of(clock), DateOrder.ISO) == "2026-03-04 15:00"


@pytest.mark.parametrize(
    ("text", "order", "code"),
    [
        ("03/04/2026", DateOrder.ISO, "table-date-order"),
        ("13/25/2026", DateOrder.MONTH_FIRST, "table-date-impossible"),
        ("02/30/2026", DateOrder.MONTH_FIRST, "table-date-impossible"),
        ("03/15/2026", DateOrder.DAY_FIRST, "table-date-impossible"),
        ("3/4/26", DateOrder.DAY_FIRST, "table-year-short"),
        ("2026-02-30", DateOrder.DAY_FIRST, "not-a-date"),
        ("46085", DateOrder.DAY_FIRST, "table-date-number"),
        (46085.0, DateOrder.ISO, "table-date-number"),
        ("yesterday", DateOrder.DAY_FIRST, "not-a-date"),
        ("4 Mat 2026", DateOrder.ISO, "not-a-date"),
        (True, DateOrder.ISO, "not-a-date"),
        (time(15), DateOrder.ISO, "not-a-date"),
        ("2026-03-04 15:00", DateOrder.ISO, "not-a-date"),
    ],
)
def test_a_day_that_is_not_certain_is_refused(text: object, order: DateOrder, code: str) -> None:
    with pytest.raises(ValueFault) as error:
        day_text(text, order)
    assert error.value.code == code


@given(day=st.dates(min_value=date(1890, 1, 1)), order=st.sampled_from(list(DateOrder)[1:]))
def test_a_day_written_in_its_order_comes_back(day: date, order: DateOrder) -> None:
    form = "{0:%d}/{0:%m}/{0.year:04}" if order is DateOrder.DAY_FIRST else "{0:%m}/{0:%d}/{0.year:04}"
    assert day_text(form.format(day), order) == day.isoformat()


CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: not text.startswith(("sep=", "'", '="'))
)


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5), separator=st.sampled_from(",;\t|")
)
def test_what_csv_writes_is_what_is_read(rows: list[list[str]], separator: str) -> None:
    full = [["x", *row] for row in rows]
    found = list(read(written(full, ["DOS", "Name", "MRN", "Note"], separator)).rows())
    assert [list(row.cells) for row in found] == full


@pytest.mark.parametrize(
    ("text", "tag"),
    [("Español", "es"), ("spanish", "es"), ("ES", "es"), ("Spanisch", "es"), ("Arabic + es-MX", "ar+es"), ("+es", "")],
)
def test_a_sheets_language_may_be_named(text: str, tag: str) -> None:
    (row,) = read(f"Name,DOS,Sheet language\nAna Example,2026-11-21 15:00,{text}\n").rows()
    assert row.language == tag
    assert bool(tag) is not bool(row.problems)


def test_a_zero_in_front_survives_a_spreadsheet_program() -> None:
    table = read('Name,MRN,DOS\nAna Example,"=""00417""",2026-11-21 15:00\n')
    assert said(table)[0][2]["patient.record_number"] == "00417"


@pytest.mark.parametrize("null", ["\\N", "NULL", "nan", "N/A", "None", "#N/A", " null "])
def test_what_stands_for_nothing_is_nothing_but_in_a_name(null: str) -> None:
    table = read(f"Name;DOS;MRN;Note to patient\nNull;2026-11-21 15:00;{null};{null}\n")
    assert set(said(table)[0][2]) == {"patient.name", "performed_on"}
    line = {
        "patient": {"name": "Null", "record_number": null.strip()},
        "performed_on": "2026-11-21 15:00",
        "note": None,
    }
    assert set(said(read(json.dumps(line), TableForm.JSON_LINES))[0][2]) == {"patient.name", "performed_on"}


def test_a_header_of_which_one_title_is_known_has_the_others_listed() -> None:
    with pytest.raises(InputError) as error:
        read("Client,Scheduled date,Services,Status\nAna Example,21 Nov 2026,Face,Done\n")
    unknown = [problem.path for problem in error.value.problems if problem.code == Code.TABLE_COLUMN_UNKNOWN]
    assert unknown == ["Scheduled date", "Services", "Status"]


@pytest.mark.parametrize("row", ["Ana Example,2026-11-21,Name", "Name,0417,x", "Name,ana@example.org,x"])
def test_a_row_of_values_is_no_header(row: str) -> None:
    with pytest.raises(InputError) as error:
        read(f"{row}\nAna Example,2026-11-21 15:00,x\n")
    assert [problem.code for problem in error.value.problems] == [Code.TABLE_NO_HEADER]


# --- workbooks -------------------------------------------------------------------------------------------------------
def book(fill: Callable[[Worksheet], object], **others: Callable[[Worksheet], object]) -> bytes:
    """Return a workbook whose first sheet is filled by a function, and others by theirs."""
    made = openpyxl.Workbook()
    first = made.active
    assert isinstance(first, Worksheet)
    first.title = "Patients"
    fill(first)
    for name, other in others.items():
        other(made.create_sheet(name))
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def filled(*rows: Sequence[Any], first_row: int = 1) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for number, row in enumerate(rows, start=first_row):
            for place, value in enumerate(row, start=1):
                sheet.cell(number, place).value = value

    return fill


def workbook_problems(*rows: Sequence[object]) -> set[tuple[str, int | None, int | None]]:
    data = book(filled(("Name", "MRN", "DOS", "Note"), *rows))
    table = read(data, TableForm.WORKBOOK)
    return {(one.code, one.line, one.column) for row in table.rows() for one in row.problems}


PERFORMED = datetime(2026, 11, 21, 15, 0)  # noqa: DTZ001 - a workbook's cells have no zone


def test_a_workbook_gives_the_same_rows() -> None:
    assert said(read(book(filled(HEADER, *ROWS)), TableForm.WORKBOOK)) == EXPECTED


def test_dates_and_numbers_of_a_workbook_need_no_declared_order() -> None:
    header = ("Name", "DOB", "MRN", "DOS", "Time of service", "Next visit", "settings.needle_depth")
    row = ("Ana Example", date(1990, 1, 31), 417.0, date(2026, 11, 21), time(15, 0), PERFORMED + timedelta(9), 1.5)
    (_, _, found) = said(read(book(filled(header, row)), TableForm.WORKBOOK))[0]
    assert found["patient.birth_date"] == "1990-01-31"
    assert found["patient.record_number"] == "417"
    assert found["performed_on"] == "2026-11-21 15:00"
    assert found["follow_up"] == "2026-11-30 15:00"
    assert found["settings"] == {"needle_depth": "1.5"}


def test_a_workbook_that_counts_from_1904() -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    assert isinstance(made.active, Worksheet)
    filled(("Name", "DOS"), ("Ana Example", PERFORMED))(made.active)
    data = io.BytesIO()
    made.save(data)
    assert said(read(data.getvalue(), TableForm.WORKBOOK))[0][2]["performed_on"] == "2026-11-21 15:00"


def test_lines_of_a_workbook_are_its_own_row_numbers() -> None:
    head, row = ("Name", "DOS"), ("Ana Example", PERFORMED)
    table = read(book(filled(head, row, ("", ""), row, first_row=4)), TableForm.WORKBOOK)
    assert [row.line for row in table.rows()] == [5, 7]


def test_a_formula_gives_what_was_last_calculated() -> None:
    data = book(filled(("Name", "DOS"), ("Ana Example", PERFORMED)))
    cell, formula = b"<is><t>Ana Example</t></is>", b"<f>A1</f><v>Bea Example</v>"
    old = b't="inlineStr">' + cell
    changed = repacked(data, change=lambda name, part: (name, part.replace(old, b't="str">' + formula)))
    assert said(read(changed, TableForm.WORKBOOK))[0][2]["patient.name"] == "Bea Example"


def test_what_calamine_would_lose_is_told() -> None:
    found = workbook_problems(
        ("Ana Example", "#N/A", PERFORMED, "=A1"),
        (True, date(2026, 3, 15), 46085, ""),
        ("Ana Example", 10.0**17, "", ""),
    )
    assert found == {
        ("table-error-value", 2, 2),
        ("workbook-not-calculated", 2, 4),
        ("table-cell-kind", 3, 1),
        ("table-cell-kind", 3, 2),
        ("table-date-number", 3, 3),
        ("table-number-shortened", 4, 2),
        ("table-cell-empty", 4, 3),
    }


@pytest.mark.parametrize(
    ("form", "refused"), [("00000", True), ("0%", True), ("0.00", False), ("General", False), ("@", False)]
)
def test_a_number_that_is_shown_in_another_form_is_told(form: str, *, refused: bool) -> None:
    def fill(sheet: Worksheet) -> None:
        filled(("Name", "MRN", "DOS"), ("Ana Example", 417, PERFORMED))(sheet)
        sheet["B2"].number_format = form

    (row,) = read(book(fill), TableForm.WORKBOOK).rows()
    assert ["workbook-number-reformatted"] * refused == [problem.code for problem in row.problems]


def test_what_is_hidden_is_left_out_unless_asked_for() -> None:
    def fill(sheet: Worksheet) -> None:
        rows = [(name, PERFORMED, "for the staff") for name in ("Ana Example", "Bea Example", "Cy Example")]
        filled(("Name", "DOS", "Note to patient"), *rows)(sheet)
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    data = book(fill)
    seen = read(data, TableForm.WORKBOOK)
    names = [found["patient.name"] for _, _, found in said(seen)]
    assert (names, seen.count) == (["Ana Example", "Cy Example"], 2)
    assert not any("note" in found for _, _, found in said(seen))
    assert [(one.code, one.line, one.column) for one in seen.warnings] == [
        (Code.WORKBOOK_HIDDEN_ROWS, 3, None),
        (Code.WORKBOOK_HIDDEN_COLUMNS, 1, 3),
    ]
    whole = read(data, TableForm.WORKBOOK, with_hidden=True)
    assert [found["note"] for _, _, found in said(whole)] == ["for the staff"] * 3
    assert whole.warnings == ()


def test_hidden_rows_and_other_sheets_are_told() -> None:
    def fill(sheet: Worksheet) -> None:
        filled(("Name", "DOS"), ("Ana Example", PERFORMED), ("Bea Example", PERFORMED))(sheet)
        sheet.row_dimensions[3].hidden = True

    data = book(fill, **{"Bea Example": filled(("Name", "DOS"), ("Cy Example", PERFORMED))})
    table = read(data, TableForm.WORKBOOK)
    assert [(one.code, one.severity) for one in table.warnings] == [
        ("workbook-other-sheets", Severity.WARNING),
        ("workbook-hidden-rows", Severity.WARNING),
    ]
    assert "Example" not in str(table.warnings)
    with pytest.raises(InputError) as error:
        read(data, TableForm.WORKBOOK, sheet="Bea Exampel")
    assert "Example" not in str(error.value)
    named = read(data, TableForm.WORKBOOK, sheet="Bea Example")
    assert said(named)[0][2]["patient.name"] == "Cy Example"
    assert named.warnings == ()


def bomb() -> bytes:
    """Return a workbook of 2 KB with two cells in opposite corners: 550 GB to calamine."""
    return book(lambda sheet: (filled(("Name", "DOS"))(sheet), sheet.cell(1_048_576, 16_384, "x")))


def swollen() -> bytes:
    """Return a workbook with a part of 400 MB of zeros."""
    data = io.BytesIO(book(filled(("Name", "DOS"))))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/media/a.bin", "w") as part:
        for _ in range(400):
            part.write(bytes(1_000_000))
    return data.getvalue()


def lying() -> bytes:
    """Return a workbook with a part that holds more than it declares."""
    data = io.BytesIO(book(filled(("Name", "DOS"), ("Zebulon Quux", PERFORMED))))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/more.xml", b"a" * 999_999)
    size = (999_999).to_bytes(4, "little")
    assert data.getvalue().count(size) == 2
    return data.getvalue().replace(size, (9).to_bytes(4, "little"))


def with_entities() -> bytes:
    """Return a workbook with entities in its sheet."""
    kind = b'<!DOCTYPE a [<!ENTITY b "keloid">]>'
    data = book(filled(("Name", "DOS"), ("Zebulon Quux", PERFORMED)))
    return repacked(data, change=lambda name, part: (name, (kind if "sheet1" in name else b"") + part))


def repacked(data: bytes, *, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    """Return a workbook with the names and contents of its parts changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return changed.getvalue()


def bomb_elsewhere() -> bytes:
    """Return the workbook of two far cells with its sheet in a place of its own."""

    def change(name: str, part: bytes) -> tuple[str, bytes]:
        return name.replace("worksheets/sheet1", "patients"), part.replace(b"/xl/worksheets/sheet1", b"/xl/patients")

    return repacked(bomb(), change=change)


def bomb_in_disguise() -> bytes:
    """Return a workbook of two sheets' parts whose names differ in case only."""
    data = io.BytesIO(bomb())
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("xl/worksheets/SHEET1.XML", "<worksheet/>")
    return data.getvalue()


def many_cells() -> bytes:
    """Return a workbook within the limits of rows and columns whose rectangle is too large all the same."""
    return book(lambda sheet: (filled(("Name", "DOS"))(sheet), sheet.cell(99_000, 190, "x")))


def merged(sheet: Worksheet) -> None:
    filled(("Name", "Area", "DOS"), ("Zebulon Quux", "face", PERFORMED), ("Quux", "", PERFORMED))(sheet)
    sheet.merge_cells("B2:B3")


def other_format() -> bytes:
    """Return the beginning of an OpenDocument spreadsheet."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", "<keloid/>")
    return data.getvalue()


JSON_LINE = '{"patient": {"name": "Zebulon Quux"}, "performed_on": "2026-11-21 15:00", "note": %s}\n'

MADE: Mapping[str, Callable[[], bytes]] = {
    "cell-of-200-000-letters.csv": f'Name,DOS,Note\nZebulon Quux,x,"{"keloid " * 30_000}"\n'.encode,
    "corners-far-apart.xlsx": bomb,
    "corners-far-apart-elsewhere.xlsx": bomb_elsewhere,
    "corners-far-apart-in-disguise.xlsx": bomb_in_disguise,
    "cells-by-the-million.xlsx": many_cells,
    "encoding-of-a-workbook.xlsx": lambda: book(filled(("Name", "DOS"), ("Zebulon Quux", PERFORMED))),
    "entities.xlsx": with_entities,
    "lying-about-its-size.xlsx": lying,
    "merged-cells.xlsx": lambda: book(merged),
    "nested-deeply.jsonl": (JSON_LINE % ("[" * 50_000 + "]" * 50_000)).encode,
    "no-such-sheet.xlsx": lambda: book(filled(("Name", "DOS"), ("Zebulon Quux", PERFORMED))),
    "of-another-office.xlsx": other_format,
    "rows-by-the-hundred-thousand.csv": lambda: b"Name,DOS\n" + b"Zebulon Quux,x\n" * 100_001,
    "swollen.xlsx": swollen,
    "the-empty-sheet.xlsx": lambda: book(filled()),
    "too-many-bytes.csv": lambda: bytes(100_000_001),
}
"""Tables that are too large to keep, or that only a program can read."""

GIVEN: Mapping[str, dict[str, Any]] = {
    "alias-of-nothing.csv": {"aliases": {"Doctor": "practitioner", "Note": "nota"}},
    "column-said-twice.csv": {"aliases": {"Datum": "performed_on", "DATUM": "follow_up"}},
    "column-said-and-passed-over.csv": {"aliases": {"Datum": "performed_on"}, "ignored": frozenset({"datum"})},
    "column-passed-over-not-there.csv": {"ignored": frozenset({"Telefon", "Notes"})},
    "dates-impossible-in-the-order.csv": {"dates": DateOrder.MONTH_FIRST},
    "declared-but-undefined.csv": {"encoding": "cp1252"},
    "declared-unknown.csv": {"encoding": "Quux-8"},
    "declared-wrongly.csv": {"encoding": "cp1252"},
    "no-such-sheet.xlsx": {"sheet": "Patient"},
    "utf-16-without-mark-declared.csv": {"encoding": "utf-16"},
    "worksheet-of-a-text.csv": {"sheet": "Patients"},
    "encoding-of-a-workbook.xlsx": {"encoding": "cp1252"},
    "columns-of-json-lines.jsonl": {
        "sheet": "Patients",
        "aliases": {"Datum": "performed_on"},
        "ignored": frozenset({"Notes"}),
        "family_first": True,
    },
}
"""What is said of a faulty table on the command line."""

NAMES = sorted({*MADE, *(path.name for path in BAD.iterdir() if path.suffix != ".expected")})

TEXTS = [name for name in NAMES if name not in MADE and not name.endswith(".xlsx")]


def problems_of(name: str) -> tuple[Problem, ...]:
    """Return every problem of a faulty table and its rows, also those that the field table finds."""
    data = MADE[name]() if name in MADE else (BAD / name).read_bytes()
    try:
        table = read_table(data, name, form=form_of(name), **GIVEN.get(name, {}))
        return tuple(table.with_header(problem) for row in table.rows() for problem in problems_of_row(row))
    except InputError as error:
        return error.problems


def problems_of_row(row: Row) -> tuple[Problem, ...]:
    if row.problems:
        return row.problems
    try:
        return treatment(row.details, zone="America/New_York", now=NOW)[1]
    except InputError as error:
        return error.problems


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_told(name: str) -> None:
    text = format_problems(problems_of(name))
    expected = BAD / f"{name}.expected"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text, "nothing was found"
    assert repeated(PATIENT, text) == [], "a patient's value came back"


def test_every_expectation_has_its_table() -> None:
    assert sorted(path.name for path in BAD.glob("*.expected")) == [f"{name}.expected" for name in NAMES]


@given(place=st.integers(0, 10_000), put=st.binary(max_size=4), cut=st.integers(0, 40), name=st.sampled_from(TEXTS))
def test_a_file_damaged_anywhere_gives_rows_or_problems(place: int, put: bytes, cut: int, name: str) -> None:
    data = (BAD / name).read_bytes()
    place %= len(data) + 1
    try:
        table = read_table(data[:place] + put + data[place + cut :], name, form=form_of(name))
    except InputError as error:
        format_problems(error.problems)
        return
    rows = list(table.rows())
    assert len(rows) == table.count
    for row in rows:
        assert row.details or row.problems
        format_problems(table.with_header(problem) for problem in problems_of_row(row))
    assert list(rejects(table, ((row, "a reason") for row in rows)))


@pytest.mark.parametrize("name", ["table.ods", "table.xls", "table", "table.json"])
def test_a_form_that_is_not_read_is_refused(name: str) -> None:
    with pytest.raises(InputError) as error:
        form_of(name)
    assert error.value.problems[0].code == "table-form-unknown"


def test_no_repr_shows_what_a_cell_holds() -> None:
    shown = "".join(map(repr, read(written(ROWS)).rows()))
    assert "patient.name" in shown
    assert [word for word in ("José", "1987", "Łucja", "+1 555", "serum", "dry") if word in shown] == []


# --- rejects ---------------------------------------------------------------------------------------------------------
def again(table: Table, *faulty: tuple[Row, str]) -> tuple[bytes, Table]:
    data = b"".join(rejects(table, faulty))
    return data, read(data, table.form if table.form is TableForm.JSON_LINES else TableForm.CSV)


@pytest.mark.parametrize("form", [TableForm.CSV, TableForm.WORKBOOK])
def test_a_file_of_rejects_is_a_table_again(form: TableForm) -> None:
    table = read(written(ROWS) if form is TableForm.CSV else book(filled(HEADER, *ROWS)), form)
    data, second = again(table, *((row, "+ a reason") for row in table.rows()))
    assert data.startswith(b"\xef\xbb\xbf")
    assert second.columns == (*HEADER, "line", "reason")
    assert said(second) == EXPECTED
    third = again(second, *((row, "another") for row in second.rows()))[1]
    assert third.columns == second.columns
    assert said(third) == EXPECTED


@pytest.mark.parametrize(("header", "path"), [("Reason", "procedure"), ("LINE", "practitioner")])
def test_a_clinics_own_column_survives_in_the_rejects(header: str, path: str) -> None:
    own = ("Name", header, "Date of service")
    table = read(written([("Ana Example", "peeling", "2026-11-21 15:00")], own), aliases={header: path})
    expected = said(table)
    assert expected[0][2][path] == "peeling"
    for _ in range(2):
        data = b"".join(rejects(table, ((row, "a reason") for row in table.rows())))
        table = read(data, aliases={header: path})
        assert table.columns == (*own, "line", "reason")
        assert said(table) == expected


def test_a_file_of_rejects_runs_no_formula() -> None:
    table = read(written([["=1+1", "+1 555 0100", "-x", "\t@a", "00417"]], ["Name", "MRN", "Note", "Product", "DOS"]))
    data, _ = again(table, *((row, "=cmd") for row in table.rows()))
    cells = next(csv.reader(data.decode("utf-8-sig").splitlines()[1:]))
    assert cells == ["'=1+1", "'+1 555 0100", "'-x", "'\t@a", '="00417"', "2", "'=cmd"]


@given(text=st.text(max_size=20).filter(lambda text: not text.startswith(("'", '="'))))
def test_a_cell_made_harmless_is_read_as_it_was(text: str) -> None:
    assert revived(neutral(text)) == text
    assert not neutral(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) or neutral(text)[2:-1].isdigit()


def test_an_apostrophe_of_a_name_stays() -> None:
    assert revived("'Abd al-Example") == "'Abd al-Example"


def test_rejects_of_json_lines_are_json_lines() -> None:
    good = '{"patient": {"name": "Ana Example"}, "performed_on": "2026-11-21 15:00"}'
    table = read(f"{good}\nnot json\n", TableForm.JSON_LINES)
    data, second = again(table, *((row, "a reason") for row in table.rows()))
    first, last = map(json.loads, data.splitlines())
    assert first == {"line": 1, "reason": "a reason", **json.loads(good)}
    assert last == {"line": 2, "reason": "a reason", "given": "not json"}
    assert [row.problems == () for row in second.rows()] == [True, False]


@pytest.mark.parametrize("line", ['{"note": "a", "note": "b"}', '{"note": "\\ud800"}', '{"note": ' + "4" * 5000 + "}"])
def test_a_rejected_line_of_json_loses_nothing(line: str) -> None:
    table = read(line, TableForm.JSON_LINES)
    (data,) = rejects(table, ((row, "a reason") for row in table.rows()))
    kept = json.loads(data)
    assert kept.get("given") == line or json.dumps({"note": kept["note"]}) == line


def test_json_lines_give_the_same_rows() -> None:
    lines = []
    for document, tag, details in EXPECTED:
        patient = {path.partition(".")[2]: value for path, value in details.items() if path.startswith("patient.")}
        rest = {path: value for path, value in details.items() if not path.startswith("patient.")}
        lines.append(json.dumps({"document": document, "language": tag, "patient": patient, **rest}))
    assert said(read("\n".join(lines), TableForm.JSON_LINES)) == EXPECTED


# --- size ------------------------------------------------------------------------------------------------------------
def test_memory_does_not_grow_with_the_rows() -> None:
    peaks = []
    for count in (200, 4000):
        data = written(WESTERN * count).encode()
        tracemalloc.start()
        assert sum(not row.problems for row in read(data).rows()) == 2 * count
        peaks.append(tracemalloc.get_traced_memory()[1] - len(data))
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 3_000_000  # The text is decoded once as a whole, to see that it can be.


def test_the_example_of_the_guide_is_read(tmp_path: Path) -> None:
    example = CHECKOUT / "examples" / "treatments.csv"
    assert len(said(read_table(example.read_bytes(), "treatments.csv", form=form_of(example.name)))) >= 3
    assert not any(tmp_path.iterdir())


def test_no_title_means_two_things_in_two_languages() -> None:
    meanings: dict[str, set[str]] = {}
    for path, title in titles():
        meanings.setdefault(folded(title), set()).add(path)
    assert {title: paths for title, paths in meanings.items() if len(paths) > 1} == {}


@pytest.mark.parametrize(
    "header",
    [
        "Vorname;Nachname;Geburtsdatum;Patientennummer;Behandlung;Areal;Behandlungsdatum;Behandlungszeit;Behandler",
        "Nombre;Apellidos;Fecha de nacimiento;NHC;Tratamiento;Zona tratada;Fecha de tratamiento;Hora del tratamiento",
        "Prénom;Nom;Date de naissance;N° de dossier;Soin;Zone traitée;Date du soin;Heure du soin;Praticien",
        "Nome;Cognome;Data di nascita;Cartella clinica;Trattamento;Zona trattata;Data trattamento;Ora trattamento",
        "Nome completo;Data de nascimento;Prontuário;Procedimento;Data do procedimento;Hora do procedimento",
        "Imię;Nazwisko;Data urodzenia;Nr karty;Zabieg;Okolica;Data zabiegu;Godzina zabiegu",
        "Voornaam;Achternaam;Geboortedatum;Dossiernummer;Behandeling;Behandelgebied;Behandeldatum;Behandeltijd",
    ],
)
def test_an_export_in_another_language_needs_no_telling(header: str) -> None:
    cells = {"patient.birth_date": "1990-01-31", "performed_on": "2026-11-21", "performed_on.time": "15:00"}
    line = ";".join(cells.get(known_names()[folded(title)], "Ana") for title in header.split(";"))
    (row,) = read(f"{header}\n{line}\n").rows()
    assert row.problems == ()
    details = {detail.path: detail.value for detail in row.details}
    assert details["performed_on"] == "2026-11-21 15:00"
    assert str(details["patient.name"]).startswith("Ana")
