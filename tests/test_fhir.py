"""A record system's file (FHIR) -> a sheet, or why not; a sheet -> entries for the record system."""

import base64
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class as r5
from fhir.resources.R4B import get_fhir_model_class as r4b

from handouts import ledger
from handouts.batch import Entering
from handouts.codes import Code
from handouts.delivery.fhir import Entry, enter, step_of
from handouts.errors import InputError
from handouts.records import (
    Consignment,
    Format,
    JobState,
    Planned,
    Printed,
    Receipt,
    RecordOrder,
    RecordReferences,
    Sheet,
    Step,
    Task,
)
from handouts.treatment import health_record
from handouts.treatment.tables import Clinic, Exports, Table, TableForm, read_table
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran
from tests.ledger_entries import entry as ledger_entry
from tests.tables import row, write_table

Command = Callable[..., Ran]
FILES = CHECKOUT / "tests" / "fhir"
FACE, OTHER = "http://snomed.info/sct|89545001", "http://snomed.info/sct|80146002"
DEPTH = "https://example.org/codes|needle-depth"
CODES = {OTHER: "microneedling", FACE: "face", f"{DEPTH}|mm": "needle_depth"}


def concept(code: str) -> dict[str, Any]:
    system, code = code.split("|")
    return {"coding": [{"system": system, "code": code}]}


PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [
        {"use": "usual", "given": ["Ana"]},
        {"use": "official", "given": ["Ana", "María"], "family": "Example"},
        {"use": "maiden", "given": ["Ana"], "family": "Before"},
    ],
    "birthDate": "1990-01-31",
    "identifier": [{"use": "secondary", "value": "9"}, {"type": {"coding": [{"code": "MR"}]}, "value": "LSC-1"}],
    "telecom": [
        {"system": "email", "value": "old@example.org", "use": "old"},
        {"system": "email", "value": "second@example.org", "rank": 2},
        {"system": "email", "value": "ana@example.org", "rank": 1},
    ],
    "communication": [
        {"language": {"coding": [{"code": "en"}]}},
        {"language": {"coding": [{"code": "es-MX"}]}, "preferred": True},
    ],
}
PROCEDURE: dict[str, Any] = {
    "resourceType": "Procedure",
    "id": "t1",
    "status": "completed",
    "code": concept(OTHER),
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "performedDateTime": "2026-11-21T15:00:00-05:00",
    "bodySite": [concept(FACE)],
    "performer": [{"actor": {"reference": "Practitioner/n1"}}],
}
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "AMB"},
    "period": {"start": "2026-11-21T14:00:00-05:00", "end": "2026-11-21T15:20:00-05:00"},
}
NURSE: dict[str, Any] = {"resourceType": "Practitioner", "id": "n1", "name": [{"text": "Nurse R. Sample"}]}
VISIT: dict[str, Any] = {
    "resourceType": "Appointment",
    "status": "booked",
    "start": "2027-01-04T10:30:00-05:00",
    "end": "2027-01-04T11:00:00-05:00",
    "appointmentType": {"coding": [{"code": "FOLLOWUP"}]},
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
MEASURED: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": concept(DEPTH),
    "partOf": [{"reference": "Procedure/t1"}],
    "valueQuantity": {"value": 1.5, "unit": "mm"},
}


