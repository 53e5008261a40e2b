"""A new document is valid as it stands, makes a sheet at once, shows each kind of block, and is of no field."""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handouts import documents
from handouts.catalogues import document_ids
from handouts.errors import ExitCode
from handouts.inspection.trials import Trial, trier
from handouts.records import Block, BlockKind
from handouts.resources import SHELVES, Resources
from tests.conftest import NOW, Ran

Command = Callable[..., Ran]


@pytest.fixture
def begun(clinic: Path, command: Command) -> Ran:
    ran = command("new-document", "first-visit", "--clinic", clinic)
    assert ran.code == 0, ran.err
    return ran


def kinds(blocks: tuple[Block, ...]) -> Iterator[BlockKind]:
    for block in blocks:
        yield block.kind
        yield from kinds(block.children)


@pytest.mark.usefixtures("begun")
def test_each_kind_of_block_is_in_it(clinic: Path) -> None:
    document = documents.load("first-visit", Resources(clinic=clinic), NOW.date())
    assert (document.title.text, document.review.due.isoformat()) == ("First visit", "2028-11-20")
    assert set(kinds(document.blocks)) == set(BlockKind)


@pytest.mark.usefixtures("begun")
def test_it_makes_a_sheet_at_once_and_check_finds_no_fault(clinic: Path) -> None:
    tried = trier(Resources(clinic=clinic), NOW)(Trial(document="first-visit", language="en"))
    assert {problem.code for problem in tried.problems} == {"document-unreviewed", "not-approved"}


def test_the_commands_that_it_names_are_run_as_they_are_printed(
    begun: Ran, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, check = (shlex.split(line)[1:] for line in begun.out.splitlines() if line.startswith("  handouts "))
    ran = command(*make, "--format", "html")
    assert (ran.code, "first-visit-en-sample" in ran.out) == (0, True), ran.err
    assert check == ["check", str(tmp_path / "clinic")]


@pytest.mark.parametrize("name", ["first-visit", "microneedling-bumps"])
@pytest.mark.usefixtures("begun")
def test_no_document_is_written_over_nor_a_shipped_one_covered(name: str, clinic: Path, command: Command) -> None:
    before = {path: path.read_text() for path in (clinic / "library").iterdir()}
    assert command("new-document", name, "--clinic", clinic).code == ExitCode.DOCUMENT
    assert {path: path.read_text() for path in (clinic / "library").iterdir()} == before


@pytest.mark.parametrize(("name", "guess"), [("First Visit", "first-visit"), ("../x", "x"), ("é", "patch-test")])
def test_a_name_that_can_be_none_is_told_one_that_can(name: str, guess: str, clinic: Path, command: Command) -> None:
    ran = command("new-document", name, "--clinic", clinic)
    assert (ran.code, f"such as {guess}." in ran.err) == (ExitCode.USAGE, True)


def test_its_text_is_of_no_field_of_medicine() -> None:
    text = (SHELVES["examples"] / "new-document" / "document.md").read_text().lower()
    shipped = [documents.load(identifier, Resources()) for identifier in document_ids(Resources())]
    ours = {word for document in shipped for word in (*document.treatments, *document.body_sites, *document.settings)}
    assert len(ours) > 5
    assert not [word for word in ours if word in text]
