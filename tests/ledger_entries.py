"""A number -> an entry of a ledger that can be told by it; light, for the processes that tests begin and kill."""

import hashlib
from datetime import UTC, date, datetime, timedelta

from handouts import ledger
from handouts.records import LedgerEntry, Patient, Step

BEGUN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
KEY = bytes(range(32))

PATIENT = Patient(
    name="Zebulon Müller Quux",
    birth_date=date(1931, 4, 7),
    record_number="ZQ-4711",
    language="es",
    email="zeb@quux.example",
)


def entry(number: int = 1, step: Step = Step.MADE, **changed: str) -> LedgerEntry:
    """Return an entry that can be told by its number."""
    return LedgerEntry(
        at=BEGUN + timedelta(seconds=number),
        step=step,
        row=changed.get("row", f"{number:032x}"),
        patient=ledger.patient_references(PATIENT, KEY),
        document="microneedling-aftercare",
        version="1.0",
        language="es",
        fingerprint="0a1b2c3d",
        sheet=changed.get("sheet", hashlib.sha256(str(number).encode()).hexdigest()),
        where=changed.get("where", f"out/microneedling-aftercare-es-{number:08x}.pdf"),
    )
