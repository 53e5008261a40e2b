"""A date or a time as a person or a clinic's export writes it -> a day or a moment, or a ValueFault."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.treatment.values import cleaned, words

_ISO_DAY = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2,4})", re.ASCII)
_NAMED_MONTH = re.compile(r"(?:(\d{1,2})[-. ]*([a-z]{3,9})|([a-z]{3,9})[-. ]*(\d{1,2}))[-., ]+(\d{2,4})", re.ASCII)
_HALF = r" ?([ap])\.?m\.?"
_TIME = re.compile(rf"(\d{{1,2}})([:.])(\d\d)(?:\2(\d\d)(?:\.\d{{1,6}})?)?(?:{_HALF})?", re.ASCII)
_FULL_HOUR = re.compile(rf"(\d{{1,2}}){_HALF}", re.ASCII)
_TIME_BEHIND = re.compile(rf"[t ](?=\d{{1,2}}(?::|\.\d\d(?:{_HALF})?\Z|{_HALF}\Z))", re.ASCII)
"""Where a time begins behind a day. With a full stop it is the last there is: 21. 11.2026 is a day alone."""
_OFFSET = re.compile(r"(.*\d)(z|[+-]\d\d:?\d\d)", re.ASCII)
_SERIAL = re.compile(r"\d{1,7}([.,]\d+)?", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = frozenset(
    {
        *("january", "february", "march", "april", "june", "july", "august"),
        *("september", "sept", "october", "november", "december"),
    }
)
_EARLIEST_PLAIN_HOUR = 7
_ISO_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})[T ]\d\d.*", re.ASCII)
_TODAY = re.compile(
    rf"(today|now|yesterday)?(?:(?:^|,? (?:at )?)(\d{{1,2}}(?::.+|\.\d\d(?:{_HALF})?|{_HALF})))?", re.ASCII
)
_DAY_OR_TIME = re.compile(r"\d{1,2}\.(?:0[1-9]|1[0-2])", re.ASCII)
"""9.05 alone can be the ninth of May; 9.30 cannot be a day, and today 9.05 is a time."""
_ALSO_FOR_TYPED = frozenset({Code.TIME_NEEDED, Code.TABLE_TIME_UNCLEAR})
"""Faults of a table's cell that are worded so that they fit a single treatment too."""
_MIDNIGHT = datetime(2000, 1, 1)  # noqa: DTZ001 - a clock without a day or a zone


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfClock:
    """A time of day, or now, `days` from the day of whoever reads it: only the clock and the zone say which moment."""

    days: int
    clock: time | None

    def on(self, now: datetime) -> datetime:
        """Return the moment that is meant at `now` (aware, in the zone in which the time was typed), without a zone."""
        if self.clock is None:
            return now.replace(tzinfo=None)
        return datetime.combine(now.date() + timedelta(days=self.days), self.clock)


class DateOrder(StrEnum):
    """What 03/04/2026 means in a table. Nothing is guessed: ISO refuses such a date."""

    ISO = "iso"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def day(value: object) -> date:
    """Return the day that a field holds: 2026-11-21, 21 Nov 2026; 03/04/2026 is refused, since it is two days."""
    if isinstance(value, datetime):
        raise ValueFault(Code.NOT_A_DATE)
    if isinstance(value, date):
        return value
    text = words(value)
    try:
        return date.fromisoformat(day_text(text, DateOrder.ISO))
    except ValueFault:
        raise ValueFault(Code.NOT_A_DATE) from None


def moment(value: object) -> datetime:
    """Return the day with its time that a field holds: 2026-11-21 15:00, 21 Nov 2026 3:00 pm, with an offset or not."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        raise ValueFault(Code.TIME_NEEDED)
    text = "" if isinstance(value, time) else words(value)
    if _ISO_MOMENT.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    try:
        return datetime.fromisoformat(moment_text(text, "", DateOrder.ISO))
    except ValueFault as error:
        raise ValueFault(error.code if error.code in _ALSO_FOR_TYPED else Code.NOT_A_TIME) from None


def moment_or_today(value: object) -> datetime | DayOfClock:
    """Return a moment, or one that needs the clock's day: 15:00, 3:00 pm, 3 pm, 9.30, today, yesterday 15:00."""
    if isinstance(value, time):
        return DayOfClock(days=0, clock=value)
    match = _TODAY.fullmatch(words(value).lower()) if isinstance(value, str) else None
    if match is None or not match[0]:
        return moment(value)
    if _DAY_OR_TIME.fullmatch(match[0]):
        raise ValueFault(Code.NOT_A_TIME)
    if not match[2]:
        if match[1] == "yesterday":
            raise ValueFault(Code.TIME_NEEDED)
        return DayOfClock(days=0, clock=None)
    try:
        return DayOfClock(days=-1 if match[1] == "yesterday" else 0, clock=clock_of(match[2]))
    except ValueFault as error:
        raise ValueFault(error.code if error.code in _ALSO_FOR_TYPED else Code.NOT_A_TIME) from None


