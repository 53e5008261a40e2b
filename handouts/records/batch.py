"""What is to be made of a table's rows, and what became of each."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from handouts.errors import Problem
from handouts.records.handout import Job, Paper, PrintSize
from handouts.records.mail import MailOrder
from handouts.records.printing import PrintOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchOrder:
    """What a person asks for every row. `document` and `language` stand where a row names none; "" names none either.

    Sheets go to `folder` under names by `pattern`, or into the one file `merged`; from there, if asked, to a printer
    and into the outbox of `mail`. `resume` leaves out what the ledger says is done. `started_at` (aware) is the clock.
    """

    folder: Path
    pattern: str
    started_at: datetime
    document: str = ""
    language: str = ""
    paper: Paper | None = None
    print_size: PrintSize = PrintSize.STANDARD
    strict: bool = False
    merged: Path | None = None
    printing: PrintOrder | None = None
    mail: MailOrder | None = None
    skip_faulty: bool = False
    resume: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One sheet to make: `number` counts the tasks of a run from 1, `line` is where the row stands in its table."""

    number: int
    line: int
    job: Job


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A row that is fit to be made: its keyed references, the sheet's file, the patient's name and address.

    `title` is the neutral name under which a printer knows the sheet; `done` says that a run before this one has
    made it.
    """

    task: Task
    row: str
    patients: tuple[str, ...]
    path: Path
    where: str
    title: str
    name: str = field(repr=False)
    address: str = field(repr=False)
    done: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet that a worker has made, as PDF bytes, and which text it is."""

    number: int
    pdf: bytes = field(repr=False)
    document: str
    version: str
    language: str
    fingerprint: str
    pages: int
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A sheet that could not be made, and why."""

    number: int
    problems: tuple[Problem, ...]
