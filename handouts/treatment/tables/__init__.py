"""A table of treatments (CSV, a workbook, JSON Lines) -> its rows, each with the details of one sheet."""

from handouts.treatment.dates import DateOrder
from handouts.treatment.tables.drafting import draft_of
from handouts.treatment.tables.exports import (
    Clinic,
    Export,
    ExportFile,
    Exports,
    description_of,
    exports_of,
    service_key,
)
from handouts.treatment.tables.reading import headers_of, read_table
from handouts.treatment.tables.rejected_rows import rejects
from handouts.treatment.tables.sorting import details_of
from handouts.treatment.tables.table import MAXIMUM_BYTES, Table, TableForm, form_of

__all__ = [
    "MAXIMUM_BYTES",
    "Clinic",
    "DateOrder",
    "Export",
    "ExportFile",
    "Exports",
    "Table",
    "TableForm",
    "description_of",
    "details_of",
    "draft_of",
    "exports_of",
    "form_of",
    "headers_of",
    "read_table",
    "rejects",
    "service_key",
]
