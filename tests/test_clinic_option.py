"""Which clinic a command works for: --clinic, else HANDOUTS_CLINIC, else the folder somebody works in; never two."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE_CLINIC, Ran

Command = Callable[..., Ran]
PATIENT = ("--patient", "Ana Example", "--format", "html")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Return a second clinic's folder, told from the example's by its hours."""
    folder = Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path / "other"))
    file = folder / "clinic.toml"
    file.write_text(file.read_text().replace("monday-friday =", "tuesday ="))
    return folder


def made_by(ran: Ran) -> str:
    """Return which clinic's hours stand on the sheet that a command has made."""
    assert ran.code == 0, ran.err
    found = re.search("Monday to Friday:|Tuesday:", Path(ran.out.strip()).read_text())
    assert found
    return found[0]


def test_the_variable_names_the_clinic(
    command: Command, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_CLINIC", str(other))
    given = ("make", "microneedling-aftercare", *PATIENT, "--to", tmp_path / "out")
    assert made_by(command(*given)) == "Tuesday:"
    assert made_by(command(*given, "--clinic", EXAMPLE_CLINIC)) == "Monday to Friday:"


def test_the_folder_one_works_in_is_the_clinic(
    command: Command, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other)
    assert made_by(command("make", "microneedling-aftercare", *PATIENT, "--to", tmp_path / "out")) == "Tuesday:"
    (other / "library").mkdir()
    (other / "library" / "own.md").write_text("---\nid: own\n---\n")
    assert "own.md" in command("list").err
    assert "own.md" in command("translate", "status").err


def test_two_clinics_are_none(command: Command, other: Path, clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CLINIC", str(clinic))
    monkeypatch.chdir(other)
    ran = command("make", "microneedling-aftercare", *PATIENT)
    assert ran.code == 2
    assert "HANDOUTS_CLINIC names another" in ran.err
    monkeypatch.setenv("HANDOUTS_CLINIC", str(other))
    assert command("list").code == 0


@pytest.mark.parametrize("words", [("make", "microneedling-aftercare"), ("batch", "t.csv"), ("email", "x.pdf")])
def test_no_clinic_is_told_with_the_three_ways_to_name_one(
    words: tuple[str, ...], command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("Name,DOS\nAna Example,2026-11-21 15:00\n")
    ran = command(*words, *(("--address", "ana@example.org") if words[0] == "email" else ()))
    assert ran.code == 2
    for way in ("--clinic FOLDER", "HANDOUTS_CLINIC", "work in the folder itself"):
        assert way in ran.err


@pytest.mark.parametrize("named", ["nowhere", ""])
def test_a_folder_that_is_no_clinics_is_told_and_nothing_else_is_taken(
    named: str, command: Command, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other)
    ran = command("make", "microneedling-aftercare", *PATIENT, "--clinic", named, "--json")
    assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == ["no-clinic"]
