"""A Job -> sheets and receipts: the only module that knows the order (load, compose, typeset, deliver)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from handouts import branding as branding_room
from handouts import composition, delivery, documents
from handouts import schedule as schedule_room
from handouts import treatment as treatment_room
from handouts.errors import InputError, Kind, Problem
from handouts.languages import canonical, closest_tag, known_tags
from handouts.press.gathering import Gathering, each_once
from handouts.press.standing import approval_of, is_overdue, standing
from handouts.press.texts import Texts, Translated
from handouts.records import (
    Block,
    Branding,
    ComposedHandout,
    DayRange,
    Destination,
    Document,
    Format,
    Job,
    Receipt,
    TimelineDates,
    Treatment,
)
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts.typesetting import Typesetter

Tell = Callable[[str, str], None]
"""Told (stage, what) as the work goes on, for progress."""

AUTO = "auto"
"""The language that the patient's record names."""
MAXIMUM_LANGUAGES = 2
"""A bilingual sheet pairs two languages; for a third, make another sheet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a job made: a receipt for each language, and what is worth a warning."""

    receipts: tuple[Receipt, ...]
    warnings: tuple[Problem, ...]


def _silent(stage: str, what: str) -> None:
    pass


class Press:
    """Makes sheets for one clinic; keep it for as long as many are made.

    What it has read it keeps: make a new one to see files that have changed.
    """

    def __init__(self, resources: Resources, tell: Tell = _silent) -> None:
        self._resources = resources
        self._texts = Texts(resources)
        self._load_branding = cache(
            partial(
                branding_room.load,
                resources.clinic or Path(),
                documents=tuple(name.removesuffix(".md") for name in resources.names("library", "*.md")),
            )
        )
        self._load_document = cache(partial(documents.load, resources=resources))
        self._tell = tell

    def make(self, job: Job, destination: Destination) -> Made:
        """Make the job's sheets in every language it asks for, and deliver all of them or none.

        Raises InputError with every Problem of every ingredient.
        """
        composed, warnings = self.compose(job)
        gathering = Gathering(problems=list(warnings))
        sheets = self.typeset(composed, job, gathering)
        self._tell("delivering", str(destination.folder))
        receipts = []
        for handout, (data, pages) in zip(composed, sheets, strict=True):
            path = delivery.deliver(data, handout.stem, f".{job.format}", destination)
            receipts.append(
                Receipt(
                    path=path,
                    document=handout.document,
                    version=handout.version,
                    language=handout.language,
                    fingerprint=handout.fingerprint,
                    pages=pages,
                )
            )
        return Made(receipts=tuple(receipts), warnings=each_once(gathering.problems))

    def compose(self, job: Job) -> tuple[tuple[ComposedHandout, ...], tuple[Problem, ...]]:
        """Return the job's sheets as HTML and their warnings; raise InputError with every Problem."""
        self._tell("loading", job.document)
        gathering = Gathering()
        branding = self._branding(job, gathering)
        document = gathering.take(partial(self._load_document, job.document, today=job.printed_at.date()))
        treatment = self._treatment(job, branding, gathering)
        wanted = self._languages(job, treatment, branding, gathering)
        tags = tuple(dict.fromkeys(tag for pair in wanted for tag in pair))
        translated = self._texts.all_translated(document, tags, gathering) if document else {}
        if document and treatment:
            gathering.take(lambda: _selected(document, treatment, job))
        if document and branding:
            gathering.problems += schedule_room.unknown_periods(document, branding, "clinic.toml")
            gathering.problems += standing(job, document, branding, translated)
        gathering.stop_at_errors()
        assert document, "it is there or has left an error"
        assert branding, "it is there or has left an error"
        assert treatment, "it is there or has left an error"
        compose = partial(self._composed, job, branding, treatment, document, gathering)
        composed = [gathering.take(partial(compose, [translated[tag] for tag in pair])) for pair in wanted]
        gathering.stop_at_errors()
        return tuple(filter(None, composed)), each_once(gathering.problems)

    def typeset(
        self, composed: Sequence[ComposedHandout], job: Job, gathering: Gathering
    ) -> tuple[tuple[bytes, int | None], ...]:
        """Return each sheet's bytes and sides, in the job's format; raise InputError with every Problem."""
        sheets = tuple(self._sheet(handout, job, gathering) for handout in composed)
        gathering.stop_at_errors()
        return sheets

    def _sheet(self, handout: ComposedHandout, job: Job, gathering: Gathering) -> tuple[bytes, int | None]:
        if job.format is Format.HTML:
            gathering.problems += (place for problem in _unassigned(handout) for place in _located(problem, job))
            return handout.html.encode(), None
        self._tell("typesetting", handout.language)
        typeset = gathering.take(lambda: self._typesetter.typeset(handout))
        if typeset is None:
            gathering.problems = [place for problem in gathering.problems for place in _located(problem, job)]
            return b"", None
        gathering.problems += typeset[1]
        return typeset[0].pdf, typeset[0].pages

    @cached_property
    def _typesetter(self) -> Typesetter:
        from handouts.typesetting import Typesetter  # Half a second that a sheet as HTML does not need.

        return Typesetter()

    def _branding(self, job: Job, gathering: Gathering) -> Branding | None:
        found = gathering.take(lambda: self._load_branding(today=job.printed_at.date()))
        if found is None:
            return None
        gathering.problems += found[1]
        return found[0]

    def _treatment(self, job: Job, branding: Branding | None, gathering: Gathering) -> Treatment | None:
        zone = branding.time_zone if branding else "UTC"
        found = gathering.take(lambda: treatment_room.treatment(job.details, zone=zone, now=job.printed_at))
        if found is None:
            return None
        gathering.problems += found[1]
        return found[0]

    def _languages(
        self, job: Job, treatment: Treatment | None, branding: Branding | None, gathering: Gathering
    ) -> tuple[tuple[str, ...], ...]:
        """Return each wanted sheet's languages by their tags in languages.toml: one, or two as in ar+en.

        AUTO, or none at all, is the language that the patient reads, else the clinic's. A tag that is not there is a
        Problem, never replaced.
        """
        spoken = (treatment and treatment.patient.language) or (branding.default_language if branding else "en")
        wanted = []
        for wish in job.languages or (AUTO,):
            parts = tuple(spoken if part == AUTO else part for part in wish.split("+"))
            unknown = tuple(part for part in parts if not canonical(part))
            gathering.problems += (_unknown_language(part) for part in unknown)
            tags = tuple(dict.fromkeys(map(canonical, parts)))
            if len(parts) > MAXIMUM_LANGUAGES:
                values = {"maximum": str(MAXIMUM_LANGUAGES)}
                problem = Problem(kind=Kind.TRANSLATION, code="too-many-languages", source="--language", values=values)
                gathering.problems.append(problem)
            elif not unknown:
                wanted.append(tags)
        return tuple(dict.fromkeys(wanted))

    def _composed(
        self,
        job: Job,
        branding: Branding,
        treatment: Treatment,
        document: Document,
        gathering: Gathering,
        texts: Sequence[Translated],
    ) -> ComposedHandout:
        """Compose one sheet, in as many languages as there are texts."""
        self._tell("composing", "+".join(text.document.language for text in texts))
        sides = []
        for translated in texts:
            text = _selected(translated.document, treatment, job)
            rows, warnings = schedule_room.schedule(text, branding, treatment, _source(job))
            gathering.problems += (treatment_room.located(warning, job.details) for warning in warnings)
            sides.append(
                composition.Ingredients(
                    branding=branding,
                    treatment=treatment,
                    document=text,
                    english=document,
                    review=translated.review,
                    approval=approval_of(document, branding),
                    overdue=is_overdue(document, job),
                    schedule=rows,
                    timeline=dict(_timeline(text.blocks, treatment)),
                    labels=translated.labels,
                    english_labels=self._texts.labels("en"),
                    paper=job.paper or branding.paper,
                    print_size=job.print_size,
                    format=job.format,
                )
            )
        return composition.compose(sides, self._resources)


