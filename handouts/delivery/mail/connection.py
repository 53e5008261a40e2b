"""A mail server's host and port -> smtplib's connection to it, whose replies have an end in bytes and in time."""

import io
import smtplib

from handouts.delivery.bounded_reply import BoundedReply

MAXIMUM_REPLY = 100_000
"""Bytes. A line of a reply has 512 at most (RFC 5321, 4.5.3.1.5), and no server says more than a hundred."""


class Connection(smtplib.SMTP):
    """smtplib's connection."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the reply's code and text, as smtplib asks."""
        if self.file is None and self.sock is not None:
            self._replies = BoundedReply(self.sock, MAXIMUM_REPLY)
            self.file = io.BufferedReader(self._replies)
        if self.file is not None:
            self._replies.begin()
        return super().getreply()


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same, under TLS from its first byte."""
