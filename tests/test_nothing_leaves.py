"""Whatever a clinic's template holds: a page that is made loads, sends and runs nothing in a real browser.

A server of the test's own listens. Each payload asks it for an address with the patient's name, or runs a script.
"""

import html
import io
import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pikepdf
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from handouts.codes import Code
from handouts.composition.policy import guarded, mail_policy, sheet_policy
from handouts.errors import InputError, errors_of
from handouts.page_tree import page_tree
from handouts.press import Press
from handouts.records import Format
from handouts.resources import SHELVES, Resources
from tests.browser import opened
from tests.conftest import EXAMPLE_CLINIC, NOW, example_press, job
from tests.payloads import BODY, DRAWINGS, RUN, STYLE
from tests.waiting import until

pytest_plugins = ("tests.browser.fixtures",)

NAME = "Canary Patient"
TYPED = "{{ details[0].value.text|urlencode }}"
ALONE, TOGETHER = 300, 2000
"""Milliseconds that pages are given after they have loaded, for what a script or a style asks for later."""
BEYOND_A_POLICY = {"body-meta-refresh", "body-meta-refresh-in-capitals"}
"""No policy in a page keeps it from going elsewhere: that is for the allowlist alone."""
SILENT = {"body-frameset", *DRAWINGS}
"""A <frameset> in a body is no element; a drawing in a page loads and runs nothing by itself (HTML 5, 4.8.4.4)."""
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


def in_frames(browser: BrowserContext, folder: Path, pages: Mapping[str, str]) -> Page:
    """Open all pages at once, each in a frame of one page, which `ran_in` is asked for."""
    for name, text in pages.items():
        (folder / f"{name}.html").write_bytes(text.encode())
    frames = "".join(f"<iframe src='{name}.html' width=90 height=90></iframe>" for name in pages)
    around = folder / "around.html"
    around.write_text(f"<script>ran = []; onmessage = (told) => ran.push(told.data)</script>{frames}")
    page = browser.new_page()
    page.goto(around.as_uri())
    return page


def ran_in(page: Page) -> set[str]:
    """Return the names of the pages in a page's frames in which a script ran up to now."""
    return {name_of(address) for address in page.evaluate("() => ran")}


def ran_in_frames(browser: BrowserContext, folder: Path, pages: Mapping[str, str]) -> set[str]:
    """Open all pages at once; return the names of those in which a script ran. What they load the listener hears."""
    page = in_frames(browser, folder, pages)
    page.wait_for_timeout(TOGETHER)
    found = ran_in(page)
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
    assert set(made) == SILENT
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
    page, heard = in_frames(online, tmp_path, bare), set[str]()

    def are_heard() -> bool:
        heard.update(ran_in(page), listener.names())
        return len(heard & set(bare)) > 120

    until(are_heard, lambda: f"of {len(bare)} only {len(heard & set(bare))} were heard")
    page.wait_for_timeout(TOGETHER)
    page.close()
    listener.names()


def test_the_policy_alone_keeps_the_payloads_silent(
    online: BrowserContext, listener: Listener, tmp_path: Path, bare: Mapping[str, str]
) -> None:
    pages = {name: guarded(page, partial(sheet_policy, script="ticks()"))[0] for name, page in bare.items()}
    found = ran_in_frames(online, tmp_path, pages) | listener.names()
    assert found - BEYOND_A_POLICY == set()


@pytest.mark.parametrize("languages", ["en", "ar+en"])
def test_what_ships_is_shown_as_it_was_made_under_its_policy(
    online: BrowserContext, tmp_path: Path, languages: str
) -> None:
    """A style, a picture or the script of the ticked boxes that the policy kept away would be told on the console."""
    made = example_press().compose(job("microneedling-aftercare", languages, form=Format.HTML))
    path = tmp_path / "sheet.html"
    path.write_bytes(made[0][0].html.encode())
    page = online.new_page()
    told: list[str] = []
    requests: set[str] = set()
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: requests.add(request.url.partition(":")[0]))
    page.goto(path.as_uri())
    page.locator("input[type=checkbox]").first.check()
    page.reload()
    assert page.locator("input[type=checkbox]").first.is_checked()
    assert "data:image/svg+xml" in page.locator(".icon").first.evaluate("one => getComputedStyle(one).backgroundImage")
    page.close()
    assert told == []
    assert requests <= {"file", "data"}


def page_of(clinic: Path, text: str, form: Format = Format.HTML) -> str:
    """Return the page of a clinic with this sheet.html."""
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.html").write_text(text)
    return Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", form=form))[0][0].html


