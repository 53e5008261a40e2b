"""A command -> the same command in a child process that has limits; however that ends, it is reported in words.

What computes for ever or grows without end is mostly stopped inside, with its file and line. What a library does while
it holds the interpreter can only be ended from outside, with what is known there: what was being done.
"""

import atexit
import fcntl
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from handouts.limits import begin_step, end_step, limit_memory
from handouts.stopping import ASKED, listen

STALLED = 900.0
"""Seconds by the clock after which a step that computes is ended: it waits for something that never comes."""
_TICK = 5.0
_NOTE = 512
"""Bytes of the note on which the child writes what it is doing."""
_WAITING = frozenset(("delivering", "sending"))
"""Steps that wait for a printer or a server, each with a patience of its own."""
_MEANT = (*ASKED, signal.SIGPIPE)
"""Signals by which somebody ends a command on purpose."""

_note: mmap.mmap | None = None


def begin(step: str, what: str) -> None:
    """Note what is being done, to be reported if it never ends; a step that computes has its limit of time."""
    if _note is not None:
        text = f"{time.monotonic():.0f} {step} {what}".encode(errors="replace")[: _NOTE - 1]
        _note.seek(0)
        _note.write(text.ljust(_NOTE, b"\0"))
    if step in _WAITING:
        end_step()
    else:
        begin_step()


def step() -> str:
    """Return what was begun last, or ""."""
    return _noted()[1] if _note is not None else ""


def enter(report_end: Callable[[str, bool], int]) -> None:
    """Return in a child process with limits, and never in this one, which waits for the child and ends as it did.

    `report_end(what, out_of_time)` prints that the child was ended while it did `what`, and returns the exit
    code. Where the system cannot wait for signals (macOS), nothing is limited.
    """
    global _note  # noqa: PLW0603 - one note for the life of the process
    if not hasattr(signal, "sigwaitinfo"):
        return
    _note = mmap.mmap(-1, _NOTE)
    alive, held = os.pipe()
    watched = {*ASKED, signal.SIGCHLD, signal.SIGALRM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    child = os.fork()
    if child == 0:
        os.close(held)
        _end_with_parent(alive)
        listen()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        limit_memory()
        return
    os.close(alive)
    os._exit(_wait(child, watched, report_end))


def leave(code: int) -> None:
    """End this process with its exit code, if it has nothing else to do: what it holds need not be taken down first.

    That takes 0.12 s of a command that typeset. Returns where another thread or process is still at work.
    """
    if threading.active_count() > 1 or "multiprocessing" in sys.modules:
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - what os._exit leaves out
    os._exit(code)


def _end_with_parent(alive: int) -> None:
    """Have this process ended by SIGIO when the last writer of this pipe, the parent, is gone (pipe(7), fcntl(2))."""
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, fcntl.F_SETFL, fcntl.fcntl(alive, fcntl.F_GETFL) | os.O_ASYNC)


def _wait(child: int, watched: set[signal.Signals], report_end: Callable[[str, bool], int]) -> int:
    """Wait for the child, pass on what signals come to this process alone, and return the exit code.

    An alarm wakes it now and then. The timeout of sigtimedwait would not do: where the process itself is stopped for
    longer (SIGSTOP), Python 3.11 returns a signal then that never came.
    """
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    while True:
        came = signal.sigwaitinfo(watched)
        if came.si_signo in ASKED and came.si_pid != 0:
            os.kill(child, came.si_signo)  # One that comes from the terminal has reached the child as well.
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _exit_code(status, report_end)
        if _is_stalled():
            os.kill(child, signal.SIGKILL)


def _exit_code(status: int, report_end: Callable[[str, bool], int]) -> int:
    if os.WIFEXITED(status):
        return os.WEXITSTATUS(status)
    number = os.WTERMSIG(status)
    if number in _MEANT:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _MEANT)
    code = report_end(_noted()[1], number == signal.SIGVTALRM or _is_stalled())
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _is_stalled() -> bool:
    since, what = _noted()
    return bool(what) and what.partition(" ")[0] not in _WAITING and time.monotonic() - since > STALLED


def _noted() -> tuple[float, str]:
    """Return since when the child has been doing what."""
    assert _note is not None, "made before the child"
    since, _, what = _note[:].rstrip(b"\0").decode(errors="replace").partition(" ")
    return (float(since) if since else 0.0), what
