"""The clinic as its sheets show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from handouts.records.block_kinds import BlockKind
from handouts.records.handout import Face, Paper
from handouts.records.schedule import Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Telephone:
    """A number as dialled (E.164) and as people of the clinic's country write it."""

    e164: str
    national: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyContact:
    """Whom to call when life is in danger: the country's number; `wording` by language overrides the sheet's own."""

    number: str
    wording: Mapping[str, str]


LOGO_HEIGHT, LOGO_WIDTH = 15, 50
"""Millimetres that a logo is high and wide at most, where the clinic says nothing else."""


class LogoPlace(StrEnum):
    """Where the logo stands in the sheet's head; left and right change places in languages from the right."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Head(StrEnum):
    """How the sheet's head looks: a rule below it, or a ground in the clinic's colour and a rule in the other one."""

    RULE = "rule"
    BAND = "band"


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What of a sheet's look a clinic chooses without a template.

    `order` names kinds of blocks that stand in this order among themselves, `hidden` details that the panel leaves out,
    by the names of its entries.
    """

    logo: LogoPlace = LogoPlace.LEFT
    head: Head = Head.RULE
    order: tuple[BlockKind, ...] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Logo:
    """A picture as a data URI, checked to be one; `aspect` is its width divided by its height, above 0.

    `height` is how many millimetres high it may be. `vector` is the same picture as SVG, "" where only pixels are known
    to be right: the press puts it in the place of `data_uri` if the typesetter draws it alike.
    """

    data_uri: str
    aspect: float
    vector: str = ""
    height: int = LOGO_HEIGHT

    @staticmethod
    def printed_width(aspect: float, height: int = LOGO_HEIGHT) -> float:
        """Return how many millimetres wide a logo of this aspect is printed, at most so high: 15, and then 50 wide."""
        return min(LOGO_WIDTH * height / LOGO_HEIGHT, height * aspect)

    @property
    def width(self) -> float:
        """The logo's width on a sheet in millimetres."""
        return self.printed_width(self.aspect, self.height)


@dataclass(frozen=True, kw_only=True, slots=True)
class Colours:
    """Colours as #rrggbb: `primary` and `accent` pass WCAG 2.2 contrast on white and on `tint`.

    `primary` is for text, 4.5:1 (1.4.3), `accent` for graphics, 3:1 (1.4.11). `brand` is the clinic's own colour,
    however pale, for rules, frames and grounds; text on it is `on_brand`, 4.5:1.
    """

    primary: str
    accent: str
    tint: str
    brand: str
    on_brand: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningHours:
    """When the clinic is open on some days: the first and last of each range, Monday is 0; no `times`: closed.

    A range may go over the end of the week. Midnight at the end of a day is time(0, 0).
    """

    days: tuple[tuple[int, int], ...]
    times: tuple[tuple[time, time], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPeriod:
    """The clinic's own waiting period; one shorter than the document's counts only with `shorter_because`.

    It holds on every document of one treatment: `treatment` is that treatment's name in the documents, or the id of a
    document, whose treatments are meant. `line` is where clinic.toml has it.
    """

    treatment: str
    id: str
    duration: Duration
    shorter_because: str = ""
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What a service of the clinic's practice system is: of which document it gets a sheet, and with which details.

    `name` is the practice system's own. What is left out is "" or empty, and comes from the row or the command. `line`
    is where clinic.toml has it.
    """

    name: str
    document: str = ""
    procedure: str = ""
    body_sites: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    has_sheet: bool = True
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A named person of the clinic has approved this version of a document, as it is printed for this clinic.

    `fingerprint` is that of what was approved, "" where the approval does not say; `line` is where clinic.toml has it.
    """

    document: str
    version: str
    by: str
    on: date
    fingerprint: str = ""
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Branding:
    """Everything a sheet says about the clinic, with its name in place of a logo where there is none.

    `calendar` is "persian" or "gregorian" where the clinic says which comes first, else "".
    `typeface` is a family that is installed, or that of the `faces`, the clinic's own font files.
    `hours` are the opening hours as days and times, none where `opening_hours` says them in words.
    `texts` maps a language to its wording of name, address and so on; `links` is where its templates may lead besides.
    `languages` has the tag of the language in which a record's is set that has no sheets, by that one's folded name.
    `lines` tells where clinic.toml has its keys and tables, by their dotted names.
    """

    name: str
    address: tuple[str, ...]
    telephone: Telephone
    out_of_hours: Telephone | None
    emergency: EmergencyContact
    email: str
    website: str
    links: tuple[str, ...]
    opening_hours: str
    hours: tuple[OpeningHours, ...]
    urgent_care: str
    regulator: str
    footer: str
    logo: Logo | None
    colours: Colours
    look: Look
    typeface: str
    faces: tuple[Face, ...]
    paper: Paper
    country: str
    calendar: str
    time_zone: str
    default_language: str
    languages: Mapping[str, str]
    periods: tuple[OwnPeriod, ...]
    approvals: tuple[Approval, ...]
    texts: Mapping[str, Mapping[str, str]]
    services: tuple[Service, ...]
    codes: Mapping[str, str]
    lines: Mapping[str, int] = field(repr=False)

    def text(self, key: str, language: str) -> tuple[str, str]:
        """Return a text and the language it is in: `language` where the clinic wrote it so, else its default."""
        own = self.texts.get(language, {}).get(key, "")
        if own:
            return own, language
        value = "\n".join(self.address) if key == "address" else str(getattr(self, key))
        return value, self.default_language
