"""Pages on this computer: who is let in, what is refused, and that work in one window never holds up another."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Cookies, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from handouts.codes import Code
from handouts.errors import InputError
from handouts.interfaces.local import Guard, Sessions, Workroom, session_of
from handouts.interfaces.local.guard import MAXIMUM_BODY
from handouts.press import Press
from handouts.resources import Resources
from tests.loops import finished

PORT = 8437
HOST = f"http://127.0.0.1:{PORT}"
IDLE = 1800.0


class Browser:
    """Sends requests, with the cookies that it was given."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.cookies = Cookies()

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, content: Any = None, headers: dict[str, str] | None = None) -> Response:
        async def asked() -> Response:
            transport = ASGITransport(self.app)
            async with AsyncClient(transport=transport, base_url=HOST, cookies=self.cookies) as client:
                return await client.request(method, path, content=content, headers=headers)

        answer = finished(asked())
        self.cookies.update(answer.cookies)
        return answer


class Door:
    """A page behind the guard, and a browser before it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sessions = Sessions(idle=IDLE, clock=lambda: self.now)
        routes = [
            Route("/", self.csrf),
            Route("/words", self.words, methods=["POST"]),
            Route("/api/v1/sheets", self.words, methods=["POST"]),
        ]
        app = Guard(Starlette(routes=routes), sessions=self.sessions, port=PORT, for_programs=("/api/",))
        self.browser = Browser(app)

    @staticmethod
    async def csrf(request: Request) -> JSONResponse:
        return JSONResponse({"csrf": session_of(request).csrf, "kept": session_of(request).kept})

    @staticmethod
    async def words(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    def enter(self) -> str:
        """Come in with the launch token, and return the CSRF token."""
        answer = self.browser.get(f"/?launch={self.sessions.token}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return str(self.browser.get("/").json()["csrf"])

    def post(self, path: str, csrf: str = "", body: bytes = b"12345", **headers: str) -> Response:
        sent = {"origin": HOST, "x-csrf-token": csrf} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.browser.ask("POST", path, body, {name: text for name, text in sent.items() if text})


@pytest.fixture
def door() -> Door:
    return Door()


def test_the_token_lets_one_browser_in_and_leaves_the_address(door: Door) -> None:
    token = door.sessions.token
    assert door.browser.get("/").status_code == 401
    assert door.browser.get("/?launch=guessed").status_code == 401
    csrf = door.enter()
    cookie = next(iter(door.browser.cookies.jar))
    assert (cookie.has_nonstandard_attr("HttpOnly"), cookie.get_nonstandard_attr("SameSite")) == (True, "strict")
    assert cookie.value not in (token, csrf)
    other = Browser(door.browser.app)
    assert other.get(f"/?launch={token}").status_code == 401, "a token is used once"
    assert door.browser.get(f"/?launch={token}").headers["location"] == "/", "who is in only loses the token"


def test_a_session_ends_when_nobody_uses_it(door: Door) -> None:
    door.enter()
    door.now += IDLE - 1
    assert door.browser.get("/").status_code == 200
    door.now += IDLE + 1
    assert door.browser.get("/").status_code == 401


def test_a_page_of_ours_may_post(door: Door) -> None:
    csrf = door.enter()
    assert door.post("/words", csrf).text == "5"
    assert door.post("/words", csrf, sec_fetch_site="same-origin").text == "5"


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://evil.example.org"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site"},
        {"csrf": "guessed"},
        {"csrf": ""},
        {"host": "evil.example.org"},
        {"host": f"evil.example.org:{PORT}"},
        {"host": "127.0.0.1"},
        {"content_length": "many"},
    ],
    ids=str,
)
def test_no_other_page_may(door: Door, changed: dict[str, str]) -> None:
    csrf = changed.pop("csrf", None)
    entered = door.enter()
    answer = door.post("/words", entered if csrf is None else csrf, b"12345", **changed)
    assert answer.status_code in (403, 413, 421)
    assert "12345" not in answer.text


def test_what_is_longer_than_anything_a_page_sends_is_refused_also_where_it_hides_its_length(door: Door) -> None:
    csrf = door.enter()
    assert door.post("/words", csrf, b"x" * (MAXIMUM_BODY + 1)).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAXIMUM_BODY // 1_000_000 + 1):
            yield b"x" * 1_000_000

    headers = {"origin": HOST, "x-csrf-token": csrf}
    assert door.browser.ask("POST", "/words", endless(), headers).status_code == 413


def test_programs_come_without_a_session_and_no_page_comes_as_a_program(door: Door) -> None:
    assert door.browser.ask("POST", "/api/v1/sheets", b"123").text == "3"
    door.enter()
    assert door.post("/api/v1/sheets").status_code == 403


def test_no_answer_is_kept_framed_or_guessed_at_and_each_has_a_nonce_of_its_own(door: Door) -> None:
    door.enter()
    first, second = door.browser.get("/").headers, door.browser.get("/nowhere").headers
    assert first["cache-control"] == "no-store"
    assert first["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in first["content-security-policy"]
    assert "frame-ancestors 'none'" in first["content-security-policy"]
    assert first["content-security-policy"] != second["content-security-policy"]
    refused = Browser(door.browser.app).get("/")
    assert refused.headers["cache-control"] == "no-store"


# --- the workroom ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperOf:
    """The clinic's paper, as the press has read it."""

    def __call__(self, press: Press) -> str:
        from datetime import date  # noqa: PLC0415 - in the process that does it

        return str(press.branding(date(2026, 11, 21)).paper)


