"""`check` tries what ships whole where it must: nothing is found less by it, and what a clinic made is tried whole."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts import catalogues, documents
from handouts.errors import errors_of
from handouts.inspection import Choice, inspect, inspecting, sampling
from handouts.inspection.inspecting import languages_of
from handouts.inspection.trials import Extent, Trial, sample_job
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.records import CLINICS_OWN
from handouts.resources import SHELVES, Resources
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran

DOCUMENT = "microneedling-before"


def trials(clinic: Path) -> tuple[Trial, ...]:
    resources = Resources(clinic=clinic)
    loaded = [documents.load(each, resources) for each in catalogues.document_ids(resources)]
    pairs = [(document, tag) for document in loaded for tag in languages_of(document, resources)]
    return sampling.trials(pairs, resources, Press(resources).branding(NOW.date()))


def tried(clinic: Path, *extents: Extent) -> set[tuple[str, str]]:
    return {(trial.document, trial.language) for trial in trials(clinic) if trial.extent in extents}


def test_of_what_ships_each_language_is_laid_out_and_each_kind_of_block_in_both_directions() -> None:
    found = tried(EXAMPLE_CLINIC, Extent.WHOLE)
    assert len(trials(EXAMPLE_CLINIC)) == len(known_tags()) * len(catalogues.document_ids(Resources()))
    assert {tag for _, tag in tried(EXAMPLE_CLINIC, Extent.WORDS, Extent.WHOLE)} == set(known_tags())
    for direction in ("ltr", "rtl"):
        of_direction = [each for each in found if language(each[1]).direction == direction]
        several = {tag for _, tag in of_direction if [known for _, known in of_direction].count(tag) > 1}
        assert len(several) == 1
        kinds = [
            sampling.kinds(documents.load(name, Resources()).blocks) for name, tag in of_direction if tag in several
        ]
        every = [
            sampling.kinds(documents.load(name, Resources()).blocks) for name in catalogues.document_ids(Resources())
        ]
        assert frozenset().union(*kinds) == frozenset().union(*every)


@pytest.mark.parametrize(
    ("name", "text", "own"),
    [
        ("templates/handout/sheet.css", "", ""),
        (f"library/{DOCUMENT}.md", None, DOCUMENT),
        ("locales/es/LC_MESSAGES/handouts.po", 'msgid ""\nmsgstr ""\n', "es"),
        ("locales/es/LC_MESSAGES/handouts.po", 'msgid ""\nmsgstr ""\n', "es-ES"),
        ("locales/zh_Hans/LC_MESSAGES/handouts.po", 'msgid ""\nmsgstr ""\n', "zh-Hans"),
    ],
)
def test_what_a_clinic_made_itself_is_tried_whole(clinic: Path, name: str, text: str | None, own: str) -> None:
    path = clinic / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text is not None else (SHELVES["library"] / path.name).read_text())
    every = {(trial.document, trial.language) for trial in trials(clinic)}
    assert {pair for pair in every if own in ("", *pair)} <= tried(clinic, Extent.WHOLE)


WORDS = {
    "name": "Clinic of the name",
    "address": ["Street of the address"],
    "regulator": "Authority of the regulator",
    "footer": "Line of the footer",
    "urgent_care": "Hospital of urgent care",
    "opening_hours": "Words of the opening hours",
}
"""What a clinic says of itself in a language."""


@pytest.mark.parametrize("identifier", ["microneedling-aftercare", "microneedling-about"])
def test_a_sheet_of_the_clinics_words_alone_has_all_that_any_sheet_has_of_clinic_toml(
    clinic: Path, identifier: str
) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write("\n[texts.en]\n" + "".join(f"{key} = {json.dumps(text)}\n" for key, text in WORDS.items()))
    press = Press(Resources(clinic=clinic))
    job = sample_job(press.document(identifier, NOW.date()), "en", NOW)
    (entire,), _ = press.compose(job)
    (short,), _ = press.compose(job, CLINICS_OWN)
    words = {text if isinstance(text, str) else text[0] for text in WORDS.values()}
    said = {*words, "(212) 555-0142", "(212) 555-0187", "911", "care@lumen.example.org", "lumen.example.org"}
    for word in sorted(said):
        assert entire.html.count(word) == short.html.count(word), word
    assert len(short.contents) < len(entire.contents) / 2
    assert sum(word in short.html for word in said) >= len(said) - 2


@pytest.mark.usefixtures("few_languages")
def test_no_fault_of_a_clinic_is_found_less(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = clinic / "clinic.toml"
    text = file.read_text().replace('primary = "#0b5c6b"', 'primary = "#7fd6e4"')
    text = text.replace("120 Harbor Street, Suite 4", f"\U00012000 {'Harbor ' * 8}").replace("Example Board", "W" * 40)
    file.write_text(text)
    sampled = inspect(clinic, NOW, lambda *_: None)
    monkeypatch.setattr(sampling, "trials", lambda pairs, *_: inspecting.every_trial(pairs))
    entire = inspect(clinic, NOW, lambda *_: None)
    codes = {problem.code for problem in entire.problems}
    assert {"missing-glyph", "low-contrast"} <= codes
    assert set(map(str, sampled.problems)) == set(map(str, entire.problems))
    assert sampled.quality == entire.quality


def told(clinic: Path, command: Callable[..., Ran], *options: str) -> tuple[int, list[dict[str, str]]]:
    ran = command("check", clinic, *options, "--json")
    return ran.code, json.loads(ran.out)["problems"]


def test_what_is_named_is_tried_alone_and_all_files_are_read(clinic: Path) -> None:
    (clinic / "library").mkdir()
    (clinic / "library" / "broken.md").write_text("no front matter")
    done: list[str] = []
    only = Choice(documents=(DOCUMENT, "microneedling-bumps"), languages=("es",))
    found = inspect(clinic, NOW, lambda _, __, what: done.append(what), only=only)
    assert {*done} == {f"{DOCUMENT} es", "microneedling-bumps es", ""}
    assert len(found.quality) == 2
    assert "library/broken.md" in {problem.source for problem in errors_of(found.problems)}


def test_a_language_alone_is_tried_of_every_document(clinic: Path) -> None:
    done: set[str] = set()
    inspect(clinic, NOW, lambda _, __, what: done.add(what), only=Choice(languages=("de",)))
    assert done == {"", *(f"{name} de" for name in catalogues.document_ids(Resources()))}


def test_what_is_named_twice_is_tried_once(clinic: Path, command: Callable[..., Ran]) -> None:
    twice = ("--document", DOCUMENT, "--document", DOCUMENT, "--language", "es", "--language", "es-MX")
    ran = command("check", clinic, *twice, "--quality", "--json")
    assert len(json.loads(ran.out)["quality"]) == 1


def test_what_is_named_and_is_not_there_is_told(clinic: Path, command: Callable[..., Ran]) -> None:
    (clinic / "library").mkdir()
    shipped = SHELVES["library"] / f"{DOCUMENT}.md"
    (clinic / "library" / "own-before.md").write_text(shipped.read_text().replace(f"id: {DOCUMENT}", "id: own-before"))
    code, problems = told(clinic, command, "--document", "own-before", "--language", "es")
    assert code == 6
    assert "own-before is not translated into es." in [each["what"] for each in problems]
    ran = command("check", clinic, "--document", "own-befor")
    assert (ran.code, "Did you mean “own-before”?" in ran.err) == (5, True)
    assert command("check", clinic, "--language", "xx").code == 6
