"""A patient or a treatment, and the ledger's key -> keyed references, which name nobody to those without the key."""

import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice, product

from handouts.records import Patient, PrintSize, Treatment

HEX_DIGITS = 32
"""128 bits: among a thousand million references two are alike with a chance of one in 10**21."""

MAXIMUM_SPELLINGS = 20_000
"""Of one name: as many references take a tenth of a second."""
_UNSPOKEN = re.compile("[\u0640\u064b-\u0652\u0670]")
_MIXED = {letter: group for group in ("ةه", "ىيی", "كک", "اأإآ") for letter in group}


def reference(key: bytes, *parts: str) -> str:
    """Return the reference of some texts: HMAC-SHA-256 (RFC 2104), the first 128 bits as 32 hex digits.

    Capital letters, the kind and number of spaces and the Unicode form of a text make no difference; the borders
    between the parts do.
    """
    return _keyed(key, (_folded(part) for part in parts))


def patient_references(patient: Patient, key: bytes) -> tuple[str, ...]:
    """Return the references by which a patient is found again.

    They are of the record number (where there is one), of the name, and of name and birth date together; a missing
    birth date is a date of its own, so that a search can tell "not recorded" from "another".
    """
    numbers = (number_reference(patient.record_number, key),) if _folded(patient.record_number) else ()
    return (*numbers, name_reference(patient.name, key), birth_reference(patient.name, patient.birth_date, key))


def number_reference(record_number: str, key: bytes) -> str:
    """Return the reference of a record number."""
    return reference(key, "record-number", record_number)


def name_reference(name: str, key: bytes) -> str:
    """Return the reference of a name, which others may bear too."""
    return reference(key, "name", name)


def birth_reference(name: str, birth_date: date | None, key: bytes) -> str:
    """Return the reference of a name and a birth date, or of a name whose birth date was not given."""
    return reference(key, "name-and-birth-date", name, birth_date.isoformat() if birth_date else "")


def spellings(name: str) -> Iterator[str]:
    """Yield a name, then the ways in which others write it: letters that writers of Arabic and Persian mix.

    They are ة and ه, ى and ي and ی, ك and ک, the alefs with and without hamza; vowel signs and tatweel may be missing.
    At most MAXIMUM_SPELLINGS are returned.
    """
    bare = _UNSPOKEN.sub("", unicodedata.normalize("NFC", name))
    choices = [_MIXED.get(letter, letter) for letter in bare]
    ways = ("".join(letters) for letters in product(*choices))
    yield from islice(dict.fromkeys((name, bare)), MAXIMUM_SPELLINGS)
    yield from islice((way for way in ways if way not in (name, bare)), MAXIMUM_SPELLINGS)


def sheet_references(
    treatment: Treatment, document: str, language: str, print_size: PrintSize, key: bytes
) -> tuple[str, tuple[str, ...]]:
    """Return the references of a sheet, which in another print size is another, and of its patient."""
    kind = language if print_size is PrintSize.STANDARD else f"{language} {print_size}"
    return row_reference(treatment, document, kind, key), patient_references(treatment.patient, key)


def row_reference(treatment: Treatment, document: str, language: str, key: bytes) -> str:
    """Return the reference of one row's sheet: every detail of the treatment, letter by letter, document, language.

    A row that has been corrected, be it in one capital letter, is another row. A performed_on that was filled in from
    the clock makes another row of each run.
    """
    return _keyed(key, ("row", document, language, *_everything(treatment)))


def identity_reference(treatment: Treatment, document: str, language: str, key: bytes) -> str:
    """Return what two rows share that say the same of the same patient: a row twice in a table.

    It is of patient (number, name and birth date), procedure, body sites in any order, time (in any zone), document
    and language. How the texts are typed makes no difference.
    """
    patient, performed_on = treatment.patient, treatment.performed_on
    when = performed_on.astimezone(UTC).isoformat() if performed_on else ""
    parts = (
        ("identity", document, language, treatment.procedure, when),
        (patient.record_number, patient.name, patient.birth_date.isoformat() if patient.birth_date else ""),
        sorted({_folded(site) for site in treatment.body_sites}),
    )
    return reference(key, *(part for group in parts for part in group))


def _folded(text: str) -> str:
    """Return a text without the differences of typing: Unicode's canonical caseless form (D145), single spaces."""
    folded = unicodedata.normalize("NFD", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _everything(value: object) -> Iterator[str]:
    """Yield what a record holds, in the order of its fields; each group says how many it has, so borders are kept."""
    kind: object = type(value)
    if names := _fields(kind):
        yield f"{type(value).__name__} {len(names)}"
        for name in names:
            yield name
            yield from _everything(getattr(value, name))
    elif isinstance(value, tuple):
        yield f"tuple {len(value)}"
        for part in value:
            yield from _everything(part)
    elif isinstance(value, datetime | date):
        yield value.isoformat()
    else:
        yield "None" if value is None else f"={unicodedata.normalize('NFC', str(value))}"


@cache
def _fields(kind: object) -> tuple[str, ...]:
    """Return the names of a record's fields in their order, () for what is no record."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _keyed(key: bytes, parts: Iterator[str] | tuple[str, ...]) -> str:
    said = [b"handouts reference"]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        said += (len(data).to_bytes(8, "big"), data)
    return hmac.digest(key, b"".join(said), "sha256").hex()[:HEX_DIGITS]
