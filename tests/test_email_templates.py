"""The email that brings a sheet: whole in every language, neutral at its head, refused where it lost a number."""

import os
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from handouts import catalogues
from handouts.composition.page_checks import dangers
from handouts.errors import ExitCode, InputError
from handouts.inspection import inspect
from handouts.languages import known_tags, language
from handouts.page_tree import page_tree
from handouts.press import Press, Texts
from handouts.quality import glossary
from handouts.records import BlockKind, ComposedMail, Document
from handouts.resources import SHELVES, Resources
from tests.conftest import EXAMPLE_CLINIC, NOW, example_press, renamed

GOLDEN = Path(__file__).parent / "golden" / "email"
AFTERCARE = "microneedling-aftercare"
DOCUMENTS = catalogues.document_ids(Resources())
TRANSLATED = tuple(tag for tag in known_tags() if tag != "en")
TELEPHONE, EMERGENCY = "(212) 555-0142", "911"
LOCKED = "It is locked. It opens with the password that we gave you."
LABELS = (
    "Hello,",
    "Your sheet is attached to this message. Please open it and read all of it.",
    LOCKED,
    "Worried? Call us.",
    "Do not wait for an answer by email.",
    "If it is not for you, please delete it and call us.",
    "information sheet",
)
MARK = "\u200e"
TAG = re.compile(r"<[a-z/!]", re.IGNORECASE)
ENTITY = re.compile(r"&#?\w+;")
NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
"""What NTFS and FAT refuse, and with them every other file system."""


def mail(tag: str, document: str = AFTERCARE, *, locked: bool = False, clinic: Path = EXAMPLE_CLINIC) -> ComposedMail:
    press = example_press() if clinic == EXAMPLE_CLINIC else Press(Resources(clinic=clinic))
    return press.mail(document, tag, NOW.date(), locked=locked)


def translated(identifier: str, tag: str) -> Document:
    return example_press().text(identifier, tag, NOW.date())


@cache
def texts() -> Texts:
    return Texts(Resources())


def label(text: str, tag: str) -> str:
    return texts().labels(tag).gettext(text)


def key_messages(document: Document) -> list[str]:
    """Return what every reader must see, without its marks."""
    found = [block for block in document.blocks if block.kind is BlockKind.KEY_MESSAGE]
    return [text.text.replace("**", "") for block in found for text in (block, *block.children) if text.text]


def read_by_a_patient(html: str) -> str:
    """Return the words of an HTML message in one line."""
    return " ".join(re.sub(r"<[^>]*>", "", html.partition("<body")[2].partition(">")[2]).split())


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("tag", known_tags())
def test_text_and_html_say_what_matters_and_whom_to_call(tag: str, document: str) -> None:
    found = mail(tag, document)
    shown = read_by_a_patient(found.html)
    messages = key_messages(translated(document, tag))
    assert messages
    for needed in (*messages, TELEPHONE, EMERGENCY, label("Worried? Call us.", tag)):
        assert needed in found.text
        assert " ".join(needed.split()) in shown


@pytest.mark.parametrize("tag", known_tags())
def test_the_text_holds_no_html(tag: str) -> None:
    found = mail(tag, locked=True).text
    assert not TAG.search(found)
    assert not ENTITY.search(found)
    assert "**" not in found
    assert "\n\n\n" not in found


@pytest.mark.parametrize("tag", known_tags())
def test_the_html_loads_and_runs_nothing_and_names_its_language(tag: str) -> None:
    html = mail(tag, locked=True).html
    page = page_tree(html)
    del page[0][:3]  # The encoding, the policy and what no link tells of itself.
    assert dangers(page) == ()
    assert f'<html lang="{tag}" dir="{language(tag).direction}">' in html
    assert "{" not in html


@pytest.mark.parametrize("tag", known_tags())
def test_subject_and_file_name_tell_nothing_of_the_treatment(tag: str) -> None:
    named = {"microneedling"}
    named |= {word for term in glossary(tag, Resources()) if term.term == "microneedling" for word in term.agreed}
    for document in DOCUMENTS:
        source = translated(document, tag)
        named |= {text.text for text in source.treatments.values()} | {source.title.text}
        found = mail(tag, document)
        assert "\n" not in found.subject
        assert found.subject == found.subject.strip() != ""
        for name in named:
            assert name.lower() not in found.subject.lower()
            assert name.lower() not in found.attachment_name.lower()


@pytest.mark.parametrize("tag", known_tags())
def test_every_file_system_takes_the_attachments_name(tag: str) -> None:
    name = mail(tag).attachment_name
    stem = name.removesuffix(".pdf")
    assert name.endswith(".pdf")
    assert stem
    assert stem == stem.strip(" .")
    assert not NOT_IN_FILE_NAMES.search(name)
    assert len(name.encode()) <= 255


