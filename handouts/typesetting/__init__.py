"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), whose finished pages show what they must."""

from handouts.typesetting.engine import library_versions
from handouts.typesetting.typesetter import Typesetter

__all__ = ["Typesetter", "library_versions"]
