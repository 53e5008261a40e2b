"""Checked records -> what the templates see: texts already worded, each with its language and direction."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from unicodedata import combining, east_asian_width

from babel import Locale
from babel.lists import format_list

from handouts.composition.passages import Passage, clinics_passage, passage
from handouts.composition.wording import LabelSource, Wording, unparted
from handouts.languages import Language
from handouts.records import (
    Block,
    BlockKind,
    Branding,
    Document,
    PeriodKind,
    ReadWhen,
    Schedule,
    ScheduleRow,
    SetBy,
    Treatment,
)

Day = TypeVar("Day")


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelEntry:
    """One entry of the details panel: which label, and the value."""

    name: str
    label: str
    value: Passage


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedRow:
    """One row of the dated table; `moment` is "" where it is never allowed again."""

    label: str
    pictogram: str
    how_long: str
    moment: str
    set_by: SetBy
    reason: Passage


def clinic_text(branding: Branding, key: str, sheet: Language) -> Passage:
    """Return one of the clinic's texts in the sheet's language, or in the clinic's own where it has none."""
    text, of = branding.text(key, sheet.tag)
    return clinics_passage(text, sheet, of)


def dated_rows(
    schedule: Schedule,
    kinds: Collection[PeriodKind],
    wording: Wording,
    labels: LabelSource,
    sheet: Language,
    typed_in: str,
) -> tuple[DatedRow, ...]:
    """Return the rows of these kinds; `typed_in` is the language of the reasons, "" where it is not known."""

    def row(source: ScheduleRow) -> DatedRow:
        return DatedRow(
            label=unparted(source.label),
            pictogram=source.pictogram,
            how_long=wording.duration(source.duration) if source.duration else labels.gettext("Always avoid"),
            moment=wording.dated(source.moment, schedule.now) if source.moment else "",
            set_by=source.set_by,
            reason=passage(source.reason, sheet, typed_in),
        )

    return tuple(row(source) for source in schedule.rows if source.kind in kinds)


def details(treatment: Treatment, document: Document, wording: Wording, sheet: Language) -> Iterator[PanelEntry]:
    """Yield the details panel's entries; what was not given has none. `name` is for the template's label."""
    patient = treatment.patient
    yield PanelEntry(name="patient", label="", value=passage(patient.name, sheet))
    if patient.birth_date:
        born = wording.beside_gregorian(wording.full_date(patient.birth_date), patient.birth_date)
        yield PanelEntry(name="birth_date", label="", value=Passage(text=born))
    if patient.record_number:
        yield PanelEntry(name="record_number", label="", value=passage(patient.record_number, sheet))
    procedure = treatment.procedure or next(iter(document.treatments))
    yield PanelEntry(name="procedure", label="", value=Passage(text=document.treatments[procedure].text))
    if treatment.body_sites:
        first, *others = (document.body_sites[site].text for site in treatment.body_sites)
        sites = (first, *(within(site, sheet) for site in others))
        yield PanelEntry(name="body_sites", label="", value=Passage(text=joined(sites, sheet)))
    if treatment.performed_on:
        name = "appointment" if document.read is ReadWhen.BEFORE else "performed_on"
        yield PanelEntry(name=name, label="", value=Passage(text=_in_panel(treatment.performed_on, wording)))
    if treatment.practitioner:
        yield PanelEntry(name="practitioner", label="", value=passage(treatment.practitioner, sheet))
    for setting in treatment.settings:
        declared = document.settings[setting.name]
        value = Passage(text=wording.measure(setting.value, declared.unit))
        yield PanelEntry(name="setting", label=unparted(declared.label.text), value=value)
    if treatment.products:
        yield PanelEntry(name="products", label="", value=passage(joined(treatment.products, sheet), sheet))
    if treatment.follow_up:
        when = _in_panel(treatment.follow_up, wording)
        yield PanelEntry(name="follow_up", label="", value=Passage(text=when))


_SHORT = ("procedure", "body_sites")
_IN_ROWS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("patient",), ("record_number",)),
    (("birth_date",), _SHORT),
    (("performed_on", "appointment"), _SHORT),
    (("practitioner",), ("setting",)),
    (("products",), ()),
    (("follow_up",), (*_SHORT, "setting")),
)
"""What stands side by side, each with room for a long value: behind a name the shortest, behind a date the shorter."""


