"""A workbook (.xlsx, .xlsm) -> its header and its records, each with the sheet's row number, or why it has none."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.treatment.tables.package import WorkbookSheet, sheets_of
from handouts.treatment.tables.plain import plain_text
from handouts.treatment.tables.table import Record

_NO_FAULTS: dict[int, Code] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """One sheet. `first` is the row of its header, `rows` how many rows with a value follow."""

    header: tuple[str, ...]
    first: int
    rows: int
    warnings: tuple[Problem, ...]
    records: Callable[[], Iterator[Record]]


def workbook(data: bytes, source: str, name: str = "", *, with_hidden: bool = False) -> Workbook:
    """Return the named sheet, or the first that is not hidden; raise InputError where it cannot be read.

    Cells have the value that the program last calculated; dates are dates, and need no declared order. Rows and columns
    that the person does not see, such as those that a filter takes out, are left out but `with_hidden`.
    """
    sheets = sheets_of(data, source)
    chosen = _chosen(sheets, source, name)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            cells = book.get_sheet_by_name(chosen.name)
    except CalamineError:
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_DAMAGED, source) from None
    unseen_rows = frozenset[int]() if with_hidden else frozenset(chosen.hidden_rows)
    unseen = frozenset[int]() if with_hidden else frozenset(column - 1 for column in chosen.hidden_columns)
    by_row: dict[int, dict[int, Code]] = {}
    for (row, column), code in chosen.faults.items():
        if column - 1 not in unseen:
            by_row.setdefault(row, {})[column - 1] = code

    def every() -> Iterator[Record]:
        for line, whole in enumerate(cells.iter_rows(), start=1):
            if line in unseen_rows:
                continue
            values = ["" if index in unseen else value for index, value in enumerate(whole)] if unseen else whole
            faults = by_row.get(line, _NO_FAULTS)
            if faults or any(value != "" and str(value).strip() for value in values):
                yield Record(
                    line, values, faults | _reformatted(chosen, line, values) if chosen.reformatted else faults
                )

    head = next(every(), None)
    if head is None:
        raise InputError.of(Kind.TREATMENT, Code.TABLE_EMPTY, source)
    if merged := _merged(cells, head.line, source):
        raise InputError(merged)

    def records() -> Iterator[Record]:
        return (record for record in every() if record.line > head.line)

    return Workbook(
        header=tuple(plain_text(value) for value in head.cells),
        first=head.line,
        rows=sum(1 for _ in records()),
        warnings=tuple(_warnings(sheets, chosen, head.line, source, name, with_hidden=with_hidden)),
        records=records,
    )


def _chosen(sheets: tuple[WorkbookSheet, ...], source: str, name: str) -> WorkbookSheet:
    visible = [sheet for sheet in sheets if not sheet.is_hidden]
    found = [sheet for sheet in sheets if sheet.name == name] if name else visible[:1]
    if not found:
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_NO_SHEET, source, count=str(len(visible)))
    return found[0]


def _reformatted(sheet: WorkbookSheet, line: int, values: Sequence[object]) -> dict[int, Code]:
    """Return the places of numbers that the person sees in another form than they have."""
    return {
        index: Code.WORKBOOK_NUMBER_REFORMATTED
        for index, value in enumerate(values)
        if isinstance(value, float) and (line, index + 1) in sheet.reformatted
    }


def _merged(cells: CalamineSheet, first: int, source: str) -> list[Problem]:
    """Return a Problem for each group of merged cells: only its first cell has a value, the others are empty."""
    return [
        Problem.of(Kind.TREATMENT, Code.WORKBOOK_MERGED, source, row + 1, column + 1)
        for (row, column), (last, _) in cells.merged_cell_ranges or []
        if last + 1 >= first
    ]


def _warnings(
    sheets: tuple[WorkbookSheet, ...],
    chosen: WorkbookSheet,
    first: int,
    source: str,
    name: str,
    *,
    with_hidden: bool,
) -> Iterator[Problem]:
    others = [sheet for sheet in sheets if sheet is not chosen and sheet.last_row > 1 and not sheet.is_hidden]
    if others and not name:
        yield Problem.warning(Kind.TREATMENT, Code.WORKBOOK_OTHER_SHEETS, source)
    if with_hidden:
        return
    if rows := [row for row in chosen.hidden_rows if first < row <= chosen.last_row]:
        yield Problem.warning(Kind.TREATMENT, Code.WORKBOOK_HIDDEN_ROWS, source, min(rows), count=str(len(rows)))
    if columns := [column for column in chosen.hidden_columns if column <= chosen.last_column]:
        count, at = str(len(columns)), min(columns)
        yield replace(
            Problem.of(Kind.TREATMENT, Code.WORKBOOK_HIDDEN_COLUMNS, source, first, at, count=count),
            severity=Severity.WARNING,
        )
