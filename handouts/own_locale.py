"""A locale of CLDR and words of languages.toml -> the locale with those words in it, and with data of its own.

Babel 2.18 writes what an alias leads to into data that all locales share: once Urdu's short weekdays have been looked
up, those of French, Russian and a dozen others are Urdu (Babel, localedata.py, LocaleDataDict.__getitem__).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from babel import Locale, localedata
from babel.dates import parse_pattern

_WIDTHS = {"months": "wide", "short_months": "abbreviated", "weekdays": "wide", "short_weekdays": "abbreviated"}
_HALVES_OF_A_DAY = ("am", "pm")
_UNITS = ("hour", "day", "week")
_NAMES = ("languages", "scripts", "territories")


class OwnLocale(Locale):
    """A locale that shares no data with others; `words` stand in the place of CLDR's.

    `months` from January and `weekdays` from Monday, both also `short_`; `am` and `pm`; `hour`, `day` and `week` with
    {0} for their number; `and` of a list; `time` as CLDR writes a pattern; `decimal`, the sign; and
    `languages`, `scripts` and `territories` by their codes.
    """

    def __init__(self, plain: Locale, words: Mapping[str, Any]) -> None:
        super().__init__(plain.language, territory=plain.territory, script=plain.script)
        self._words = words

    @cached_property
    def _data(self) -> localedata.LocaleDataDict:  # Where each of Locale's properties looks
        data = _copied(localedata.load(str(self)))
        for name, value in self._words.items():
            _put(data, name, value)
        return localedata.LocaleDataDict(data)


def _copied(data: Any) -> Any:
    """Return nested tables anew, also what Babel has wrapped since; the rest of them is never written to."""
    if isinstance(data, localedata.LocaleDataDict):
        data = data._data  # noqa: SLF001 - its own items() would write what an alias leads to into shared data
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return tuple(map(_copied, data)) if isinstance(data, tuple) else data


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    """Put words where Babel looks for them."""
    if name in _UNITS:
        data["unit_patterns"][f"duration-{name}"] = {"long": {"other": value}}
    elif name in _HALVES_OF_A_DAY:
        data["day_periods"]["format"]["abbreviated"][name] = value
    elif name in _NAMES:
        data[name] |= value
    elif name == "and":
        data["list_patterns"]["standard"] |= dict.fromkeys(("end", "2"), f"{{0}} {value} {{1}}")
    elif name == "time":
        data["time_formats"]["short"] = parse_pattern(value)
    elif name == "decimal":
        data["number_symbols"]["latn"]["decimal"] = value
    else:
        kind, first = ("months", 1) if name.endswith("months") else ("days", 0)
        for form in ("format", "stand-alone"):
            data[kind][form][_WIDTHS[name]] = dict(enumerate(value, first))
