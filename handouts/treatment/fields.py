"""The field table: every detail of a treatment once, with its path in a file, its option, its help and its check."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from handouts.treatment import dates, named, values


class FieldKind(StrEnum):
    """What a form asks for in a detail, and what a program may give."""

    NAME = "name"
    LINE = "line"
    NOTE = "note"
    """A few lines."""
    DAY = "day"
    MOMENT = "moment"
    """A day with a time of day."""
    TIME_ZONE = "time-zone"
    LANGUAGE = "language"
    EMAIL = "email"
    LIST = "list"
    """Several lines."""
    NUMBERS = "numbers"
    """Numbers by the names of settings."""
    PERIODS = "periods"
    """How long and why, by the names of waiting periods."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One detail. `path` is its dotted place in JSON and TOML; `repeated` options may be given several times.

    `check` returns the value; it raises a ValueFault, or an ExceptionGroup of those where the value is a table.
    """

    path: str
    kind: FieldKind
    option: str
    metavar: str
    help: str
    check: Callable[[object], object]
    repeated: bool = False
    required: bool = False


FIELDS: tuple[Field, ...] = (
    Field(
        path="patient.name",
        kind=FieldKind.NAME,
        option="--patient",
        metavar="NAME",
        help="The patient's name, in any script.",
        check=values.name,
        required=True,
    ),
    Field(
        path="patient.birth_date",
        kind=FieldKind.DAY,
        option="--birth-date",
        metavar="DATE",
        help="The patient's date of birth, as 1990-01-31.",
        check=dates.day,
    ),
    Field(
        path="patient.record_number",
        kind=FieldKind.LINE,
        option="--record-number",
        metavar="TEXT",
        help="The patient's number in your records.",
        check=values.line,
    ),
    Field(
        path="patient.language",
        kind=FieldKind.LANGUAGE,
        option="--patient-language",
        metavar="TAG",
        help="The language in which the patient reads, such as es or zh-Hans.",
        check=values.language,
    ),
    Field(
        path="patient.email",
        kind=FieldKind.EMAIL,
        option="--patient-email",
        metavar="ADDRESS",
        help="The patient's email address.",
        check=values.email,
    ),
    Field(
        path="procedure",
        kind=FieldKind.LINE,
        option="--procedure",
        metavar="NAME",
        help="What was done, by the name that the document gives it. Needed where a document covers several.",
        check=values.line,
    ),
    Field(
        path="body_sites",
        kind=FieldKind.LIST,
        option="--body-site",
        metavar="NAME",
        help="Where it was done, by the document's name for the place, such as face.",
        check=values.many,
        repeated=True,
    ),
    Field(
        path="performed_on",
        kind=FieldKind.MOMENT,
        option="--performed-on",
        metavar="TIME",
        help='When it was done, as "2026-11-21 15:00", or 15:00 for today. Now, if left out. '
        "On a document that is read before a treatment: the appointment; no date, if left out.",
        check=dates.moment_or_today,
    ),
    Field(
        path="time_zone",
        kind=FieldKind.TIME_ZONE,
        option="--time-zone",
        metavar="ZONE",
        help="The time zone of that time, such as Europe/London. The clinic's own, if left out.",
        check=values.line,
    ),
    Field(
        path="practitioner",
        kind=FieldKind.NAME,
        option="--practitioner",
        metavar="NAME",
        help="Who did it.",
        check=values.name,
    ),
    Field(
        path="settings",
        kind=FieldKind.NUMBERS,
        option="--setting",
        metavar="NAME=NUMBER",
        help="A setting of the device that the document knows, such as needle_depth=1.5.",
        check=named.settings,
        repeated=True,
    ),
    Field(
        path="products",
        kind=FieldKind.LIST,
        option="--product",
        metavar="NAME",
        help="A product that was used.",
        check=values.many,
        repeated=True,
    ),
    Field(
        path="follow_up",
        kind=FieldKind.MOMENT,
        option="--follow-up",
        metavar="TIME",
        help='The next appointment, as "2027-01-04 10:30".',
        check=dates.moment,
    ),
    Field(
        path="note",
        kind=FieldKind.NOTE,
        option="--note",
        metavar="TEXT",
        help="The clinician's note to this patient. It is printed as it stands, in no other language.",
        check=values.note,
    ),
    Field(
        path="note_language",
        kind=FieldKind.LANGUAGE,
        option="--note-language",
        metavar="TAG",
        help="The language of the note and of the reasons for longer periods, such as en.",
        check=values.language,
    ),
    Field(
        path="waiting_periods",
        kind=FieldKind.PERIODS,
        option="--wait",
        metavar="NAME=PERIOD: REASON",
        help='A longer waiting period for this patient, such as "make-up=3 days: thin skin".',
        check=named.periods,
        repeated=True,
    ),
)
