"""A translation's review covers the words that were read, and ends with the first that changes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts import catalogues, documents, translation
from handouts.errors import InputError
from handouts.press import Texts
from handouts.records import ReviewState, TranslationReview
from handouts.resources import SHELVES, Resources
from handouts.translation.catalogue import header_fields, po_name
from tests.conftest import CHECKOUT, NOW, Ran

DOCUMENT = "microneedling-aftercare"
BY = TranslationReview(state=ReviewState.REVIEWED, by="R. Example", role="interpreter", on=NOW.date())


def place(clinic: Path, name: str = DOCUMENT, language: str = "es") -> Path:
    return clinic / "locales" / po_name(name, language)


def sign(clinic: Path, name: str = DOCUMENT, language: str = "es") -> Path:
    return catalogues.review(Resources(clinic=clinic), clinic / "locales", name, language, BY)


def copy(clinic: Path, name: str = DOCUMENT, language: str = "es") -> Path:
    """Give the clinic its own copy of a shipped catalogue."""
    own = place(clinic, name, language)
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes((SHELVES["locales"] / po_name(name, language)).read_bytes())
    return own


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def state(clinic: Path, language: str = "es", name: str = DOCUMENT) -> ReviewState:
    resources = Resources(clinic=clinic)
    return Texts(resources).translated(documents.load(name, resources), language).review.state


@pytest.fixture
def signed(clinic: Path) -> Path:
    """Return a clinic with its own Spanish catalogues of the aftercare sheet and of the labels, both reviewed."""
    for name in (DOCUMENT, translation.LABELS):
        copy(clinic, name)
        assert sign(clinic, name) == place(clinic, name)
    assert state(clinic) is ReviewState.REVIEWED
    return clinic


def reversed_msgstr(clinic: Path) -> None:
    rewritten(place(clinic), "**No se pellizque, apriete ni frote**", "**Pellízquese, apriete o frote**")


def one_space_more(clinic: Path) -> None:
    rewritten(place(clinic), "**No se pellizque,", "**No  se pellizque,")


def letter_that_looks_alike(clinic: Path) -> None:
    rewritten(place(clinic), "**No se pellizque,", "**N\u043e se pellizque,")


def message_of_the_header_of_another_document(clinic: Path) -> None:
    other = copy(clinic, "microneedling-before")
    sign(clinic, "microneedling-before")
    own = place(clinic)
    foreign = header_fields(other.read_text())["X-Reviewed-Text"]
    mine = header_fields(own.read_text())["X-Reviewed-Text"]
    assert foreign != mine
    rewritten(own, mine, foreign)


def digest_taken_out(clinic: Path) -> None:
    own = place(clinic)
    own.write_text(re.sub(r'"X-Reviewed-Text: .*\n', "", own.read_text()))


def source_changed_by_the_clinic(clinic: Path) -> None:
    shipped = Resources().find("library", f"{DOCUMENT}.md")
    assert shipped is not None
    (clinic / "library").mkdir()
    (clinic / "library" / shipped.name).write_text(
        shipped.read_text()
        .replace("    body_site: [hands]\n", "    body_site: [chest]\n")
        .replace("  hands: Hands\n", "")
    )
    own = place(clinic)
    own.write_text(re.sub(r'msgctxt "[^"]+"\nmsgid "Hands"\nmsgstr "[^"]+"\n', "", own.read_text()))


def label_reversed(clinic: Path) -> None:
    rewritten(
        place(clinic, translation.LABELS), 'msgid "Do not"\nmsgstr "Qué no hacer"', 'msgid "Do not"\nmsgstr "Qué hacer"'
    )


def emergency_label_reversed(clinic: Path) -> None:
    rewritten(
        place(clinic, translation.LABELS), 'msgstr "Llame ya al {number} si:"', 'msgstr "No llame al {number} si:"'
    )


@pytest.mark.parametrize(
    "change",
    [
        reversed_msgstr,
        one_space_more,
        letter_that_looks_alike,
        message_of_the_header_of_another_document,
        digest_taken_out,
        source_changed_by_the_clinic,
        label_reversed,
        emergency_label_reversed,
    ],
)
def test_a_review_ends_with_the_first_word_that_changes(
    change: Callable[[Path], None], signed: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    change(signed)
    assert state(signed) is ReviewState.OUTDATED
    ran = command(
        *("make", DOCUMENT, "--clinic", signed, "--patient", "Ana Example", "--language", "es", "--format", "html"),
        *("--to", tmp_path / "out"),
    )
    assert "changed since" in ran.err
    (sheet,) = (tmp_path / "out").iterdir()
    assert "No named person has checked this translation yet." in sheet.read_text()
    rows = command("translate", "status", "--clinic", signed).out.splitlines()
    assert [row for row in rows if row.split()[1:2] == ["es"] and row.endswith("outdated")]


def test_strict_refuses_a_reversed_warning_that_was_reviewed(
    signed: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    reversed_msgstr(signed)
    emergency_label_reversed(signed)
    ran = command(
        *("make", DOCUMENT, "--clinic", signed, "--patient", "Ana Example", "--language", "es", "--strict"),
        *("--to", tmp_path / "out"),
    )
    assert ran.code == 10
    assert "The translation into es, or its source, has changed since it was checked." in ran.err
    assert "The fixed labels in es, such as “Call {number} now if:”, have changed since they were checked." in ran.err
    assert not (tmp_path / "out").exists()


def test_a_clinics_override_of_one_message_inherits_no_review(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = clinic.parent / "shipped"
    monkeypatch.setitem(SHELVES, "locales", shelf)
    for name in (DOCUMENT, translation.LABELS):
        path = shelf / po_name(name, "es")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((CHECKOUT / "locales" / po_name(name, "es")).read_bytes())
        catalogues.review(Resources(), shelf, name, "es", BY)
    assert state(clinic) is ReviewState.REVIEWED, "what ships is reviewed"
    own = place(clinic)
    own.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n'
    own.write_text(head)
    assert state(clinic) is ReviewState.REVIEWED, "a header alone changes no word"
    message = (
        '\nmsgctxt "do-not item"\nmsgid "Do not pull off skin that peels. Do not shave."\nmsgstr "Arranque la piel."\n'
    )
    own.write_text(head + message)
    assert state(clinic) is ReviewState.OUTDATED
    shipped_header = (shelf / po_name(DOCUMENT, "es")).read_text().partition("\n\n")[0]
    own.write_text(shipped_header + "\n" + message)
    assert state(clinic) is ReviewState.OUTDATED, "a copied header"
    own.write_text(head + '"X-Reviewed-By: Nobody\\n"\n"X-Reviewed-On: 2026-11-01\\n"\n' + message)
    assert state(clinic) is ReviewState.OUTDATED, "half of a header does not borrow the other half"
    sign(clinic)
    assert state(clinic) is ReviewState.REVIEWED, "the merged text, as the clinic's reviewer read it"


def test_labels_that_a_clinic_words_anew_are_reviewed_in_english_too(clinic: Path) -> None:
    assert Texts(Resources(clinic=clinic)).labels("en").review.state is ReviewState.REVIEWED
    own = place(clinic, translation.LABELS, "en")
    own.parent.mkdir(parents=True)
    own.write_text('msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "Do not"\nmsgstr "Do"\n')
    assert state(clinic, "en") is ReviewState.UNREVIEWED
    sign(clinic, translation.LABELS, "en")
    assert state(clinic, "en") is ReviewState.REVIEWED


def test_a_label_with_a_context_or_of_spaces_takes_no_labels_place(clinic: Path) -> None:
    own = place(clinic, translation.LABELS)
    own.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n'
    own.write_text(head + '\nmsgctxt "x"\nmsgid "Do not"\nmsgstr "Haga"\n')
    assert Texts(Resources(clinic=clinic)).labels("es").gettext("Do not") == "Qué no hacer"
    own.write_text(head + '\nmsgid "Do not"\nmsgstr " "\n')
    with pytest.raises(InputError) as error:
        Texts(Resources(clinic=clinic)).labels("es")
    assert [problem.code for problem in error.value.problems] == ["untranslated"]


def test_a_review_says_who_when_and_in_what_capacity(signed: Path) -> None:
    resources = Resources(clinic=signed)
    found = Texts(resources).translated(documents.load(DOCUMENT, resources), "es").translation_review
    assert (found.by, found.role, found.on) == ("R. Example", "interpreter", NOW.date())


def test_signing_again_leaves_one_signature(signed: Path) -> None:
    text = place(signed).read_text()
    place(signed).write_text(text.replace("X-Reviewed-By:", "x-reviewed-by:"))
    sign(signed)
    assert place(signed).read_text().lower().count("x-reviewed-by:") == 1
    assert state(signed) is ReviewState.REVIEWED
