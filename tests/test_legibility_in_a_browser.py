"""The HTML form is held by the rules of the PDF in a real browser, on a phone and on a desk."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from handouts.languages import known_tags
from handouts.press import Press
from handouts.records import Format
from handouts.resources import Resources
from handouts.typesetting.legibility import faults
from tests.browser import DESK, PHONE, shown, style
from tests.browser.letters import letters
from tests.conftest import EXAMPLE_CLINIC, job

pytest_plugins = ("tests.browser.fixtures",)


def found(browser: BrowserContext, folder: Path, languages: str, width: int, css: str = " ") -> dict[str, set[str]]:
    """Return the faults of a sheet at this width, with the names of the parts that have them."""
    composed = Press(Resources(clinic=EXAMPLE_CLINIC)).compose(
        job("microneedling-aftercare", languages, form=Format.HTML, note="Call (212) 555-0199 before 9:30.")
    )[0][0]
    path = folder / "sheet.html"
    path.write_text(composed.html, encoding="utf-8")
    page = shown(browser, path, width)
    style(page, css)
    paragraphs, picture = letters(page)
    page.close()
    return {
        str(fault.value): names
        for fault, names in faults(paragraphs, (picture,), composed.contents, 12).items()
        if names
    }


@pytest.mark.parametrize("languages", [*known_tags(), "ar+en", "es+ar"])
def test_every_text_of_a_sheet_is_seen_on_a_phone(browser: BrowserContext, tmp_path: Path, languages: str) -> None:
    assert found(browser, tmp_path, languages, PHONE) == {}


@pytest.mark.parametrize("languages", ["en", "ar", "zh-Hans", "es+ar"])
def test_every_text_of_a_sheet_is_seen_on_a_desk(browser: BrowserContext, tmp_path: Path, languages: str) -> None:
    assert found(browser, tmp_path, languages, DESK) == {}


@pytest.mark.parametrize(
    ("css", "fault", "part"),
    [
        (".emergency { display: none }", "text-missing", "::: emergency"),
        (".emergency { clip-path: inset(50%) }", "text-hidden", "::: emergency"),
        (".emergency { filter: opacity(0) }", "text-hidden", "::: emergency"),
        (".do-not li { color: #999 }", "text-pale", "::: do-not"),
        (".do-not li { font-size: 9px }", "text-small", "::: do-not"),
    ],
)
def test_what_a_browser_hides_is_found(
    browser: BrowserContext, tmp_path: Path, css: str, fault: str, part: str
) -> None:
    assert part in found(browser, tmp_path, "en", PHONE, css).get(fault, set())
