"""A shape's page with probes -> a Personaliser, which writes each sheet of that shape for the price of its bytes."""

from handouts.typesetting.personalising.alphabet import have_letters
from handouts.typesetting.personalising.personaliser import Personaliser
from handouts.typesetting.personalising.places import NoField, places
from handouts.typesetting.personalising.proof import Drawn, drawn
from handouts.typesetting.personalising.watching import watch, watching
from handouts.typesetting.personalising.writing import identified

__all__ = [
    "Drawn",
    "NoField",
    "NotWritten",
    "Personaliser",
    "drawn",
    "have_letters",
    "identified",
    "places",
    "watch",
    "watching",
]
