"""Branding, Treatment, Document and Schedule through the templates -> ComposedHandout: one self-contained HTML page."""

from handouts.composition.composing import Look, compose, look
from handouts.composition.origin import at_own_template
from handouts.composition.rendering import compiled
from handouts.composition.side import Ingredients
from handouts.composition.unused import unused

__all__ = ["Ingredients", "Look", "at_own_template", "compiled", "compose", "look", "unused"]
