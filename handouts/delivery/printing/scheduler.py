"""A request and a PrintServer -> the scheduler's answer, or a Problem that says why there is none."""

import http.client
import io
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NoReturn

from handouts.codes import Code
from handouts.delivery.bounded_reply import BoundedReply
from handouts.delivery.printing.ipp import Attribute, Group, Operation, Response, Tag, decode, encode
from handouts.errors import InputError, Kind, Problem
from handouts.records import PrintServer

_SECONDS = 30.0
_UPLOAD_SECONDS = 120.0
_NOT_FOUND = 0x0406
_LARGEST_ANSWER = 8_000_000
"""Bytes; CUPS 2.4.2 says 20,000 of a queue, and 500 jobs are a million."""
_HEAD = 100_000
"""Bytes that may come beside them: HTTP's header, and the sizes of chunks."""

ALL = "ipp://localhost/"
"""What names the scheduler itself, to CUPS, in a request about all its queues or jobs."""


class _BoundedResponse(http.client.HTTPResponse):
    """HTTP's answer; OSError where it does not end. A time-out is of each byte, and one may come after the other."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = io.BufferedReader(BoundedReply(sock, _LARGEST_ANSWER + _HEAD))


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as CUPS listens on /run/cups/cups.sock."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect; whoever is refused leaves no socket behind."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(
    server: PrintServer,
    operation: Operation,
    attributes: Sequence[Attribute],
    *,
    target: str = ALL,
    job: Sequence[Attribute] = (),
    document: bytes = b"",
) -> Response:
    """Return what the scheduler answers about `target`, a printer's URI; not to be found is an answer without groups.

    Raises InputError: nobody answers, the certificate is not to be trusted, a password is wanted, the answer is none.
    A connection that breaks while a document is on its way is reported as such: it may be in the queue or not.
    """
    about = [Attribute("printer-uri", Tag.URI, (target,)), Attribute("requesting-user-name", Tag.NAME, (server.user,))]
    groups = [(Group.OPERATION, [*about, *attributes])]
    body = encode(operation, [*groups, (Group.JOB, job)] if job else groups) + document
    seconds = _UPLOAD_SECONDS if document else _SECONDS
    try:
        connection = _connection(server, seconds)
        connection.response_class = _BoundedResponse
    except http.client.InvalidURL:
        _fail(Problem.of(Kind.MACHINE, Code.PRINT_NO_SCHEDULER, server.address))
    with closing(connection):
        try:
            connection.connect()
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
            _fail(Problem.of(Kind.DELIVERY, Code.PRINT_UNTRUSTED, server.address, reason=reason))
        except (OSError, ValueError, OverflowError):  # Names and ports that can be none are found only here.
            _fail(Problem.of(Kind.MACHINE, Code.PRINT_NO_SCHEDULER, server.address))
        try:
            connection.request("POST", target.removeprefix(ALL[:-1]), body, {"Content-Type": "application/ipp"})
            with closing(connection.getresponse()) as response:
                data = response.read(_LARGEST_ANSWER)
        except (OSError, http.client.HTTPException, ValueError):  # ValueError: a chunk of a negative size
            if document:
                _fail(Problem.of(Kind.DELIVERY, Code.PRINT_UNCERTAIN, _queue_of(target)))
            _fail(Problem.of(Kind.MACHINE, Code.PRINT_NO_SCHEDULER, server.address))
    return _read(response.status, data, server, target, is_sent=bool(document))


def _connection(server: PrintServer, seconds: float) -> http.client.HTTPConnection:
    if server.address.startswith("/"):
        return _SocketConnection(server.address, seconds)
    if server.encrypted:
        return http.client.HTTPSConnection(server.address, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(server.address, timeout=seconds)


def _read(status: int, data: bytes, server: PrintServer, target: str, *, is_sent: bool) -> Response:
    """Return the answer; HTTP's own refusals come before IPP's (RFC 8010, 4). `is_sent`: a document has gone out."""
    if status in {401, 403, 426}:
        _fail(Problem.of(Kind.DELIVERY, Code.PRINT_NOT_ALLOWED, _queue_of(target) or server.address))
    try:
        if status != 200:
            raise ValueError(status)
        answer = decode(data)
    except ValueError:
        if is_sent:
            _fail(Problem.of(Kind.DELIVERY, Code.PRINT_UNCERTAIN, _queue_of(target)))
        _fail(Problem.of(Kind.MACHINE, Code.PRINT_STRANGE_ANSWER, server.address))
    if answer.status == _NOT_FOUND:
        return Response(status=answer.status, groups=())
    if answer.status >= 0x0400:
        _refused(answer, target, server)
    return answer


def _refused(answer: Response, target: str, server: PrintServer) -> NoReturn:
    """Tell by status code (RFC 8011, appendix B) why the scheduler will not."""
    source = _queue_of(target) or server.address
    if answer.status in {0x0401, 0x0402, 0x0403}:  # forbidden, not authenticated, not authorized
        _fail(Problem.of(Kind.DELIVERY, Code.PRINT_NOT_ALLOWED, source))
    if answer.status == 0x0506:  # not accepting jobs
        _fail(Problem.of(Kind.DELIVERY, Code.PRINT_REJECTING, source, queue=source))
    messages = [str(text) for group in answer.of(Group.OPERATION) for text in group.get("status-message", ())]
    reason = "; ".join(messages) or f"IPP 0x{answer.status:04x}"
    _fail(Problem.of(Kind.DELIVERY, Code.PRINT_REFUSED, source, reason=reason))


def _queue_of(target: str) -> str:
    return target.removeprefix(ALL).removeprefix("printers/")


def _fail(problem: Problem) -> NoReturn:
    raise InputError([problem])
