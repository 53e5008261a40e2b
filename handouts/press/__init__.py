"""A Job -> sheets and receipts: the only package that knows the order (load, compose, typeset, deliver)."""

from handouts.press.delivering import Delivering, Made, way_to
from handouts.press.offering import Offered
from handouts.press.preparing import PreparedJob
from handouts.press.pressing import Press
from handouts.press.signing import approve, review
from handouts.press.texts import Texts, Translated, tags_meant, translated_pairs

__all__ = [
    "Delivering",
    "Made",
    "Offered",
    "PreparedJob",
    "Press",
    "Texts",
    "Translated",
    "approve",
    "review",
    "tags_meant",
    "translated_pairs",
    "way_to",
]