@pytest.mark.parametrize("tag", known_tags())
def test_the_attachment_has_a_name_for_programs_that_read_ascii_alone(tag: str) -> None:
    found = mail(tag)
    assert found.plain_name == {
        "en": found.attachment_name,
        "de": found.attachment_name,
        "es": "hoja de informacion.pdf",
        "vi": "to huong dan.pdf",
        "fr": "fiche d'information.pdf",
    }.get(tag, found.plain_name)
    assert re.fullmatch(r"[A-Za-z' ]+\.pdf", found.plain_name)
    if language(tag).direction == "rtl" or tag in ("ru", "zh-Hans", "hi"):
        assert found.plain_name == "information sheet.pdf"


@pytest.mark.parametrize("tag", known_tags())
def test_a_password_is_spoken_of_only_where_there_is_one(tag: str) -> None:
    said = label(LOCKED, tag)
    for part in ("text", "html"):
        assert said in getattr(mail(tag, locked=True), part)
        assert said not in getattr(mail(tag, locked=False), part)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_nothing_of_it_is_still_english(tag: str) -> None:
    found = mail(tag, locked=True)
    for text in LABELS:
        assert text not in found.text
        assert text not in found.html
    assert "information sheet" not in f"{found.subject} {found.attachment_name}"


@pytest.mark.parametrize("tag", known_tags())
def test_marks_stand_around_a_number_only_where_it_could_turn(tag: str) -> None:
    text = mail(tag).text
    assert (f"{MARK}{TELEPHONE}{MARK}" in text) is (language(tag).direction == "rtl")
    assert (MARK in text) is (language(tag).direction == "rtl")


@pytest.mark.parametrize("tag", ["ar+en", "zh-Hans+en"])
def test_a_message_in_two_languages_says_everything_twice(tag: str) -> None:
    found = mail(tag, locked=True)
    first, second = (mail(one, locked=True) for one in tag.split("+"))
    assert (found.subject, found.attachment_name) == (first.subject, first.attachment_name)
    for one in (first, second):
        spoken = one.text.partition("--------")[0]
        assert spoken in found.text
    assert found.text.index(first.text[:20]) < found.text.index(second.text[:20])
    assert re.findall(r'<div lang="([\w-]+)" dir="(\w+)"', found.html) == [
        (part, language(part).direction) for part in tag.split("+")
    ]
    assert found.text.count("No other named person has reviewed this text yet.") == 1, (
        "the English half says it already"
    )


@pytest.mark.parametrize("tag", ["en", "ar", "zh-Hans"])
def test_the_message_says_what_the_golden_file_says(tag: str) -> None:
    path = GOLDEN / f"{AFTERCARE}.{tag}.txt"
    found = mail(tag, locked=True)
    text = f"Subject: {found.subject}\nAttachment: {found.attachment_name}\n\n{found.text}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_a_clinics_name_stands_as_it_is_in_the_text_and_escaped_in_the_html(clinic: Path) -> None:
    renamed(clinic, "Skin & <Care>")
    found = mail("de", clinic=clinic)
    assert found.subject.endswith("Skin & <Care>")
    assert "(Skin & <Care>)" in found.text
    assert "(Skin &amp; &lt;Care&gt;)" in found.html
    assert "<Care>" not in found.html


def test_a_picture_travels_beside_the_message_and_an_svg_stays_at_home(clinic: Path) -> None:
    assert mail("en", clinic=clinic).picture is None
    data = BytesIO()
    Image.new("RGB", (400, 100), "#0b5c6b").save(data, "PNG")
    (clinic / "logo.png").write_bytes(data.getvalue())
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("logo.svg", "logo.png"))
    found = mail("ar+en", clinic=clinic)
    assert found.picture is not None
    assert (found.picture.media_type, found.picture.data) == ("image/png", data.getvalue())
    assert found.html.count(f'src="cid:{found.picture.cid}"') == 1


LEFT_OUT = [
    ("parts.html", "{{ labels.after_the_number(side) }}", "emergency.number"),
    ("parts.txt", '{{ _("In an emergency, call', "emergency.number"),
    ("parts.html", '{{ side.clinic.telephone.national|isolated("tel:" ~ side.clinic.telephone.e164) }}', "telephone"),
    ("parts.txt", "{{ number(side, side.clinic.telephone.national) }}", "telephone"),
    ("parts.html", "{{ side.wording.inline(message) }}", "::: key-message"),
    ("parts.txt", "{{ side.wording.plain(message) }}", "::: key-message"),
    ("parts.html", "<p>{{ labels.of_draft(side.drafts, _) }}</p>", "labels.of_draft"),
    ("parts.txt", "{{ labels.of_draft(side.drafts, _)|striptags }}", "labels.of_draft"),
]


@pytest.mark.parametrize(("name", "line", "lost"), LEFT_OUT)
@pytest.mark.parametrize("tag", ["en", "ar+en"])
def test_a_clinics_template_that_leaves_out_what_matters_is_refused(
    clinic: Path, name: str, line: str, lost: str, tag: str
) -> None:
    shipped = (SHELVES["templates"] / "email" / name).read_text()
    kept = [text for text in shipped.splitlines(keepends=True) if line not in text]
    assert len(kept) == len(shipped.splitlines()) - 1
    own = clinic / "templates" / "email" / name
    own.parent.mkdir(parents=True)
    own.write_text("".join(kept))
    with pytest.raises(InputError) as error:
        mail(tag, clinic=clinic)
    (problem,) = error.value.problems
    assert (problem.code, problem.exit_code) == ("mail-loses", ExitCode.TEMPLATE)
    assert lost in problem.values["names"]
    assert int(problem.exit_code) == 7


