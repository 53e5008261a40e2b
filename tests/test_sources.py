"""docs/explanation/sources.md: each statement of the seed articles is said by the block it names, or says why not."""

import re

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


def plain_words() -> dict[str, tuple[str, ...]]:
    """Return the table of words: how a word of a statement begins, and what a block may say for it."""
    text = (CHECKOUT / "docs" / "explanation" / "sources.md").read_text()
    found = re.findall(r"^\| `([^`|]+)` \| ([^|]+) \|$", text, re.MULTILINE)
    return {word: tuple(said.strip().split(", ")) for word, said in found}


def unsaid(statement: str, block: str) -> list[str]:
    """Return the words of a statement that a block says in none of their ways.

    A word in bold is to stand in the block as it is; one of the table may stand there in other words.
    """
    bold = [word for word in re.findall(r"\*\*(.+?)\*\*", statement) if not begins(word, block)]
    promised = {word: said for word, said in plain_words().items() if begins(word, statement)}
    return bold + [word for word, said in promised.items() if not any(begins(one, block) for one in said)]


def begins(word: str, text: str) -> bool:
    """Return whether a word of the text begins so."""
    return re.search(rf"(?<!\w){re.escape(word)}", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_statement_is_carried_or_has_its_reason(row: list[str]) -> None:
    *_, statement, document, blocks, note = row
    if document == "-":
        assert len(note) > 5, "not carried, and no reason why"
        return
    found = documents.load(document.strip("`"), Resources())
    texts = [f"{message.context}: {without_marks(message.text)}" for message in messages(found)]
    cited = [[text for text in texts if text.startswith(block)] for block in blocks.split("<br>")]
    assert all(cited), f"no block of {document} begins with {blocks}"
    said = " ".join(text for block in cited for text in block)
    assert unsaid(statement, said) == [], f"{said!r} does not say it"


@pytest.mark.parametrize(
    ("statement", "block", "missing"),
    [
        (
            "Oil together with bacteria can form pimples.",
            "item: Pimples are blocked pores that are sore.",
            ["bacteria", "oil"],
        ),
        ("Oil together with bacteria can form pimples.", "item: Oil and germs can get stuck and form pimples.", []),
        (
            "Poor cleaning of the area can contribute.",
            "item: We clean your skin well and kill the germs.",
            ["contribut"],
        ),
        ("Poor cleaning of the area can contribute.", "answer: If skin is not clean, germs can get in.", []),
        ("It stays **two weeks**.", "item: It lasts for weeks.", ["two weeks"]),
    ],
)
def test_a_block_that_does_not_say_it_is_seen(statement: str, block: str, missing: list[str]) -> None:
    assert unsaid(statement, block) == missing
