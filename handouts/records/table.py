"""The rows of a table of treatments, still unchecked: each asks for one sheet."""

from dataclasses import dataclass, field

from handouts.errors import Problem
from handouts.records.treatment import Detail, RecordReferences


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: `line` is where it begins in its file (the row of a workbook); `document` and `language` may be "".

    `language` may pair two tags: ar+en. `cells` are its values as text as they came, one for each column of the table,
    for the file of rejects; a line of JSON Lines is one cell. `references` are those of a record system's file (FHIR).
    `problems` are what is wrong with it already; a row that has errors has no details worth checking. No repr shows
    what a cell holds.
    """

    line: int
    document: str
    language: str
    details: tuple[Detail, ...]
    cells: tuple[str, ...] = field(repr=False)
    references: RecordReferences = field(default=RecordReferences(), repr=False)
    problems: tuple[Problem, ...] = ()
