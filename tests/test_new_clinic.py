"""A new clinic says nothing yet: its gaps are told, its sheets are samples, and nobody else's name is in it."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from handouts.branding import bears_the_examples_name
from handouts.errors import ExitCode, errors_of
from handouts.inspection import inspect
from handouts.press import Press
from handouts.resources import SHELVES, Resources
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran, job, renamed
from tests.verapdf import validate

DOCUMENT = "microneedling-aftercare"
Command = Callable[..., Ran]
GAPS = ["name", "address", "country", "time_zone", "paper", "contact.telephone", "emergency.number"]
FILLED = {
    'name = ""': 'name = "Harley Derma"',
    "address = []": 'address = ["1 Harley Street", "London W1G 9QD"]',
    'country = ""': 'country = "GB"',
    'time_zone = ""': 'time_zone = "Europe/London"',
    'paper = ""': 'paper = "A4"',
    'telephone = ""': 'telephone = "+442079460123"',
    'number = ""': 'number = "999"',
}
EXAMPLES_OWN = ("Lumen", "لومن", "流明", "Example Board", "Junta", "0000", "A. Example", "Harbor", "911")


@pytest.fixture
def new(tmp_path: Path, command: Command) -> Path:
    """Return a new clinic's folder, as the command leaves it."""
    folder = tmp_path / "Clínica São Paulo"
    assert command("new-clinic", folder).code == 0
    return folder


def fill_in(folder: Path, **others: str) -> None:
    file = folder / "clinic.toml"
    text = file.read_text()
    for empty, value in FILLED.items():
        assert text.count(f"\n{empty}") == 1
        text = text.replace(f"\n{empty}", f"\n{others.get(empty.partition(' ')[0], value)}")
    file.write_text(text)


def make(command: Command, clinic: Path, to: Path, *arguments: str | Path) -> Ran:
    return command("make", DOCUMENT, "--clinic", clinic, "--patient", "Ana Example", "--to", to, *arguments)


def test_a_new_clinic_holds_nothing_of_the_example(new: Path) -> None:
    assert sorted(path.name for path in new.iterdir()) == ["clinic.toml", "library", "locales", "templates"]
    said = re.sub("(?m) *# .*", "", (new / "clinic.toml").read_text())
    assert not [word for word in EXAMPLES_OWN if word in said]
    assert "approvals" not in said
    assert "waiting_periods" not in said
    for line in said.splitlines():
        if "=" in line:
            assert re.search(r'= (""|\[\]|"en"|"#0b5c6b")$', line), line


def test_every_line_of_a_new_clinic_says_what_goes_there(new: Path) -> None:
    lines = [line for line in (new / "clinic.toml").read_text().splitlines() if re.match(r"\w+ = ", line)]
    assert len(lines) == 16
    assert [line for line in lines if not re.search(r" # .{5}", line)] == []


def test_check_lists_every_gap_with_its_line_and_make_refuses_the_sheet(
    new: Path, command: Command, tmp_path: Path
) -> None:
    ran = command("check", new, "--json")
    assert ran.code == ExitCode.BRANDING
    found = [problem for problem in json.loads(ran.out)["problems"] if problem["severity"] == "error"]
    assert [problem["path"] for problem in found] == GAPS
    lines = (new / "clinic.toml").read_text().splitlines()
    for problem in found:
        assert lines[problem["line"] - 1].startswith(problem["path"].rpartition(".")[2])
    assert make(command, new, tmp_path / "out").code == ExitCode.BRANDING
    assert not (tmp_path / "out").exists()


