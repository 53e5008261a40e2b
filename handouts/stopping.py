"""A signal that asks a command to end -> Stopped, raised once and never where it would leave something half done."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_NOT_PASSED_ON = {signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}
"""What a terminal sends to every process of a command; SIGTERM is how ours end their own."""
_PATIENCE = 10.0
"""Seconds in which what ends a command is not disturbed by another signal."""

_held = 0
_came = float("-inf")
_kept_back = 0
_number = 0


class Stopped(BaseException):
    """Somebody has asked the command to end, by the signal `number`; `made` is how many sheets a batch has made."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.made: int | None = None


def listen() -> None:
    """From now on a signal that asks for the end raises Stopped in the main thread; an ignored one (nohup) does not."""
    for number in ASKED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def asked() -> int:
    """Return the signal that has asked for the end, or 0: a library may make another exception of Stopped."""
    return _number


def ignore() -> None:
    """From now on the command is ending, and no such signal ends it in another way."""
    for number in ASKED:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Stopped back until the end; threads and processes that begin inside do not hear the terminal's signals."""
    global _held, _kept_back  # noqa: PLW0603 - one process, one way to end it
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _NOT_PASSED_ON)
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if _kept_back and not _held:
        number, _kept_back = _kept_back, 0
        raise Stopped(number)


def _stop(number: int, _frame: FrameType | None) -> None:
    global _came, _kept_back, _number  # noqa: PLW0603 - as above
    if time.monotonic() - _came < _PATIENCE:
        return
    _came, _number = time.monotonic(), number
    if _held:
        _kept_back = number
    else:
        raise Stopped(number)
