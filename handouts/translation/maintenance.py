"""A document's messages + an old catalogue -> the catalogue as it must be now, and a count of what is left to do."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from handouts.records import Message
from handouts.translation.catalogue import Catalogue, header_fields, parse

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # A catalogue made twice from the same text is the same file.
_WIDTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How far a catalogue is: counts of messages."""

    complete: int
    fuzzy: int
    missing: int

    @property
    def whole(self) -> bool:
        """Return whether a sheet can be made."""
        return not self.fuzzy and not self.missing


def template(name: str, messages: Iterable[Message], source: str) -> str:
    """Return the .pot text for these messages."""
    return _written(name, _catalog(name, messages, source), is_template=True)


def updated(name: str, language: str, messages: Iterable[Message], source: str, old: str) -> str:
    """Return the .po text of `language` with exactly these messages; a changed text keeps its translation as fuzzy.

    `old` is the .po text so far or "". Reviewer's and translator's header fields stay.
    """
    wanted = _catalog(name, messages, source)
    locale = str(Locale.parse(language, sep="-"))
    if not old:
        fresh = _catalog(name, messages, source)
        fresh.locale = Locale.parse(locale)
        return _written(name, fresh, is_template=False)
    catalog = parse(old, source)
    catalog.locale = Locale.parse(locale)
    kept = [field for field in header_fields(old).items() if field[0].lower().startswith(("x-", "last-translator"))]
    catalog.update(wanted, no_fuzzy_matching=False, update_header_comment=False)
    return _written(name, catalog, is_template=False, headers=kept)


def filled(messages: Iterable[Message], source: str, catalogue: Catalogue, name: str) -> str:
    """Return the .po text with these messages and what the merged catalogue says of each."""
    made = _catalog(name, messages, source)
    made.locale = Locale.parse(catalogue.language, sep="-")
    for message in made:
        entry = catalogue.entries.get((message.context or "", str(message.id)))
        if message.id and entry is not None:
            message.string = entry.text
            message.flags |= {"fuzzy"} if entry.fuzzy else set()
    return _written(name, made, is_template=False)


def with_places(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages with a comment that tells a translator where each one stands: after which other."""
    before = ("", *(message.text for message in messages))
    return tuple(
        replace(message, comment=" ".join(filter(None, (message.comment, f"[{message.context}] << {text}"))))
        for message, text in zip(messages, before, strict=False)
    )


def state(messages: Iterable[Message], catalogue: Catalogue) -> State:
    """Return how far the catalogue is with these messages."""
    complete = fuzzy = missing = 0
    for message in messages:
        entry = catalogue.entries.get((message.context, message.text))
        if entry is None or not entry.text:
            missing += 1
        elif entry.fuzzy:
            fuzzy += 1
        else:
            complete += 1
    return State(complete=complete, fuzzy=fuzzy, missing=missing)


def _catalog(name: str, messages: Iterable[Message], source: str) -> Catalog:
    catalog = Catalog(
        project=name, header_comment=f"# {name}: see docs/reference/catalogues.md.", creation_date=_NO_DATE
    )
    for message in messages:
        comments = [message.comment] if message.comment else []
        place = [(source, message.line)] if message.line else []
        catalog.add(
            message.text,
            context=message.context or None,
            locations=place,
            auto_comments=comments,
        )
    return catalog


def _written(name: str, catalog: Catalog, *, is_template: bool, headers: Iterable[tuple[str, str]] = ()) -> str:
    catalog.fuzzy = False
    out = io.BytesIO()
    write_po(out, catalog, width=_WIDTH, omit_header=True, ignore_obsolete=True, include_lineno=False)
    language = "" if is_template or catalog.locale is None else str(catalog.locale)
    fields = [
        ("Project-Id-Version", name),
        ("Language", language),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        *headers,
    ]
    header = "".join(f'"{key}: {value}\\n"\n' for key, value in fields)
    return f'msgid ""\nmsgstr ""\n{header}\n{out.getvalue().decode()}'
