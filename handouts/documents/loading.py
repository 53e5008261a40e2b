"""A document's file -> Document, whole and consistent, or every Problem that it has."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from handouts.checking import FileText
from handouts.codes import Code
from handouts.documents.consistency import Surroundings, inconsistencies, misplaced, rows_of
from handouts.documents.front_matter import FrontMatter, PeriodEntry, read
from handouts.documents.markdown import BodyParser
from handouts.errors import InputError, Kind, Problem, few_of_each, nearest
from handouts.records import (
    Block,
    Condition,
    Document,
    PeriodKind,
    Planner,
    ReadWhen,
    Review,
    Setting,
    Source,
    Text,
    WaitingPeriod,
)
from handouts.resources import Resources, read_text

_FENCE = "---\n"
_AFTERCARE = "-aftercare"
"""How the names of the sheets end that patients get most."""


def load(identifier: str, resources: Resources, today: date | None = None) -> Document:
    """Return a document from the clinic's library or the shipped one; raise InputError with every fault.

    A review that has not been yet on `today` is a fault.
    """
    path = resources.find("library", f"{identifier}.md")
    if path is None:
        known = tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))
        raise InputError([unknown_document(identifier, known)])
    source = resources.display(path)
    pictograms = tuple(Path(name).stem for name in resources.names("templates", "handout/pictograms/*.svg"))
    surroundings = Surroundings(stem=path.stem, pictograms=pictograms, today=today)
    return parse(read_text(path, kind=Kind.DOCUMENT, source=source), source, surroundings)


def unknown_document(identifier: str, known: Sequence[str]) -> Problem:
    """Return the Problem that there is no such document; a treatment's name alone most likely means its aftercare."""
    aftercare = f"{identifier.lower()}{_AFTERCARE}"
    return Problem.of(
        Kind.DOCUMENT,
        Code.UNKNOWN_DOCUMENT,
        identifier or "command line",
        nearest=aftercare if aftercare in known else nearest(identifier, known),
        known=", ".join(known),
    )


def parse(text: str, source: str, surroundings: Surroundings | None = None) -> Document:
    """Return the document that `text` is; raise InputError with every fault of front matter and body."""
    if not text.startswith(_FENCE) or "\n" + _FENCE not in text:
        raise InputError.of(Kind.DOCUMENT, Code.NO_FRONT_MATTER, source, 1)
    head, _, body = text.removeprefix(_FENCE).partition("\n" + _FENCE)
    parser = BodyParser(source, first_line=head.count("\n") + 4)
    blocks = parser.blocks(body)
    try:
        front, file = read(head, source)
    except InputError as error:
        raise InputError((*error.problems, *few_of_each(parser.problems))) from None
    problems = [*parser.problems, *inconsistencies(front, file), *misplaced(front, blocks, file)]
    if surroundings:
        problems += surroundings.missing(front, blocks, file)
    if problems:
        raise InputError(few_of_each(problems))
    return _document(front, file, blocks, source)


def _document(front: FrontMatter, file: FileText, blocks: tuple[Block, ...], source: str) -> Document:
    def text(words: str, *path: str | int) -> Text:
        return Text(text=words, line=file.line(path) or 1)

    planner = front.planner
    row = {name: row for row in rows_of(front) for name in row}
    return Document(
        id=front.id,
        version=front.version,
        language=front.language,
        read=ReadWhen(front.read),
        title=text(front.title, "title"),
        summary=text(front.summary, "summary"),
        treatments={key: text(label, "treatments", key) for key, label in front.treatments.items()},
        body_sites={key: text(label, "body_sites", key) for key, label in front.body_sites.items()},
        settings={
            key: Setting(
                label=text(entry.label, "settings", key, "label"),
                unit=entry.unit,
                at_least=entry.at_least,
                at_most=entry.at_most,
            )
            for key, entry in front.settings.items()
        },
        conditions={
            key: Condition(
                body_sites=entry.body_site,
                products=entry.product,
                setting=entry.setting,
                at_least=entry.at_least,
                at_most=entry.at_most,
            )
            for key, entry in front.conditions.items()
        },
        waiting_periods=tuple(
            _period(entry, row[entry.id], text(entry.label, "waiting_periods", index, "label").line)
            for index, entry in enumerate(front.waiting_periods)
        ),
        planner=None
        if planner is None
        else Planner(
            days=planner.days,
            tasks=tuple(text(task, "planner", "tasks", index) for index, task in enumerate(planner.tasks)),
        ),
        review=Review(
            by=front.review.by,
            role=front.review.role,
            on=front.review.on,
            due=front.review.due,
            fingerprint=front.review.fingerprint,
        ),
        sources={key: Source(citation=entry.citation, url=entry.url) for key, entry in front.sources.items()},
        notes_for_clinicians=front.notes_for_clinicians,
        blocks=blocks,
        source_name=source,
    )


def _period(entry: PeriodEntry, row: tuple[str, ...], line: int) -> WaitingPeriod:
    return WaitingPeriod(
        id=entry.id,
        row=row,
        label=entry.label,
        kind=PeriodKind(entry.kind),
        duration=None if entry.kind == "never" else entry.duration,
        pictogram=entry.pictogram,
        source=entry.source,
        when=entry.when,
        line=line,
    )
