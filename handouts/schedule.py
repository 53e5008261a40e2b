"""Waiting periods of document, clinic and patient + the treatment's time -> dated rows, and who set each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.records import (
    DayRange,
    Document,
    Duration,
    OwnPeriod,
    PatientPeriod,
    PeriodKind,
    PlannerDay,
    Schedule,
    ScheduleRow,
    SetBy,
    TimelineDates,
    WaitingPeriod,
)

_ROUNDING = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """A period that wants the row: where it was set, to be reported if it is overridden."""

    duration: Duration
    moment: datetime
    set_by: SetBy
    source: str
    path: str
    line: int | None = None
    reason: str = ""
    shorter_because: str = ""

    @property
    def ends(self) -> datetime:
        """Its end in UTC: two datetimes of one zone compare by their wall clocks, wrong where clocks change."""
        return self.moment.astimezone(UTC)


def schedule(
    document: Document,
    own: Sequence[OwnPeriod],
    performed_on: datetime | None,
    wishes: Sequence[PatientPeriod],
    source: str,
    now: datetime,
) -> tuple[Schedule, tuple[Problem, ...]]:
    """Return the dated rows in the document's order, the planner's days, and a warning for each overridden period.

    Of the document's periods that share a row the strictest (latest) stands, whether it says how long to leave
    something alone or how long to keep it up; of document, clinic and patient likewise. A clinic's shorter period
    stands only with `shorter_because`; a patient's never goes below the others. What is never allowed again stays so,
    whatever clinic and patient say. `own` are the clinic's periods for this
    treatment, `wishes` the patient's, which came from `source`; `now` is the time of printing. Where nothing says when
    the treatment is, nothing is dated.
    """
    if performed_on is None:
        return Schedule(rows=(), planner_days=(), now=()), ()
    rows: list[ScheduleRow] = []
    warnings: list[Problem] = []
    for periods in _by_row(document.waiting_periods):
        make = _never if periods[0].kind is PeriodKind.NEVER else _row
        row, lost = make(periods, document, own, wishes, performed_on, source)
        rows.append(row)
        warnings += lost
    days = document.planner.days if document.planner else -1
    first = performed_on.date()
    planner_days = tuple(PlannerDay(number=n, on=first + timedelta(days=n)) for n in range(days + 1))
    today = now.astimezone(performed_on.tzinfo).date()
    return Schedule(rows=tuple(rows), planner_days=planner_days, now=(first, today)), tuple(warnings)


def timeline_dates(days: DayRange, performed_on: datetime) -> TimelineDates:
    """Return the calendar days of a timeline's entry."""
    start = performed_on.date()
    return TimelineDates(first=start + timedelta(days=days.first), last=start + timedelta(days=days.last))


def moment_after(performed_on: datetime, duration: Duration) -> datetime:
    """Return when a period that begins at `performed_on` ends, in the zone of `performed_on`.

    Hours are elapsed time, also over a change of clocks. N days (weeks) end at the same time of the clock on the Nth
    day (week), or N times 24 hours (7 days) later where clocks that go forward would make that sooner: they are never
    over before as many hours are. Both are rounded up to the next half hour, so that nothing is a minute too early, and
    a sheet shows the time of either.
    """
    length = duration.unit.length * duration.amount
    ends = performed_on.astimezone(UTC) + length
    if duration.unit.length >= timedelta(days=1):
        same_clock = performed_on + length
        ends = max(ends, *(same_clock.replace(fold=fold).astimezone(UTC) for fold in (0, 1)))
    return _rounded_up(ends.astimezone(performed_on.tzinfo))


def _by_row(periods: Iterable[WaitingPeriod]) -> Iterable[list[WaitingPeriod]]:
    found: dict[tuple[str, ...], list[WaitingPeriod]] = {}
    for period in periods:
        found.setdefault(period.row, []).append(period)
    return found.values()


def _rounded_up(moment: datetime) -> datetime:
    """Return the next half hour of the moment's own clock; some clocks differ from UTC by a quarter of an hour."""
    over = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return (moment.astimezone(UTC) + _ROUNDING - over).astimezone(moment.tzinfo) if over else moment


