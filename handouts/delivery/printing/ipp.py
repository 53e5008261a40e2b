"""An IPP request -> the bytes of it; the bytes of an answer -> its attributes (RFC 8010, 3).

Written here because no library does it: pyipp's maintainers say that printing is not supported (python-ipp issues 105
and 703), pycups is GPL and built from source, pkipplib is Python 2. Of `lp`, measured with CUPS 2.4.2: it keeps the
file's name in the job's history, answers in the language of the desk, and takes an option that the printer lacks.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Any

VERSION = (2, 0)
_END_OF_ATTRIBUTES = 0x03
_LONGEST = 1023
"""Octets of a text or an address (RFC 8011, 5.1); names and keywords have 255."""
_MOST_GROUPS = 20_000
"""Queues or jobs in an answer: CUPS keeps 500 jobs unless it is told otherwise."""


class Operation(IntEnum):
    """The operations that are used (RFC 8011, 5.4.15; those of CUPS from its "CUPS Implementation of IPP")."""

    PRINT_JOB = 0x0002
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002


class Group(IntEnum):
    """Delimiter tags of the groups of attributes (RFC 8010, 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    PRINTER = 0x04


class Tag(IntEnum):
    """Value tags (RFC 8010, 3.5.2)."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    RANGE = 0x33
    BEGIN_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER_NAME = 0x4A


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute with its values: numbers, texts, or for a collection a sequence of Attributes each."""

    name: str
    tag: Tag
    values: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer: its status code (RFC 8011, appendix B) and the groups, each as values by attribute name.

    A range is a pair of integers, a collection a dict of such values; what is out of band has no values.
    """

    status: int
    groups: tuple[tuple[int, Mapping[str, tuple[Any, ...]]], ...]

    def of(self, group: Group) -> tuple[Mapping[str, tuple[Any, ...]], ...]:
        """Return the groups of one kind."""
        return tuple(values for tag, values in self.groups if tag == group)


def encode(operation: Operation, groups: Iterable[tuple[Group, Sequence[Attribute]]]) -> bytes:
    """Return a request; its charset and language come first, as RFC 8011, 4.1.4 has it. The document follows it."""
    charset = Attribute("attributes-charset", Tag.CHARSET, ("utf-8",))
    language = Attribute("attributes-natural-language", Tag.LANGUAGE, ("en",))
    parts = [struct.pack(">BBHI", *VERSION, operation, 1)]
    for group, attributes in groups:
        parts.append(bytes([group]))
        leading = (charset, language) if group is Group.OPERATION else ()
        parts += [_attribute(attribute) for attribute in (*leading, *attributes)]
    return b"".join(parts) + bytes([_END_OF_ATTRIBUTES])


def _attribute(attribute: Attribute) -> bytes:
    names = (attribute.name, *[""] * (len(attribute.values) - 1))
    return b"".join(_value(attribute.tag, name, value) for name, value in zip(names, attribute.values, strict=True))


def _value(tag: Tag, name: str, value: Any) -> bytes:
    if tag is Tag.BEGIN_COLLECTION:
        members = b"".join(
            _field(Tag.MEMBER_NAME, "", member.name.encode()) + _attribute(Attribute("", member.tag, member.values))
            for member in value
        )
        return _field(tag, name, b"") + members + _field(Tag.END_COLLECTION, "", b"")
    if tag in {Tag.INTEGER, Tag.ENUM}:
        return _field(tag, name, struct.pack(">i", value))
    return _field(tag, name, str(value).encode(errors="replace")[: 4 * _LONGEST])  # Escaped, an address may be longer.


def _field(tag: int, name: str, data: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(data)) + data


def decode(data: bytes) -> Response:
    """Return an answer; raise ValueError where it is none."""
    try:
        _, _, status, _ = struct.unpack_from(">BBHI", data)
        groups = tuple(islice(_groups(_Fields(data, 8)), _MOST_GROUPS + 1))
        if len(groups) > _MOST_GROUPS:
            raise ValueError("groups without end")
        return Response(status=status, groups=groups)
    except (struct.error, IndexError, RecursionError) as error:
        raise ValueError(str(error)) from None


class _Fields:
    """Walks over tags, names and values."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at

    def tag(self) -> int:
        """Return the tag at hand and go on."""
        self._at += 1
        return self._data[self._at - 1]

    def text(self) -> bytes:
        """Return what a length announces and go on; where it is cut off, the next tag is missing."""
        (length,) = struct.unpack_from(">H", self._data, self._at)
        start, self._at = self._at + 2, self._at + 2 + length
        return self._data[start : self._at]

    def value(self, tag: int) -> tuple[Any, ...]:
        """Return the value at hand as a tuple of one, or of none where it is out of band (RFC 8010, 3.8)."""
        data = self.text()
        if tag in {Tag.INTEGER, Tag.ENUM}:
            return struct.unpack(">i", data)
        if tag == Tag.BOOLEAN:
            return (data != b"\0",)
        if tag == Tag.RANGE:
            return (struct.unpack(">ii", data),)
        if tag == Tag.BEGIN_COLLECTION:
            return (self.members(),)
        if tag in {Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE}:
            inner = _Fields(data, 0)
            inner.text()
            data = inner.text()
        return (printable_text(data[:_LONGEST].decode("utf-8", "replace")),) if tag >= Tag.RANGE else ()

    def members(self) -> Mapping[str, tuple[Any, ...]]:
        """Return a collection's members up to its end."""
        found: dict[str, list[Any]] = {}
        name = ""
        while (tag := self.tag()) != Tag.END_COLLECTION:
            self.text()
            if tag == Tag.MEMBER_NAME:
                name = self.text().decode("utf-8", "replace")
            else:
                found.setdefault(name, []).extend(self.value(tag))
        self.text()
        self.text()
        return {name: tuple(values) for name, values in found.items()}


def printable_text(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def _groups(fields: _Fields) -> Iterable[tuple[int, Mapping[str, tuple[Any, ...]]]]:
    kind, found, name = 0, dict[str, list[Any]](), ""
    while (tag := fields.tag()) != _END_OF_ATTRIBUTES:
        if tag < 0x10:
            if kind:
                yield kind, _well_formed(found)
            kind, found = tag, {}
            continue
        name = fields.text().decode("utf-8", "replace") or name
        found.setdefault(name, []).extend(fields.value(tag))
    if kind:
        yield kind, _well_formed(found)


_FORMS: Mapping[str, type] = {
    "job-id": int,
    "job-state": int,
    "printer-state": int,
    "time-at-creation": int,
    "copies-supported": tuple,
    "printer-is-accepting-jobs": bool,
    "color-supported": bool,
    "printer-name": str,
}
"""What the attributes hold that nothing can be made of where they hold anything else (RFC 8011, 5.3 and 5.4)."""


def _well_formed(found: Mapping[str, Sequence[Any]]) -> Mapping[str, tuple[Any, ...]]:
    """Return the attributes with those values alone that have the form they must have; some printers send others."""
    return {
        name: tuple(value for value in values if type(value) is _FORMS.get(name, type(value)))
        for name, values in found.items()
    }
