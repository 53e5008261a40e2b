"""The treatment's details, named as FHIR names them (Patient, Procedure.performed, bodySite) where it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from handouts.fhir_releases import Release
from handouts.records.schedule import Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One detail as it came in, unchecked: `path` is its place in the field table, `line` its place in a file.

    `typed_now`: on the command line, where today is today; a file may be read again on another day.
    `column` counts from 1 in a table. `lines` and `columns` have those of each name inside a table such as settings. An
    empty file is one detail of the path "". No repr shows the value.
    """

    path: str
    value: object = field(repr=False)
    source: str
    line: int | None = None
    column: int | None = None
    typed_now: bool = False
    lines: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """Who the sheet is for. Names keep ZWJ, ZWNJ and combining marks; controls and bidi controls are stripped."""

    name: str
    birth_date: date | None = None
    record_number: str = ""
    language: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingValue:
    """One device setting: the number as it was typed, so that 1.50 is not printed as 1.5."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientPeriod:
    """A waiting period that the clinician set for this patient, with the reason."""

    id: str
    duration: Duration
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Treatment:
    """What was done to whom, when and by whom; times carry their zone.

    For a document that is read before a treatment `performed_on` is the appointment, or None where none was given.
    `note_language` is the language of the note and of the periods' reasons, "" where it is not known.
    """

    patient: Patient
    performed_on: datetime | None
    procedure: str = ""
    body_sites: tuple[str, ...] = ()
    practitioner: str = ""
    settings: tuple[SettingValue, ...] = ()
    products: tuple[str, ...] = ()
    follow_up: datetime | None = None
    note: str = ""
    note_language: str = ""
    waiting_periods: tuple[PatientPeriod, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordReferences:
    """How a record system names what a sheet belongs to: FHIR references such as "Patient/123", "" where unknown.

    `record_number` stands for `subject` where nobody says how the record system names the patient. `release` is the one
    that the system speaks.
    """

    subject: str = ""
    record_number: str = ""
    author: str = ""
    encounter: str = ""
    procedure: str = ""
    release: Release = Release.R4

    @property
    def name_somebody(self) -> bool:
        """Whether they say whose record it is."""
        return bool(self.subject or self.record_number)
