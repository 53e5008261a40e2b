"""Checked front matter + blocks -> a Problem for each thing that is named but not there, twice there, or misplaced."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from handouts.checking import FileText
from handouts.codes import Code
from handouts.documents.front_matter import FrontMatter, PeriodEntry
from handouts.errors import Problem, nearest
from handouts.lines import KeyPath
from handouts.records import Block, BlockKind

MAXIMUM_ROWS = 7
"""Rows of the schedule: more are no longer read (docs/explanation/facts.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a document's file must fit: its name without suffix, the pictograms on the shelf, the date if it counts."""

    stem: str
    pictograms: tuple[str, ...]
    today: date | None = None

    def missing(self, front: FrontMatter, blocks: tuple[Block, ...], file: FileText) -> Iterator[Problem]:
        """Yield a Problem where the id is not the file's name, a pictogram is unknown, or a review is yet to come."""
        if front.id != self.stem:
            yield file.problem(Code.ID_IS_NOT_FILE_NAME, ("id",), id=front.id, stem=self.stem)
        for index, period in enumerate(front.waiting_periods):
            if period.pictogram:
                path = ("waiting_periods", index, "pictogram")
                yield from _unknown(Code.UNKNOWN_PICTOGRAM, file, path, period.pictogram, self.pictograms)
        for block in _walk(blocks):
            if block.pictogram:
                unknown = _unknown(Code.UNKNOWN_PICTOGRAM, file, (), block.pictogram, self.pictograms)
                yield from (replace(problem, line=block.line) for problem in unknown)
        if self.today and front.review.on and front.review.on > self.today:
            yield file.problem(Code.IN_THE_FUTURE, ("review", "on"), key="on")


def inconsistencies(front: FrontMatter, file: FileText) -> Iterator[Problem]:
    """Yield a Problem for each name in the front matter that is not declared, or is declared twice."""
    first: dict[str, PeriodEntry] = {}
    seen: set[tuple[str, str]] = set()
    for index, period in enumerate(front.waiting_periods):
        here = ("waiting_periods", index)
        known = first.setdefault(period.id, period)
        if (known.label, known.kind) != (period.label, period.kind):
            yield file.problem(Code.PERIOD_DIFFERS, (*here, "id"), name=period.id)
        elif (period.id, period.when) in seen:
            yield file.problem(Code.PERIOD_TWICE, (*here, "id"), name=period.id)
        seen.add((period.id, period.when))
        yield from _undeclared(file, (*here, "source"), period.source, front.sources)
        if period.when:
            yield from _undeclared(file, (*here, "when"), period.when, front.conditions)
    if len(rows_of(front)) > MAXIMUM_ROWS:
        yield file.problem(Code.TOO_MANY, ("waiting_periods",), key="waiting_periods", maximum=str(MAXIMUM_ROWS))
    for key, dated in (("waiting_periods", front.waiting_periods), ("planner", front.planner)):
        if front.read == "before" and dated:
            yield file.problem(Code.DATED_BEFORE, (key,), key=key)
    for name, condition in front.conditions.items():
        here_condition = ("conditions", name)
        if condition.setting:
            yield from _undeclared(file, (*here_condition, "setting"), condition.setting, front.settings)
        for site in condition.body_site:
            yield from _undeclared(file, (*here_condition, "body_site"), site, front.body_sites)


def rows_of(front: FrontMatter) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each row of the schedule: those of one label and kind, the first declared one's first."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for period in front.waiting_periods:
        found.setdefault((period.label, period.kind), {})[period.id] = None
    return tuple(map(tuple, found.values()))


def misplaced(front: FrontMatter, blocks: tuple[Block, ...], file: FileText) -> Iterator[Problem]:
    """Yield a Problem for each block that the body lacks, has twice, or asks for without a declaration."""
    kinds = [block.kind for block in blocks]
    for kind in (BlockKind.KEY_MESSAGE, BlockKind.CALL_US, BlockKind.CONTACT):
        if kinds.count(kind) != 1:
            yield file.problem(Code.NEEDS_ONE_CONTAINER, (), name=str(kind), count=str(kinds.count(kind)))
    declared = ((BlockKind.SCHEDULE, bool(front.waiting_periods)), (BlockKind.PLANNER, front.planner is not None))
    for kind, wanted in declared:
        if kinds.count(kind) != int(wanted):
            code = Code.DECLARED_NOT_PLACED if wanted else Code.PLACED_NOT_DECLARED
            yield file.problem(code, (), name=str(kind))
    for block in _walk(blocks):
        if block.when:
            unknown = _undeclared(file, (), block.when, front.conditions)
            yield from (replace(problem, line=block.line) for problem in unknown)


def _walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _walk(block.children)


def _undeclared(file: FileText, path: KeyPath, name: str, known: Iterable[str]) -> Iterator[Problem]:
    yield from _unknown(Code.UNDECLARED_NAME, file, path, name, known)


def _unknown(code: Code, file: FileText, path: KeyPath, name: str, known: Iterable[str]) -> Iterator[Problem]:
    if name not in known:
        yield file.problem(code, path, nearest=nearest(name, known), name=name)
