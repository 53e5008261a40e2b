"""The HTML form in a real browser: the system's chromium, without a window. What it draws where, in CSS px."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.waiting import HANGS

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "chromium is missing: sudo apt-get install --no-install-recommends chromium"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DOTS = 2
"""To a CSS pixel, as on most phones."""
NARROW, PHONE, DESK = 320, 360, 1000
"""CSS px: 320 is what WCAG 2.2, 1.4.10 asks for (Reflow)."""

LINES = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest("script, style")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const size = parseFloat(getComputedStyle(node.parentElement).fontSize);
    for (const box of range.getClientRects()) {
      if (box.width < 1) continue;
      found.push([node.data.trim(), box.left, box.top + scrollY, box.right, box.bottom + scrollY, size]);
    }
  }
  return found;
}"""


LAID_OVER = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of one text as it is drawn: its box in CSS px from the page's upper left corner, its letters' size."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float

    def lies_on(self, other: "Line") -> bool:
        """Return whether the middle halves of both lines share more than a pixel: their letters cover each other."""
        quarter, others = (self.bottom - self.top) / 4, (other.bottom - other.top) / 4
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom - quarter, other.bottom - others) - max(self.top + quarter, other.top + others)
        return across > 1 and down > 1


@contextmanager
def opened(playwright: Playwright, profile: Path, *, offline: bool = True) -> Iterator[BrowserContext]:
    """Open a browser of its own, which keeps what a page keeps in the folder `profile`."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program is not None, INSTALL
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=program,
        args=ARGUMENTS,
        headless=True,
        offline=offline,
        device_scale_factor=DOTS,
        timeout=HANGS * 1000,
    )
    context.set_default_timeout(HANGS * 1000)
    context.set_default_navigation_timeout(HANGS * 1000)
    yield context
    context.close()


def shown(browser: BrowserContext, path: Path, width: int = NARROW) -> Page:
    """Return a page that shows a file at this width."""
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path.resolve().as_uri())
    return page


def style(page: Page, css: str) -> None:
    """Lay a style over those of the page; its policy is for what the page itself holds (CSP 3, 4.2.3)."""
    page.evaluate(LAID_OVER, css)


def lines(page: Page) -> tuple[Line, ...]:
    """Return every line of text that the page draws, in the order of the page."""
    return tuple(
        Line(text=text, left=left, top=top, right=right, bottom=bottom, size=size)
        for text, left, top, right, bottom, size in page.evaluate(LINES)
    )


def collisions(found: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    """Return the texts that lie on one another."""
    in_order = sorted(found, key=lambda line: line.top)
    pairs = []
    for index, line in enumerate(in_order):
        for other in in_order[index + 1 :]:
            if other.top > line.bottom:
                break
            if line.lies_on(other):
                pairs.append((line.text, other.text))
    return tuple(pairs)
