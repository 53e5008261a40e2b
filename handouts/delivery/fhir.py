"""A delivered sheet and how a record system names its patient -> a FHIR DocumentReference and a Communication."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from handouts.delivery.folder import write_all_whole, write_whole
from handouts.fhir_releases import Release, first_fault, need_models
from handouts.records import Format, JobState, Receipt, RecordOrder, RecordReferences, Sheet, Step
from handouts.resources import digest

_TYPES = {Format.PDF: "application/pdf", Format.HTML: "text/html"}
_INSTRUCTIONS = {"system": "http://loinc.org", "code": "69730-0", "display": "Instructions"}
_CLINICAL_NOTE = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
    "display": "Clinical Note",
}
_INSTRUCTION = {"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "instruction"}
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_WAYS = {
    Step.MADE: ("preparation", ""),
    Step.PRINTING: ("in-progress", "WRITTEN"),
    Step.PRINTED: ("completed", "WRITTEN"),
    Step.UNCERTAIN: ("unknown", "WRITTEN"),
    Step.IN_OUTBOX: ("in-progress", "EMAILWRIT"),
}
"""How far a sheet has come to its patient (HL7's event-status), and on which way (v3-ParticipationMode)."""
_STATUSES = ("preparation", "in-progress", "unknown", "completed")
_KINDS = ("DocumentReference", "Communication")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A sheet for a record: how far it has come and when (aware), and what its files are called, without ending."""

    sheet: Sheet
    references: RecordReferences = field(repr=False)
    name: str
    step: Step
    at: datetime

    @property
    def identifier(self) -> str:
        """The same sheet for the same patient is the same entry, whoever writes it."""
        references = self.references
        return digest((self.sheet.data, references.subject.encode(), references.record_number.encode()))[:32]


def step_of(receipt: Receipt) -> Step:
    """Return how far a sheet has come that was delivered just now."""
    if receipt.printed is not None:
        return Step.PRINTED if receipt.printed.state is JobState.COMPLETED else Step.PRINTING
    return Step.IN_OUTBOX if receipt.message is not None else Step.MADE


def are_entered(name: str, folder: Path) -> bool:
    """Return whether both resources of a sheet are there."""
    return all(_path(folder, name, kind).is_file() for kind in _KINDS)


def enter(entries: Iterable[Entry], order: RecordOrder) -> tuple[Path, ...]:
    """Write both resources of each sheet into the order's folder and return their paths, two a sheet.

    They name patient, author and visit by reference, the sheet by its language and SHA-1 (as Attachment.hash is
    defined); of the patient they say nothing else. What is there of the very same sheet stays as it is, until the sheet
    comes further or is to be inside. The sheets must be on the disk. Raises InputError where the library is not
    installed, or a file cannot be written.
    """
    need_models("--fhir")
    paths: list[Path] = []
    files: dict[Path, bytes] = {}
    for entry in entries:
        reference, communication = (_path(order.folder, entry.name, kind) for kind in _KINDS)
        if not _holds(_there(reference, entry), with_pdf=order.with_pdf):
            files[reference] = _text(_document_reference(entry, with_pdf=order.with_pdf), entry)
        if not _is_as_far(_there(communication, entry), entry.step):
            files[communication] = _text(_communication(entry), entry)
        paths += (reference, communication)
    if not write_all_whole(files):
        for path, text in files.items():
            write_whole(text, path)
    return tuple(paths)


def _path(folder: Path, name: str, kind: str) -> Path:
    return folder / f"{name}.{kind}.json"


def _there(path: Path, entry: Entry) -> Mapping[str, Any]:
    """Return the resource of this very sheet that is there, or {}."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("id") == entry.identifier else {}


def _holds(reference: Mapping[str, Any], *, with_pdf: bool) -> bool:
    """Return whether a DocumentReference of ours is there, with the sheet inside where it is to be."""
    try:
        return bool(reference) and (not with_pdf or "data" in reference["content"][0]["attachment"])
    except (KeyError, IndexError, TypeError):  # Somebody has changed it.
        return False


def _is_as_far(communication: Mapping[str, Any], step: Step) -> bool:
    """Return whether a Communication is there that says no less than a step does; a person may say others."""
    status = communication.get("status")
    return status is not None and (
        status not in _STATUSES or _STATUSES.index(status) >= _STATUSES.index(_WAYS[step][0])
    )


def _text(resource: Mapping[str, Any], entry: Entry) -> bytes:
    """Return a resource as JSON; what the library's own model of it refuses is our own fault."""
    fault = first_fault(resource, entry.references.release)
    assert fault is None, f"{resource['resourceType']}.{fault}"
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()


def _document_reference(entry: Entry, *, with_pdf: bool) -> Mapping[str, Any]:
    sheet, references, at = entry.sheet, entry.references, entry.at.isoformat(timespec="seconds")
    is_r5 = references.release is Release.R5
    attachment = {
        "contentType": _TYPES[sheet.format],
        "language": sheet.language.partition("+")[0],
        "size": str(len(sheet.data)) if is_r5 else len(sheet.data),  # R5: integer64, which JSON has as a string.
        "hash": b64encode(hashlib.sha1(sheet.data, usedforsecurity=False).digest()).decode(),
        "title": f"{sheet.document} {sheet.version} {sheet.language}",
        "creation": at,
    }
    if with_pdf:
        attachment["data"] = b64encode(sheet.data).decode()
    return {
        "resourceType": "DocumentReference",
        "id": entry.identifier,
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [_INSTRUCTIONS]},
        "category": [{"coding": [_CLINICAL_NOTE]}],
        "subject": _subject(references),
        "date": at,
        **_by("author", references.author, many=True),
        "content": [{"attachment": attachment}],
        **_context(references),
    }


def _communication(entry: Entry) -> Mapping[str, Any]:
    references, (status, mode) = entry.references, _WAYS[entry.step]
    return {
        "resourceType": "Communication",
        "id": entry.identifier,
        "status": status,
        "category": [{"coding": [_INSTRUCTION]}],
        **({"medium": [{"coding": [{"system": _MODES, "code": mode}]}]} if mode else {}),
        "subject": _subject(references),
        **_by("encounter", references.encounter),
        **({"sent": entry.at.isoformat(timespec="seconds")} if status == "completed" else {}),
        "recipient": [_subject(references)],
        **_by("sender", references.author),
        "payload": [{"contentReference": {"reference": f"DocumentReference/{entry.identifier}"}}],
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
    """Return the visit and the procedure that a sheet belongs to, where its release has them."""
    visit = _by("encounter", references.encounter, many=True)
    procedure = _by("related", references.procedure, many=True)
    if references.release is Release.R4:
        return {"context": {**visit, **procedure}} if visit or procedure else {}
    return {
        **({"context": visit["encounter"]} if visit else {}),
        **({"event": [{"reference": each} for each in procedure["related"]]} if procedure else {}),
    }
