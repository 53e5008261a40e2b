"""The first page says where to get help: whom to call in an emergency, and on which page the boxes stand."""

import re
import subprocess
from pathlib import Path

import pytest

from handouts.composition.contents import draft_mark
from handouts.press import Press
from handouts.records import Destination, PrintSize
from handouts.resources import Resources
from tests.conftest import example_press, job
from tests.test_legibility import refused, templated

DOCUMENT = "microneedling-aftercare"
REVIEW_DUE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
CALL_US = re.compile("Call us (the same day|before)[^.]*:")
NOTHING = dict.fromkeys(("document", "translation", "approval", "overdue"), False)


def pages(data: bytes) -> list[str]:
    """Return the words of each page, each space one blank."""
    ran = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return [" ".join(page.split()) for page in ran.stdout.decode().removesuffix("\f").split("\f")]


@pytest.mark.parametrize(
    ("document", "languages", "size", "signs"),
    [
        (DOCUMENT, "en", PrintSize.STANDARD, "Call 911 now if:"),
        (DOCUMENT, "en", PrintSize.LARGE, "Call 911 now if:"),
        (DOCUMENT, "es+en", PrintSize.STANDARD, "Call 911 now if:"),
        (DOCUMENT, "fil+en", PrintSize.LARGE, "Call 911 now if:"),
        ("microneedling-before", "en", PrintSize.STANDARD, ""),
    ],
)
def test_the_first_page_names_the_pages_of_the_boxes(
    document: str, languages: str, size: PrintSize, signs: str
) -> None:
    wish = job(document, languages, size=size)
    found = pages(example_press().sheet_of(example_press().check(wish)[0].checked).data)
    assert "In an emergency, call 911." in found[0]
    call_us = next(number for number, page in enumerate(found, 1) if CALL_US.search(page))
    assert f"When to call us: page {call_us}" in found[0]
    if signs:
        emergency = next(number for number, page in enumerate(found, 1) if signs in page)
        assert f"Emergency signs: page {emergency}" in found[0]
    assert not any(map(REVIEW_DUE.search, found)), "a date at the foot that nothing names"


def test_a_clinics_own_page_may_do_without_the_line_and_may_not_hide_it(clinic: Path, tmp_path: Path) -> None:
    without = templated(clinic, "{% block help %}{% endblock %}")
    assert without.make(job(), Destination(folder=tmp_path)).receipts
    hidden = templated(clinic, "{% block style %}.help-line { display: none }{% endblock %}")
    assert refused(hidden, tmp_path)["text-missing"] == "{% block help %}"
    nowhere = templated(clinic, '{% block help %}<p><a href="#elsewhere">Emergency signs</a></p>{% endblock %}')
    assert [*refused(nowhere, tmp_path)] == ["link-nowhere"]


def test_get_medical_help_now_says_where(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('out_of_hours = "+12125550187"\n', ""))
    without = urgent(clinic)
    assert without.endswith(
        "Call us at once. If nobody answers, go to an urgent care clinic or an emergency department."
    )
    file.write_text(
        file.read_text()
        .replace("[emergency]", 'urgent_care = "Harbor Urgent Care, 12 Example Street"\n\n[emergency]', 1)
        .replace("[contact]", '[contact]\nout_of_hours = "+12125550187"', 1)
    )
    assert urgent(clinic).endswith(
        "Call us at once. When we are closed: (212) 555-0187 · "
        "If nobody answers, go here: Harbor Urgent Care, 12 Example Street"
    )


def urgent(clinic: Path) -> str:
    """Return the words of the box “Get medical help now”."""
    (composed,), _ = Press(Resources(clinic=clinic)).compose(job())
    (box,) = re.findall(r'<section class="panel urgent".*?</section>', composed.html, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", box).split())


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (("document",), "No other named person has reviewed this text yet."),
        (
            ("document", "translation"),
            (
                "Draft translation. No other named person has reviewed this text yet. "
                "No named person has checked this translation yet."
            ),
        ),
        (
            ("document", "approval"),
            "Draft. No named clinician has reviewed this text yet. This clinic has not approved this text yet.",
        ),
        (("overdue",), "This text is past its review date."),
    ],
)
def test_what_the_clinic_has_approved_is_not_called_a_draft(missing: tuple[str, ...], words: str) -> None:
    said = draft_mark(NOTHING | dict.fromkeys(missing, True), str, Resources(clinic=None))
    assert " ".join(said.split()) == words
