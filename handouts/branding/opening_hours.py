"""Opening hours as clinic.toml writes them, `monday-friday = "08:00-18:00"` -> days of the week and times of day."""

import re
from collections.abc import Iterator, Mapping
from datetime import time

from handouts.codes import Code
from handouts.errors import ValueFault, nearest
from handouts.records import OpeningHours

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSED = "closed"
_BETWEEN = re.compile(r"[-–]|\bto\b")
"""What stands between two days, or two times."""
_OF_24 = re.compile(r"(0\d|1\d|2[0-4]|[6-9])(?:[:.]([0-5]\d))?")
"""A single digit below 6 may be an afternoon: it has to be written as 15:00 or 3 pm, or as 03:00."""
_OF_12 = re.compile(r"(0?[1-9]|1[0-2])(?:[:.]([0-5]\d))?\s*([ap])\.?\s?m\.?")
_MIDNIGHT = 24 * 60


def opening_hours(table: Mapping[str, str]) -> tuple[OpeningHours, ...]:
    """Return the lines of the table, as they stand; raise ValueFault for a day that has two."""
    found = tuple(OpeningHours(days=days_of(days), times=times_of(times)) for days, times in table.items())
    named = [day for line in found for first, last in line.days for day in _all_days(first, last)]
    if len(set(named)) < len(named):
        twice = next(day for day in named if named.count(day) > 1)
        raise ValueFault(Code.VALUE_REFUSED, reason=f"{DAYS[twice]} stands in it twice")
    return found


def days_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return the first and last day of each range, Monday is 0; raise ValueFault where a word is no day."""
    ranges = []
    for part in text.lower().split(","):
        ends = _ends(part)
        if len(ends) > 2 or not all(map(_is_day, ends)):
            wrong = next((end for end in ends if not _is_day(end)), part)
            raise ValueFault(Code.OPENING_DAYS, days=text, nearest=nearest(wrong, DAYS))
        ranges.append((_day(ends[0]), _day(ends[-1])))
    return tuple(ranges)


def times_of(text: str) -> tuple[tuple[time, time], ...]:
    """Return when it opens and closes, in the order of the day, none where it is closed.

    Raises ValueFault for what is no time, and for one that is not later than the one before it.
    """
    if text.strip().lower() == CLOSED:
        return ()
    minutes = [_minute(end) for part in text.lower().split(",") for end in _two_ends(part)]
    if any(minute is None for minute in minutes):
        raise ValueFault(Code.OPENING_TIMES)
    known = [minute for minute in minutes if minute is not None]
    if known != sorted(set(known)):
        raise ValueFault(Code.OPENING_TIMES_ORDER)
    moments = [time(minute // 60 % 24, minute % 60) for minute in known]
    return tuple(zip(moments[::2], moments[1::2], strict=True))


def _ends(part: str) -> list[str]:
    return [end.strip() for end in _BETWEEN.split(part)]


def _two_ends(part: str) -> tuple[str, str]:
    ends = _ends(part)
    return (ends[0], ends[1]) if len(ends) == 2 else ("", "")


def _minute(text: str) -> int | None:
    """Return the minute of the day that a time names, 24:00 is its end; None where it is no time beyond doubt."""
    if match := _OF_24.fullmatch(text):
        minute = int(match[1]) * 60 + int(match[2] or 0)
        return minute if minute <= _MIDNIGHT else None
    if match := _OF_12.fullmatch(text):
        return int(match[1]) % 12 * 60 + int(match[2] or 0) + (12 * 60 if match[3] == "p" else 0)
    return None


def _is_day(word: str) -> bool:
    return len(word) >= 3 and sum(day.startswith(word) for day in DAYS) == 1


def _day(word: str) -> int:
    return next(number for number, day in enumerate(DAYS) if day.startswith(word))


def _all_days(first: int, last: int) -> Iterator[int]:
    """Yield the days of a range, which may go over the end of the week: Sunday to Thursday."""
    yield from (day % 7 for day in range(first, last + 1 if last >= first else last + 8))
