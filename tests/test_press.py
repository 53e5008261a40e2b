"""A job is made whole or not at all, in the language that the patient reads; --strict refuses drafts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handouts.composition.compiling import Sandbox, TemplatesOfThisProcess
from handouts.composition.environment import environment
from handouts.errors import InputError, Kind, errors_of
from handouts.press import Press
from handouts.records import Destination, Format
from handouts.resources import Resources
from tests.conftest import NOW, example_press, job


@pytest.fixture
def press() -> Press:
    return example_press()


def test_several_languages_make_several_sheets(press: Press, tmp_path: Path) -> None:
    made = press.make(job("microneedling-aftercare", "en", "es", "ar", "ES"), Destination(folder=tmp_path))
    assert [receipt.sheet.language for receipt in made.receipts] == ["en", "es", "ar"]
    assert sorted(tmp_path.iterdir()) == sorted(receipt.path for receipt in made.receipts)


def test_two_patients_sheets_never_cover_each_other(press: Press, tmp_path: Path) -> None:
    for name in ("Amina Example", "Berta Example"):
        press.make(job(patient_name=name), Destination(folder=tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    assert not any("Amina" in path.name or "Berta" in path.name for path in tmp_path.iterdir())


def test_without_a_language_the_patients_own_is_taken(press: Press, tmp_path: Path) -> None:
    wish = replace(job(patient_language="es"), languages=())
    assert press.make(wish, Destination(folder=tmp_path)).receipts[0].sheet.language == "es"
    nobody = replace(job(), languages=())
    assert press.make(nobody, Destination(folder=tmp_path)).receipts[0].sheet.language == "en"


def test_a_language_that_is_not_there_is_never_replaced(press: Press, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        press.make(replace(job(patient_language="tlh"), languages=()), Destination(folder=tmp_path / "out"))
    assert "patient-language-unknown" in [problem.code for problem in error.value.problems]
    assert not (tmp_path / "out").exists()


def test_a_records_language_without_sheets_is_the_one_that_the_clinic_names_and_is_told(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(f'{file.read_text()}\n[languages]\n"Mono kutuba" = "es"\ntlh = "ar"\nSpanish = "ar"\n')
    press = Press(Resources(clinic=clinic))
    for typed, tag in (("kutuba MONO", "es"), ("TLH", "ar")):
        prepared, told = press.check(replace(job(patient_language=typed), languages=()))
        (warning,) = [problem for problem in told if problem.code == "language-falls-back"]
        assert (prepared.languages, warning.severity, warning.path) == ((tag,), "warning", "patient.language")
        assert warning.values["language"] == tag
        assert prepared.checked.fell_back
        assert typed not in str(warning), "what a record says of a patient is not repeated"
    prepared, told = press.check(replace(job(patient_language="Spanish"), languages=()))
    assert (prepared.languages, prepared.checked.fell_back) == (("es",), False)
    assert ("language-has-sheets", "languages.Spanish") in [(problem.code, problem.path) for problem in told]
    with pytest.raises(InputError) as error:
        press.check(replace(job(patient_language="Klingonese"), languages=()))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["patient-language-unknown"]


def test_what_a_sheet_prints_in_any_language_is_read_for_a_sheet_in_another(press: Press) -> None:
    document = press.document("microneedling-aftercare", NOW.date())
    for tag in press.languages(document.id, NOW.date()):
        text = press.text(document.id, tag, NOW.date())
        (procedure,), (depth,) = text.treatments.values(), text.settings.values()
        wish = job(
            procedure=procedure.text.upper(),
            body_sites=[label.text for label in text.body_sites.values()],
            settings={depth.label.text: "1.5"},
        )
        treatment = press.check(wish)[0].checked.treatment
        named = (treatment.procedure, treatment.body_sites, treatment.settings[0].name)
        assert named == ("microneedling", tuple(document.body_sites), "needle_depth"), tag


def test_a_records_language_without_sheets_does_not_hinder_one_whose_language_is_asked_for(press: Press) -> None:
    prepared, told = press.check(job("microneedling-aftercare", "en", "es", patient_language="tlh"))
    assert prepared.languages == ("en", "es")
    assert [problem.values["language"] for problem in told if problem.code == "language-falls-back"] == ["en, es"]
    with pytest.raises(InputError) as error:
        press.check(job("microneedling-aftercare", "en", "auto", patient_language="tlh"))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["patient-language-unknown"]


@pytest.mark.parametrize(("typed", "tag"), [("es-MX", "es"), ("en-GB", "en"), ("en_gb", "en")])
def test_a_language_of_another_country_is_set_as_its_own_and_told(press: Press, typed: str, tag: str) -> None:
    (sheet,), told = press.compose(job("microneedling-aftercare", typed))
    assert sheet.language == tag
    warnings = [problem.values for problem in told if problem.code == "language-nearest"]
    assert warnings == [{"tag": typed, "language": tag}]


def test_one_bad_language_makes_no_sheet_at_all(press: Press, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        press.make(job("microneedling-aftercare", "en", "xx"), Destination(folder=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_every_ingredients_faults_are_told_at_once(clinic: Path, tmp_path: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('paper = "Letter"', 'papper = "Letter"'))
    (clinic / "library").mkdir()
    (clinic / "library" / "mine.md").write_text("no head")
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(
            job("mine", "qq", patient_name="", follow_up="soon"), Destination(folder=tmp_path / "out")
        )
    kinds = {problem.kind for problem in error.value.problems}
    assert kinds == {Kind.BRANDING, Kind.DOCUMENT, Kind.TREATMENT, Kind.TRANSLATION}


def test_a_draft_is_a_warning_and_strict_refuses_it(press: Press, tmp_path: Path) -> None:
    made = press.make(job("microneedling-aftercare", "es"), Destination(folder=tmp_path))
    assert {problem.code for problem in made.problems} == {"document-unreviewed", "translation-unreviewed"}
    with pytest.raises(InputError) as error:
        press.make(job("microneedling-aftercare", "es", strict=True), Destination(folder=tmp_path / "strict"))
    assert {problem.kind for problem in error.value.problems} == {Kind.REVIEW}
    assert error.value.exit_code == 10
    assert not (tmp_path / "strict").exists()


def test_a_review_that_is_overdue_is_told_and_printed(press: Press, tmp_path: Path) -> None:
    late = replace(job(form=Format.HTML), now=datetime(2027, 11, 22, 20, tzinfo=UTC))
    made = press.make(late, Destination(folder=tmp_path))
    assert "review-overdue" in {problem.code for problem in made.problems}
    assert "This text is past its review date." in made.receipts[0].path.read_text()


def test_an_approval_counts_for_its_version_only(clinic: Path, tmp_path: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('version = "1.1"', 'version = "0.9"'))
    made = Press(Resources(clinic=clinic)).make(job(form=Format.HTML), Destination(folder=tmp_path / "out"))
    assert "not-approved" in {problem.code for problem in made.problems}
    assert "This clinic has not approved this text yet." in made.receipts[0].path.read_text()


def test_a_clinics_own_document_is_found_before_the_shipped_one(clinic: Path, tmp_path: Path) -> None:
    shipped = Resources().find("library", "microneedling-aftercare.md")
    assert shipped is not None
    (clinic / "library").mkdir()
    own = shipped.read_text().replace("title: Your skin after microneedling", "title: Our own sheet")
    (clinic / "library" / "microneedling-aftercare.md").write_text(own)
    made = Press(Resources(clinic=clinic)).make(job(form=Format.HTML), Destination(folder=tmp_path / "out"))
    assert "<h1>Our own sheet</h1>" in made.receipts[0].path.read_text()


def test_a_file_is_written_whole_for_its_owner_only(press: Press, tmp_path: Path) -> None:
    (receipt,) = press.make(job(), Destination(folder=tmp_path)).receipts
    assert receipt.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [receipt.path.name]


def test_a_folder_that_cannot_be_is_told(press: Press, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError) as error:
        press.make(job(), Destination(folder=tmp_path / "file" / "out"))
    assert [(problem.code, problem.kind) for problem in error.value.problems] == [("cannot-write", Kind.DELIVERY)]


def test_patients_share_what_is_not_their_own(press: Press) -> None:
    """What was found once for a moment and a part of a document is the same object for all whom it concerns."""
    one, other = (press.check(job(patient_name=name))[0].sheets for name in ("Amina Example", "Berta Example"))
    assert one[0][0] is other[0][0]
    assert press.check(job(performed_on="2026-11-20 15:30"))[0].sheets[0][0].document is one[0][0].document
    elsewhere = press.check(job(body_sites=["around-eyes"]))[0].sheets[0][0]
    assert elsewhere.document != one[0][0].document


def test_moments_that_only_compare_equal_are_dated_apart(press: Press) -> None:
    """Python takes both passes of an hour that comes twice, and one moment in two zones, for the same."""
    summer, winter, universal = (
        press.check(job(performed_on=moment, time_zone=zone))[0].sheets[0][0].schedule.rows[0].moment or NOW
        for moment, zone in (
            ("2026-10-25 02:30+02:00", "Europe/Berlin"),
            ("2026-10-25 02:30+01:00", "Europe/Berlin"),
            ("2026-10-25 01:30", "UTC"),
        )
    )
    assert winter.astimezone(UTC) - summer.astimezone(UTC) == timedelta(hours=1)
    assert (universal.utcoffset(), winter.utcoffset()) == (timedelta(0), timedelta(hours=1))


def test_a_second_press_of_a_process_compiles_nothing_again_but_what_has_changed(
    clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = clinic / "templates" / "handout" / "own.html"
    template.parent.mkdir(parents=True)
    monkeypatch.setattr("handouts.composition.environment._IN_MEMORY", TemplatesOfThisProcess())
    generated: list[str | None] = []
    generate = Sandbox._generate  # noqa: SLF001 - what Jinja calls for each template that it compiles

    def counted(sandbox: Sandbox, source: Any, name: str | None, *rest: Any, **options: Any) -> str:
        generated.append(name)
        return generate(sandbox, source, name, *rest, **options)

    monkeypatch.setattr(Sandbox, "_generate", counted)

    def compiled_anew(text: str) -> set[str | None]:
        generated.clear()
        template.write_text(text)
        environment.cache_clear()
        jinja = environment(Resources(clinic=clinic))
        assert jinja.get_template("handout/own.html").render() == text
        jinja.get_template("handout/sheet.html")
        return {*generated}

    assert compiled_anew("one") >= {"handout/own.html", "handout/sheet.html"}
    assert compiled_anew("one") == set()
    assert compiled_anew("two") == {"handout/own.html"}


def test_templates_in_memory_are_bounded(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.composition.compiling._MOST", 2)
    kept, jinja = TemplatesOfThisProcess(), environment(Resources(clinic=clinic))
    buckets = [kept.get_bucket(jinja, name, None, name) for name in ("a", "b", "c")]
    for bucket in buckets:
        bucket.code = jinja.compile("text")
        kept.set_bucket(bucket)
    found = [kept.get_bucket(jinja, name, None, name).code for name in ("a", "b", "c")]
    assert [code is None for code in found] == [True, False, False]
