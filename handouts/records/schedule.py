"""Waiting periods as a document declares them, and the dated rows that a schedule makes of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Unit(StrEnum):
    """The unit in which a period was set; hours are elapsed time, days and weeks are days of the calendar."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """How long: `amount` is at least 0 and counts `unit`s."""

    amount: int
    unit: Unit


class PeriodKind(StrEnum):
    """AVOID: leave it alone until then, the row says from when. KEEP_UP: do it until then."""

    AVOID = "avoid"
    KEEP_UP = "keep-up"


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPeriod:
    """One declared period; `source` is the key of one of the document's sources, `when` the name of a condition."""

    id: str
    label: str
    kind: PeriodKind
    duration: Duration
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
    """One dated row: `moment` is in the treatment's time zone, rounded up to the next half hour for hours.

    `shows_time` is false where the period counts days: the row names the day only.
    """

    id: str
    label: str
    kind: PeriodKind
    duration: Duration
    moment: datetime
    shows_time: bool
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
    """All that depends on the treatment's time: rows in the document's order, planner days, dates of day numbers."""

    performed_on: datetime
    rows: tuple[ScheduleRow, ...]
    planner_days: tuple[PlannerDay, ...]
