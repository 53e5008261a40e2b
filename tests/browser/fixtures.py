"""One browser for each test worker."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests.browser import opened


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return the driver of the browser."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Return a browser that all tests of a worker share; one that must be closed and opened again is `opened`."""
    with opened(playwright, tmp_path_factory.mktemp("profile")) as context:
        yield context
