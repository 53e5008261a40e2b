"""PO files, shipped first and the clinic's after -> one Catalogue, merged by message, each entry with its line.

A language that is a variant of another (locales/languages.toml) has files with the messages alone that differ.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, few_of_each
from handouts.languages import folder_of, lineage, meant_tag
from handouts.records import Document, messages
from handouts.resources import Resources, read_text

_HEADER = re.compile(r'^msgid ""\s*\nmsgstr((?:[ \t]*"(?:[^"\\]|\\.)*"[ \t]*\n?)+)', re.MULTILINE)
"""The header: the translation of the empty text, in as many strings as a program likes to write."""
_OBSOLETE_SOURCE = re.compile(r"^#~\|.*$", re.MULTILINE)
_HEADER_STRING = re.compile(r'[^"]*+"((?:[^"\\]|\\.)*+)"')
_HEADER_FIELD = re.compile(r"^([A-Za-z-]++): *+(.*+)$", re.MULTILINE)

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_STRING = re.compile(r'((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s+)?"([^"\\]|\\[ntr"\\])*"')
_KEYWORD = re.compile(r"(msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s")
_PLURAL = re.compile(r"msgid_plural\s|msgstr\[")
_ESCAPE = re.compile(r"\\[^ntr\"\\]")
_BLOCK = re.compile(r"(?:^[^\S\n]*+\S.*+\n?+)++", re.MULTILINE)
_PART = re.compile(r'^(msgctxt|msgid)\s+((?:".*"\s*)+)', re.MULTILINE)

Key = tuple[str, str]
"""A message's context and its text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One translated message: empty `text` is untranslated; `source` and `line` say where it stands.

    `is_own` says that it stands in the clinic's folder.
    """

    text: str
    fuzzy: bool
    source: str
    line: int
    is_own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """The messages of one document (or of the labels) in one language, merged.

    `headers` has the header of each file, the shipped one's first. A variant of another language has that one's
    catalogue as `base`, and `repeated` are the messages of its last file that would read the same without it.
    """

    language: str
    source: str
    entries: Mapping[Key, Entry]
    headers: tuple[Mapping[str, str], ...] = ()
    base: "Catalogue | None" = None
    repeated: frozenset[Key] = frozenset()

    def holder(self, key: Key) -> "Catalogue":
        """Return the catalogue in whose files a message stands, or is missing: this one or its base."""
        of_base = self.base is not None and self.entries.get(key) is self.base.entries.get(key)
        return self.base if self.base is not None and of_base else self


def catalogue(name: str, language: str, resources: Resources) -> Catalogue:
    """Return the catalogue `name` ("microneedling-aftercare", "handouts") in `language`.

    Where no file exists the catalogue has no entries. In a variant of another language the messages of that one stand
    under its own: a later one of these wins, message by message: the base's shipped file, the variant's shipped file,
    the clinic's file for the base, the clinic's file for the variant. So what a clinic says itself in the base is said
    in the variant too, also where what ships says it otherwise there, until the clinic has a message for the variant.
    Raises InputError for a file that is not PO, with its line.
    """
    base = next((catalogue(name, tag, resources) for tag in lineage(language)[1:]), None)
    return _over(base, name, language, resources)


def catalogue_of(document: Document, language: str, resources: Resources) -> Catalogue:
    """Return the catalogue of a document; raise InputError as `catalogue` does.

    A variant of the language that the document is written in says what the document says, but for its own messages.
    """
    if document.language not in lineage(language)[1:]:
        return catalogue(document.id, language, resources)
    written = {
        (message.context, message.text): Entry(
            text=message.text, fuzzy=False, source=document.source_name, line=message.line
        )
        for message in messages(document)
    }
    base = Catalogue(language=document.language, source=document.source_name, entries=written)
    return _over(base, document.id, language, resources)


def _over(base: Catalogue | None, name: str, language: str, resources: Resources) -> Catalogue:
    """Return the catalogue of the files of one language, over that of the language that it is a variant of."""
    relative = po_name(name, language)
    entries: dict[Key, Entry] = {**base.entries} if base else {}
    headers: list[Mapping[str, str]] = []
    repeated: frozenset[Key] = frozenset()
    paths = resources.stacked("locales", relative)
    for path in paths:
        text = read_text(path, kind=Kind.TRANSLATION, source=resources.display(path))
        read = parse(text, resources.display(path))
        written = dict(_entries(read, path, resources))
        repeated = frozenset(
            key for key in written.keys() & entries.keys() if base and _changes_nothing(written[key], entries[key])
        )
        entries |= {key: entry for key, entry in written.items() if _counts(entry, entries.get(key))}
        fields = header_fields(text)
        _check_header(fields, text, language, resources.display(path))
        headers.append(fields)
    return Catalogue(
        language=language,
        source=resources.display(paths[-1]) if paths else f"locales/{relative}",
        entries=entries,
        headers=tuple(headers),
        base=base,
        repeated=repeated,
    )


def _counts(entry: Entry, former: Entry | None) -> bool:
    """Return whether a message stands in the place of one read before it: not if it is empty, nor over a clinic's."""
    return former is None or bool(entry.text and (entry.is_own or not former.is_own))


def _changes_nothing(entry: Entry, former: Entry) -> bool:
    return not entry.text or (entry.text, entry.fuzzy) == (former.text, former.fuzzy)


def po_name(name: str, language: str) -> str:
    """Return the place of a catalogue on the shelf "locales", as gettext lays it out."""
    return f"{folder_of(language)}/LC_MESSAGES/{name}.po"


