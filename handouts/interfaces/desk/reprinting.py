"""What the staff know of a patient, and the ledger -> the sheets that were given out, to be had again.

They are the very same bytes where their file is still there, else a sheet made anew, and it is said which. The ledger
holds no name and no detail: whoever wants a sheet made anew fills in the form again, and `compared` says whether that
came out as it was.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from handouts import ledger, time_zones
from handouts.delivery import bytes_as_noted
from handouts.delivery.printing import printable
from handouts.errors import Problem
from handouts.interfaces.desk.wishing import SOURCE, NotAForm
from handouts.interfaces.looking_up import FoundBy, Match, matched, references
from handouts.press import Made, Press, way_to
from handouts.records import (
    Branding,
    ComposedMail,
    Consignment,
    Destination,
    Detail,
    Format,
    Job,
    LedgerEntry,
    Sheet,
    Step,
)

_LONGEST = 400
_ENDINGS = {".pdf": Format.PDF, ".html": Format.HTML}


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A sheet that was given out: which text it was, when it was made, where it has been since, by what it was found.

    `file` is the file that still has the very bytes of `sheet`, or None. `name` tells it from the others of one search.
    """

    name: str
    row: str
    patients: tuple[str, ...]
    document: str
    version: str
    language: str
    fingerprint: str
    sheet: str
    made_at: datetime
    steps: tuple[LedgerEntry, ...]
    found_by: Match
    file: Path | None

    @property
    def is_doubtful(self) -> bool:
        """Whether another patient may bear the name that it was found by."""
        return self.found_by.by in (FoundBy.NAME, FoundBy.UNDATED) or self.found_by.other_letters


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What is known of a patient, as it was typed, and of the day (of the clinic's clock) on which it was made."""

    record_number: str = field(default="", repr=False)
    patient: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    day: date | None = None


def search_of(given: Mapping[str, Any]) -> Search:
    """Return what a page of ours looks for; raise NotAForm."""
    texts = [given.get(name, "") for name in ("record_number", "patient", "birth_date")]
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts):
        raise NotAForm
    number, patient, birth_date = (text.strip() for text in texts)
    return Search(record_number=number, patient=patient, birth_date=birth_date)


def given_out(search: Search, path: Path, sheets: Path, zone: str) -> tuple[tuple[Given, ...], tuple[Problem, ...]]:
    """Return the sheets that a ledger knows of a patient, the last first, and what is wrong with the ledger.

    `sheets` is the folder in which the desk keeps them. Nothing is found without a number or a name. Raises InputError
    where what was typed is unfit, or the ledger or its key cannot be read. It is for a thread: it reads the ledger.
    """
    if not path.exists():
        return (), ()
    key = ledger.read_key(path)
    wanted = references(
        key,
        source=SOURCE,
        record_number=search.record_number or None,
        patient=search.patient or None,
        birth_date=search.birth_date or None,
    )
    found: dict[tuple[str, str], list[tuple[LedgerEntry, Match]]] = {}
    problems: list[Problem] = []
    for line, entry in ledger.read(path, key):
        problems += [line.problem] if line.problem else []
        by = matched(entry, wanted) if entry else None
        if entry and by:
            found.setdefault((entry.row, entry.sheet), []).append((entry, by))
    given = (_given(entries, sheets) for entries in found.values())
    of_day = (each for each in given if search.day in (None, each.made_at.astimezone(time_zones.zone(zone)).date()))
    return tuple(sorted(of_day, key=lambda each: each.made_at, reverse=True)), tuple(problems)


def the_same(given: Given) -> bytes:
    """Return the very bytes that were given out, or b"" where their file is gone or has others now."""
    return bytes_as_noted(given.file, given.sheet) if given.file is not None else b""


