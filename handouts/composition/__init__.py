"""Branding, Treatment, Document and Schedule through the templates -> ComposedHandout: one self-contained HTML page."""

from handouts.composition.composing import Ingredients, compose

__all__ = ["Ingredients", "compose"]
