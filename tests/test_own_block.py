"""The manual's block of a clinic's own comes out on the sheet, in both languages, and leaves batches fast."""

import io
import shutil
import subprocess

import pikepdf
import pytest

from handouts.press import Press
from handouts.records import Job, Sheet
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, job
from tests.test_shown_commands import shown, write

PAGE = "docs/how-to/own-block.md"
DOCUMENT = "microneedling-bumps"


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    """Return a press of the example clinic with the files of the page."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(EXAMPLE_CLINIC, folder / "my-clinic")
    for block in shown(PAGE):
        if block.title:
            write(block, folder)
    return Press(Resources(clinic=folder / "my-clinic"))


def text(sheet: Sheet) -> str:
    ran = subprocess.run(["pdftotext", "-", "-"], input=sheet.data, capture_output=True, check=True)
    return " ".join(ran.stdout.decode().split())


def made(press: Press, wanted: Job) -> Sheet:
    return press.sheet_of(press.check(wanted)[0].checked)


def test_it_stands_below_the_text_in_each_language_and_its_picture_once(press: Press) -> None:
    sheet = made(press, job(DOCUMENT, "es+en"))
    words = text(sheet)
    places = [words.rindex(part) for part in ("(212) 555-0142", "Cómo encontrarnos", "How to find us", "Su tarjeta")]
    assert places == sorted(places)
    assert places[-1] < min(words.rindex("Your card"), words.rindex("Amina Example"))
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        elements = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each]
        assert [str(each.Alt) for each in elements].count("Mapa: el camino desde la estación") == 1


def test_it_leaves_batches_fast(press: Press) -> None:
    assert press.kept_slow(job(DOCUMENT)) == ()
