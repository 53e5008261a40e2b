"""docs/review: what a reviewer of each language should look at first, and an answer to each finding."""

import re
from functools import cache
from pathlib import Path

import pytest

from handouts import catalogues, documents, quality
from handouts.inline import without_marks
from handouts.languages import known_tags, language
from handouts.records import messages
from handouts.resources import Resources
from tests.conftest import CHECKOUT

PAGES = CHECKOUT / "docs" / "review"
TRANSLATED = [tag for tag in known_tags() if tag != "en"]
PARTS = ("Who has read it", "Look at first", "Doubts", "Choices", "Warnings, back into English")
FINDINGS = 161
"""Rows of the readings of version 1.0: none goes without an answer by being taken out."""


def parts(page: Path) -> dict[str, str]:
    """Return what stands under each heading of a page."""
    pieces = re.split(r"^## (.+)$", page.read_text(), flags=re.MULTILINE)
    return {heading.strip(): text.strip() for heading, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def table(text: str) -> list[list[str]]:
    """Return the rows of the tables of a text, without their heads."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if "|" in line]
    return [row for row in rows[1:] if "---" not in row[0]]


@cache
def english() -> tuple[str, ...]:
    """Return every English text that is translated, without marks."""
    shipped = Resources()
    found = (messages(documents.load(name, shipped)) for name in catalogues.document_ids(shipped))
    labels = (label.text for label in catalogues.label_messages(shipped))
    return (*(without_marks(message.text) for document in found for message in document), *labels)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_each_language_has_its_page(tag: str) -> None:
    page = PAGES / f"{tag}.md"
    assert page.exists(), "docs/review/index.md has the form"
    assert page.read_text().startswith(f"# {language(tag).english_name}\n")
    found = parts(page)
    assert tuple(found) == PARTS
    assert [part for part, text in found.items() if not text] == []
    assert f"<!-- made: doubts {tag} -->" in found["Doubts"]
    for part, columns in (("Look at first", 4), ("Warnings, back into English", 2)):
        rows = table(found[part])
        assert rows, part
        assert [row for row in rows if len(row) != columns or not all(row)] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_each_doubt_is_about_a_text_that_stands(tag: str) -> None:
    doubts = quality.doubts(tag, Resources())
    assert doubts, f"locales/{tag.replace('-', '_')}/glossary.toml has no [[doubts]]"
    assert [each.text for each in doubts if not any(text.startswith(each.text) for text in english())] == []


SECTIONS = parts(PAGES / "answers.md")


@pytest.mark.parametrize("section", SECTIONS)
def test_each_finding_has_an_answer(section: str) -> None:
    rows = table(SECTIONS[section])
    assert [int(row[0].rpartition("-")[2]) for row in rows] == list(range(1, len(rows) + 1))
    assert [row[0] for row in rows if len(row[3].split()) < 2] == []


def test_no_finding_is_lost() -> None:
    assert sum(len(table(text)) for text in SECTIONS.values()) == FINDINGS
