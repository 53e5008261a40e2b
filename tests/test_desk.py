"""The desk in a real browser, before a real server, printer and mail server: as a receptionist would use it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from importlib.resources import files
from pathlib import Path
from shutil import copytree
from threading import Thread
from typing import Any, cast
from urllib.request import Request, urlopen

import pikepdf
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from handouts import treatment
from handouts.interfaces.desk.asking import LEFT_OUT
from handouts.interfaces.desk.remembered import Remembered, remember, remembered
from tests.browser import opened
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran
from tests.mail_server.postfix import Postfix
from tests.printers.printroom import PrintRoom, print_room
from tests.printers.software_printer import SoftwarePrinter
from tests.waiting import HANGS, until

pytest_plugins = ("tests.browser.fixtures", "tests.mail_server.fixtures")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NAME = "Amina Example"
SECRET = "velvet tractor anthem lagoon"  # noqa: S105 - made up
AFTERCARE = "microneedling-aftercare"


@dataclass(kw_only=True)
class Desk:
    """A running desk: its clinic's folder, the printer beside it, and the links that it has printed."""

    clinic: Path
    printer: SoftwarePrinter
    said: list[str] = field(default_factory=list)
    used: int = 0

    def link(self) -> str:
        """Return a link that no browser has used."""
        self.used += 1
        until(lambda: len(self.said) >= self.used, "a link for the next browser")
        return self.said[self.used - 1]

    @property
    def folder(self) -> Path:
        return self.clinic / "desk"

    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "ledger.jsonl").read_text().splitlines()[1:]]


@pytest.fixture(scope="module")
def room() -> Iterator[PrintRoom]:
    with print_room() as opened_room:
        yield opened_room


@pytest.fixture(scope="module")
def desk(room: PrintRoom, postfix: Postfix, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a desk for a copy of the example clinic; its clock stands still, so that a sheet can be made again."""
    folder = tmp_path_factory.mktemp("desk")
    clinic = Path(copytree(EXAMPLE_CLINIC, folder / "clinic"))
    printer = room.add("front")
    room.run("lpadmin", "-d", "front")
    environment = os.environ | room.environment | postfix.environment()
    environment |= {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "HOME": str(folder), "PYTHONPATH": str(CHECKOUT)}
    for name in ("LPDEST", "PRINTER", "CUPS_USER", "CUPS_ENCRYPTION", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "handouts", "desk", "--clinic", str(clinic), "--port", "0"]
    with subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as ran:
        started = Desk(clinic=clinic, printer=printer)
        assert ran.stdout is not None
        listening = Thread(target=lambda: started.said.extend(line.decode().strip() for line in ran.stdout or ()))
        listening.start()
        yield started
        ran.terminate()
        ran.wait(HANGS)
        listening.join()
        assert [line for line in started.said if not line.startswith("http://127.0.0.1:")] == ["Stopped."]


@pytest.fixture(scope="module")
def windows(desk: Desk, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Return a browser that the desk has let in."""
    with opened(playwright, tmp_path_factory.mktemp("windows"), offline=False) as context:
        page = context.new_page()
        page.goto(desk.link())
        page.close()
        yield context


@pytest.fixture
def window(desk: Desk, windows: BrowserContext) -> Iterator[Page]:
    page = fresh(desk, windows)
    yield page
    page.close()


def fresh(desk: Desk, windows: BrowserContext, width: int = 1280) -> Page:
    """Return a page of the desk whose requests and errors are watched."""
    page = windows.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: faults.append(request.url) if re.search("Amina|amina|inbox", request.url) else None
    )
    page.on("close", lambda _page: faults.clear() if not faults else pytest.fail(f"{faults}"))
    page.goto(desk.said[0].partition("?")[0])
    page.wait_for_selector(".choice")
    return page


def choose(page: Page, document: str = AFTERCARE) -> None:
    page.check(f"input[value={document}]")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the sheet beside the form is that of what was typed, or a problem says why not."""
    page.wait_for_selector("#pages[aria-busy=false]", state="attached")


def spoken(page: Page) -> str:
    """Return the sheet's text, once it is that of what was typed."""
    settle(page)
    return str(page.text_content("#text"))


def accessible(page: Page) -> None:
    """Hold the page against axe-core's rules for WCAG 2.2 AA, and against sideways scrolling."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def print_one(page: Page) -> None:
    """Print a sheet for the example's patient."""
    choose(page)
    page.fill("#patient-name", NAME)
    page.click("#print")
    page.wait_for_selector("#outcome .good")


