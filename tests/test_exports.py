"""A practice system's export, as it comes -> sheets for the rows that get one, every other told once."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from csv import reader, writer
from datetime import UTC, datetime
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from handouts import time_zones
from handouts.batch import job_of
from handouts.codes import Code
from handouts.errors import InputError, Problem, errors_of
from handouts.inspection.inspecting import _services
from handouts.interfaces.desk.todays_list import ReadList
from handouts.press import Press
from handouts.records import Job
from handouts.resources import Resources
from handouts.treatment.tables import Export, Table, TableForm, form_of, read_table, rejects
from handouts.treatment.tables.exports import exports_of
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran

Command = Callable[..., Ran]
FILES = sorted((CHECKOUT / "tests" / "exports").glob("*.csv"))
SERVICES = """
[services]
"Microneedling" = { document = "microneedling-aftercare", procedure = "microneedling", body_sites = ["face"] }
"Consultation" = { sheet = false }
"""


def of(name: str) -> list[list[str]]:
    """Return the titles and rows of an export."""
    return list(reader(StringIO((CHECKOUT / "tests" / "exports" / f"{name}.csv").read_text())))


def written(rows: Sequence[Sequence[str]]) -> bytes:
    text = StringIO(newline="")
    writer(text).writerows(rows)
    return text.getvalue().encode()


def put(rows: Sequence[Sequence[str]], column: str, *values: str) -> list[list[str]]:
    """Return an export whose first row is there once for each value of a column."""
    place = rows[0].index(column)
    return [list(rows[0]), *([*rows[1][:place], value, *rows[1][place + 1 :]] for value in values)]


def with_services(folder: Path, services: str = SERVICES, **changed: str) -> Path:
    clinic = Path(shutil.copytree(EXAMPLE_CLINIC, folder / "clinic"))
    text = (clinic / "clinic.toml").read_text()
    for key, value in changed.items():
        text = re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{value}"', text)
    (clinic / "clinic.toml").write_text(text + services)
    return clinic


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a clinic's folder with services, which a test may change."""
    return with_services(tmp_path)


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    return Press(Resources(clinic=with_services(tmp_path_factory.mktemp("services"))))


def read(press: Press, data: bytes | Sequence[Sequence[str]], name: str = "today.csv", **given: object) -> Table:
    """Return a table as the command reads it without an option; `given` is what --export and the like say."""
    named, strict = str(given.get("named", "")), bool(given.get("strict"))
    exports = press.exports(NOW.date(), named, strict=strict)
    return read_table(data if isinstance(data, bytes) else written(data), name, form=form_of(name), exports=exports)


def codes(problems: Sequence[Problem]) -> list[Code]:
    return [problem.code for problem in problems]


