"""Waiting periods become dated rows: right over changes of clocks, month ends and leap days, never too early."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import branding as branding_room
from handouts import documents, schedule
from handouts.records import (
    Branding,
    DayRange,
    Document,
    Duration,
    OwnPeriod,
    Patient,
    PatientPeriod,
    SetBy,
    Treatment,
    Unit,
)
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, NOW

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ("America/New_York", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-11-21 15:00", 24, Unit.HOUR, "2026-11-22 15:00"),
        ("2026-11-21 14:37", 24, Unit.HOUR, "2026-11-22 15:00"),  # rounded up to the half hour
        ("2026-11-21 14:30", 24, Unit.HOUR, "2026-11-22 14:30"),
        ("2026-03-07 15:00", 24, Unit.HOUR, "2026-03-08 16:00"),  # clocks go forward: 24 real hours
        ("2026-10-31 15:00", 24, Unit.HOUR, "2026-11-01 14:00"),  # clocks go back
        ("2026-03-07 15:00", 7, Unit.DAY, "2026-03-14 15:00"),  # days keep the wall clock
        ("2027-01-31 09:00", 4, Unit.WEEK, "2027-02-28 09:00"),
        ("2028-02-26 09:00", 3, Unit.DAY, "2028-02-29 09:00"),  # leap day
        ("2026-12-30 23:45", 72, Unit.HOUR, "2027-01-03 00:00"),
        ("2026-11-21 15:00", 0, Unit.HOUR, "2026-11-21 15:00"),
    ],
)
def test_a_period_ends(start: str, amount: int, unit: Unit, end: str) -> None:
    assert schedule.moment_after(at(start), Duration(amount=amount, unit=unit)) == at(end)


moments = st.builds(
    lambda naive, zone: naive.replace(tzinfo=ZoneInfo(zone), fold=1),
    st.datetimes(min_value=NOW.replace(year=2020, tzinfo=None), max_value=NOW.replace(year=2040, tzinfo=None)),
    st.sampled_from(ZONES),
)


@given(start=moments, hours=st.integers(0, 2000))
def test_hours_are_never_cut_short_and_never_longer_than_half_an_hour_more(start: datetime, hours: int) -> None:
    end = schedule.moment_after(start, Duration(amount=hours, unit=Unit.HOUR))
    elapsed = end.astimezone(UTC) - start.astimezone(UTC)
    assert timedelta(hours=hours) <= elapsed < timedelta(hours=hours, minutes=30)
    assert end.astimezone(UTC).minute % 30 == 0


@given(start=moments, days=st.integers(0, 400))
def test_days_are_days_of_the_calendar(start: datetime, days: int) -> None:
    end = schedule.moment_after(start, Duration(amount=days, unit=Unit.DAY))
    assert end.date() == start.date() + timedelta(days=days)
    assert end.tzinfo is start.tzinfo


@given(start=moments, weeks=st.integers(0, 60))
def test_a_week_is_seven_days(start: datetime, weeks: int) -> None:
    in_weeks = schedule.moment_after(start, Duration(amount=weeks, unit=Unit.WEEK))
    assert in_weeks == schedule.moment_after(start, Duration(amount=7 * weeks, unit=Unit.DAY))


@pytest.fixture(scope="module")
def document() -> Document:
    return documents.load("microneedling-aftercare", Resources())


@pytest.fixture(scope="module")
def branding() -> Branding:
    return replace(branding_room.load(EXAMPLE_CLINIC)[0], periods=())


def treated(*periods: PatientPeriod) -> Treatment:
    return Treatment(
        patient=Patient(name="Amina Example"), performed_on=at("2026-11-21 15:00"), waiting_periods=periods
    )


def make_up(hours: int) -> Duration:
    return Duration(amount=hours, unit=Unit.HOUR)


def row_of_make_up(
    document: Document, branding: Branding, treatment: Treatment
) -> tuple[SetBy, Duration, tuple[str, ...]]:
    made, warnings = schedule.schedule(document, branding, treatment, "a test")
    row = next(row for row in made.rows if row.id == "make-up")
    return row.set_by, row.duration, tuple(warning.code for warning in warnings)


def clinic_says(branding: Branding, hours: int, because: str = "") -> Branding:
    own = OwnPeriod(document="microneedling-aftercare", id="make-up", duration=make_up(hours), shorter_because=because)
    return replace(branding, periods=(own,))


def test_the_document_stands_alone(document: Document, branding: Branding) -> None:
    assert row_of_make_up(document, branding, treated()) == (SetBy.DOCUMENT, make_up(48), ())


def test_a_longer_period_of_the_clinic_stands(document: Document, branding: Branding) -> None:
    found = row_of_make_up(document, clinic_says(branding, 60), treated())
    assert found == (SetBy.CLINIC, make_up(60), ())


def test_a_shorter_period_of_the_clinic_does_not_stand_without_a_reason(document: Document, branding: Branding) -> None:
    found = row_of_make_up(document, clinic_says(branding, 24), treated())
    assert found == (SetBy.DOCUMENT, make_up(48), ("shorter-needs-reason",))


def test_a_shorter_period_of_the_clinic_stands_with_a_reason(document: Document, branding: Branding) -> None:
    found = row_of_make_up(document, clinic_says(branding, 24, "mineral make-up only"), treated())
    assert found == (SetBy.CLINIC, make_up(24), ())


def test_the_strictest_of_three_is_the_patients(document: Document, branding: Branding) -> None:
    wish = PatientPeriod(id="make-up", duration=Duration(amount=3, unit=Unit.DAY), reason="thin skin")
    found = row_of_make_up(document, clinic_says(branding, 60), treated(wish))
    assert found == (SetBy.CLINICIAN, Duration(amount=3, unit=Unit.DAY), ())


def test_a_patients_period_never_goes_below_the_others(document: Document, branding: Branding) -> None:
    wish = PatientPeriod(id="make-up", duration=make_up(12), reason="a party")
    found = row_of_make_up(document, branding, treated(wish))
    assert found == (SetBy.DOCUMENT, make_up(48), ("shorter-than-stands",))


def test_the_planner_begins_on_the_day_of_the_treatment(document: Document, branding: Branding) -> None:
    made, _ = schedule.schedule(document, branding, treated(), "a test")
    assert [day.number for day in made.planner_days] == list(range(8))
    assert made.planner_days[0].on.isoformat() == "2026-11-21"
    assert made.planner_days[7].on.isoformat() == "2026-11-28"


def test_a_timelines_days_are_dates() -> None:
    dates = schedule.timeline_dates(DayRange(first=8, last=28), at("2026-11-21 23:59"))
    assert (dates.first.isoformat(), dates.last.isoformat()) == ("2026-11-29", "2026-12-19")


def test_a_period_that_the_document_does_not_have_is_told_with_its_nearest(
    document: Document, branding: Branding
) -> None:
    own = OwnPeriod(document="microneedling-aftercare", id="makeup", duration=make_up(24))
    (problem,) = schedule.unknown_periods(document, replace(branding, periods=(own,)), "clinic.toml")
    assert (problem.code, problem.nearest) == ("unknown-period", "make-up")
