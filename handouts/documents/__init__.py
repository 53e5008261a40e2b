"""Markdown with front matter -> Document, lines kept; Document + Treatment -> what of it applies."""

from handouts.documents.front_matter import FrontMatter
from handouts.documents.loading import load, parse, unknown_document
from handouts.documents.names import named
from handouts.documents.selection import assumed, select
from handouts.documents.signature import fingerprint, review_state, signed

__all__ = [
    "FrontMatter",
    "assumed",
    "fingerprint",
    "load",
    "named",
    "parse",
    "review_state",
    "select",
    "signed",
    "unknown_document",
]
