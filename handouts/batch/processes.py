"""Tasks -> their sheets in the same order, made by processes on this machine."""

import gc
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from operator import attrgetter
from pathlib import Path

from handouts.crew import Crew, Ended
from handouts.delivery.spool import leave
from handouts.errors import InputError
from handouts.limits import SECONDS
from handouts.press import Press
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources

_WARM = 8
"""The sheet after which what stays in memory has mostly come."""


class Maker:
    """Makes rows' sheets with a press that stays warm, and leaves them in the folder `place`: keep it for many."""

    def __init__(self, resources: Resources, place: Path | None = None) -> None:
        self._press = Press(resources)
        self._place = place
        self._made = count(1)
        self._ahead: dict[int, Sheet] = {}

    def __call__(self, task: Task) -> Sheet | Failed:
        """Return a row's sheet."""
        sheet = self._ahead.pop(task.line, None)
        try:
            if sheet is None:
                sheet = self._press.sheet_of(task.opened())
            if task.audited and sheet.laid_out is None:
                self._press.audit(sheet, task.opened())
        except InputError as error:
            return Failed(problems=error.problems)
        if next(self._made) == _WARM:
            gc.freeze()  # What a warm press keeps need not be looked at again: 6 to 8 % (docs/explanation/facts.md).
        return sheet if self._place is None else leave(sheet, self._place / f"{task.line}.pdf")

    def ahead(self, tasks: Sequence[Task]) -> None:
        """Write what can be written of these rows, all together, and keep it until each is asked for."""
        sheets = self._press.written_of([task.opened() for task in tasks])
        pairs = zip(tasks, sheets, strict=True)
        self._ahead = {task.line: sheet for task, sheet in pairs if sheet is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """Makes sheets in `workers` processes; a sheet that takes more than `seconds` of a processor ends its worker."""

    resources: Resources
    workers: int
    seconds: float = SECONDS

    def run(self, tasks: Iterable[Task], place: Path | None = None) -> Generator[Sheet | Failed]:
        """Yield what became of each task, in their order; no more than some are held at any time.

        Their bytes come in memory, or wait in files of the folder `place`.
        """
        crew = Crew(
            hire=partial(Maker, self.resources, place),
            workers=self.workers,
            seconds=self.seconds,
            kind=attrgetter("kind"),
        )
        for task, result in crew.run(tasks):
            yield failed(task, result) if isinstance(result, Ended) else result


def failed(task: Task, ended: Ended) -> Failed:
    """Return the failure of a sheet that has ended every one of its workers, or its time or memory."""
    return Failed(problems=(ended.problem(task.source, task.line),))
