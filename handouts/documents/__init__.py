"""Markdown with front matter -> Document, lines kept; Document + Treatment -> what of it applies."""

from handouts.documents.loading import load, parse
from handouts.documents.selection import select

__all__ = ["load", "parse", "select"]
