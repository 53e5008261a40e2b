"""The YAML between a document's first two `---` lines -> the checked data that the document declares."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

import yaml
from pydantic import BeforeValidator, Field, field_validator, model_validator

from handouts.checking import FileText, StrictModel, check
from handouts.errors import InputError, Kind, Problem
from handouts.lines import yaml_lines

IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NAME = r"^[a-z0-9]+([-_][a-z0-9]+)*$"


def _number_as_written(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _words(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_words), Field(min_length=1)]
Bound = Annotated[str, BeforeValidator(_number_as_written)]
Names = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class PeriodEntry(StrictModel):
    """A waiting period: exactly one of hours, days and weeks."""

    id: Annotated[str, Field(pattern=IDENTIFIER)]
    label: Words
    kind: Literal["avoid", "keep-up"]
    hours: Annotated[int, Field(ge=0, le=2000)] | None = None
    days: Annotated[int, Field(ge=0, le=1000)] | None = None
    weeks: Annotated[int, Field(ge=0, le=200)] | None = None
    pictogram: str = ""
    source: str
    when: str = ""

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.hours, self.days, self.weeks)) != 1:
            raise ValueError("one-unit")
        return self


class SettingEntry(StrictModel):
    """A device setting; `unit` is a CLDR unit such as millimeter."""

    label: Words
    unit: str = ""
    at_least: Bound = ""
    at_most: Bound = ""


class ConditionEntry(StrictModel):
    """A test on the treatment's details."""

    body_site: Names = ()
    product: Names = ()
    setting: str = ""
    at_least: Bound = ""
    at_most: Bound = ""

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        if not (self.body_site or self.product or (self.setting and (self.at_least or self.at_most))):
            raise ValueError("empty-condition")
        return self


class PlannerEntry(StrictModel):
    """The patient's day planner: days from the treatment on, and what to tick each day."""

    days: Annotated[int, Field(ge=1, le=7)]
    tasks: Annotated[tuple[Words, ...], BeforeValidator(_tuple), Field(min_length=1, max_length=5)]


class ReviewEntry(StrictModel):
    """Who reviewed the text, in what capacity, when, and the date until which it may be used."""

    by: str = ""
    role: str = ""
    on: date | None = None
    due: date

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.by) != (self.on is not None):
            raise ValueError("half-review")
        return self


class SourceEntry(StrictModel):
    """A source: citation, and where it can be read."""

    citation: Words
    url: Annotated[str, Field(pattern=r"^https://")] = ""


class FrontMatter(StrictModel):
    """What the front matter of a document may hold. schemas/document.schema.json is generated from this."""

    id: Annotated[str, Field(pattern=IDENTIFIER)]
    version: Annotated[str, Field(min_length=1, max_length=20)]
    language: str = "en"
    title: Words
    summary: Words
    treatments: Annotated[dict[str, Words], Field(min_length=1)]
    body_sites: dict[str, Words] = Field(default_factory=dict)
    settings: dict[str, SettingEntry] = Field(default_factory=dict)
    conditions: dict[str, ConditionEntry] = Field(default_factory=dict)
    waiting_periods: Annotated[tuple[PeriodEntry, ...], BeforeValidator(_tuple), Field(max_length=7)] = ()
    planner: PlannerEntry | None = None
    review: ReviewEntry
    sources: Annotated[dict[str, SourceEntry], Field(min_length=1)]
    notes_for_clinicians: str = ""

    @field_validator("treatments", "body_sites", "settings", "conditions", "sources")
    @classmethod
    def _plain_names(cls, value: dict[str, object]) -> dict[str, object]:
        bad = next((name for name in value if not re.match(NAME, name)), "")
        if bad:
            raise ValueError("bad-name", {"name": bad})
        return value


def read(text: str, source: str) -> tuple[FrontMatter, FileText]:
    """Return the checked front matter and its lines; raise InputError with every fault."""
    try:
        lines, twice = yaml_lines(text)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", "") or "not YAML")
        line = mark.line + 2 if mark else None
        raise InputError(
            [Problem(kind=Kind.DOCUMENT, code="not-yaml", source=source, line=line, values={"reason": reason})]
        ) from None
    file = FileText(kind=Kind.DOCUMENT, source=source, lines=lines, first_line=1)
    if twice:
        raise InputError(file.problem("key-twice", path, key=str(path[-1])) for path, _ in twice)
    if not isinstance(data, Mapping):
        raise InputError([Problem(kind=Kind.DOCUMENT, code="no-front-matter", source=source, line=1)])
    return check(FrontMatter, data, file), file