def test_gaps_are_told_first_then_files_of_no_use_and_nothing_is_typeset_or_measured(new: Path) -> None:
    catalogue = new / "locales" / "es" / "LC_MESSAGES" / f"{DOCUMENT}.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgctxt "title"\nmsgid "Your skin after microneedling"\nmsgstr "Su piel 7"\n')
    (new / "locales" / "languages.toml").write_text("[sw]\n")
    (new / "locales" / "sw" / "LC_MESSAGES").mkdir(parents=True)
    for name in ("sw/LC_MESSAGES/handouts.po", "es/LC_MESSAGES/another.po"):
        (new / "locales" / name).write_text("")
    found = inspect(new, NOW, lambda *_: None)
    assert {(problem.code, problem.source) for problem in found.problems if problem.source.startswith("locales")} >= {
        ("languages-not-read", "locales/languages.toml"),
        ("language-not-shipped", "locales/sw"),
        ("catalogue-unused", "locales/es/LC_MESSAGES/another.po"),
    }
    assert [problem.path for problem in found.problems[: len(GAPS)]] == GAPS
    assert found.quality == ()
    assert [problem.code for problem in found.problems if problem.source == "clinic.toml"][-1] == "sheets-not-tried"
    faulty = {problem.source for problem in errors_of(found.problems[len(GAPS) :])}
    assert faulty == {f"locales/es/LC_MESSAGES/{DOCUMENT}.po"}


def test_the_commands_that_new_clinic_names_run_as_they_are_printed(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command("new-clinic", "Clínica $HOME 'São' Paulo").out
    check, made = (shlex.split(line)[1:] for line in said.splitlines() if line.startswith("  handouts "))
    assert check == ["check", "Clínica $HOME 'São' Paulo"]
    assert command(*made).code == 0
    assert len(list((tmp_path / "out").glob("*-sample-*.pdf"))) == 1
    assert command("new-clinic", "Clínica $HOME 'São' Paulo").code == ExitCode.DELIVERY


def test_a_clinic_that_is_filled_in_makes_a_sheet_without_a_logo(new: Path, command: Command, tmp_path: Path) -> None:
    fill_in(new)
    for language in ("en", "ar"):
        ran = make(command, new, tmp_path / "out", "--format", "html", "--language", language)
        assert ran.code == 0
        html = Path(ran.out.strip()).read_text()
        assert '<p class="wordmark"' in html
        assert html.count("Harley Derma") >= 2
        assert "020 7946 0123" in html
        assert "This is a sample" not in html
        body = re.sub(r"(?s)<style>.*?</style>|data:[^\")]*|\b[0-9a-f]{8}\b", "", html)  # nor the fingerprint
        assert not [word for word in EXAMPLES_OWN if word in body]
    ran = make(command, new, tmp_path / "out")
    assert Path(ran.out.strip()).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("language", "size"), [("en", "standard"), ("ar", "standard"), ("zh-Hans", "large"), ("de+en", "standard")]
)
def test_a_sample_says_so_to_the_eye_and_to_the_ear(
    language: str, size: str, new: Path, command: Command, tmp_path: Path
) -> None:
    ran = make(command, new, tmp_path / "out", "--sample", "--language", language, "--print-size", size)
    assert ran.code == 0
    path = Path(ran.out.strip())
    assert "-sample-" in path.name
    opened = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range() for page in opened]
    opened.close()
    assert all("SAMPLE" in page for page in pages)
    assert "This is a sample. Do not give it to a patient." in " ".join(pages[0].split())
    assert validate([path]) == {path: ()}


def test_a_sample_as_html_says_so_too(new: Path, command: Command, tmp_path: Path) -> None:
    ran = make(command, new, tmp_path / "out", "--sample", "--language", "es", "--format", "html")
    html = Path(ran.out.strip()).read_text()
    assert "Esto es una muestra. No la entregue a ningún paciente." in html
    assert "This is a sample. Do not give it to a patient." in html
    assert "Name of the clinic" in html


def test_a_sample_keeps_what_the_clinic_has_said(new: Path, command: Command, tmp_path: Path) -> None:
    file = new / "clinic.toml"
    for empty in ('name = ""', 'country = ""'):
        file.write_text(file.read_text().replace(f"\n{empty}", f"\n{FILLED[empty]}"))
    html = Path(make(command, new, tmp_path / "out", "--sample", "--format", "html").out.strip()).read_text()
    assert "Harley Derma" in html
    assert "Name of the clinic" not in html
    assert re.search(r"Call <[^>]+>(999|112)<", html), "the emergency number of the country that is given"


def test_a_fault_is_refused_in_a_sample_too(new: Path, command: Command, tmp_path: Path) -> None:
    file = new / "clinic.toml"
    file.write_text(file.read_text().replace('telephone = ""', 'telephone = "555-0100"'))
    assert make(command, new, tmp_path / "out", "--sample").code == ExitCode.BRANDING


