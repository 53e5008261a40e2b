"""A plan -> every sheet made and delivered, and the outcome: how many, which rows failed and why, what to keep."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from handouts.batch.delivering import Delivering
from handouts.batch.merging import forget_parts, is_there, merge
from handouts.batch.planning import Checked, Planning
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.records import BatchOrder, Failed, Planned, Sheet, Task


class Engine(Protocol):
    """Makes sheets of tasks: processes on this machine, or a cluster."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Sheet | Failed]:
        """Yield what became of each task, in their order."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a batch has come to. `failed` has the problems of rows whose sheets could not be made, by line.

    `held_up` says why sheets that wait at a printer are not on paper yet, and what a person has to decide. `merged` are
    the files for the print room.
    """

    made: int
    done_before: int
    failed: Mapping[int, tuple[Problem, ...]]
    held_up: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    entries: int
    last_hash: str
    merged: tuple[Path, ...] = ()


Tell = Callable[[int], None]
"""Told after each sheet how many rows are behind us."""


def run(planning: Planning, checked: Checked, engine: Engine, delivering: Delivering, tell: Tell) -> Outcome:
    """Make and deliver what is planned; raise InputError where the delivery itself fails.

    What was delivered until then is in the ledger: a run with `resume` makes the rest.
    """
    waiting: deque[Planned] = deque()
    failed: dict[int, tuple[Problem, ...]] = {}
    warnings = dict(checked.warnings)
    held_up: list[Problem] = []

    def tasks() -> Iterator[Task]:
        for planned in planning.planned(checked.faulty):
            if not planned.done:
                waiting.append(planned)
                yield planned.task

    for result in engine.run(tasks()):
        planned = waiting.popleft()
        if isinstance(result, Failed):
            failed[planned.task.line] = tuple(map(planning.seen, errors_of(result.problems)))
        else:
            try:
                held_up += delivering.deliver(planned, result)
            except InputError as error:
                raise InputError((*error.problems, _stopped(planning, delivering.made))) from None
            for warning in map(planning.seen, result.warnings):
                warnings.setdefault(repr(warning), warning)
        tell(1)
    held_up += delivering.finish()
    merged = _merged(planning, checked, delivering.order, whole=not failed, made=delivering.made)
    if delivering.order.merged and not merged:
        held_up.append(Problem(kind=Kind.DELIVERY, code=Code.NOT_MERGED, source=str(delivering.order.merged)))
    return Outcome(
        made=delivering.made,
        done_before=checked.done,
        failed=failed,
        held_up=tuple(held_up),
        warnings=(*delivering.ledger.warnings, *warnings.values()),
        entries=delivering.ledger.count,
        last_hash=delivering.ledger.last_hash,
        merged=merged,
    )


def _merged(planning: Planning, checked: Checked, order: BatchOrder, *, made: int, whole: bool) -> tuple[Path, ...]:
    """Write the one file, if there is to be one and nothing that should be in it is missing; return the files."""
    if order.merged is None or not (whole or order.skip_faulty):
        return ()
    files: tuple[Path, ...] = (order.merged,)
    if made or not is_there(order.merged):
        there = (planned for planned in planning.planned(checked.faulty) if planned.path.exists())
        files = merge(there, order.merged)
    forget_parts(order.merged)
    return files


def _stopped(planning: Planning, made: int) -> Problem:
    """Return what to say beside the reason why a batch has stopped in the middle."""
    return Problem(kind=Kind.DELIVERY, code=Code.BATCH_STOPPED, source=planning.source, values={"made": str(made)})
