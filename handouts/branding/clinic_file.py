"""What clinic.toml may hold, as a pydantic model; schemas/clinic.schema.json is generated from it."""

import zoneinfo
from datetime import date
from typing import Annotated, Literal, Self

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from handouts.checking import StrictModel


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _one_line(value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ValueError("control-character")
    return value.strip()


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("unknown-time-zone") from None
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("unknown-country")
    return value


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_tuple), Field(min_length=1, max_length=6)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Email = Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")]


class ContactTable(StrictModel):
    """How a patient reaches the clinic. Telephone numbers are E.164: +, country code, number."""

    telephone: str
    out_of_hours: str = ""
    email: Email | Literal[""] = ""
    website: Annotated[str, Field(pattern=r"^https://\S+$")] | Literal[""] = ""
    opening_hours: Line | Literal[""] = ""


class EmergencyTable(StrictModel):
    """The emergency number of the clinic's country; `wording` by language replaces the sheet's own sentence."""

    number: Annotated[str, Field(pattern=r"^[0-9]{2,6}$")]
    wording: dict[str, Line] = Field(default_factory=dict)


class ColoursTable(StrictModel):
    """Brand colours: primary for text and bands, accent for rules and pictograms."""

    primary: Colour = "#0b5c6b"
    accent: Colour | Literal[""] = ""


class PeriodTable(StrictModel):
    """The clinic's own waiting period: exactly one of hours, days and weeks."""

    hours: Annotated[int, Field(ge=0, le=2000)] | None = None
    days: Annotated[int, Field(ge=0, le=1000)] | None = None
    weeks: Annotated[int, Field(ge=0, le=200)] | None = None
    shorter_because: Line | Literal[""] = ""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.hours, self.days, self.weeks)) != 1:
            raise ValueError("one-unit")
        return self


class ApprovalTable(StrictModel):
    """A named person of the clinic has approved one version of a document."""

    document: str
    version: str
    by: Line
    on: date


class TextsTable(StrictModel):
    """The clinic's own texts in one language; what is left out stays in the default language."""

    name: Line | Literal[""] = ""
    address: Lines | tuple[()] = ()
    opening_hours: Line | Literal[""] = ""
    regulator: Line | Literal[""] = ""


class ClinicFile(StrictModel):
    """The whole of clinic.toml."""

    name: Line
    address: Lines
    country: Annotated[str, AfterValidator(_country)]
    time_zone: Annotated[str, AfterValidator(_zone)]
    default_language: str = "en"
    paper: Literal["A4", "Letter"] = "A4"
    logo: str
    typeface: Line = "Noto Sans"
    regulator: Line | Literal[""] = ""
    contact: ContactTable
    emergency: EmergencyTable
    colours: ColoursTable = ColoursTable()
    waiting_periods: dict[str, dict[str, PeriodTable]] = Field(default_factory=dict)
    approvals: Annotated[tuple[ApprovalTable, ...], BeforeValidator(_tuple)] = ()
    texts: dict[str, TextsTable] = Field(default_factory=dict)
