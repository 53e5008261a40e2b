"""A table that was dropped on the page -> today's list: each patient as the form takes them, and what is wrong.

It is read as `handouts batch` reads it, by a worker, and kept in the session's memory and nowhere else.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handouts import time_zones, treatment
from handouts.batch import job_of, of_row
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, each_once, errors_of
from handouts.interfaces.desk.wishing import NotAForm
from handouts.press import Press
from handouts.records import CheckedJob, Job, Row, Treatment
from handouts.treatment import FieldKind, tables
from handouts.treatment.tables import DateOrder, Table

MOST = 500
"""Patients of one day; the list of a whole clinic's month is a batch."""
_NOT_ASKED = frozenset(("patient.language", "time_zone"))
"""What the form has no field for: the sheet's language is chosen, and times are the clinic's."""

Values = Mapping[str, Any]
"""Of a form, by path: texts, lists of texts, numbers by the name of a setting, periods by name as amount, unit, reason.

A moment is written as 2026-11-21 15:00.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A patient of the list: the row's line, whom and when it names, and what the form is to be filled in with.

    `document` is "" where neither row nor page names one, `languages` are () where the row says nothing of it. Of a row
    with errors `values` are what was typed, as far as it can stand in the form.
    """

    line: int
    name: str = field(repr=False)
    when: str
    document: str
    languages: tuple[str, ...]
    values: Values = field(repr=False)
    problems: tuple[Problem, ...]

    @property
    def is_faulty(self) -> bool:
        """Whether something in the row must be mended before a sheet can be made of it."""
        return bool(errors_of(self.problems))


@dataclass(frozen=True, kw_only=True, slots=True)
class TodaysList:
    """The patients in the order of the table, and what is to be said of the table as a whole."""

    waiting: tuple[Waiting, ...]
    problems: tuple[Problem, ...]

    def at(self, line: int) -> Waiting | None:
        """Return the patient of a line."""
        return next((each for each in self.waiting if each.line == line), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadList:
    """Reads a table, for `document` where a row names none ("" leaves it to whoever takes the patient).

    `name` is the file's; its ending says how it is written. `dates` says what 03/04/2026 means.
    """

    data: bytes = field(repr=False)
    name: str
    now: datetime
    document: str = ""
    dates: DateOrder = DateOrder.ISO

    def __call__(self, press: Press) -> TodaysList:
        """Return the list; raise InputError with everything that refuses the table whole."""
        form = tables.form_of(self.name)
        dates = None if self.dates is DateOrder.ISO else self.dates
        exports = press.exports(self.now.date())
        table = tables.read_table(self.data, self.name, form=form, dates=dates, exports=exports)
        if table.count > MOST:
            raise InputError.of(Kind.TREATMENT, Code.TABLE_TOO_LONG, self.name, maximum=str(MOST))
        zone = press.branding(self.now.date()).time_zone
        wanted = Job(document=self.document, languages=(), details=(), now=self.now)
        waiting = tuple(_waiting(row, wanted, table, press, zone) for row in table.rows())
        notice = (table.notice,) if table.notice else ()
        return TodaysList(waiting=waiting, problems=(*notice, *table.warnings))


def list_of(given: Mapping[str, Any], now: datetime) -> ReadList:
    """Return what reads the table that a page of ours has sent: name, data in base64, dates, document.

    Raises NotAForm.
    """
    name, data, document = (given.get(key, "") for key in ("name", "data", "document"))
    if not (isinstance(name, str) and isinstance(data, str) and isinstance(document, str)):
        raise NotAForm
    try:
        dates, table = DateOrder(str(given.get("dates", DateOrder.ISO))), b64decode(data, validate=True)
    except ValueError:
        raise NotAForm from None
    return ReadList(data=table, name=name[:200], now=now, document=document[:200], dates=dates)


def _waiting(row: Row, wanted: Job, table: Table, press: Press, zone: str) -> Waiting:
    """Return a patient with every problem of the row, in words of its columns."""
    problems, checked, read = list(row.problems), None, None
    try:
        if row.document or wanted.document:
            prepared, warnings = press.check(job_of(row, wanted, table))
            problems += warnings
            checked, read = prepared.checked, prepared.checked.treatment
        elif not errors_of(row.problems):
            read, warnings = treatment.treatment(row.details, zone=zone, now=wanted.now)
            problems += warnings
    except InputError as error:
        problems += (of_row(problem, row, table) for problem in error.problems)
    typed = _typed(row)
    values = typed if read is None else {**typed, **_values(read, zone)}
    return Waiting(
        line=row.line,
        name=str(values.get("patient.name", "")),
        when=str(values.get("performed_on", "")),
        document=row.document or wanted.document,
        languages=_languages(row, checked),
        values=values,
        problems=each_once(map(table.with_header, problems)),
    )


def _languages(row: Row, checked: CheckedJob | None) -> tuple[str, ...]:
    """Return the languages of the sheet: the row's own, else those that the patient reads."""
    if checked is not None:
        return checked.languages[0]
    spoken = next((detail.value for detail in row.details if detail.path == "patient.language"), "")
    named = row.language or (spoken if isinstance(spoken, str) else "")
    return tuple(filter(None, named.split("+")))


def _typed(row: Row) -> dict[str, Any]:
    """Return what was typed, where the form can show it: texts, lists of texts, settings by name."""
    kinds = {each.path: each.kind for each in treatment.FIELDS if each.path not in _NOT_ASKED}
    found: dict[str, Any] = {}
    for path, value in ((detail.path, detail.value) for detail in row.details):
        kind = kinds.get(path)
        if kind is FieldKind.NUMBERS and isinstance(value, Mapping):
            found[path] = {name: each for name, each in value.items() if isinstance(each, str)}
        elif kind is FieldKind.LIST:
            items = value if isinstance(value, list | tuple) else [value]
            found[path] = [each for each in items if isinstance(each, str)]
        elif kind not in (None, FieldKind.NUMBERS, FieldKind.PERIODS) and isinstance(value, str):
            found[path] = value
    return found


def _values(read: Treatment, zone: str) -> dict[str, Any]:
    """Return the details of a treatment as the form has them, in the document's own names where they are known."""
    patient = read.patient
    values = {
        "patient.name": patient.name,
        "patient.birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
        "patient.record_number": patient.record_number,
        "patient.email": patient.email,
        "procedure": read.procedure,
        "body_sites": list(read.body_sites),
        "performed_on": _clock(read.performed_on, zone),
        "practitioner": read.practitioner,
        "settings": {setting.name: setting.value for setting in read.settings},
        "products": list(read.products),
        "follow_up": _clock(read.follow_up, zone),
        "note": read.note,
        "note_language": read.note_language,
        "waiting_periods": {
            wait.id: {"amount": str(wait.duration.amount), "unit": f"{wait.duration.unit}s", "reason": wait.reason}
            for wait in read.waiting_periods
        },
    }
    return {path: value for path, value in values.items() if value not in ("", [], {})}


def _clock(moment: datetime | None, zone: str) -> str:
    """Return a moment as the clinic's clock has it."""
    return f"{moment.astimezone(time_zones.zone(zone)):%Y-%m-%d %H:%M}" if moment is not None else ""