def made(command: Callable[..., Ran], desk: Desk, folder: Path, *options: str) -> bytes:
    """Return what the command line makes of the same words."""
    ran = command("make", AFTERCARE, "--clinic", desk.clinic, "--to", folder, *options)
    assert ran.code == 0, ran.err
    (path,) = folder.glob("*.pdf")
    return path.read_bytes()


def test_what_is_searched_filled_in_and_seen_is_printed_and_in_the_ledger(
    desk: Desk, window: Page, command: Callable[..., Ran], tmp_path: Path
) -> None:
    assert len(window.content()) < 100_000
    accessible(window)
    window.fill("#search", "PUS blisters")
    assert window.is_visible(f"input[value={AFTERCARE}]")
    window.fill("#search", "zebra")
    assert "No sheet has these words" in str(window.text_content("#found"))
    window.fill("#search", "your skin after")
    choose(window)
    window.fill("#patient-name", NAME)
    window.check("text=Face")
    window.fill("#setting-needle_depth", "1,5")
    window.fill("#practitioner", "Nurse R. Sample")
    settle(window)
    window.locator("[data-period=make-up] summary").click()
    assert "72\xa0hours" in str(window.text_content("[data-period=make-up] [data-now]"))
    window.fill("[data-period=make-up] [data-part=amount]", "4")
    window.fill("[data-period=make-up] [data-part=reason]", "Thin skin")
    settle(window)
    now = str(window.text_content("[data-period=make-up] [data-now]"))
    assert "4\xa0days" in now
    assert "November\xa025" in now
    until(lambda: NAME in spoken(window) and "Thin skin" in spoken(window), "every word of the sheet as text")
    assert window.locator("#pages img").count() == 2
    assert window.evaluate("[...document.querySelectorAll('#pages img')].every(one => one.src.startsWith('blob:'))")
    window.fill("#copies", "none")
    window.click("#print")
    window.locator("[data-field=copies] .problem").wait_for()
    before = len(desk.printer.arrived())
    window.fill("#copies", "2")
    window.click("#print")
    window.wait_for_selector("#outcome .good")
    assert "Printed on front." in str(window.text_content("#outcome"))
    accessible(window)
    (arrived,) = desk.printer.arrived()[before:]
    assert arrived.attributes["copies"] == "2"
    options = [
        "--patient",
        NAME,
        "--procedure",
        "microneedling",
        "--body-site",
        "face",
        "--setting",
        "needle_depth=1,5",
    ]
    options += ["--practitioner", "Nurse R. Sample", "--wait", "make-up=4 days: Thin skin", "--note-language", "en"]
    assert arrived.pdf == made(command, desk, tmp_path, *options)
    assert [entry["step"] for entry in desk.ledger()][-3:] == ["made", "printing", "printed"]
    shown = str(window.text_content(".ledger"))
    assert all(words in shown for words in ("made", "given to the printer", "on paper"))


def test_a_sheet_that_was_handed_out_is_found_and_the_same_is_printed_again(desk: Desk, window: Page) -> None:
    print_one(window)
    window.locator("#find summary").click()
    window.fill("#find-name", NAME)
    window.fill("#find-birth", "1987-05-14")
    window.click("#find-go")
    again = window.locator("[data-again]")
    again.first.wait_for()
    assert "another patient may bear it" in str(window.text_content("#found-sheets"))
    accessible(window)
    before = desk.printer.arrived()
    again.first.click()
    until(lambda: len(desk.printer.arrived()) > len(before), "the same sheet again")
    assert desk.printer.arrived()[-1].pdf in [one.pdf for one in before]
    until(lambda: [entry["step"] for entry in desk.ledger()][-1] == "printed", "its line in the ledger")
    window.wait_for_selector("#outcome .good")
    window.fill("#find-name", "Nobody Example")
    window.click("#find-go")
    window.locator("#found-sheets .notice", has_text="No such sheet").wait_for()


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(desk: Desk, window: Page) -> None:
    choose(window)
    window.fill("#setting-needle_depth", "15")
    window.press("#setting-needle_depth", "Tab")
    field = window.locator("[data-field='settings.needle_depth']")
    field.locator(".problem").wait_for()
    assert field.locator("input").get_attribute("aria-invalid") == "true"
    described = str(field.locator("input").get_attribute("aria-describedby")).split()
    assert [window.locator(f"[id='{one}']").count() for one in described] == [1, 1]
    assert field.locator("input").input_value() == "15"
    accessible(window)
    before = sorted(desk.folder.glob("sheets/*"))
    window.click("#save")
    window.locator("#summary").wait_for()
    assert window.evaluate("document.activeElement.id") == "summary"
    accessible(window)
    window.locator("#summary a").filter(has_text="Name").click()
    assert window.evaluate("document.activeElement.id") == "patient-name"
    window.fill("#patient-name", NAME)
    window.click("#save")
    window.locator("#summary a").filter(has_text="Needle depth").click()
    assert window.evaluate("document.activeElement.id") == "setting-needle_depth"
    assert sorted(desk.folder.glob("sheets/*")) == before, "nothing was handed out"


