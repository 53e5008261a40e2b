"""The YAML between a document's first two `---` lines -> the checked data that the document declares."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal, Self

import yaml
from babel import localedata
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from handouts.checking import AS_TUPLE, FINGERPRINT, FileText, StrictModel, check
from handouts.codes import Code
from handouts.documents.plain_yaml import read_yaml
from handouts.errors import InputError, Kind, ValueFault, nearest
from handouts.inline import SpanKind, spans
from handouts.languages import canonical, known_tags
from handouts.periods import Period, with_units

IDENTIFIER_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NAME_PATTERN = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
DECIMAL = r"\A[-+]?(?:[0-9]{1,18}(?:\.[0-9]{1,18})?|\.[0-9]{1,18})\Z"


def _words(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _inline(value: str) -> str:
    """Refuse what handouts.inline refuses, as the body does."""
    spans(value)
    return value


def _plain(value: str) -> str:
    """Refuse all markup: templates print these texts as they stand."""
    if any(span.kind is not SpanKind.PLAIN for span in spans(_inline(value))):
        raise ValueFault(Code.MARKUP_IN_LABEL)
    return value


def _decimal(value: object) -> object:
    """Return a number as text, digit by digit."""
    text = format(Decimal(str(value)), "f") if type(value) in (int, float) else value
    if not (isinstance(text, str) and re.match(DECIMAL, text)):
        raise ValueFault(Code.WRONG_TYPE, wanted="a number")
    return text


def _unit(value: str) -> str:
    if value and value not in units():
        raise ValueFault(Code.UNKNOWN_UNIT, nearest=nearest(value, units()), name=value)
    return value


def _language(value: str) -> str:
    if value not in known_tags():
        guess = canonical(value) or nearest(value, known_tags())
        raise ValueFault(Code.UNKNOWN_LANGUAGE, nearest=guess, tag=value, known=", ".join(known_tags()))
    return value


@cache
def units() -> tuple[str, ...]:
    """Return the units of CLDR that a number can be printed with, with and without their kind (length-millimeter)."""
    full = tuple(localedata.load("en")["unit_patterns"])
    return (*full, *(name.partition("-")[2] for name in full))


Words = Annotated[str, BeforeValidator(_words), Field(min_length=1)]
Label = Annotated[Words, AfterValidator(_plain)]
TaskText = Annotated[Words, AfterValidator(_inline)]
Bound = Annotated[str, BeforeValidator(_decimal), WithJsonSchema({"type": ["number", "string"]})]
Fingerprint = Annotated[str, FINGERPRINT]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], AS_TUPLE]


class Bounds(StrictModel):
    """What a setting may be, or what a condition asks of it: from `at_least` to `at_most`, both included."""

    at_least: Bound = ""
    """The smallest number that is meant."""
    at_most: Bound = ""
    """The largest."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.at_least and self.at_most and Decimal(self.at_least) > Decimal(self.at_most):
            raise ValueFault(Code.BOUNDS_BACKWARDS)
        return self


@with_units(at_least=1)
class PeriodEntry(Period):
    """A waiting period: exactly one of hours, days and weeks, or none of them where its kind is `never`.

    The same id may stand several times, each time `when` something else: the strictest that applies goes on the sheet.
    """

    id: Annotated[str, Field(pattern=IDENTIFIER_PATTERN)]
    """Small letters, digits and hyphens. A clinic changes the period by it."""
    label: Label
    """What the row is called, without markup."""
    kind: Literal["avoid", "keep-up", "never"]
    """`avoid` stands under “When you can start again”, `keep-up` under “Keep doing”. `never` stands with the former as
    “Always avoid”, without a date, and no clinic can shorten it."""
    pictogram: str = ""
    """A file of `templates/handout/pictograms/`, without `.svg`."""
    source: str
    """A name of `sources`."""
    when: str = ""
    """A name of `conditions`: the row is there only where it holds, or may hold."""

    def _expected(self) -> int:
        return 0 if self.kind == "never" else 1


class SettingEntry(Bounds):
    """A device setting; `unit` is a CLDR unit such as millimeter."""

    label: Label
    """What it is called on the sheet."""
    unit: Annotated[str, AfterValidator(_unit)] = ""
    """A unit of CLDR, such as `millimeter`."""


class ConditionEntry(Bounds):
    """A test on the treatment's details."""

    body_site: Names = ()
    """True where one of these was treated."""
    product: Names = ()
    """True where one of these was used."""
    setting: str = ""
    """A name of `settings`, which is held against `at_least` and `at_most`."""

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        bounded = bool(self.at_least or self.at_most)
        if not (self.body_site or self.product or bounded) or (bounded and not self.setting):
            raise ValueFault(Code.EMPTY_CONDITION)
        return self


