"""Dates, durations, numbers and texts -> words and HTML in one language: no template does arithmetic or escaping."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from html import escape
from types import MappingProxyType
from typing import Protocol

from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup

from handouts.composition.bidi import isolated, kept
from handouts.composition.calendars import formatted, in_digits
from handouts.inline import SpanKind, spans
from handouts.languages import Language, language
from handouts.records import Duration

_TEMPERATURE = re.compile(r"(?<!\d)\d++(?:[.,]\d++)?\s?°\s?[CF]")
_TEMPERATURE_SPLIT = re.compile(f"({_TEMPERATURE.pattern})")
_FULL_WIDTH = ("\uff1a", "\u3002", "\uff0c", "\uff01", "\uff1f")
_SPACES = re.compile("[\u00a0\u2009\u202f]")
_UNITS = r"°|%|(?:mm|cm|ml|l|mg|g|kg)\b"
_FACTORS = "SPF|FPS|LSF"
_UNPARTED = re.compile(
    r" (?=[–—])"  # A dash ends a line and never begins one.
    rf"|(?<=\d) (?={_UNITS})|(?<=°) (?=[CF]\b)"
    rf"|(?<=\b(?:{_FACTORS})) (?=\d|\((?:{_FACTORS})\))|(?<=\b(?:{_FACTORS})\)) (?=\d)"
    r"|(?<=\w) (?=[A-EK]\b(?![ \xa0]vitamin))|(?<=\b[A-EK]) (?=vitamin)"  # vitamin C, C vitamini
)
_DAY_OF_MONTH = re.compile(
    r"(?<=\d)(?<!\d{4}) (?=(?!de )[^\W\d])|(?<=\d\.) (?=[^\W\d])|(?<=\bthg) (?=\d)|(?<=\btháng) (?=\d)"
    r"|(?<=\d월) (?=\d)"
)

_MONTH_AND_DAY = re.compile(r"(?<=[ML]) (?=d)")
"""In a pattern of CLDR (UTS 35, 4.8) such as MMMM d."""
_AFTER_NUMBER = re.compile(r"(?<=\d) ")

_MADE_ONCE = (
    "_by_pattern",
    "_pattern",
    "_time",
    "_wide_pattern",
    "duration",
    "measure",
    "narrow_date",
    "short_date",
    "year_apart",
)
_KEPT = 2048
"""Of each kind: as many as there are days in some years, and minutes in a day."""


class LabelSource(Protocol):
    """Looks up a fixed label; raises UnknownLabel where its language lacks it. `texts` has all it knows."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The labels by their English text."""
        ...

    def gettext(self, text: str) -> str:
        """Return the label."""
        ...


