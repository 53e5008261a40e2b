"""A translation is printed whole and true to its source, or not at all."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract

from handouts import catalogues, documents, translation
from handouts.errors import InputError
from handouts.languages import known_tags
from handouts.press import Texts
from handouts.records import ReviewState, TranslationReview, messages, rewrite
from handouts.resources import SHELVES, Resources
from handouts.translation.catalogue import header_fields, po_name
from handouts.translation.comparison import label_differences
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC
from tests.test_documents import sample

DOCUMENTS = catalogues.document_ids(Resources())
LANGUAGES = tuple(tag for tag in known_tags() if tag != "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", DOCUMENTS)
def test_every_shipped_translation_is_whole_and_true(identifier: str, language: str) -> None:
    document = documents.load(identifier, Resources())
    found = Texts(Resources()).translated(document, language)
    assert found.document.language == language
    assert [block.kind for block in found.document.blocks] == [block.kind for block in document.blocks]
    assert found.review.state is ReviewState.UNREVIEWED, "a draft, until a named person has reviewed it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_up_to_date_with_their_sources(language: str, tmp_path: Path) -> None:
    for name in (*DOCUMENTS, translation.LABELS, catalogues.DESK):
        path = tmp_path / po_name(name, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((SHELVES["locales"] / po_name(name, language)).read_bytes())
    for path in catalogues.update(Resources(), tmp_path, [language]):
        assert path.read_text() == (SHELVES["locales"] / path.relative_to(tmp_path)).read_text()


def test_template_catalogues_are_up_to_date(tmp_path: Path) -> None:
    for path in catalogues.extract(Resources(), tmp_path):
        assert path.read_text() == (SHELVES["locales"] / path.name).read_text()


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("Wait 48 hours.", "Espere 24 horas.", "numbers-differ"),
        ("For 7 days.", "Por 70 días.", "numbers-differ"),
        ("Wait two days.", "Espere dos días y ½.", "numbers-differ"),
        ("Wait two days.", "Espere dos² días.", "numbers-differ"),
        ("Wait two days.", "Espere Ⅻ días.", "numbers-differ"),
        ("Wait two days.", "Espere ⑤ días.", "numbers-differ"),
        ("Wait 2 days.", "Espere 〢 días y ௰.", "numbers-differ"),
        ("Call {telephone}.", "Llame.", "placeholders-differ"),
        ("Call {telephone}.", "Llame a {clinic}.", "placeholders-differ"),
        ("**Stop** now.", "Pare ya.", "emphasis-differs"),
        ("Stop now.", "**Pare** ya.", "emphasis-differs"),
        ("[Read](https://example.org)", "[Lea](https://example.com)", "links-differ"),
        ("Stop.", "<b>Pare</b>.", "raw-html"),
        ("Stop.", "*Pare*.", "italics"),
        ("Call {telephone}.", "Llame {telefono}.", "unknown-placeholder"),
    ],
)
def test_what_a_translation_changed_in_substance_is_told(source: str, target: str, code: str) -> None:
    assert [found for found, _ in translation.differences(source, target)] == [code]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("At 38.5 °C.", "A 38,5 °C."),
        ("After 7 days, **stop**.", "**توقف** بعد ٧ أيام."),
        ("Call {telephone}.", "请拨打{telephone}。"),
    ],
)
def test_a_true_translation_has_no_difference(source: str, target: str) -> None:
    assert list(translation.differences(source, target)) == []


def test_a_labels_braces_are_compared_too() -> None:
    assert [code for code, _ in label_differences("Page {page} of {pages}", "Página {page}")] == ["placeholders-differ"]
    assert list(label_differences("Page {page} of {pages}", "第{page}/{pages}页")) == []


def catalogue_of(text: str, clinic: Path, name: str = "sample") -> translation.Catalogue:
    path = clinic / "locales" / po_name(name, "es")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return translation.catalogue(name, "es", Resources(clinic=clinic))


def filled(text: str) -> str:
    """Return a template catalogue with every message "translated" by itself."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if line == 'msgstr ""' and index > 1:
            lines[index] = lines[index - 1].replace("msgid", "msgstr")
    return "\n".join(lines) + "\n"


