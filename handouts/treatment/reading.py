"""Details by path, the clinic's zone and the clock -> Treatment, or every Problem that the details have."""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from handouts import time_zones
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, ValueFault, few, nearest
from handouts.records import Detail, Patient, ReadWhen, Treatment
from handouts.time_zones import Zone, zone_names
from handouts.treatment.dates import DayOfClock
from handouts.treatment.fields import FIELDS
from handouts.treatment.values import is_plain, redacted

_BY_PATH = {field.path: field for field in FIELDS}
_LAST_PARTS = {path.rpartition(".")[2]: path for path in _BY_PATH}
_AHEAD = timedelta(hours=1)
"""How much later than the clock a treatment may be without a word: the sheet is made while it goes on."""
_MONTHS_BACK = 3
_YEAR = timedelta(days=366)
_YEARS = range(1990, 2201)


def treatment(
    details: Sequence[Detail], *, zone: str, now: datetime, read: ReadWhen = ReadWhen.AFTER, strict: bool = False
) -> tuple[Treatment, tuple[Problem, ...]]:
    """Return the checked treatment and its warnings; raise InputError with every fault.

    `zone` is the clinic's time zone and stands where the details name none. For a document that is read after the
    treatment `now` (aware) stands for a missing performed_on. A treatment in the future or over three months ago is a
    warning, an appointment in the past likewise; a fault with `strict`. A later detail replaces an earlier one of the
    same path.
    """
    given: dict[str, Detail] = {}
    values: dict[str, Any] = {}
    problems = _check(details, given, values)
    source = details[0].source if details else "command line"
    for field in FIELDS:
        if field.required and field.path not in given:
            problems.append(
                Problem.of(Kind.TREATMENT, Code.DETAIL_MISSING, source, key=field.path, option=field.option)
            )
    problems += _impossible_years(values, given)
    problems += _in_zone(values, given, zone, now)
    if read is ReadWhen.BEFORE and "performed_on" not in given:
        values["performed_on"] = None
    problems += _impossible(values, given)
    problems += _unlikely(values, given, now, read, strict=strict)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return _treatment(values), tuple(problems)


def faults_of(details: Sequence[Detail]) -> tuple[Problem, ...]:
    """Return what is wrong with each detail by itself: for a row of a table that has other faults already."""
    return tuple(_check(details, {}, {}))


def _check(details: Sequence[Detail], given: dict[str, Detail], values: dict[str, Any]) -> list[Problem]:
    """Fill in the details that a field is for and the values that it lets through; return what is wrong."""
    unknown = [detail for detail in details if detail.path and detail.path not in _BY_PATH]
    problems = [*few(unknown, lambda detail: detail.source, _unknown)]
    for detail in details:
        field = _BY_PATH.get(detail.path)
        if field is None:
            continue  # An empty file, of the path "", is nobody's fault.
        given[detail.path] = detail
        values.pop(detail.path, None)
        try:
            value = field.check(detail.value)
            if isinstance(value, DayOfClock) and not detail.typed_now:
                raise ValueFault(Code.DAY_NEEDED)
            values[detail.path] = value
        except ValueFault as error:
            problems.append(_of_fault(detail, error))
        except ExceptionGroup as group:
            problems += (_of_fault(detail, error) for error in group.exceptions if isinstance(error, ValueFault))
    return problems


def located(problem: Problem, details: Sequence[Detail]) -> Problem:
    """Return a Problem about a detail (settings.needle_depth, body_sites[1]) with that detail's file, line and column.

    A name in its path that may be a patient's value in the wrong place is taken out.
    """
    paths = (path for path in _BY_PATH if problem.path == path or problem.path.startswith((f"{path}.", f"{path}[")))
    path = next(paths, "")
    detail = next((detail for detail in reversed(details) if detail.path == path), None)
    if problem.kind is not Kind.TREATMENT or not path or detail is None:
        return problem
    rest = problem.path.removeprefix(path)
    place = problem.path if rest.startswith("[") else _detail_path(path, rest[1:])
    line, column = _line_and_column(detail, rest[1:])
    return replace(problem, source=detail.source, line=line, column=column, path=place)


def _problem(detail: Detail, code: Code, **values: str) -> Problem:
    return Problem.of(
        Kind.TREATMENT, code, detail.source, detail.line, detail.column, **{"path": detail.path, **values}
    )


def _line_and_column(detail: Detail, part: str) -> tuple[int | None, int | None]:
    return detail.lines.get(part, detail.line), detail.columns.get(part, detail.column)


def _of_fault(detail: Detail, error: ValueFault) -> Problem:
    place = _line_and_column(detail, error.part)
    values = {
        "path": _detail_path(detail.path, error.part),
        "nearest": error.nearest,
        "key": detail.path,
        **error.values,
    }
    return Problem.of(Kind.TREATMENT, error.code, detail.source, *place, **values)


def _detail_path(path: str, part: str) -> str:
    return f"{path}.{part}" if is_plain(part) else path


def _unknown(detail: Detail) -> Problem:
    """Return the Problem of a detail that no field is for."""
    path = detail.path if is_plain(detail.path) else ""
    return _problem(detail, Code.UNKNOWN_KEY, path=path, nearest=_nearest_field(detail.path), key=redacted(detail.path))


