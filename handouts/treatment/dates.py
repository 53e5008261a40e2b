"""A date or a time as a person or a clinic's export writes it -> a day or a moment, or a ValueFault."""

import re
from collections.abc import Callable
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
_TIME = re.compile(rf"(\d{{1,2}})([:.])(\d\d)(?:\2(\d\d)(?:\.\d{{1,9}})?)?(?:{_HALF})?", re.ASCII)
_FULL_HOUR = re.compile(rf"(\d{{1,2}}){_HALF}", re.ASCII)
_TIME_BEHIND = re.compile(rf"[t ](?=\d{{1,2}}(?::|\.\d\d(?:{_HALF})?\Z|{_HALF}\Z))", re.ASCII)
"""Where a time begins behind a day. With a full stop it is the last there is: 21. 11.2026 is a day alone."""
_OFFSET = re.compile(
    r"(?P<utc>.*[\dm.]) ?(?:z|utc|gmt)"
    r"|(?P<hours>.*:\d\d:\d\d(?:\.\d+)?)(?P<of_hours>[+-]\d\d)"
    r"|(?P<time>.*[\dm.])(?P<offset>[+-]\d\d:?\d\d| [+-]\d{4}| \+\d\d:\d\d)",
    re.ASCII,
)
"""A time's offset as programs write it. Behind a space -0500 is one; -05:00 may as well be the end of a visit."""
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
            return _not_midnight(datetime.fromisoformat(text))
    try:
        found = moment_in_table(text, None, DateOrder.ISO)
        return datetime.fromisoformat(found) if isinstance(found, str) else found
    except ValueFault as error:
        raise ValueFault(error.code if error.code in _ALSO_FOR_TYPED else Code.NOT_A_TIME) from None


def _not_midnight(moment: datetime) -> datetime:
    """Return a moment; raise a ValueFault where it has an offset and is midnight there: a program wrote a day alone."""
    if moment.tzinfo is not None and moment.time() == time(0):
        raise ValueFault(Code.TIME_NEEDED)
    return moment


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
    day, clock = _parts(_without_offset(value)[0], order)
    if clock not in (None, time(0)):
        raise ValueFault(Code.NOT_A_DATE)
    return day.isoformat()


def moment_in_table(
    value: object, clock: time | None, order: DateOrder, has_utc_times: Callable[[], bool] = lambda: False
) -> str | datetime:
    """Return a day with its time of day as 2026-03-15 15:00, or the moment itself where it has an offset.

    `clock` is the time of a column of its own, if there is one. Midnight is what programs write for a time that nobody
    entered: it is refused, since waiting periods would end up to a day too early. In UTC it is an hour of the evening
    as well, and taken where `has_utc_times` says that its column has other times of that kind.
    """
    text, offset = _without_offset(value)
    day, time_of_day = _parts(text, order)
    if clock is not None:
        if time_of_day not in (None, time(0)):
            raise ValueFault(Code.TABLE_TIME_TWICE)
        time_of_day = clock
    if time_of_day is None or (time_of_day == time(0) and not (is_utc(offset) and has_utc_times())):
        raise ValueFault(Code.TIME_NEEDED)
    if offset:
        return datetime.fromisoformat(f"{day.isoformat()}T{time_of_day.isoformat('seconds')}{offset}")
    return f"{day.isoformat()} {time_of_day.isoformat('seconds' if time_of_day.second else 'minutes')}"


def is_utc_time(value: object, order: DateOrder) -> bool:
    """Return whether a cell holds a time in UTC that is not midnight."""
    text, offset = _without_offset(value)
    try:
        return is_utc(offset) and _parts(text, order)[1] not in (None, time(0))
    except ValueFault:
        return False


def is_utc(offset: str) -> bool:
    """Return whether an offset, as `moment_in_table` reads it, is that of UTC."""
    return offset in ("Z", "+00", "+0000", "+00:00", "-0000", "-00:00")


def _without_offset(value: object) -> tuple[object, str]:
    """Return a value without the offset behind its time, and the offset ("Z" for UTC), or ""."""
    match = _OFFSET.fullmatch(cleaned(value).lower()) if isinstance(value, str) else None
    found = {part: text for part, text in match.groupdict().items() if text} if match else {}
    time_of_day = found.get("utc") or found.get("hours") or found.get("time") or ""
    if ":" not in time_of_day:
        return value, ""
    return time_of_day, "Z" if "utc" in found else (found.get("of_hours") or found["offset"]).strip()


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