def print_again(
    given: Given, destination: Destination, branding: Branding, clock: Callable[[], datetime]
) -> tuple[bool, Made | None]:
    """Print the very sheet that was given out, and note it; return False and None where its file is gone.

    `destination` says on which printer, and keeps the ledger that knows the sheet. Raises InputError where it is no PDF
    or the ledger cannot be kept. It is for a thread: it waits until it is on paper.
    """
    data = the_same(given)
    if not data or given.file is None:
        return False, None
    like = printable(data, given.file.name)
    sheet = Sheet(
        content=data,
        format=Format.PDF,
        stem=given.document,
        document=given.document,
        version=given.version,
        language=given.language,
        fingerprint=given.fingerprint,
        pages=like.pages,
    )
    consignment = Consignment(
        path=given.file,
        where=str(given.file),
        address="",
        row=given.row,
        patients=given.patients,
        fell_back=any(step.fell_back for step in given.steps),
    )
    now = clock()
    with way_to(
        destination, branding, _no_mail, paper=like.paper, now=now, clock=clock, narrate=lambda _stage, _what: None
    ) as way:
        return True, way.finish((way.send_again(consignment, sheet),))


class Likeness(StrEnum):
    """What a sheet that was made anew has in common with the one that was given out."""

    SAME = "same"
    """Every detail, and the text: it says what the other said."""
    TEXT = "text"
    """Every detail; the text, the clinic's words or their review have changed since."""
    DETAILS = "details"
    """The text; at least one detail was typed in another way."""
    NEITHER = "neither"


def compared(given: Given, row: str, fingerprint: str) -> Likeness:
    """Return what a sheet of this row, with this fingerprint, has in common with the one that was given out.

    `row` is the ledger's reference to the new sheet: it is the same only where each detail is, letter by letter.
    """
    if row == given.row:
        return Likeness.SAME if fingerprint == given.fingerprint else Likeness.TEXT
    return Likeness.DETAILS if fingerprint == given.fingerprint else Likeness.NEITHER


@dataclass(frozen=True, kw_only=True, slots=True)
class TextNow:
    """Reads what a document says today in a language ("ar+en": in two), for the comparison with what was given out."""

    document: str
    language: str
    now: datetime

    def __call__(self, press: Press) -> tuple[str, str]:
        """Return its version and the fingerprint that a sheet of today bears; raise InputError with every Problem."""
        text = press.text(self.document, self.language.partition("+")[0], self.now.date())
        details = {"patient.name": "-", "procedure": next(iter(text.treatments), "")}
        job = Job(
            document=self.document,
            languages=(self.language,),
            details=tuple(Detail(path=path, value=value, source=SOURCE) for path, value in details.items() if value),
            now=self.now,
            format=Format.HTML,
        )
        ((handout,), _) = press.compose(job)
        return handout.version, handout.fingerprint


def _given(entries: list[tuple[LedgerEntry, Match]], sheets: Path) -> Given:
    steps = tuple(entry for entry, _ in entries)
    made = next((entry for entry in steps if entry.step is Step.MADE), steps[0])
    return Given(
        name=hashlib.sha256(f"{made.row} {made.sheet}".encode()).hexdigest()[:16],
        row=made.row,
        patients=made.patient,
        document=made.document,
        version=made.version,
        language=made.language,
        fingerprint=made.fingerprint,
        sheet=made.sheet,
        made_at=made.at,
        steps=steps,
        found_by=entries[0][1],
        file=next((each for each in _places(made, sheets) if bytes_as_noted(each, made.sheet)), None),
    )


def _places(made: LedgerEntry, sheets: Path) -> Iterator[Path]:
    """Yield where a sheet's file may be: where it was put, and where the desk keeps those of its digest."""
    if Path(made.where).suffix in _ENDINGS:
        yield Path(made.where)
    for ending in _ENDINGS:
        yield from sheets.glob(f"*-{made.sheet[:8]}{ending}")


def _no_mail(*_given: object, **_named: object) -> ComposedMail:
    raise AssertionError("it goes to a printer")
