"""A row's job -> the sheet's bytes or its Problems: what one worker does, with a press that stays warm."""

import gc
from collections.abc import Callable
from itertools import count

from handouts.errors import InputError
from handouts.press import Gathering, Press
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources

Maker = Callable[[Task], Sheet | Failed]


def maker(resources: Resources) -> Maker:
    """Return a function that makes one row's sheet; keep it for as long as many are made."""
    press = Press(resources)
    made = count(1)

    def make(task: Task) -> Sheet | Failed:
        try:
            sheet = _made(press, task)
        except InputError as error:
            return Failed(number=task.number, problems=error.problems)
        if next(made) == _WARM:
            gc.freeze()  # What a warm press keeps need not be looked at again: 6 to 8 % (facts/speed.md).
        return sheet

    return make


_WARM = 8
"""The sheet after which what stays in memory has mostly come."""


def _made(press: Press, task: Task) -> Sheet:
    composed, warnings = press.compose(task.job)
    gathering = Gathering(problems=list(warnings))
    sheets = press.typeset(composed, task.job, gathering)
    (handout,), ((pdf, pages),) = composed, sheets
    assert pages is not None, "a batch makes PDFs"
    return Sheet(
        number=task.number,
        pdf=pdf,
        document=handout.document,
        version=handout.version,
        language=handout.language,
        fingerprint=handout.fingerprint,
        pages=pages,
        warnings=tuple(gathering.problems),
    )
