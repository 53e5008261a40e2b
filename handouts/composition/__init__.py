"""Branding, Treatment, Document and Schedule through the templates -> ComposedHandout: one self-contained HTML page."""

from handouts.composition.composing import compose, look
from handouts.composition.mail import MailIngredients, compose_mail
from handouts.composition.side import Ingredients

__all__ = ["Ingredients", "MailIngredients", "compose", "compose_mail", "look"]
