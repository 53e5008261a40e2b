"""The rows of a table of treatments, still unchecked: each asks for one sheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from handouts.errors import Problem
from handouts.records.treatment import Detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: `line` is where it begins in its file (the row of a workbook); `document` and `language` may be "".

    `cells` are its values as they came, by header, for the file of rejects. `problems` are what is wrong with it
    already; a row that has errors has no details worth checking.
    """

    line: int
    document: str
    language: str
    details: tuple[Detail, ...]
    cells: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
