"""The bytes of a table in one of its forms -> a Table, or every Problem that refuses it whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import Row
from handouts.treatment.dates import DateOrder, is_utc_time
from handouts.treatment.tables.columns import columns_of, folded, is_header, spoken_of
from handouts.treatment.tables.delimited import delimited
from handouts.treatment.tables.encoding import encoding_of
from handouts.treatment.tables.json_lines import json_lines
from handouts.treatment.tables.rows import RowReader
from handouts.treatment.tables.table import MAXIMUM_BYTES, Record, Table, TableForm
from handouts.treatment.tables.workbook import workbook

_NOBODY: Mapping[str, str] = {}


def read_table(
    data: bytes,
    source: str,
    *,
    form: TableForm,
    dates: DateOrder = DateOrder.ISO,
    aliases: Mapping[str, str] = _NOBODY,
    ignored: frozenset[str] = frozenset(),
    encoding: str = "",
    sheet: str = "",
    family_first: bool = False,
    with_hidden: bool = False,
) -> Table:
    """Return the table; raise InputError with every fault that refuses it whole. Faults of rows stand in the rows.

    `dates` says what 03/04/2026 means. `aliases` are headers with the detail that each holds ("Datum": "performed_on"),
    before those that are known; `ignored` are headers of columns to pass over. `encoding` is the text's, where it is
    neither UTF-8 nor marked; `sheet` names a workbook's, else the first one that is not hidden is read. `family_first`
    is the order in which a family name and a given name make the patient's name. `with_hidden` reads a
    workbook's hidden rows and columns, too. What a form has no use for is refused.
    """
    without_effect = {
        "--encoding": encoding and form is TableForm.WORKBOOK,
        "--worksheet": sheet and form is not TableForm.WORKBOOK,
        "--hidden": with_hidden and form is not TableForm.WORKBOOK,
        "--column": aliases and form is TableForm.JSON_LINES,
        "--ignore": ignored and form is TableForm.JSON_LINES,
        "--family-first": family_first and form is TableForm.JSON_LINES,
    }
    if any(without_effect.values()):
        raise InputError(
            Problem.of(Kind.TREATMENT, Code.TABLE_OPTION_WITHOUT_EFFECT, source, option=option)
            for option, given in without_effect.items()
            if given
        )
    if len(data) > MAXIMUM_BYTES:
        raise InputError.of(Kind.TREATMENT, Code.FILE_TOO_LARGE, source, maximum=f"{MAXIMUM_BYTES // 1_000_000} MB")
    if form is TableForm.JSON_LINES:
        return json_lines(data, source, encoding_of(data, source, encoding), dates)

    def known(cells: Sequence[str]) -> bool:
        return is_header(cells, spoken_of(aliases), frozenset(map(folded, ignored)))

    def table(
        headers: tuple[str, ...],
        line: int,
        count: int,
        records: Callable[[], Iterator[Record]],
        warnings: tuple[Problem, ...] = (),
    ) -> Table:
        columns = columns_of(headers, source, line, aliases=aliases, ignored=ignored)
        if not count:
            raise InputError.of(Kind.TREATMENT, Code.TABLE_NO_ROWS, source)
        unnamed = tuple(index for index, header in enumerate(headers) if not header.strip())
        places = {column.path: column.index for column in columns}

        @cache
        def has_utc_times(path: str) -> bool:
            return any(
                is_utc_time(record.cells[places[path]], dates)
                for record in records()
                if places[path] < len(record.cells)
            )

        reader = RowReader(
            source=source,
            headers=headers,
            columns=columns,
            unnamed=unnamed,
            dates=dates,
            has_utc_times=has_utc_times,
            family_first=family_first,
        )

        def read() -> Iterator[Row]:
            return map(reader.row, records())

        return Table(source=source, form=form, columns=headers, count=count, read=read, warnings=warnings)

    if form is TableForm.WORKBOOK:
        book = workbook(data, source, sheet, with_hidden=with_hidden)
        return table(book.header, book.first, book.rows, book.records, book.warnings)
    text = delimited(data, source, encoding_of(data, source, encoding), known)
    return table(text.header, text.first, text.rows, text.records)
