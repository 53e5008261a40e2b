"""What is to be made of a table's rows, and what became of each."""

import pickle
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from handouts.errors import Problem
from handouts.records.handout import CheckedJob, Consignment, Destination, Paper, PrintSize, RecordOrder
from handouts.records.treatment import RecordReferences


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOrder:
    """What a person asks for every row. `document` and `language` stand where a row names none; "" names none either.

    Sheets go to the folder of `destination` under names by `pattern`, or into the one file `merged`; from there, if
    asked, to a printer and into the outbox. The ledger of `destination` is always kept; `resume` leaves out what it
    says is done. `started_at` (aware) is the clock. Of the sheets to make, every `audit`th is laid out by itself too,
    and compared; 0 is none. With `record` each sheet is entered for a record system, and a row that does not say whose
    record that is, is faulty.
    """

    destination: Destination
    pattern: str
    started_at: datetime
    document: str = ""
    language: str = ""
    paper: Paper | None = None
    print_size: PrintSize = PrintSize.STANDARD
    strict: bool = False
    merged: Path | None = None
    record: RecordOrder | None = None
    skip_faulty: bool = False
    resume: bool = False
    audit: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One sheet to make: the job of a row that was checked, and `line`, where the row stands in its table `source`.

    The job is packed once, where it was checked, and opened where its sheet is made: on its way it is bytes. Tasks of
    one `kind` have the document and the languages in common. `audited`: a sheet that is written from one laid out for
    many is compared with the one that is laid out by itself.
    """

    line: int
    source: str
    kind: str
    packed: bytes = field(repr=False)
    audited: bool = False

    @classmethod
    def of(cls, checked: CheckedJob, line: int) -> Self:
        """Return the task of a row, which has details."""
        job = checked.job
        kind = " ".join((job.document, *map("+".join, checked.languages)))
        return cls(line=line, source=job.details[0].source, kind=kind, packed=pickle.dumps(checked))

    def opened(self) -> CheckedJob:
        """Return the job of the row."""
        checked = pickle.loads(self.packed)  # noqa: S301 - packed by us, who alone send it
        assert isinstance(checked, CheckedJob)
        return checked


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A row that is fit to be made, where its sheet goes, and the patient's name for the outline of a merged file.

    `done` says that a run before this one has made it. Where it is to be entered for a record system, `references` say
    how that names it, and `entry` what the entries' files are called, which names nobody.
    """

    task: Task
    consignment: Consignment
    name: str = field(repr=False)
    done: bool = False
    references: RecordReferences | None = field(default=None, repr=False)
    entry: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A sheet that could not be made, and why."""

    problems: tuple[Problem, ...]
