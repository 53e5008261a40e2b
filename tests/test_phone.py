"""The HTML form in a real browser: on a phone every word can be read, boxes stay ticked, numbers can be called."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from handouts.press import Press
from handouts.records import Destination, Format
from handouts.typesetting.legibility import faults
from tests.browser import DESK, NARROW, PHONE, collisions, lines, opened, shown, style
from tests.browser.letters import letters
from tests.conftest import example_press, job, one_of_each_font

pytest_plugins = ("tests.browser.fixtures",)

LONG_WORDS = ("de", "fil", "ru")
PAIRS = ("ar+en", "es+ar", "de+ru")
TWELVE_POINT = 16
"""In CSS px."""

UNCALLABLE = """(numbers) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const alone = (number) => node.data.split(/[^0-9() +-]/).some((piece) => piece.trim() === number);
    if (numbers.some(alone) && !node.parentElement.closest('a[href^="tel:"]')) found.push(node.data);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def press() -> Press:
    return example_press()


def made(
    press: Press, folder: Path, languages: str, document: str = "microneedling-aftercare", **changed: object
) -> Path:
    wanted = job(document, languages, form=Format.HTML, **changed)  # type: ignore[arg-type]  # a test's own keywords
    return press.make(wanted, Destination(folder=folder)).receipts[0].path


@pytest.mark.parametrize("languages", [*one_of_each_font(*LONG_WORDS), *PAIRS])
def test_on_a_phone_every_word_has_its_own_place_and_is_seen(
    press: Press, browser: BrowserContext, tmp_path: Path, languages: str
) -> None:
    """The press has judged the sheet for a screen; here a real browser shows what it does with it."""
    wanted: dict[str, Any] = {
        "note": "Use the blue gel.\nCall (212) 555-0199 before 9:30.",
        "waiting_periods": ["make-up=5 days: thin skin", "exercise=9 days: thin skin"],
    }
    page = shown(browser, made(press, tmp_path, languages, **wanted), PHONE)
    contents = press.compose(job("microneedling-aftercare", languages, form=Format.HTML, **wanted))[0][0].contents
    paragraphs, picture = letters(page)
    assert {fault: names for fault, names in faults(paragraphs, (picture,), contents, 12).items() if names} == {}
    for width in (NARROW, PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        found = lines(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [line.text for line in found if line.left < 0 or line.right > width] == []
        assert collisions(found) == ()
        assert [line.text for line in found if line.size < TWELVE_POINT] == []
        headings = page.locator("h2").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
        assert min(headings) > page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert page.evaluate(UNCALLABLE, ["911", "(212) 555-0142", "(212) 555-0187"]) == []
    page.close()


def test_what_lies_on_another_text_or_runs_off_the_side_is_found(
    press: Press, browser: BrowserContext, tmp_path: Path
) -> None:
    path = made(press, tmp_path, "en")
    page = shown(browser, path)
    style(page, ".details th { flex: 0 0 5%; min-width: 0; white-space: nowrap; } h1 { width: 30rem; }")
    assert ("Patient", "Amina Example") in collisions(lines(page))
    assert page.evaluate("document.documentElement.scrollWidth") > NARROW
    page.close()


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        ("en", "Sun Nov 22 Out of the sun"),
        ("fa", "یکشنبه ۱ آذر"),
        ("es+en", "dom 22 nov Lejos del sol Out of the sun"),
    ],
)
def test_the_planner_has_its_days_one_below_the_other(
    press: Press, browser: BrowserContext, tmp_path: Path, languages: str, name: str
) -> None:
    page = shown(browser, made(press, tmp_path, languages))
    rows = page.locator(".by-day tbody tr")
    tops = rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))
    assert len(tops) == 8
    boxes = page.get_by_role("checkbox")
    assert boxes.count() == 24
    if languages != "fa":
        assert page.get_by_role("checkbox", name=name, exact=True).count() == 1
    page.close()


def test_boxes_stay_ticked_when_the_sheet_is_opened_again(press: Press, playwright: Playwright, tmp_path: Path) -> None:
    path = made(press, tmp_path / "one", "en", patient_name="Zebulon Example")
    other = made(press, tmp_path / "two", "en", patient_name="Amina Example")
    later = made(press, tmp_path / "three", "en", patient_name="Zebulon Example", performed_on="2026-11-20 15:00")
    day = "Sun Nov 22"
    with opened(playwright, tmp_path / "profile") as browser:
        page = shown(browser, path)
        page.get_by_role("checkbox", name=f"{day} Skin clean, hands off").click()
        page.get_by_role("checkbox", name=f"{day} Out of the sun").click()
        page.get_by_role("checkbox", name=f"{day} Out of the sun").click()
        page.get_by_text("Not worse").last.click()
    with opened(playwright, tmp_path / "profile") as browser:
        page = shown(browser, path)
        assert ticked(page) == [3, 23]
        assert "Zebulon" not in str(page.evaluate("Object.entries(localStorage)"))
        assert ticked(shown(browser, other)) == []
        assert ticked(shown(browser, later)) == []
        page.get_by_role("checkbox").nth(3).click()
        assert ticked(shown(browser, path)) == [23]


@pytest.mark.parametrize("languages", ["es", "es+ar"])
def test_where_there_is_no_planner_what_to_do_can_be_ticked(
    press: Press, browser: BrowserContext, tmp_path: Path, languages: str
) -> None:
    path = made(press, tmp_path, languages, "microneedling-routine")
    page = shown(browser, path)
    first = page.locator(".do li, .do tbody tr").first
    box = page.get_by_role("checkbox").first
    assert page.get_by_role("checkbox").count() == page.locator(".do li, .do tbody tr").count()
    assert first.inner_text().startswith(box.evaluate("box => box.labels[0].innerText.trim()"))
    box.click()
    again = shown(browser, path)
    assert ticked(again) == [0]
    page.close()
    again.close()


def ticked(page: Page) -> list[int]:
    """Return which boxes are ticked, counted from the first."""
    states = page.get_by_role("checkbox").evaluate_all("boxes => boxes.map(box => box.checked)")
    return [index for index, checked in enumerate(states) if checked]