def changed(resource: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a resource with other values; None takes one out."""
    return {key: value for key, value in {**deepcopy(resource), **changes}.items() if value is not None}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def read(*resources: dict[str, Any], said: frozenset[str] = frozenset()) -> dict[str, Any]:
    return dict(health_record(bundle(*resources), "record.json", lambda: CODES, said=said).details)


def refused(*resources: dict[str, Any]) -> list[tuple[Code, str]]:
    with pytest.raises(InputError) as raised:
        read(*resources)
    return [(problem.code, problem.path) for problem in raised.value.problems]


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path / "clinic"))
    lines = "".join(f'"{code}" = "{name}"\n' for code, name in CODES.items())
    with (folder / "clinic.toml").open("a") as file:
        file.write(f"\n[codes]\n{lines}")
    return folder


def test_a_record_hands_over_a_patient_and_a_treatment() -> None:
    assert read(PATIENT, PROCEDURE, ENCOUNTER, NURSE, VISIT, MEASURED) == {
        "patient": {
            "name": "Ana María Example",
            "birth_date": "1990-01-31",
            "record_number": "LSC-1",
            "language": "es-MX",
            "email": "ana@example.org",
        },
        "performed_on": "2026-11-21T15:00:00-05:00",
        "procedure": "microneedling",
        "body_sites": ["face"],
        "practitioner": "Nurse R. Sample",
        "settings": {"needle_depth": 1.5},
        "follow_up": "2027-01-04T10:30:00-05:00",
    }


def test_r5_says_the_time_in_other_words() -> None:
    procedure = changed(PROCEDURE, performedDateTime=None, occurrencePeriod={"end": "2026-11-21T15:10:00-05:00"})
    assert read(PATIENT, procedure)["performed_on"] == "2026-11-21T15:10:00-05:00"


def test_a_procedure_without_a_time_ends_with_its_encounter() -> None:
    procedure = changed(PROCEDURE, performedDateTime=None)
    assert read(PATIENT, procedure, ENCOUNTER)["performed_on"] == "2026-11-21T15:20:00-05:00"
    other = changed(ENCOUNTER, id="e2")
    assert refused(PATIENT, procedure, other) == [(Code.FHIR_NO_TIME, "Procedure.performedDateTime")]


def test_an_appointment_to_come_is_the_treatments_time_where_nothing_was_done_yet() -> None:
    visit = changed(VISIT, serviceType=[concept(OTHER)], appointmentType=None)
    details = read(PATIENT, visit)
    assert (details["performed_on"], details["procedure"]) == ("2027-01-04T10:30:00-05:00", "microneedling")
    assert refused(PATIENT, visit, visit) == [(Code.FHIR_NOT_ONE, "Appointment")]


@pytest.mark.parametrize(
    "visit",
    [
        changed(VISIT, status="cancelled"),
        changed(VISIT, start="2026-11-01T10:30:00-05:00"),
        changed(VISIT, appointmentType={"coding": [{"code": "ROUTINE"}]}),
        changed(VISIT, participant=[{"actor": {"reference": "Patient/p2"}, "status": "accepted"}]),
    ],
    ids=["cancelled", "before the treatment", "of something else", "of another patient"],
)
def test_an_appointment_that_is_no_follow_up_is_not_printed(visit: dict[str, Any]) -> None:
    assert "follow_up" not in read(PATIENT, PROCEDURE, visit)


def test_the_earliest_follow_up_is_printed_whatever_its_offset() -> None:
    later = changed(VISIT, start="2027-01-04T08:00:00-09:00")  # an hour and a half after 10:30 in New York
    assert read(PATIENT, PROCEDURE, later, VISIT)["follow_up"] == "2027-01-04T10:30:00-05:00"


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        ([PROCEDURE], Code.FHIR_NOT_ONE),
        ([PATIENT, changed(PATIENT, id="p2"), PROCEDURE], Code.FHIR_NOT_ONE),
        ([PATIENT, changed(PROCEDURE, subject={"reference": "Patient/p2"})], Code.FHIR_OTHER_PATIENT),
        ([PATIENT, PROCEDURE, changed(PROCEDURE, subject={"reference": "Patient/p2"})], Code.FHIR_OTHER_PATIENT),
        ([PATIENT, PROCEDURE, changed(PROCEDURE, id="t2")], Code.FHIR_NOT_ONE),
        ([changed(PATIENT, modifierExtension=[{"url": "https://example.org/not"}]), PROCEDURE], Code.FHIR_MODIFIER),
        ([PATIENT, changed(PROCEDURE, implicitRules="https://example.org/rules")], Code.FHIR_MODIFIER),
        ([PATIENT, changed(PROCEDURE, code=concept("http://snomed.info/sct|1"))], Code.FHIR_CODE_UNKNOWN),
        ([PATIENT, changed(PROCEDURE, bodySite=[concept("http://snomed.info/sct|1")])], Code.FHIR_CODE_UNKNOWN),
        ([PATIENT, changed(PROCEDURE, performedDateTime=None, performedString="spring")], Code.FHIR_NO_TIME),
        ([changed(PATIENT, birthDate="31.1.1990"), PROCEDURE], Code.FHIR_NOT_VALID),
        ([PATIENT, PROCEDURE, changed(MEASURED, valueQuantity={"value": 1500, "unit": "um"})], Code.FHIR_UNIT),
        ([PATIENT, PROCEDURE, changed(MEASURED, valueQuantity={"value": 1.5})], Code.FHIR_UNIT),
        (
            [PATIENT, PROCEDURE, changed(MEASURED, valueQuantity={"value": 2, "unit": "mm", "comparator": "<"})],
            Code.FHIR_UNIT,
        ),
        (
            [PATIENT, PROCEDURE, MEASURED, changed(MEASURED, valueQuantity={"value": 2, "unit": "mm"})],
            Code.FHIR_TWO_VALUES,
        ),
    ],
)
def test_what_could_be_meant_in_two_ways_is_refused(resources: list[dict[str, Any]], code: Code) -> None:
    assert [found for found, _ in refused(*resources)] == [code]


def test_no_problem_says_a_value_of_the_patient() -> None:
    with pytest.raises(InputError) as raised:
        read(changed(PATIENT, birthDate="Zebulon"), changed(PROCEDURE, status=["Zebulon"]))
    assert "Zebulon" not in repr(raised.value.problems)
    assert {problem.path for problem in raised.value.problems} == {"Patient.birthDate", "Procedure.status"}


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation", "stopped"])
def test_what_was_not_done_gets_no_sheet(status: str) -> None:
    assert "procedure" not in read(PATIENT, changed(PROCEDURE, status=status))


@pytest.mark.parametrize(
    "measured",
    [
        changed(MEASURED, status="entered-in-error"),
        changed(MEASURED, partOf=[{"reference": "Procedure/before"}]),
        changed(MEASURED, partOf=None),
    ],
)
def test_a_value_of_another_treatment_is_not_taken(measured: dict[str, Any]) -> None:
    assert "settings" not in read(PATIENT, PROCEDURE, measured)


def test_a_setting_may_stand_in_an_extension_of_the_procedure() -> None:
    extension = [{"url": DEPTH, "valueQuantity": {"value": 0.5, "code": "mm"}}]
    assert read(PATIENT, changed(PROCEDURE, extension=extension))["settings"] == {"needle_depth": 0.5}


def test_of_several_procedures_the_one_is_taken_whose_code_the_clinic_has() -> None:
    other = changed(PROCEDURE, id="t2", code=concept("http://snomed.info/sct|1"))
    assert read(PATIENT, other, PROCEDURE)["procedure"] == "microneedling"


def test_what_somebody_says_besides_is_not_looked_for_in_the_record() -> None:
    procedure = changed(PROCEDURE, code=concept("http://snomed.info/sct|1"), performedDateTime=None)
    details = read(PATIENT, procedure, VISIT, said=frozenset({"procedure", "performed_on", "patient.language"}))
    assert set(details) == {"patient", "body_sites"}
    assert "language" not in details["patient"]


def test_hl7s_own_example_becomes_a_sheet_and_a_valid_document_reference(
    command: Command, clinic: Path, tmp_path: Path
) -> None:
    options = ["--performed-on", "2026-11-21 15:00", "--body-site", "face", "--fhir", str(tmp_path / "record")]
    options += ["--patient-language", "tlh", "--language", "en", "--ledger", str(tmp_path / "ledger.jsonl")]
    record = str(FILES / "hl7-r4.json")
    arguments = ["make", "microneedling-aftercare", "--clinic", str(clinic), "--treatment", record]
    made = command(*arguments, "--to", str(tmp_path / "out"), *options)
    assert made.code == 0, made.err
    found = command("ledger", "find", str(tmp_path / "ledger.jsonl"), "--patient", "Peter James Chalmers")
    assert "language en in place of the record’s, made" in found.out
    (pdf,) = (tmp_path / "out").glob("*.pdf")
    reference, communication = (
        json.loads((tmp_path / "record" / f"{pdf.stem}.{kind}.json").read_text())
        for kind in ("DocumentReference", "Communication")
    )
    for resource in (reference, communication):
        r4b(resource["resourceType"]).model_validate(resource)
        assert resource["subject"] == {"reference": "Patient/example"}
        assert "Chalmers" not in json.dumps(resource)
    (content,) = reference["content"]
    sha = base64.b64encode(hashlib.sha1(pdf.read_bytes(), usedforsecurity=False).digest()).decode()
    assert (content["attachment"]["hash"], content["attachment"]["language"]) == (sha, "en")
    assert "data" not in content["attachment"]
    assert reference["author"] == [{"reference": "Practitioner/example"}]
    assert communication["payload"] == [{"contentReference": {"reference": f"DocumentReference/{reference['id']}"}}]


def test_hl7s_example_has_a_day_without_a_time_and_is_refused(command: Command, clinic: Path, tmp_path: Path) -> None:
    record = str(FILES / "hl7-r5.json")
    made = command(
        "make", "microneedling-aftercare", "--clinic", str(clinic), "--treatment", record, "--to", str(tmp_path / "out")
    )
    assert made.code == 4
    assert "needs the time of day" in made.err


def test_synthea_hands_over_a_patient() -> None:
    data = json.loads((FILES / "synthea-r4.json").read_text())
    found = health_record(data, "synthea", lambda: {"http://snomed.info/sct|127783003": "microneedling"})
    assert found.details["procedure"] == "microneedling"
    assert str(found.details["performed_on"]).startswith("20")
    assert found.references.subject.startswith("Patient/")
    assert found.references.encounter == "Encounter/89f079f4-88c9-49f9-8b32-4475c8cb35b7", "its Bundle has urn:uuid:"


def test_ndjson_makes_a_sheet_for_each_line_in_its_language(command: Command, clinic: Path, tmp_path: Path) -> None:
    strange = changed(PROCEDURE, subject={"reference": "Patient/p2"})
    table = tmp_path / "patients.ndjson"
    lines = [bundle(PATIENT, PROCEDURE, MEASURED), bundle(PATIENT, strange)]
    table.write_text("".join(json.dumps(line) + "\n" for line in lines))
    arguments = ["batch", str(table), "--clinic", str(clinic), "--document", "microneedling-aftercare"]
    stopped = command(*arguments, "--to", str(tmp_path / "out"))
    assert stopped.code == 4
    assert "line 2" in stopped.err
    assert not list(tmp_path.glob("out/*.pdf"))
    made = command(*arguments, "--to", str(tmp_path / "out"), "--skip-faulty", "--json")
    assert json.loads(made.out)["made"] == 1
    assert [path.name[:26] for path in tmp_path.glob("out/*.pdf")] == ["microneedling-aftercare-es"]


R5_PROCEDURE = {**changed(PROCEDURE, performedDateTime=None), "occurrenceDateTime": "2026-11-21T15:00:00-05:00"}


def test_what_came_as_r5_goes_back_as_r5(tmp_path: Path) -> None:
    found = [
        health_record(bundle(PATIENT, one), "record.json", lambda: CODES).references
        for one in (PROCEDURE, R5_PROCEDURE)
    ]
    written_back = [
        json.loads(path.read_text())
        for references in found
        for path in enter([entry(receipt(), references)], RecordOrder(folder=tmp_path / references.release))
    ]
    for model_of, resources in ((r4b, written_back[:2]), (r5, written_back[2:])):
        for resource in resources:
            model_of(resource["resourceType"]).model_validate(resource)
    r4_reference, _, r5_reference, communication = written_back
    visit, done = {"reference": "Encounter/e1"}, {"reference": "Procedure/t1"}
    assert r4_reference["context"] == {"encounter": [visit], "related": [done]}
    assert (r5_reference["context"], r5_reference["event"]) == ([visit], [{"reference": done}])
    assert [one["content"][0]["attachment"]["size"] for one in (r4_reference, r5_reference)] == [8, "8"]
    assert communication["encounter"] == visit


def test_a_reference_that_means_nothing_outside_its_bundle_is_left_out() -> None:
    address, visit = "urn:uuid:9a0d7938-4f49-43f6-8eea-b22e1bbe1b74", {"reference": "urn:uuid:0-1"}
    actor = {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999999"}
    done = changed(PROCEDURE, subject={"reference": address}, encounter=visit, performer=[{"actor": actor}])
    data = bundle(changed(PATIENT, id=None), done)
    data["entry"][0]["fullUrl"] = address
    references = health_record(data, "record.json", lambda: CODES).references
    assert references == RecordReferences(procedure="Procedure/t1")


def test_a_record_is_of_one_release() -> None:
    r5_visit = changed(ENCOUNTER, **{"class": [concept("http://example.org|AMB")]}, period=None, status="completed")
    for resources, release, path in (
        ([PATIENT, PROCEDURE, ENCOUNTER, r5_visit], "R4", "Encounter.class"),
        ([PATIENT, R5_PROCEDURE, r5_visit, ENCOUNTER], "R5", "Encounter.class"),
    ):
        with pytest.raises(InputError) as raised:
            read(*resources)
        (problem,) = raised.value.problems
        assert (problem.code, problem.values["release"]) == (Code.FHIR_NOT_VALID, release)
        assert problem.path.startswith(path)


def test_a_code_that_is_not_known_is_told_with_the_line_to_write() -> None:
    codings = {"coding": [*concept("http://snomed.info/sct|1")["coding"], *concept("https://example.org|2")["coding"]]}
    with pytest.raises(InputError) as raised:
        read(PATIENT, changed(PROCEDURE, bodySite=[codings]))
    assert '"http://snomed.info/sct|1" = "NAME"' in str(raised.value)
    assert "https://example.org|2" in str(raised.value)


def table_of(lines: list[dict[str, Any]]) -> Table:
    exports = Exports(known=(), clinic=lambda: Clinic(country="US", services={}, codes=CODES), named="", strict=False)
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return read_table(data, "patients.ndjson", form=TableForm.JSON_LINES, exports=exports)


def test_a_line_is_read_by_the_models_once() -> None:
    strange = changed(PROCEDURE, subject={"reference": "Patient/p2"}, status="unknown-status", implicitRules="x")
    table = table_of([*patients(60), bundle(PATIENT, changed(strange, status="completed")), bundle(PATIENT, strange)])
    taken, rows = [], [[*table_of(patients(1)).rows()]]  # The models are imported.
    for _ in range(2):
        begun = time.process_time()
        rows.append([*table.rows()])
        taken.append(time.process_time() - begun)
    assert taken[1] < taken[0] / 2
    assert rows[1] == rows[2]
    assert [len(each.problems) for each in rows[2][-2:]] == [1, 1]
    assert rows[2][0].references.subject == "Patient/p0"


def test_a_line_may_be_as_large_as_a_real_record() -> None:
    def with_notes(characters: int) -> dict[str, Any]:
        return bundle(PATIENT, PROCEDURE, {"resourceType": "Claim", "text": "x" * characters})

    around = len(json.dumps(with_notes(0)))
    large, larger = table_of([with_notes(5_000_000 - around), with_notes(5_000_001 - around)]).rows()
    assert not large.problems
    assert [problem.code for problem in larger.problems] == [Code.TABLE_LINE_TOO_LONG]


def test_of_a_thousand_observations_only_those_of_a_procedure_are_looked_at() -> None:
    other = [changed(MEASURED, partOf=None, status=["nobody"]) for _ in range(1000)]
    assert read(PATIENT, PROCEDURE, MEASURED, *other)["settings"] == {"needle_depth": 1.5}
    with pytest.raises(InputError) as raised:
        read(PATIENT, PROCEDURE, *[changed(MEASURED, valueQuantity={"value": "much"}) for _ in range(3)])
    assert len(raised.value.problems) == 1, "they are told once"


def receipt(printed: Printed | None = None, message: Path | None = None) -> Receipt:
    sheet = Sheet(
        content=b"%PDF-1.7", format=Format.PDF, stem="sheet", document="d", version="1.0", language="ar+en",
        fingerprint="f", pages=2,
    )  # fmt: skip
    return Receipt(path=Path("sheet-00.pdf"), sheet=sheet, printed=printed, message=message)


def entry(given: Receipt, references: RecordReferences) -> Entry:
    return Entry(sheet=given.sheet, references=references, name="sheet-00", step=step_of(given), at=NOW)


@pytest.mark.parametrize(
    ("given", "status", "mode"),
    [
        (receipt(), "preparation", None),
        (receipt(printed=Printed(queue="q", job=1, state=JobState.COMPLETED)), "completed", "WRITTEN"),
        (receipt(printed=Printed(queue="q", job=1, state=JobState.PROCESSING)), "in-progress", "WRITTEN"),
        (receipt(message=Path("m.eml")), "in-progress", "EMAILWRIT"),
    ],
)
def test_a_communication_says_how_far_the_sheet_has_come(
    given: Receipt, status: str, mode: str | None, tmp_path: Path
) -> None:
    paths = enter([entry(given, RecordReferences(record_number="LSC-1"))], RecordOrder(folder=tmp_path, with_pdf=True))
    reference, communication = (json.loads(path.read_text()) for path in paths)
    assert communication["status"] == status
    assert ("sent" in communication) == (status == "completed")
    modes = [coding["code"] for medium in communication.get("medium", []) for coding in medium["coding"]]
    assert modes == ([mode] if mode else [])
    assert reference["subject"] == {"type": "Patient", "identifier": {"value": "LSC-1"}}
    attachment = reference["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == b"%PDF-1.7"
    assert attachment["language"] == "ar"


def test_entries_for_a_record_need_somebody_whose_record_it_is(command: Command, tmp_path: Path) -> None:
    options = ["--patient", "Ana Example", "--body-site", "face", "--fhir", str(tmp_path / "record")]
    arguments = ["make", "microneedling-aftercare", "--clinic", str(EXAMPLE_CLINIC), "--to", str(tmp_path / "out")]
    made = command(*arguments, *options)
    assert made.code == 2
    assert "whose record" in made.err
    assert not (tmp_path / "out").exists()
    assert command(*arguments, *options, "--record-number", "\u00a0").code == 2
    assert command(*arguments, *options, "--sample").code == 2
    assert command(*arguments, *options[:-2], "--fhir-with-pdf").code == 2


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fhir", None)
    assert refused(PATIENT) == [(Code.FHIR_NOT_INSTALLED, "")]
    with pytest.raises(InputError) as raised:
        enter([entry(receipt(), RecordReferences(subject="Patient/1"))], RecordOrder(folder=tmp_path))
    assert [problem.code for problem in raised.value.problems] == [Code.FHIR_NOT_INSTALLED]


PATIENTS = tuple(f"p{each}" for each in range(8))


def patients(number: int, **of_patient: Any) -> list[dict[str, Any]]:
    """Return a Bundle for each of so many patients."""
    return [
        bundle(
            changed(PATIENT, id=f"p{each}", name=[{"text": f"Ana Example {each}"}], **of_patient),
            changed(PROCEDURE, id=f"t{each}", subject={"reference": f"Patient/p{each}"}),
        )
        for each in range(number)
    ]


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_batch_enters_each_sheet_once_and_what_is_missing_later(
    command: Command, clinic: Path, tmp_path: Path
) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write('\n[languages]\nso = "es"\n')
    table, record, out = tmp_path / "patients.ndjson", tmp_path / "record", tmp_path / "out"
    somali = {"communication": [{"language": {"coding": [{"code": "so"}]}}]}
    lines = [
        *patients(len(PATIENTS)),
        bundle(changed(PATIENT, id="so", **somali), PROCEDURE | {"subject": {"reference": "Patient/so"}}),
    ]
    table.write_text("".join(json.dumps(line) + "\n" for line in lines))
    batch = ["batch", str(table), "--clinic", str(clinic), "--document", "microneedling-aftercare", "--to", str(out)]
    batch += ["--workers", "2", "--pattern", "{patient}", "--fhir", str(record), "--json"]
    made = command(*batch)
    assert made.code == 0, made.err
    answer = json.loads(made.out)
    assert (answer["made"], answer["entered"]) == (9, 9)
    assert answer["written"] > 0, "some were written from one layout"
    first = written(record)
    assert not any("Ana" in name or "Example" in name for name in first)
    references = [one for one in map(json.loads, first.values()) if one["resourceType"] == "DocumentReference"]
    hashes = {base64.b64decode(one["content"][0]["attachment"]["hash"]) for one in references}
    assert hashes == {hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest() for path in out.glob("*.pdf")}
    assert {one["subject"]["reference"] for one in references} == {f"Patient/{each}" for each in (*PATIENTS, "so")}
    kept = [json.loads(line) for line in (out / "ledger.jsonl").read_text().splitlines()[1:]]
    assert [line.get("fell_back") for line in kept].count(True) == 1
    assert '"so"' not in str(kept), "what it fell back from is not told"

    gone, *lost = [name for name in first if name.endswith(".Communication.json")][:3]
    for name in (gone, *lost):  # As a crash between the ledger and the entries leaves it.
        (record / name).unlink()
    sheet = next(each for each in out.glob("*.pdf") if gone.split("-")[-1].partition(".")[0] in each.name)
    sheet.write_bytes(b"%PDF another")
    again = json.loads(command(*batch, "--resume").out)
    assert (again["made"], again["entered"]) == (0, 2)
    assert [one["what"][:8] for one in again["problems"] if one["code"] == "fhir-sheets-gone"] == ["1 of the"]
    assert written(record) == {name: text for name, text in first.items() if name != gone}


def test_a_row_that_names_nobodys_record_is_told_before_any_sheet_is_made(command: Command, tmp_path: Path) -> None:
    english = partial(row, languages=("en",))
    table = write_table(tmp_path / "t.csv", [english(1), [*english(2)[:1], "", *english(2)[2:]], english(3)])
    arguments = ["batch", str(table), "--clinic", str(EXAMPLE_CLINIC), "--document", "microneedling-aftercare"]
    arguments += ["--to", str(tmp_path / "out"), "--fhir", str(tmp_path / "record")]
    refused = command(*arguments)
    assert refused.code == 4
    assert "line 3" in refused.err
    assert "whose record" in refused.err
    assert not (tmp_path / "out").exists()
    assert command(*arguments, "--merge", str(tmp_path / "all.pdf")).code == 2
    merged = [*arguments, "--merge", str(tmp_path / "all.pdf"), "--fhir-with-pdf", "--skip-faulty", "--workers", "1"]
    made = command(*merged)
    assert made.code == 0, made.err
    assert "1 row not made" in made.out
    found = [json.loads(text) for text in written(tmp_path / "record").values()]
    numbers = {one["subject"]["identifier"]["value"] for one in found}
    assert (len(found), numbers) == (4, {"LSC-00001", "LSC-00003"})
    for one in (one["content"][0]["attachment"] for one in found if one["resourceType"] == "DocumentReference"):
        data = base64.b64decode(one["data"])
        assert hashlib.sha1(data, usedforsecurity=False).digest() == base64.b64decode(one["hash"])


@pytest.fixture
def made_before(tmp_path: Path) -> tuple[Planned, Path]:
    """Return a row whose sheet a run before this one has made, and the ledger that says so."""
    path, data = tmp_path / "sheet.pdf", b"%PDF-1.7"
    path.write_bytes(data)
    row = f"{7:032x}"
    planned = Planned(
        task=Task(line=1, source="t", kind="d es", packed=b""),
        consignment=Consignment(path=path, where="sheet.pdf", address="", row=row),
        name="Ana Example",
        done=True,
        references=RecordReferences(subject="Patient/7"),
        entry="d-es-7",
    )
    return planned, append(tmp_path / "ledger.jsonl", planned, Step.MADE)


def append(path: Path, planned: Planned, step: Step) -> Path:
    sheet = hashlib.sha256(planned.consignment.path.read_bytes()).hexdigest()
    with ledger.Ledger(path, ledger.begin_key(path)) as book:
        book.append(ledger_entry(step=step, row=planned.consignment.row, sheet=sheet))
    return path


def test_an_entry_says_what_the_ledger_says_and_never_goes_back(
    made_before: tuple[Planned, Path], tmp_path: Path
) -> None:
    planned, book = made_before
    entering = Entering(order=RecordOrder(folder=tmp_path / "record"))

    def status() -> tuple[str, str]:
        progress = ledger.RowProgress(book, ledger.read_key(book))
        assert entering.catch_up([planned], progress, again=True) == 0
        found = json.loads((tmp_path / "record" / "d-es-7.Communication.json").read_text())
        return found["status"], found.get("sent", "")

    assert status() == ("preparation", "")
    for step, said in (
        (Step.PRINTING, "in-progress"),
        (Step.UNCERTAIN, "unknown"),
        (Step.PRINTING, "unknown"),
        (Step.PRINTED, "completed"),
        (Step.IN_OUTBOX, "completed"),
    ):
        append(book, planned, step)
        assert status() == (said, "2026-11-21T20:00:01+00:00" if said == "completed" else "")
    assert entering.count == 1


def test_two_patients_whose_sheets_say_the_same_have_an_entry_each() -> None:
    entries = [entry(receipt(), RecordReferences(subject=f"Patient/{each}")) for each in (1, 2)]
    assert len({each.identifier for each in entries}) == 2


def test_a_folder_that_cannot_be_written_ends_the_batch_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as raised:
        enter([entry(receipt(), RecordReferences(subject="Patient/1"))], RecordOrder(folder=tmp_path / "file" / "in"))
    assert [problem.code for problem in raised.value.problems] == [Code.CANNOT_WRITE]
