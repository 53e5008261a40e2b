"""What of a sheet is the patient's own -> its values in a fixed order, the shape that all the rest has, and probes."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NoReturn

from handouts.codes import Code
from handouts.composition.bidi import is_plain
from handouts.composition.moments import Moments
from handouts.composition.passages import Passage
from handouts.composition.side import Personal, Same, Side
from handouts.errors import ValueFault

_NAMES_KEPT = 4096
_MOMENTS_KEPT = 4096
_OF_THE_DOCUMENT = frozenset(("procedure",))
"""Details that are words of the document, of which it has few: they belong to the shape, and may take two lines."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """The patient's own values of one sheet, one language after the other, in the order of its probes.

    Sheets with equal `shape` have the same page but for these; it holds which values there are, with their languages
    and directions. `are_plain` says that each value runs in one direction, without parts of their own.
    """

    shape: Hashable
    values: tuple[str, ...]
    are_plain: bool


class _Unasked:
    """Stands for what a patient has: there it is, and no question about what it says has an answer."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True

    def _refuse(self, *_arguments: object) -> NoReturn:
        raise ValueFault(Code.VALUE_USED)

    __str__ = __eq__ = __ne__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = _refuse
    __getitem__ = __contains__ = __add__ = __radd__ = __mul__ = __mod__ = __rmod__ = __int__ = __float__ = _refuse
    __format__ = __call__ = __index__ = __reversed__ = _refuse


class Probe(_Unasked):
    """Stands for a value of the patient while a page is composed for all patients: it can be printed, and no more.

    Whether there is a value is part of the shape, so that can be asked; so can its language and direction. `note` is
    told the word each time that it is printed.
    """

    __slots__ = ("_note", "_word", "dir", "lang")

    def __init__(self, word: str, passage: Passage, note: Callable[[str], None]) -> None:
        self._word, self.lang, self.dir, self._note = word, passage.lang, passage.dir, note

    def __html__(self) -> str:
        self._note(self._word)
        return self._word

    @property
    def text(self) -> "Probe":
        """The value itself."""
        return self

    ordered = text


class _Lines(_Unasked):
    """Stands for a note of the patient: its lines can be printed."""

    __slots__ = ("_lines",)

    def __init__(self, lines: tuple[Probe, ...]) -> None:
        self._lines = lines

    def __html__(self) -> str:
        self._refuse()

    def lines(self) -> tuple[Probe, ...]:
        """Return a probe for each line."""
        return self._lines


def fields(sides: Sequence[Side]) -> Fields:
    """Return the values of a sheet and its shape."""
    owns = tuple(side.personal() for side in sides)
    passages = tuple(passage for own in owns for passage in _passages(own))
    is_there = tuple((bool(one.text), one.lang, one.dir) for one in passages)
    return Fields(
        shape=(tuple(map(_fixed, sides, owns)), is_there),
        values=tuple(value for own in owns for value in _values(own)),
        are_plain=all(not one.dir or _is_plain(one.text, one.dir) for one in passages),
    )


def probe_words(count: int) -> tuple[str, ...]:
    """Return as many different words that no text has, short enough for the narrowest field."""
    return tuple(f"Qx{number // 36:x}{_DIGITS[number % 36]}" for number in range(count))


def probed(side: Side, words: Iterator[str], note: Callable[[str], None]) -> Personal:
    """Return what is the patient's own with a probe, printed as the next word, in the place of each value.

    `note` is told each word as it is printed.
    """

    def probe(value: Passage) -> Any:
        word = next(words)
        return Probe(word, value, note) if value.text else value

    def of_text(text: str) -> Any:
        return probe(Passage(text=text))

    own = side.personal()
    moments = own.moments
    return Personal(
        details=tuple(
            entry if entry.name in _OF_THE_DOCUMENT else replace(entry, value=probe(entry.value))
            for entry in own.details
        ),
        note=_note(own.note, probe),
        moments=Moments(
            avoid=tuple(replace(row, moment=row.moment and of_text(row.moment)) for row in moments.avoid),
            keep_up=tuple(replace(row, moment=of_text(row.moment)) for row in moments.keep_up),
            planner_days=tuple(
                {name: of_text(value) if isinstance(value, str) else value for name, value in day.items()}
                for day in moments.planner_days
            ),
            dates={days: of_text(text) for days, text in moments.dates.items()},
        ),
        practitioner=probe(own.practitioner),
    )


def _note(note: Passage, probe: Callable[[Passage], Any]) -> Any:
    lines = tuple(map(probe, note.lines()))
    return _Lines(lines) if note.text else note


def _passages(own: Personal) -> Iterator[Passage]:
    """Yield the values that differ from patient to patient in whether they are there, and in what language."""
    yield from (entry.value for entry in own.details if entry.name not in _OF_THE_DOCUMENT)
    yield from own.note.lines()
    yield own.practitioner


def _values(own: Personal) -> Iterator[str]:
    """Yield each value in the order in which `probed` replaces them."""
    *others, last = _passages(own)
    yield from (one.text for one in others)
    yield from _moments(own.moments)[0]
    yield last.text


def _fixed(side: Side, own: Personal) -> Hashable:
    """Return all that a page of this side depends on but for the patient's values."""
    given = side.ingredients
    return (
        *map(Same, (given.branding, given.document, given.source, given.labels, given.english_labels)),
        (given.whole_text, given.review, given.reviewed, given.approval, given.overdue),
        (given.paper, given.print_size, given.format, given.sample),
        tuple(
            (entry.name, entry.label, entry.value if entry.name in _OF_THE_DOCUMENT else None) for entry in own.details
        ),
        _moments(own.moments)[1],
    )


@lru_cache(maxsize=_MOMENTS_KEPT)
def _moments(of: Moments) -> tuple[tuple[str, ...], Hashable]:
    """Return the values of moments, and what a page depends on but for these: also which of them are there."""
    rows = (*of.avoid, *of.keep_up)
    days = (value for day in of.planner_days for value in day.values() if isinstance(value, str))
    values = (*(row.moment for row in rows if row.moment), *days, *of.dates.values())
    fixed = tuple((row.label, row.pictogram, row.how_long, row.set_by, row.reason) for row in rows)
    there = tuple(map(bool, values))
    return values, (len(of.avoid), fixed, len(of.planner_days), tuple(of.dates), there)


_is_plain = lru_cache(maxsize=_NAMES_KEPT)(is_plain)
