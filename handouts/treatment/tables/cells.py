"""The cells of a table -> the values of details, or a ValueFault that says what is wrong with a cell."""

import re
from datetime import date, datetime, time, timedelta

from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.misread import unmisread
from handouts.treatment.tables.plain import number_text, revived
from handouts.treatment.values import language

_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")
_ERROR_VALUE = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|#+)", re.IGNORECASE)
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE | re.ASCII)
_DAMAGED = re.compile("\ufffd|[\u0080-\u0084\u0086-\u009f]")
"""What stands for a letter that a program could not read, and C1 controls: cp1252 that it took for ISO 8859-1."""
_NULLS = frozenset(("\\n", "null", "nan", "nat", "n/a", "#n/a", "none", "<na>", "(null)", "nil", "undefined"))
_KINDS = {bool: "TRUE or FALSE", datetime: "a date", date: "a date", time: "a time", timedelta: "a time"}


def checked_cell(value: object, *, lines: bool) -> object:
    """Return a cell's value without what a spreadsheet program needs around it, "" where it is blank.

    Raises a ValueFault for what is no value: a formula, its error, half a number, damaged letters; or, without
    `lines`, a line break, since a quote that is closed in a later row swallows what is between.
    """
    if not isinstance(value, str):
        return value
    whole = revived(value)
    text = whole.strip(" \t\r\n\u00a0\ufeff")
    if text[:1] == "=":
        raise ValueFault(Code.TABLE_FORMULA)
    if text[:1] == "#" and _ERROR_VALUE.fullmatch(text):
        raise ValueFault(Code.TABLE_ERROR_VALUE)
    if "+" in text and _SHORTENED.fullmatch(text):
        raise ValueFault(Code.TABLE_NUMBER_SHORTENED)
    if unmisread(whole) or _DAMAGED.search(text):  # Its last letter may have become a space.
        raise ValueFault(Code.DAMAGED_TEXT)
    if not lines and _BREAKS.search(text):
        raise ValueFault(Code.TABLE_LINE_BREAK)
    return text


def is_null(value: object) -> bool:
    r"""Return whether a value is what programs write for one that is not there: \N, NULL, nan, N/A, None, #N/A."""
    return isinstance(value, str) and value.strip().lower() in _NULLS


def text_of(value: object) -> str:
    """Return a cell as text: a number as its digits. Dates and times have no place where a text is wanted."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    raise ValueFault(Code.TABLE_CELL_KIND, found=_KINDS.get(type(value), "something else"))


def several(value: object, separators: str) -> list[str]:
    """Return the entries of a cell, which stand between separators."""
    return [entry.strip() for entry in re.split(f"[{separators}]", text_of(value)) if entry.strip()]


def sheet_language(value: object) -> str:
    """Return the tag of a sheet's language, or two with a + between them. Raises a ValueFault for an empty part too."""
    try:
        return "+".join(language(part.strip() or "+") for part in text_of(value).split("+"))
    except ValueFault as error:
        if error.code is not Code.PATIENT_LANGUAGE_UNKNOWN:
            raise
        raise ValueFault(Code.SHEET_LANGUAGE_UNKNOWN, nearest=error.nearest, **error.values) from None
