"""The bytes of a table in one of its forms -> a Table, or every Problem that refuses it whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import Row
from handouts.treatment.dates import DateOrder, is_utc_time
from handouts.treatment.fhir import Codes
from handouts.treatment.tables.columns import Column, columns_of, folded, is_header, spoken_of
from handouts.treatment.tables.delimited import delimited
from handouts.treatment.tables.encoding import encoding_of
from handouts.treatment.tables.exports import Exports
from handouts.treatment.tables.json_lines import json_lines
from handouts.treatment.tables.rows import RowReader
from handouts.treatment.tables.sorting import Sorting
from handouts.treatment.tables.table import MAXIMUM_BYTES, Record, Table, TableForm
from handouts.treatment.tables.workbook import workbook

_NOBODY: Mapping[str, str] = {}


def read_table(
    data: bytes,
    source: str,
    *,
    form: TableForm,
    dates: DateOrder | None = None,
    aliases: Mapping[str, str] = _NOBODY,
    ignored: frozenset[str] = frozenset(),
    encoding: str = "",
    sheet: str = "",
    family_first: bool = False,
    with_hidden: bool = False,
    exports: Exports | None = None,
) -> Table:
    """Return the table; raise InputError with every fault that refuses it whole. Faults of rows stand in the rows.

    `dates` says what 03/04/2026 means; None leaves it to the export, and refuses it in another table. `aliases` are
    headers with the detail that each holds ("Datum": "performed_on"), before those that are known; `ignored` are
    headers of columns to pass over. `encoding` is the text's, where it is neither UTF-8 nor marked; `sheet` names a
    workbook's, else the first one that is not hidden is read. `family_first` is the order in which a family name and
    a given name make the patient's name. `with_hidden` reads a workbook's hidden rows and columns, too. `exports` are
    those that the table may be; where a person says what columns hold, it is one only if they name it. What a form has
    no use for is refused.
    """
    without_effect = {
        "--encoding": encoding and form is TableForm.WORKBOOK,
        "--worksheet": sheet and form is not TableForm.WORKBOOK,
        "--hidden": with_hidden and form is not TableForm.WORKBOOK,
        "--column": aliases and form is TableForm.JSON_LINES,
        "--ignore": ignored and form is TableForm.JSON_LINES,
        "--export": exports and exports.named and form is TableForm.JSON_LINES,
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
        codes = _codes_of(exports)
        return json_lines(data, source, encoding_of(data, source, encoding), dates or DateOrder.ISO, codes)

    how = _How(
        source=source,
        form=form,
        dates=dates,
        aliases=aliases,
        ignored=ignored,
        family_first=family_first,
        exports=exports if exports and (exports.named or not (aliases or ignored)) else None,
    )
    if form is TableForm.WORKBOOK:
        book = workbook(data, source, sheet, with_hidden=with_hidden)
        return how.table(book.header, book.first, book.rows, book.records, book.warnings)
    text = delimited(data, source, encoding_of(data, source, encoding), how.is_header)
    return how.table(text.header, text.first, text.rows, text.records)


def _codes_of(exports: Exports | None) -> Codes:
    return (lambda: exports.clinic().codes) if exports else dict


def headers_of(
    data: bytes, source: str, *, form: TableForm, encoding: str = "", sheet: str = "", with_hidden: bool = False
) -> tuple[str, ...]:
    """Return the titles of a table whose columns `read_table` has refused; JSON Lines has none."""
    if form is TableForm.JSON_LINES:
        return ()
    if form is TableForm.WORKBOOK:
        return workbook(data, source, sheet, with_hidden=with_hidden).header
    return delimited(data, source, encoding_of(data, source, encoding), _How(source=source, form=form).is_header).header


@dataclass(frozen=True, kw_only=True, slots=True)
class _How:
    """How the columns of a table are read: what `read_table` is told of them."""

    source: str
    form: TableForm
    dates: DateOrder | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    family_first: bool = False
    exports: Exports | None = None

    def is_header(self, cells: Sequence[str]) -> bool:
        """Return whether cells are the titles of a table that can be read."""
        if self.exports and any(not export.lacks(cells) for export in self.exports.known):
            return True
        return is_header(cells, spoken_of(self.aliases), frozenset(map(folded, self.ignored)))

    def table(
        self,
        headers: tuple[str, ...],
        line: int,
        count: int,
        records: Callable[[], Iterator[Record]],
        warnings: tuple[Problem, ...] = (),
    ) -> Table:
        """Return the table; raise InputError with every fault that refuses it whole."""
        exports = self.exports
        export = exports.of(headers, self.source, line) if exports else None
        columns = columns_of(
            headers,
            self.source,
            line,
            aliases=self.aliases,
            ignored=self.ignored,
            described=export.columns if export else None,
        )
        if not count:
            raise InputError.of(Kind.TREATMENT, Code.TABLE_NO_ROWS, self.source)
        if exports is None or export is None:
            reader = self._reader(headers, columns, records, self.dates or DateOrder.ISO)

            def read() -> Iterator[Row]:
                return map(reader.row, records())

            return Table(source=self.source, form=self.form, columns=headers, count=count, read=read, warnings=warnings)
        clinic = exports.clinic()
        order = self.dates or export.order or clinic.order
        sorting = Sorting(
            export=export,
            clinic=clinic,
            source=self.source,
            line=line,
            headers=headers,
            keys=tuple(map(folded, headers)),
            columns=columns,
            order=order,
        )
        counts = sorting.counted(records)
        notice, told = sorting.told(counts, strict=exports.strict)
        of_export = self._reader(headers, columns, partial(sorting.kept, records), order, comma=export.family_comma)

        def read_kept() -> Iterator[Row]:
            return (sorting.with_service(of_export.row(record)) for record in sorting.kept(records))

        return Table(
            source=self.source,
            form=self.form,
            columns=headers,
            count=counts.kept,
            read=read_kept,
            warnings=(*warnings, *told),
            notice=notice,
            export=export.name,
        )

    def _reader(
        self,
        headers: tuple[str, ...],
        columns: tuple[Column, ...],
        records: Callable[[], Iterator[Record]],
        dates: DateOrder,
        *,
        comma: bool = False,
    ) -> RowReader:
        places = {column.path: column.index for column in columns}

        @cache
        def has_utc_times(path: str) -> bool:
            place = places[path]
            return any(is_utc_time(record.cells[place], dates) for record in records() if place < len(record.cells))

        return RowReader(
            source=self.source,
            headers=headers,
            columns=columns,
            unnamed=tuple(index for index, header in enumerate(headers) if not header.strip()),
            dates=dates,
            has_utc_times=has_utc_times,
            family_first=self.family_first,
            family_comma=comma,
        )
