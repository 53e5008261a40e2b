"""A document of the library: blocks with their meaning, each text with its line, and the data it declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from handouts.records.block_kinds import BlockKind
from handouts.records.schedule import WaitingPeriod


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRange:
    """Days counted from the treatment, which is day 0; both ends belong to it."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One block: a text block has `text` (inline Markdown), a container has `children`.

    `when` names the condition under which it stands; `pictogram` stands before it; `comment` is the author's note to
    translators.
    """

    kind: BlockKind
    line: int
    text: str = ""
    children: tuple["Block", ...] = ()
    days: DayRange | None = None
    when: str = ""
    pictogram: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A text of the front matter and its line."""

    text: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A device setting that treatments of this document may give; `unit` is a CLDR unit ("millimeter") or ""."""

    label: Text
    unit: str
    at_least: str
    at_most: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A test on treatment details: any of the body sites, any of the products, or a setting between two bounds."""

    body_sites: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    setting: str = ""
    at_least: str = ""
    at_most: str = ""


class ReadWhen(StrEnum):
    """When a document is read. Before a treatment there is an appointment, or no date at all; it is never now."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planner:
    """The days that the patient ticks, from day 0 to `days`, and what there is to tick."""

    days: int
    tasks: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """Who reviewed the document (nobody yet: ""), when, and until when it may be used.

    `fingerprint` is that of the text that was reviewed, "" where the review does not say.
    """

    by: str
    role: str
    on: date | None
    due: date
    fingerprint: str = ""


class ReviewState(StrEnum):
    """Whether a named person has reviewed a text as it is.

    UNSIGNED: somebody is named, but not for which text. OUTDATED: it has changed since.
    """

    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"
    UNSIGNED = "unsigned"
    OUTDATED = "outdated"


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslationReview:
    """Who reviewed a translation, in what capacity and when.

    `language` is the tag of the language that it is the review of where that is not the sheet's, but the one that the
    sheet's is a variant of; else "".
    """

    state: ReviewState
    by: str = ""
    role: str = ""
    on: date | None = None
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a statement or figure comes from."""

    citation: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One document in one language; `source_name` is the file as people know it."""

    id: str
    version: str
    language: str
    read: ReadWhen = ReadWhen.AFTER
    title: Text
    summary: Text
    treatments: Mapping[str, Text]
    body_sites: Mapping[str, Text]
    settings: Mapping[str, Setting]
    conditions: Mapping[str, Condition]
    waiting_periods: tuple[WaitingPeriod, ...]
    planner: Planner | None
    review: Review
    sources: Mapping[str, Source]
    notes_for_clinicians: str
    blocks: tuple[Block, ...]
    source_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One gettext message: the kind of block as context, the text as id, its line and the author's comment."""

    context: str
    text: str
    line: int
    comment: str = ""


def rewrite(document: Document, render: Callable[[Message], str]) -> Document:
    """Return the document with each text replaced by `render(message)`; kinds, order and data stay as they are.

    This is the only walk that yields the texts to translate: extraction, translation and comparison all use it,
    so that none of them can see a text that another misses. A part whose text stays is that of the document itself.
    """

    def text(context: str, source: Text) -> Text:
        return replace(source, text=render(Message(context=context, text=source.text, line=source.line)))

    def block(source: Block, inside: str) -> Block:
        if source.text:
            context = f"{inside} {source.kind}".strip()
            message = Message(context=context, text=source.text, line=source.line, comment=source.comment)
            rendered = render(message)
            return source if rendered == source.text else replace(source, text=rendered)
        if not source.children:
            return source
        plain = source.kind in (BlockKind.SECTION, BlockKind.WHEN, BlockKind.LIST, BlockKind.STEPS)
        within = inside if plain else str(source.kind)
        children = tuple(block(child, within) for child in source.children)
        is_same = all(now is before for now, before in zip(children, source.children, strict=True))
        return source if is_same else replace(source, children=children)

    def period(source: WaitingPeriod) -> WaitingPeriod:
        message = Message(context="waiting period", text=source.label, line=source.line)
        return replace(source, label=render(message))

    planner = document.planner
    return replace(
        document,
        title=text("title", document.title),
        summary=text("summary", document.summary),
        treatments={key: text("treatment", label) for key, label in document.treatments.items()},
        body_sites={key: text("body site", label) for key, label in document.body_sites.items()},
        settings={
            key: replace(setting, label=text("setting", setting.label)) for key, setting in document.settings.items()
        },
        waiting_periods=tuple(period(source) for source in document.waiting_periods),
        planner=planner and replace(planner, tasks=tuple(text("planner task", task) for task in planner.tasks)),
        blocks=tuple(block(source, "") for source in document.blocks),
    )


def messages(document: Document) -> tuple[Message, ...]:
    """Return the messages of a document in reading order, each once."""
    found: dict[tuple[str, str], Message] = {}

    def collect(message: Message) -> str:
        found.setdefault((message.context, message.text), message)
        return message.text

    rewrite(document, collect)
    return tuple(found.values())
