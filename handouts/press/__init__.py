"""A Job -> sheets and receipts: the only package that knows the order (load, compose, typeset, deliver)."""

from handouts.press.gathering import Gathering, each_once
from handouts.press.pressing import AUTO, Made, Press
from handouts.press.texts import Texts, Translated

__all__ = ["AUTO", "Gathering", "Made", "Press", "Texts", "Translated", "each_once"]
