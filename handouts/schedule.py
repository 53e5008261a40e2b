"""Waiting periods of document, clinic and patient + the treatment's time -> dated rows, and who set each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from handouts.errors import Kind, Problem, Severity, nearest
from handouts.records import (
    Branding,
    DayRange,
    Document,
    Duration,
    PlannerDay,
    Schedule,
    ScheduleRow,
    SetBy,
    TimelineDates,
    Treatment,
    Unit,
    WaitingPeriod,
)

_ROUNDING = timedelta(minutes=30)
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    duration: Duration
    set_by: SetBy
    reason: str
    moment: datetime


def schedule(
    document: Document, branding: Branding, treatment: Treatment, source: str
) -> tuple[Schedule, tuple[Problem, ...]]:
    """Return the dated rows in the document's order, the planner's days, and a warning for each period that lost.

    The strictest (latest) of document, clinic and patient stands. A clinic's shorter period stands only with
    `shorter_because`; a patient's never goes below the others. `source` names where the treatment came from.
    """
    rows: list[ScheduleRow] = []
    warnings: list[Problem] = []
    for period in document.waiting_periods:
        row, lost = _row(period, document.id, branding, treatment, source)
        rows.append(row)
        warnings += lost
    days = document.planner.days if document.planner else -1
    planner_days = tuple(PlannerDay(number=n, on=_date(treatment, n)) for n in range(days + 1))
    return Schedule(performed_on=treatment.performed_on, rows=tuple(rows), planner_days=planner_days), tuple(warnings)


def timeline_dates(days: DayRange, performed_on: datetime) -> TimelineDates:
    """Return the calendar days of a timeline's entry."""
    start = performed_on.date()
    return TimelineDates(first=start + timedelta(days=days.first), last=start + timedelta(days=days.last))


def unknown_periods(document: Document, branding: Branding, source: str) -> Iterator[Problem]:
    """Yield a Problem for each of the clinic's own periods that this document does not declare."""
    known = tuple(period.id for period in document.waiting_periods)
    for own in branding.periods:
        if own.document == document.id and own.id not in known:
            yield Problem(
                kind=Kind.BRANDING,
                code="unknown-period",
                source=source,
                line=own.line,
                path=f"waiting_periods.{own.document}.{own.id}",
                values={"name": own.id, "document": document.id, "known": ", ".join(known) or "-"},
                nearest=nearest(own.id, known),
            )


def moment_after(performed_on: datetime, duration: Duration) -> datetime:
    """Return when a period that begins at `performed_on` ends, in the zone of `performed_on`.

    Hours are elapsed time, also over a change of clocks, rounded up to the next half hour: never a minute too early.
    Days and weeks are days of the calendar at the same wall-clock time. A wall-clock time that the change of clocks
    skips is read as PEP 495 does (fold=0), which is never earlier than the day begins.
    """
    if duration.unit is Unit.HOUR:
        end = performed_on.astimezone(UTC) + timedelta(hours=duration.amount)
        return _rounded_up(end).astimezone(performed_on.tzinfo)
    return performed_on + timedelta(days=duration.amount * _DAYS[duration.unit])


def _rounded_up(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + _ROUNDING if over else moment


def _row(
    period: WaitingPeriod, document: str, branding: Branding, treatment: Treatment, source: str
) -> tuple[ScheduleRow, list[Problem]]:
    stands = _candidate(period.duration, SetBy.DOCUMENT, "", treatment)
    lost: list[Problem] = []
    for own in branding.periods:
        if (own.document, own.id) != (document, period.id):
            continue
        clinic = _candidate(own.duration, SetBy.CLINIC, "", treatment)
        if _later(clinic, stands) or own.shorter_because:
            stands = clinic
        elif _later(stands, clinic):
            lost.append(_not_stricter(Kind.BRANDING, "clinic.toml", f"waiting_periods.{document}.{period.id}", period))
    for wish in treatment.waiting_periods:
        if wish.id != period.id:
            continue
        patient = _candidate(wish.duration, SetBy.CLINICIAN, wish.reason, treatment)
        if _later(patient, stands):
            stands = patient
        elif _later(stands, patient):
            lost.append(_not_stricter(Kind.TREATMENT, source, f"waiting_periods.{period.id}", period))
    row = ScheduleRow(
        id=period.id,
        label=period.label,
        kind=period.kind,
        duration=stands.duration,
        moment=stands.moment,
        shows_time=stands.duration.unit is Unit.HOUR,
        set_by=stands.set_by,
        reason=stands.reason,
        pictogram=period.pictogram,
    )
    return row, lost


def _candidate(duration: Duration, set_by: SetBy, reason: str, treatment: Treatment) -> _Candidate:
    moment = moment_after(treatment.performed_on, duration)
    return _Candidate(duration=duration, set_by=set_by, reason=reason, moment=moment)


def _later(first: _Candidate, second: _Candidate) -> bool:
    """Compare in UTC: two datetimes of one zone compare by their wall clocks, which is wrong where clocks change."""
    return first.moment.astimezone(UTC) > second.moment.astimezone(UTC)


def _not_stricter(kind: Kind, source: str, path: str, period: WaitingPeriod) -> Problem:
    code = "shorter-needs-reason" if kind is Kind.BRANDING else "shorter-than-stands"
    return Problem(
        kind=kind,
        code=code,
        source=source,
        path=path,
        values={"name": period.id},
        severity=Severity.WARNING,
    )


def _date(treatment: Treatment, days: int) -> date:
    return treatment.performed_on.date() + timedelta(days=days)
