"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), whose finished pages show what they must."""

from handouts.typesetting.engine import library_versions
from handouts.typesetting.typesetter import Typesetter
from handouts.typesetting.vectors import drawn_alike

__all__ = ["Typesetter", "drawn_alike", "library_versions"]
