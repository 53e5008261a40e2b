"""What the ledger keeps of a sheet: which text it was and where it went, and no name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """How far a sheet has come. PRINTING is written before the printer is asked, so that a crash leaves its trace.

    PRINTED: the printer has said that it is on paper. UNCERTAIN: nobody but a person can tell whether it has.
    """

    MADE = "made"
    PRINTING = "printing"
    PRINTED = "printed"
    IN_OUTBOX = "in-outbox"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One line. `row` is the keyed reference of patient, treatment, document and language together.

    `patient` holds the keyed references by which the patient is found again: of the record number, and of name and
    birth date. `sheet` is the SHA-256 of the sheet's bytes as hex; `where` says the folder, the queue and job, or the
    outbox and message. `fell_back`: the patient's record names a language that there are no sheets in, and somebody has
    said which to take in its place.
    """

    at: datetime
    step: Step
    row: str
    patient: tuple[str, ...]
    document: str
    version: str
    language: str
    fingerprint: str
    sheet: str
    where: str
    fell_back: bool = False
