"""A server that breaks off, keeps silent or answers oddly at one point of the conversation; it speaks over real TCP."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import IO, Self

from handouts.records import MailServer, Tls
from tests.waiting import HANGS

HANG_UP = ""
SILENCE = "…"
ENDLESS = "∞"
DRIP = "…·"


class RudeServer:
    """Answers as a mail server does, but for the moments in `instead`: GREETING, a command's name, TEXT, or END.

    HANG_UP closes the connection there, SILENCE says nothing more, ENDLESS one line after the other and DRIP one letter
    after the other, without end; anything else is the reply. TEXT is the first part
    of a message, END its last line. `messages` holds what has come up to an end.
    """

    def __init__(self, **instead: str) -> None:
        self._instead = instead
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._open: list[socket.socket] = []
        self.messages: list[bytes] = []
        self.commands: list[str] = []

    def server(self) -> MailServer:
        """Return how to reach it."""
        return MailServer(host="127.0.0.1", port=self._listener.getsockname()[1], tls=Tls.NONE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A connection wakes up accept(); closing the listener does not.
        self._listener_is_closing = True
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=HANGS).close()
        self._thread.join(timeout=HANGS)
        for connection in self._open:
            connection.close()
        self._listener.close()

    _listener_is_closing = False

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._listener_is_closing:
                connection.close()
                return
            with contextlib.suppress(OSError), connection.makefile("rb") as lines:
                self._converse(connection, lines)
            connection.close()

    def _converse(self, connection: socket.socket, lines: IO[bytes]) -> None:
        if not self._say(connection, "GREETING", "220 localhost ESMTP"):
            return
        for line in lines:
            command = line.decode().split()[0].upper().partition(":")[0]
            self.commands.append(line.decode().strip())
            usual = {"EHLO": "250 localhost", "DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 fine")
            if not self._say(connection, command, usual):
                return
            is_data = command == "DATA" and self._instead.get("DATA", usual).startswith("354")
            if is_data and not self._take(connection, lines):
                return
            if command == "QUIT":
                return

    def _take(self, connection: socket.socket, lines: IO[bytes]) -> bool:
        message = b""
        for line in lines:
            if line == b".\r\n":
                self.messages.append(message)
                return self._say(connection, "END", "250 taken")
            message += line
            if self._instead.get("TEXT") == HANG_UP:
                return False
        return False

    def _say(self, connection: socket.socket, moment: str, usual: str) -> bool:
        """Say what is to be said at a moment; return whether to go on."""
        reply = self._instead.get(moment, usual)
        if reply == SILENCE:
            connection.settimeout(HANGS)
            with contextlib.suppress(OSError):
                connection.recv(1)
            return False
        if reply in (ENDLESS, DRIP):
            with contextlib.suppress(OSError):
                while not self._listener_is_closing:
                    connection.sendall(b"2" if reply == DRIP else 100 * b"250-and so on\r\n")
                    time.sleep(0.05 if reply == DRIP else 0)
            return False
        if reply == HANG_UP:
            return False
        connection.sendall(f"{reply}\r\n".encode())
        return True
