"""`check` a second time: what was found stays known until something that it rests on changes, and no longer."""

import gc
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from handouts import catalogues, documents
from handouts.codes import Code
from handouts.crew import Crew
from handouts.errors import Kind, Problem
from handouts.inspection import staffing
from handouts.inspection.register import _NUMBERS, _SHOWN, _SHOWN_CONTACT, Register
from handouts.inspection.trials import Extent, Mailing, Reading, Trial, Tried, sample_job
from handouts.press import Press
from handouts.records import Branding
from handouts.resources import Resources
from tests.conftest import CHECKOUT, NOW, Ran

DOCUMENT = "microneedling-aftercare"
TRIAL = Trial(document=DOCUMENT, language="es")
SHORT = replace(TRIAL, extent=Extent.WORDS)
HELD = replace(TRIAL, extent=Extent.TEXTS)
PROBLEM = Problem.warning(Kind.TYPESETTING, Code.TOO_MANY_PAGES, "the sheet", pages="3", document=DOCUMENT)
TRIED = Tried(problems=(PROBLEM,), quality=None)
READING = Reading(document=DOCUMENT, language="es")
APPROVAL = """
[[approvals]]
document = "microneedling-bumps"
version = "1.1"
by = "Dr. A. Example"
on = 2026-11-02
"""
BUMPS = (CHECKOUT / "handouts" / "library" / "microneedling-bumps.md").read_text()
LIBRARY = (CHECKOUT / "handouts" / "library" / f"{DOCUMENT}.md").read_text()


def register(clinic: Path, days: int = 0) -> Register:
    resources = Resources(clinic=clinic, cache=clinic.parent / "cache")
    today = NOW.date() + timedelta(days=days)
    library = [documents.load(name, resources) for name in catalogues.document_ids(resources)]
    return Register(resources, Press(resources).branding(today), today, library)


@pytest.fixture
def checked(clinic: Path) -> Path:
    """Return a clinic's folder, one trial of which is remembered."""
    (clinic.parent / "cache").mkdir()
    register(clinic).put(TRIAL, TRIED)
    assert register(clinic).get(TRIAL) == TRIED
    return clinic


def test_nothing_is_remembered_where_a_folder_is_a_link(checked: Path) -> None:
    """What changes behind it would not be seen."""
    (checked / "own").mkdir()
    (checked / "templates").mkdir(exist_ok=True)
    (checked / "templates" / "handout").symlink_to(checked / "own")
    register(checked).put(TRIAL, TRIED)
    assert register(checked).get(TRIAL) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clinic.toml", "# more\n"),
        ("templates/handout/sheet.css", "h1 { color: #000 }"),
        (f"library/{DOCUMENT}.md", LIBRARY),
        (f"locales/es/LC_MESSAGES/{DOCUMENT}.po", 'msgid ""\nmsgstr ""\n'),
        ("locales/es/LC_MESSAGES/handouts.po", 'msgid ""\nmsgstr ""\n'),
        ("locales/es/glossary.toml", ""),
        ("locales/en/LC_MESSAGES/labels.po", 'msgid ""\nmsgstr ""\n'),
        ("templates/handout/pictograms/new.svg", "<svg/>"),
    ],
)
def test_what_a_trial_rests_on_makes_it_new(checked: Path, name: str, text: str) -> None:
    path = checked / name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    if name == "clinic.toml":
        before, text = before.replace("Harbor Street", "Quay Street"), ""
    path.write_text(before + text)
    assert register(checked).get(TRIAL) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("library/microneedling-bumps.md", BUMPS.replace('version: "1.1"', 'version: "1.2"')),
        ("locales/es/LC_MESSAGES/microneedling-bumps.po", 'msgid ""\nmsgstr ""\n'),
        (f"locales/fr/LC_MESSAGES/{DOCUMENT}.po", 'msgid ""\nmsgstr ""\n'),
        ("locales/fr/LC_MESSAGES/labels.po", "other"),
        ("treatments.csv", "other"),
    ],
)
def test_what_a_trial_does_not_rest_on_leaves_it(checked: Path, name: str, text: str) -> None:
    path = checked / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert register(checked).get(TRIAL) == TRIED


