"""Details by path, the clinic's zone and the clock -> Treatment, or every Problem that the details have."""

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from handouts.errors import InputError, Kind, Problem, Severity, nearest
from handouts.records import Detail, Patient, Treatment
from handouts.treatment.fields import FIELDS
from handouts.treatment.values import ValueFault, fault

_BY_PATH = {field.path: field for field in FIELDS}
_FAR = 366


def treatment(details: Sequence[Detail], *, zone: str, now: datetime) -> tuple[Treatment, tuple[Problem, ...]]:
    """Return the checked treatment and its warnings; raise InputError with every fault.

    `zone` is the clinic's time zone and stands where the details name none; `now` (aware) stands for a missing
    performed_on. A later detail replaces an earlier one of the same path.
    """
    problems: list[Problem] = []
    given: dict[str, Detail] = {}
    values: dict[str, Any] = {}
    for detail in details:
        field = _BY_PATH.get(detail.path)
        if field is None:
            problems.append(_problem(detail, "unknown-key", {"key": detail.path}, nearest(detail.path, _BY_PATH)))
            continue
        given[detail.path] = detail
        try:
            values[detail.path] = field.check(detail.value)
        except ValueFault as error:
            values.pop(detail.path, None)
            problems.append(_problem(detail, error.code, {**error.values, "key": detail.path}))
    source = details[0].source if details else "command line"
    for field in FIELDS:
        if field.required and field.path not in given:
            values_missing = {"key": field.path, "option": field.option}
            problems.append(Problem(kind=Kind.TREATMENT, code="detail-missing", source=source, values=values_missing))
    problems += _in_zone(values, given, zone, now)
    problems += _impossible(values, given)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return _treatment(values), (*problems, *_unlikely(values, given, now))


def _problem(detail: Detail, code: str, values: Mapping[str, str] | None = None, guess: str = "") -> Problem:
    return Problem(
        kind=Kind.TREATMENT,
        code=code,
        source=detail.source,
        line=detail.line,
        path=detail.path,
        values=values or {},
        nearest=guess,
    )


def _in_zone(values: dict[str, Any], given: Mapping[str, Detail], zone: str, now: datetime) -> list[Problem]:
    """Put performed_on and follow_up into their zone, in place."""
    name = values.get("time_zone", "") or zone
    try:
        place = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        guess = nearest(name, zoneinfo.available_timezones())
        return [_problem(given["time_zone"], "unknown-time-zone", {"key": "time_zone"}, guess)]
    values.setdefault("performed_on", now.astimezone(place) if "performed_on" not in given else None)
    problems = []
    for path in ("performed_on", "follow_up"):
        if values.get(path) is None:
            continue
        try:
            values[path] = _placed(values[path], place)
        except ValueFault as error:
            problems.append(_problem(given[path], error.code, {**error.values, "key": path}))
            values[path] = None
    return problems


def _placed(moment: datetime, place: zoneinfo.ZoneInfo) -> datetime:
    """Return the moment in the zone. Of an hour that comes twice the later is meant: no period ends too early."""
    if moment.tzinfo is not None:
        return moment.astimezone(place)
    local = moment.replace(tzinfo=place, fold=1)
    if local.astimezone(UTC).astimezone(place).replace(tzinfo=None) != moment:
        # The clocks went forward over this time (PEP 495's gap).
        raise fault("time-skipped", zone=place.key)
    return local


def _impossible(values: Mapping[str, Any], given: Mapping[str, Detail]) -> list[Problem]:
    performed, follow_up = values.get("performed_on"), values.get("follow_up")
    birth = values.get("patient.birth_date")
    problems = []
    if performed and follow_up and follow_up.astimezone(UTC) <= performed.astimezone(UTC):
        problems.append(_problem(given["follow_up"], "follow-up-too-early"))
    if performed and birth and birth > performed.date():
        problems.append(_problem(given["patient.birth_date"], "born-too-late"))
    if birth and birth.year < 1890:
        problems.append(_problem(given["patient.birth_date"], "born-too-early"))
    if performed and not 1990 <= performed.year <= 2200:
        problems.append(_problem(given["performed_on"], "impossible-year"))
    return problems


def _unlikely(values: Mapping[str, Any], given: Mapping[str, Detail], now: datetime) -> tuple[Problem, ...]:
    performed = cast("datetime", values["performed_on"])
    if "performed_on" in given and abs((performed - now).days) > _FAR:
        return (replace(_problem(given["performed_on"], "far-away"), severity=Severity.WARNING),)
    return ()


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
        waiting_periods=values.get("waiting_periods", ()),
    )
