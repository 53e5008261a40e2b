"""A document's file -> Document, whole and consistent, or every Problem that it has."""

from collections.abc import Iterator

from handouts.checking import FileText
from handouts.documents.front_matter import FrontMatter, PeriodEntry, read
from handouts.documents.markdown import BodyParser
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import (
    Block,
    BlockKind,
    Condition,
    Document,
    Duration,
    PeriodKind,
    Planner,
    Review,
    Setting,
    Source,
    Text,
    Unit,
    WaitingPeriod,
)
from handouts.resources import Resources, read_text

_FENCE = "---\n"


def load(identifier: str, resources: Resources) -> Document:
    """Return a document from the clinic's library or the shipped one; raise InputError with every fault."""
    path = resources.find("library", f"{identifier}.md")
    if path is None:
        known = tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))
        raise InputError(
            [
                Problem(
                    kind=Kind.DOCUMENT,
                    code="unknown-document",
                    source=identifier,
                    values={"known": ", ".join(known)},
                    nearest=nearest(identifier, known),
                )
            ]
        )
    source = resources.display(path)
    document = parse(read_text(path, kind=Kind.DOCUMENT, source=source), source)
    if document.id != path.stem:
        values = {"id": document.id, "stem": path.stem}
        raise InputError([Problem(kind=Kind.DOCUMENT, code="id-is-not-file-name", source=source, values=values)])
    return document


def parse(text: str, source: str) -> Document:
    """Return the document that `text` is; raise InputError with every fault of front matter and body."""
    if not text.startswith(_FENCE) or "\n" + _FENCE not in text:
        raise InputError([Problem(kind=Kind.DOCUMENT, code="no-front-matter", source=source, line=1)])
    head, _, body = text.removeprefix(_FENCE).partition("\n" + _FENCE)
    parser = BodyParser(source, first_line=head.count("\n") + 4)
    blocks = parser.blocks(body)
    try:
        front, file = read(head, source)
    except InputError as error:
        raise InputError((*error.problems, *parser.problems)) from None
    problems = [*parser.problems, *_inconsistencies(front, file), *_misplaced(front, blocks, file)]
    if problems:
        raise InputError(problems)
    return _document(front, file, blocks, source)


def _inconsistencies(front: FrontMatter, file: FileText) -> Iterator[Problem]:
    """Yield what in the front matter names something that is not declared, or names something twice."""
    seen: set[str] = set()
    for index, period in enumerate(front.waiting_periods):
        here = ("waiting_periods", index)
        if period.id in seen:
            yield file.problem("period-twice", (*here, "id"), name=period.id)
        seen.add(period.id)
        yield from _undeclared(file, (*here, "source"), period.source, tuple(front.sources))
        if period.when:
            yield from _undeclared(file, (*here, "when"), period.when, tuple(front.conditions))
    for name, condition in front.conditions.items():
        here_condition = ("conditions", name)
        if condition.setting:
            yield from _undeclared(file, (*here_condition, "setting"), condition.setting, tuple(front.settings))
        for site in condition.body_site:
            yield from _undeclared(file, (*here_condition, "body_site"), site, tuple(front.body_sites))


def _undeclared(file: FileText, path: tuple[str | int, ...], name: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if name not in known:
        found = file.problem("undeclared-name", path, name=name)
        yield Problem(
            kind=found.kind,
            code=found.code,
            source=found.source,
            line=found.line,
            path=found.path,
            values=found.values,
            nearest=nearest(name, known),
        )


def _misplaced(front: FrontMatter, blocks: tuple[Block, ...], file: FileText) -> Iterator[Problem]:
    """Yield what the body lacks, has twice, or asks for without a declaration."""
    kinds = [block.kind for block in blocks]
    for kind in (BlockKind.KEY_MESSAGE, BlockKind.CALL_US, BlockKind.CONTACT):
        if kinds.count(kind) != 1:
            yield file.problem("needs-one-container", (), name=str(kind), count=str(kinds.count(kind)))
    declared = ((BlockKind.SCHEDULE, bool(front.waiting_periods)), (BlockKind.PLANNER, front.planner is not None))
    for kind, wanted in declared:
        if kinds.count(kind) != int(wanted):
            code = "declared-not-placed" if wanted else "placed-not-declared"
            yield file.problem(code, (), name=str(kind))
    for block in _walk(blocks):
        if block.when and block.when not in front.conditions:
            yield Problem(
                kind=Kind.DOCUMENT,
                code="undeclared-name",
                source=file.source,
                line=block.line,
                values={"name": block.when},
                nearest=nearest(block.when, front.conditions),
            )


def _walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _walk(block.children)


def _document(front: FrontMatter, file: FileText, blocks: tuple[Block, ...], source: str) -> Document:
    def text(words: str, *path: str | int) -> Text:
        return Text(text=words, line=file.problem("", path).line or 1)

    planner = front.planner
    return Document(
        id=front.id,
        version=front.version,
        language=front.language,
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
            _period(entry, text(entry.label, "waiting_periods", index, "label").line)
            for index, entry in enumerate(front.waiting_periods)
        ),
        planner=None
        if planner is None
        else Planner(
            days=planner.days,
            tasks=tuple(text(task, "planner", "tasks", index) for index, task in enumerate(planner.tasks)),
        ),
        review=Review(by=front.review.by, role=front.review.role, on=front.review.on, due=front.review.due),
        sources={key: Source(citation=entry.citation, url=entry.url) for key, entry in front.sources.items()},
        notes_for_clinicians=front.notes_for_clinicians,
        blocks=blocks,
        source_name=source,
    )


def _period(entry: PeriodEntry, line: int) -> WaitingPeriod:
    units = ((entry.hours, Unit.HOUR), (entry.days, Unit.DAY), (entry.weeks, Unit.WEEK))
    duration = next(Duration(amount=amount, unit=unit) for amount, unit in units if amount is not None)
    return WaitingPeriod(
        id=entry.id,
        label=entry.label,
        kind=PeriodKind(entry.kind),
        duration=duration,
        pictogram=entry.pictogram,
        source=entry.source,
        when=entry.when,
        line=line,
    )
