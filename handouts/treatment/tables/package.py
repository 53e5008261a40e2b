"""The bytes of a workbook -> what its ZIP package says before a cell is read: sheets, sizes, cells to beware of.

calamine makes a full rectangle of a sheet's cells: two cells in opposite corners, 2 KB, end the whole process for want
of memory (calamine issue 693; seen with 0.9.1 of python-calamine). It also reads an error (#N/A) and a formula that was
never calculated as an empty cell. So each sheet is gone through here first.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.treatment.tables.table import MAXIMUM_COLUMNS, MAXIMUM_ROWS

MAXIMUM_UNPACKED = 300_000_000
"""Bytes of all parts together. 100,000 rows of 20 columns take about 120 MB."""
_MAXIMUM_PARTS = 2_000
_MAXIMUM_CELLS = 5_000_000
"""Of the rectangle around all cells: 32 bytes each in calamine."""
_PLAIN_FORMATS = {0, 1, 2, 49}
_PLAIN_CODE = re.compile(r"[#,?]*0(\.[0#?]+)?(;.*)?|General|@", re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)

Attributes = dict[str, str]


@dataclass(kw_only=True, slots=True)
class WorkbookSheet:
    """What is to be known of one sheet: places are (row, column) from 1.

    `faults` has the code of each cell whose value calamine would lose; `reformatted` the numbers that the program shows
    in another form than they have: 00417 for 417, 20% for 0.2. `hidden_rows` and `hidden_columns` are those that the
    person does not see.
    """

    name: str = ""
    is_hidden: bool = False
    last_row: int = 0
    last_column: int = 0
    faults: dict[tuple[int, int], Code] = field(default_factory=dict)
    reformatted: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def sheets_of(data: bytes, source: str) -> tuple[WorkbookSheet, ...]:
    """Return the sheets in their order; raise InputError where this is no workbook that can be read safely."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        protected = "EncryptedPackage".encode("utf-16-le") in data
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_PROTECTED if protected else Code.WORKBOOK_OLD, source)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _weigh(package, source)
            return tuple(_sheets(package, source))
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, EOFError, NotImplementedError):
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_DAMAGED, source) from None


