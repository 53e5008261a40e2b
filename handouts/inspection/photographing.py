"""A document, a language, a paper and a size -> pictures of the sheet's pages and what state it is in, or why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from io import BytesIO

from handouts import documents
from handouts.crew import Ended
from handouts.errors import Gathering, InputError, Kind, Problem, errors_of
from handouts.inspection.trials import Trial, sample_job
from handouts.press import Press
from handouts.records import Document, Paper, PrintSize
from handouts.resources import Resources

RESOLUTION = 120
"""Dots per inch: 12 point can be read, and a page is a WebP of about 100 kB (measured 2026-11-28)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPage:
    """A page as a WebP, and its size in pixels."""

    width: int
    height: int
    webp: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Photographed:
    """A made-up patient's sheet: its title, its pages, why it is a draft (nothing: it is approved), or why it is none.

    `source` is the document as it was written, None where it cannot be read. A sheet that is refused has no pages, and
    its title is that of the document or "".
    """

    trial: Trial
    source: Document | None
    title: str
    pages: tuple[ShownPage, ...]
    drafts: tuple[Problem, ...]
    refused: tuple[Problem, ...]


def photographer(
    resources: Resources, now: datetime, paper: Paper | None, size: PrintSize
) -> Callable[[Trial], Photographed]:
    """Return a function that takes the pictures of one sheet after another, with a press that stays warm."""
    press = Press(resources)
    load = cache(partial(documents.load, resources=resources))

    def photographed(trial: Trial) -> Photographed:
        document = load(trial.document)
        job = replace(sample_job(document, trial.language, now), paper=paper, print_size=size)
        try:
            prepared, problems = press.check(job)
            (sheet,) = press.typeset(press.compose(job)[0], job, Gathering())
        except InputError as error:
            return unmade(trial, errors_of(error.problems), document)
        return Photographed(
            trial=trial,
            source=document,
            title=prepared.sheets[0][0].document.title.text,
            pages=tuple(_pages(sheet.data)),
            drafts=tuple(problem for problem in problems if problem.kind is Kind.REVIEW),
            refused=(),
        )

    return photographed


def unmade(trial: Trial, problems: tuple[Problem, ...], source: Document | None = None) -> Photographed:
    """Return what there is of a sheet that these problems stop."""
    title = source.title.text if source else ""
    return Photographed(trial=trial, source=source, title=title, pages=(), drafts=(), refused=problems)


def ended_photograph(trial: Trial, how: Ended) -> Photographed:
    """Return what there is of a sheet that has ended every one of its workers, or its time or memory."""
    return unmade(trial, (how.problem(f"{trial.document} {trial.language}"),))


def _pages(pdf: bytes) -> Iterator[ShownPage]:
    from PIL import Image  # noqa: PLC0415 - 0.4 s, with what draws, that `check` does not need

    from handouts.typesetting.page_pictures import drawn  # noqa: PLC0415 - as above

    for page, _, _ in drawn(pdf, RESOLUTION):
        picture, written = Image.fromarray(page), BytesIO()
        picture.save(written, "WEBP", lossless=True)
        yield ShownPage(width=picture.width, height=picture.height, webp=written.getvalue())
