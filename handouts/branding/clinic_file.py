"""What clinic.toml may hold, as a pydantic model; docs/schemas/clinic.schema.json is generated from it."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from handouts.addresses import mailbox
from handouts.branding.opening_hours import days_of, opening_hours, times_of
from handouts.checking import AS_TUPLE, FINGERPRINT, Form, StrictModel
from handouts.codes import Code
from handouts.errors import ValueFault, nearest
from handouts.languages import folded
from handouts.misread import unmisread
from handouts.periods import Period, typed_duration, with_units
from handouts.reasons import says_why
from handouts.records import CONTAINERS, LOGO_HEIGHT, MOVABLE
from handouts.time_zones import zone_names

_JOINERS = "\u200c\u200d"  # They spell Persian and Indic names.
_MARKS = "\u200e\u200f\u061c"  # They put a number in its place, and turn nothing else (Unicode UAX 9).


def _one_line(value: str) -> str:
    if "\ufffd" in value or unmisread(value):
        raise ValueFault(Code.DAMAGED_TEXT)
    if "\n" in value.strip():
        raise ValueFault(Code.LINE_BREAK)
    printed = (letter for letter in value if letter not in _JOINERS + _MARKS)
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in printed):
        raise ValueFault(Code.CONTROL_CHARACTER)
    if not value.strip(f" {_JOINERS}{_MARKS}\u00a0"):
        raise ValueFault(Code.EMPTY_VALUE)
    return value.strip()


def _one_line_or_none(value: str) -> str:
    return _one_line(value) if value else value


def _in_words(value: str) -> str:
    """Refuse a reason that says nothing; "" is none."""
    if value and not says_why(value, words=2):
        raise ValueFault(Code.CONFIRMED_WITHOUT_WORDS)
    return value


def _filled_in(value: object) -> object:
    """Refuse what a new clinic's file leaves empty, before anything else is said of it."""
    if value in ("", []):
        raise ValueFault(Code.EMPTY_VALUE)
    return value


def _address(value: str) -> str:
    if value and not mailbox(value):
        raise ValueFault(Code.NOT_AN_ADDRESS)
    return value


def _zone(value: str) -> str:
    if value not in zone_names():
        raise ValueFault(Code.UNKNOWN_TIME_ZONE, nearest=nearest(value, zone_names()))
    return value


