"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), whose finished pages show what they must.

Whether an SVG is drawn as it should be (vectors.py) is a door of its own: numpy is slow to import.
"""

from handouts.typesetting.engine import library_versions
from handouts.typesetting.personalising import Drawn, NoField, NotWritten, Personaliser
from handouts.typesetting.typesetter import Typesetter

__all__ = ["Drawn", "NoField", "NotWritten", "Personaliser", "Typesetter", "library_versions"]
