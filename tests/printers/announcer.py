"""A socket in a folder -> the system bus with Avahi on it, as far as ippeveprinter asks: nothing is announced.

ippeveprinter stops where it cannot announce itself by DNS-SD. A real avahi-daemon has one fixed place for its socket
and process number (/run/avahi-daemon), so that it runs once on a machine and needs root; and test printers would be
announced to the network. No test looks at that announcement: CUPS is told the printer's address. This answers the few
calls of libavahi-client with "done" (D-Bus Specification 0.38, "Message Protocol"; avahi-client/client.c, 0.8).
"""

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

RUNNING = 2
"""AVAHI_SERVER_RUNNING and AVAHI_ENTRY_GROUP_ESTABLISHED alike (avahi-common/defs.h)."""


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


ANSWERS: Mapping[str, tuple[str, bytes]] = {
    "Hello": ("s", _string(":1.1")),
    "NameHasOwner": ("b", struct.pack("<I", 1)),
    "StartServiceByName": ("u", struct.pack("<I", 2)),
    "GetAPIVersion": ("u", struct.pack("<I", 0x0201)),
    "GetVersionString": ("s", _string("avahi 0.8")),
    "GetHostName": ("s", _string("localhost")),
    "GetHostNameFqdn": ("s", _string("localhost")),
    "GetDomainName": ("s", _string("local")),
    "GetAlternativeServiceName": ("s", _string("Printer")),
    "EntryGroupNew": ("o", _string("/Client0/EntryGroup0")),
    "GetState": ("i", struct.pack("<i", RUNNING)),
    "IsEmpty": ("b", struct.pack("<I", 0)),
}
"""What is answered to a call, as signature and body; any other call is answered with nothing, which means done."""

MEMBER, REPLY_SERIAL, SENDER, SIGNATURE = 3, 5, 7, 8
METHOD_CALL, METHOD_RETURN = 1, 2


class Announcer:
    """Listens on a Unix socket for as long as it is entered; `address` is what DBUS_SYSTEM_BUS_ADDRESS takes."""

    def __init__(self, path: Path) -> None:
        self.address = f"unix:path={path}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Close every connection and wait for the threads."""
        for connection in (self._listener, *self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join()
        for connection in (self._listener, *self._open):
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                thread = threading.Thread(target=_serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()


def _serve(connection: socket.socket) -> None:
    with suppress(OSError, EOFError), connection.makefile("rb") as stream:
        _let_in(stream.readline, connection.sendall)
        while True:
            kind, serial, member = _read_message(stream.read)
            if kind == METHOD_CALL:
                connection.sendall(_reply(serial, *ANSWERS.get(member, ("", b""))))


def _let_in(readline: Callable[[], bytes], send: Callable[[bytes], None]) -> None:
    """Accept whoever comes: SASL's EXTERNAL; no file descriptors are passed."""
    while True:
        line = readline().lstrip(b"\0").strip()
        if line.startswith(b"AUTH EXTERNAL"):
            send(b"OK 0123456789abcdef0123456789abcdef\r\n")
        elif line == b"BEGIN":
            return
        elif not line:
            raise EOFError
        else:
            send(b"ERROR\r\n")


def _read_message(read: Callable[[int], bytes]) -> tuple[int, int, str]:
    """Return the type, serial number and member of the next message; all but its header is thrown away."""
    head = read(16)
    if len(head) < 16:
        raise EOFError
    kind, body_length, serial, length = struct.unpack("<xBxxIII", head)
    fields = read(length + -length % 8)[:length]
    read(body_length)
    member, at = "", 0
    while at < length:
        at += -at % 8
        code, signature = fields[at], chr(fields[at + 2])
        at += 4
        if signature in "sou":
            at += -at % 4
            (value,) = struct.unpack_from("<I", fields, at)
            at += 4
        if signature in "so":
            member = fields[at : at + value].decode() if code == MEMBER else member
            at += value + 1
        elif signature == "g":
            at += fields[at] + 2
    return kind, serial, member


def _reply(serial: int, signature: str, body: bytes) -> bytes:
    fields = bytes([REPLY_SERIAL]) + b"\x01u\0" + struct.pack("<I", serial)
    fields += bytes([SENDER]) + b"\x01s\0" + _string("org.freedesktop.Avahi")
    if signature:
        fields += bytes(-len(fields) % 8)
        fields += bytes([SIGNATURE]) + b"\x01g\0" + bytes([len(signature)]) + signature.encode() + b"\0"
    head = struct.pack("<cBBBIII", b"l", METHOD_RETURN, 1, 1, len(body), serial, len(fields))
    return head + fields + bytes(-len(fields) % 8) + body
