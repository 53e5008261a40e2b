"""A delivered sheet and how a record system names its patient -> a FHIR R4 DocumentReference and a Communication."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from handouts.codes import Code
from handouts.delivery.folder import write_whole
from handouts.errors import InputError, Kind
from handouts.records import Format, JobState, Receipt, RecordReferences

_TYPES = {Format.PDF: "application/pdf", Format.HTML: "text/html"}
_INSTRUCTIONS = {"system": "http://loinc.org", "code": "69730-0", "display": "Instructions"}
_CLINICAL_NOTE = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
    "display": "Clinical Note",
}
_INSTRUCTION = {"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "instruction"}
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"


def check_record(references: RecordReferences) -> None:
    """Raise InputError where nobody says whose record a sheet belongs to, or the library is not installed."""
    if find_spec("fhir") is None:
        raise InputError.of(Kind.MACHINE, Code.FHIR_NOT_INSTALLED, "--fhir")
    if not (references.subject or references.record_number):
        raise InputError.of(Kind.USAGE, Code.FHIR_NO_SUBJECT, "--fhir")


def write_record_entries(
    receipts: Sequence[Receipt], references: RecordReferences, folder: Path, at: datetime, *, with_pdf: bool
) -> tuple[Path, ...]:
    """Write both resources of each sheet into `folder` and return their paths, two a sheet.

    They name patient, author and visit by reference, the sheet by its language and SHA-1 (as Attachment.hash is
    defined); of the patient they say nothing else. The sheet itself is inside only `with_pdf`. `at` (aware) is when it
    was asked for. Raises InputError as `check_record` does, and where a file cannot be written.
    """
    check_record(references)
    written = []
    for receipt in receipts:
        for resource in _entries(receipt, references, at, with_pdf=with_pdf):
            text = json.dumps(_validated(resource), ensure_ascii=False, indent=2) + "\n"
            path = folder / f"{receipt.path.stem}.{resource['resourceType']}.json"
            written.append(write_whole(text.encode(), path))
    return tuple(written)


def _entries(
    receipt: Receipt, references: RecordReferences, at: datetime, *, with_pdf: bool
) -> Iterator[Mapping[str, Any]]:
    sheet = receipt.sheet
    subject = _subject(references)
    identifier = hashlib.sha256(sheet.data).hexdigest()[:32]  # The same sheet is the same entry, whoever writes it.
    attachment = {
        "contentType": _TYPES[sheet.format],
        "language": sheet.language.partition("+")[0],
        "size": len(sheet.data),
        "hash": b64encode(hashlib.sha1(sheet.data, usedforsecurity=False).digest()).decode(),
        "title": f"{sheet.document} {sheet.version} {sheet.language}",
        "creation": at.isoformat(timespec="seconds"),
    }
    if with_pdf:
        attachment["data"] = b64encode(sheet.data).decode()
    yield {
        "resourceType": "DocumentReference",
        "id": identifier,
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [_INSTRUCTIONS]},
        "category": [{"coding": [_CLINICAL_NOTE]}],
        "subject": subject,
        "date": at.isoformat(timespec="seconds"),
        **_by("author", references.author, many=True),
        "content": [{"attachment": attachment}],
        **_context(references),
    }
    status, mode = _way(receipt)
    yield {
        "resourceType": "Communication",
        "id": identifier,
        "status": status,
        "category": [{"coding": [_INSTRUCTION]}],
        **({"medium": [{"coding": [{"system": _MODES, "code": mode}]}]} if mode else {}),
        "subject": subject,
        **_by("encounter", references.encounter),
        **({"sent": at.isoformat(timespec="seconds")} if status == "completed" else {}),
        "recipient": [subject],
        **_by("sender", references.author),
        "payload": [{"contentReference": {"reference": f"DocumentReference/{identifier}"}}],
    }


def _subject(references: RecordReferences) -> Mapping[str, Any]:
    if references.subject:
        return {"reference": references.subject}
    return {"type": "Patient", "identifier": {"value": references.record_number}}


def _by(key: str, reference: str, *, many: bool = False) -> Mapping[str, Any]:
    if not reference:
        return {}
    return {key: [{"reference": reference}] if many else {"reference": reference}}


def _context(references: RecordReferences) -> Mapping[str, Any]:
    context = {
        **_by("encounter", references.encounter, many=True),
        **_by("related", references.procedure, many=True),
    }
    return {"context": context} if context else {}


def _way(receipt: Receipt) -> tuple[str, str]:
    """Return how far a sheet has come to its patient, and on which way (HL7's v3-ParticipationMode)."""
    if receipt.printed is not None:
        return "completed" if receipt.printed.state is JobState.COMPLETED else "in-progress", "WRITTEN"
    return ("in-progress", "EMAILWRIT") if receipt.message is not None else ("preparation", "")


def _validated(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the resource as the library's own R4B model of it writes it; what it refuses is our own fault."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - an extra

    model = get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return {key: value for key, value in json.loads(model.model_dump_json()).items() if value is not None}
