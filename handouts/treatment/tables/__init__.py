"""A table of treatments (CSV, a workbook, JSON Lines) -> its rows, each with the details of one sheet."""

from handouts.treatment.dates import DateOrder
from handouts.treatment.tables.reading import read_table
from handouts.treatment.tables.rejected_rows import rejects
from handouts.treatment.tables.table import MAXIMUM_BYTES, Table, TableForm, form_of

__all__ = [
    "MAXIMUM_BYTES",
    "DateOrder",
    "Table",
    "TableForm",
    "form_of",
    "read_table",
    "rejects",
]
