"""A FHIR resource or Bundle (R4, R4B, R5) and the clinic's codes -> a treatment in the form of a treatment file.

What a record says is taken only where one meaning is left: of one patient, one procedure, codes that clinic.toml
names. A resource with a modifierExtension or implicitRules is refused, as FHIR asks of a reader that does not know
them (https://hl7.org/fhir/R4/extensibility.html#modifierExtension).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeGuard

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, each_once
from handouts.fhir_releases import Release, first_fault, need_models
from handouts.records import RecordReferences

Resource = Mapping[str, Any]
Codes = Callable[[], Mapping[str, str]]
"""The clinic's own names by code: "http://snomed.info/sct|89545001" is "face"; "…|CODE|UNIT" for a measured value."""

_READ = ("Patient", "Procedure", "Appointment", "Encounter", "Observation", "Practitioner")
_DONE = ("completed", "in-progress")
_MEASURED = ("final", "amended", "corrected")
_NAME_USES = ("official", "usual", "")
"""The order in which a name is looked for. `usual` may be a nickname alone, as in HL7's own example ("Jim")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthRecord:
    """What a FHIR file says: `details` in the form of a treatment file, and how the record names its parts."""

    details: Mapping[str, object] = field(repr=False)
    references: RecordReferences


def is_fhir(data: object) -> TypeGuard[Resource]:
    """Return whether a JSON value is a FHIR resource."""
    return isinstance(data, Mapping) and isinstance(data.get("resourceType"), str)


def health_record(
    data: Resource, source: str, codes: Codes, *, line: int | None = None, said: frozenset[str] = frozenset()
) -> HealthRecord:
    """Return the one treatment of one patient in `data`; raise InputError with every Problem.

    `said` are paths of the field table that somebody has said besides: what the record has of them is not looked at.
    """
    need_models(source)
    return _Reading(source=source, line=line, codes=codes(), said=said).of(_resources(data))


def _resources(data: Resource) -> list[tuple[str, Resource]]:
    """Return each resource that is read, with the address under which its Bundle has it.

    Of a patient's Observations, hundreds in a real record, those are that belong to a procedure.
    """
    if data["resourceType"] != "Bundle":
        return [("", data)]
    entries = data.get("entry")
    found = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return [
        (str(entry.get("fullUrl", "")), entry["resource"])
        for entry in found
        if is_fhir(entry.get("resource")) and _is_read(entry["resource"])
    ]


def _is_read(resource: Resource) -> bool:
    kind = resource["resourceType"]
    return kind in _READ and (kind != "Observation" or bool(resource.get("partOf")))


@dataclass(kw_only=True)
class _Reading:
    """One reading of one record; what is wrong with it gathers in `problems`."""

    source: str
    line: int | None
    codes: Mapping[str, str]
    said: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def of(self, found: Sequence[tuple[str, Resource]]) -> HealthRecord:
        release = self._release_of(found)
        patients = [each for each in found if each[1]["resourceType"] == "Patient"]
        if len(patients) != 1:
            self._wrong(Code.FHIR_NOT_ONE, resource="Patient", count=str(len(patients)))
        self._stop()
        ((address, patient),) = patients
        of_patient = _References(address, patient)
        by_type = {kind: [one for _, one in found if one["resourceType"] == kind] for kind in _READ}
        procedure = self._procedure(by_type["Procedure"], of_patient)
        appointments = [one for one in by_type["Appointment"] if _is_booked(one, of_patient)]
        person = {key: value for key, value in _person(patient).items() if f"patient.{key}" not in self.said}
        details: dict[str, object] = {"patient": person}
        if procedure is not None:
            details |= self._performed(procedure, found, appointments)
        elif appointments:
            details |= self._booked(appointments)
        self._stop()
        references = RecordReferences(
            subject=_lasting(of_patient.name),
            author=_lasting(_name_of(_first(_list(procedure, "performer")).get("actor"), found)),
            encounter=_lasting(_name_of((procedure or {}).get("encounter"), found)),
            procedure=f"Procedure/{procedure['id']}" if procedure and procedure.get("id") else "",
            release=release,
        )
        unsaid = {key: value for key, value in details.items() if value and key not in self.said}
        return HealthRecord(details=unsaid, references=references)

    def _wrong(self, code: Code, path: str = "", **values: str) -> None:
        self.problems.append(Problem.of(Kind.TREATMENT, code, self.source, self.line, path=path, **values))

    def _stop(self) -> None:
        if self.problems:
            raise InputError(each_once(self.problems))

    def _release_of(self, found: Sequence[tuple[str, Resource]]) -> Release:
        """Return the release that allows all of the resources; gather what makes one that must not be read.

        That is R4 where both do. Where none does, the one that refuses fewer is meant.
        """
        release, faults = Release.R4, _faults(found, Release.R4)
        if faults and len(others := _faults(found, Release.R5)) < len(faults):
            release, faults = Release.R5, others
        for kind, path in faults:
            place = f"{kind}.{path}" if path else kind
            self._wrong(Code.FHIR_NOT_VALID, path=place, resource=kind, release=str(release))
        for kind in (one["resourceType"] for _, one in found if one.keys() & {"modifierExtension", "implicitRules"}):
            self._wrong(Code.FHIR_MODIFIER, path=kind, resource=kind)
        return release

    def _procedure(self, procedures: Sequence[Resource], patient: "_References") -> Resource | None:
        """Return the one procedure that was done and whose code the clinic knows; None where there is none at all."""
        done = [one for one in procedures if one.get("status") in _DONE]
        if any(not patient.is_meant(one.get("subject")) for one in done):
            self._wrong(Code.FHIR_OTHER_PATIENT, path="Procedure.subject")
            return None
        known = [one for one in done if self._known(one.get("code"))] or done
        if len(known) > 1:
            self._wrong(Code.FHIR_NOT_ONE, path="Procedure", resource="Procedure", count=str(len(known)))
        return known[0] if len(known) == 1 else None

    def _performed(
        self, procedure: Resource, found: Sequence[tuple[str, Resource]], appointments: Sequence[Resource]
    ) -> Iterator[tuple[str, object]]:
        at = self._time_of(procedure, found)
        if not at and "performed_on" not in self.said:
            self._wrong(Code.FHIR_NO_TIME, path="Procedure.performedDateTime")
        yield "performed_on", at
        yield "procedure", self._name("procedure", "Procedure.code", procedure.get("code"))
        sites = (self._name("body_sites", "Procedure.bodySite", one) for one in _list(procedure, "bodySite"))
        yield "body_sites", list(dict.fromkeys(filter(None, sites)))
        yield "practitioner", _actor(_first(_list(procedure, "performer")).get("actor"), found)
        yield "settings", self._settings(procedure, found)
        if at and "performed_on" not in self.said:
            visits = (str(one.get("start", "")) for one in appointments if _is_follow_up(one, procedure))
            yield (
                "follow_up",
                min((one for one in visits if one and _instant(one) > _instant(at)), key=_instant, default=""),
            )

    def _booked(self, appointments: Sequence[Resource]) -> Iterator[tuple[str, object]]:
        """Yield what is known of a treatment that is to come."""
        if len(appointments) > 1:
            self._wrong(Code.FHIR_NOT_ONE, path="Appointment", resource="Appointment", count=str(len(appointments)))
        yield "performed_on", str(appointments[0].get("start", ""))
        names = (self._known(_concept(one)) for one in _list(appointments[0], "serviceType"))
        yield "procedure", next(filter(None, names), "")

    def _time_of(self, procedure: Resource, found: Sequence[tuple[str, Resource]]) -> str:
        """Return when the procedure ended, or when its encounter did where it does not say; "" where neither does."""
        for key in ("performed", "occurrence"):
            if text := procedure.get(f"{key}DateTime") or _ended(procedure.get(f"{key}Period")):
                return str(text)
        visit = procedure.get("encounter")
        encounters = (
            one
            for address, one in found
            if one["resourceType"] == "Encounter" and _References(address, one).is_meant(visit)
        )
        encounter = next(encounters, {})
        return _ended(encounter.get("period") or encounter.get("actualPeriod"))

    def _name(self, path: str, place: str, concept: object) -> str:
        """Return the clinic's name for a concept; its words where it has no code; raise nothing, gather instead."""
        if path in self.said or not isinstance(concept, Mapping):
            return ""
        if name := self._known(concept):
            return name
        codings = [one for one in _list(concept, "coding") if one.get("code")]
        if not codings:
            return str(concept.get("text", ""))
        codes = [_key(one) for one in codings]
        self._wrong(Code.FHIR_CODE_UNKNOWN, path=place, codes=", ".join(codes), first=codes[0])
        return ""

    def _known(self, concept: object) -> str:
        codings = _list(concept if isinstance(concept, Mapping) else None, "coding")
        return next((self.codes[key] for one in codings if (key := _key(one)) in self.codes), "")

    def _settings(self, procedure: Resource, found: Sequence[tuple[str, Resource]]) -> dict[str, object]:
        """Return the settings that the clinic has codes for: from Observations of this procedure, and extensions."""
        if "settings" in self.said:
            return {}
        of_procedure = _References("", procedure)
        observations = (
            one
            for _, one in found
            if one["resourceType"] == "Observation"
            and one.get("status") in _MEASURED
            and any(of_procedure.is_meant(part) for part in _list(one, "partOf"))
        )
        measured = [
            (_key(coding), one.get("valueQuantity"))
            for one in observations
            for coding in _list(one.get("code"), "coding")
        ]
        measured += [(str(one.get("url", "")), one.get("valueQuantity")) for one in _list(procedure, "extension")]
        settings: dict[str, object] = {}
        for code, quantity in measured:
            units = {key.rpartition("|")[2]: name for key, name in self.codes.items() if key.rpartition("|")[0] == code}
            if not units or not isinstance(quantity, Mapping):
                continue
            unit = str(quantity.get("code") or quantity.get("unit", ""))
            if unit not in units or quantity.get("comparator"):
                self._wrong(Code.FHIR_UNIT, path="Observation.valueQuantity", measured=code, units=", ".join(units))
            elif settings.setdefault(units[unit], quantity.get("value")) != quantity.get("value"):
                self._wrong(Code.FHIR_TWO_VALUES, path="Observation.valueQuantity", measured=code)
        return settings


