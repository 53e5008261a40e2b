"""`check` tries what ships whole where it must: nothing is found less by it, and what a clinic made is tried whole."""

from pathlib import Path

import pytest

from handouts import catalogues, documents
from handouts.inspection import inspect, inspecting, sampling
from handouts.inspection.inspecting import languages_of
from handouts.inspection.trials import Trial
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.resources import SHELVES, Resources
from tests.conftest import EXAMPLE_CLINIC, NOW

DOCUMENT = "microneedling-before"


def trials(clinic: Path) -> tuple[Trial, ...]:
    resources = Resources(clinic=clinic)
    loaded = [documents.load(each, resources) for each in catalogues.document_ids(resources)]
    pairs = [(document, tag) for document in loaded for tag in languages_of(document, resources)]
    return sampling.trials(pairs, resources, Press(resources).branding(NOW.date()))


def whole(clinic: Path) -> set[tuple[str, str]]:
    return {(trial.document, trial.language) for trial in trials(clinic) if trial.is_whole}


def test_of_what_ships_each_language_is_tried_whole_and_each_kind_of_block_in_both_directions() -> None:
    found = whole(EXAMPLE_CLINIC)
    assert len(trials(EXAMPLE_CLINIC)) == len(known_tags()) * len(catalogues.document_ids(Resources()))
    assert {tag for _, tag in found} == set(known_tags())
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
    assert {pair for pair in every if own in ("", *pair)} <= whole(clinic)


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
