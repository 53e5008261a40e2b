"""A treatment's schedule in one language -> its rows, days and dates in words, made once for all who share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from handouts.composition.views import DatedRow, dated_rows
from handouts.composition.wording import LabelSource, Wording, unparted
from handouts.languages import Language
from handouts.records import DayRange, PeriodKind, PlannerDay, Schedule, TimelineDates

_KEPT = 4096
"""As many as there are half hours in the opening times of two weeks, in each of twenty languages."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Timing:
    """What moments are made from; `typed_in` is the language of the reasons, "" where it is not known.

    Two are equal where their parts are the very same things: so they are compared fast.
    """

    schedule: Schedule
    timeline: Mapping[DayRange, TimelineDates]
    labels: LabelSource
    wording: Wording
    language: Language
    typed_in: str
    has_planner: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timing) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[object, ...]:
        things = (self.schedule, self.timeline, self.labels, self.wording, self.language)
        return (*map(id, things), self.typed_in, self.has_planner)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Moments:
    """What of a sheet follows from the time of the treatment; `dates` are a timeline's, by its days."""

    avoid: tuple[DatedRow, ...]
    keep_up: tuple[DatedRow, ...]
    planner_days: tuple[Mapping[str, object], ...]
    dates: Mapping[DayRange, str]


@lru_cache(maxsize=_KEPT)
def moments(timing: Timing) -> Moments:
    """Return the moments of a sheet, the very same for all of the same timing."""
    schedule = timing.schedule
    of_both = (timing.wording, timing.labels, timing.language, timing.typed_in)
    planned = schedule.planner_days if timing.has_planner else ()
    return Moments(
        avoid=dated_rows(schedule, (PeriodKind.AVOID, PeriodKind.NEVER), *of_both),
        keep_up=dated_rows(schedule, (PeriodKind.KEEP_UP,), *of_both),
        planner_days=tuple(_planner_day(day, timing) for day in planned),
        dates={days: _dates(dates, timing) for days, dates in timing.timeline.items()},
    )


def _planner_day(day: PlannerDay, timing: Timing) -> Mapping[str, object]:
    wording = timing.wording
    weekday, narrow = wording.weekday(day.on), wording.narrow_date(day.on)
    year = wording.year_apart(day.on, timing.schedule.now)
    words = " ".join(filter(None, (weekday, narrow, year)))
    return {"number": day.number, "weekday": weekday, "date": narrow, "year": year, "words": words}


def _dates(dates: TimelineDates, timing: Timing) -> str:
    """Return the dates of a timeline's days."""
    now, wording = timing.schedule.now, timing.wording
    last = wording.short_date(dates.last, now)
    if dates.first == dates.last:
        return last
    of_one_year = not wording.year_apart(dates.first, (dates.last,))
    first = wording.short_date(dates.first, () if of_one_year else now)
    return unparted(timing.labels.gettext("{first} to {last}").format(first=first, last=last))
