"""Markdown with front matter -> Document: blocks with their meaning, lines kept; Document + Treatment -> what applies."""

from handouts.documents.loading import load, parse
from handouts.documents.selection import select

__all__ = ["load", "parse", "select"]
