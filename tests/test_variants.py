"""A variant of a language has the messages alone that differ: the rest, on sheets and at the desk, is its base's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from handouts import branding, catalogues, documents, quality, translation
from handouts.codes import Code
from handouts.composition.side import clinic_names
from handouts.composition.views import clinic_text
from handouts.errors import Gathering, InputError
from handouts.inspection.trials import Reading, trier
from handouts.interfaces.local.telling import page_wordings
from handouts.languages import base_of, known_tags, language, meant_tag
from handouts.press import Press, Texts
from handouts.records import ReviewState, TranslationReview
from handouts.resources import SHELVES, Resources
from handouts.translation.catalogue import po_name
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran, job

DOCUMENT = "microneedling-aftercare"
BASE, VARIANT = "es", "es-ES"
BRUISE = "You bleed a little or get a small bruise."
HANDS = "**Wash your hands** before you touch your skin."
HELP = "Get medical help now if:"
BY = TranslationReview(state=ReviewState.REVIEWED, by="R. Example", role="interpreter", on=NOW.date())


def write(clinic: Path, tag: str, *said: tuple[str, str], name: str = translation.LABELS, declared: str = "") -> Path:
    """Write a clinic's own catalogue; a document's messages here are all of one kind."""
    path = clinic / "locales" / po_name(name, tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = "" if name == translation.LABELS else 'msgctxt "normal item"\n'
    head = f'msgid ""\nmsgstr "Language: {declared or tag}\\n"\n'
    path.write_text(head + "".join(f'\n{kind}msgid "{source}"\nmsgstr "{text}"\n' for source, text in said))
    return path


def label(clinic: Path, tag: str, source: str = HELP) -> str:
    return translation.labels(tag, Resources(clinic=clinic)).gettext(source)


def review(clinic: Path, tag: str = VARIANT) -> tuple[ReviewState, str]:
    """Return the state of a document's translation, and the language that is to be reviewed first if not its own."""
    resources = Resources(clinic=clinic)
    found = Texts(resources).translated(documents.load(DOCUMENT, resources), tag).review
    return found.state, found.language


# --- the language ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        *((typed, VARIANT) for typed in ("es-ES", "ES_es", "spa-ES", "es-Latn-ES", "español (España)")),
        *(
            (typed, VARIANT)
            for typed in ("Spanish (Spain)", "European Spanish", "espagnol (Espagne)", "panyòl (Espay)")
        ),
        *((typed, BASE) for typed in ("es", "es-MX", "es_419", "spa", "spa-MX", "Spanish", "Español")),
    ],
)
def test_a_record_means_the_variant_where_it_names_its_country(typed: str, tag: str) -> None:
    assert meant_tag(typed) == tag


def test_a_variant_is_set_as_its_base_with_the_dates_of_its_own_country_wherever_the_clinic_is() -> None:
    base, variant = language(BASE, "US"), language(VARIANT, "US")
    assert (base.variant_of, variant.variant_of, base_of(VARIANT)) == ("", BASE, BASE)
    assert (variant.fonts, variant.package) == (base.fonts, base.package)
    assert (str(base.locale), str(variant.locale), variant.own_name) == ("es_US", "es_ES", "Español (España)")


def test_a_sheet_has_the_variants_words_and_the_bases_for_the_rest() -> None:
    press = Press(Resources(clinic=EXAMPLE_CLINIC))
    (sheet,), told = press.compose(job(DOCUMENT, VARIANT))
    unread = [problem.values["language"] for problem in told if problem.code == "translation-unreviewed"]
    assert unread == [BASE], "it is to be reviewed first"
    (of_base,), _ = press.compose(job(DOCUMENT, BASE))
    assert '<html lang="es-ES"' in sheet.html
    assert ("moratón" in sheet.html, "moretón" in sheet.html) == (True, False)
    assert ("moratón" in of_base.html, "moretón" in of_base.html) == (False, True)
    assert "Lávese las manos" in sheet.html
    for written in ("domingo, 22 de noviembre, 15:00", "1,5 mm", "100,4 °F"):
        assert written in sheet.html.replace("\xa0", " ")
    assert "Junta de Salud" in sheet.html, "the clinic's own text for the base"
    assert 'lang="es"' not in sheet.html, "which is no other language"


def test_the_desk_has_the_variants_words_and_the_bases_for_the_rest() -> None:
    entries = translation.catalogue(catalogues.DESK, VARIANT, Resources()).entries
    assert (entries["", "Name"].text, entries["", "Print"].text) == ("Nombre y apellidos", "Imprimir")
    found, of_base = page_wordings(VARIANT), page_wordings(BASE)
    assert found["empty-value"]["do"] == "Rellénelo."
    assert found["not-a-time"] == of_base["not-a-time"]
    assert found.keys() == of_base.keys()


# --- who wins --------------------------------------------------------------------------------------------------------