def day_text(value: object, order: DateOrder) -> str:
    """Return a day as 2026-03-15. Raises a ValueFault; a time of midnight behind the day counts for nothing."""
    day, clock = _parts(value, order)
    if clock not in (None, time(0)):
        raise ValueFault(Code.NOT_A_DATE)
    return day.isoformat()


def moment_text(value: object, clock_value: object, order: DateOrder) -> str:
    """Return a day with its time of day as 2026-03-15 15:00, with the offset where one was given.

    `clock_value` is the cell of a column of its own for the time, or "". Midnight is what programs write for a time
    that nobody entered: it is refused, since waiting periods would end up to a day too early.
    """
    text, offset = value, ""
    if isinstance(value, str) and (match := _OFFSET.fullmatch(cleaned(value).lower())) and ":" in match[1]:
        text, offset = match[1], match[2].upper()
    day, clock = _parts(text, order)
    if clock_value not in ("", None):
        if clock not in (None, time(0)):
            raise ValueFault(Code.TABLE_TIME_TWICE)
        clock = clock_of(clock_value)
    if clock in (None, time(0)):
        raise ValueFault(Code.TIME_NEEDED)
    return f"{day.isoformat()} {clock.isoformat('seconds' if clock.second else 'minutes')}{offset}"


def clock_of(value: object) -> time:
    """Return a time of day: 15:00, 3:00 PM, 3 pm, 9.30, or the time of a workbook's cell."""
    if isinstance(value, timedelta):
        value = (_MIDNIGHT + value).time() if timedelta(0) <= value < timedelta(days=1) else ""
    if isinstance(value, time):
        return value.replace(microsecond=0)
    text = cleaned(value).lower() if isinstance(value, str) else ""
    if full := _FULL_HOUR.fullmatch(text):
        text = f"{full[1]}:00 {full[2]}m"
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueFault(Code.TABLE_NOT_A_CLOCK)
    hour, half = int(match[1]), match[5]
    if half and not 1 <= hour <= 12:
        raise ValueFault(Code.TABLE_NOT_A_CLOCK)
    if not half and len(match[1]) == 1 and hour < _EARLIEST_PLAIN_HOUR:
        # 3:00 in an export that leaves out PM would put every date on the sheet twelve hours too early.
        raise ValueFault(Code.TABLE_TIME_UNCLEAR)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(match[3]), int(match[4] or 0))
    except ValueError:
        raise ValueFault(Code.TABLE_NOT_A_CLOCK) from None


def _parts(value: object, order: DateOrder) -> tuple[date, time | None]:
    """Return the day and the time behind it, or None."""
    if isinstance(value, datetime):
        whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)  # A workbook's times are fractions.
        return whole.date(), whole.time()
    if isinstance(value, date):
        return value, None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.10g}"
    if not isinstance(value, str):
        raise ValueFault(Code.NOT_A_DATE)
    text = cleaned(value).lower()
    head, separator, tail = text, "", ""
    if place := _TIME_BEHIND.search(text):
        head, separator, tail = text[: place.start()].rstrip(" ,"), " ", text[place.end() :]
    return _day(head, order), (clock_of(tail) if separator else None)


def _day(text: str, order: DateOrder) -> date:
    if match := _ISO_DAY.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[3], match[4])
    if match := _NAMED_MONTH.fullmatch(text):
        return _date(match[5], str(_month(match[2] or match[3])), match[1] or match[4])
    if match := _YEAR_LAST.fullmatch(text):
        if order is DateOrder.ISO:
            raise ValueFault(Code.TABLE_DATE_ORDER)
        first, second = match[1], match[3]
        day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
        return _date(match[4], month, day, order)
    raise ValueFault(Code.TABLE_DATE_NUMBER if _SERIAL.fullmatch(text) else Code.NOT_A_DATE)


def _date(year: str, month: str, day: str, order: DateOrder = DateOrder.ISO) -> date:
    if len(year) != 4:
        raise ValueFault(Code.TABLE_YEAR_SHORT)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        if order is DateOrder.ISO:
            raise ValueFault(Code.NOT_A_DATE) from None
        raise ValueFault(Code.TABLE_DATE_IMPOSSIBLE, order=_SPELT[order]) from None


_SPELT = {DateOrder.DAY_FIRST: "day/month/year", DateOrder.MONTH_FIRST: "month/day/year"}


def _month(name: str) -> int:
    if name not in _MONTHS and name not in _LONG_MONTHS:
        raise ValueFault(Code.NOT_A_DATE)
    return _MONTHS.index(name[:3]) + 1
