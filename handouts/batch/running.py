"""A plan -> every sheet made and delivered, and the outcome: how many, which rows failed and why, what to keep."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from handouts.batch.delivering import Delivering
from handouts.batch.merging import forget_parts, merge
from handouts.batch.planning import Checked, Planning, parts_folder
from handouts.errors import InputError, Kind, Problem
from handouts.records import Failed, Planned, Sheet, Task


class Engine(Protocol):
    """Makes sheets of tasks: processes on this machine, or a cluster."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Sheet | Failed]:
        """Yield what became of each task, in their order."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a batch has come to. `failed` has the problems of rows whose sheets could not be made, by line.

    `held_up` says why sheets that wait at a printer are not on paper yet.
    """

    made: int
    done_before: int
    failed: Mapping[int, tuple[Problem, ...]]
    held_up: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    entries: int
    last_hash: str


Tell = Callable[[int], None]
"""Told after each sheet how many rows are behind us."""


def run(planning: Planning, checked: Checked, engine: Engine, delivering: Delivering, tell: Tell) -> Outcome:
    """Make and deliver what is planned; raise InputError where the delivery itself fails.

    What was delivered until then is in the ledger: a run with `resume` makes the rest.
    """
    waiting: deque[Planned] = deque()
    failed: dict[int, tuple[Problem, ...]] = {}
    warnings = dict(checked.warnings)
    made = 0

    def tasks() -> Iterator[Task]:
        for planned in planning.planned(checked.faulty):
            if not planned.done:
                waiting.append(planned)
                yield planned.task

    delivering.begin()
    for result in engine.run(tasks()):
        planned = waiting.popleft()
        if isinstance(result, Failed):
            failed[planned.task.line] = tuple(map(planning.seen, result.problems))
        else:
            try:
                delivering.deliver(planned, result)
            except InputError as error:
                raise InputError((*error.problems, _stopped(planning, made))) from None
            made += 1
            for warning in map(planning.seen, result.warnings):
                warnings.setdefault(repr(warning), warning)
        tell(1)
    merged = delivering.order.merged
    if merged is not None and not failed and (made or not merged.exists()):
        merge(planning.planned(checked.faulty), merged)
        forget_parts(parts_folder(merged))
    return Outcome(
        made=made,
        done_before=checked.done,
        failed=failed,
        held_up=delivering.finish(),
        warnings=(*delivering.ledger.warnings, *warnings.values()),
        entries=delivering.ledger.count,
        last_hash=delivering.ledger.last_hash,
    )


def _stopped(planning: Planning, made: int) -> Problem:
    """Return what to say beside the reason why a batch has stopped in the middle."""
    return Problem(kind=Kind.DELIVERY, code="batch-stopped", source=planning.source, values={"made": str(made)})
