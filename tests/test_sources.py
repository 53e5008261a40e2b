"""docs/explanation/sources.md: each statement of the seed articles is in a block that exists, or says why not."""

import pytest

from handouts import documents
from handouts.inline import without_marks
from handouts.records import messages
from handouts.resources import Resources
from tests.conftest import CHECKOUT


def rows() -> list[list[str]]:
    lines = (CHECKOUT / "docs" / "explanation" / "sources.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if row[0].isdigit()]


def test_the_table_is_whole() -> None:
    numbers = [int(row[0]) for row in rows()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 100


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_statement_is_carried_or_has_its_reason(row: list[str]) -> None:
    *_, document, block, note = row
    if document == "-":
        assert len(note) > 5, "not carried, and no reason why"
        return
    found = documents.load(document.strip("`"), Resources())
    texts = [f"{message.context}: {without_marks(message.text)}" for message in messages(found)]
    assert any(text.startswith(block) for text in texts), f"no block of {document} begins with {block}"
