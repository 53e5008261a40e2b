"""Markdown with front matter -> Document, lines kept; Document + Treatment -> what of it applies."""

from handouts.documents.loading import load, parse
from handouts.documents.names import named
from handouts.documents.selection import select

__all__ = ["load", "named", "parse", "select"]
