"""Whatever a clinic's template holds: a page that is made loads, sends and runs nothing in a real browser.

A server of the test's own listens. Each payload asks it for an address with the patient's name, or runs a script.
"""

import html
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Playwright

from handouts.composition.policy import guarded, sheet_policy
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Format
from handouts.resources import Resources
from tests.browser import opened
from tests.conftest import EXAMPLE_CLINIC, job
from tests.payloads import BODY, DRAWINGS, RUN, STYLE

pytest_plugins = ("tests.browser.fixtures",)

NAME = "Canary Patient"
TYPED = "{{ details[0].value.text|urlencode }}"
ALONE, TOGETHER = 300, 2000
"""Milliseconds that pages are given after they have loaded, for what a script or a style asks for later."""
BEYOND_A_POLICY = {"body-meta-refresh", "body-meta-refresh-in-capitals"}
"""No policy in a page keeps it from going elsewhere: that is for the allowlist alone."""
SHEET = '{% extends "@shipped/handout/sheet.html" %}'


@dataclass(kw_only=True)
class Listener:
    """A server on 127.0.0.1 that answers everything and keeps what it was asked for."""

    port: int
    heard: list[str] = field(default_factory=list)

    def address(self, name: str) -> str:
        """Return the address by which a payload is told from others."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def names(self) -> set[str]:
        """Return the payloads that asked for something since the last time."""
        heard, self.heard = self.heard, []
        return set(map(name_of, heard))


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener(port=0)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.heard.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture(scope="module")
def online(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Return a browser that may reach the listener."""
    with opened(playwright, tmp_path_factory.mktemp("online"), offline=False) as context:
        yield context


def ran_alone(browser: BrowserContext, folder: Path, pages: Mapping[str, str]) -> set[str]:
    """Open each page in a tab; return the names of those in which a script ran. What they load the listener hears."""
    found = set()
    for name, text in pages.items():
        path = folder / f"{name}.html"
        path.write_bytes(text.encode())
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_timeout(ALONE)
        if page.evaluate("() => window.ran === 1"):
            found.add(name)
        page.close()
    return found


def ran_in_frames(browser: BrowserContext, folder: Path, pages: Mapping[str, str]) -> set[str]:
    """Open all pages at once, each in a frame of one page; return the names of those in which a script ran."""
    for name, text in pages.items():
        (folder / f"{name}.html").write_bytes(text.encode())
    frames = "".join(f"<iframe src='{name}.html' width=90 height=90></iframe>" for name in pages)
    around = folder / "around.html"
    around.write_text(f"<script>ran = []; onmessage = (told) => ran.push(told.data)</script>{frames}")
    page = browser.new_page()
    page.goto(around.as_uri())
    page.wait_for_timeout(TOGETHER)
    found = {name_of(address) for address in page.evaluate("() => ran")}
    page.close()
    return found


def name_of(address: str) -> str:
    """Return the payload that an address of the listener belongs to."""
    return urlsplit(address).path.strip("/").partition("/")[0]


def armed(listener: Listener, payload: str, name: str, value: str) -> str:
    """Return a payload with its address."""
    host = f"127.0.0.1:{listener.port}/{name}?n={value}"
    ready = payload.replace("RUN", RUN).replace("URL", f"http://{host}").replace("HOST", host)
    return ready.replace("NAME", value)


def sheet(listener: Listener) -> str:
    """Return a clinic's sheet.html that holds all payloads; the clinician's note says which one a page has."""
    body = {f"body-{name}": armed(listener, text, f"body-{name}", TYPED) for name, text in BODY.items()}
    style = {f"style-{name}": armed(listener, text, f"style-{name}", TYPED) for name, text in STYLE.items()}
    body |= {name: drawn(name) for name in DRAWINGS}
    about = f"{{% block about %}}{{{{ super() }}}}{chosen(body)}{{% endblock %}}"
    return f"{SHEET}{about}{{% block style %}}{chosen(style)}{{% endblock %}}"


def chosen(payloads: Mapping[str, str]) -> str:
    """Return the part of a template that is the payload whose name is the note."""
    return "".join(f"{{% if note.text == '{note(name)}' %}}{text}{{% endif %}}\n" for name, text in payloads.items())


