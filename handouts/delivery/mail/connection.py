"""A mail server's host and port -> smtplib's connection to it, whose replies have an end in bytes and in time."""

import io
import smtplib
import socket
import time
from typing import Any

MAXIMUM_REPLY = 100_000
"""Bytes. A line of a reply has 512 at most (RFC 5321, 4.5.3.1.5), and no server says more than a hundred."""
_PATIENCE = 2.0
"""How many times as long as the wait for its first byte a whole reply may take."""


class _Replies(io.RawIOBase):
    """What a server says; raises OSError in the middle of a reply that is too long or takes too long."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = 0
        self._end = 0.0

    def begin(self) -> None:
        """Expect a reply from now on."""
        self._left = MAXIMUM_REPLY
        self._end = time.monotonic() + _PATIENCE * (self._connection.gettimeout() or 0.0)

    def readable(self) -> bool:
        """Return that it can be read, as io asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come."""
        if self._left <= 0 or time.monotonic() > self._end:
            raise OSError("a reply without end")
        count = self._connection.recv_into(buffer)
        self._left -= count
        return count


class Connection(smtplib.SMTP):
    """smtplib's connection."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the reply's code and text, as smtplib asks."""
        if self.file is None and self.sock is not None:
            self._replies = _Replies(self.sock)
            self.file = io.BufferedReader(self._replies)
        if self.file is not None:
            self._replies.begin()
        return super().getreply()


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same, under TLS from its first byte."""
