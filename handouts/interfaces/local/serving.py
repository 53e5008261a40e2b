"""An application -> a server on 127.0.0.1 and nowhere else, and the address that lets a browser in."""

import asyncio
import logging
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from handouts.codes import Code
from handouts.disk import reason_of
from handouts.errors import InputError, Kind
from handouts.interfaces.local.sessions import Sessions
from handouts.limits import end_step

HOST = "127.0.0.1"
_GRACE = 2
"""Seconds for which the end waits for answers under way: an open stream of events would keep it for ever."""
_AT_ONCE = 64
"""Connections; more than a person's browsers need."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """What is served: `application` is called with the port and returns what answers there.

    `announce` is called with the address for the next browser, at the beginning and whenever one was used. `leave` is
    called once the end is asked for, in the server's own thread: what would answer later is to answer now.
    """

    application: Callable[[int], ASGIApp]
    sessions: Sessions
    announce: Callable[[str], None]
    opens: bool = False
    leave: Callable[[], None] = lambda: None


def serve(serving: Serving, port: int) -> None:
    """Serve until somebody ends it (Control-C); port 0 is any that is free.

    Raises InputError where another program has the port.
    """
    with _bound(port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        application = _announcing(serving, address, serving.application(listening.getsockname()[1]))
        end_step()  # It waits for people, for as long as they like; what computes does so in the workers.
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_GRACE,
            ws="none",
        )
        logging.getLogger("uvicorn.error").addFilter(_is_a_fault)
        serving.announce(link(address, serving.sessions))
        if serving.opens:
            webbrowser.open(link(address, serving.sessions))
        _Server(config, serving.leave).run(sockets=[listening])


def _is_a_fault(record: logging.LogRecord) -> bool:
    """Return whether what the server has to say is a fault of ours, and not that work was broken off at its end."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError) and "graceful shutdown" not in record.getMessage()


class _Server(uvicorn.Server):
    """A server that says when its end is asked for, before it waits for answers under way."""

    def __init__(self, config: uvicorn.Config, leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._leave = leave

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let whoever is about to answer do so, then end."""
        self._leave()
        await super().shutdown(sockets)


def link(address: str, sessions: Sessions) -> str:
    """Return the address that lets one browser in."""
    return f"{address}/?launch={sessions.token}"


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(_AT_ONCE)  # Who comes while the workers begin waits, and is not sent away.
    except OSError as error:
        listening.close()
        reason = reason_of(error)
        raise InputError.of(Kind.MACHINE, Code.PORT_TAKEN, "--port", port=str(port), reason=reason) from None
    return listening


def _announcing(serving: Serving, address: str, application: ASGIApp) -> ASGIApp:
    """Return an application that announces the next link each time that one has been used."""
    announced = serving.sessions.token

    async def answering(scope: object, receive: object, send: object) -> None:
        nonlocal announced
        try:
            await application(scope, receive, send)  # type: ignore[arg-type]  # handed on as it came
        finally:
            if serving.sessions.token != announced:
                announced = serving.sessions.token
                serving.announce(link(address, serving.sessions))

    return answering


def lifespan(
    begin: Callable[[], None], end: Callable[[], None]
) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """Return Starlette's `lifespan`: `begin` before the first request, `end` after the last."""

    @asynccontextmanager
    async def living(_app: object) -> AsyncIterator[None]:
        begin()
        try:
            yield
        finally:
            end()

    return living