def parse(text: str, source: str) -> Catalog:
    """Return what Babel reads in a PO file; raise InputError with the line where it is not PO."""
    unsound = tuple(few_of_each(_unsound(text, source)))
    if unsound:
        raise InputError(unsound)
    try:
        return read_po(io.StringIO(_as_babel_reads(text)), abort_invalid=True)
    except PoFileError as error:
        line = error.lineno + 1 if error.lineno is not None else None
        raise InputError.of(
            Kind.TRANSLATION, Code.NOT_PO, source, line, reason=re.sub(r" on \d+$", "", str(error).partition(":")[0])
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError.of(Kind.TRANSLATION, Code.NOT_PO, source, reason=str(error)[:80]) from None


def _as_babel_reads(text: str) -> str:
    """Return the text with an empty header, and without what was once the source of obsolete texts, on the same lines.

    Programs leave fields of theirs empty or unfilled (Poedit: POT-Creation-Date), and Babel takes none such; what we
    need of the header is read by `header_fields`.
    """
    text = _OBSOLETE_SOURCE.sub("", text)
    header = _HEADER.search(text)
    if header is None:
        return text
    empty = 'msgid ""\nmsgstr ""\n' + "\n" * (header[0].count("\n") - 2)
    return text[: header.start()] + empty + text[header.end() :]


def _check_header(fields: Mapping[str, str], text: str, language: str, source: str) -> None:
    """Raise InputError where a header says another language than its folder, or a date that is none.

    A variant's name is no other language in the folder of what it is a variant of: a clinic may have no more than that.
    """
    problems = []
    declared = fields.get("Language", "")
    meant = meant_tag(declared)
    if declared and not (meant and language in lineage(meant)):
        values = {"said": declared, "language": language}
        line = _line_of(text, '"Language:')
        problems.append(Problem.of(Kind.TRANSLATION, Code.LANGUAGE_OF_ANOTHER, source, line, **values))
    reviewed = fields.get("X-Reviewed-On", "")
    if reviewed and not _DATE.fullmatch(reviewed):
        line = _line_of(text, '"X-Reviewed-On:')
        values = {"key": "X-Reviewed-On"}
        problems.append(Problem.of(Kind.TRANSLATION, Code.NOT_A_DATE, source, line, **values))
    if problems:
        raise InputError(problems)


def _line_of(text: str, start: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), start=1) if start in line), 1)


def header_fields(text: str) -> dict[str, str]:
    """Return the fields of a PO file's header; Babel keeps only those that gettext itself defines."""
    header = _HEADER.search(text)
    if header is None:
        return {}
    joined = "".join(_strings(header[1])).replace("\\n", "\n")
    return {match[1]: match[2].rstrip(" ") for match in _HEADER_FIELD.finditer(joined)}


def _strings(text: str) -> Iterator[str]:
    """Yield what stands between the quotes of one string after the other."""
    at = 0
    while found := _HEADER_STRING.match(text, at):
        yield found[1]
        at = found.end()


def around_header(text: str) -> tuple[str, str]:
    """Return what precedes a PO file's header, and what follows it."""
    header = _HEADER.search(text)
    return (text[: header.start()], text[header.end() :]) if header else ("", text)


def _unsound(text: str, source: str) -> Iterator[Problem]:
    """Yield a Problem for each line that Babel would read without a word and get wrong, and each message that is twice.

    GNU gettext's manual, "The Format of PO Files": a keyword, or nothing, then one string in straight quotes.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if _PLURAL.match(line):
            values = {"reason": "texts here have no plural forms"}
            yield Problem.of(Kind.TRANSLATION, Code.NOT_PO, source, number, **values)
        if not line.strip() or line.startswith("#") or _STRING.fullmatch(line.strip()):
            continue
        keyword = _KEYWORD.match(line.strip())
        if keyword is None and not line.strip().startswith(('"', "“", "”")):
            reason = "Unknown or misformatted keyword"
        elif escape := _ESCAPE.search(line):
            reason = f"{escape[0]} means nothing"
        else:
            reason = 'a text needs a straight quote at each end, and \\" inside'
        yield Problem.of(Kind.TRANSLATION, Code.NOT_PO, source, number, reason=reason)
    seen: set[tuple[str, str]] = set()
    for number, context, message in _identities(text):
        if message and (context, message) in seen:
            values = {"key": message[:60]}
            yield Problem.of(Kind.TRANSLATION, Code.KEY_TWICE, source, number, **values)
        seen.add((context, message))


def _identities(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, context, text) of each message as it stands in the file."""
    line, at = 1, 0
    for block in _BLOCK.finditer(text):
        parts = {match[1]: "".join(re.findall(r'"(.*)"', match[2])) for match in _PART.finditer(block[0])}
        line, at = line + text.count("\n", at, block.start()), block.start()
        if "msgid" in parts and not block[0].lstrip().startswith("#~"):
            within = block[0].count("\n", 0, block[0].find("msgid "))
            yield line + within, parts.get("msgctxt", ""), parts["msgid"]


def _entries(read: Catalog, path: Path, resources: Resources) -> Sequence[tuple[Key, Entry]]:
    source = resources.display(path)
    is_own = resources.clinic is not None and path.is_relative_to(resources.clinic)
    found = []
    for message in read:
        if not message.id or not isinstance(message.id, str):
            continue
        text = message.string if isinstance(message.string, str) else ""
        entry = Entry(text=text, fuzzy=message.fuzzy, source=source, line=message.lineno or 0, is_own=is_own)
        found.append(((message.context or "", message.id), entry))
    return found
