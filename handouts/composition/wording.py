"""Dates, durations, numbers and texts -> words and HTML in one language: no template does arithmetic or escaping."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from html import escape
from types import MappingProxyType

from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup

from handouts.composition.bidi import isolated, kept
from handouts.inline import SpanKind, spans
from handouts.languages import Language
from handouts.records import Duration, Unit

_HOURS = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}
_TEMPERATURE = re.compile(r"\d+(?:[.,]\d+)?\s?°\s?[CF]")
_TEMPERATURE_SPLIT = re.compile(f"({_TEMPERATURE.pattern})")
_FULL_WIDTH = ("\uff1a", "\u3002", "\uff0c", "\uff01", "\uff1f")
_SPACES = re.compile("[\u00a0\u2009\u202f]")


class Wording:
    """Words for one sheet: its language, what its documents' placeholders stand for, and where their links lead."""

    def __init__(
        self, language: Language, placeholders: Mapping[str, str], links: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._language = language
        self._placeholders = placeholders
        self._links = links

    def inline(self, markup: str) -> Markup:
        """Return one block's text as HTML: bold, links, placeholders kept in their own direction."""
        pieces: list[str] = []
        for span in spans(markup):
            if span.kind is SpanKind.PLACEHOLDER:
                piece = str(isolated(self._placeholders[span.target], self._links.get(span.target, "")))
            else:
                piece = self._measures_isolated(span.text)
            if span.kind is SpanKind.LINK:
                piece = f'<a href="{escape(span.target)}">{piece}</a>'
            if span.strong and pieces and pieces[-1].endswith(" "):
                # WeasyPrint 70 can end the line after its first word where a space stands right before <strong>.
                pieces[-1], piece = pieces[-1][:-1], f" {piece}"
            pieces.append(f"<strong>{piece}</strong>" if span.strong else piece)
        return Markup("".join(pieces))  # noqa: S704 - every piece is escaped above

    def plain(self, markup: str) -> str:
        """Return one block's text without marks, for plain text; a link's address follows its words."""
        pieces = []
        for span in spans(markup):
            if span.kind is SpanKind.PLACEHOLDER:
                pieces.append(kept(self._placeholders[span.target]))
            else:
                pieces.append(f"{span.text} ({span.target})" if span.kind is SpanKind.LINK else span.text)
        return "".join(pieces)

    def _measures_isolated(self, text: str) -> str:
        """Return text as HTML; in a right-to-left line 38 °C would print as C° 38 (facts/typesetting.md)."""
        if self._language.direction == "ltr":
            return escape(text)
        return "".join(
            str(isolated(piece)) if _TEMPERATURE.fullmatch(piece) else escape(piece)
            for piece in _TEMPERATURE_SPLIT.split(text)
        )

    def day_and_date(self, day: date) -> str:
        """Return weekday, day and month: Saturday, November 21."""
        return self._spelt_out("MMMEd", day)

    def day_and_time(self, moment: datetime) -> str:
        """Return weekday, day, month and time: Saturday, November 21, 3:00 PM."""
        return self._joined(self.day_and_date(moment.date()), moment)

    def full_date(self, day: date) -> str:
        """Return the date with its year, spelt out."""
        return _even(format_date(day, "long", locale=self._language.locale))

    def date_and_time(self, moment: datetime) -> str:
        """Return weekday, date with year, and time, short: Sat, Nov 21, 2026, 3:00 PM."""
        return self._joined(_even(str(format_skeleton("yMMMEd", moment.date(), locale=self._language.locale))), moment)

    def short_date(self, day: date) -> str:
        """Return day and month, short: Nov 21."""
        return _even(str(format_skeleton("MMMd", day, locale=self._language.locale)))

    def narrow_date(self, day: date) -> str:
        """Return day and month for a narrow column: Nov 21, or in numbers where the short form has three words."""
        short = self.short_date(day)
        if len(short.split()) < 3:
            return short
        return _even(str(format_skeleton("Md", day, locale=self._language.locale)))

    def weekday(self, day: date) -> str:
        """Return the weekday, short: Sat."""
        return _even(str(format_date(day, "ccc", locale=self._language.locale)))

    def duration(self, duration: Duration) -> str:
        """Return how long: 24 hours.

        By format_timedelta, since Babel's format_unit is broken for days and hours in half of its locales.
        """
        span = _HOURS[duration.unit] * duration.amount
        words = format_timedelta(span, granularity=duration.unit.value, threshold=1e9, locale=self._language.locale)
        return _even(words)

    def measure(self, value: str, unit: str) -> str:
        """Return a number with its CLDR unit: 1.5 mm. The digits stand as they were typed."""
        decimals = len(value.partition(".")[2])
        number = format_decimal(value, format=f"0.{'0' * decimals}" if decimals else "0", locale=self._language.locale)
        if not unit:
            return number
        pattern = format_unit(7, unit, "short", locale=self._language.locale)
        return _unbroken(pattern.replace("7", number))

    def _spelt_out(self, skeleton: str, day: date) -> str:
        """Return a date by the locale's pattern for `skeleton`, with weekday and month spelt out (UTS 35, 4.3.1.3)."""
        pattern = str(self._language.locale.datetime_skeletons[skeleton].pattern)
        pattern = re.sub("E+", "EEEE", re.sub("MMM+", "MMMM", re.sub("LLL+", "LLLL", pattern)))
        return _even(format_date(day, pattern, locale=self._language.locale))

    def _joined(self, day: str, moment: datetime) -> str:
        pattern = str(get_datetime_format("medium", locale=self._language.locale))
        time = _unbroken(format_time(moment, "short", locale=self._language.locale))
        return pattern.replace("'", "").replace("{1}", day).replace("{0}", time)


def _even(text: str) -> str:
    """Return CLDR's text with plain no-break spaces: its narrow ones (U+202F) are missing from many typefaces."""
    return _SPACES.sub("\u00a0", text)


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
