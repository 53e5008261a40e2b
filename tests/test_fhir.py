"""A record system's file (FHIR) -> a sheet, or why not; a sheet -> entries for the record system."""

import base64
import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from handouts.codes import Code
from handouts.delivery.fhir import write_record_entries
from handouts.errors import InputError
from handouts.records import Format, JobState, Printed, Receipt, RecordReferences, Sheet
from handouts.treatment import health_record
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran

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
            Code.FHIR_NOT_ONE,
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
    record = str(FILES / "hl7-r4.json")
    arguments = ["make", "microneedling-aftercare", "--clinic", str(clinic), "--treatment", record]
    made = command(*arguments, "--to", str(tmp_path / "out"), *options)
    assert made.code == 0, made.err
    (pdf,) = (tmp_path / "out").glob("*.pdf")
    reference, communication = (
        json.loads((tmp_path / "record" / f"{pdf.stem}.{kind}.json").read_text())
        for kind in ("DocumentReference", "Communication")
    )
    for resource in (reference, communication):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
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
    assert found.references.encounter.startswith("urn:uuid:")


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


def receipt(printed: Printed | None = None, message: Path | None = None) -> Receipt:
    sheet = Sheet(
        data=b"%PDF-1.7", format=Format.PDF, stem="sheet", document="d", version="1.0", language="ar+en",
        fingerprint="f", pages=2,
    )  # fmt: skip
    return Receipt(path=Path("sheet-00.pdf"), sheet=sheet, printed=printed, message=message)


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
    references = RecordReferences(record_number="LSC-1")
    paths = write_record_entries([given], references, tmp_path, NOW, with_pdf=True)
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
    assert command(*arguments, *options, "--sample").code == 2
    assert command(*arguments, *options[:-2], "--fhir-with-pdf").code == 2


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fhir", None)
    assert refused(PATIENT) == [(Code.FHIR_NOT_INSTALLED, "")]
    with pytest.raises(InputError) as raised:
        write_record_entries([receipt()], RecordReferences(subject="Patient/1"), tmp_path, NOW, with_pdf=False)
    assert [problem.code for problem in raised.value.problems] == [Code.FHIR_NOT_INSTALLED]
