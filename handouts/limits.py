"""Work on files that others wrote -> its result, or an end to it where it takes more than any sheet of ours needs.

A clinic's templates, style, logo and catalogues are other people's code: a small one can compute for ever or fill the
machine. A step of work gets so many seconds of a processor, a process so much memory.
"""

import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem

SECONDS = 30.0
"""Of a processor, for one step: half a second is usual for a sheet, and what takes this long would take for ever."""
MEMORY = 1_500_000_000
"""Bytes that a process may write to. Sheets in four scripts take 260 MB (measured 2026-11-28, VmData)."""
_GRACE = 5.0
"""Seconds after which the process ends where OutOfTime could not be raised: in a library that holds the interpreter."""
_MEGABYTE = 1_000_000
_HELD = Path("/proc/self/statm")
"""What a process holds in pages; the sixth number is its data and its stack (proc(5))."""
_LEAST = (
    (resource.RLIMIT_AS, 400 * _MEGABYTE, MEMORY),
    (resource.RLIMIT_DATA, 300 * _MEGABYTE, MEMORY),
    (resource.RLIMIT_NOFILE, 64, 256),
)
"""What a limit that was set from outside must allow to begin with, and what one sheet can need (measured 2026-11-28:
a sheet in one language begins to fail under 390 MB of addresses, and has 30 files open)."""
_SHOWN = {
    resource.RLIMIT_AS: "MB of memory",
    resource.RLIMIT_DATA: "MB of memory",
    resource.RLIMIT_NOFILE: "open files",
}
_MACHINE = "this computer"
WITHOUT_END = (Code.OUT_OF_TIME, Code.OUT_OF_MEMORY)
"""Problems of a file that whatever uses it would meet again, each time as slowly."""


class OutOfTime(BaseException):
    """A step took more of a processor than it may; no `except Exception` of a library keeps it."""


def limit_memory(most: int = MEMORY) -> None:
    """Let this process, and those that it starts, hold no more than `most` bytes of its own each.

    Beyond that Python raises MemoryError, and a library may end the process.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def free_memory() -> int:
    """Return how many bytes this process may take yet, of what limits it or of MEMORY; below 0 it holds more.

    Where the system does not say what it holds, that counts as nothing.
    """
    allowed = min(_allowed(resource.RLIMIT_DATA), MEMORY)
    try:
        held = int(_HELD.read_text().split()[5]) * resource.getpagesize()
    except OSError:
        held = 0
    return int(allowed) - held


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


def too_narrow() -> Problem | None:
    """Return the limit of memory or files that was set from outside and under which nothing can be made, or None."""
    return next((_narrow(number, full) for number, least, full in _LEAST if _allowed(number) < least), None)


def narrow_memory() -> Problem | None:
    """Return the limit of memory that was set from outside and is lower than our own, or None."""
    return next((_narrow(number, full) for number, _, full in _LEAST[:2] if _allowed(number) < full), None)


def narrow_time(seconds: float) -> Problem | None:
    """Return the limit of a processor's time that was set from outside, if a process has used so much, or None."""
    if seconds + 0.1 < (allowed := _allowed(resource.RLIMIT_CPU)):
        return None
    return _narrowed(f"{allowed:.0f} s of a processor", f"{SECONDS:.0f} s for each sheet")


def _allowed(number: int) -> float:
    """Return what a limit allows; our own of memory counts for none."""
    soft, hard = resource.getrlimit(number)
    found = hard if number == resource.RLIMIT_DATA and soft == MEMORY else soft
    return float("inf") if found == resource.RLIM_INFINITY else found


def _narrow(number: int, full: int) -> Problem:
    if number == resource.RLIMIT_NOFILE:
        return _narrowed(f"{_allowed(number):.0f} open files", str(full))
    return _narrowed(f"{_allowed(number) // _MEGABYTE:.0f} MB of memory", f"{full // _MEGABYTE} MB")


def _narrowed(allowed: str, needed: str) -> Problem:
    return Problem.of(Kind.MACHINE, Code.LIMITED_FROM_OUTSIDE, "this computer", allowed=allowed, needed=needed)


def out_of_memory(kind: Kind, source: str, line: int | None = None) -> Problem:
    """Return the problem of something that took too much memory; a limit set from outside blames no file."""
    return narrow_memory() or Problem.of(kind, Code.OUT_OF_MEMORY, source, line)


@contextmanager
def blamed_on(kind: Kind, source: str) -> Iterator[None]:
    """Raise InputError about `source` where what is done inside is out of time or memory."""
    try:
        yield
    except OutOfTime:
        raise InputError.of(kind, Code.OUT_OF_TIME, source) from None
    except MemoryError:
        raise InputError([out_of_memory(kind, source)]) from None


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
