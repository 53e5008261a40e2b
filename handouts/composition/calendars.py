"""A day and a pattern of CLDR -> the date in words, in the calendar of the sheet's language and country."""

from dataclasses import dataclass
from datetime import date

from babel.dates import DateTimeFormat, format_date, parse_pattern

from handouts.languages import Language

_EPOCH = 226_895
"""The ordinal (date.toordinal) from which the rule counts the days of the calendar: Julian day 1948320 in ICU."""
_YEARS = range(1178, 1634)
"""The years for which the 33-year rule agrees with the equinox in Tehran (ICU, PersianCalendar): 1799 to 2255."""
_LONG_MONTHS = 6
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MONTHS = {
    "IR": ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"],
    "AF": ["حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"],
}
"""CLDR's names of the months, fa and fa-AF, calendar persian; Babel has only the Gregorian ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersianDate:
    """A day of the calendar of Iran and Afghanistan (Solar Hijri)."""

    year: int
    month: int
    day: int


def persian(day: date) -> PersianDate:
    """Return a day's date in the Persian calendar; raise ValueError outside the years 1799 to 2255.

    The 33-year rule of ICU's PersianCalendar: eight leap years in 33; six months of 31 days, five of 30, the last of 29
    or 30.
    """
    days = day.toordinal() - _EPOCH
    year = (33 * days + 3) // (365 * 33 + 8) + 1
    if year not in _YEARS:
        raise ValueError("outside the years of the Persian calendar's rule")
    of_year = days - _days_before(year)
    month = of_year // 31 if of_year < _LONG_MONTHS * 31 else (of_year - _LONG_MONTHS) // 30
    start = month * 31 if month < _LONG_MONTHS else month * 30 + _LONG_MONTHS
    return PersianDate(year=year, month=month + 1, day=of_year - start + 1)


def _days_before(year: int) -> int:
    """Return how many days lie between the first day of year 1 and the first day of `year`."""
    return 365 * (year - 1) + (8 * year + 21) // 33


class _PersianFormat(DateTimeFormat):
    """Fills a pattern of CLDR with a day of the Persian calendar; the weekday is the same in both."""

    def __init__(self, day: date, language: Language) -> None:
        super().__init__(day, language.locale)
        self._persian = persian(day)
        self._months = _MONTHS[language.persian_calendar]

    def __getitem__(self, name: str) -> str:
        kind, length = name[0], len(name)
        if kind == "y":
            return str(self._persian.year)
        if kind in "ML":
            number = self._persian.month
            return self._months[number - 1] if length > 2 else str(number).zfill(length)
        return str(self._persian.day).zfill(length) if kind == "d" else super().__getitem__(name)


def formatted(day: date, pattern: str, language: Language) -> str:
    """Return a day by a pattern of CLDR (UTS 35, 4), in the sheet's calendar and its digits."""
    if not language.persian_calendar:
        return str(format_date(day, pattern, locale=language.locale))
    return in_digits(str(parse_pattern(pattern) % _PersianFormat(day, language)), language)


def in_digits(text: str, language: Language) -> str:
    """Return a date or a time with the digits that belong to the sheet's calendar."""
    return text.translate(_PERSIAN_DIGITS) if language.persian_calendar else text