class PlannerEntry(StrictModel):
    """The patient's day planner: days from the treatment on, and what to tick each day."""

    days: Annotated[int, Field(ge=1, le=14)]
    """How many, from the treatment on."""
    tasks: Annotated[tuple[TaskText, ...], AS_TUPLE, Field(min_length=1, max_length=5)]
    """What there is to tick each day."""


class ReviewEntry(StrictModel):
    """Who reviewed the text, in what capacity, when, and the date until which it may be used.

    `handouts review` writes it, with the fingerprint of the text that was read.
    """

    by: str = ""
    """Who read the text; `""` before anybody has."""
    role: str = ""
    """In what capacity."""
    on: date | None = None
    """The day."""
    due: date
    """Until when the text may be used, as `2027-11-21`."""
    fingerprint: Fingerprint = ""
    """Written by the command; it ends with the first word, period or condition that changes."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.by) != (self.on is not None) or (self.fingerprint and not self.by):
            raise ValueFault(Code.HALF_REVIEW)
        return self


class SourceEntry(StrictModel):
    """A source: citation, and where it can be read."""

    citation: Words
    """As it is quoted."""
    url: Annotated[str, Field(pattern=r"^https://")] = ""
    """Begins with `https://`; the source of a waiting period needs one, so that it can be read."""


class FrontMatter(StrictModel):
    """What the front matter of a document may hold."""

    id: Annotated[str, Field(pattern=IDENTIFIER_PATTERN)]
    """The file's name without `.md`: small letters, digits and hyphens."""
    version: Annotated[str, Field(min_length=1, max_length=20)]
    """Changed by hand when the text changes; in quotes."""
    language: Annotated[str, AfterValidator(_language)] = "en"
    """The language that the document is written in."""
    read: Literal["before", "after"] = "after"
    """`before` for a sheet that is read before a treatment: it has no dated rows."""
    title: Label
    """Without markup and without the name of a patient."""
    summary: Label
    """One sentence below the title."""
    treatments: Annotated[dict[str, Label], Field(min_length=1)]
    """The treatments that it is for: a name, and what it is called on the sheet."""
    body_sites: dict[str, Label] = Field(default_factory=dict)
    """Where it may be done: a name, and what it is called on the sheet."""
    settings: dict[str, SettingEntry] = Field(default_factory=dict)
    """What a device may be set to."""
    conditions: dict[str, ConditionEntry] = Field(default_factory=dict)
    """Names for tests on the treatment's details; blocks and periods use them."""
    waiting_periods: Annotated[tuple[PeriodEntry, ...], AS_TUPLE, Field(max_length=30)] = ()
    """The dated rows."""
    planner: PlannerEntry | None = None
    """The days to tick, for the block `::: planner`."""
    review: ReviewEntry
    """Who has reviewed the text, when, and when that is due again."""
    sources: Annotated[dict[str, SourceEntry], Field(min_length=1)]
    """A name, and what is cited. Every period names one."""
    notes_for_clinicians: str = ""
    """Not printed: `handouts show` has them."""

    @field_validator("treatments", "body_sites", "settings", "conditions", "sources")
    @classmethod
    def _plain_names(cls, value: dict[str, object]) -> dict[str, object]:
        bad = next((name for name in value if not re.match(NAME_PATTERN, name)), "")
        if bad:
            raise ValueFault(Code.BAD_NAME, name=bad)
        return value


def read(text: str, source: str) -> tuple[FrontMatter, FileText]:
    """Return the checked front matter and its lines; raise InputError with every fault."""
    try:
        head = read_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", "") or "not YAML")
        line = mark.line + 2 if mark else None
        raise InputError.of(Kind.DOCUMENT, Code.NOT_YAML, source, line, reason=reason) from None
    if not isinstance(head.data, Mapping):
        raise InputError.of(Kind.DOCUMENT, Code.NO_FRONT_MATTER, source, 1)
    file = FileText(kind=Kind.DOCUMENT, source=source, lines=head.lines, first_line=1)
    problems = [
        replace(file.problem(Code.KEY_TWICE, path, key=str(path[-1])), line=line + file.first_line)
        for path, line in head.twice
    ]
    problems += [
        file.problem(Code.WRONG_TYPE, path, key=str(path[-1]), wanted="text in quotes") for path in head.not_text
    ]
    try:
        front = check(FrontMatter, head.data, file)
    except InputError as error:
        raise InputError((*problems, *error.problems)) from None
    if problems:
        raise InputError(problems)
    return front, file
