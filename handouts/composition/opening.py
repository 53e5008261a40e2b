"""Opening days and times, or the clinic's own words for them -> lines in the sheet's language."""

from collections.abc import Callable, Iterable, Iterator

from handouts.composition.passages import Passage, passage
from handouts.composition.views import clinic_text
from handouts.composition.wording import Wording, unparted
from handouts.languages import Language
from handouts.records import Branding, OpeningHours

KEY = "opening_hours"


def opening_hours(branding: Branding, sheet: Language, wording: Wording, label: Callable[[str], str]) -> Passage:
    """Return a line for each line of clinic.toml, by rule; the clinic's own words where it has them in this language.

    Days and times are CLDR's, ranges and lists are worded by the catalogue: a sign between two times would turn them
    round in a line from the right.
    """
    if not branding.hours or branding.texts.get(sheet.tag, {}).get(KEY):
        return clinic_text(branding, KEY, sheet)
    return passage(unparted("\n".join(_lines(branding.hours, wording, label))), sheet)


def _lines(hours: Iterable[OpeningHours], wording: Wording, label: Callable[[str], str]) -> Iterator[str]:
    for line in hours:
        days = _listed((_days(*ends, wording, label) for ends in line.days), label)
        open_at = (
            label("{opens} to {closes}").format(opens=wording.clock(opens), closes=wording.clock(closes))
            for opens, closes in line.times
        )
        times = _listed(open_at, label) if line.times else label("closed")
        words = label("{days}: {times}").format(days=days, times=times)
        yield words[:1].upper() + words[1:]


def _days(first: int, last: int, wording: Wording, label: Callable[[str], str]) -> str:
    if first == last:
        return wording.day_of_week(first)
    between = label("{first_day} to {last_day}")
    return between.format(first_day=wording.day_of_week(first), last_day=wording.day_of_week(last))


def _listed(words: Iterable[str], label: Callable[[str], str]) -> str:
    first, *others = words
    for other in others:
        first = label("{one}, {other}").format(one=first, other=other)
    return first
