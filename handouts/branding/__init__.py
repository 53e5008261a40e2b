"""clinic.toml + logo -> Branding, checked: numbers that dial, colours that can be read, a logo that is a picture."""

from handouts.branding.loading import load

__all__ = ["load"]
