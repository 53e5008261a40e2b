"""Waiting periods become dated rows: right over changes of clocks, month ends and leap days, never too early."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import documents, schedule, time_zones
from handouts.branding.clinic_file import PeriodTable
from handouts.documents.front_matter import PeriodEntry
from handouts.errors import Severity
from handouts.periods import typed_duration
from handouts.records import (
    DayRange,
    Document,
    Duration,
    OwnPeriod,
    Patient,
    PatientPeriod,
    PeriodKind,
    Schedule,
    SetBy,
    Treatment,
    Unit,
)
from handouts.resources import Resources
from tests.conftest import NOW

NEW_YORK = time_zones.zone("America/New_York")
ZONES = ("America/New_York", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
QUARTERS = ("Asia/Kathmandu", "Pacific/Chatham", "Australia/Eucla")


@pytest.mark.parametrize("unit", Unit)
def test_a_unit_is_typed_and_written_in_files_by_its_row_alone(unit: Unit) -> None:
    three = Duration(amount=3, unit=unit)
    assert all(typed_duration(text) == three for text in (f"3 {unit}", f" 3{unit.key} ", f"3 {unit.value[0]}"))
    assert PeriodTable.model_validate({unit.key: 3}).duration == three
    entry = {"id": "sun", "label": "Sun", "kind": "avoid", "source": "one", unit.key: 3}
    assert PeriodEntry.model_validate(entry).duration == three
    assert typed_duration(f"3 {unit.key}s") is None


def at(text: str, zone: tzinfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-11-21 15:00", 24, Unit.HOUR, "2026-11-22 15:00"),
        ("2026-11-21 14:37", 24, Unit.HOUR, "2026-11-22 15:00"),  # rounded up to the half hour
        ("2026-11-21 14:30", 24, Unit.HOUR, "2026-11-22 14:30"),
        ("2026-03-07 15:00", 24, Unit.HOUR, "2026-03-08 16:00"),  # clocks go forward: 24 real hours
        ("2026-10-31 15:00", 24, Unit.HOUR, "2026-11-01 14:00"),  # clocks go back
        ("2026-11-21 21:00", 3, Unit.DAY, "2026-11-24 21:00"),  # not from midnight, which is 51 hours
        ("2026-11-21 14:37", 7, Unit.DAY, "2026-11-28 15:00"),
        ("2026-03-07 15:00", 1, Unit.DAY, "2026-03-08 16:00"),  # a day of 23 hours is not enough
        ("2026-10-31 15:00", 1, Unit.DAY, "2026-11-01 15:00"),  # a day of 25 hours is one day
        ("2026-03-07 02:30", 1, Unit.DAY, "2026-03-08 03:30"),  # that time is skipped
        ("2027-01-31 09:00", 4, Unit.WEEK, "2027-02-28 09:00"),
        ("2028-02-26 09:00", 3, Unit.DAY, "2028-02-29 09:00"),  # leap day
        ("2026-12-30 23:45", 72, Unit.HOUR, "2027-01-03 00:00"),
        ("2026-11-21 15:00", 0, Unit.HOUR, "2026-11-21 15:00"),
    ],
)
def test_a_period_ends(start: str, amount: int, unit: Unit, end: str) -> None:
    assert schedule.moment_after(at(start), Duration(amount=amount, unit=unit)) == at(end)


@pytest.mark.parametrize("name", QUARTERS)
def test_a_clock_that_is_a_quarter_of_an_hour_off_shows_its_own_half_hours(name: str) -> None:
    zone = time_zones.zone(name)
    of_a_day = Duration(amount=24, unit=Unit.HOUR)
    assert schedule.moment_after(at("2026-11-21 15:00", zone), of_a_day) == at("2026-11-22 15:00", zone)
    assert schedule.moment_after(at("2026-11-21 15:01", zone), of_a_day) == at("2026-11-22 15:30", zone)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [("2026-10-31 15:00", 24, Unit.HOUR, "2026-11-01 15:00"), ("2026-11-21 15:00", 2, Unit.DAY, "2026-11-23 15:00")],
)
def test_rules_are_those_of_the_locked_database(start: str, amount: int, unit: Unit, end: str) -> None:
    vancouver = time_zones.zone("America/Vancouver")  # British Columbia keeps its summer time since 2026.
    assert schedule.moment_after(at(start, vancouver), Duration(amount=amount, unit=unit)) == at(end, vancouver)
    assert at("2026-11-21 15:00", vancouver).utcoffset() == timedelta(hours=-7)


def test_a_zone_is_one_object_everywhere_and_no_name_leads_to_another_file() -> None:
    chatham = time_zones.zone("Pacific/Chatham")
    assert pickle.loads(pickle.dumps(chatham)) is chatham  # noqa: S301 - what was packed a moment ago
    for name in ("Europe/Atlantis", "", "../zones", "zone.tab", "/etc/localtime"):
        with pytest.raises(LookupError):
            time_zones.zone(name)


moments = st.builds(
    lambda naive, zone: naive.replace(tzinfo=time_zones.zone(zone), fold=1),
    st.datetimes(min_value=NOW.replace(year=2020, tzinfo=None), max_value=NOW.replace(year=2040, tzinfo=None)),
    st.sampled_from((*ZONES, *QUARTERS)),
)


@given(start=moments, hours=st.integers(0, 2000))
def test_hours_are_never_cut_short_and_never_longer_than_half_an_hour_more(start: datetime, hours: int) -> None:
    end = schedule.moment_after(start, Duration(amount=hours, unit=Unit.HOUR))
    elapsed = end.astimezone(UTC) - start.astimezone(UTC)
    assert timedelta(hours=hours) <= elapsed < timedelta(hours=hours, minutes=30)
    assert end.minute % 30 == 0, "on the clinic's own clock, which may be a quarter of an hour off"


@given(start=moments, days=st.integers(0, 400))
def test_days_are_never_sooner_than_as_many_times_24_hours(start: datetime, days: int) -> None:
    end = schedule.moment_after(start, Duration(amount=days, unit=Unit.DAY))
    in_hours = schedule.moment_after(start, Duration(amount=24 * days, unit=Unit.HOUR))
    assert end.astimezone(UTC) - start.astimezone(UTC) >= timedelta(days=days)
    assert end.astimezone(UTC) >= in_hours.astimezone(UTC)
    assert end.tzinfo is start.tzinfo


@given(start=moments, days=st.integers(0, 400))
def test_days_are_hardly_longer_than_the_calendars(start: datetime, days: int) -> None:
    end = schedule.moment_after(start, Duration(amount=days, unit=Unit.DAY))
    on_the_clock = start.replace(tzinfo=None) + timedelta(days=days)
    # Lord Howe moves its clocks by half an hour, the others by an hour; then comes the next half hour.
    assert timedelta(0) <= end.replace(tzinfo=None) - on_the_clock < timedelta(hours=1, minutes=30)


@given(start=moments, weeks=st.integers(0, 60))
def test_a_week_is_seven_days(start: datetime, weeks: int) -> None:
    in_weeks = schedule.moment_after(start, Duration(amount=weeks, unit=Unit.WEEK))
    assert in_weeks == schedule.moment_after(start, Duration(amount=7 * weeks, unit=Unit.DAY))


@pytest.fixture(scope="module")
def document() -> Document:
    shipped = documents.load("microneedling-aftercare", Resources())
    periods = (period for period in shipped.waiting_periods if period.when != "visible-and-deep")
    return replace(shipped, waiting_periods=tuple(periods))


def treated(*periods: PatientPeriod, performed_on: str = "2026-11-21 15:00") -> Treatment:
    return Treatment(patient=Patient(name="Amina Example"), performed_on=at(performed_on), waiting_periods=periods)


def days(amount: int) -> Duration:
    return Duration(amount=amount, unit=Unit.DAY)


def make_up(hours: int) -> Duration:
    return Duration(amount=hours, unit=Unit.HOUR)


def dated(document: Document, own: tuple[OwnPeriod, ...], treatment: Treatment) -> tuple[Schedule, list[str]]:
    """Return the schedule and, of each warning, its code and what it says of the two periods."""
    made, warnings = schedule.schedule(document, own, treatment.performed_on, treatment.waiting_periods, "a test", NOW)
    assert {warning.severity for warning in warnings} <= {Severity.WARNING}
    keys = ("lost_by", "lost", "by", "kept")
    return made, [" ".join((warning.code, *(warning.values[key] for key in keys))) for warning in warnings]


def row_of_make_up(
    document: Document, own: tuple[OwnPeriod, ...], treatment: Treatment
) -> tuple[SetBy, Duration | None, list[str]]:
    made, warnings = dated(document, own, treatment)
    row = next(row for row in made.rows if row.id == "make-up")
    return row.set_by, row.duration, warnings


def clinic_says(hours: int, because: str = "", period: str = "make-up") -> tuple[OwnPeriod, ...]:
    return (OwnPeriod(treatment="microneedling", id=period, duration=make_up(hours), shorter_because=because),)


def test_the_document_stands_alone(document: Document) -> None:
    assert row_of_make_up(document, (), treated()) == (SetBy.DOCUMENT, make_up(48), [])


def test_a_longer_period_of_the_clinic_stands(document: Document) -> None:
    found = row_of_make_up(document, clinic_says(60), treated())
    assert found == (SetBy.CLINIC, make_up(60), ["period-overridden document 48 hours clinic 60 hours"])


def test_a_shorter_period_of_the_clinic_does_not_stand_without_a_reason(document: Document) -> None:
    found = row_of_make_up(document, clinic_says(24), treated())
    assert found == (SetBy.DOCUMENT, make_up(48), ["shorter-needs-reason clinic 24 hours document 48 hours"])


def test_a_shorter_period_of_the_clinic_stands_with_a_reason(document: Document) -> None:
    found = row_of_make_up(document, clinic_says(24, "mineral make-up only"), treated())
    assert found == (SetBy.CLINIC, make_up(24), ["period-overridden document 48 hours clinic 24 hours"])


def test_of_two_periods_of_the_clinic_the_stricter_counts(document: Document) -> None:
    own = clinic_says(24, "mineral make-up only") + clinic_says(60)
    lost = ["period-overridden clinic 24 hours clinic 60 hours", "period-overridden document 48 hours clinic 60 hours"]
    assert row_of_make_up(document, own, treated()) == (SetBy.CLINIC, make_up(60), lost)


def test_what_is_never_allowed_stays_so_whatever_clinic_and_patient_say(document: Document) -> None:
    never = replace(document.waiting_periods[0], id="beds", row=("beds",), kind=PeriodKind.NEVER, duration=None)
    both = replace(document, waiting_periods=(*document.waiting_periods, never))
    wish = PatientPeriod(id="beds", duration=days(9), reason="as you asked")
    made, warnings = dated(both, clinic_says(24, "because", "beds"), treated(wish))
    row = made.rows[-1]
    assert (row.id, row.duration, row.moment, row.set_by, row.reason) == ("beds", None, None, SetBy.DOCUMENT, "")
    assert warnings == [
        "shorter-than-strictest clinic 24 hours document never",
        "shorter-than-strictest clinician 9 days document never",
    ]


def test_the_strictest_of_three_is_the_patients(document: Document) -> None:
    wish = PatientPeriod(id="make-up", duration=days(3), reason="thin skin")
    lost = ["period-overridden document 48 hours clinic 60 hours", "period-overridden clinic 60 hours clinician 3 days"]
    assert row_of_make_up(document, clinic_says(60), treated(wish)) == (SetBy.CLINICIAN, days(3), lost)


def test_three_days_in_the_evening_are_as_late_as_72_hours(document: Document) -> None:
    wish = PatientPeriod(id="make-up", duration=days(3), reason="thin skin")
    made, _ = dated(document, (), treated(wish, performed_on="2026-11-21 21:00"))
    moments = {row.id: row.moment for row in made.rows}
    assert moments["make-up"] == moments["exercise"] == at("2026-11-24 21:00")


def test_a_patients_period_never_goes_below_the_others(document: Document) -> None:
    wish = PatientPeriod(id="make-up", duration=make_up(12), reason="a party")
    found = row_of_make_up(document, (), treated(wish))
    assert found == (SetBy.DOCUMENT, make_up(48), ["shorter-than-strictest clinician 12 hours document 48 hours"])


def sharing(document: Document, *durations: Duration) -> Document:
    """Return the document with one row, exercise, for which there are these periods, each with its own id."""
    (period,) = (period for period in document.waiting_periods if period.id == "exercise")
    row = ("exercise", "exercise-deep")[: len(durations)]
    periods = tuple(
        replace(period, id=name, row=row, duration=duration) for name, duration in zip(row, durations, strict=True)
    )
    return replace(document, waiting_periods=periods)


@pytest.mark.parametrize("name", ["exercise", "exercise-deep"])
@pytest.mark.parametrize("kind", [PeriodKind.AVOID, PeriodKind.KEEP_UP])
def test_of_periods_that_share_a_row_the_strictest_stands(document: Document, name: str, kind: PeriodKind) -> None:
    shared = sharing(document, make_up(48), days(7))
    shared = replace(shared, waiting_periods=tuple(replace(one, kind=kind) for one in shared.waiting_periods))
    (row,) = dated(shared, (), treated())[0].rows
    assert (row.id, row.duration, row.moment) == ("exercise", days(7), at("2026-11-28 15:00"))
    (row,) = dated(shared, clinic_says(200, period=name), treated())[0].rows
    assert (row.set_by, row.duration) == (SetBy.CLINIC, make_up(200))
    wish = PatientPeriod(id=name, duration=days(9), reason="thin skin")
    (row,) = dated(shared, clinic_says(200, period=name), treated(wish))[0].rows
    assert (row.set_by, row.duration) == (SetBy.CLINICIAN, days(9))


def test_the_days_of_treatment_and_printing_are_those_of_the_treatments_zone(document: Document) -> None:
    treatment, now = treated(performed_on="2026-12-31 23:00"), at("2026-12-31 23:30").astimezone(UTC)
    made, _ = schedule.schedule(document, (), treatment.performed_on, (), "a test", now)
    assert [day.isoformat() for day in made.now] == ["2026-12-31", "2026-12-31"], "2027 in UTC already"


def test_without_an_appointment_nothing_is_dated(document: Document) -> None:
    made, warnings = schedule.schedule(document, (), None, (), "a test", NOW)
    assert (made.rows, made.planner_days, warnings) == ((), (), ())


def test_the_planner_begins_on_the_day_of_the_treatment(document: Document) -> None:
    made, _ = dated(document, (), treated())
    assert [day.number for day in made.planner_days] == list(range(8))
    assert made.planner_days[0].on.isoformat() == "2026-11-21"
    assert made.planner_days[7].on.isoformat() == "2026-11-28"


def test_a_timelines_days_are_dates() -> None:
    dates = schedule.timeline_dates(DayRange(first=8, last=28), at("2026-11-21 23:59"))
    assert (dates.first.isoformat(), dates.last.isoformat()) == ("2026-11-29", "2026-12-19")
