"""A connection to a server -> its replies, each with an end in bytes and in time."""

import io
import socket
import time
from typing import Any

_PATIENCE = 2.0
"""How many times as long as the wait for its first byte a whole reply may take."""


class BoundedReply(io.RawIOBase):
    """What a server says; raises OSError in the middle of a reply that is too long or takes too long."""

    def __init__(self, connection: socket.socket, longest: int) -> None:
        self._raw = connection.makefile("rb", buffering=0)
        self._connection = connection
        self._longest = longest
        self.begin()

    def begin(self) -> None:
        """Expect a reply from now on."""
        self._left = self._longest
        self._end = time.monotonic() + _PATIENCE * (self._connection.gettimeout() or 0.0)

    def readable(self) -> bool:
        """Return that it can be read, as io asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come."""
        if self._left <= 0 or time.monotonic() > self._end:
            raise OSError("a reply without end")
        count = self._raw.readinto(buffer) or 0
        self._left -= count
        return count

    def close(self) -> None:
        """Let the connection go: a socket that is closed stays open for who reads from it."""
        self._raw.close()
        super().close()
