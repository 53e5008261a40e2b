"""A Document -> the fingerprint of all that it prints and decides; a review -> a document's file that says so."""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from itertools import takewhile

from handouts.records import Document, Review, ReviewState
from handouts.resources import digest

_DIGITS = 16
_REVIEW = re.compile(r"""["']?review["']?\s*:""")
_NOT_ON_A_SHEET = frozenset(
    ("line", "comment", "source", "source_name", "sources", "notes_for_clinicians", "review", "row")
)
"""Where a text stands in its file, what is for those who write documents, and which periods share a row: their ids and
labels tell. Of the review, only `due` is printed."""


def fingerprint(document: Document) -> str:
    """Return 16 hex digits of the document's words, periods, conditions, settings, planner, order and review date.

    Who reviewed it is left out, since that is written once the text has been read. Spaces and line ends between words
    count only where they are printed.
    """
    content = {**_content(document), "due": document.review.due.isoformat()}
    return digest((json.dumps(content, ensure_ascii=False).encode(),))[:_DIGITS]


def review_state(document: Document) -> ReviewState:
    """Return whether the review that the document names still covers what the document says."""
    review = document.review
    if not review.by:
        return ReviewState.UNREVIEWED
    if not review.fingerprint:
        return ReviewState.UNSIGNED
    return ReviewState.REVIEWED if review.fingerprint == fingerprint(document) else ReviewState.OUTDATED


def _content(record: object) -> dict[str, object]:
    """Return a record's fields but for those at their default: a field that is new one day voids no signature."""
    assert is_dataclass(record), "documents are made of records"
    return {
        field.name: _plain(value)
        for field in fields(record)
        if field.name not in _NOT_ON_A_SHEET and (value := getattr(record, field.name)) != _default(field)
    }


def _default(field: Field[object]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _plain(value: object) -> object:
    if is_dataclass(value):
        return _content(value)
    if isinstance(value, Mapping):
        return [[key, _plain(entry)] for key, entry in value.items()]
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def signed(text: str, review: Review) -> str:
    """Return a document's text with this review in its front matter, in the place of the one that was there.

    `text` is a document that can be read; everything else of it stays as it stands, line ends too.
    """
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if _REVIEW.match(line)), 0)
    rest = takewhile(lambda line: not line.strip() or line[0] in " \t#", lines[start + 1 :])
    end = start + 1 + len(tuple(rest))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    eol = "\r" if lines[start].endswith("\r") else ""
    entries = {
        "by": review.by,
        "role": review.role,
        "on": review.on,
        "due": review.due,
        "fingerprint": review.fingerprint,
    }
    written = ("review:", *(f"  {key}: {_yaml(value)}" for key, value in entries.items() if value))
    return "\n".join((*lines[:start], *(f"{line}{eol}" for line in written), *lines[end:]))


def _yaml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