KEY, NUMBER = "{{ side.wording.inline(message) }}", LEFT_OUT[2][1]
DRAFT = LEFT_OUT[6][1]


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        (KEY, f"<i style='display: none'>{KEY}</i>", "text-missing"),
        (KEY, f"<i style='color: #fff; background: #fff'>{KEY}</i>", "text-hidden"),
        (KEY, f"<i style='font-size: 1px'>{KEY}</i>", "text-covered"),
        (KEY, f"<i style='color: #bbb'>{KEY}</i>", "text-pale"),
        (KEY, f"<i style='position: absolute; left: -9999px'>{KEY}</i>", "off-the-page"),
        (KEY, f"<i style='text-decoration: line-through'>{KEY}</i>", "text-covered"),
        (
            KEY,
            f"<i class=k>{KEY}</i><style>@media (max-width: 30em) {{ .k {{ display: none }} }}</style>",
            "text-missing",
        ),
        (
            KEY,
            f"<i class=k>{KEY}</i><style>@supports (color: red) {{ .k {{ display: none }} }}</style>",
            "style-not-judged",
        ),
        (KEY, f"<b style='animation: a 1s'>{KEY}</b>", "style-not-judged"),
        (KEY, f"<table bgcolor='#1a1a1a'><tr><td>{KEY}</td></tr></table>", "text-hidden"),
        (KEY, f"<i hidden>{KEY}</i>", "attribute-refused"),
        (KEY, f"<template>{KEY}</template>", "element-refused"),
        (KEY, f"<details>{KEY}</details>", "element-refused"),
        (KEY, f"<!-- {KEY} -->", "mail-loses"),
        (NUMBER, f"<i style='opacity: 0'>{NUMBER}</i>", "text-hidden"),
        (NUMBER, f"<i style='display: block; height: 1px; overflow: hidden'>{NUMBER}</i>", "text-covered"),
        (NUMBER, "(212) 555-0143", "mail-loses"),
        (DRAFT, f"<i style='visibility: hidden'>{DRAFT}</i>", "text-hidden"),
    ],
)
def test_an_email_that_hides_what_matters_is_refused(clinic: Path, written: str, instead: str, code: str) -> None:
    own = clinic / "templates" / "email" / "parts.html"
    own.parent.mkdir(parents=True)
    shipped = (SHELVES["templates"] / "email" / "parts.html").read_text()
    own.write_text(shipped.replace(written, instead))
    with pytest.raises(InputError) as error:
        mail("en", clinic=clinic)
    assert code in {problem.code for problem in error.value.problems}


@pytest.mark.parametrize("tag", [*known_tags(), "ar+en"])
def test_every_text_that_matters_is_seen_in_an_email_that_ships(clinic: Path, tag: str) -> None:
    """An email is judged where a clinic has templates of its own; this one's is the shipped one, and a table beside."""
    own = clinic / "templates" / "email" / "message.html"
    own.parent.mkdir(parents=True)
    shipped = (SHELVES["templates"] / "email" / "message.html").read_text()
    table = '<table width="600" cellpadding="9" border="0" align="center" bgcolor="#eeeeee"><tr><td>a</td></tr></table>'
    own.write_text(shipped.replace("</body>", f"{table}</body>"))
    assert mail(tag, clinic=clinic, locked=True).html


def test_the_faults_of_all_templates_are_told_at_once(clinic: Path) -> None:
    own = clinic / "templates" / "email"
    own.mkdir(parents=True)
    names = ("subject.txt", "attachment.txt", "message.html", "message.txt")
    for name in names:
        (own / name).write_text("{% if locked %}")
    with pytest.raises(InputError) as error:
        mail("en", clinic=clinic)
    assert [problem.source for problem in error.value.problems] == [f"templates/email/{name}" for name in names]
    assert {problem.code for problem in error.value.problems} == {"template-syntax"}


@pytest.mark.usefixtures("few_languages")
def test_check_tries_a_message_with_and_without_a_password(clinic: Path) -> None:
    for name, text in (
        ("email/subject.txt", "{% if locked %}\n{{ nowhere }}\n{% else %}\n{{ nobody }}\n{% endif %}"),
        ("handout/parts.html", "{% macro x %}"),  # so that nothing needs to be typeset
    ):
        own = clinic / "templates" / name
        own.parent.mkdir(parents=True)
        own.write_text(text)
    found = {(problem.code, problem.source, problem.line) for problem in inspect(clinic, NOW, lambda *_: None).problems}
    subject = "templates/email/subject.txt"
    assert {("template-undefined", subject, 2), ("template-undefined", subject, 4)} <= found


def test_the_head_has_the_clinics_own_colour_with_text_that_can_be_read(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("#0b5c6b", "#ffd400"))
    html = mail("en", clinic=clinic).html
    assert "background: #ffd400; color: #000000;" in html
    assert "border-left: 6px solid #ffd400;" in html