def _selected(document: Document, treatment: Treatment, job: Job) -> Document:
    """Return what of the document applies; its Problems say in which file and line the treatment has the detail."""
    try:
        return documents.select(document, treatment, _source(job))
    except InputError as error:
        raise InputError(treatment_room.located(problem, job.details) for problem in error.problems) from None


def _unknown_language(tag: str) -> Problem:
    return Problem(
        kind=Kind.TRANSLATION,
        code="unknown-language",
        source="--language",
        values={"tag": tag, "known": ", ".join(known_tags())},
        nearest=closest_tag(tag),
    )


def _unassigned(handout: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each character that no screen's font has: private use and unassigned (Unicode, 23.5, 2.4)."""
    for character in sorted(set(handout.html)):
        if unicodedata.category(character) in ("Co", "Cn"):
            values = {"character": f"U+{ord(character):04X}"}
            yield Problem(kind=Kind.TYPESETTING, code="missing-glyph", source="the sheet", values=values)


def _located(problem: Problem, job: Job) -> tuple[Problem, ...]:
    """Say in which details of the treatment a character stands that no font has."""
    character = problem.values.get("character", "")
    if problem.code != "missing-glyph" or not character:
        return (problem,)
    wanted = chr(int(character.removeprefix("U+"), 16))
    return tuple(
        replace(problem, kind=Kind.TREATMENT, source=detail.source, line=detail.line, path=detail.path)
        for detail in job.details
        if wanted in str(detail.value)
    ) or (problem,)


def _source(job: Job) -> str:
    return job.details[0].source if job.details else "command line"


def _timeline(blocks: Iterable[Block], treatment: Treatment) -> Iterator[tuple[DayRange, TimelineDates]]:
    for block in blocks:
        if block.days:
            yield block.days, schedule_room.timeline_dates(block.days, treatment.performed_on)
        yield from _timeline(block.children, treatment)