def in_rows(entries: Iterable[PanelEntry]) -> tuple[tuple[PanelEntry, ...], ...]:
    """Return the panel's entries as they stand in rows of one or two."""
    waiting = list(entries)

    def taken(names: Sequence[str]) -> tuple[PanelEntry, ...]:
        """Take out the first that has one of the names, if any."""
        place = next((place for place, entry in enumerate(waiting) if entry.name in names), None)
        return () if place is None else (waiting.pop(place),)

    rows = [(*first, *taken(behind)) for names, behind in _IN_ROWS if (first := taken(names))]
    rows += [tuple(waiting[start : start + 2]) for start in range(0, len(waiting), 2)]
    return tuple(rows)


def _in_panel(moment: datetime, wording: Wording) -> str:
    return wording.beside_gregorian(wording.date_and_time(moment), moment.date())


def within(label: str, sheet: Language) -> str:
    """Return a label as it stands inside a list: with a small letter, unless its language or an abbreviation has it."""
    if sheet.capital_nouns or not label[1:2].islower():
        return label
    return label[:1].lower() + label[1:]


def joined(items: Sequence[str], sheet: Language) -> str:
    """Return a list in words, by CLDR."""
    return _joined(tuple(items), sheet.locale)


@lru_cache(maxsize=1024)
def _joined(items: tuple[str, ...], locale: Locale) -> str:
    return str(format_list(list(items), locale=locale))


def in_weeks(days: Sequence[Day]) -> tuple[tuple[Day, ...], ...]:
    """Return the planner's days as they stand under each other, evenly: at most day 0 and seven days side by side."""
    tables = -(-len(days) // _DAYS_ACROSS)
    across = -(-len(days) // max(tables, 1))
    return tuple(tuple(days[start : start + across]) for start in range(0, len(days), max(across, 1)))


_DAYS_ACROSS = 8

Columns = tuple[tuple[Block, ...], ...]

GROUPS: tuple[tuple[tuple[BlockKind, ...], ...], ...] = (
    ((BlockKind.DO,), (BlockKind.DO_NOT,)),
    ((BlockKind.NORMAL,), (BlockKind.TIMELINE,)),
    ((BlockKind.URGENT,), (BlockKind.EMERGENCY,)),
    ((BlockKind.CALL_US,), (BlockKind.CONTACT, BlockKind.TEACH_BACK)),
    ((BlockKind.CALL_US,), (BlockKind.CONTACT,)),
)
"""Blocks that stand side by side, column by column, where the document has them one after the other."""

_LONGEST_LIST = 640
"""Letters of a list beside which another may stand, wide ones counted twice (Unicode, UAX 11).

Two long lists side by side, which no page parts, would leave much of the page before them blank. Measured on the
shipped documents: up to this, most pages that begin with the details hold both.
"""


def in_columns(blocks: Sequence[Block]) -> tuple[Columns, ...]:
    """Return the blocks in order as rows of columns; most rows have one column of one block."""
    rows: list[Columns] = []
    start = 0
    while start < len(blocks):
        row = _group_at(blocks, start) or ((blocks[start],),)
        rows.append(row)
        start += sum(len(column) for column in row)
    return tuple(rows)


def _group_at(blocks: Sequence[Block], start: int) -> Columns:
    for group in GROUPS:
        kinds = tuple(kind for column in group for kind in column)
        found = blocks[start : start + len(kinds)]
        if tuple(block.kind for block in found) == kinds and max(map(_length, found)) <= _LONGEST_LIST:
            taken = iter(blocks[start:])
            return tuple(tuple(next(taken) for _ in column) for column in group)
    return ()


def _length(block: Block) -> int:
    """Return how many letters a block's texts have, a wide one counted as two, a mark on a letter as none."""
    letters = "".join(text.text for text in texts_of(block))
    return sum(2 if east_asian_width(letter) in "WF" else not combining(letter) for letter in letters)


def each_language(texts: Sequence[Sequence[Block]]) -> Callable[[Block], tuple[Block, ...]]:
    """Return a function: a block of the first text -> the same block in each text, since they share one structure."""
    found: dict[int, tuple[Block, ...]] = {}
    waiting = list(zip(*texts, strict=True))
    while waiting:
        same = waiting.pop()
        found[id(same[0])] = same
        waiting += zip(*(block.children for block in same), strict=True)
    return lambda block: found[id(block)]


def texts_of(block: Block) -> tuple[Block, ...]:
    """Return the text blocks inside a block in order, without its own heading."""
    found: list[Block] = []
    for index, child in enumerate(block.children):
        if child.children:
            found += texts_of(child)
        elif not (index == 0 and child.kind is BlockKind.HEADING):
            found.append(child)
    return tuple(found)