def test_one_missing_message_refuses_the_whole(tmp_path: Path) -> None:
    document = sample()
    po = filled(translation.template("sample", messages(document), "sample.md"))
    whole = catalogue_of(po, tmp_path / "whole")
    assert translation.translate(document, whole).language == "es"
    lacking = catalogue_of(po.replace('msgstr "Wash it."', 'msgstr ""'), tmp_path / "lacking")
    with pytest.raises(InputError) as error:
        translation.translate(document, lacking)
    (problem,) = error.value.problems
    assert (problem.code, problem.values["excerpt"]) == ("untranslated", "Wash it.")
    assert problem.line == po.splitlines().index('msgid "Wash it."') + 1


def test_a_changed_source_makes_its_translation_fuzzy_and_refused(tmp_path: Path) -> None:
    document = sample()
    po = filled(translation.template("sample", messages(document), "sample.md"))
    changed = rewrite(document, lambda message: message.text.replace("Wipe off the oil.", "Wipe off all the oil."))
    new = translation.updated("sample", "es", messages(changed), "sample.md", po)
    with pytest.raises(InputError) as error:
        translation.translate(changed, catalogue_of(new, tmp_path / "clinic"))
    assert [problem.code for problem in error.value.problems] == ["fuzzy"]


def test_an_update_keeps_the_reviewers_header() -> None:
    found = messages(sample())
    po = translation.updated("sample", "es", found, "sample.md", "")
    signed = po.replace('"Language: es\\n"', '"Language: es\\n"\n"X-Reviewed-By: R. Example\\n"')
    again = translation.updated("sample", "es", found, "sample.md", signed)
    assert '"X-Reviewed-By: R. Example\\n"' in again
    assert translation.updated("sample", "es", found, "sample.md", again) == again


def test_a_clinics_message_wins_over_the_shipped_one(clinic: Path) -> None:
    path = clinic / "locales" / po_name(translation.LABELS, "es")
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Language: es\\n"\n\nmsgid "Do not"\nmsgstr "Nunca"\n')
    found = translation.labels("es", Resources(clinic=clinic))
    assert found.gettext("Do not") == "Nunca"
    assert found.gettext("Do") == translation.labels("es", Resources(clinic=EXAMPLE_CLINIC)).gettext("Do")


def test_a_translators_pack_says_where_each_message_stands(tmp_path: Path) -> None:
    path = catalogues.pack(Resources(), "microneedling-aftercare", "es", tmp_path)
    text = path.read_text()
    assert "#. [do item] << Strong sun and tanning beds" not in text
    assert "#. [do item] << **Wash your hands** before you touch your skin." in text
    assert 'msgstr ""\n\n' not in text.partition("\n\n")[2]


def test_babel_reads_a_document_through_the_entry_point() -> None:
    path = Resources().find("library", "microneedling-aftercare.md")
    assert path is not None
    with path.open("rb") as file:
        found = list(extract("handouts-document", file, keywords={"pgettext": ((1, "c"), 2)}))
    document = documents.load("microneedling-aftercare", Resources())
    assert [(context, text) for _, text, _, context in found] == [
        (message.context, message.text) for message in messages(document)
    ]


def test_a_word_that_the_glossary_forbids_refuses_the_sheet(clinic: Path) -> None:
    name = po_name("microneedling-aftercare", "es")
    (clinic / "locales" / name).parent.mkdir(parents=True)
    shipped = (SHELVES["locales"] / name).read_text()
    changed = shipped.replace("herpes labial (fuego)", "calentura")
    assert changed != shipped
    (clinic / "locales" / name).write_text(changed)
    resources = Resources(clinic=clinic)
    with pytest.raises(InputError) as error:
        Texts(resources).translated(documents.load("microneedling-aftercare", resources), "es")
    (problem,) = error.value.problems
    assert (problem.code, problem.source) == ("glossary-forbidden", f"locales/{name}")
    assert "calentura" in changed.splitlines()[(problem.line or 0)]


def test_a_plural_form_is_refused_with_its_line(tmp_path: Path) -> None:
    po = 'msgid ""\nmsgstr "Language: es\\n"\n\nmsgid "Day"\nmsgid_plural "Days"\nmsgstr[0] "Día"\nmsgstr[1] "Días"\n'
    with pytest.raises(InputError) as error:
        catalogue_of(po, tmp_path)
    assert [(problem.code, problem.line) for problem in error.value.problems] == [
        ("not-po", 5),
        ("not-po", 6),
        ("not-po", 7),
    ]


