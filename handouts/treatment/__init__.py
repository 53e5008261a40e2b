"""The treatment's details (options, JSON, TOML) -> Treatment; one field table feeds every way in, tables too."""

from handouts.treatment.fields import FIELDS, Field
from handouts.treatment.files import read_file
from handouts.treatment.reading import located, treatment
from handouts.treatment.values import ValueFault, fault

__all__ = ["FIELDS", "Field", "ValueFault", "fault", "located", "read_file", "treatment"]
