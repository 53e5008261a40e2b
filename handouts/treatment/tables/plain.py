"""A cell's value -> its text, and a text that no spreadsheet program takes for a formula, and back again."""

import re
from datetime import datetime, time

from handouts.codes import Code
from handouts.errors import ValueFault

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\0]")
"""What makes a program reckon (OWASP, CSV injection; ASVS 5.0, 1.2.10), also in the wide forms of East Asia."""
_DIGITS = re.compile(r"0\d+|\d{12,}", re.ASCII)
_QUOTED = re.compile(r'="([^"]*)"')
_EXACT = 10**15
"""A workbook keeps 15 digits of a number; what follows them is lost."""


def number_text(number: float) -> str:
    """Return a workbook's number as it shows it, by 15 digits: 417.0 is 417, and 0.1 + 0.2 is 0.3."""
    if abs(number) >= _EXACT or number != number:  # noqa: PLR0124 - not a number
        raise ValueFault(Code.TABLE_NUMBER_SHORTENED)
    return str(int(number)) if number == int(number) else f"{number:.15g}"


def plain_text(value: object) -> str:
    """Return what stands in a cell as text that `read_table` reads as the same value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return str(int(value)) if abs(value) < _EXACT and value == int(value) else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ", "seconds" if value.second else "minutes")
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat("seconds" if value.second else "minutes")
    return str(value)


def neutral(text: str) -> str:
    """Return a text for a cell of a CSV file that a person opens in a spreadsheet program.

    What would be a formula gets an apostrophe in front. Digits that the program would shorten or strip of their zeros
    are written ="00417", the one form that keeps them there. `revived` takes both away.
    """
    if _DIGITS.fullmatch(text):
        return f'="{text}"'
    return f"'{text}" if _FORMULA.match(text) else text


def revived(text: str) -> str:
    """Return a text without what `neutral`, or a program that writes ="00417", put around it."""
    if text[:1] == "=" and (match := _QUOTED.fullmatch(text)):
        return match[1]
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text
