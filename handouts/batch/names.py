"""A pattern and a row's values -> a file name that every system can keep, in any script."""

import re
import string
import unicodedata
from collections.abc import Mapping

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest

FIELDS = ("line", "document", "language", "reference", "date", "patient", "record_number")
"""What a pattern can ask for. The last two name the patient to whoever sees the folder."""
PERSONAL = frozenset(("patient", "record_number"))
MAXIMUM_BYTES = 200
"""Of 255 that file systems allow (NAME_MAX), with room for an ending and a number."""

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]')
"""What Windows or POSIX refuses in a name, and control characters."""
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
"""Marks that turn or hide a name's letters (UAX 9); ZWJ and ZWNJ stay: Persian and Indic names need them."""
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
"""Names of devices on Windows."""


def fields_of(pattern: str) -> tuple[str, ...]:
    """Return the fields that a pattern such as {document}-{language} asks for.

    Raises InputError for an unknown field, a brace left open, or a pattern that leads into another folder.
    """
    try:
        parts = tuple(string.Formatter().parse(pattern))
    except ValueError:
        raise InputError.of(Kind.USAGE, Code.NAME_PATTERN, "--pattern") from None
    named = tuple(name for _, name, _, _ in parts if name is not None)
    problems = [
        Problem.of(Kind.USAGE, Code.NAME_FIELD, "--pattern", nearest=nearest(name, FIELDS), known=", ".join(FIELDS))
        for name, form, conversion in ((name, form, conversion) for _, name, form, conversion in parts)
        if name is not None and (name not in FIELDS or form or conversion)
    ]
    if any(_FORBIDDEN.search(text) for text, *_ in parts):
        problems.append(Problem.of(Kind.USAGE, Code.NAME_CHARACTER, "--pattern"))
    if problems:
        raise InputError(problems)
    return named


def file_name(pattern: str, values: Mapping[str, str]) -> str:
    """Return the name, without ending, that a pattern of fields_of makes of a row's values.

    It holds the row's reference in any case, at its end if the pattern has it nowhere or the name is too long: two
    sheets never share a file.
    """
    whole = pattern.format_map({key: safe(value) for key, value in values.items()})
    reference = values["reference"]
    name = _shortened(whole, MAXIMUM_BYTES - len(reference) - 1)
    name = _outer(name if reference in name else f"{_outer(name)}-{reference}")
    return f"_{name}" if _RESERVED.match(name) else name


def _outer(name: str) -> str:
    """Return a name without what hides it or what Windows takes off at its ends."""
    return name.strip(" .-")


def safe(value: str) -> str:
    """Return a value without what a file name cannot hold; a forbidden character becomes a hyphen."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", value))
    return " ".join(_FORBIDDEN.sub("-", text).split())


def _shortened(text: str, maximum: int) -> str:
    """Return as many whole characters, each with the marks upon it, as fit into `maximum` bytes of UTF-8."""
    data = text.encode()
    if len(data) <= maximum:
        return text
    short = data[:maximum].decode(errors="ignore")
    while short and _continues(text[len(short)]):
        short = short[:-1]
    return short


def _continues(character: str) -> bool:
    """Return whether a character belongs to the one before it: a mark or a joiner."""
    return unicodedata.category(character).startswith("M") or character in "\u200c\u200d"