def test_the_clinics_base_wins_over_the_shipped_variant_and_its_variant_over_all(clinic: Path) -> None:
    shipped = label(clinic, VARIANT)
    assert shipped != label(clinic, BASE)
    write(clinic, BASE, (HELP, "Vaya al médico ya si:"))
    assert label(clinic, VARIANT) == label(clinic, BASE) == "Vaya al médico ya si:"
    write(clinic, VARIANT, (HELP, ""))
    assert label(clinic, VARIANT) == "Vaya al médico ya si:", "an empty message says nothing"
    write(clinic, VARIANT, (HELP, "Acuda al médico si:"))
    assert (label(clinic, VARIANT), label(clinic, BASE)) == ("Acuda al médico si:", "Vaya al médico ya si:")
    assert label(clinic, VARIANT, "Patient") == label(clinic, BASE, "Patient")


def test_a_glossary_forbids_in_the_variants_own_words_and_not_in_what_it_has_from_the_base(clinic: Path) -> None:
    resources = Resources(clinic=clinic)
    assert {"moretón"} == set(
        next(term for term in quality.glossary(VARIANT, resources) if term.term == "bruise").forbidden
    )
    assert any(term.term == "skin" for term in quality.glossary(VARIANT, resources)), "the base's too"
    write(clinic, BASE, (BRUISE, "Le sale un moretón."), name=DOCUMENT)
    source = documents.load(DOCUMENT, resources)
    assert Texts(resources).translated(source, VARIANT), "a word of the base, as the clinic says it there"
    write(clinic, VARIANT, (BRUISE, "Le sale algún moretón."), name=DOCUMENT)
    with pytest.raises(InputError) as refused:
        Texts(resources).translated(source, VARIANT)
    assert [problem.code for problem in refused.value.problems] == ["glossary-forbidden"]
    assert Texts(resources).translated(source, BASE)
    write(clinic, VARIANT, name=DOCUMENT)
    write(clinic, BASE, ("Your skin feels tight, dry or itchy.", "Siente el cutis tirante."), name=DOCUMENT)
    with pytest.raises(InputError) as refused:
        Texts(resources).translated(source, VARIANT)
    assert [(problem.code, problem.values["language"]) for problem in refused.value.problems] == [
        ("glossary-forbidden", BASE)
    ]