class Wording:
    """Words for one sheet: its language, what its documents' placeholders stand for, and where their links lead."""

    def __init__(
        self, language: Language, placeholders: Mapping[str, str], links: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._language = language
        self._placeholders = placeholders
        self._links = links
        for name in _MADE_ONCE:  # Many sheets have the same dates and measures.
            setattr(self, name, lru_cache(maxsize=_KEPT)(getattr(self, name)))

    def inline(self, markup: str) -> Markup:
        """Return one block's text as HTML: bold, links, placeholders kept in their own direction."""
        pieces: list[str] = []
        for span in spans(markup):
            if span.kind is SpanKind.PLACEHOLDER:
                piece = str(isolated(self._placeholders[span.target], self._links.get(span.target, "")))
            else:
                piece = self._measures_isolated(self._with_decimal_sign(span.text))
            if span.kind is SpanKind.LINK:
                piece = f'<a href="{escape(span.target)}">{piece}</a>'
            if span.strong and pieces and pieces[-1].endswith(" "):
                # WeasyPrint 70 can end the line after its first word where a space stands right before <strong>.
                pieces[-1], piece = pieces[-1][:-1], f" {piece}"
            pieces.append(f"<strong>{piece}</strong>" if span.strong else piece)
        return Markup("".join(pieces))  # noqa: S704 - every piece is escaped above

    def words(self, markup: str) -> str:
        """Return one block's text as it reads on the sheet, without marks of any kind."""
        return "".join(
            self._placeholders[span.target] if span.kind is SpanKind.PLACEHOLDER else self._with_decimal_sign(span.text)
            for span in spans(markup)
        )

    def plain(self, markup: str) -> str:
        """Return one block's text without marks, for plain text; a link's address follows its words."""
        pieces = []
        for span in spans(markup):
            if span.kind is SpanKind.PLACEHOLDER:
                pieces.append(kept(self._placeholders[span.target]))
            else:
                text = unparted(self._with_decimal_sign(span.text))
                pieces.append(f"{text} ({span.target})" if span.kind is SpanKind.LINK else text)
        return "".join(pieces)

    def _with_decimal_sign(self, text: str) -> str:
        """Return text with its temperatures as the country writes them: 100,4 °F in Spain, 100.4 °F in Mexico."""
        sign = str(self._language.locale.number_symbols["latn"]["decimal"])
        return _TEMPERATURE.sub(lambda match: re.sub("[.,]", lambda _: sign, match[0]), text)

    def _measures_isolated(self, text: str) -> str:
        """Return text as HTML; in a right-to-left line 38 °C would print as C° 38 (docs/explanation/facts.md)."""
        text = unparted(text)
        if self._language.direction == "ltr":
            return escape(text)
        return "".join(
            str(isolated(piece)) if _TEMPERATURE.fullmatch(piece) else escape(piece)
            for piece in _TEMPERATURE_SPLIT.split(text)
        )

    def day_and_date(self, day: date) -> str:
        """Return weekday, day and month: Saturday, November 21."""
        return self._by_pattern(self._wide_pattern(), day)

    def day_and_time(self, moment: datetime) -> str:
        """Return weekday, day, month and time: Saturday, November 21, 3:00 PM."""
        return self._joined(self.day_and_date(moment.date()), moment)

    def full_date(self, day: date) -> str:
        """Return the date with its year, spelt out."""
        return self._by_pattern(str(self._language.locale.date_formats["long"].pattern), day)

    def date_and_time(self, moment: datetime) -> str:
        """Return weekday, date with year, and time, short: Sat, Nov 21, 2026, 3:00 PM."""
        return self._joined(self._by_pattern(self._pattern("yMMMEd"), moment.date()), moment)

    def beside_gregorian(self, words: str, day: date) -> str:
        """Return the words of a date, with the Gregorian date in brackets where the sheet's calendar is another."""
        if not self._language.persian_calendar:
            return words
        gregorian = format_date(day, "long", locale=self._language.locale)
        return f"{words} ({in_digits(gregorian, self._language)})"

    def dated(self, moment: datetime, now: Sequence[date]) -> str:
        """Return weekday, date and time; spelt out in the year of all the days `now`, else short and with its year."""
        return self.date_and_time(moment) if self.year_apart(moment.date(), now) else self.day_and_time(moment)

    def short_date(self, day: date, now: Sequence[date] = ()) -> str:
        """Return day and month, short: Nov 21; with its year where that is not the one of all the days `now`."""
        return self._by_pattern(self._pattern("yMMMd" if self.year_apart(day, now) else "MMMd"), day)

    def year_apart(self, day: date, now: Sequence[date]) -> str:
        """Return the year of a day in the sheet's calendar, or "" where it is the year of all the days `now`."""
        year = self._by_pattern("y", day)
        return "" if all(self._by_pattern("y", other) == year for other in now) else year

    def narrow_date(self, day: date) -> str:
        """Return day and month for a narrow column: Nov 21, or in numbers where the short form has three words."""
        short = self.short_date(day)
        if len(short.split()) < 3:
            return short.replace("\u00a0", " ")
        return self._by_pattern(self._pattern("Md"), day)

    def weekday(self, day: date) -> str:
        """Return the weekday, short: Sat."""
        return self._by_pattern("ccc", day)

    def day_of_week(self, number: int) -> str:
        """Return the name of a day of the week, Monday is 0, as it stands alone: Saturday."""
        return str(self._language.locale.days["stand-alone"]["wide"][number])

    def clock(self, of_day: time) -> str:
        """Return a time of day: 3:00 PM."""
        return self._time(of_day)

    def sample_dates(self) -> Iterator[str]:
        """Yield dates in whose words and figures every date and time of the language is written."""
        for month in range(1, 13):
            day = datetime(2000 + month, month, 10 + month, month * 2 % 24, 59)  # noqa: DTZ001 - only to be written
            yield from (self.date_and_time(day), self.day_and_time(day), self.full_date(day), self.weekday(day))
            yield self.narrow_date(day)

    def duration(self, duration: Duration) -> str:
        """Return how long: 24 hours; no line ends between the number and its unit.

        By format_timedelta, since Babel's format_unit is broken for days and hours in half of its locales.
        """
        span = duration.unit.length * duration.amount
        words = format_timedelta(span, granularity=duration.unit.value, threshold=1e9, locale=self._language.locale)  # type: ignore[arg-type]
        return _AFTER_NUMBER.sub("\u00a0", _even(words))

    def measure(self, value: str, unit: str) -> str:
        """Return a number with its CLDR unit: 1.5 mm. The digits stand as they were typed."""
        decimals = len(value.partition(".")[2])
        number = format_decimal(value, format=f"0.{'0' * decimals}" if decimals else "0", locale=self._language.locale)
        if not unit:
            return number
        pattern = format_unit(7, unit, "short", locale=self._language.locale)
        return _unbroken(pattern.replace("7", number))

    def _pattern(self, skeleton: str) -> str:
        """Return the locale's pattern for a skeleton with a short month (UTS 35, 4.3.1).

        Where a weekday stands beside it, it is the one with the month spelt out, if CLDR has that, with a short month:
        Spanish has its "de" there alone. An Afghan date stands as an Iranian one: CLDR has no pattern of its own.
        """
        iranian = self._language.persian_calendar
        skeletons = (language("fa") if iranian else self._language).locale.datetime_skeletons
        spelt_out = skeletons.get(skeleton.replace("MMM", "MMMM")) if skeleton.endswith("Ed") else None
        if spelt_out is None:
            return str(skeletons[skeleton].pattern)
        return re.sub("L{4}", "LLL", re.sub("M{4}", "MMM", str(spelt_out.pattern)))

    def _by_pattern(self, pattern: str, day: date) -> str:
        """Return a date so that no line ends between the number of its day and the name of its month."""
        month_first = _MONTH_AND_DAY.sub("\u00a0", pattern)
        return _DAY_OF_MONTH.sub("\u00a0", _even(formatted(day, month_first, self._language)))

    def _wide_pattern(self) -> str:
        """Return the locale's pattern for a weekday, a day and a month, all in words."""
        return re.sub("(?:EEE|ccc|MMM|LLL)+|E", lambda match: 4 * match[0][0], self._pattern("MMMEd"))

    def _joined(self, day: str, moment: datetime) -> str:
        return self._between.replace("{1}", day).replace("{0}", self._time(moment.time()))

    @cached_property
    def _between(self) -> str:
        """The locale's pattern for a date and a time."""
        own = self._language
        pattern = own.date_and_time or str(get_datetime_format("medium", locale=own.locale)).replace("'", "")
        between = pattern.replace("{1}", "").replace("{0}", "").strip(" ,")
        return pattern.replace(f"{between} {{0}}", f"{between}\u00a0{{0}}") if between.isalpha() else pattern

    def _time(self, of_day: time) -> str:
        own = self._language
        return _unbroken(in_digits(format_time(of_day, "short", locale=own.locale), own))


def _even(text: str) -> str:
    """Return CLDR's text with plain no-break spaces: its narrow ones (U+202F) are missing from many typefaces."""
    return _SPACES.sub("\u00a0", text)


def unparted(text: str) -> str:
    """Return a text so that no line parts what is read as one, in any language.

    That is a number and its unit (38 °C, 5 mm), a sun protection factor (SPF 30), a vitamin and its letter; and no line
    begins with a dash. Catalogues need no no-break spaces for these.
    """
    return _UNPARTED.sub("\u00a0", text)


def _unbroken(text: str) -> str:
    """Return a number with what belongs to it, such as 3:00 PM, so that no line ends between them."""
    return _even(text).replace(" ", "\u00a0")


def spaced(label: str) -> str:
    """Return a label with the space that its script puts before what follows: none after full-width punctuation."""
    return label if label.endswith(_FULL_WIDTH) else f"{label} "


def css_string(text: object) -> Markup:
    """Return a CSS string literal that can stand inside <style>."""
    quoted = "".join(_css_character(character) for character in str(text))
    return Markup(f'"{quoted}"')  # noqa: S704 - no character that could end the string or the element is left


def _css_character(character: str) -> str:
    return f"\\{ord(character):x} " if character in '"\\<>&\n' else character
