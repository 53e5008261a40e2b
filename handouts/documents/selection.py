"""Document + Treatment -> the document with only what applies to that treatment, or a Problem for each mismatch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum, auto

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import MOVABLE, Block, BlockKind, Condition, Document, SettingValue, Treatment, WaitingPeriod

_REASSURING = (BlockKind.NORMAL, BlockKind.TIMELINE)
"""What calls something harmless: only where it is known to be true."""


class Verdict(Enum):
    """What a treatment says of a condition. UNDECIDED: the detail is not given, or a setting falls between conditions.

    OUTSIDE: only the setting is not what the condition asks for.
    """

    HOLDS = auto()
    UNDECIDED = auto()
    OUTSIDE = auto()
    FAILS = auto()


Meanings = Callable[[str, str], tuple[str, ...]]
"""The names of a document that a typed one can mean, where they are several, by the path of the detail."""


def verdicts(
    document: Document, treatment: Treatment, source: str, meanings: Meanings = lambda _path, _name: ()
) -> tuple[Verdict, ...]:
    """Return what the treatment says of each of the document's conditions: all that a selection depends on.

    `source` names where the treatment's details came from. Raises InputError where the treatment names a procedure,
    body site, setting or waiting period that the document does not know: such a sheet would be for something else.
    """
    problems = tuple(_mismatches(document, treatment, source, meanings))
    if problems:
        raise InputError(problems)
    return tuple(_verdict(condition, document, treatment) for condition in document.conditions.values())


def selected(document: Document, found: Sequence[Verdict]) -> Document:
    """Return the document, in any language, without the blocks and waiting periods whose conditions are not met.

    What is not known never takes a warning away: where the treatment does not give the body site, product or setting
    that a condition asks for, the block stands, but for what is normal and what to expect, which stand only where they
    are true. A row of the schedule keeps all of its periods that may apply, of which the strictest is to be printed;
    where a setting keeps every one of them away it keeps them all: a row that depends on a setting always stands.
    """
    named = {"": Verdict.HOLDS, **dict(zip(document.conditions, found, strict=True))}
    periods = tuple(_applying_periods(document.waiting_periods, named))
    blocks = _applying(document.blocks, named)
    if not periods:
        blocks = tuple(block for block in blocks if block.kind is not BlockKind.SCHEDULE)
    return replace(document, blocks=blocks, waiting_periods=periods)


def arranged(document: Document, order: Sequence[BlockKind]) -> Document:
    """Return the document with blocks of the kinds in `order` so that they stand in this order.

    They change places among themselves alone, and none passes a block that a clinic cannot move: what warns a patient
    stays where its author has put it, with the same parts before it and after it.
    """
    blocks = [*document.blocks]
    start = 0
    for end, block in enumerate((*blocks, None)):
        if block is None or block.kind not in MOVABLE:
            places = [place for place in range(start, end) if blocks[place].kind in order]
            found = sorted((blocks[place] for place in places), key=lambda one: order.index(one.kind))
            for place, moved in zip(places, found, strict=True):
                blocks[place] = moved
            start = end + 1
    return replace(document, blocks=tuple(blocks))


def assumed(document: Document, settings: Sequence[SettingValue], source: str) -> Iterator[Problem]:
    """Yield a warning for each setting that rows of the schedule depend on and that decides nothing.

    It is not given, or it falls between the document's conditions: the strictest period of such a row stands.
    """
    rows = [period.row for period in document.waiting_periods]
    chosen = {period.when for period in document.waiting_periods if period.when and rows.count(period.row) > 1}
    for setting in dict.fromkeys(document.conditions[name].setting for name in document.conditions if name in chosen):
        conditions = [condition for condition in document.conditions.values() if condition.setting == setting]
        found = {_of_setting(condition, conditions, settings) for condition in conditions}
        if setting and Verdict.UNDECIDED in found:
            values = {"path": f"settings.{setting}", "document": document.id, "setting": setting}
            yield Problem.warning(Kind.TREATMENT, Code.STRICTEST_ASSUMED, source, **values)


def knows(document: Document, treatment: Treatment) -> bool:
    """Return whether every name in the treatment is one of the document's own."""
    return not any(name not in known for _, name, known in _named(document, treatment))