class _References:
    """What may point to a resource: the address that its Bundle gives it, and its type and id."""

    def __init__(self, address: str, resource: Resource) -> None:
        own = f"{resource['resourceType']}/{resource['id']}" if resource.get("id") else ""
        self._meant = {address, own} - {""}
        self.name = own or address

    def is_meant(self, reference: object) -> bool:
        return _reference(reference) in self._meant


def _faults(found: Sequence[tuple[str, Resource]], release: Release) -> list[tuple[str, str]]:
    """Return the type and the place of the first fault of each resource that a release does not allow."""
    faults = ((one["resourceType"], first_fault(one, release)) for _, one in found)
    return [(kind, path) for kind, path in faults if path is not None]


def _person(patient: Resource) -> dict[str, object]:
    emails = [one for one in _list(patient, "telecom") if one.get("system") == "email" and one.get("use") != "old"]
    birth = str(patient.get("birthDate", ""))
    return {
        "name": _human_name(_list(patient, "name")),
        "birth_date": birth if len(birth) == len("2000-01-31") else None,  # FHIR lets month and day be unknown.
        "record_number": _record_number(patient) or None,
        "language": _language(_list(patient, "communication")) or None,
        "email": min(emails, key=lambda one: one.get("rank", 99)).get("value") if emails else None,
    }