@pytest.mark.parametrize(("includes", "is_known"), [("", True), ("{% include 'email/text.txt' %}", False)])
def test_a_template_of_the_email_is_none_of_a_sheets_unless_that_includes_it(
    checked: Path, includes: str, *, is_known: bool
) -> None:
    mailing = Mailing(document=DOCUMENT, language="es")
    for name, text in (("handout/about.html", includes), ("email/text.txt", "Hello")):
        path = checked / "templates" / name
        path.parent.mkdir(parents=True)
        register(checked).put(TRIAL, TRIED)
        register(checked).put(mailing, TRIED)
        path.write_text(text)
        assert register(checked).get(mailing) is None
    assert (register(checked).get(TRIAL) == TRIED) is is_known


def test_a_period_that_another_document_declares_is_what_a_clinics_own_periods_are_held_against(checked: Path) -> None:
    path = checked / "library" / "microneedling-aftercare.md"
    path.parent.mkdir(exist_ok=True)
    trial = Trial(document="microneedling-bumps", language="es")
    register(checked).put(trial, TRIED)
    path.write_text(LIBRARY.replace("  - id: make-up", "  - id: lipstick"))
    assert register(checked).get(trial) is None


def test_what_a_variant_says_rests_on_the_language_that_it_is_a_variant_of(checked: Path) -> None:
    trial, base = Trial(document=DOCUMENT, language="es-ES"), checked / "locales" / "es" / "LC_MESSAGES"
    register(checked).put(trial, TRIED)
    base.mkdir(parents=True)
    (base / "microneedling-bumps.po").write_text('msgid ""\nmsgstr ""\n')
    assert register(checked).get(trial) == TRIED, "another document's"
    (base / f"{DOCUMENT}.po").write_text('msgid ""\nmsgstr ""\n')
    assert register(checked).get(trial) is None


@pytest.mark.parametrize(
    ("old", "new", "still_known"),
    [
        ("5550142", "5550143", {READING, HELD, TRIAL, SHORT}),
        ("+12125550142", "+442079460142", {READING, HELD}),
        ("+12125550142", "+12125550187", {READING, HELD}),
        ("#c2552d", "#b2552d", {READING, HELD, SHORT}),
        ("120 Harbor", "121 Harbor", {READING, HELD}),
        ("care@lumen", "help@lumen", {READING, HELD}),
        ('paper = "Letter"', 'paper = "A4"', {READING, HELD}),
        ('logo = "logo.svg"', 'logo = ""', {READING, HELD}),
        ("Licensed by", "Approved by", {READING}),
        ("08:00-18:00", "08:00-17:00", {READING}),
        ("hours = 72", "hours = 96", {READING}),
        ("Con licencia", "Con una licencia", {READING}),
        ("Agréée", "Autorisée", {READING, HELD, TRIAL, SHORT}),
        ("A. Example", "A. Sample", {READING}),
        (
            "[[approvals]]",
            '[codes]\n"http://snomed.info/sct|1" = "face"\n\n[[approvals]]',
            {READING, HELD, TRIAL, SHORT},
        ),
        ('document = "microneedling-aftercare"\nversion', 'document = "microneedling-bumps"\nversion', {READING}),
    ],
)
def test_of_clinic_toml_a_trial_rests_on_what_its_sheet_can_say_and_no_text_on_any(
    checked: Path, old: str, new: str, still_known: set[Trial | Reading]
) -> None:
    works = (READING, HELD, TRIAL, SHORT)
    for work in works:
        register(checked).put(work, TRIED)
    file = checked / "clinic.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    assert {work for work in works if register(checked).get(work) == TRIED} == still_known


