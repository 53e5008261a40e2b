"""A clinic's folder -> one page with pictures of its sheets: each document in each language, with its state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handouts import documents
from handouts.crew import Crew, Ended
from handouts.errors import InputError, Problem
from handouts.inspection.choosing import Choice
from handouts.inspection.inspecting import InspectionProgress, languages_of
from handouts.inspection.photographing import Photographed, ShownPage, ended_photograph, photographer, unmade
from handouts.inspection.trials import Trial
from handouts.languages import Language, language
from handouts.press import Press
from handouts.records import Paper, PrintSize
from handouts.resources import SHELVES, Resources

INDEX = "index.html"
PICTURES = "pictures"
GENERATOR = "handouts gallery"
"""What a gallery's page says of its maker: such a folder may be written anew."""
_TEMPLATE = "gallery/index.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown(Choice):
    """What a gallery shows, a language of it perhaps two side by side (ar+en). No paper is the clinic's."""

    paper: Paper | None = None
    print_size: PrintSize = PrintSize.STANDARD


@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """A gallery's files by their names, and how many of its sheets are approved, drafts and refused."""

    files: Mapping[str, bytes] = field(repr=False)
    approved: int
    drafts: int
    refused: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Card:
    """A sheet as the page shows it: in these languages, with each page's picture by the name of its file.

    `heading` is the title of the document as it was written, `written_in` the language of that, or None.
    """

    heading: str
    written_in: Language | None
    title: str
    languages: tuple[Language, ...]
    pictures: tuple[tuple[str, ShownPage], ...]
    drafts: tuple[Problem, ...]
    refused: tuple[Problem, ...]


def gallery(resources: Resources, choice: Shown, now: datetime, progress: InspectionProgress, workers: int) -> Gallery:
    """Return the gallery of a clinic, whose sheets are made for a made-up patient by `workers` processes.

    A sheet or a document that is refused has its reasons there. Raises InputError where clinic.toml cannot be used, and
    for a document that is not there.
    """
    branding = Press(resources).branding(now.date())
    shown = tuple(_photographed(resources, choice, now, progress, workers))
    cards = [(sheet.trial.document, _card(sheet)) for sheet in shown]
    counts = {
        "approved": sum(1 for _, card in cards if card.pictures and not card.drafts),
        "drafts": sum(1 for _, card in cards if card.drafts),
        "refused": sum(1 for _, card in cards if card.refused),
    }
    page = _environment().get_template(_TEMPLATE)
    html = page.render(
        branding=branding,
        on=f"{now:%-d %B %Y}",
        groups=[(name, [card for _, card in found]) for name, found in groupby(cards, key=lambda each: each[0])],
        paper=choice.paper or branding.paper,
        large=choice.print_size is PrintSize.LARGE,
        generator=GENERATOR,
        **counts,
    )
    pictures = {name: picture.webp for _, card in cards for name, picture in card.pictures}
    return Gallery(files={**pictures, INDEX: html.encode()}, **counts)


def _photographed(
    resources: Resources, choice: Shown, now: datetime, progress: InspectionProgress, workers: int
) -> Iterator[Photographed]:
    """Yield the sheets in the order of the documents and languages, faulty documents with their problems."""
    wanted: list[Trial | Photographed] = []
    for identifier in choice.document_ids(resources):
        try:
            document = documents.load(identifier, resources, now.date())
        except InputError as error:
            wanted.append(unmade(Trial(document=identifier, language=""), error.problems))
        else:
            tags = choice.languages or tuple(languages_of(document, resources))
            wanted += (Trial(document=identifier, language=tag) for tag in tags)
    trials = [each for each in wanted if isinstance(each, Trial)]
    hire = partial(photographer, resources, now, choice.paper, choice.print_size)
    made: dict[Trial, Photographed] = {}
    for trial, result in Crew(hire=hire, workers=min(workers, len(trials))).run(trials) if trials else ():
        made[trial] = ended_photograph(trial, result) if isinstance(result, Ended) else result
        progress(len(made), len(trials), f"{trial.document} {trial.language}")
    progress(len(trials), len(trials), "")
    yield from (made[each] if isinstance(each, Trial) else each for each in wanted)


def _card(sheet: Photographed) -> _Card:
    tags: Sequence[str] = tuple(filter(None, sheet.trial.language.split("+")))
    stem = f"{PICTURES}/{sheet.trial.document}-{'-and-'.join(tags)}"
    source = sheet.source
    return _Card(
        heading=source.title.text if source else sheet.trial.document,
        written_in=language(source.language) if source else None,
        title=sheet.title,
        languages=tuple(map(language, tags)),
        pictures=tuple((f"{stem}-{number}.webp", page) for number, page in enumerate(sheet.pages, start=1)),
        drafts=sheet.drafts,
        refused=sheet.refused,
    )


def _environment() -> Environment:
    """Return the environment of the shipped templates: a gallery is for the staff, and no clinic covers its page."""
    return Environment(
        loader=FileSystemLoader(SHELVES["templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
