"""The desk of the example clinic in a browser -> the manual's pictures of it, docs/assets/desk*.png.

    python -m scripts.desk_pictures

Run it when the page has changed; it needs what the tests need.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.printers.printroom import print_room

CHECKOUT = Path(__file__).resolve().parent.parent
ASSETS = CHECKOUT / "docs" / "assets"
NOW = "1795291200"
"""2026-11-21 20:00 UTC, as in the manual's other pictures."""
PICTURES = {"desk": ("en", "en", "Amina Example"), "desk-arabic": ("ar", "ar", "أمينة مثال")}


def filled_in(page: Page, language: str, sheet: str, name: str) -> None:
    """Choose the aftercare sheet and fill in an example."""
    page.reload()
    page.wait_for_selector(".choice")
    if page.get_attribute("html", "lang") != language:
        page.select_option("#page-language", language)
        page.wait_for_selector(f"html[lang={language}]")
        page.wait_for_selector(".choice")
    page.wait_for_selector("#queue")
    page.check("input[value=microneedling-aftercare]")
    page.wait_for_selector("#patient-name")
    page.select_option("#language", sheet)
    page.fill("#patient-name", name)
    page.fill("#patient-birth_date", "1987-05-14")
    page.fill("#patient-record_number", "LSC-00417")
    page.check("[data-each=body_sites][value=face]")
    page.fill("#setting-needle_depth", "1.5")
    page.wait_for_selector("#pages[aria-busy=false] img")
    page.wait_for_timeout(1000)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")


def main() -> None:
    """Write each picture."""
    with tempfile.TemporaryDirectory() as folder, print_room() as room, sync_playwright() as driver:
        room.add("Front-desk")
        room.run("lpadmin", "-d", "Front-desk")
        clinic = shutil.copytree(CHECKOUT / "examples" / "lumen-skin-clinic", Path(folder) / "clinic")
        command = [sys.executable, "-m", "handouts", "desk", "--clinic", str(clinic), "--port", "0"]
        environment = os.environ | room.environment | {"SOURCE_DATE_EPOCH": NOW}
        with subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as desk:
            assert desk.stdout is not None
            program = shutil.which("chromium") or shutil.which("google-chrome")
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(desk.stdout.readline().strip())
            for picture, (language, sheet, name) in PICTURES.items():
                filled_in(page, language, sheet, name)
                path = ASSETS / f"{picture}.png"
                page.screenshot(path=path)
                Image.open(path).quantize(128, method=2).save(path, optimize=True)
            browser.close()
            desk.terminate()


if __name__ == "__main__":
    main()
