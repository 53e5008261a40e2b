"""What somebody knows of a patient, and a ledger's key -> the references to look for, and what a match rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handouts import ledger
from handouts.codes import Code
from handouts.errors import InputError, Kind, ValueFault
from handouts.records import LedgerEntry
from handouts.treatment import FIELDS


class FoundBy(StrEnum):
    """What a match rests on, in the words of `handouts ledger find`."""

    NUMBER = "record number"
    NAME = "name alone: another patient may bear it"
    BIRTH_DATE = "name and birth date"
    UNDATED = "name alone: this sheet's birth date was not given"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What a match rests on, and whether the name is spelt with other letters there."""

    by: FoundBy
    other_letters: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.by}; the name is spelt with other letters there" if self.other_letters else str(self.by)


def references(
    key: bytes,
    *,
    source: str,
    record_number: str | None = None,
    patient: str | None = None,
    birth_date: str | None = None,
) -> dict[str, Match]:
    """Return what to look for, and what a match then rests on; what was typed is read as `make` reads it.

    A record number counts before a name. `source` is where it was typed. Raises InputError where it is unfit.
    """
    if record_number is not None:
        number = _checked("patient.record_number", record_number, source)
        return {ledger.number_reference(number, key): Match(by=FoundBy.NUMBER)}
    if patient is None:
        return {}
    name = _checked("patient.name", patient, source)
    day = _checked("patient.birth_date", birth_date, source) if birth_date is not None else None
    found: dict[str, Match] = {}
    for way in ledger.spellings(name):
        other = way != name
        if day is None:
            found[ledger.name_reference(way, key)] = Match(by=FoundBy.NAME, other_letters=other)
        else:
            found[ledger.birth_reference(way, day, key)] = Match(by=FoundBy.BIRTH_DATE, other_letters=other)
            found[ledger.birth_reference(way, None, key)] = Match(by=FoundBy.UNDATED, other_letters=other)
    return found


def matched(entry: LedgerEntry, wanted: Mapping[str, Match]) -> Match | None:
    """Return what a match rests on, or None where the entry is of nobody who is looked for."""
    return next((wanted[reference] for reference in entry.patient if reference in wanted), None)


def _checked(path: str, value: str, source: str) -> Any:
    try:
        checked = next(field for field in FIELDS if field.path == path).check(value)
        if not checked:
            raise ValueFault(Code.EMPTY_VALUE)
    except ValueFault as error:
        raise InputError.of(Kind.TREATMENT, error.code, source, path=path, **{"key": path, **error.values}) from None
    return checked