def note(name: str) -> str:
    """Return a note that stands in no address."""
    return f"x{zlib.crc32(name.encode()):x}x"


def drawn(name: str) -> str:
    """Return a page's part that shows a drawing of the clinic's in both ways."""
    address = f"{{{{ asset('handout/{name}.svg') }}}}"
    return f'<img alt="a" src="{address}"><p style="background: url({address})">a</p>'


@pytest.fixture(scope="module")
def outcomes(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | InputError]:
    """Return what the press makes of each payload in a clinic's template: a page, or why it is refused."""
    clinic = tmp_path_factory.mktemp("clinic")
    for path in EXAMPLE_CLINIC.glob("*.*"):
        (clinic / path.name).write_bytes(path.read_bytes())
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True)
    (folder / "sheet.html").write_text(sheet(listener))
    for name, text in DRAWINGS.items():
        inside = armed(listener, text, name, "x")
        (folder / f"{name}.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>')
    press = Press(Resources(clinic=clinic))
    names = (*(f"body-{name}" for name in BODY), *(f"style-{name}" for name in STYLE), *DRAWINGS)
    return {name: outcome(press, name) for name in names}


def outcome(press: Press, name: str) -> str | InputError:
    """Return the page that has this payload, or why it is refused."""
    try:
        ((made,), _) = press.compose(
            job("microneedling-aftercare", form=Format.HTML, patient_name=NAME, note=note(name))
        )
    except InputError as error:
        return error
    return made.html


def test_nothing_is_heard_of_any_page_that_is_made(
    online: BrowserContext, listener: Listener, tmp_path: Path, outcomes: Mapping[str, str | InputError]
) -> None:
    made = {name: page for name, page in outcomes.items() if isinstance(page, str)}
    assert len(outcomes) > 200
    assert (ran_alone(online, tmp_path, made), listener.names()) == (set(), set())


def test_what_is_refused_is_told_with_a_place_and_without_the_patients_name(
    outcomes: Mapping[str, str | InputError],
) -> None:
    refused = {name: error for name, error in outcomes.items() if isinstance(error, InputError)}
    for name, error in refused.items():
        problems = errors_of(error.problems)
        assert {int(problem.exit_code) for problem in problems} == {7}, name
        said = html.unescape(unquote(str(error))).casefold()
        assert "canary" not in said, name
        assert "patient," not in said, name
    placed = [name for name, error in refused.items() if any(problem.line for problem in error.problems)]
    assert len(placed) > 0.8 * len(refused)


BARE = "<!DOCTYPE html><html><head><title>a</title><style>{style}</style></head><body class=a>{body}</body></html>"


@pytest.fixture(scope="module")
def bare(listener: Listener) -> dict[str, str]:
    """Return a small page for each payload, with nothing that keeps it from working."""
    pages = {}
    for name, text in BODY.items():
        words = f"<p>a</p><ul><li>a</li></ul>{armed(listener, text, f'body-{name}', 'x')}"
        pages[f"body-{name}"] = BARE.format(style="", body=words)
    for name, text in STYLE.items():
        style = armed(listener, text, f"style-{name}", "x")
        pages[f"style-{name}"] = BARE.format(style=style, body="<p>a</p><ul><li>a</li></ul>")
    return {name: page for name, page in pages.items() if "{{" not in page and "{%" not in page}


def test_without_a_policy_the_payloads_are_heard(
    online: BrowserContext, listener: Listener, tmp_path: Path, bare: Mapping[str, str]
) -> None:
    found = ran_in_frames(online, tmp_path, bare) | listener.names()
    assert len(found & set(bare)) > 120


def test_the_policy_alone_keeps_the_payloads_silent(
    online: BrowserContext, listener: Listener, tmp_path: Path, bare: Mapping[str, str]
) -> None:
    pages = {name: guarded(page, partial(sheet_policy, script="ticks()"))[0] for name, page in bare.items()}
    found = ran_in_frames(online, tmp_path, pages) | listener.names()
    assert found - BEYOND_A_POLICY == set()
