"""Work on files that others wrote -> its result, or an end to it where it takes more than any sheet of ours needs.

A clinic's templates, style, logo and catalogues are other people's code: a small one can compute for ever or fill the
machine. A step of work gets so many seconds of a processor, a process so much memory.
"""

import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from handouts.codes import Code
from handouts.errors import InputError, Kind

SECONDS = 30.0
"""Of a processor, for one step: half a second is usual for a sheet, and what takes this long would take for ever."""
MEMORY = 1_500_000_000
"""Bytes that a process may write to. Sheets in four scripts take 260 MB (measured 2026-11-28, VmData)."""
_GRACE = 5.0
"""Seconds after which the process ends where OutOfTime could not be raised: in a library that holds the interpreter."""


class OutOfTime(BaseException):
    """A step took more of a processor than it may; no `except Exception` of a library keeps it."""


def limit_memory(most: int = MEMORY) -> None:
    """Let this process, and those that it starts, hold no more than `most` bytes of its own each.

    Beyond that Python raises MemoryError, and a library may end the process.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def begin_step(seconds: float = SECONDS) -> None:
    """From now on the main thread has `seconds` of a processor until the next step begins, then OutOfTime is raised.

    Where it cannot be raised the process ends a little later, by SIGVTALRM. In another thread nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    signal.signal(signal.SIGPROF, _raise)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)  # Again each second: a library may have swallowed the first.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds + _GRACE)


def end_step() -> None:
    """Lift the limit of time."""
    if threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit what is done inside as one step."""
    begin_step(seconds)
    try:
        yield
    finally:
        end_step()


@contextmanager
def blamed_on(kind: Kind, source: str) -> Iterator[None]:
    """Raise InputError about `source` where what is done inside is out of time or memory."""
    try:
        yield
    except OutOfTime:
        raise InputError.of(kind, Code.OUT_OF_TIME, source) from None
    except MemoryError:
        raise InputError.of(kind, Code.OUT_OF_MEMORY, source) from None


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
