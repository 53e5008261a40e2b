"""A clinician's review and a clinic's approval cover what was read: words, periods, conditions, whose sheet it is."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts import branding, documents
from handouts.press import Press
from handouts.press.signing import Signing
from handouts.records import ReviewState
from handouts.resources import SHELVES, Resources
from handouts.wordings import wordings
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran, job, renamed

DOCUMENT = "microneedling-aftercare"
Change = Callable[[Path], None]
Command = Callable[..., Ran]


def own_document(clinic: Path) -> Path:
    return clinic / "library" / f"{DOCUMENT}.md"


@pytest.fixture
def signed(clinic: Path, command: Command) -> Path:
    """Return a clinic that has reviewed and approved the aftercare sheet, with a template and a wording of its own."""
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    template.write_text('{% extends "@shipped/handout/sheet.html" %}')
    toml = clinic / "clinic.toml"
    toml.write_text(toml.read_text() + '\n[emergency.wording]\nen = "Call 911 now if:"\n')
    reviewed = ("--by", "Dr. R. Example", "--role", "dermatologist", "--on", "2026-11-01")
    assert command("review", DOCUMENT, "--clinic", clinic, *reviewed).code == 0
    assert command("approve", DOCUMENT, "--clinic", clinic, "--by", "Dr. B. Sample", "--on", "2026-11-02").code == 0
    assert warned(clinic) == set()
    return clinic


def warned(clinic: Path) -> set[str]:
    return {problem.code for problem in Press(Resources(clinic=clinic)).check(job())[1]}


def document_with(old: str, new: str) -> Change:
    def change(clinic: Path) -> None:
        text = own_document(clinic).read_text()
        assert old in text
        own_document(clinic).write_text(text.replace(old, new, 1))

    return change


def clinic_with(old: str, new: str) -> Change:
    def change(clinic: Path) -> None:
        file = clinic / "clinic.toml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))

    return change


def template_with(name: str, text: str) -> Change:
    def change(clinic: Path) -> None:
        (clinic / "templates" / name).write_text(text)

    return change


DOCUMENT_CHANGES = {
    "a word reversed": document_with("Do not pull off skin that peels.", "Pull off skin that peels."),
    "a letter that looks alike": document_with("Do not pull off skin", "D\u043e not pull off skin"),
    "a shorter period": document_with("hours: 48", "hours: 2"),
    "the same number in another unit": document_with("days: 7\n    pictogram", "hours: 7\n    pictogram"),
    "a period of another kind": document_with("kind: avoid", "kind: keep-up"),
    "a period under a condition": document_with("hours: 24\n", "hours: 24\n    when: deep-needles\n"),
    "a bound of a condition": document_with("at_least: 1.5", "at_least: 2.5"),
    "a site of a condition": document_with("body_site: [around-eyes]", "body_site: [neck]"),
    "a block out of its condition": document_with("::: when deep-needles", "::: when around-eyes"),
    "a setting's bound": document_with("at_most: 3.5", "at_most: 35"),
    "a setting's unit": document_with("unit: millimeter", "unit: centimeter"),
    "a shorter planner": document_with("planner:\n  days: 7", "planner:\n  days: 1"),
    "days of the timeline": document_with("- days 4-7:", "- days 4-5:"),
    "another pictogram": document_with(":hands-off:", ":hand:"),
    "an item left out": document_with("- You see pus, a blister or a rash.\n", ""),
    "an item under another heading": document_with("::: do-not\n", "::: normal\n"),
    "a longer life": document_with("due: 2027-11-21", "due: 2037-11-21"),
    "another version": document_with('version: "1.1"', 'version: "1.2"'),
}
CLINIC_CHANGES = {
    "a period of the clinic's": clinic_with("exercise = { hours = 72 }", "exercise = { hours = 96 }"),
    "a period that allows more": clinic_with(
        "exercise = { hours = 72 }", 'make-up = { hours = 1, shorter_because = "we say so ourselves" }'
    ),
    "another clinic's approval": lambda clinic: renamed(clinic, "Tidewater Skin Clinic"),
    "its words for an emergency": clinic_with("Call 911 now if:", "Wait and see if:"),
    "its template": template_with(
        "handout/sheet.html", '{% extends "@shipped/handout/sheet.html" %}{% block title %}{% endblock %}'
    ),
    "its style": template_with("handout/sheet.css", "li::before { content: '?! ' }"),
}
HARMLESS = {
    "a note for clinicians": document_with("Exercise: 12 to 72 hours", "Exercise: 24 to 72 hours"),
    "lines broken elsewhere": document_with("title: Your skin after", "title:   Your skin after"),
    "a comment": clinic_with("[contact]", "# A comment.\n[contact]"),
    "a colour": clinic_with('primary = "#0b5c6b"', 'primary = "#123456"'),
    "a telephone number": clinic_with("+12125550142", "+12125550143"),
    "a file that no sheet is made of": template_with("handout/notes.txt", "Nothing that a sheet is made of."),
}


@pytest.mark.parametrize("name", sorted(DOCUMENT_CHANGES))
def test_a_changed_document_voids_review_and_approval(name: str, signed: Path) -> None:
    DOCUMENT_CHANGES[name](signed)
    approval = "not-approved" if name == "another version" else "approval-outdated"
    assert warned(signed) == {"document-outdated", approval}


@pytest.mark.parametrize("name", sorted(CLINIC_CHANGES))
def test_what_a_clinic_changes_voids_its_approval_alone(name: str, signed: Path) -> None:
    CLINIC_CHANGES[name](signed)
    assert "approval-outdated" in warned(signed)
    assert not {code for code in warned(signed) if code.startswith("document")}


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_nobody_reads_on_a_sheet_voids_nothing(name: str, signed: Path) -> None:
    HARMLESS[name](signed)
    assert warned(signed) == set()


def test_a_void_approval_is_told_and_not_printed_and_strict_refuses_it(
    signed: Path, tmp_path: Path, command: Command
) -> None:
    DOCUMENT_CHANGES["a word reversed"](signed)
    arguments = ("make", DOCUMENT, "--clinic", signed, "--patient", "Ana Example", "--format", "html")
    ran = command(*arguments, "--to", tmp_path / "out")
    assert ran.code == 0
    assert "What Dr. B. Sample approved on 2026-11-02 has changed since" in ran.err
    assert "has changed since Dr. R. Example reviewed it on 2026-11-01" in ran.err
    (sheet,) = (tmp_path / "out").iterdir()
    assert "Dr. B. Sample" not in sheet.read_text()
    for words in ("No named clinician has reviewed this text yet.", "This clinic has not approved this text yet."):
        assert words in sheet.read_text()
    strict = command(*arguments, "--strict", "--to", tmp_path / "strict")
    assert strict.code == 10
    assert not (tmp_path / "strict").exists()


def test_what_is_signed_passes_strict_and_names_who_approved(signed: Path, tmp_path: Path, command: Command) -> None:
    arguments = ("make", DOCUMENT, "--clinic", signed, "--patient", "Ana Example", "--format", "html", "--strict")
    assert command(*arguments, "--to", tmp_path / "out").code == 0
    (sheet,) = (tmp_path / "out").iterdir()
    assert "Dr. B. Sample" in sheet.read_text()
    assert "Draft." not in sheet.read_text()


def test_a_name_without_a_fingerprint_counts_for_nothing(signed: Path) -> None:
    for path in (own_document(signed), signed / "clinic.toml"):
        path.write_text(re.sub(r"(?m)^ *fingerprint.*\n", "", path.read_text()))
    assert warned(signed) == {"document-unsigned", "approval-unsigned"}


def test_a_fingerprint_of_another_document_covers_nothing(signed: Path, command: Command) -> None:
    other = command("show", "microneedling-before", "--clinic", signed, "--json").out
    own = command("show", DOCUMENT, "--clinic", signed, "--json").out
    text = own_document(signed).read_text()
    own_document(signed).write_text(text.replace(json.loads(own)["fingerprint"], json.loads(other)["fingerprint"]))
    assert warned(signed) == {"document-outdated"}


def test_the_examples_own_approval_covers_what_ships(resources: Resources) -> None:
    document = documents.load(DOCUMENT, resources)
    found, _ = branding.load(EXAMPLE_CLINIC)
    signing = Signing(resources)
    wanted = signing.approval_fingerprint(document, found)
    assert [entry.fingerprint for entry in found.approvals] == [wanted], (
        f"the text has changed: read it, then put fingerprint = {wanted!r} into the example's clinic.toml"
    )
    assert signing.signatures(document, found).approval_state is ReviewState.REVIEWED


def test_approving_keeps_every_letter_of_clinic_toml(clinic: Path, command: Command) -> None:
    file = clinic / "clinic.toml"
    file.write_bytes(file.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    file.chmod(0o640)
    before = file.read_bytes()
    assert command("approve", "microneedling-before", "--clinic", clinic, "--by", "Dr. Ł. O'Sample, director").code == 0
    after = file.read_bytes()
    assert after.startswith(before)
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert file.stat().st_mode & 0o777 == 0o640
    last = branding.load(clinic)[0].approvals[-1]
    assert (last.document, last.by, last.on) == ("microneedling-before", "Dr. Ł. O'Sample, director", NOW.date())


def test_an_approval_that_cannot_be_put_after_a_list_is_told_to_be_written_by_hand(
    clinic: Path, command: Command
) -> None:
    file = clinic / "clinic.toml"
    text = re.sub(r"\[\[approvals\]\]\n(.+\n)+", "", file.read_text())
    file.write_text("approvals = []\n" + text)
    before = file.read_bytes()
    ran = command("approve", DOCUMENT, "--clinic", clinic, "--by", "Dr. B. Sample")
    assert ran.code == 3
    assert 'fingerprint = "' in ran.err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "form",
    [
        "review: {due: 2027-11-21}",
        "review:\n    due: 2027-11-21  # in a year\n\n# Sources",
        '"review":\n  "due": 2027-11-21',
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_review_is_written_in_the_place_of_the_one_before(
    form: str, end: str, clinic: Path, command: Command
) -> None:
    shipped = (SHELVES["library"] / f"{DOCUMENT}.md").read_text()
    place = "review:\n  due: 2027-11-21"
    assert shipped.count(place) == 1
    own_document(clinic).parent.mkdir()
    own_document(clinic).write_bytes(shipped.replace(place, form).replace("\n", end).encode())
    for by, due in (("Dr. R. Example", "2027-11-21"), ("Dr. C. Sample", "2028-01-31")):
        ran = command(
            *("review", DOCUMENT, "--clinic", clinic, "--by", by, "--role", "nurse: skin", "--due", due),
            *("--on", "2026-11-20"),
        )
        assert ran.code == 0
        document = documents.load(DOCUMENT, Resources(clinic=clinic))
        review = document.review
        assert (review.by, review.role, str(review.on), str(review.due)) == (by, "nurse: skin", "2026-11-20", due)
        assert documents.review_state(document) is ReviewState.REVIEWED
    written = own_document(clinic).read_bytes().decode()
    assert written.count("fingerprint:") == 1
    assert ("\r\n" in written) is (end == "\r\n")
    assert written.replace("\r\n", "\n").partition("sources:\n")[2] == shipped.partition("sources:\n")[2]


def test_a_shipped_document_is_copied_before_a_clinic_signs_it(clinic: Path, command: Command) -> None:
    shipped = SHELVES["library"] / f"{DOCUMENT}.md"
    before = shipped.read_bytes()
    ran = command("review", DOCUMENT, "--clinic", clinic, "--by", "Dr. R. Example", "--role", "nurse")
    assert str(own_document(clinic)) in ran.out
    assert shipped.read_bytes() == before
    assert command("list", "--clinic", clinic).out.count("reviewed by Dr. R. Example") == 1


def test_a_review_that_ends_before_it_begins_is_refused(clinic: Path, command: Command) -> None:
    given = ("--by", "Dr. R. Example", "--role", "nurse", "--due", "2026-11-21")
    assert command("review", DOCUMENT, "--clinic", clinic, *given).code == 2
    assert not own_document(clinic).exists()


@pytest.mark.parametrize("code", sorted(code for code, words in wordings().items() if "--by NAME" in words["do"]))
def test_the_command_that_a_message_names_works(code: str, clinic: Path, command: Command) -> None:
    values = {"document": DOCUMENT, "language": "es", "by": "A. Sample"}
    advice = wordings()[code]["do"].format_map({**values, "lines": ""})
    written = re.findall(r"`handouts ([^`]+)`", advice)
    assert written
    stand_ins = {"FOLDER": str(clinic), "NAME": "A. Sample", "ROLE": "nurse", "DATE": "2028-01-31"}
    for line in written:
        ran = command(*(stand_ins.get(word, word) for word in shlex.split(line)))
        assert ran.code == 0, f"{line}: {ran.err}"
