"""Tasks -> their sheets in the same order, made by processes on this machine."""

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from operator import attrgetter

from handouts.crew import Crew, Ended
from handouts.errors import InputError
from handouts.limits import SECONDS
from handouts.press import Press
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources

_WARM = 8
"""The sheet after which what stays in memory has mostly come."""
Maker = Callable[[Task], Sheet | Failed]


def maker(resources: Resources) -> Maker:
    """Return a function that makes one row's sheet with a press that stays warm: keep it while many are made."""
    press = Press(resources)
    made = count(1)

    def make(task: Task) -> Sheet | Failed:
        try:
            sheet = press.sheet_of(task.opened(), audited=task.audited)
        except InputError as error:
            return Failed(problems=error.problems)
        if next(made) == _WARM:
            gc.freeze()  # What a warm press keeps need not be looked at again: 6 to 8 % (docs/explanation/facts.md).
        return sheet

    return make


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """Makes sheets in `workers` processes; a sheet that takes more than `seconds` of a processor ends its worker."""

    resources: Resources
    workers: int
    seconds: float = SECONDS

    def run(self, tasks: Iterable[Task]) -> Iterator[Sheet | Failed]:
        """Yield what became of each task, in their order; no more than a few are held at any time."""
        crew = Crew(
            hire=partial(maker, self.resources),
            workers=self.workers,
            seconds=self.seconds,
            kind=attrgetter("kind"),
        )
        for task, result in crew.run(tasks):
            yield failed(task, result) if isinstance(result, Ended) else result


def failed(task: Task, ended: Ended) -> Failed:
    """Return the failure of a sheet that has ended every one of its workers, or its time or memory."""
    return Failed(problems=(ended.problem(task.source, task.line),))
