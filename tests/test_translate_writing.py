"""What `translate` writes: files of the folder that was named, each whole, and nothing behind a planted link."""

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE_TREATMENT, Ran

DOCUMENT = "microneedling-aftercare"
REVIEW = ("translate", "review", DOCUMENT, "es", "--by", "R. Example", "--role", "interpreter")
Run = Callable[..., Ran]


@pytest.mark.parametrize(
    ("link", "arguments"),
    [
        ("locales", ("translate", "extract")),
        ("locales/handouts.pot", ("translate", "extract")),
        (f"locales/{DOCUMENT}.pot", ("translate", "extract")),
        ("locales/es", ("translate", "update", "es")),
        (f"locales/es/LC_MESSAGES/{DOCUMENT}.po", ("translate", "update", "es")),
        (f"locales/es/LC_MESSAGES/{DOCUMENT}.po", REVIEW),
    ],
)
@pytest.mark.parametrize("target", ["there", "not-there"])
def test_nothing_is_written_through_a_link(
    command: Run, clinic: Path, tmp_path: Path, link: str, arguments: tuple[str, ...], target: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    is_folder = link in ("locales", "locales/es")
    if target == "there":
        (outside / target).mkdir() if is_folder else (outside / target).write_text("keep")
    before = sorted(outside.rglob("*"))
    place = clinic / link
    if place.is_dir():
        place.rename(tmp_path / "aside")
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside / target)
    ours = {path: path.read_bytes() for path in clinic.rglob("*") if path.is_file() and not path.is_symlink()}
    ran = command(*arguments, "--clinic", clinic)
    assert (ran.code, "leads out of the clinic's folder" in ran.err) == (6, True), ran.err
    assert sorted(outside.rglob("*")) == before
    assert all(path.read_text() == "keep" for path in before if path.is_file())
    assert ours == {path: path.read_bytes() for path in clinic.rglob("*") if path.is_file() and not path.is_symlink()}


@pytest.mark.parametrize("command_name", ["extract", "status"])
def test_a_template_that_cannot_be_read_is_told_with_its_line(command: Run, clinic: Path, command_name: str) -> None:
    (clinic / "templates" / "email").mkdir(parents=True)
    (clinic / "templates" / "email" / "message.html").write_text("\n{% if ")
    ran = command("translate", command_name, "--clinic", clinic)
    assert (ran.code, "templates/email/message.html, line 2" in ran.err) == (7, True), ran.err


SHELF_CODES = {"library": 5, "templates": 7, "locales": 6}


@pytest.mark.parametrize("shelf", SHELF_CODES)
def test_a_shelf_that_is_a_link_to_the_outside_is_told(command: Run, clinic: Path, tmp_path: Path, shelf: str) -> None:
    name = {"library": f"{DOCUMENT}.md", "templates": "handout/sheet.html", "locales": f"es/LC_MESSAGES/{DOCUMENT}.po"}
    outside = tmp_path / "outside" / name[shelf]
    outside.parent.mkdir(parents=True)
    outside.write_text("secret")
    (clinic / shelf).symlink_to(tmp_path / "outside")
    ran = command("make", DOCUMENT, "--clinic", clinic, "--treatment", EXAMPLE_TREATMENT, "--language", "es")
    assert (ran.code, "leads out of the clinic's folder" in ran.err) == (SHELF_CODES[shelf], True), ran.err


def test_a_pack_is_not_written_through_a_link(command: Run, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / f"{DOCUMENT}.es.po").symlink_to(tmp_path / "victim")
    ran = command("translate", "pack", DOCUMENT, "es", "--to", tmp_path / "pack")
    assert ran.code == 6
    assert not (tmp_path / "victim").exists()


def test_a_full_disk_leaves_the_catalogue_as_it_was(command: Run, clinic: Path) -> None:
    assert command(*REVIEW, "--clinic", clinic).code == 0
    path = clinic / "locales" / "es" / "LC_MESSAGES" / f"{DOCUMENT}.po"
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        ran = command(*REVIEW, "--on", "2026-11-20", "--clinic", clinic)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (ran.code, "Nothing can be written here" in ran.err) == (9, True)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]