def _human_name(names: Sequence[Resource]) -> str:
    """Return the name as it is written; else the given names and the family's, which FHIR has in this order."""
    for use in _NAME_USES:
        for name in names:
            if name.get("use", "") == use and not _is_past(name):
                parts = [*map(str, name.get("given") or ()), str(name.get("family") or "")]
                return str(name.get("text") or " ".join(filter(None, parts)))
    return ""


def _is_past(name: Resource) -> bool:
    return bool((name.get("period") or {}).get("end"))


def _record_number(patient: Resource) -> str:
    """Return the medical record number (v2-0203's MR), else the one identifier that is in usual use."""
    identifiers = [one for one in _list(patient, "identifier") if one.get("use") != "old"]
    records = [one for one in identifiers if any(code.get("code") == "MR" for code in _list(one.get("type"), "coding"))]
    usual = [one for one in identifiers if one.get("use") == "usual"]
    chosen = records or (usual if len(usual) == 1 else [])
    return str(chosen[0].get("value", "")) if chosen else ""


def _language(communications: Sequence[Resource]) -> str:
    """Return the language that is preferred, or the only one."""
    preferred = [one for one in communications if one.get("preferred")] or communications
    if len(preferred) != 1:
        return ""
    language = preferred[0].get("language")
    coding = _first(_list(language, "coding"))
    return str(coding.get("code") or (language or {}).get("text", ""))


