"""`handouts preview` in a real browser: each saved change shows, errors stand in its place, overlays say what is so."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pikepdf
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Page, Playwright

from handouts.interfaces.preview.views import Failed, SheetSeen, Sitter, ToSheet, View
from handouts.press import Press
from handouts.records import PrintSize
from handouts.resources import Resources
from handouts.typesetting.page_pictures import difference, laser_pictures
from tests.browser import opened
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, details
from tests.waiting import HANGS, until

pytest_plugins = ("tests.browser.fixtures",)

EXTENDED = '{% extends "@shipped/handout/sheet.html" %}\n'
AFTERCARE = View(
    document="microneedling-aftercare", languages="en", paper=None, print_size=PrintSize.STANDARD, sample=False
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clinic's folder that the preview of this module shows."""
    return Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path_factory.mktemp("preview") / "clinic"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Return the address that lets a browser in."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder.parent), "PYTHONPATH": str(CHECKOUT)}
    words = [sys.executable, "-m", "handouts", "preview", "--clinic", str(folder)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.send_signal(signal.SIGINT)
        server.wait(HANGS)


@pytest.fixture(scope="module")
def shown(playwright: Playwright, address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Return the page with its first sheet, and the reading order over it."""
    with opened(playwright, tmp_path_factory.mktemp("profile"), offline=False) as browser:
        page = browser.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        page.keyboard.press("o")
        says(page, "Your skin after microneedling")
        yield page


@pytest.fixture
def page(shown: Page, folder: Path) -> Iterator[Page]:
    """Return the page; what a test has changed in the clinic's folder is as it was afterwards, and shown."""
    yield shown
    for path in sorted(folder.rglob("*"), reverse=True):
        there = EXAMPLE_CLINIC / path.relative_to(folder)
        if not there.exists():
            path.unlink() if path.is_file() else path.rmdir()
        elif path.is_file() and path.read_bytes() != there.read_bytes():
            shutil.copyfile(there, path)
    shown.select_option("#language", "en")
    chosen(shown, "overlay", "order")
    shown.wait_for_function("() => said.textContent.startsWith('Made') && !document.querySelector('.problem.error')")


def saved(path: Path, text: str | bytes, *, renamed: bool = False) -> None:
    """Save a file in place, or as most editors do: a new file that takes the old one's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.with_name(f".{path.name}.swp") if renamed else path
    target.write_bytes(text.encode() if isinstance(text, str) else text)
    if renamed:
        target.replace(path)


def says(page: Page, text: str) -> None:
    """Wait until the sheet that is shown reads so, aloud; the overlay lists its words."""
    page.wait_for_function("text => document.getElementById('legend').textContent.includes(text)", arg=text)


def made_after(page: Page, name: str) -> None:
    """Wait until a sheet is shown that was made after a file of this name was saved."""
    made = "name => said.textContent.startsWith('Made ') && said.textContent.includes(`after ${name}`)"
    page.wait_for_function(made, arg=name)


def clean(page: Page) -> None:
    """Hold the page against axe-core's rules."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def outlined(page: Page) -> tuple[float, ...]:
    """Return the first place of the first page that is outlined: left, top, right and bottom as shares of the page."""
    return tuple(
        page.locator(".change").first.evaluate("""one => {
            const box = one.getBoundingClientRect(), sheet = one.closest(".sheet").getBoundingClientRect();
            const across = (x) => (x - sheet.left) / sheet.width, down = (y) => (y - sheet.top) / sheet.height;
            return [across(box.left), down(box.top), across(box.right), down(box.bottom)];
        }""")
    )


def chosen(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)


def pdf(page: Page) -> bytes:
    """Return the PDF of the sheet that is shown."""
    href = page.locator("#pdf").get_attribute("href")
    return page.request.get(f"{page.url.partition('#')[0].rstrip('/')}{href}").body()


def test_a_template_shows_when_it_is_saved_in_place_and_by_rename(page: Page, folder: Path) -> None:
    block = "{% block title %}<p>Good to see you</p>{{ super() }}{% endblock %}"
    saved(folder / "templates/handout/sheet.html", EXTENDED + block)
    says(page, "Good to see you")
    saved(folder / "templates/handout/sheet.html", EXTENDED + block.replace("you", "you again"), renamed=True)
    says(page, "Good to see you again")
    page.frame_locator("#phone iframe").get_by_text("Good to see you again").wait_for()


def test_clinic_toml_a_document_and_a_catalogue_show_when_they_are_saved(page: Page, folder: Path) -> None:
    toml = (folder / "clinic.toml").read_text()
    saved(folder / "clinic.toml", toml.replace("120 Harbor Street", "7 Quay Street"))
    says(page, "7 Quay Street")
    document = (CHECKOUT / "handouts/library/microneedling-aftercare.md").read_text()
    saved(folder / "library/microneedling-aftercare.md", document.replace("Your skin after", "Your own skin after"))
    says(page, "Your own skin after microneedling")
    (folder / "library/microneedling-aftercare.md").unlink()
    page.select_option("#language", "es")
    says(page, "Cuándo")
    catalogue = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: es\\n"\n\n'
    entry = 'msgid "How long"\nmsgstr "Cuánto tiempo"\n'
    saved(folder / "locales/es/LC_MESSAGES/handouts.po", catalogue + entry)
    says(page, "Cuánto tiempo")


def test_a_style_and_a_logo_show_when_they_are_saved_and_what_changed_is_outlined(page: Page, folder: Path) -> None:
    chosen(page, "overlay", "changes")
    css = (CHECKOUT / "templates/handout/sheet.css").read_text()
    saved(folder / "templates/handout/sheet.css", css + "\nh1 { text-decoration: underline }\n")
    made_after(page, "templates/handout/sheet.css")
    until(lambda: "3 pages changed: 1, 2, 3;" in page.inner_text("#legend"), "what has changed is told")
    assert "3 pages changed since the last save" in page.inner_text("#pages-said")
    assert outlined(page) == pytest.approx((0.05, 0.13, 0.59, 0.14), abs=0.02), "the line under the first heading"
    logo = (folder / "logo.svg").read_text()
    saved(folder / "logo.svg", logo.replace("#0b5c6b", "#7a1f5c"))
    made_after(page, "logo.svg")
    assert outlined(page) == pytest.approx((0.05, 0.03, 0.29, 0.09), abs=0.02), "the logo"
    saved(folder / "clinic.toml", (folder / "clinic.toml").read_text() + "# nothing\n")
    made_after(page, "clinic.toml")
    until(lambda: "no page changed" in page.inner_text("#legend"), "that nothing has changed is told")
    assert page.locator(".change").count() == 0


def test_a_font_file_counts_when_it_is_saved_and_the_overlay_says_what_it_draws(page: Page, folder: Path) -> None:
    fonts = Path("/usr/share/fonts/truetype/noto")
    for name in ("Regular", "Bold"):
        saved(folder / f"fonts/Brand-{name}.ttf", (fonts / f"NotoSerif-{name}.ttf").read_bytes())
    table = '[typeface]\nregular = "fonts/Brand-Regular.ttf"\nbold = "fonts/Brand-Bold.ttf"\n\n[colours]'
    chosen(page, "overlay", "fonts")
    saved(folder / "clinic.toml", (folder / "clinic.toml").read_text().replace("[colours]", table))
    made_after(page, "clinic.toml")

    def drawn() -> list[str]:
        return page.locator("#legend li strong").all_inner_texts()

    until(lambda: drawn() and all("Serif" in name for name in drawn()), lambda: f"{drawn()}")
    saved(folder / "fonts/Brand-Regular.ttf", (fonts / "NotoSans-Regular.ttf").read_bytes())
    page.locator("#pages .problem.error").get_by_text("has no bold").wait_for()


def test_an_error_stands_in_place_of_the_page_until_it_is_mended(page: Page, folder: Path) -> None:
    file = folder / "templates/handout/sheet.html"
    saved(file, EXTENDED + "{% block title %}\n<p>{{ clinic.nmae }}</p>\n{{ super() }}\n{% endblock %}\n")
    problem = page.locator("#pages .problem.error")
    problem.wait_for()
    assert problem.locator(".place").inner_text() == "templates/handout/sheet.html, line 3"
    assert "nmae" in problem.locator(".what").inner_text()
    assert "“name”" in problem.locator(".do").inner_text()
    assert problem.locator("pre .here").inner_text().strip() == "3<p>{{ clinic.nmae }}</p>"
    assert page.locator("#pages.failed .sheet img").count() == 3, "the last good pages are behind it"
    assert float(page.locator("#pages .last").evaluate("one => getComputedStyle(one).opacity")) < 1
    clean(page)
    page.reload()
    problem.wait_for()
    page.locator("#pages.failed .sheet img").first.wait_for()
    page.keyboard.press("o")
    saved(file, EXTENDED + "{% block title %}<p>{{ clinic.name }} is here</p>{{ super() }}{% endblock %}")
    says(page, "is here")
    page.wait_for_function("() => !document.querySelector('.problem.error, .failed')")


def test_all_problems_are_told_at_once(page: Page, folder: Path) -> None:
    toml = (folder / "clinic.toml").read_text()
    saved(folder / "clinic.toml", toml.replace('primary = "', 'primray = "').replace('"Letter"', '"Lettre"'))
    page.locator("#pages .problem.error").nth(1).wait_for()
    places = page.locator("#pages .problem.error .place").all_inner_texts()
    lines = [line for line, text in enumerate(toml.splitlines(), start=1) if re.match('primary|paper = "Letter"', text)]
    assert {f"clinic.toml, line {line}" for line in lines} <= {place.partition(" (")[0] for place in places}
    assert page.inner_text("#said").startswith(f"{len(places)} problems ")


def test_a_template_without_end_stops_nothing_but_its_sheet(page: Page, folder: Path) -> None:
    loops = "".join("{% for each in range(9999) %}" for _ in range(3)) + "{% endfor %}" * 3
    saved(folder / "templates/handout/sheet.html", EXTENDED + "{% block title %}" + loops + "{% endblock %}")
    page.wait_for_function("() => said.textContent.startsWith('Making it anew')")
    answer = page.request.get(f"{page.url.partition('#')[0]}choices?whole")
    assert answer.json()["clinic"] == "Lumen Skin Clinic", "others are answered while it goes round"
    problem = page.locator("#pages .problem.error")
    problem.wait_for()
    assert problem.locator(".place").inner_text() == "templates/handout/sheet.html, line 2"
    (folder / "templates/handout/sheet.html").unlink()
    says(page, "Your skin after microneedling")
    page.wait_for_function("() => said.textContent.startsWith('Made')")


def test_the_overlays_say_what_other_programs_read_in_the_pdf(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(pdf(page))
    assert page.locator("#pdf").evaluate("link => link.hasAttribute('download')")
    read = subprocess.run(["pdfinfo", "-struct-text", file], capture_output=True, text=True, check=True).stdout
    heard = "".join(re.findall(r'^ *"(.*)"$', read, re.MULTILINE))
    listed = page.locator("#legend li").evaluate_all("all => all.map(one => one.childNodes[2].data)")
    assert "".join("".join(listed).split()) == "".join(heard.split())
    marks = [int(mark) for mark in page.locator(".over .mark").all_inner_texts()]
    assert sorted(set(marks)) == list(range(1, len(listed) + 1))
    assert "Page 1 of 3" not in heard
    assert page.locator(".over .silent").count() == 6, "the feet of three pages, which nobody hears"
    chosen(page, "overlay", "boxes")
    kinds = re.findall(r"^ *(\w+)", re.sub('^ *(?:".*"|/.*|Object.*)$', "", read, flags=re.MULTILINE), re.MULTILINE)
    for kind in ("H1", "H2", "Table", "TR", "TH", "TD", "L", "LI", "Figure"):
        assert f"{kind} {kinds.count(kind)}" in page.inner_text("#legend").split(": ")[1].split(" · ")
    chosen(page, "overlay", "fonts")
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    assert set(page.locator("#legend li strong").all_inner_texts()) == set(re.findall(r"[A-Z]{6}\+(\S+)", fonts))


def test_it_is_worked_by_keys_and_clean(page: Page) -> None:
    clean(page)
    page.keyboard.press("Shift+L")
    page.wait_for_function("() => document.getElementById('language').value !== 'en'")
    page.keyboard.press("l")
    page.keyboard.press("w")
    coloured = page.locator(".sheet img").first.get_attribute("src")
    page.wait_for_function("src => document.querySelector('.sheet img').src !== src", arg=coloured)
    page.keyboard.press("e")
    page.wait_for_function("src => document.querySelector('.sheet img').src === src", arg=coloured)
    assert "blur" in page.locator(".sheet img").first.evaluate("one => getComputedStyle(one).filter")
    page.keyboard.press("e")
    page.keyboard.press("3")
    assert not page.locator("#email").is_visible()
    page.keyboard.press("3")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    clean(page)
    page.keyboard.press("Escape")
    page.locator("#text").get_by_text("Worried? Call us.").wait_for()
    page.frame_locator("#email iframe").get_by_text("Worried? Call us.").wait_for()


def test_nothing_of_a_clinics_templates_runs_and_nobody_else_comes_in(page: Page) -> None:
    root = page.url.partition("#")[0]
    frame = page.locator("#phone iframe").evaluate("one => one.contentWindow.location.href")
    policy = page.request.get(frame).headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in (page.locator("#phone iframe").get_attribute("sandbox") or "")
    assert "'unsafe-inline'" not in page.request.get(root).headers["content-security-policy"]
    assert page.request.get(f"{root}preview.html").status == 404
    assert page.request.get(f"{root}frame/sheet").status == 404
    for path in ("", "choices", "sheet", "pdf", "toner", "phone", "email", "frame/phone", "events", "preview.js"):
        assert httpx.get(root + path).status_code == 401, path


def test_what_a_batch_writes_into_the_clinics_folder_is_no_change(page: Page, folder: Path) -> None:
    before = page.evaluate("() => state.revision")
    for name in ("out/sheet.html", "outbox/new/1.eml", "sheet.pdf", ".clinic.toml.swp", ".git/x.md"):
        saved(folder / name, "no part of a sheet")
    saved(folder / "clinic.toml", (folder / "clinic.toml").read_text().replace("Suite 4", "Suite 5"))
    says(page, "Suite 5")
    assert page.evaluate("() => [state.revision, ...state.files]") == [before + 1, "clinic.toml"]


@pytest.fixture(scope="module")
def seen() -> SheetSeen:
    """Return the sheet of the example's treatment as the page gets it."""
    found = looked_at(Sitter(details=details(), now=NOW))
    assert isinstance(found, SheetSeen)
    return found


def looked_at(sitter: Sitter) -> SheetSeen | Failed:
    resources = Resources(clinic=EXAMPLE_CLINIC)
    return ToSheet(resources=resources, view=AFTERCARE, sitter=sitter, before=b"")(Press(resources))


def test_a_treatment_of_ones_own_is_shown_and_its_lines_are_not(seen: SheetSeen) -> None:
    assert "Amina Example" in [tag.text for tag in seen.anatomy.tags]
    assert "Amina" not in repr(seen)
    failed = looked_at(Sitter(details=details(performed_on="some day"), now=NOW))
    assert isinstance(failed, Failed)
    assert {problem.excerpt for problem in failed.problems} == {()}


def test_a_laser_printers_dots_are_black_or_white_and_as_dark_as_the_grey(seen: SheetSeen) -> None:
    printed = Image.open(BytesIO(laser_pictures(seen.pdf)[0].png))
    assert printed.mode == "1"
    grey = (
        pypdfium2.PdfDocument(seen.pdf)[0].render(scale=printed.width / seen.pages[0].width, grayscale=True).to_numpy()
    )
    assert abs(np.asarray(printed).mean() - grey.mean() / 255) < 0.01


def test_a_page_that_only_one_of_two_has_is_a_change(seen: SheetSeen) -> None:
    shorter = BytesIO()
    with pikepdf.open(BytesIO(seen.pdf)) as opened:
        del opened.pages[1]
        opened.save(shorter)
    assert difference(seen.pdf, seen.pdf).pages == ()
    assert difference(shorter.getvalue(), seen.pdf).pages == (2,)
    assert difference(seen.pdf, shorter.getvalue()).pages == (2,)
