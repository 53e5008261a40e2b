"""The HTML form is held by the rules of the PDF in a real browser on a desk; on a phone: tests/test_phone.py."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from handouts.press import Press
from handouts.records import Format
from handouts.resources import SHELVES, Resources
from handouts.typesetting.legibility import faults
from tests.browser import DESK, PHONE, shown, style
from tests.browser.letters import letters
from tests.conftest import DETAILS, EXAMPLE_CLINIC, NOW, job

pytest_plugins = ("tests.browser.fixtures",)


def found(
    browser: BrowserContext, folder: Path, languages: str, width: int, css: str = " ", *, clinic: Path = EXAMPLE_CLINIC
) -> dict[str, set[str]]:
    """Return the faults of a sheet at this width, with the names of the parts that have them."""
    composed = Press(Resources(clinic=clinic)).compose(
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


LAYOUT = """
<table width="100%" height="40" border="1" cellpadding="4" cellspacing="2" align="center" bgcolor="#eeeeee">
<colgroup><col width="80%" align="right"><col></colgroup>
<tr valign="bottom" bgcolor="#ffffff">
<td width="80%" height="30" align="right">VALUE</td><td valign="top" nowrap>a</td></tr>
</table>
<hr size="2" width="50%"><p align="center">a<br clear="all">b</p><ol type="a"><li>a</li></ol>
"""


def test_what_is_laid_out_by_attributes_is_seen(browser: BrowserContext, tmp_path: Path, clinic: Path) -> None:
    parts = (SHELVES["templates"] / "handout" / "parts.html").read_text()
    value = "{{ detail.value.ordered }}"
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(parts.replace(value, LAYOUT.replace("VALUE", value)))
    Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", DETAILS, form=Format.HTML, now=NOW)
    assert found(browser, tmp_path, "en", DESK, clinic=clinic) == {}