@pytest.mark.parametrize(
    ("catalogue", "folders", "known"),
    [("handouts", ("handout", "email"), "Set for you:"), ("desk", ("desk",), "Hand out")],
)
def test_every_word_that_a_template_asks_for_is_in_its_catalogue(
    catalogue: str, folders: tuple[str, ...], known: str
) -> None:
    """`translate extract` sees `_("...")` alone: one that is asked for in another way is lost to every language."""
    templates = [path for folder in folders for path in (CHECKOUT / "templates" / folder).glob("*.[ht]*")]
    asked = {word for path in templates for word in re.findall(r'(?:\b_|gettext)\("([^"]+)"\)', path.read_text())}
    listed = set(re.findall(r'^msgid "(.+)"$', (CHECKOUT / "locales" / f"{catalogue}.pot").read_text(), re.MULTILINE))
    assert {word for word in asked if word not in listed} == set()
    assert known in asked


HEADERS: dict[str, tuple[str, ...]] = {
    "Poedit": (
        *("Project-Id-Version: handouts\\n", "POT-Creation-Date: \\n", "PO-Revision-Date: 2026-11-21 10:00+0100\\n"),
        *("Language-Team: \\n", "Language: es\\n", "X-Generator: Poedit 3.4.2\\n", "X-Poedit-Bookmarks: -1,2\\n"),
    ),
    "gettext": (
        *("POT-Creation-Date: YEAR-MO-DA HO:MI+ZONE\\n", "PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE\\n"),
        *("Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n", "Content-Type: text/plain; charset=CHARSET\\n"),
    ),
    "Weblate": (
        *("PO-Revision-Date: 2026-11-21 10:00+0000\\n", "Language: es_MX\\n", "Plural-Forms: nplurals=2; plural="),
        *("n != 1;\\n", "X-Generator: Weblate 5.4\\n"),
    ),
    "Transifex": (
        *("POT-Creation-Date: 2026-11-21T10:00:00Z\\n", "Language-Team: Spanish (https://app.example.org/t)\\n"),
        *("Last-Translator: R. Example <r@example.org>, 2026\\n", "Language: es\\n"),
    ),
    "Lokalise": (
        *("Content-Type: text/plain; charset=UTF-8\\n", "X-Generator: lokalise.com\\n", "Language: es_419\\n"),
        *("Project-Id-Version: Handouts\\n", "Plural-Forms: nplurals=3; plural=(n == 1) ? 0 : 2;\\n"),
    ),
    "nobody": (),
}
TAIL = """
#, fuzzy
#| msgid "Worried?"
msgid "Call us."
msgstr "Llame."

#: templates
msgid "Worried? Call us."
msgstr "¿Dudas? Llámenos ya."

#~| msgid "Older"
#~ msgid "Old"
#~ msgstr "Viejo"

#~ msgid "Old too"
#~ msgstr "Viejo"
"""


@pytest.mark.parametrize("program", sorted(HEADERS))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_catalogue_is_read_as_programs_write_it(program: str, line_end: str, clinic: Path) -> None:
    path = clinic / "locales" / po_name("handouts", "es")
    path.parent.mkdir(parents=True)
    text = '# Spanish.\n#, fuzzy\nmsgid ""\nmsgstr ""\n' + "".join(f'"{field}"\n' for field in HEADERS[program]) + TAIL
    path.write_bytes(("\ufeff" + text.replace("\n", line_end)).encode())
    found = translation.catalogue("handouts", "es", Resources(clinic=clinic))
    entry = found.entries["", "Worried? Call us."]
    assert (entry.text, entry.fuzzy) == ("¿Dudas? Llámenos ya.", False)
    assert entry.line == text[: text.index('msgid "Worried? Call us."')].count("\n") + 1
    assert not {("", "Old"), ("", "Old too")} & found.entries.keys()


def test_a_signature_that_a_program_has_wrapped_is_read_and_replaced() -> None:
    by = "Somebody with a name that is too long for one line of Poedit"
    head = f'"Language: es\\n"\n"X-Reviewed-By: "\n"{by}\\n"\n"X-Reviewed-On: 2026-11-20\\n"\n'
    wrapped = f'msgid ""\nmsgstr ""\n{head}\nmsgid "A"\nmsgstr "B"\n'
    assert header_fields(wrapped)["X-Reviewed-By"] == by
    again = TranslationReview(state=ReviewState.REVIEWED, by="R. Example", role="interpreter", on=date(2026, 11, 21))
    text = translation.signed(wrapped, again, "0" * 64)
    assert by not in text
    assert header_fields(text)["X-Reviewed-By"] == "R. Example"
    assert header_fields(text)["Language"] == "es"
    assert text.endswith('\n\nmsgid "A"\nmsgstr "B"\n')
