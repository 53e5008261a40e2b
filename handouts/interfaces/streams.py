"""Standard input, output and error as they were given -> streams that are open, and that tell or bear their loss."""

import io
import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputLost(Exception):
    """Standard output takes no more, by the system's error `number`. No OSError: Click would make exit code 1 of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def open_streams() -> None:
    """Open standard input, output and error where they are closed (`<&-`), to nothing, and watch what goes out.

    Otherwise the next file that is opened takes the place of one of them, and gets what is meant for it. A name that is
    no UTF-8 goes out as it came in. What cannot be written to standard output raises OutputLost; standard error may be
    lost.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)  # noqa: FBT003 - its only argument
    os.close(handle)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a number, for good
    sys.stdout = _watched(sys.stdout, 1, strict="surrogateescape")
    sys.stderr = _watched(sys.stderr, 2, strict="backslashreplace")


def _watched(stream: object, number: int, *, strict: str) -> io.TextIOWrapper:
    """Return a stream in the place of another, encoded as that was; `strict` is what to do with half a letter."""
    encoding, errors = "utf-8", "strict"
    if isinstance(stream, io.TextIOWrapper):
        encoding, errors = stream.encoding, stream.errors or errors
    raw = _Watched(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors=strict if errors == "strict" else errors,
        line_buffering=number == 2 or raw.isatty(),
    )


class _Watched(io.FileIO):
    """Takes everything, and drops it from the first on that the system refuses."""

    _lost = False

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write as much as goes; raise OutputLost for the first that is refused by standard output."""
        while not self._lost:
            try:
                written: int | None = super().write(data)
            except OSError as error:
                self._lost = True
                if self.fileno() == 1:
                    raise OutputLost(error.errno or 0) from None
            else:
                if written is not None:
                    return written
                select.select((), (self,), ())  # Whoever shares this terminal or pipe has made it one that never waits.
        return memoryview(data).nbytes
