"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), whose finished pages show what they must.

Whether an SVG is drawn as it should be (vectors.py) is a door of its own: numpy is slow to import.
"""

from handouts.typesetting.engine import library_versions
from handouts.typesetting.typesetter import Typesetter

__all__ = ["Typesetter", "library_versions"]