def test_whoever_holds_texts_together_asks_for_nothing_that_a_sheet_only_shows(
    clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the register would remember too long."""
    press = Press(Resources(clinic=clinic))
    press.branding(NOW.date())
    asked: set[str] = set()

    def noting(branding: Branding, name: str) -> object:
        asked.add(name)
        return object.__getattribute__(branding, name)

    monkeypatch.setattr(Branding, "__getattribute__", noting)
    for name in catalogues.document_ids(Resources(clinic=clinic)):
        for tag in ("en", "es", "ar", "zh-Hans"):
            press.check(sample_job(press.document(name, NOW.date()), tag, NOW))
    assert "periods" in asked
    kept_apart = {field.name for field in fields(Branding)} & {*_SHOWN, *_SHOWN_CONTACT, *_NUMBERS, "faces", "colours"}
    assert len(kept_apart) >= 10
    assert not asked & kept_apart


@pytest.mark.parametrize(("old", "new"), [("5550142", "5550143"), ("#c2552d", "#b2552d")])
def test_a_template_of_the_clinics_own_may_do_anything_with_a_figure_and_a_colour(
    checked: Path, old: str, new: str
) -> None:
    page = checked / "templates" / "email" / "message.html"
    page.parent.mkdir(parents=True)
    page.write_text("{{ clinic.telephone.national }}")
    works = (TRIAL, SHORT, Mailing(document=DOCUMENT, language="es"))
    for work in works:
        register(checked).put(work, TRIED)
    file = checked / "clinic.toml"
    file.write_text(file.read_text().replace(old, new))
    assert not any(register(checked).get(work) for work in works)


def test_the_approval_of_another_document_is_none_of_a_trials(checked: Path) -> None:
    with (checked / "clinic.toml").open("a") as file:
        file.write(APPROVAL)
    assert register(checked).get(TRIAL) == TRIED
    assert register(checked).get(replace(TRIAL, document="microneedling-bumps")) is None


def test_a_problem_that_names_a_line_of_clinic_toml_is_remembered_for_as_long_as_the_lines_are_where_they_were(
    checked: Path,
) -> None:
    named = Tried(problems=(replace(PROBLEM, source="clinic.toml", line=7),), quality=None)
    other = replace(TRIAL, language="fr")
    register(checked).put(other, named)
    assert register(checked).get(other) == named
    file = checked / "clinic.toml"
    file.write_text(f"# A line more.\n{file.read_text()}")
    assert register(checked).get(other) is None
    assert register(checked).get(TRIAL) == TRIED, "it names none"


@pytest.mark.parametrize(
    ("name", "text", "is_known"),
    [
        ("templates/handout/sheet.css", "h1 { color: #000 }", True),
        (f"library/{DOCUMENT}.md", LIBRARY.replace("You had", "You have had"), False),
        (f"locales/es/LC_MESSAGES/{DOCUMENT}.po", 'msgid ""\nmsgstr ""\n', False),
        ("locales/es/glossary.toml", "", False),
        ("library/glossary.toml", "", False),
    ],
)
def test_what_a_text_rests_on_makes_its_reading_new(checked: Path, name: str, text: str, *, is_known: bool) -> None:
    register(checked).put(READING, TRIED)
    path = checked / name
    path.parent.mkdir(parents=True, exist_ok=True)
    known = register(checked)
    path.write_text(text)
    assert (known.get(READING) == TRIED) is is_known
    assert (register(checked, days=1).get(READING) == TRIED) is is_known, "on whatever day"


def test_another_day_another_document_and_another_language_are_new(checked: Path) -> None:
    assert register(checked, days=1).get(TRIAL) is None
    assert register(checked).get(Trial(document=DOCUMENT, language="fr")) is None
    assert register(checked).get(Trial(document="microneedling-bumps", language="es")) is None


def test_a_damaged_memory_is_none(checked: Path) -> None:
    for path in (checked.parent / "cache").glob("trial-*"):
        path.write_bytes(path.read_bytes()[:-5])
    assert register(checked).get(TRIAL) is None


@pytest.mark.usefixtures("few_languages")
def test_check_says_the_same_twice_and_the_new_after_an_edit(
    command: Callable[..., Ran], clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(clinic.parent / "cache"))
    first = command("check", clinic)
    for path in sorted((clinic.parent / "cache").rglob("trial-*"))[::3]:
        path.unlink()
    second = command("check", clinic)
    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    measured = command("check", clinic, "--quality").out
    assert re.search(r"(?m)^microneedling-aftercare +en +\d", measured)
    assert not re.search(r"(?m)^microneedling-aftercare +en +\d", second.out)
    (clinic / "templates" / "handout").mkdir(parents=True, exist_ok=True)
    (clinic / "templates" / "handout" / "sheet.html").write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block details %}{% endblock %}'
    )
    edited = command("check", clinic)
    assert edited.code != 0
    assert "patient.name" in edited.out


OWN = '{% extends "@shipped/handout/sheet.html" %}\n{% block about %}\n'


@pytest.mark.usefixtures("few_languages")
@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("{% if details[0].value == 'x' %}y{% endif %}", [("value-used", 3)]),
        ("<p>Call us.</p>\n<p>For {{ details[0].value }}</p>", [("value-not-alone", 4)]),
        ('<div class="value">{{ details[0].value }}</div>', []),
    ],
)
def test_check_says_once_what_in_a_clinics_own_template_keeps_batches_slow(
    command: Callable[..., Ran], clinic: Path, monkeypatch: pytest.MonkeyPatch, part: str, told: list[tuple[str, int]]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(clinic.parent / "cache"))
    monkeypatch.setattr(catalogues, "document_ids", lambda _: (DOCUMENT, "microneedling-bumps"))
    page = clinic / "templates" / "handout" / "sheet.html"
    page.parent.mkdir(parents=True)
    page.write_text(OWN + part + "{{ super() }}{% endblock %}")
    for _ in range(2):
        ran = command("check", clinic, "--json")
        problems = [one for one in json.loads(ran.out)["problems"] if one["code"].startswith("value-")]
        assert [(one["code"], one["line"]) for one in problems] == told
        assert {(one["severity"], one["source"]) for one in problems} <= {("warning", "templates/handout/sheet.html")}
        assert ran.code == 0


def test_the_first_check_of_a_day_lets_its_processes_begin_before_the_folder_is_read(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    resources = Resources(clinic=clinic, cache=tmp_path / "cache")
    begun: list[int] = []

    @contextmanager
    def noted(_: object, at_once: int) -> Iterator[None]:
        begun.append(at_once)
        yield

    monkeypatch.setattr(Crew, "begun", noted)
    for days, workers, is_whole in ((0, 2, False), (0, 2, True), (0, 2, True), (1, 2, True), (2, 1, True)):
        with staffing.staff(resources, NOW + timedelta(days=days), workers, is_whole=is_whole):
            pass
    with suppress(KeyError), staffing.staff(resources, NOW + timedelta(days=3), 2, is_whole=True):
        raise KeyError
    with staffing.staff(resources, NOW + timedelta(days=3), 2, is_whole=True):
        pass
    assert begun == [0, 2, 0, 2, 0, 2, 2], "where few are wanted, none begins early"


def test_a_process_that_begins_early_has_read_nothing_of_the_clinics(clinic: Path) -> None:
    page = clinic / "templates" / "handout" / "sheet.html"
    try:
        work = staffing.worker(Resources(clinic=clinic), NOW)
        page.parent.mkdir(parents=True)
        page.write_text(
            '{% extends "@shipped/handout/sheet.html" %}{% block style %}.do { sparkle: yes }{% endblock %}'
        )
        file = clinic / "clinic.toml"
        file.write_text(file.read_text().replace('primary = "#0b5c6b"', 'primary = "#7fd6e4"'))
        found = {problem.code for problem in work(TRIAL).problems}
    finally:
        gc.unfreeze()
        gc.enable()
    assert {"style-passed-over", "low-contrast"} <= found