def codes(error: InputError) -> set[Code]:
    return {problem.code for problem in errors_of(error.problems)}


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><title>a</title><p>a",
        "<!DOCTYPE html><!-- <head> --><title>a</title><p>a",
        "<!DOCTYPE html><p>a</p><head><title>a</title></head>",
        "<!DOCTYPE html><script>a</script><html><head><title>a</title></head><body>a</body></html>",
        "<!DOCTYPE html><title><head></title><p>a",
        "",
    ],
)
def test_a_page_before_which_no_policy_can_stand_is_refused(page: str) -> None:
    with pytest.raises(InputError) as error:
        guarded(page, mail_policy)
    assert codes(error.value) == {Code.PAGE_WITHOUT_HEAD}


def test_the_policy_comes_before_all_that_a_template_writes_into_the_head() -> None:
    page, _ = guarded("<!DOCTYPE html><html><HEAD class=a>\n<title>a</title></head><body>a</body></html>", mail_policy)
    head = page_tree(page)[0]
    assert [one.attrib.get("http-equiv", one.tag.rpartition("}")[2]) for one in head] == [
        "meta",
        "Content-Security-Policy",
        "meta",
        "title",
    ]


LINKS = ["https://booking.example.org/lumen?a=b&c=d", "https://maps.example.org/#lumen"]
SOURCE = "https://www.nhs.uk/conditions/anaphylaxis/"


def linked(clinic: Path, link: str, form: Format = Format.HTML) -> str:
    """Return the page of a clinic whose sheet.html has this link, and whose clinic.toml has LINKS."""
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("[contact]", f"[contact]\nlinks = {json.dumps(LINKS)}"))
    return page_of(clinic, f"{SHEET}{{% block about %}}{{{{ super() }}}}{link}{{% endblock %}}", form)


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    "link",
    [
        "<a href='{{ clinic.website }}'>a</a>",
        "<a href='https://booking.example.org/lumen?a=b&amp;c=d'>a</a>",
        "<a href='https://maps.example.org/#lumen'>a</a>",
        f"<a href='{SOURCE}'>a</a>",
        "<a href='mailto:{{ clinic.email }}'>{{ clinic.email }}</a>",
        "<a href='mailto:care@lumen.example.org'>a</a>",
        "<a href='tel:{{ clinic.telephone.e164 }}'>Call {{ clinic.telephone.national }}</a>",
        "<a href='tel:{{ clinic.telephone.national }}'>{{ clinic.telephone.e164 }}</a>",
        "<a href='tel:+12125550187'>(212) <b>555</b>-\u0660\u0661\u0668\u0667</a>",
        "<a href='tel:{{ clinic.emergency_number }}'>911</a>",
        "<a href='#{{ details[0].value.text|urlencode }}'>a</a>",
    ],
)
def test_a_link_to_what_the_clinic_or_the_document_names_is_made(clinic: Path, form: Format, link: str) -> None:
    assert page_tree(linked(clinic, link, form)).findall(".//*[@href]")[-1].attrib["href"]


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a",
        "https://booking.example.org/lumen",
        "https://maps.example.org/#{{ details[0].value.text[:1] }}",
        "{{ clinic.website }}.example.org",
        "{{ clinic.website }}@example.org",
        "{{ clinic.website }}/{{ details[0].value.text|urlencode }}",
        "{{ clinic.website }}?{{ details[0].value.text|length }}",
        "{% if details[0].value.text[0] == 'A' %}https://a.example.org{% else %}https://b.example.org{% endif %}",
        "mailto:a@example.org",
        "mailto:{{ clinic.email }},a@example.org",
        "mailto:{{ clinic.email }}?bcc=a@example.org",
        "mailto:{{ clinic.email }}?subject={{ details[0].value.text|urlencode }}",
        "mailto:{{ details[0].value.text|urlencode }}@example.org",
        "tel:+12125550100",
        "tel:{{ details[2].value.text }}",
        "https://{{ details[0].value.text.split()[0] }}.example.org",
        "https://example.org/#{{ details[0].value.text.encode().hex() }}",
        "https://example.org/{{ note.text|urlencode }}",
    ],
)
def test_a_link_to_anything_else_is_refused(clinic: Path, form: Format, address: str) -> None:
    with pytest.raises(InputError) as error:
        linked(clinic, f'<a href="{address}">a</a>', form)
    assert codes(error.value) == {Code.LINK_UNKNOWN}
    assert "amina" not in str(error.value).casefold()
    assert [problem.line for problem in errors_of(error.value.problems)] in ([1], [None])


