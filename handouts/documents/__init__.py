"""Markdown with front matter -> Document, lines kept; Document + Treatment -> what of it applies."""

from handouts.documents.front_matter import IDENTIFIER_PATTERN, FrontMatter
from handouts.documents.loading import load, parse, unknown_document
from handouts.documents.names import Names
from handouts.documents.selection import Meanings, Verdict, arranged, assumed, knows, selected, verdicts
from handouts.documents.signature import fingerprint, review_state, signed

__all__ = [
    "IDENTIFIER_PATTERN",
    "FrontMatter",
    "Meanings",
    "Names",
    "Verdict",
    "arranged",
    "assumed",
    "fingerprint",
    "knows",
    "load",
    "parse",
    "review_state",
    "selected",
    "signed",
    "unknown_document",
    "verdicts",
]
