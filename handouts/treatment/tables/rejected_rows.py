"""Faulty rows with their reasons -> the file of rejects: the columns as they came, and each row's line and reason."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from handouts.errors import InputError
from handouts.records import Row
from handouts.treatment.files import parsed_json
from handouts.treatment.tables.columns import ADDED, added_columns
from handouts.treatment.tables.plain import neutral, revived
from handouts.treatment.tables.table import Table, TableForm


def rejects(table: Table, faulty: Iterable[tuple[Row, str]]) -> Iterator[bytes]:
    """Yield the lines of the file of rejects, which `read_table` reads again when the rows are corrected.

    Of a CSV file or a workbook it is CSV in UTF-8 with a byte order mark, separated by commas, no cell of it a formula
    (see `neutral`); of JSON Lines it is JSON Lines. "line" and "reason" are passed over when it is read.
    """
    if table.form is TableForm.JSON_LINES:
        yield from (_json_line(row, reason) for row, reason in faulty)
        return
    added = added_columns(table.columns)
    kept = [index for index in range(len(table.columns)) if index not in added]
    yield b"\xef\xbb\xbf" + _csv_line([*(table.columns[index] for index in kept), *ADDED])
    for row, reason in faulty:
        cells = [row.cells[index] if index < len(row.cells) else "" for index in kept]
        surplus = row.cells[len(table.columns) :]
        yield _csv_line([*cells, str(row.line), reason, *surplus])


def _csv_line(cells: list[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(neutral(revived(cell)) for cell in cells)
    return line.getvalue().encode()


def _json_line(row: Row, reason: str) -> bytes:
    """Return the object with its line and reason in front; what is no object stands as text beside them."""
    added = {"line": row.line, "reason": reason}
    try:
        found = parsed_json(row.cells[0], "")
    except InputError:
        found = None
    kept = found if isinstance(found, dict) else {"given": row.cells[0]}
    whole = added | {key: kept[key] for key in kept if key not in added}
    try:
        return json.dumps(whole, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a character, written as an escape
        return json.dumps(whole).encode() + b"\n"
