"""PO files, shipped first and the clinic's after -> one Catalogue, merged by message, each entry with its line."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from handouts.errors import InputError, Kind, Problem
from handouts.resources import Resources, read_text

_HEADER_FIELD = re.compile(r'^"([A-Za-z-]+): (.*?)(?:\\n)?"$', re.MULTILINE)

Key = tuple[str, str]
"""A message's context and its text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One translated message: empty `text` is untranslated; `source` and `line` say where it stands."""

    text: str
    fuzzy: bool
    source: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """The messages of one document (or of the labels) in one language. `headers` are the last file's."""

    language: str
    source: str
    entries: Mapping[Key, Entry]
    headers: Mapping[str, str] = field(default_factory=dict)


def catalogue(name: str, language: str, resources: Resources) -> Catalogue:
    """Return the catalogue `name` ("microneedling-aftercare", "handouts") in `language`.

    Where no file exists the catalogue has no entries. Raises InputError for a file that is not PO, with its line.
    """
    relative = po_name(name, language)
    entries: dict[Key, Entry] = {}
    headers: dict[str, str] = {}
    paths = resources.stacked("locales", relative)
    for path in paths:
        text = read_text(path, kind=Kind.TRANSLATION, source=resources.display(path))
        read = parse(text, resources.display(path))
        entries |= {key: entry for key, entry in _entries(read, path, resources) if entry.text or key not in entries}
        headers |= header_fields(text)
    source = resources.display(paths[-1]) if paths else f"locales/{relative}"
    return Catalogue(language=language, source=source, entries=entries, headers=headers)


def po_name(name: str, language: str) -> str:
    """Return the place of a catalogue on the shelf "locales", as gettext lays it out."""
    return f"{language.replace('-', '_')}/LC_MESSAGES/{name}.po"


def parse(text: str, source: str) -> Catalog:
    """Return what Babel reads in a PO file; raise InputError with the line where it is not PO."""
    try:
        return read_po(io.StringIO(text), abort_invalid=True)
    except PoFileError as error:
        line = error.lineno + 1 if error.lineno is not None else None
        values = {"reason": str(error).partition(":")[0]}
        problem = Problem(kind=Kind.TRANSLATION, code="not-po", source=source, line=line, values=values)
        raise InputError([problem]) from None
    except (ValueError, KeyError, TypeError) as error:
        problem = Problem(kind=Kind.TRANSLATION, code="not-po", source=source, values={"reason": str(error)[:80]})
        raise InputError([problem]) from None


def header_fields(text: str) -> dict[str, str]:
    """Return the fields of a PO file's header; Babel keeps only those that gettext itself defines."""
    head = text.partition("\n\n")[0]
    return {match[1]: match[2] for match in _HEADER_FIELD.finditer(head)}


def _entries(read: Catalog, path: Path, resources: Resources) -> Sequence[tuple[Key, Entry]]:
    source = resources.display(path)
    found = []
    for message in read:
        if not message.id or not isinstance(message.id, str):
            continue
        text = message.string if isinstance(message.string, str) else ""
        entry = Entry(text=text, fuzzy=message.fuzzy, source=source, line=message.lineno or 0)
        found.append(((message.context or "", message.id), entry))
    return found
