"""What clinic.toml may hold, as a pydantic model; docs/schemas/clinic.schema.json is generated from it."""

import unicodedata
import zoneinfo
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from handouts.addresses import mailbox
from handouts.checking import AS_TUPLE, FINGERPRINT, Form, StrictModel
from handouts.codes import Code
from handouts.errors import nearest
from handouts.periods import Period, typed_duration, with_units
from handouts.reasons import says_why

_JOINERS = "\u200c\u200d"  # They spell Persian and Indic names.
_MARKS = "\u200e\u200f\u061c"  # They put a number in its place, and turn nothing else (Unicode UAX 9).


def _one_line(value: str) -> str:
    if "\ufffd" in value:
        raise ValueError(Code.DAMAGED_TEXT)
    if "\n" in value.strip():
        raise ValueError(Code.LINE_BREAK)
    printed = (letter for letter in value if letter not in _JOINERS + _MARKS)
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in printed):
        raise ValueError(Code.CONTROL_CHARACTER)
    if not value.strip(f" {_JOINERS}{_MARKS}\u00a0"):
        raise ValueError(Code.EMPTY_VALUE)
    return value.strip()


def _one_line_or_none(value: str) -> str:
    return _one_line(value) if value else value


def _filled_in(value: object) -> object:
    """Refuse what a new clinic's file leaves empty, before anything else is said of it."""
    if value in ("", []):
        raise ValueError(Code.EMPTY_VALUE)
    return value


def _address(value: str) -> str:
    if value and not mailbox(value):
        raise ValueError(Code.NOT_AN_ADDRESS)
    return value


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(Code.UNKNOWN_TIME_ZONE, {}, nearest(value, zoneinfo.available_timezones())) from None
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(Code.UNKNOWN_COUNTRY)
    return value


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
LineOrNone = Annotated[str, Field(max_length=200), AfterValidator(_one_line_or_none)]
"""A key that may as well be left out: "" says so."""
Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=6), AS_TUPLE]
LinesOrNone = Annotated[tuple[Line, ...], Field(max_length=6), AS_TUPLE]

_HEX = "#[0-9a-fA-F]{6}"
_HEX_WORDS = "be # and six digits or letters a to f, such as #0b5c6b"
Colour = Annotated[str, Form(pattern=_HEX, must=_HEX_WORDS)]
ColourOrNone = Annotated[str, Form(pattern=f"({_HEX})?", must=_HEX_WORDS)]
EmailOrNone = Annotated[LineOrNone, AfterValidator(_address)]
WebsiteOrNone = Annotated[LineOrNone, Form(pattern=r"(https://\S+)?", must="begin with https://")]
Typeface = Annotated[Line, Form(pattern=r"([^\W_]|[ -])+", must="be letters, digits, spaces and -")]
ShortNumber = Annotated[str, Form(pattern=r"[0-9]{2,6}", must="be two to six digits")]


class ContactTable(StrictModel):
    """How a patient reaches the clinic. Telephone numbers are E.164: +, country code, number."""

    telephone: Annotated[str, BeforeValidator(_filled_in)]
    out_of_hours: str = ""
    email: EmailOrNone = ""
    website: WebsiteOrNone = ""
    opening_hours: LineOrNone = ""


class EmergencyTable(StrictModel):
    """The emergency number of the clinic's country; `wording` by language replaces the sheet's own sentence."""

    number: Annotated[ShortNumber, BeforeValidator(_filled_in)]
    wording: dict[str, Line] = Field(default_factory=dict)


class ColoursTable(StrictModel):
    """Brand colours: primary for headings, rules and pictograms, accent for bullets and the rule beside a note."""

    primary: Colour = "#0b5c6b"
    accent: ColourOrNone = ""


@with_units(at_least=0)
class PeriodTable(Period):
    """The clinic's own waiting period: exactly one of hours, days and weeks.

    One that is shorter than the document's says why, in words; so does one of 0, which is none at all.
    """

    shorter_because: LineOrNone = ""

    @model_validator(mode="before")
    @classmethod
    def _is_table(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            meant = typed_duration(value) if isinstance(value, str) else None
            raise ValueError(
                Code.PERIOD_FORM, {"example": f"{meant.unit.key} = {meant.amount}" if meant else "days = 3"}
            )
        return value

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.shorter_because and not says_why(self.shorter_because, words=2):
            raise ValueError(Code.SAYS_NO_REASON)
        if not (self.duration.amount or self.shorter_because):
            raise ValueError(Code.NONE_AT_ALL)
        return self


class ApprovalTable(StrictModel):
    """A named person of the clinic has approved one version of a document, as it is printed for this clinic.

    `handouts approve` writes it, with the fingerprint of what was approved.
    """

    document: Line
    version: Line
    by: Line
    on: date
    fingerprint: Annotated[str, FINGERPRINT] = ""


class TextsTable(StrictModel):
    """The clinic's own texts in one language; what is left out stays in the default language."""

    name: LineOrNone = ""
    address: LinesOrNone = ()
    opening_hours: LineOrNone = ""
    regulator: LineOrNone = ""


class ClinicFile(StrictModel):
    """The whole of clinic.toml. Without a `logo` the clinic's name is set large in its place."""

    name: Line
    address: Lines
    country: Annotated[str, AfterValidator(_country), BeforeValidator(_filled_in)]
    time_zone: Annotated[str, AfterValidator(_zone), BeforeValidator(_filled_in)]
    default_language: str = "en"
    paper: Annotated[Literal["A4", "Letter"], BeforeValidator(_filled_in)] = "A4"
    logo: LineOrNone = ""
    typeface: Typeface = "Noto Sans"
    regulator: LineOrNone = ""
    contact: ContactTable
    emergency: EmergencyTable
    colours: ColoursTable = ColoursTable()
    waiting_periods: dict[str, dict[str, PeriodTable]] = Field(default_factory=dict)
    approvals: Annotated[tuple[ApprovalTable, ...], AS_TUPLE] = ()
    texts: dict[str, TextsTable] = Field(default_factory=dict)