def _country(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueFault(Code.UNKNOWN_COUNTRY)
    return value


CAN_BE_HIDDEN = (
    "birth_date",
    "record_number",
    "procedure",
    "body_sites",
    "practitioner",
    "settings",
    "products",
    "follow_up",
)
ALWAYS_SHOWN = ("patient", "name", "performed_on", "appointment")
"""Whose sheet it is, and from when its dates count."""

OneLine = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
LineOrNone = Annotated[str, Field(max_length=200), AfterValidator(_one_line_or_none)]
"""A key that may as well be left out: "" says so."""
Lines = Annotated[tuple[OneLine, ...], Field(min_length=1, max_length=6), AS_TUPLE]
LinesOrNone = Annotated[tuple[OneLine, ...], Field(max_length=6), AS_TUPLE]

_HEX = "#[0-9a-fA-F]{6}"
_HEX_WORDS = "be # and six digits or letters a to f, such as #0b5c6b"
Colour = Annotated[str, Form(pattern=_HEX, must=_HEX_WORDS)]
ColourOrNone = Annotated[str, Form(pattern=f"({_HEX})?", must=_HEX_WORDS)]
EmailOrNone = Annotated[LineOrNone, AfterValidator(_address)]
WebsiteOrNone = Annotated[LineOrNone, Form(pattern=r"(https://\S+)?", must="begin with https://")]
Link = Annotated[OneLine, Form(pattern=r"https://\S+", must="begin with https://")]
Links = Annotated[tuple[Link, ...], Field(max_length=20), AS_TUPLE]
Family = Annotated[OneLine, Form(pattern=r"([^\W_]|[ -])+", must="be letters, digits, spaces and -")]
CodeKey = Annotated[OneLine, Form(pattern=r"\S+\|\S+", must="be a system and a code with | between them")]
ShortNumber = Annotated[str, Form(pattern=r"[0-9]{2,6}", must="be two to six digits")]


def _days(value: str) -> str:
    days_of(value)
    return value


def _times(value: str) -> str:
    times_of(value)
    return value


def _each_day_once(value: dict[str, str]) -> dict[str, str]:
    opening_hours(value)
    return value


def _each_language_once(value: dict[str, str]) -> dict[str, str]:
    known: set[str] = set()
    for name in value:
        if folded(name) in known:
            raise ValueFault(Code.KEY_TWICE, key=name)
        known.add(folded(name))
    return value


def _kind_of_hours(value: object) -> str:
    return "[table]" if isinstance(value, Mapping) else "[line]"


Hours = Annotated[
    dict[Annotated[OneLine, AfterValidator(_days)], Annotated[OneLine, AfterValidator(_times)]],
    Field(min_length=1, max_length=7),
    AfterValidator(_each_day_once),
]
HoursOrLine = Annotated[
    Annotated[LineOrNone, Tag("[line]")] | Annotated[Hours, Tag("[table]")], Discriminator(_kind_of_hours)
]


class ContactTable(StrictModel):
    """How a patient reaches the clinic. Telephone numbers are E.164: +, country code, number."""

    telephone: Annotated[str, BeforeValidator(_filled_in)]
    """As `+12125550142`; printed as the country writes it."""
    out_of_hours: str = ""
    """When the clinic is closed: as `telephone`, or a short number of the country, such as `111` in Britain."""
    email: EmailOrNone = ""
    """The sender of emails to patients."""
    website: WebsiteOrNone = ""
    """Begins with `https://`."""
    links: Links = ()
    """Other web addresses that your templates may link to, such as `["https://clinic.example.org/booking"]`."""
    opening_hours: HoursOrLine = ""
    """Days and times, which every sheet has in its own language: see below. Or a line in the default language."""
    urgent_care: LineOrNone = ""
    """Where a patient goes whom nobody answers, such as `Harbor Urgent Care, 12 Example Street`."""


class EmergencyTable(StrictModel):
    """The emergency number of the clinic's country; `wording` by language replaces the sheet's own sentence."""

    number: Annotated[ShortNumber, BeforeValidator(_filled_in)]
    """Two to six digits, such as `911`, `999` or `112`; held against libphonenumber's list of the country's."""
    confirmed_because: Annotated[LineOrNone, AfterValidator(_in_words)] = ""
    """How you know that a number reaches the emergency services which that list lacks, in two words or more."""
    wording: dict[str, OneLine] = Field(default_factory=dict)
    """The sentence by language, as in `es = "…"`."""


def _said_once(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise ValueFault(Code.VALUE_REFUSED, reason="it must name each once")
    return value


def _can_be_hidden(value: str) -> str:
    if value in ALWAYS_SHOWN:
        raise ValueFault(Code.ALWAYS_SHOWN)
    if value not in CAN_BE_HIDDEN:
        raise ValueFault(
            Code.VALUE_REFUSED, nearest=nearest(value, CAN_BE_HIDDEN), reason=f"it must be {_listed(CAN_BE_HIDDEN)}"
        )
    return value


def _can_move(value: str) -> str:
    if value in CONTAINERS - {*MOVABLE}:
        raise ValueFault(Code.BLOCK_STAYS, movable=_listed(MOVABLE))
    if value not in MOVABLE:
        raise ValueFault(Code.VALUE_REFUSED, nearest=nearest(value, MOVABLE), reason=f"it must be {_listed(MOVABLE)}")
    return value


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


class LookTable(StrictModel):
    """How the sheet is arranged. Nothing that a patient needs can be taken away by it, or moved behind anything."""

    logo: Literal["left", "centre", "right"] = "left"
    """Where the logo stands, or the name in its place; left and right change places in languages from the right."""
    logo_height: Annotated[int, Field(ge=8, le=30)] = LOGO_HEIGHT
    """Millimetres that the logo is high at most; it is at most 3⅓ times as wide."""
    head: Literal["rule", "band"] = "rule"
    """A rule in the colour `primary` below the head, or a ground in it and a rule in `accent`."""
    order: Annotated[
        tuple[Annotated[str, AfterValidator(_can_move)], ...], Field(max_length=8), AfterValidator(_said_once), AS_TUPLE
    ] = ()
    """Kinds of blocks in the order in which they are to stand: see below which can."""
    hide: Annotated[
        tuple[Annotated[str, AfterValidator(_can_be_hidden)], ...],
        Field(max_length=8),
        AfterValidator(_said_once),
        AS_TUPLE,
    ] = ()
    """Details that the panel leaves out: see below which can."""


class TypefaceTable(StrictModel):
    """The clinic's own typeface, from font files in its folder: TTF, OTF, WOFF or WOFF2, 5 MB at most each.

    Sheets carry both, so their licence must allow that. What letters they lack, the shipped families draw.
    """

    regular: OneLine
    """The file of the upright letters, such as `fonts/Brand-Regular.ttf`."""
    bold: LineOrNone = ""
    """That of the bold ones. Only a variable font that goes so far, in `regular`, needs none."""


def _kind_of_typeface(value: object) -> str:
    return "[table]" if isinstance(value, Mapping | TypefaceTable) else "[family]"


Typeface = Annotated[
    Annotated[Family, Tag("[family]")] | Annotated[TypefaceTable, Tag("[table]")], Discriminator(_kind_of_typeface)
]


class ColoursTable(StrictModel):
    """Brand colours: primary for headings, rules and pictograms, accent for bullets and the rule beside a note."""

    primary: Colour = "#0b5c6b"
    """As `#0b5c6b`. Too pale to read, it stays in rules and frames; text takes the nearest shade that passes."""
    accent: ColourOrNone = ""
    """As `primary`; its colour, if left out."""


@with_units(at_least=0)
class PeriodTable(Period):
    """The clinic's own waiting period: exactly one of hours, days and weeks.

    One that is shorter than the document's says why, in words; so does one of 0, which is none at all.
    """

    shorter_because: LineOrNone = ""
    """Why something is allowed sooner than the document says, in two words or more."""

    @model_validator(mode="before")
    @classmethod
    def _is_table(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            meant = typed_duration(value) if isinstance(value, str) else None
            raise ValueFault(Code.PERIOD_FORM, example=f"{meant.unit.key} = {meant.amount}" if meant else "days = 3")
        return value

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.shorter_because and not says_why(self.shorter_because, words=2):
            raise ValueFault(Code.REASON_WITHOUT_WORDS)
        if not (self.duration.amount or self.shorter_because):
            raise ValueFault(Code.ZERO_WITHOUT_REASON)
        return self


class ApprovalTable(StrictModel):
    """A named person of the clinic has approved one version of a document, as it is printed for this clinic.

    `handouts approve` writes it, with the fingerprint of what was approved.
    """

    document: OneLine
    """The document's id."""
    version: OneLine
    """The version that was read."""
    by: OneLine
    """Who approved, and in what capacity."""
    on: date
    """The day, as `2026-11-02`."""
    fingerprint: Annotated[str, FINGERPRINT] = ""
    """Written by the command; it ends with the first word, period or condition that changes."""


def _number_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


NumberOrLine = Annotated[
    OneLine, BeforeValidator(_number_text), Field(json_schema_extra={"type": ["number", "string"]})
]


class ServiceTable(StrictModel):
    """What a service of the clinic's practice system is, by the name that its exports have for it."""

    document: LineOrNone = ""
    """The document of which its patients get a sheet; the command's own, if left out."""
    procedure: LineOrNone = ""
    """The treatment, by the document's name for it."""
    body_sites: Annotated[tuple[OneLine, ...], Field(max_length=20), AS_TUPLE] = ()
    """Where, by the document's names: `["face"]`."""
    settings: Annotated[dict[OneLine, NumberOrLine], Field(max_length=20)] = Field(default_factory=dict)
    """Settings that are always the same, such as `{ needle_depth = 0.5 }`."""
    products: Annotated[tuple[OneLine, ...], Field(max_length=20), AS_TUPLE] = ()
    """Products that are always used."""
    sheet: bool = True
    """`false` for a service that gets no sheet, such as a consultation."""


def _each_service_once(value: dict[str, ServiceTable]) -> dict[str, ServiceTable]:
    if len({" ".join(name.casefold().split()) for name in value}) < len(value):
        raise ValueFault(Code.VALUE_REFUSED, reason="it must name each service once; case makes no difference")
    return value


class TextsTable(StrictModel):
    """The clinic's own texts in one language; what is left out stays in the default language."""

    name: LineOrNone = ""
    """As patients who read this language know the clinic."""
    address: LinesOrNone = ()
    """Line by line."""
    opening_hours: LineOrNone = ""
    """Where it is left out and the sheet is in this language, `check` says so."""
    urgent_care: LineOrNone = ""
    """The same."""
    regulator: LineOrNone = ""
    """The same."""
    footer: LineOrNone = ""
    """The same."""


class ClinicFile(StrictModel):
    """The whole of clinic.toml. Without a `logo` the clinic's name is set large in its place."""

    name: OneLine
    """As patients know it."""
    address: Lines
    """Line by line, as on an envelope; six lines at most."""
    country: Annotated[str, AfterValidator(_country), BeforeValidator(_filled_in)]
    """Two capital letters, such as `GB`: how telephone numbers are written, and which emergency numbers there are."""
    calendar: Literal["", "persian", "gregorian"] = ""
    """The calendar of dates in a language that has two. Left out, what the country uses: `persian` in Iran and
    Afghanistan, on sheets in Persian, with the Gregorian date beside whole dates."""
    time_zone: Annotated[str, AfterValidator(_zone), BeforeValidator(_filled_in)]
    """Such as `America/New_York`. Every time on a sheet is in it."""
    default_language: str = "en"
    """The language that this file is written in, and of a sheet where nobody says another."""
    paper: Annotated[Literal["A4", "Letter"], BeforeValidator(_filled_in)] = "A4"
    """The paper of every sheet, unless a command says another."""
    logo: LineOrNone = ""
    """A file in this folder: SVG, PNG or JPEG."""
    typeface: Typeface = "Noto Sans"
    """A family that is installed, or a table `[typeface]` with font files; each script keeps its own besides."""
    regulator: LineOrNone = ""
    """Who licenses the clinic, with the number."""
    footer: LineOrNone = ""
    """A line of your own at the sheet's end."""
    contact: ContactTable
    """Telephone numbers and other ways to reach the clinic."""
    emergency: EmergencyTable
    """Whom a patient calls in an emergency."""
    colours: ColoursTable = ColoursTable()
    """The clinic's two colours."""
    look: LookTable = LookTable()
    """Logo, head, order of blocks, details."""
    waiting_periods: dict[str, dict[str, PeriodTable]] = Field(default_factory=dict)
    """By treatment, then by the id of the period; they hold on every document of that treatment."""
    services: Annotated[dict[OneLine, ServiceTable], AfterValidator(_each_service_once)] = Field(default_factory=dict)
    """What a practice system's exports call a service, and which sheet that is."""
    codes: dict[CodeKey, OneLine] = Field(default_factory=dict)
    """What a record system's codes are called in your documents: `"http://snomed.info/sct|89545001" = "face"` for a
    procedure or a place, with the unit behind a further `|` for a setting. For files in FHIR."""
    approvals: Annotated[tuple[ApprovalTable, ...], AS_TUPLE] = ()
    """Written by `handouts approve`."""
    texts: dict[str, TextsTable] = Field(default_factory=dict)
    """By language, such as `[texts.es]`."""
    languages: Annotated[dict[OneLine, str], AfterValidator(_each_language_once)] = Field(default_factory=dict)
    """For a language in your records that there are no sheets in, the one that is taken: `Somali = "en"`."""