@pytest.mark.parametrize("way", [("--email", "--patient-email", "ana@example.org"), ("--ledger", "ledger.jsonl")])
def test_a_sample_is_neither_emailed_nor_kept_in_a_ledger(
    way: tuple[str, ...], new: Path, command: Command, tmp_path: Path
) -> None:
    ran = make(command, new, tmp_path / "out", "--sample", *way)
    assert ran.code == ExitCode.USAGE
    assert not (tmp_path / "out").exists()


def test_a_sample_that_lies_in_a_folder_is_not_emailed_either(command: Command, tmp_path: Path) -> None:
    sheet = make(command, EXAMPLE_CLINIC, tmp_path / "out", "--sample").out.strip()
    ran = command(
        *("email", sheet, "--clinic", EXAMPLE_CLINIC, "--address", "ana@example.org", "--json"),
        *("--outbox", tmp_path / "outbox"),
    )
    assert ran.code == ExitCode.DELIVERY
    assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == ["sheet-is-sample"]
    assert not (tmp_path / "outbox" / "new").exists() or not list((tmp_path / "outbox" / "new").iterdir())


def test_a_template_that_leaves_the_samples_notice_out_is_refused(new: Path, command: Command, tmp_path: Path) -> None:
    (new / "templates" / "handout").mkdir()
    shipped = (SHELVES["templates"] / "handout" / "sheet.html").read_text()
    assert "parts.sample_notice()" in shipped
    (new / "templates" / "handout" / "sheet.html").write_text(shipped.replace("{{ parts.sample_notice() }}", ""))
    ran = make(command, new, tmp_path / "out", "--sample")
    assert ran.code == ExitCode.TEMPLATE
    assert not (tmp_path / "out").exists()


CASE = {
    'name = "Lumen Skin Clinic"': 'name = "Harley Derma"',
    'address = ["120 Harbor Street, Suite 4", "Springfield, NY 10000"]': 'address = ["1 Harley Street"]',
    'telephone = "+12125550142"': 'telephone = "+12125550123"',
    'out_of_hours = "+12125550187"': 'out_of_hours = "+12125550124"',
}


def test_a_folder_begun_from_the_example_is_refused_until_all_of_it_is_changed(
    clinic: Path, command: Command, tmp_path: Path
) -> None:
    file = clinic / "clinic.toml"
    text = file.read_text()
    for theirs, ours in CASE.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    file.write_text(text)
    ran = make(command, clinic, tmp_path / "out", "--language", "ar", "--json")
    assert ran.code == ExitCode.BRANDING
    assert {(problem["code"], problem["path"]) for problem in json.loads(ran.out)["problems"]} >= {
        ("still-the-examples", path)
        for path in (
            *("regulator", "contact.email", "contact.website", "approvals[0].by", "logo", "texts.es.regulator"),
            *("texts.ar.name", "texts.ar.regulator", "texts.zh-Hans.name", "texts.zh-Hans.regulator"),
        )
    }
    assert not (tmp_path / "out").exists()


def test_an_approval_of_the_example_is_nothing_to_a_clinic_of_another_name(clinic: Path) -> None:
    renamed(clinic, "Tidewater Skin Clinic")
    assert "approval-outdated" in {problem.code for problem in Press(Resources(clinic=clinic)).check(job())[1]}


def test_a_copy_may_not_be_called_like_the_example_without_a_word(clinic: Path) -> None:
    assert bears_the_examples_name(clinic, "Lumen Skin Clinic")
    assert not bears_the_examples_name(clinic, "Tidewater Skin Clinic")
    assert not bears_the_examples_name(EXAMPLE_CLINIC, "Lumen Skin Clinic")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("", 2, "FOLDER must be a name"),
        ("  ", 2, "FOLDER must be a name"),
        ("a\nb", 2, "FOLDER must be a name"),
        ("/", 9, "not empty"),
        ("/dev/null", 9, "Not a directory"),
    ],
)
def test_a_name_that_can_be_no_new_folder_is_told(command: Command, name: str, code: int, said: str) -> None:
    ran = command("new-clinic", name)
    assert (ran.code, said in ran.err) == (code, True), ran.err