def _named(document: Document, treatment: Treatment) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each name in the treatment with its path, and the names that the document has there."""
    named = [("procedure", treatment.procedure, tuple(document.treatments))] if treatment.procedure else []
    named += [
        (f"body_sites[{index}]", site, tuple(document.body_sites)) for index, site in enumerate(treatment.body_sites)
    ]
    named += [(f"settings.{setting.name}", setting.name, tuple(document.settings)) for setting in treatment.settings]
    periods = tuple(period.id for period in document.waiting_periods)
    named += [(f"waiting_periods.{period.id}", period.id, periods) for period in treatment.waiting_periods]
    yield from named


def _mismatches(document: Document, treatment: Treatment, source: str, meanings: Meanings) -> Iterator[Problem]:
    for path, name, known in _named(document, treatment):
        if name in known:
            continue
        if several := meanings(path, name):
            values = {"document": document.id, "known": ", ".join(several)}
            yield Problem.of(Kind.TREATMENT, Code.NAME_OF_SEVERAL, source, path=path, **values)
        else:
            values = {"nearest": nearest(name, known), "document": document.id, "known": ", ".join(known) or "-"}
            yield Problem.of(Kind.TREATMENT, Code.NOT_IN_DOCUMENT, source, path=path, **values)
    if not treatment.procedure and len(document.treatments) > 1:
        values = {"path": "procedure", "document": document.id, "known": ", ".join(document.treatments)}
        yield Problem.of(Kind.TREATMENT, Code.PROCEDURE_NEEDED, source, **values)
    for setting in treatment.settings:
        declared = document.settings.get(setting.name)
        low, high = (declared.at_least, declared.at_most) if declared else ("", "")
        value = Decimal(setting.value)
        if (low and value < Decimal(low)) or (high and value > Decimal(high)):
            values = {"path": f"settings.{setting.name}", "document": document.id, "low": low, "high": high}
            yield Problem.of(Kind.TREATMENT, Code.SETTING_OUT_OF_RANGE, source, **values)


def _verdict(condition: Condition, document: Document, treatment: Treatment) -> Verdict:
    """Return whether the treatment meets every test that the condition makes, as far as it says so."""
    found = {Verdict.HOLDS}
    if condition.body_sites:
        found.add(_of_names(set(condition.body_sites) & set(treatment.body_sites), treatment.body_sites))
    if condition.products:
        used = tuple(product.casefold() for product in treatment.products)
        found.add(_of_names([name for name in condition.products if any(name.casefold() in one for one in used)], used))
    if condition.setting:
        found.add(_of_setting(condition, document.conditions.values(), treatment.settings))
    return max(found, key=lambda verdict: verdict.value)


def _of_names(matching: Iterable[str], given: tuple[str, ...]) -> Verdict:
    if not given:
        return Verdict.UNDECIDED
    return Verdict.HOLDS if any(matching) else Verdict.FAILS


def _of_setting(condition: Condition, declared: Iterable[Condition], settings: Iterable[SettingValue]) -> Verdict:
    value = next((Decimal(given.value) for given in settings if given.name == condition.setting), None)
    if value is None:
        return Verdict.UNDECIDED
    sides = {_side_of_range(value, other) for other in declared if other.setting == condition.setting}
    if _side_of_range(value, condition) == 0:
        return Verdict.HOLDS
    return Verdict.UNDECIDED if sides == {-1, 1} else Verdict.OUTSIDE


def _side_of_range(value: Decimal, condition: Condition) -> int:
    """Return -1 where the value lies below the condition's bounds, 1 where it lies above them, 0 where it is within."""
    if condition.at_least and value < Decimal(condition.at_least):
        return -1
    return int(bool(condition.at_most) and value > Decimal(condition.at_most))


def _applying_periods(periods: tuple[WaitingPeriod, ...], found: Mapping[str, Verdict]) -> Iterator[WaitingPeriod]:
    """Yield the periods of each row that may apply, row by row."""
    for row in dict.fromkeys(period.row for period in periods):
        sharing = [(period, found[period.when]) for period in periods if period.row == row]
        apply = [period for period, verdict in sharing if verdict in (Verdict.HOLDS, Verdict.UNDECIDED)]
        yield from apply or (period for period, verdict in sharing if verdict is Verdict.OUTSIDE)


def _applying(
    blocks: tuple[Block, ...], found: Mapping[str, Verdict], *, certain: bool = True, reassuring: bool = False
) -> tuple[Block, ...]:
    """Keep blocks whose condition is met, dissolve `when` containers, and join lists that then stand side by side.

    `certain` and `reassuring` tell of the blocks around these. A container goes that has nothing left but its heading.
    """
    kept: list[Block] = []
    for block in blocks:
        verdict = found[block.when]
        sure = certain and verdict is Verdict.HOLDS
        calms = reassuring or block.kind in _REASSURING
        if verdict in (Verdict.OUTSIDE, Verdict.FAILS) or (calms and not sure):
            continue
        children = _applying(block.children, found, certain=sure, reassuring=calms)
        if block.children and all(child.kind is BlockKind.HEADING for child in children):
            continue
        inner = children if block.kind is BlockKind.WHEN else (replace(block, children=children, when=""),)
        for piece in inner:
            lists = (BlockKind.LIST, BlockKind.STEPS)
            if kept and piece.kind in lists and kept[-1].kind is piece.kind:
                kept[-1] = replace(kept[-1], children=kept[-1].children + piece.children)
            else:
                kept.append(piece)
    return tuple(kept)