def refused(work: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        work()
    return caught.value.problems


def notice(table: Table) -> str:
    assert table.notice is not None
    return table.notice.what


WANTED = {
    "acuity": ("", "ana@example.org", ""),
    "cliniko": ("12345", "", "R. Sample"),
    "cliniko-without-offset": ("12345", "", "R. Sample"),
    "fresha": ("", "", ""),
    "jane": ("101", "", "R. Sample"),
    "mindbody": ("100000417", "ana@example.org", "R. Sample"),
    "open-dental": ("417", "ana@example.org", "R. Sample"),
    "openemr": ("00417", "ana@example.org", ""),
    "pabau": ("77", "ana@example.org", "R. Sample"),
    "phorest": ("", "ana@example.org", ""),
    "zenoti": ("CT00417", "ana@example.org", "R. Sample"),
}
"""The record number, address and practitioner of each file's one patient."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_export_is_read_as_it_comes(file: Path, press: Press) -> None:
    table = read(press, file.read_bytes(), file.name)
    assert table.export == file.stem.removesuffix("-without-offset")
    assert table.warnings == ()
    (row,) = table.rows()
    wanted = Job(document="", languages=(), details=(), now=NOW)
    treatment = press.check(job_of(row, wanted, table))[0].checked.treatment
    patient = treatment.patient
    assert treatment.performed_on == datetime(2026, 11, 21, 15, tzinfo=time_zones.zone("America/New_York"))
    assert (patient.name, treatment.procedure, treatment.body_sites) == ("Ana Example", "microneedling", ("face",))
    assert (patient.record_number, patient.email, treatment.practitioner) == WANTED[file.stem]
    assert (str(patient.birth_date), patient.language) == (
        ("1987-05-14", "en") if file.stem == "openemr" else ("None", "")
    )


def test_the_command_says_once_as_what_it_has_read_a_file(command: Command, own: Path, tmp_path: Path) -> None:
    file = shutil.copy(CHECKOUT / "tests" / "exports" / "jane.csv", tmp_path / "jane.csv")
    ran = command("batch", file, "--clinic", own, "--to", tmp_path / "out", "--workers", "1", "--json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["made"], answer["export"]) == (0, 1, "jane")
    assert answer["read_as"] == (
        "Read as a Jane appointment export; 1 cancelled row and 1 break left out. Columns passed over: 20."
    )
    again = command("batch", file, "--clinic", own, "--to", tmp_path / "out", "--workers", "1", "--resume")
    assert (again.code, again.err.count("Read as a Jane appointment export")) == (0, 1)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_titles_of_an_export_are_those_of_no_other(file: Path) -> None:
    titles = of(file.stem)[0]
    fitting = [each.name for each in exports_of(Resources()) if not each.lacks(titles)]
    assert fitting == [file.stem.removesuffix("-without-offset")]


def kept_out() -> Iterator[tuple[Export, str, str, str]]:
    for export in exports_of(Resources()):
        titles = {re.sub(r"\W|_", "", title).lower(): title for title in of(export.name)[0]}
        for each in export.leave_out:
            for value in sorted(each.values) or ["2026-11-20 10:00"]:
                yield export, titles[each.column], value, each.one


def test_whatever_a_description_leaves_out_gets_no_sheet(press: Press) -> None:
    tried = set()
    for export, column, value, called in kept_out():
        table = read(press, [*of(export.name)[:2], put(of(export.name), column, value)[1]])
        assert f"; 1 {called} left out" in notice(table), (export.name, column, value)
        assert len(list(table.rows())) == table.count == 1
        tried.add(export.name)
    assert tried == {each.name for each in exports_of(Resources())} - {"open-dental"}


def test_spellings_of_a_state_are_one_and_an_unknown_one_is_told(press: Press) -> None:
    table = read(press, put(of("fresha"), "Status", "completed", "NO-SHOW", " no_show ", "Vanished", "Vanished"))
    assert "; 2 no-shows left out" in notice(table)
    assert table.count == 3
    (told,) = table.warnings
    assert (told.code, told.values["state"], told.values["count"]) == (Code.EXPORT_STATE_UNKNOWN, "Vanished", "2")


def test_without_the_column_that_says_what_was_cancelled_it_is_not_that_export(press: Press) -> None:
    place = of("cliniko")[0].index("Cancelled At")
    without = [[*row[:place], *row[place + 1 :]] for row in of("cliniko")]
    assert Code.TABLE_COLUMN_UNKNOWN in codes(refused(lambda: read(press, without)))
    (problem,) = refused(lambda: read(press, without, named="cliniko"))
    assert (problem.code, problem.values["columns"]) == (Code.EXPORT_OTHER_COLUMNS, "Cancelled At")


def test_a_column_that_no_description_has_is_told(press: Press) -> None:
    more = [[*row, each] for row, each in zip(of("acuity"), ("Any allergies?", "Latex"), strict=True)]
    table = read(press, more)
    (told,) = table.warnings
    assert (told.code, told.values["columns"]) == (Code.EXPORT_COLUMNS_STRANGE, "Any allergies?")
    assert "Latex" not in str(told)


def test_a_service_that_the_clinic_does_not_have_leaves_its_rows_out(press: Press) -> None:
    rows = put(of("jane"), "treatment_name", "microneedling ", "Peel", "Botox", "Peel", "Consultation")
    table = read(press, rows)
    assert "; 1 row without a sheet in [services] and 3 rows of an unknown service left out" in notice(table)
    assert [(each.code, each.values["service"], each.values["count"]) for each in table.warnings] == [
        (Code.SERVICE_UNKNOWN, "Peel", "2"),
        (Code.SERVICE_UNKNOWN, "Botox", "1"),
    ]
    assert [row.line for row in table.rows()] == [2]
    assert "Example" not in f"{table.notice} {table.warnings}"


def test_strict_services_refuses_such_a_table(command: Command, own: Path, tmp_path: Path) -> None:
    file = tmp_path / "jane.csv"
    file.write_bytes(written(put(of("jane"), "treatment_name", "Microneedling", "Peel")))
    ran = command("batch", file, "--clinic", own, "--to", tmp_path / "out", "--strict-services")
    assert ran.code == 4
    assert "“Peel”" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_file_of_which_nothing_is_left_is_refused_with_what_would_help(press: Press) -> None:
    problems = refused(lambda: read(press, put(of("jane"), "treatment_name", "Peel")))
    assert codes(problems) == [Code.EXPORT_READ, Code.SERVICE_UNKNOWN, Code.EXPORT_NOTHING_LEFT]
    assert codes(errors_of(problems)) == [Code.EXPORT_NOTHING_LEFT]


def test_a_row_without_a_service_is_faulty(press: Press) -> None:
    (row,) = read(press, put(of("pabau"), "Service", "")).rows()
    assert codes(row.problems) == [Code.TABLE_CELL_EMPTY]


@pytest.mark.parametrize(
    ("country", "zone", "day"), [("GB", "Europe/London", "2026-04-03"), ("US", "America/New_York", "2026-03-04")]
)
def test_dates_are_those_of_the_clinics_country(country: str, zone: str, day: str, tmp_path: Path) -> None:
    press = press_in(country, zone, tmp_path)
    (row,) = read(press, put(of("mindbody"), "Date", "03/04/2026")).rows()
    assert next(detail.value for detail in row.details if detail.path == "performed_on") == f"{day} 15:00"


def press_in(country: str, zone: str, folder: Path) -> Press:
    changed = {"country": country, "time_zone": zone}
    if country == "GB":
        changed |= {"telephone": "+442079460000", "out_of_hours": "", "number": "999"}
    return Press(Resources(clinic=with_services(folder, **changed)))


def test_where_programs_write_dates_both_ways_nothing_is_guessed(tmp_path: Path) -> None:
    press = press_in("CA", "America/Toronto", tmp_path)
    (row,) = read(press, put(of("zenoti"), "Start Time", "03/04/2026 3:00:00 PM")).rows()
    assert codes(row.problems) == [Code.TABLE_DATE_ORDER]


@pytest.mark.parametrize(
    ("name", "found"), [("Example, Ana Maria", "Ana Maria Example"), ("Ana Example", "Ana Example"), ("Ana", "Ana")]
)
def test_a_name_with_a_comma_is_turned(name: str, found: str, press: Press) -> None:
    (row,) = read(press, put(of("open-dental"), "Patient", name)).rows()
    assert next(detail.value for detail in row.details if detail.path == "patient.name") == found


def test_a_name_with_two_commas_is_refused(press: Press) -> None:
    (row,) = read(press, put(of("open-dental"), "Patient", "Example, Jr., Ana")).rows()
    assert codes(row.problems) == [Code.TABLE_NAME_COMMAS]


def test_a_name_has_three_parts(press: Press) -> None:
    (row,) = read(press, put(of("openemr"), "mname", "Maria")).rows()
    assert next(detail.value for detail in row.details if detail.path == "patient.name") == "Ana Maria Example"
    plain = b"First name,Middle name,Last name,Date of service\nAna,Maria,Example,2026-11-21 15:00\n"
    (row,) = read_table(plain, "table", form=TableForm.CSV).rows()
    assert next(detail.value for detail in row.details if detail.path == "patient.name") == "Ana Maria Example"


UNKNOWN = b"Patient,Kommer,Slag,Status\nAna Example,2026-11-21 15:00,Nalar,ok\nBo Example,2026-11-21 16:00,Nalar,av\n"


def test_the_first_run_on_an_unknown_file_writes_a_draft_of_its_description(
    command: Command, own: Path, tmp_path: Path
) -> None:
    file = tmp_path / "dag 2026-11-21.csv"
    file.write_bytes(UNKNOWN)
    batch = ("batch", file, "--clinic", own, "--to", tmp_path / "out")
    ran = command(*batch)
    assert (ran.code, "exports/dag.toml of the clinic's folder" in ran.err) == (4, True)
    draft = own / "exports" / "dag.toml"
    text = draft.read_text()
    assert not re.search("Ana|Nalar|16:00", text)
    again = command(*batch)
    assert (again.code, "Kommer, Slag, Status" in again.err, draft.read_text()) == (3, True, text)
    assert [path.name for path in draft.parent.iterdir()] == ["dag.toml"]
    filled = re.sub(
        r"undecided = \[.*?\]", 'pass_over = ["Status"]', text.replace("pass_over = []\n", ""), flags=re.DOTALL
    )
    draft.write_text(
        filled.replace("\n[columns]", '\n[columns]\nperformed_on = "Kommer"\nservice = "Slag"')
        + '[[leave_out]]\ncolumn = "Status"\nvalues = ["av"]\none = "cancelled row"\nmany = "cancelled rows"\n'
    )
    (own / "clinic.toml").write_text(
        (own / "clinic.toml").read_text() + "Nalar = { document = 'microneedling-aftercare' }\n"
    )
    table = read(Press(Resources(clinic=own)), UNKNOWN)
    assert (table.export, notice(table)) == (
        "dag",
        "Read as an export of our own; 1 cancelled row left out. Columns passed over: 1.",
    )
    assert [row.document for row in table.rows()] == ["microneedling-aftercare"]


def test_no_draft_is_written_where_the_person_says_it_or_the_titles_may_be_a_patient(
    command: Command, own: Path, tmp_path: Path
) -> None:
    file = tmp_path / "dag.csv"
    file.write_bytes(UNKNOWN)
    assert command("batch", file, "--clinic", own, "--ignore", "Slag").code == 4
    assert command("batch", file, "--clinic", EXAMPLE_CLINIC).code == 4
    file.write_bytes(UNKNOWN.split(b"\n", 1)[1])
    assert command("batch", file, "--clinic", own).code == 4
    assert not (own / "exports").exists()
    assert not (EXAMPLE_CLINIC / "exports").exists()


def test_which_export_it_is_may_be_said(command: Command, own: Path, tmp_path: Path, press: Press) -> None:
    assert read(press, of("jane"), named="jane").export == "jane"
    assert Code.TABLE_COLUMN_UNKNOWN in codes(refused(lambda: read(press, of("jane"), named="none")))
    file = tmp_path / "jane.csv"
    file.write_bytes(written(of("jane")))
    ran = command("batch", file, "--clinic", own, "--export", "jan")
    assert (ran.code, "Did you mean “jane”?" in ran.err) == (2, True)


def test_the_list_names_each_and_a_description_that_is_printed_is_read_again(command: Command, own: Path) -> None:
    listed = command("exports", "--clinic", own)
    assert re.findall("(?m)^[a-z-]+", listed.out) == [each.name for each in exports_of(Resources())]
    printed = command("exports", "jane", "--clinic", own).out
    (own / "exports").mkdir()
    (own / "exports" / "jane.toml").write_text(printed.replace("a Jane appointment export", "our own Jane"))
    assert command("exports", "--clinic", own).out.startswith("jane: our own Jane (exports/jane.toml)\nacuity: ")
    assert notice(read(Press(Resources(clinic=own)), of("jane"))).startswith("Read as our own Jane; 1 cancelled row")
    (own / "exports" / "other.toml").write_text(printed)
    (problem,) = refused(lambda: read(Press(Resources(clinic=own)), of("jane")))
    assert (problem.code, problem.values["names"]) == (Code.EXPORT_AMBIGUOUS, "jane, other")
    (own / "exports" / "jane.toml").unlink()
    assert read(Press(Resources(clinic=own)), of("jane")).export == "other"


GOOD = 'what = "a list"\nknown_by = ["Who"]\n[columns]\n"patient.name" = "Who"\nperformed_on = "When"\n'


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a", GOOD + 'patient = "Whom"\n', Code.TABLE_ALIAS_UNKNOWN),
        ("a", GOOD + 'note = "when"\n', Code.EXPORT_COLUMN_TWICE),
        ("a", GOOD + '[[leave_out]]\ncolumn = "State"\none = "x"\nmany = "xs"\n', Code.VALUE_REFUSED),
        ("a", "colums = 1\n" + GOOD, Code.UNKNOWN_KEY),
        ("a", GOOD.replace('known_by = ["Who"]', ""), Code.MISSING_KEY),
        ("A b", GOOD, Code.EXPORT_NAME),
        ("none", GOOD, Code.EXPORT_NAME),
    ],
)
def test_a_fault_of_a_clinics_own_description_is_told(name: str, text: str, code: Code, own: Path) -> None:
    (own / "exports").mkdir()
    (own / "exports" / f"{name}.toml").write_text(text)
    (problem,) = refused(lambda: exports_of(Resources(clinic=own)))
    assert (problem.code, problem.source) == (code, f"exports/{name}.toml")


@pytest.mark.parametrize(
    ("services", "code"),
    [
        ('[services]\nPeel = { document = "microneedling-aftercar" }\n', Code.NO_SUCH_DOCUMENT),
        ("[services]\nPeel = { sheet = false }\npeel = { sheet = true }\n", Code.VALUE_REFUSED),
        ("[services]\nPeel = { procedures = 'peel' }\n", Code.UNKNOWN_KEY),
    ],
)
def test_a_fault_of_the_clinics_services_is_told(services: str, code: Code, tmp_path: Path) -> None:
    press = Press(Resources(clinic=with_services(tmp_path, services)))
    (problem,) = refused(lambda: press.branding(NOW.date()))
    assert (problem.code, problem.source) == (code, "clinic.toml")


def test_what_a_document_does_not_know_of_a_service_is_told_once_where_it_stands(tmp_path: Path) -> None:
    services = SERVICES.replace('procedure = "microneedling"', 'procedure = "needling"').replace('"face"', '"fcae"')
    clinic = with_services(tmp_path, services)
    press = Press(Resources(clinic=clinic))
    line = 1 + (clinic / "clinic.toml").read_text().split("\n").index("[services]") + 1
    table = read(press, put(of("fresha"), "Client", "Ana Example", "Bo Example"))
    wanted = Job(document="", languages=(), details=(), now=NOW)
    told = [refused(partial(press.check, job_of(row, wanted, table))) for row in table.rows()]
    assert len(told) == 2
    assert {(problem.source, problem.line, problem.path) for each in told for problem in errors_of(each)} == {
        ("clinic.toml", line, "procedure"),
        ("clinic.toml", line, "body_sites[0]"),
    }
    found = tuple(_services(press, press.branding(NOW.date()), NOW))
    assert {problem.identity for problem in found} == {problem.identity for problem in errors_of(told[0])}


def test_a_workbook_is_an_export_too_and_so_are_its_rejects(press: Press) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in of("jane"):
        sheet.append([{"true": True, "false": False}.get(cell, cell) for cell in row])
    data = BytesIO()
    book.save(data)
    table = read(press, data.getvalue(), "jane.xlsx")
    assert "; 1 cancelled row and 1 break left out" in notice(table)
    rejected = b"".join(rejects(table, [(row, "why") for row in table.rows()]))
    again = read(press, rejected, "jane-rejects.csv")
    assert (again.export, again.count, again.warnings) == ("jane", 1, ())


def test_the_desk_reads_the_same_exports(press: Press) -> None:
    found = ReadList(data=written(of("jane")), name="jane.csv", now=datetime(2026, 11, 21, 21, tzinfo=UTC))(press)
    assert codes(found.problems) == [Code.EXPORT_READ]
    assert [(each.name, each.when, each.document, each.is_faulty) for each in found.waiting] == [
        ("Ana Example", "2026-11-21 15:00", "microneedling-aftercare", False)
    ]
