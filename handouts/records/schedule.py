"""Waiting periods as a document declares them, and the dated rows that a schedule makes of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self


class Unit(StrEnum):
    """The units in which a period can be set: CLDR's name, its least length, and the most that a file may ask for.

    A day is never less than 24 hours, a week never less than 7 days.
    """

    length: timedelta
    maximum: int

    def __new__(cls, name: str, length: timedelta, maximum: int) -> Self:
        """Make the member that a row of the table below describes."""
        unit = str.__new__(cls, name)
        unit._value_, unit.length, unit.maximum = name, length, maximum
        return unit

    HOUR = "hour", timedelta(hours=1), 2000
    DAY = "day", timedelta(days=1), 1000
    WEEK = "week", timedelta(weeks=1), 200

    @property
    def key(self) -> str:
        """The key under which files have it: hours."""
        return f"{self.value}s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """How long: `amount` is at least 0 and counts `unit`s. As text it is what messages call it: 48 hours, 1 week."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}" + ("" if self.amount == 1 else "s")


class PeriodKind(StrEnum):
    """AVOID: leave it alone until then, the row says from when. KEEP_UP: do it until then. NEVER: it has no date."""

    AVOID = "avoid"
    KEEP_UP = "keep-up"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPeriod:
    """One declared period; `source` is the key of one of the document's sources, `when` the name of a condition.

    `row` has the ids of all periods that share its row on the sheet, the first declared one's first: those of one id,
    or of one label and kind, of which the strictest stands. What is never allowed again has no `duration`.
    """

    id: str
    row: tuple[str, ...]
    label: str
    kind: PeriodKind
    duration: Duration | None
    pictogram: str
    source: str
    when: str = ""
    line: int = 0


class SetBy(StrEnum):
    """Who set the period that stands on the sheet."""

    DOCUMENT = "document"
    CLINIC = "clinic"
    CLINICIAN = "clinician"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleRow:
    """One row: `moment` is in the treatment's time zone, rounded up to the next half hour.

    What is never allowed again has neither duration nor moment.
    """

    id: str
    label: str
    kind: PeriodKind
    duration: Duration | None
    moment: datetime | None
    set_by: SetBy
    reason: str
    pictogram: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannerDay:
    """One column of the day planner; day 0 is the day of the treatment."""

    number: int
    on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineDates:
    """The calendar days of one entry of a timeline."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """All that depends on the treatment's time: rows in the document's order, and the planner's days.

    `now` has the days of the treatment and of the printing: a date leaves out its year where it is the year of both.
    """

    rows: tuple[ScheduleRow, ...]
    planner_days: tuple[PlannerDay, ...]
    now: tuple[date, ...]
