"""A Job -> sheets and receipts: the only package that knows the order (load, compose, typeset, deliver)."""

from handouts.press.gathering import Gathering
from handouts.press.preparing import Prepared
from handouts.press.pressing import Made, Press
from handouts.press.texts import Texts, Translated, tags_meant, translated_pairs

__all__ = [
    "Gathering",
    "Made",
    "Prepared",
    "Press",
    "Texts",
    "Translated",
    "tags_meant",
    "translated_pairs",
]
