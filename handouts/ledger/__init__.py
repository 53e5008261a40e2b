"""Entries about sheets -> a file that keeps them, whole and provably unchanged, and names nobody."""

from handouts.ledger.key import begin_key, key_beside, read_key
from handouts.ledger.reading import Verdict, read, verify
from handouts.ledger.references import (
    birth_reference,
    identity_reference,
    name_reference,
    number_reference,
    patient_references,
    reference,
    row_reference,
    sheet_references,
    spellings,
)
from handouts.ledger.row_progress import RowProgress
from handouts.ledger.writing import Ledger

__all__ = [
    "Ledger",
    "RowProgress",
    "Verdict",
    "begin_key",
    "birth_reference",
    "identity_reference",
    "key_beside",
    "name_reference",
    "number_reference",
    "patient_references",
    "read",
    "read_key",
    "reference",
    "row_reference",
    "sheet_references",
    "spellings",
    "verify",
]
