"""docs/explanation/quality: documents are rated whole, ratings name blocks that exist, scores are their rows'."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from handouts import documents
from handouts.inline import without_marks
from handouts.records import messages
from handouts.resources import Resources
from tests.conftest import CHECKOUT

DOCUMENTS = sorted(path.stem for path in (CHECKOUT / "handouts" / "library").glob("*.md"))
FOLDER = CHECKOUT / "docs" / "explanation" / "quality"

# Each table of a file, and the items that it holds. Items 13 and 14 of the PEMAT are for sound and film.
TABLES = {
    "PEMAT-P, understandability": range(1, 20),
    "PEMAT-P, actionability": range(20, 27),
    "CDC Clear Communication Index": range(1, 21),
}
GOAL = 90
SCORE = re.compile(r"^Score: (\d+) of (\d+), (\d+\.\d) %$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    item: str
    asks: str
    answer: str
    where: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]
    scores: tuple[tuple[str, str, str], ...]

    @property
    def agreed(self) -> int:
        return sum(row.answer == "agree" for row in self.rows)

    @property
    def applicable(self) -> int:
        return sum(row.answer != "not applicable" for row in self.rows)


def rows(section: str) -> Iterator[Row]:
    for line in section.splitlines():
        if line.startswith("|"):
            item, asks, answer, where = (cell.strip() for cell in line.strip().strip("|").split("|"))
            if item.isdigit():
                yield Row(item, asks, answer, tuple(part.strip() for part in where.split("<br>")))


@cache
def tables(document: str) -> dict[str, Table]:
    sections = (FOLDER / f"{document}.md").read_text().split("\n## ")[1:]
    named = dict(section.split("\n", 1) for section in sections)
    return {name: Table(tuple(rows(text)), tuple(SCORE.findall(text))) for name, text in named.items()}


@cache
def blocks(document: str) -> tuple[str, ...]:
    found = documents.load(document, Resources())
    return tuple(f"{message.context}: {without_marks(message.text)}" for message in messages(found))


def test_each_document_has_its_file_and_no_other_is_there() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == DOCUMENTS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_item_is_answered_once(document: str) -> None:
    assert list(tables(document)) == list(TABLES)
    for name, items in TABLES.items():
        assert [row.item for row in tables(document)[name].rows] == [str(item) for item in items]
        assert {row.answer for row in tables(document)[name].rows} <= {"agree", "disagree", "not applicable"}
        assert all(row.asks for row in tables(document)[name].rows)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_an_item_names_a_block_that_exists_or_its_reason(document: str, name: str) -> None:
    for row in tables(document)[name].rows:
        if row.answer != "agree":
            assert [part.startswith("reason: ") for part in row.where] == [True], f"item {row.item}: no reason"
            continue
        for part in row.where:
            context, _, text = part.partition(": ")
            assert text, f"item {row.item}: names nothing"
            if context != "sheet":
                assert any(block.startswith(part) for block in blocks(document)), f"item {row.item}: no block {part}"


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_score_is_that_of_the_rows(document: str, name: str) -> None:
    table = tables(document)[name]
    share = f"{100 * table.agreed / table.applicable:.1f}"
    assert table.scores == ((str(table.agreed), str(table.applicable), share),)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_score_reaches_the_goal(document: str, name: str) -> None:
    table = tables(document)[name]
    unmet = [row.item for row in table.rows if row.answer == "disagree"]
    assert 100 * table.agreed >= GOAL * table.applicable, f"unmet items: {', '.join(unmet)}"
