"""Branding, Treatment, Document and Schedule through the templates -> ComposedHandout: one self-contained HTML page."""

from handouts.composition.composing import OF_NO_SHEET, Look, compose, compose_shape, fields_of, identity, look
from handouts.composition.customising import (
    PICTOGRAMS,
    ChangedOriginal,
    changed_originals,
    customisable,
    customised,
)
from handouts.composition.fields import Fields
from handouts.composition.origin import at_own_style, at_own_template
from handouts.composition.rendering import compiled
from handouts.composition.side import Ingredients
from handouts.composition.unused import unused
from handouts.composition.wording import Wording

__all__ = [
    "OF_NO_SHEET",
    "PICTOGRAMS",
    "ChangedOriginal",
    "Fields",
    "Ingredients",
    "Look",
    "Wording",
    "at_own_style",
    "at_own_template",
    "changed_originals",
    "compiled",
    "compose",
    "compose_shape",
    "customisable",
    "customised",
    "fields_of",
    "identity",
    "look",
    "unused",
]
