"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), whose finished pages show what they must.

Whether an SVG is drawn as it should be (vectors.py), whether two PDFs show the same (comparing.py), what a PDF is made
of (anatomy.py), the dots of its pages (page_dots.py) and how those look (page_pictures.py) are doors of their own: what
they need is slow to import.
"""

from handouts.typesetting.engine import library_versions
from handouts.typesetting.personalising import Drawn, Personaliser
from handouts.typesetting.typesetter import Typesetter

__all__ = ["Drawn", "Personaliser", "Typesetter", "library_versions"]
