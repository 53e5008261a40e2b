"""The treatment's details (options, JSON, TOML) -> Treatment; one field table feeds every way in, tables too."""

from handouts.treatment.fields import FIELDS, Field
from handouts.treatment.files import read_file
from handouts.treatment.reading import located, treatment

__all__ = ["FIELDS", "Field", "located", "read_file", "treatment"]
