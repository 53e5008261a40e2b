"""What clinic.toml alone changes of a sheet: head, logo, order, details, footer; and what it cannot change."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import documents
from handouts.catalogues import document_ids
from handouts.errors import InputError
from handouts.press import Press
from handouts.records import MOVABLE, BlockKind, Document, Format, PrintSize
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, NOW, job

LIBRARY = [
    documents.load(name, Resources(clinic=EXAMPLE_CLINIC), NOW.date())
    for name in document_ids(Resources(clinic=EXAMPLE_CLINIC))
]


def looking(clinic: Path, lines: str, footer: str = "") -> Path:
    """Write a clinic's look, and its footer."""
    file = clinic / "clinic.toml"
    text = file.read_text().replace("[contact]", f"[look]\n{lines}\n\n[contact]", 1)
    file.write_text(f"{footer}\n{text}")
    return clinic


def page(clinic: Path, *languages: str, form: Format = Format.PDF) -> str:
    (composed,), _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", *languages, form=form))
    return composed.html


@given(order=st.permutations(MOVABLE), count=st.integers(0, len(MOVABLE)), document=st.sampled_from(LIBRARY))
def test_what_warns_a_patient_stays_where_it_is_in_any_order(
    order: list[BlockKind], count: int, document: Document
) -> None:
    arranged = documents.arranged(document, order[:count]).blocks
    start = 0
    for place, (before, after) in enumerate(zip(document.blocks, arranged, strict=True)):
        if before.kind not in MOVABLE or place + 1 == len(arranged):
            end = place + (before.kind in MOVABLE)
            assert sorted(map(id, document.blocks[start:end])) == sorted(map(id, arranged[start:end]))
            moved = [order.index(block.kind) for block in arranged[start:end] if block.kind in order[:count]]
            assert moved == sorted(moved)
            assert before is after or before.kind in MOVABLE
            start = place + 1


def test_blocks_stand_in_the_clinics_order_in_each_language(clinic: Path) -> None:
    looking(clinic, 'order = ["do", "do-not", "schedule", "timeline", "normal"]')
    for languages in ("en", "ar+en"):
        kinds = re.findall(r'class="(?:pairs )?panel ([a-z-]+)"', page(clinic, languages))
        wanted = ["key-message", "do", "do-not", "dated", "planner", "timeline", "normal", "urgent", "emergency"]
        assert [kind for kind in kinds if kind != "pairs"][: len(wanted)] == wanted


def test_details_are_left_out_of_the_panel_and_of_nothing_else(clinic: Path) -> None:
    looking(clinic, 'hide = ["record_number", "settings", "practitioner"]')
    for form in Format:
        made = page(clinic, form=form)
        assert not [text for text in ("LSC-00417", "Needle depth", "Your clinician") if text in made]
        assert "Amina Example" in made
        assert "Nov\xa021, 2026" in made


def test_a_footer_stands_in_the_sheets_language(clinic: Path) -> None:
    looking(clinic, "", footer='footer = "Sample network, no. 7."')
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("[texts.es]", '[texts.es]\nfooter = "Red de ejemplo."'))
    assert page(clinic).count("Sample network, no. 7.") == 1
    both = page(clinic, "es+en")
    assert ('lang="es"' in both, both.count("Red de ejemplo."), both.count("Sample network")) == (True, 1, 1)
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True)
    (folder / "sheet.html").write_text('{% extends "@shipped/handout/sheet.html" %}{% block about %}{% endblock %}')
    with pytest.raises(InputError) as error:
        page(clinic)
    (lost,) = (problem for problem in error.value.problems if problem.code == "sheet-loses")
    assert "footer" in lost.values["names"].split(", ")


@pytest.mark.parametrize("colour", ["#ffe14d", "#12233a"])
@pytest.mark.parametrize(("place", "height"), [("left", 8), ("centre", 30), ("right", 30)])
def test_every_head_can_be_read(clinic: Path, colour: str, place: str, height: int) -> None:
    looking(clinic, f'logo = "{place}"\nlogo_height = {height}\nhead = "band"')
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("#0b5c6b", colour))
    language = "en" if place == "left" else "ar"
    size = PrintSize.LARGE if height == 8 else PrintSize.STANDARD
    wish = job("microneedling-before", language, size=size, settings=None, follow_up=None)
    press = Press(Resources(clinic=clinic))
    assert press.sheet_of(press.check(wish)[0].checked).pages


def test_without_a_logo_the_name_stands_in_its_place(clinic: Path) -> None:
    looking(clinic, 'logo = "right"\nhead = "band"')
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('logo = "logo.svg"', ""))
    made = page(clinic)
    assert made.index('class="reach"') < made.index('class="wordmark"')
