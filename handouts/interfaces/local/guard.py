"""A request -> the application, if it comes from a browser that was let in and from a page of ours; else a refusal.

Against other programs and pages on this computer: DNS rebinding (Host), pages of other sites (Origin, Sec-Fetch-Site,
CSRF token, SameSite cookie), words that would become code (CSP), and what a browser would keep (no-store).
"""

import hmac
import secrets
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handouts.interfaces.local.sessions import Session, Sessions

MAXIMUM_BODY = 12_000_000
"""Bytes of a request: a table of a day's patients, or a form, is smaller."""
_SAFE = frozenset(("GET", "HEAD"))
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; frame-src blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_REFUSED = "This page was not opened from its own address. Open it again from the window in which you began it.\n"
_TOO_LARGE = f"That is more than {MAXIMUM_BODY // 1_000_000} MB, which is more than this page takes.\n"


def session_of(request: Request) -> Session:
    """Return the session in which a request came; the guard has put it there."""
    session = request.scope["handouts.session"]
    assert isinstance(session, Session), "the guard lets nothing in without one"
    return session


class Guard:
    """Stands before an application that is served on 127.0.0.1, port `port`.

    A path below one of `for_programs` is left to what answers there, which asks for a key of its own; no browser's page
    may call it. A response that brings its own Content-Security-Policy keeps it; all others get one with the nonce that
    stands in the request's scope as "handouts.nonce".
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, port: int, for_programs: tuple[str, ...] = ()) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = frozenset((f"127.0.0.1:{port}", f"localhost:{port}"))
        self._for_programs = for_programs
        self._cookie = f"handouts_{port}"  # A browser sends the cookies of all ports of a host.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["handouts.nonce"] = nonce = secrets.token_urlsafe(16)
        send = _with_headers(send, nonce)
        refusal = self._refusal(scope, headers)
        if refusal is None:
            refusal = self._admitted(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if scope["method"] not in _SAFE:
            body = await _whole(receive)
            if body is None:
                await _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)(scope, receive, send)
                return
            receive = _replayed(body, receive)
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that no page of ours can have sent, or None."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, _REFUSED)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAXIMUM_BODY:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        origin = headers.get("origin")
        if self._is_for_programs(scope):
            return _plain(HTTPStatus.FORBIDDEN, _REFUSED) if origin is not None else None
        if scope["method"] in _SAFE:
            return None
        if origin != f"http://{host}" or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _plain(HTTPStatus.FORBIDDEN, _REFUSED)
        return None

    def _admitted(self, scope: Scope, headers: Headers) -> Response | None:
        """Put the session into the scope; or return where to go, or why not."""
        if self._is_for_programs(scope):
            return None
        launch = parse_qs(scope["query_string"].decode("latin-1")).get("launch", [""])[0]
        if launch and scope["method"] == "GET":
            session = self._sessions.enter(launch)
            if session is not None:
                return self._let_in(session, scope["path"])
        session = self._sessions.find(_cookie(headers, self._cookie))
        if session is None:
            return _plain(HTTPStatus.UNAUTHORIZED, _REFUSED)
        if launch:
            return RedirectResponse(scope["path"], HTTPStatus.SEE_OTHER)
        given = headers.get("x-csrf-token", "")
        if scope["method"] not in _SAFE and not hmac.compare_digest(given.encode(), session.csrf.encode()):
            return _plain(HTTPStatus.FORBIDDEN, _REFUSED)
        scope["handouts.session"] = session
        return None

    def _let_in(self, session: Session, path: str) -> Response:
        """Return the answer that moves the token out of the address into a cookie."""
        answer = RedirectResponse(path, HTTPStatus.SEE_OTHER)
        answer.set_cookie(self._cookie, session.name, httponly=True, samesite="strict", path="/")
        return answer

    def _is_for_programs(self, scope: Scope) -> bool:
        return any(scope["path"].startswith(each) for each in self._for_programs)


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _plain(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status)


def _with_headers(send: Send, nonce: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", _POLICY.format(nonce=nonce))
        await send(message)

    return sending


async def _whole(receive: Receive) -> bytes | None:
    """Return a request's body, or None where it goes on beyond MAXIMUM_BODY; whoever leaves has sent an empty one."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        body += message.get("body", b"")
        if len(body) > MAXIMUM_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read, and then what else comes."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return messages.pop() if messages else await receive()

    return receiving
