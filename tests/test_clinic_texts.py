"""A clinic's texts in the languages of its sheets: what would be printed in another language is told before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from handouts import branding
from handouts.errors import Problem, Severity
from handouts.languages import known_tags
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, EXAMPLE_TREATMENT, Ran, job


def edited(clinic: Path, *changes: tuple[str, str]) -> str:
    file = clinic / "clinic.toml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return text


def told(clinic: Path, *languages: str) -> list[Problem]:
    _, problems = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", *languages))
    return [problem for problem in problems if problem.code == "text-untranslated"]


BY_RULE = 'opening_hours = { monday-friday = "08:00-18:00" }'
IN_WORDS = 'opening_hours = "Monday to Friday, 8 am to 6 pm"'
SPANISH = "[texts.es]\n"


def test_hours_without_a_text_in_the_sheets_language_are_a_warning_with_the_line_to_add_them_at(clinic: Path) -> None:
    text = edited(
        clinic, (BY_RULE, IN_WORDS), (SPANISH, f'{SPANISH}opening_hours = "De lunes a viernes, de 8 a 18 h"\n')
    )
    (problem,) = told(clinic, "fr")
    assert (problem.source, problem.path, problem.severity) == (
        "clinic.toml",
        "texts.fr.opening_hours",
        Severity.WARNING,
    )
    assert text.splitlines()[(problem.line or 0) - 1] == "[texts.fr]"
    assert told(clinic, "es") == []


def test_a_language_that_the_clinic_has_no_texts_in_is_told_for_each_text(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    text = file.read_text().partition("[texts.")[0].replace(BY_RULE, IN_WORDS)
    file.write_text(text)
    hours, regulator = told(clinic, "fr")
    assert text.splitlines()[(hours.line or 0) - 1].startswith("opening_hours")
    assert text.splitlines()[(regulator.line or 0) - 1].startswith("regulator")
    assert {problem.path for problem in told(clinic, "ru+en")} == {"texts.ru.opening_hours", "texts.ru.regulator"}


def test_base_texts_in_other_letters_than_the_clinics_language_are_told(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    text = file.read_text().partition("[texts.")[0].replace(BY_RULE, IN_WORDS)
    file.write_text(text.replace('default_language = "en"', 'default_language = "ar"'))
    assert {problem.path for problem in told(clinic, "ar")} == {"texts.ar.opening_hours", "texts.ar.regulator"}


def test_hours_in_figures_need_no_translation(clinic: Path) -> None:
    edited(clinic, (BY_RULE, 'opening_hours = "8:00–18:00"'))
    assert told(clinic, "fr") == []


def test_the_example_clinic_has_its_texts_in_every_language() -> None:
    found, _ = branding.load(EXAMPLE_CLINIC)
    assert list(branding.untranslated(found, known_tags(), "clinic.toml")) == []


@pytest.mark.parametrize("tag", ["fr", "fa"])
def test_make_warns_of_hours_in_another_language(
    command: Callable[..., Ran], clinic: Path, tmp_path: Path, tag: str
) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().partition("[texts.")[0].replace(BY_RULE, IN_WORDS))
    sheet = ("make", "microneedling-aftercare", "--clinic", clinic, "--treatment", EXAMPLE_TREATMENT)
    ran = command(*sheet, "--language", tag, "--to", tmp_path)
    assert ran.code == 0
    assert f"texts.{tag}.opening_hours" in ran.err
    assert f"[texts.{tag}]: opening_hours = " in ran.err
