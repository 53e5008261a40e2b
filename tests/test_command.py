"""The command line as its user meets it: every command and option documented, fixed exit codes, JSON for programs."""

import gc
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from handouts import catalogues
from handouts.errors import ExitCode
from handouts.interfaces.command import cli
from handouts.resources import Resources
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, EXAMPLE_TREATMENT, Ran

Command = Callable[..., Ran]


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield (*path, name), found
            if isinstance(found, click.Group):
                yield from commands(found, (*path, name))


EVERY_COMMAND = tuple(commands())


@pytest.mark.parametrize(("path", "found"), EVERY_COMMAND, ids=[" ".join(path) for path, _ in EVERY_COMMAND])
def test_a_command_has_help_with_an_example(path: tuple[str, ...], found: click.Command) -> None:
    assert "Example:" in found.get_help(click.Context(found, info_name=" ".join(path)))
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name} has no help"


def make(command: Command, *arguments: str | Path) -> Ran:
    return command("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, *arguments)


def test_make_prints_the_path_of_each_sheet(command: Command, tmp_path: Path) -> None:
    ran = make(command, "--treatment", EXAMPLE_TREATMENT, "--language", "en", "--language", "ar", "--to", tmp_path)
    assert ran.code == 0
    paths = [Path(line) for line in ran.out.splitlines()]
    assert [path.name.split("-")[2] for path in paths] == ["en", "ar"]
    assert all(path.read_bytes().startswith(b"%PDF-1.7") for path in paths)


def test_options_win_over_the_file(command: Command, tmp_path: Path) -> None:
    arguments = ("--treatment", EXAMPLE_TREATMENT, "--patient", "Berta Example", "--format", "html", "--to", tmp_path)
    path = Path(make(command, *arguments).out.strip())
    text = path.read_text()
    assert "Berta Example" in text
    assert "Amina Example" not in text
    assert "LSC-00417" in text


@pytest.mark.parametrize(
    "text", ['{"patient": {"name": "Amina"}}', '[patient]\nname = "Amina"\n'], ids=["JSON", "TOML"]
)
def test_make_reads_standard_input(tmp_path: Path, text: str) -> None:
    ran = subprocess.run(
        [
            *(sys.executable, CHECKOUT / "generate.py", "make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC),
            *("--treatment", "-", "--format", "html", "--to", tmp_path, "--json"),
        ],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    (sheet,) = json.loads(ran.stdout)["sheets"]
    assert "Amina" in Path(sheet["path"]).read_text()


def test_make_answers_in_json(command: Command, tmp_path: Path) -> None:
    ran = make(command, "--treatment", EXAMPLE_TREATMENT, "--to", tmp_path, "--json")
    answer = json.loads(ran.out)
    (sheet,) = answer["sheets"]
    assert (sheet["document"], sheet["version"], sheet["language"], sheet["pages"]) == (
        "microneedling-aftercare",
        "1.1",
        "en",
        2,
    )
    assert [problem["code"] for problem in answer["problems"]] == ["document-unreviewed"]


def test_problems_are_told_in_json_too(command: Command, tmp_path: Path) -> None:
    ran = make(command, "--patient", "", "--to", tmp_path, "--json")
    assert ran.code == ExitCode.TREATMENT
    (problem,) = [found for found in json.loads(ran.out)["problems"] if found["severity"] == "error"]
    assert (problem["code"], problem["path"], problem["exit_code"]) == ("empty-value", "patient.name", 4)


def test_large_print_is_another_file(command: Command, tmp_path: Path) -> None:
    ran = make(command, "--treatment", EXAMPLE_TREATMENT, "--print-size", "large", "--paper", "A4", "--to", tmp_path)
    assert "-large-" in ran.out


def test_a_misspelt_command_is_told_its_nearest(command: Command) -> None:
    ran = command("mkae")
    assert ran.code == ExitCode.USAGE
    assert "Did you mean “make”?" in ran.err


def test_list_tells_documents_and_languages(command: Command) -> None:
    rows = json.loads(command("list", "--json").out)
    assert [row["id"] for row in rows] == list(catalogues.document_ids(Resources()))
    assert all({"en", "es", "ar", "zh-Hans"} <= set(row["languages"]) for row in rows)
    assert "microneedling-aftercare 1.1: Your skin after microneedling" in command("list").out


def test_show_tells_text_periods_and_sources(command: Command) -> None:
    text = command("show", "microneedling-aftercare").out
    for words in ("Wash your hands before you touch your skin.", "make-up: Make-up, 48 hours", "Notes for clinicians"):
        assert words in text
    spanish = json.loads(command("show", "microneedling-aftercare", "--language", "es", "--json").out)
    assert spanish["language"] == "es"
    assert spanish["review"]["translation"] == "unreviewed"
    assert [period["id"] for period in spanish["waiting_periods"]][:2] == ["own-products", "make-up"]


@pytest.mark.usefixtures("few_languages")
def test_check_finds_what_is_wrong_everywhere_at_once(command: Command, clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('primary = "#0b5c6b"', 'primary = "#7fd6e4"'))
    for name, text in (
        ("library/mine.md", "---\nid: mine\n---\n"),
        ("templates/handout/parts.html", "{% macro x %}"),
        ("templates/email/message.txt", "Please read it."),
        ("locales/es/LC_MESSAGES/nothing.po", 'msgid ""\nmsgstr ""\n'),
    ):
        (clinic / name).parent.mkdir(parents=True, exist_ok=True)
        (clinic / name).write_text(text)
    ran = command("check", clinic, "--json")
    found = {problem["code"] for problem in json.loads(ran.out)["problems"]}
    assert {"missing-entry", "template-syntax", "mail-loses", "catalogue-unused", "low-contrast"} <= found
    assert {"document-unreviewed", "example-clinic"} <= found
    assert ran.code != 0


def test_a_command_leaves_the_garbage_collector_as_it_was(command: Command, tmp_path: Path) -> None:
    given = ("--clinic", EXAMPLE_CLINIC, "--treatment", EXAMPLE_TREATMENT, "--format", "html", "--to", tmp_path)
    assert command("make", "microneedling-aftercare", *given).code == 0
    assert gc.isenabled()


def test_doctor_finds_nothing_missing_here(command: Command) -> None:
    ran = command("doctor", "--json")
    assert ran.code == 0
    subjects = {finding["subject"]: finding for finding in json.loads(ran.out)}
    assert subjects["fonts for Arabic (ar)"]["good"]
    assert subjects["Pango"]["good"]
    said = command("doctor").out
    assert "✓ weasyprint: 70" in said
    for package in ("resvg-py", "pypdfium2", "numpy"):
        assert f"✓ {package}: {version(package)}\n" in said


def test_translate_update_and_status(command: Command, clinic: Path) -> None:
    own = clinic / "locales/es/LC_MESSAGES/handouts.po"
    assert "Nothing is missing" in command("translate", "update", "es", "--clinic", clinic).out
    assert not own.exists()
    template = clinic / "templates/handout/sheet.html"
    template.parent.mkdir(parents=True)
    page = (
        '{% extends "@shipped/handout/sheet.html" %}{% block about %}{{ super() }}{{ _("Our street") }}{% endblock %}'
    )
    template.write_text(page)
    ran = command("translate", "update", "es", "--clinic", clinic)
    assert ran.out == f"{own}\n"
    assert re.findall(r"^msgid .+", own.read_text(), re.MULTILINE) == ['msgid ""', 'msgid "Our street"']
    own.write_text(
        own.read_text().replace('msgid "Our street"\nmsgstr ""', 'msgid "Our street"\nmsgstr "Nuestra calle"')
    )
    assert command("translate", "update", "es", "--clinic", clinic).out == f"{own}\n"
    assert 'msgstr "Nuestra calle"' in own.read_text()
    assert command("translate", "update", "es", "--document", "handout", "--clinic", clinic).code == ExitCode.DOCUMENT
    rows = json.loads(command("translate", "status", "--clinic", clinic, "--json").out)
    assert {row["missing"] for row in rows if row["language"] == "es"} == {0}
    assert "complete" in command("translate", "status").out
    assert command("translate", "extract", "--clinic", clinic).out.startswith(str(clinic / "locales/handouts.pot"))
    assert "unknown" not in command("translate", "update", "klingon", "--clinic", clinic).out


@pytest.mark.parametrize("kind", ["clinic", "document"])
def test_the_schema_in_docs_is_the_one_in_force(command: Command, kind: str) -> None:
    assert json.loads(command("schema", kind).out) == json.loads(
        (CHECKOUT / "docs" / "schemas" / f"{kind}.schema.json").read_text()
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_teaches_the_shell(command: Command, shell: str) -> None:
    assert "_HANDOUTS_COMPLETE" in command("completion", shell).out


def test_our_own_fault_shows_a_traceback(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("handouts.press.Press.make", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        make(command, "--treatment", EXAMPLE_TREATMENT, "--to", tmp_path)