@pytest.mark.parametrize(
    "link",
    [
        "<a href='tel:{{ clinic.telephone.e164 }}'>(212) 555-0143</a>",
        "<a href='tel:{{ clinic.telephone.e164 }}'>555-0142</a>",
        "<a href='tel:{{ clinic.telephone.e164 }}'>(212) 555-0142 or 911</a>",
        "<a href='tel:{{ clinic.telephone.e164 }}'>Call us</a>",
        "<a href='tel:{{ clinic.emergency_number }}'>{{ clinic.telephone.national }}</a>",
        "<a href='tel:{{ clinic.out_of_hours.national }}'>{{ clinic.telephone.national }}</a>",
        "<a href='mailto:{{ clinic.email }}'>a@example.org</a>",
        "<a href='mailto:{{ clinic.email }}'>my{{ clinic.email }}</a>",
    ],
)
def test_a_link_that_leads_elsewhere_than_its_words_say_is_refused(clinic: Path, link: str) -> None:
    with pytest.raises(InputError) as error:
        linked(clinic, link)
    assert codes(error.value) == {Code.LINK_SHOWS_ANOTHER}


def of_document(clinic: Path, link: str) -> str:
    """Return the page of a document that has this link."""
    shipped = (SHELVES["library"] / "microneedling-aftercare.md").read_text()
    own = clinic / "library" / "microneedling-aftercare.md"
    own.parent.mkdir()
    own.write_text(shipped.replace("- You get a cold sore.", f"- Cold sore: {link}"))
    return Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", form=Format.HTML))[0][0].html


@pytest.mark.parametrize(
    "link", ["[the NHS](https://www.nhs.uk/a)", "[020 7946 0000](tel:+442079460000)", "[111](tel:111)"]
)
def test_a_link_of_a_document_is_made(clinic: Path, link: str) -> None:
    assert link.partition("(")[2].removesuffix(")") in of_document(clinic, link)


@pytest.mark.parametrize("words", ["020 7946 0001", "7946 0000", "20", "Call"])
def test_a_link_of_a_document_to_another_number_than_it_shows_is_refused(clinic: Path, words: str) -> None:
    with pytest.raises(InputError) as error:
        of_document(clinic, f"[{words}](tel:+442079460000)")
    assert codes(error.value) == {Code.LINK_SHOWS_ANOTHER}


@pytest.mark.parametrize("languages", ["en", "ar+en"])
def test_the_links_of_a_pdf_are_the_clinics(languages: str) -> None:
    press = example_press()
    name, _, other = languages.partition("+")
    data = press.sheet("microneedling-aftercare", {"patient.name": NAME}, language=languages, now=NOW).data
    with pikepdf.open(io.BytesIO(data)) as pdf:
        links = {str(link.A.URI) for page in pdf.pages for link in page.get("/Annots", []) if "/A" in link}
    assert links == {"https://lumen.example.org", "tel:+12125550142", "tel:911", "tel:+12125550187"}, (name, other)


@pytest.mark.parametrize(
    "name", ["img", "comment-end", "svg-script", "iframe-srcdoc", "meta-refresh", "a-script", "script"]
)
def test_an_email_that_would_load_or_run_something_is_refused(listener: Listener, clinic: Path, name: str) -> None:
    own = clinic / "templates" / "email" / "message.html"
    own.parent.mkdir(parents=True)
    shipped = (SHELVES["templates"] / "email" / "message.html").read_text()
    own.write_text(shipped.replace("</body>", f"{armed(listener, BODY[name], name, 'x')}</body>"))
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).mail("microneedling-aftercare", "en", NOW.date())
    assert codes(error.value) <= {Code.ADDRESS_REFUSED, Code.ELEMENT_REFUSED, Code.LINK_UNKNOWN, Code.MUST_NOT_RUN}
    assert errors_of(error.value.problems)[0].source == "templates/email/message.html"


def test_the_policy_of_an_email_lets_no_script_run(
    online: BrowserContext, tmp_path: Path, bare: Mapping[str, str]
) -> None:
    pages = {name: guarded(page, mail_policy)[0] for name, page in bare.items()}
    assert ran_in_frames(online, tmp_path, pages) == set()


def test_an_email_that_ships_loads_nothing(online: BrowserContext, tmp_path: Path) -> None:
    press = example_press()
    mails = {tag: press.mail("microneedling-aftercare", tag, NOW.date()).html for tag in ("en", "ar+en")}
    requests: list[str] = []
    online.on("request", lambda request: requests.append(request.url))
    assert ran_alone(online, tmp_path, mails) == set()
    assert {url.partition(":")[0] for url in requests} == {"file"}