TODAY = """Patient name,Date of service,Preferred language,Area,Needle depth
Bea Example,21/11/2026 14:00,es,face,1.5
Cy Example,21/11/2026 25:00,en,neck,9
"""


def test_patients_are_taken_from_todays_list_and_sheets_go_into_one_envelope(
    desk: Desk, window: Page, tmp_path: Path
) -> None:
    table = tmp_path / "today.csv"
    table.write_text(TODAY)
    window.locator("#list-card summary").click()
    window.select_option("#list-dates", "day-first")
    window.set_input_files("#list-file", table)
    bea, cy = (window.locator(".waiting button").filter(has_text=name) for name in ("Bea Example", "Cy Example"))
    bea.wait_for()
    assert (bea.locator("text=needs a look").count(), cy.locator("text=needs a look").count()) == (0, 1)
    accessible(window)
    bea.click()
    until(lambda: "Choose a sheet for this patient." in str(window.text_content("#state")), "a sheet to be chosen")
    choose(window)
    window.wait_for_selector("#pages img")
    until(lambda: "Bea Example" in spoken(window), "the sheet of the patient who was taken")
    assert (window.input_value("#language"), window.input_value("#setting-needle_depth")) == ("es", "1.5")
    window.locator("#envelope summary").click()
    window.check("#beside input[value=microneedling-routine]")
    window.select_option("#shown", "microneedling-routine")
    until(lambda: "Su cuidado" in spoken(window) or "semana" in spoken(window), "the other sheet of the envelope")
    accessible(window)
    before = len(desk.printer.arrived())
    window.click("#print")
    window.wait_for_selector("#outcome .good")
    assert len(desk.printer.arrived()) == before + 1, "one print job"
    assert [entry["document"] for entry in desk.ledger()][-2:] == [AFTERCARE, "microneedling-routine"]
    saved: list[str] = []
    window.on("download", lambda download: saved.append(download.suggested_filename))
    window.click("#save")
    until(lambda: window.evaluate("1") and len(saved) == 2, "both sheets as files")
    window.click("#next-patient")
    cy.locator("..").locator("[aria-current]").wait_for()
    assert window.input_value("#patient-name") == "Cy Example"
    assert bea.locator("text=handed out").is_visible()
    window.locator("[data-field='settings.needle_depth'] .problem").wait_for()
    assert window.locator("#pages img").count() == 0, "no sheet of the patient before"
    assert "not understood" in str(window.text_content("#list-problems"))
    window.click("#list-away")
    until(lambda: window.locator(".waiting").count() == 0, "the list is gone")


def test_an_email_goes_to_the_address_that_was_read_back_under_a_password(
    desk: Desk, window: Page, postfix: Postfix
) -> None:
    choose(window)
    window.select_option("#language", "ar")
    window.select_option("#second-language", "en")
    window.fill("#patient-name", NAME)
    window.click("#email")
    window.fill("#address", "inbox@example.org")
    window.fill("#password", "1990-01-31")
    window.click("#read-back")
    assert str(window.text_content("#confirm-address")) == "inbox@example.org"
    accessible(window)
    window.click("#confirm-send")
    window.locator("[data-field=password] .problem").wait_for()
    window.fill("#password", SECRET)
    window.click("#read-back")
    window.click("#confirm-send")
    window.wait_for_selector("#outcome .good")
    (path,) = desk.folder.glob("outbox/sent/*.eml")
    (received,) = postfix.received(path.stem)
    message = message_from_bytes(received, policy=policy.default)
    assert message["To"] == "inbox@example.org"
    (pdf,) = message.iter_attachments()
    (tmp := desk.clinic.parent / "locked.pdf").write_bytes(pdf.get_content())
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp)
    pikepdf.open(tmp, password=SECRET).close()
    assert [entry["step"] for entry in desk.ledger()][-2:] == ["made", "in-outbox"]