@dataclass(frozen=True, kw_only=True, slots=True)
class Endless:
    """Goes round in circles."""

    def __call__(self, _press: Press) -> str:
        while True:
            pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadly:
    """Ends its process."""

    def __call__(self, _press: Press) -> str:
        os._exit(1)


def in_a_workroom(clinic: Path, what: Callable[[Workroom], object]) -> None:
    room = Workroom(Resources(clinic=clinic), seconds=2)
    room.begin()
    try:
        finished(what(room))  # type: ignore[arg-type]
    finally:
        room.end()


def test_a_room_that_ends_leaves_nobody_waiting(clinic: Path) -> None:
    async def working(room: Workroom) -> None:
        assert await room.do(PaperOf()) == "Letter"
        circle = asyncio.create_task(room.do(Endless()))
        await asyncio.sleep(0.1)
        room.end()
        with pytest.raises(InputError) as ended:
            await circle
        assert [problem.code for problem in ended.value.problems] == [Code.WORKER_DIED]

    room = Workroom(Resources(clinic=clinic))
    room.begin()
    finished(working(room))


def test_a_change_is_seen_and_neither_circles_nor_deaths_hold_up_what_is_urgent(clinic: Path) -> None:
    async def working(room: Workroom) -> None:
        assert await room.do(PaperOf()) == "Letter"
        file = clinic / "clinic.toml"
        file.write_text(file.read_text().replace('"Letter"', '"A4"'))
        assert await room.do(PaperOf()) == "A4"
        began = time.monotonic()
        circles = [asyncio.create_task(room.do(Endless(), "templates/own.html")) for _ in range(8)]
        await asyncio.sleep(0.1)
        assert await room.do(PaperOf(), urgent=True) == "A4"
        assert not any(circle.done() for circle in circles), f"after {time.monotonic() - began} s"
        with pytest.raises(InputError) as ended:
            await circles[0]
        assert [(problem.code, problem.source) for problem in ended.value.problems] == [
            (Code.OUT_OF_TIME, "templates/own.html")
        ]
        for circle in circles:
            circle.cancel()
        with pytest.raises(InputError) as died:
            await room.do(Deadly(), urgent=True)
        assert [problem.code for problem in died.value.problems] == [Code.WORKER_DIED]
        assert await room.do(PaperOf(), urgent=True) == "A4"
        file.write_text("name = 5\n")
        with pytest.raises(InputError) as wrong:
            await room.do(PaperOf())
        assert {problem.source for problem in wrong.value.problems} == {"clinic.toml"}

    in_a_workroom(clinic, working)