def _nearest_field(path: str) -> str:
    """Return the field whose name is closest; a table's name in front (patient.) says nothing about that."""
    first_of_table = next((known for known in _BY_PATH if known.startswith(f"{path}.")), "")
    return first_of_table or _LAST_PARTS.get(nearest(path.rpartition(".")[2], _LAST_PARTS), "")


def _impossible_years(values: dict[str, Any], given: Mapping[str, Detail]) -> Iterator[Problem]:
    """Take times out whose year cannot be right, before a zone moves them: the calendar ends at 1 and 9999."""
    for path, code in (("performed_on", Code.IMPOSSIBLE_YEAR), ("follow_up", Code.IMPOSSIBLE_VISIT_YEAR)):
        moment = values.get(path)
        if isinstance(moment, datetime) and moment.year not in _YEARS:
            values[path] = None
            yield _problem(given[path], code)


def _in_zone(values: dict[str, Any], given: Mapping[str, Detail], zone: str, now: datetime) -> list[Problem]:
    """Put performed_on and follow_up into their zone, in place."""
    name = values.get("time_zone", "") or zone
    if name not in zone_names():
        guess = nearest(name, zone_names())
        return [_problem(given["time_zone"], Code.UNKNOWN_TIME_ZONE, nearest=guess, key="time_zone")]
    place = time_zones.zone(name)
    values.setdefault("performed_on", now.astimezone(place) if "performed_on" not in given else None)
    problems = []
    for path in ("performed_on", "follow_up"):
        if values.get(path) is None:
            continue
        if isinstance(values[path], DayOfClock):
            values[path] = values[path].on(now.astimezone(place))
        try:
            values[path] = _placed(values[path], place)
        except ValueFault as error:
            problems.append(_of_fault(given[path], error))
            values[path] = None
    return problems


def _placed(moment: datetime, place: Zone) -> datetime:
    """Return the moment in the zone. Of an hour that comes twice the later is meant: no period ends too early.

    Who has a moment of another zone has it from a program, and midnight here is what it makes of a day without a time.
    """
    if moment.tzinfo is not None:
        if (here := moment.astimezone(place)).time() == time(0):
            raise ValueFault(Code.TIME_NEEDED)
        return here
    local = moment.replace(tzinfo=place, fold=1)
    if local.astimezone(UTC).astimezone(place).replace(tzinfo=None) != moment:
        # The clocks went forward over this time (PEP 495's gap).
        raise ValueFault(Code.TIME_SKIPPED, zone=place.key)
    return local


def _impossible(values: Mapping[str, Any], given: Mapping[str, Detail]) -> list[Problem]:
    performed, follow_up = values.get("performed_on"), values.get("follow_up")
    birth = values.get("patient.birth_date")
    problems = []
    if performed and follow_up and follow_up.astimezone(UTC) <= performed.astimezone(UTC):
        problems.append(_problem(given["follow_up"], Code.FOLLOW_UP_TOO_EARLY))
    if performed and birth and birth > performed.date():
        problems.append(_problem(given["patient.birth_date"], Code.BORN_TOO_LATE))
    if birth and birth.year < 1890:
        problems.append(_problem(given["patient.birth_date"], Code.BORN_TOO_EARLY))
    return problems


def _unlikely(
    values: Mapping[str, Any], given: Mapping[str, Detail], now: datetime, read: ReadWhen, *, strict: bool
) -> Iterator[Problem]:
    """Yield what a slip of the pen in performed_on looks like; every date on the sheet counts from it."""
    performed = cast("datetime | None", values.get("performed_on"))
    if performed is None or "performed_on" not in given:
        return
    ahead = performed.astimezone(UTC) - now.astimezone(UTC)
    if read is ReadWhen.BEFORE:
        code = Code.APPOINTMENT_PAST if ahead < timedelta(0) else Code.APPOINTMENT_FAR_AWAY if ahead > _YEAR else None
    else:
        months_ago = _months_before(now.astimezone(performed.tzinfo).date(), _MONTHS_BACK)
        code = Code.IN_FUTURE if ahead > _AHEAD else Code.LONG_AGO if performed.date() < months_ago else None
    if code:
        yield replace(_problem(given["performed_on"], code), severity=Severity.ERROR if strict else Severity.WARNING)


def _months_before(day: date, months: int) -> date:
    """Return the same day of the month so many months before, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _treatment(values: Mapping[str, Any]) -> Treatment:
    patient = Patient(
        name=values["patient.name"],
        birth_date=values.get("patient.birth_date"),
        record_number=values.get("patient.record_number", ""),
        language=values.get("patient.language", ""),
        email=values.get("patient.email", ""),
    )
    return Treatment(
        patient=patient,
        performed_on=values["performed_on"],
        procedure=values.get("procedure", ""),
        body_sites=values.get("body_sites", ()),
        practitioner=values.get("practitioner", ""),
        settings=values.get("settings", ()),
        products=values.get("products", ()),
        follow_up=values.get("follow_up"),
        note=values.get("note", ""),
        note_language=values.get("note_language", ""),
        waiting_periods=values.get("waiting_periods", ()),
    )