def _is_booked(appointment: Resource, patient: _References) -> bool:
    people = _list(appointment, "participant")
    return appointment.get("status") == "booked" and any(patient.is_meant(one.get("actor")) for one in people)


def _is_follow_up(appointment: Resource, procedure: Resource) -> bool:
    """Return whether an appointment is a visit after this procedure: HL7's type FOLLOWUP, or it names the procedure."""
    types = _list(appointment.get("appointmentType"), "coding")
    reasons = (*_list(appointment, "reasonReference"), *_list(appointment, "basedOn"))  # R4
    reasons += tuple(one.get("reference", {}) for one in _list(appointment, "reason"))  # R5
    of_procedure = _References("", procedure)
    return any(one.get("code") == "FOLLOWUP" for one in types) or any(map(of_procedure.is_meant, reasons))


def _actor(reference: object, found: Sequence[tuple[str, Resource]]) -> str:
    """Return a practitioner's name, as the reference shows it or as the resource has it."""
    if not isinstance(reference, Mapping):
        return ""
    meant = (
        one
        for address, one in found
        if one["resourceType"] == "Practitioner" and _References(address, one).is_meant(reference)
    )
    return str(reference.get("display") or _human_name(_list(next(meant, None), "name")))


def _concept(value: Resource) -> object:
    """Return the concept of R5's CodeableReference, or R4's concept itself."""
    return value.get("concept", value)


def _ended(period: object) -> str:
    return str(period.get("end") or "") if isinstance(period, Mapping) else ""


def _instant(text: str) -> datetime:
    """Return a FHIR dateTime as a moment; a day, month or year alone ends with its first day, at midnight UTC."""
    if len(text) <= len("2000-01-31"):
        padded = f"{text}-01-01"[: len("2000-01-31")]
        return datetime.combine(date.fromisoformat(padded), datetime.max.time(), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _key(coding: Resource) -> str:
    return f"{coding.get('system', '')}|{coding.get('code', '')}"


def _reference(value: object) -> str:
    """Return what a Reference points to, without a version."""
    text = str(value.get("reference") or "") if isinstance(value, Mapping) else ""
    return text.partition("/_history/")[0]


def _name_of(reference: object, found: Sequence[tuple[str, Resource]]) -> str:
    """Return what a Reference points to by type and id, where it does so by an address of this Bundle alone."""
    meant = (_References(address, one) for address, one in found)
    return next((one.name for one in meant if one.is_meant(reference)), _reference(reference))


def _lasting(reference: str) -> str:
    """Return a reference, or "" for one that means something in its Bundle alone: urn:uuid:, a search, #contained."""
    return "" if reference.startswith(("urn:", "#")) or "?" in reference else reference


def _list(value: object, key: str) -> list[Resource]:
    """Return the objects of a list, none where there is no such list."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _first(values: Sequence[Resource]) -> Resource:
    return values[0] if values else {}
