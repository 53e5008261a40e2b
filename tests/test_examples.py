"""The shipped example clinics: each is whole, looks as it was approved, and is nobody else's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from handouts import branding
from handouts.branding.example import EXAMPLES, bears_the_examples_name
from handouts.catalogues import document_ids
from handouts.languages import known_tags
from handouts.press import Press
from handouts.resources import SHELVES, Resources
from tests.conftest import job
from tests.test_branding import told
from tests.test_typesetting import LARGEST_DIFFERENCE, PICTURES, difference

OTHERS = EXAMPLES[1:]
LOOKS = [
    ("northgate-dermatology", "microneedling-aftercare", "en", 3),  # Its own typeface is wide: one side more.
    ("hautpraxis-lindenhof", "microneedling-before", "de", 2),
]


def test_every_folder_of_an_example_clinic_is_one_whose_identity_is_kept_for_it() -> None:
    assert {file.parent.name for file in SHELVES["examples"].glob("*/clinic.toml")} == {*EXAMPLES, "new-clinic"}


@pytest.mark.parametrize("name", OTHERS)
def test_an_example_has_all_its_texts_and_no_warning(name: str) -> None:
    resources = Resources(clinic=SHELVES["examples"] / name)
    found, warnings = branding.load(SHELVES["examples"] / name, documents=document_ids(resources))
    assert warnings == ()
    assert list(branding.untranslated(found, known_tags(), "clinic.toml")) == []
    assert Press(resources).unused_templates == ()


@pytest.mark.parametrize(("name", "document", "tag", "sides"), LOOKS)
def test_an_example_looks_as_it_was_approved(name: str, document: str, tag: str, sides: int, tmp_path: Path) -> None:
    press = Press(Resources(clinic=SHELVES["examples"] / name))
    wish = job(document, tag, settings=None if document.endswith("before") else ["needle_depth=1.5"])
    sheet = press.sheet_of(press.check(wish)[0].checked)
    assert sheet.pages == sides
    (tmp_path / "sheet.pdf").write_bytes(sheet.data)
    subprocess.run(["pdftoppm", "-r", "50", "-png", tmp_path / "sheet.pdf", tmp_path / name], check=True)
    for page in sorted(tmp_path.glob(f"{name}-*.png")):
        approved = PICTURES / page.name
        if os.environ.get("UPDATE_PICTURES"):
            with Image.open(page) as picture:
                picture.quantize(32).save(approved, optimize=True)
        assert difference(page, approved) < LARGEST_DIFFERENCE


@pytest.mark.parametrize("name", OTHERS)
def test_what_an_example_says_of_itself_is_refused_in_another_clinic(name: str, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHELVES["examples"] / name, tmp_path / "clinic"))
    own = branding.load(copy)[0].name
    assert bears_the_examples_name(copy, own)
    file = copy / "clinic.toml"
    file.write_text(file.read_text().replace(f'"{own}"', '"Tidewater Skin Clinic"'))
    paths = ("address", "contact.telephone", "contact.email", "logo")
    assert {("still-the-examples", path) for path in paths} <= told(copy)