def test_a_clinics_texts_are_the_bases_but_for_its_own_for_the_variant(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    wording = '\n[emergency.wording]\nes = "Marque el {number}."\n\n[texts.es-ES]\nfooter = "Pie."\n'
    file.write_text(file.read_text() + wording)
    found, _ = branding.load(clinic, documents=(), today=NOW.date())
    assert (found.text("footer", VARIANT), found.text("regulator", VARIANT)[1]) == (("Pie.", VARIANT), VARIANT)
    assert found.text("regulator", VARIANT)[0] == found.text("regulator", BASE)[0]
    assert found.text("footer", BASE)[0] != "Pie."
    assert list(branding.untranslated(found, known_tags(), "clinic.toml")) == []
    in_base = replace(found, default_language=BASE, texts={}, footer="Pie de la hoja.")
    assert clinic_text(in_base, "footer", language(VARIANT)).lang == "", "the base's is no other language"
    assert list(branding.untranslated(in_base, [VARIANT], "")) == []
    labels = translation.labels(VARIANT, Resources(clinic=clinic))
    assert clinic_names(found, language(VARIANT), labels)["emergency_wording"] == "Marque el {number}."


# --- reviews ---------------------------------------------------------------------------------------------------------


def test_a_variant_is_reviewed_when_both_are(clinic: Path) -> None:
    def sign(tag: str) -> None:
        for name in (DOCUMENT, translation.LABELS):
            catalogues.review(Resources(clinic=clinic), clinic / "locales", name, tag, BY)

    assert review(clinic) == (ReviewState.UNREVIEWED, BASE)
    sign(VARIANT)
    assert review(clinic) == (ReviewState.UNREVIEWED, BASE), "nobody has read what it has from the base"
    labels = Texts(Resources(clinic=clinic)).labels(VARIANT).review
    assert (labels.state, labels.language) == (ReviewState.UNREVIEWED, BASE)
    sign(BASE)
    assert review(clinic) == (ReviewState.REVIEWED, "")
    own = clinic / "locales" / po_name(DOCUMENT, VARIANT)
    own.unlink()
    assert review(clinic) == (ReviewState.UNREVIEWED, ""), "the base's review is not the variant's"
    sign(VARIANT)
    with (clinic / "locales" / po_name(DOCUMENT, BASE)).open("a") as file:
        file.write(f'\nmsgctxt "normal item"\nmsgid "{BRUISE}"\nmsgstr "Sangra un poco."\n')
    assert review(clinic) == (ReviewState.OUTDATED, BASE)


def test_a_document_written_in_the_base_needs_no_catalogue_for_the_variant(clinic: Path) -> None:
    from tests.test_source_language import SOURCE  # noqa: PLC0415 - a document's text

    (clinic / "library").mkdir()
    (clinic / "library" / "hoja.md").write_text(SOURCE)
    resources = Resources(clinic=clinic)
    source = documents.load("hoja", resources)
    found = Texts(resources).translated(source, VARIANT)
    assert (found.document.blocks, found.document.language) == (source.blocks, VARIANT)
    assert found.translation_review.state is ReviewState.REVIEWED, "there is no translation"
    assert VARIANT in Texts(resources).languages_of(source)
    path = clinic / "locales" / po_name("hoja", VARIANT)
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr ""\n\nmsgctxt "call-us item"\nmsgid "Ve pus."\nmsgstr "Sale pus."\n')
    other = Texts(resources).translated(source, VARIANT)
    assert "Sale pus." in str(other.document.blocks)
    assert "Mantenga la piel limpia." in str(other.document.blocks)
    assert other.translation_review.state is ReviewState.UNREVIEWED


# --- its files -------------------------------------------------------------------------------------------------------


def test_an_update_leaves_what_differs_and_begins_nothing(clinic: Path, command: Callable[..., Ran]) -> None:
    update = ("translate", "update", VARIANT, "--clinic", clinic)
    assert "Nothing is missing" in command(*update).out
    shipped = label(clinic, VARIANT)
    own = write(clinic, VARIANT, (HELP, shipped), ("Patient", "Persona"), ("Products", ""), ("Next visits", "Visita"))
    assert command(*update).out == f"{own}\n"
    entries = translation.parse(own.read_text(), "es_ES")
    assert {(str(one.id), one.string, one.fuzzy) for one in entries if one.id} == {
        ("Patient", "Persona", False),
        ("Next visit", "Visita", True),
    }
    assert '"Language: es_ES\\n"' in own.read_text()


def test_a_translators_pack_has_every_message_and_an_update_takes_out_what_was_left(clinic: Path) -> None:
    resources = Resources(clinic=clinic)
    pack = catalogues.pack(resources, DOCUMENT, VARIANT, clinic.parent).read_text()
    assert ("un moratón pequeño" in pack, "Lávese las manos" in pack, 'msgstr ""\n\n' in pack.partition("\n\n")[2]) == (
        *(True, True, False),
    )
    own = clinic / "locales" / po_name(DOCUMENT, VARIANT)
    own.parent.mkdir(parents=True)
    own.write_text(pack.replace("un moratón pequeño", "un cardenal"))
    catalogues.update(resources, clinic / "locales", [VARIANT], [DOCUMENT])
    left = {str(one.id): one.string for one in translation.parse(own.read_text(), "es_ES") if one.id}
    assert left == {BRUISE: "Sangra un poco o le sale un cardenal."}


def test_check_tells_a_message_that_says_the_same_and_one_that_no_text_has(clinic: Path) -> None:
    shipped = translation.catalogue(DOCUMENT, VARIANT, Resources()).entries["normal item", BRUISE].text
    write(clinic, VARIANT, (BRUISE, shipped), ("Your skin sings.", "Su piel canta."), name=DOCUMENT)
    found = trier(Resources(clinic=clinic), NOW)(Reading(document=DOCUMENT, language=VARIANT)).problems
    told = {problem.code: problem for problem in found}
    assert told[Code.MESSAGE_REPEATED].line == 5
    assert told[Code.MESSAGE_UNUSED].values["excerpt"] == "Your skin sings."
    write(clinic, VARIANT, (BRUISE, "Le sale un cardenal."), name=DOCUMENT)
    found = tuple(translation.repetitions(translation.catalogue(DOCUMENT, VARIANT, Resources(clinic=clinic))))
    assert found == ()


@pytest.mark.parametrize(
    ("tag", "declared", "codes"),
    [
        (VARIANT, "es_ES", []),
        (VARIANT, "es", ["language-of-another"]),
        (BASE, "es_ES", []),
        (BASE, "fr", ["language-of-another"]),
    ],
)
def test_a_catalogues_header_names_its_language_or_a_variant_of_it(
    clinic: Path, tag: str, declared: str, codes: list[str]
) -> None:
    write(clinic, tag, declared=declared)
    gathering = Gathering()
    gathering.take(lambda: translation.catalogue(translation.LABELS, tag, Resources(clinic=clinic)))
    assert [problem.code for problem in gathering.problems] == codes


VARIANTS = [tag for tag in known_tags() if base_of(tag) != tag]


@pytest.mark.parametrize("tag", VARIANTS)
def test_what_ships_of_a_variant_is_only_what_differs_and_all_of_it_is_some_texts(tag: str) -> None:
    names = (*catalogues.document_ids(Resources()), translation.LABELS, catalogues.DESK)
    found = {name: translation.catalogue(name, tag, Resources()) for name in names}
    assert {name: one.repeated for name, one in found.items() if one.repeated} == {}
    assert sum(len(one.entries) for one in found.values()) == sum(
        len(one.base.entries) for one in found.values() if one.base
    ), "a message that the base does not have"
    for name in names:
        path = SHELVES["locales"] / po_name(name, tag)
        assert not path.exists() or f'"Language: {tag.replace("-", "_")}\\n"' in path.read_text()