def _never(
    periods: Sequence[WaitingPeriod],
    _document: Document,
    own: Sequence[OwnPeriod],
    wishes: Sequence[PatientPeriod],
    performed_on: datetime,
    source: str,
) -> tuple[ScheduleRow, list[Problem]]:
    """Return a row without a date, and a warning for each period that would have given it one."""
    first = periods[0]
    theirs = (*_of_clinic(first, own, performed_on), *_of_patient(first, wishes, performed_on, source))
    row = ScheduleRow(
        id=first.row[0],
        label=first.label,
        kind=first.kind,
        duration=None,
        moment=None,
        set_by=SetBy.DOCUMENT,
        reason="",
        pictogram=first.pictogram,
    )
    return row, [_warning(Code.SHORTER_THAN_STRICTEST, lost, None, first) for lost in theirs]


def _row(
    periods: Sequence[WaitingPeriod],
    document: Document,
    own: Sequence[OwnPeriod],
    wishes: Sequence[PatientPeriod],
    performed_on: datetime,
    source: str,
) -> tuple[ScheduleRow, list[Problem]]:
    """Return one row of the sheet, and a warning for each period that a stricter one overrode."""
    first = periods[0]
    lost: list[Problem] = []

    def overridden(loser: _Candidate, winner: _Candidate, code: Code = Code.PERIOD_OVERRIDDEN) -> None:
        if loser.ends != winner.ends:
            lost.append(_warning(code, loser, winner, first))

    def strictest(candidates: Iterable[_Candidate]) -> _Candidate | None:
        ordered = sorted(candidates, key=lambda candidate: candidate.ends, reverse=True)
        for other in ordered[1:]:
            overridden(other, ordered[0])
        return ordered[0] if ordered else None

    winner = max(_of_document(periods, document, performed_on), key=lambda candidate: candidate.ends)
    clinic = strictest(_of_clinic(first, own, performed_on))
    if clinic and clinic.ends < winner.ends and not clinic.shorter_because:
        overridden(clinic, winner, Code.SHORTER_NEEDS_REASON)
    elif clinic and clinic.ends != winner.ends:
        overridden(winner, clinic)
        winner = clinic
    patient = strictest(_of_patient(first, wishes, performed_on, source))
    if patient and patient.ends > winner.ends:
        overridden(winner, patient)
        winner = patient
    elif patient:
        overridden(patient, winner, Code.SHORTER_THAN_STRICTEST)
    row = ScheduleRow(
        id=first.row[0],
        label=first.label,
        kind=first.kind,
        duration=winner.duration,
        moment=winner.moment,
        set_by=winner.set_by,
        reason=winner.reason,
        pictogram=first.pictogram,
    )
    return row, lost


def _of_document(periods: Iterable[WaitingPeriod], document: Document, performed_on: datetime) -> Iterator[_Candidate]:
    for period in periods:
        if period.duration is None:
            continue
        yield _Candidate(
            duration=period.duration,
            moment=moment_after(performed_on, period.duration),
            set_by=SetBy.DOCUMENT,
            source=document.source_name,
            path=f"waiting_periods.{period.id}",
            line=period.line or None,
        )


def _of_clinic(period: WaitingPeriod, own: Iterable[OwnPeriod], performed_on: datetime) -> Iterator[_Candidate]:
    for entry in own:
        if entry.id in period.row:
            yield _Candidate(
                duration=entry.duration,
                moment=moment_after(performed_on, entry.duration),
                set_by=SetBy.CLINIC,
                source="clinic.toml",
                path=f"waiting_periods.{entry.treatment}.{entry.id}",
                line=entry.line,
                shorter_because=entry.shorter_because,
            )


def _of_patient(
    period: WaitingPeriod, wishes: Iterable[PatientPeriod], performed_on: datetime, source: str
) -> Iterator[_Candidate]:
    for wish in wishes:
        if wish.id in period.row:
            yield _Candidate(
                duration=wish.duration,
                moment=moment_after(performed_on, wish.duration),
                set_by=SetBy.CLINICIAN,
                source=source,
                path=f"waiting_periods.{wish.id}",
                reason=wish.reason,
            )


_KINDS = {SetBy.DOCUMENT: Kind.DOCUMENT, SetBy.CLINIC: Kind.BRANDING, SetBy.CLINICIAN: Kind.TREATMENT}


def _warning(code: Code, lost: _Candidate, winner: _Candidate | None, period: WaitingPeriod) -> Problem:
    """Return a warning at the place where the overridden period was set; it names both, and nothing of the patient.

    There is no winner where it is never allowed.
    """
    return Problem.warning(
        _KINDS[lost.set_by],
        code,
        lost.source,
        lost.line,
        path=lost.path,
        name=period.row[0],
        lost=str(lost.duration),
        lost_by=str(lost.set_by),
        kept=str(winner.duration) if winner else period.kind.value,
        by=str(winner.set_by if winner else SetBy.DOCUMENT),
    )