def test_what_is_saved_is_what_the_command_makes_and_large_print_is_a_click_away(
    desk: Desk, window: Page, command: Callable[..., Ran], tmp_path: Path
) -> None:
    choose(window)
    window.select_option("#language", "es")
    window.fill("#patient-name", NAME)
    window.fill("#setting-needle_depth", "")
    window.fill("#practitioner", "")
    window.check("#large")
    settle(window)
    with window.expect_download() as download:
        window.click("#save")
    saved = Path(download.value.path()).read_bytes()
    options = ("--patient", NAME, "--procedure", "microneedling", "--language", "es", "--print-size", "large")
    assert saved == made(command, desk, tmp_path, *options)
    assert "Amina" not in download.value.suggested_filename
    with window.expect_popup() as popup:
        window.click("#open")
    popup.value.wait_for_url("**/sheets/*")
    assert NAME in popup.value.content()
    popup.value.close()


def test_all_of_it_is_done_by_keys_alone(window: Page) -> None:
    keys = window.keyboard
    window.focus("#search")
    keys.type("aftercare")
    keys.press("Tab")
    keys.press("Space")
    window.wait_for_selector("#patient-name")
    until(lambda: window.evaluate("document.activeElement.id") == "patient-name", "the first field to be filled in")
    keys.type(NAME)
    settle(window)
    for _ in range(60):
        keys.press("Tab")
        ring = window.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert ring != "0px", window.evaluate("document.activeElement.outerHTML")
        if window.evaluate("document.activeElement.id") == "save":
            break
    with window.expect_download():
        keys.press("Enter")
    window.wait_for_selector("#outcome .good")


def test_the_page_is_in_arabic_and_fits_a_narrow_window(desk: Desk, windows: BrowserContext) -> None:
    page = fresh(desk, windows, width=320)
    page.select_option("#page-language", "ar")
    page.wait_for_selector("html[lang=ar][dir=rtl]")
    page.wait_for_selector(".choice")
    choose(page)
    assert page.input_value("#language") == "ar"
    page.fill("#patient-name", "أمينة مثال")
    until(lambda: "أمينة مثال" in spoken(page), "the patient's name on the sheet")
    assert "1 ديسمبر" in str(page.text_content("[data-period=exercise] [data-now]"))[:60] or "نوفمبر" in str(
        page.text_content("[data-period=exercise] [data-now]")
    )
    accessible(page)
    with page.expect_download():
        page.click("#save")
    page.select_option("#page-language", "en")
    page.wait_for_selector("html[lang=en]")
    page.close()


def test_a_page_left_open_clears_itself_and_its_session_ends(
    desk: Desk, playwright: Playwright, tmp_path: Path
) -> None:
    with opened(playwright, tmp_path / "another", offline=False) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(desk.link())
        page.wait_for_selector(".choice")
        choose(page)
        page.fill("#patient-name", NAME)
        page.clock.fast_forward("29:30")
        page.wait_for_selector("#idle[open]")
        accessible(page)
        page.click("#idle-stay")
        page.clock.fast_forward("29:30")
        page.wait_for_selector("#idle[open]")
        page.clock.fast_forward("01:00")
        page.wait_for_selector("main.ended")
        assert NAME not in page.content()
        assert page.locator("input").count() == 0
        accessible(page)
        assert until(lambda: page.request.get(page.url.partition("?")[0]).status == 401, "the end of the session")


def test_two_windows_have_a_patient_each_and_neither_waits_for_the_other(desk: Desk, windows: BrowserContext) -> None:
    one, other = fresh(desk, windows), fresh(desk, windows)
    choose(one)
    choose(other, "microneedling-bumps")
    for letter in range(1, len(NAME) + 1):
        one.fill("#patient-name", NAME[:letter])
        other.fill("#patient-name", f"Berta {NAME[:letter]}")
    until(lambda: NAME in spoken(one), "one patient's sheet")
    until(lambda: f"Berta {NAME}" in spoken(other), "the other's")
    assert "Berta" not in spoken(one)
    assert int(str(one.get_attribute("body", "data-asked"))) < len(NAME), "one preview at a time, the latest wins"
    one.close()
    other.close()


