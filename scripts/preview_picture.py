"""The example clinic in `handouts preview`, its headings just changed -> docs/assets/preview.png."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
PICTURE = CHECKOUT / "docs/assets/preview.png"
NOW = "1795291200"
"""2026-11-21 20:00 UTC, as in the tests."""
CHANGE = '{% extends "@shipped/handout/sheet.html" %}\n{% block style %}h1 { letter-spacing: 0.4mm }{% endblock %}\n'


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as place:
        clinic = Path(shutil.copytree(CHECKOUT / "examples/lumen-skin-clinic", Path(place) / "clinic"))
        environment = os.environ | {"XDG_CACHE_HOME": place, "SOURCE_DATE_EPOCH": NOW, "PYTHONPATH": str(CHECKOUT)}
        command = [sys.executable, "-m", "handouts", "preview", "--clinic", str(clinic)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                _take(server.stdout.readline().strip(), clinic)
            finally:
                server.send_signal(signal.SIGINT)


def _take(address: str, clinic: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.keyboard.press("c")
        page.wait_for_selector("body[data-shown]")
        own = clinic / "templates/handout/sheet.html"
        own.parent.mkdir(parents=True)
        own.write_text(CHANGE)
        page.wait_for_selector(".change")
        page.wait_for_function("() => document.body.dataset.shown === `${state.asked}`")
        picture = Image.open(BytesIO(page.screenshot()))
        browser.close()
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