def _weigh(package: zipfile.ZipFile, source: str) -> None:
    """Raise InputError where the parts are too many or too large; unpacking stops at the size that a part declares."""
    parts = package.infolist()
    names = {part.filename for part in parts}
    if not any(name.endswith("workbook.xml") for name in names):
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_OLD, source)  # .ods, .xlsb
    if len(parts) > _MAXIMUM_PARTS or sum(part.file_size for part in parts) > MAXIMUM_UNPACKED:
        raise InputError.of(
            Kind.TREATMENT, Code.WORKBOOK_TOO_LARGE, source, maximum=f"{MAXIMUM_UNPACKED // 1_000_000} MB"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise InputError.of(Kind.TREATMENT, Code.WORKBOOK_PROTECTED, source)
    plain = {name.lower().replace("\\", "/") for name in names}
    if len(plain) != len(parts) or any(".." in name for name in plain):
        raise zipfile.BadZipFile  # calamine might open another part than the one that is gone through here.
    for part in parts:
        with package.open(part) as unpacked:
            while unpacked.read(1 << 20):  # The checksum at the end shows a part that says less than it holds.
                pass


def _sheets(package: zipfile.ZipFile, source: str) -> Iterator[WorkbookSheet]:
    relations: dict[str, str] = {}
    named: list[tuple[str, str, bool]] = []

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            relations[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            plain_names = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            named.append((attributes["name"], plain_names["id"], attributes.get("state", "visible") != "visible"))

    _parse(package, "xl/_rels/workbook.xml.rels", relation)
    _parse(package, "xl/workbook.xml", sheet)
    if len({name for name, _, _ in named}) != len(named):
        raise zipfile.BadZipFile
    plain = _plain_styles(package) if "xl/styles.xml" in package.namelist() else (True,)
    for name, identity, is_hidden in named:
        found = WorkbookSheet(name=name, is_hidden=is_hidden)
        _walk(package, relations[identity], found, plain)
        wide, long = found.last_column > MAXIMUM_COLUMNS, found.last_row > MAXIMUM_ROWS + 1
        if wide or long or found.last_row * found.last_column > _MAXIMUM_CELLS:
            rows, columns, cells = f"{MAXIMUM_ROWS:,}", str(MAXIMUM_COLUMNS), f"{_MAXIMUM_CELLS:,}"
            raise InputError.of(
                Kind.TREATMENT,
                Code.WORKBOOK_SHEET_TOO_LARGE,
                source,
                rows=rows,
                columns=columns,
                cells=cells,
                sheet=name,
            )
        yield found


def _plain_styles(package: zipfile.ZipFile) -> tuple[bool, ...]:
    """Return for each style of a cell whether it shows a number as it is (ECMA-376, 18.8.30)."""
    codes: dict[int, str] = {}
    plain: list[bool] = []
    inside: list[str] = []

    def begin(name: str, attributes: Attributes) -> None:
        inside.append(name)
        if name == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name == "xf" and "cellXfs" in inside:
            number = int(attributes.get("numFmtId", "0"))
            plain.append(number in _PLAIN_FORMATS or _PLAIN_CODE.fullmatch(codes.get(number, "-")) is not None)

    _parse(package, "xl/styles.xml", begin, lambda _: inside.pop())
    return tuple(plain) or (True,)


def _walk(package: zipfile.ZipFile, part: str, sheet: WorkbookSheet, plain: tuple[bool, ...]) -> None:
    """Go through the cells of a sheet (ECMA-376, 18.3.1.4); one without a reference follows the one before it."""
    row = column = 0
    kind, style, text, is_formula, in_value = "", 0, "", False, False

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal row, column, kind, style, text, is_formula, in_value
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
            if attributes.get("hidden", "0") in ("1", "true"):
                sheet.hidden_rows.add(row)
        elif name == "col" and attributes.get("hidden", "0") in ("1", "true"):
            last = min(int(attributes["max"]), MAXIMUM_COLUMNS)
            sheet.hidden_columns.update(range(int(attributes["min"]), last + 1))
        elif name == "c":
            row, column = _cell_place(attributes["r"]) if "r" in attributes else (row, column + 1)
            sheet.last_row, sheet.last_column = max(sheet.last_row, row), max(sheet.last_column, column)
            kind, style = attributes.get("t", "n"), int(attributes.get("s", 0))
            text, is_formula = "", False
        elif name in ("v", "f"):
            in_value, is_formula = name == "v", is_formula or name == "f"

    def end(name: str) -> None:
        nonlocal in_value
        in_value = in_value and name != "v"
        if name != "c":
            return
        if kind == "e":
            sheet.faults[row, column] = Code.TABLE_ERROR_VALUE
        elif is_formula and kind != "str" and not text:
            sheet.faults[row, column] = Code.WORKBOOK_NOT_CALCULATED
        elif kind == "n" and text and not (style < len(plain) and plain[style]):
            sheet.reformatted.add((row, column))

    def characters(data: str) -> None:
        nonlocal text
        if in_value:
            text += data

    _parse(package, part, begin, end, characters)


def _cell_place(reference: str) -> tuple[int, int]:
    """Return the row and the column of a cell's reference. Raises ValueError."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _parse(
    package: zipfile.ZipFile,
    part: str,
    begin: Callable[[str, Attributes], None],
    end: Callable[[str], object] = lambda _: None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Go through a part, names without their prefix; a document type, which can hold entities, is refused."""

    def no_type(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = no_type
    parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(" ")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if characters:
        parser.CharacterDataHandler = characters
    parser.buffer_text = True
    with package.open(part) as unpacked:
        parser.ParseFile(unpacked)