LOOP = """{% extends "@shipped/handout/sheet.html" %}
{% block about %}{% if document.id == "microneedling-before" %}
{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}
{% endif %}{{ super() }}{% endblock %}
"""


def test_a_template_without_end_in_one_window_does_not_keep_another_from_printing(
    desk: Desk, windows: BrowserContext
) -> None:
    printed = len(desk.printer.arrived())
    stuck, printing = fresh(desk, windows), fresh(desk, windows)
    own = desk.clinic / "templates" / "handout" / "sheet.html"
    own.parent.mkdir(parents=True)
    own.write_text(LOOP)
    try:
        choose(printing)
        printing.fill("#patient-name", NAME)
        settle(printing)
        stuck.check("input[value=microneedling-before]")
        stuck.wait_for_selector("#pages[aria-busy=true]", state="attached")
        printing.click("#print")
        printing.wait_for_selector("#outcome .good")
        assert stuck.get_attribute("#pages", "aria-busy") == "true"
        assert len(desk.printer.arrived()) == printed + 1
        stuck.wait_for_selector("#notes .problem")
    finally:
        own.unlink()
    stuck.close()
    printing.close()


def test_nothing_of_a_patient_is_kept_beyond_sheets_and_outbox(desk: Desk, window: Page) -> None:
    print_one(window)
    written = [
        path for path in desk.folder.rglob("*") if path.is_file() and path.suffix not in (".pdf", ".html", ".eml")
    ]
    assert {path.name for path in written} >= {"ledger.jsonl", "remembered.json"}
    for path in written:
        assert "Amina" not in path.read_text(errors="replace"), path
    assert (desk.folder / "sheets").stat().st_mode & 0o777 == 0o700
    assert remembered(desk.folder / "remembered.json").queue == "front"


def test_what_no_page_of_ours_sends_is_refused(desk: Desk, window: Page) -> None:
    csrf, cookies = window.get_attribute("body", "data-csrf"), window.context.cookies()
    origin = desk.said[0].partition("/?")[0]
    port = origin.rpartition(":")[2]
    cookie = next(one for one in cookies if one.get("name") == f"handouts_{port}")

    def status(path: str, body: object) -> int:
        headers = {"origin": origin, "x-csrf-token": str(csrf), "cookie": f"{cookie.get('name')}={cookie.get('value')}"}
        asked = Request(origin + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - ours
        try:
            with urlopen(asked, timeout=HANGS) as answer:  # noqa: S310
                return cast("int", answer.status)
        except OSError as error:
            return int(getattr(error, "code", 0))

    wish = {"document": AFTERCARE, "languages": ["en"], "details": {"patient.name": NAME}}
    damaged: tuple[object, ...] = (
        [],
        {"wish": 5},
        {"wish": {**wish, "details": {"logo": "x"}}},
        {"wish": {**wish, "details": {"note": "x" * 5000}}},
        {"wish": {**wish, "details": {"patient.name": 5}}},
        {"wish": {**wish, "languages": "en"}},
        {"wish": {**wish, "details": {"waiting_periods": {"make-up": {"amount": 5}}}}},
    )
    for changed in damaged:
        assert status("/preview", changed) == 400, changed
    for way in (None, {"kind": "fax"}, {"kind": "print", "queue": 5}):
        assert status("/hand-out", {"wish": wish, "way": way}) == 400, way


def test_every_field_of_the_table_is_in_the_form_or_left_out_by_name() -> None:
    parts = "".join(path.read_text() for path in sorted((CHECKOUT / "templates" / "desk").glob("*.html")))
    for each in treatment.FIELDS:
        assert (f'"{each.path}"' in parts) != (each.path in LEFT_OUT), each.path


@pytest.mark.parametrize("text", ["", "[]", "{", '{"settings": 5, "queue": ["a"]}', "[" * 100_000])
def test_a_memory_that_is_damaged_is_forgotten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desk" / "remembered.json"
    known = Remembered(language="ar", practitioner="Nurse R. Sample", settings={"a": {"depth": "1.5"}})
    remember(path, known)
    assert remembered(path) == known
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(text)
    assert remembered(path) == Remembered()
