"""The treatment's details (options, JSON, TOML, tables) -> Treatment; one field table feeds every way in."""

from handouts.treatment.fields import FIELDS, Field
from handouts.treatment.files import read_file
from handouts.treatment.reading import located, treatment
from handouts.treatment.tables import DateOrder, Table, TableForm, form_of, read_table, rejects

__all__ = [
    "FIELDS",
    "DateOrder",
    "Field",
    "Table",
    "TableForm",
    "form_of",
    "located",
    "read_file",
    "read_table",
    "rejects",
    "treatment",
]
