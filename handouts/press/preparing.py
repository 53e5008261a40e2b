"""A Job -> its ingredients, loaded and checked against each other, with every Problem of all of them at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path

from handouts import branding as branding_room
from handouts import documents
from handouts import schedule as schedule_room
from handouts import treatment as treatment_room
from handouts.codes import Code
from handouts.errors import Gathering, InputError, Kind, Problem
from handouts.languages import meant_tag, of_another_country
from handouts.limits import blamed_on
from handouts.press import own_periods
from handouts.press.logo import with_chosen_logo
from handouts.press.own_periods import Library
from handouts.press.signing import Signing, unsigned
from handouts.press.texts import Texts, Translated, unknown_language
from handouts.records import (
    Block,
    Branding,
    CheckedJob,
    DayRange,
    Document,
    Job,
    OwnPeriod,
    ReadWhen,
    Schedule,
    TimelineDates,
    Treatment,
)
from handouts.resources import Resources

AUTO = "auto"
"""The language that the patient's record names."""
MAXIMUM_LANGUAGES = 2
"""A bilingual sheet pairs two languages; for a third, make another sheet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetText:
    """A sheet's text in one language: what of the document applies to this treatment, with its dates."""

    document: Document
    translated: Translated
    schedule: Schedule
    timeline: Mapping[DayRange, TimelineDates]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedJob:
    """A job's ingredients, checked: `sheets` has the texts of each sheet, one, or two that stand side by side."""

    checked: CheckedJob
    branding: Branding
    document: Document
    sheets: tuple[tuple[SheetText, ...], ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The language of each sheet as its receipt names it: es, or ar+en."""
        return tuple("+".join(text.document.language for text in sheet) for sheet in self.sheets)


class Preparing:
    """Loads and checks for one clinic. What it has read it keeps: make a new one to see files that have changed."""

    def __init__(self, resources: Resources) -> None:
        self.texts = Texts(resources)
        self.signing = Signing(resources)
        names = tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))
        self._resources, self._documents = resources, names
        self.branding = cache(self._branding)
        self.document = cache(self._document)

    def _branding(self, today: date, *, sample: bool) -> tuple[Branding, tuple[Problem, ...]]:
        resources = self._resources
        with blamed_on(Kind.BRANDING, branding_room.CLINIC_FILE):
            branding, warnings = branding_room.load(
                resources.clinic or Path(), documents=self._documents, today=today, cache=resources.cache, sample=sample
            )
            return with_chosen_logo(branding, resources.cache), warnings

    def _document(self, identifier: str, *, today: date) -> Document:
        with blamed_on(Kind.DOCUMENT, f"library/{identifier}.md"):
            return documents.load(identifier, self._resources, today)

    def prepare(self, job: Job, gathering: Gathering) -> PreparedJob:
        """Return the job's ingredients; their warnings go to `gathering`. Raises InputError with every Problem."""
        today = job.now.date()
        branding = self.gathered_branding(today, gathering, sample=job.sample)
        document = gathering.take(partial(self.document, job.document, today=today))
        treatment = _treatment(job, branding, document, gathering)
        wanted = _languages(job, treatment, branding, gathering)
        tags = tuple(dict.fromkeys(tag for pair in wanted for tag in pair))
        translated = self.texts.all_translated(document, tags, gathering) if document else {}
        if document and treatment:
            treatment = documents.named(treatment, (document, *(text.document for text in translated.values())))
            gathering.take(partial(_selected, document, treatment, job))
            gathering.problems += documents.assumed(document, treatment, _source(job))
        if branding:
            gathering.problems += branding_room.untranslated(branding, tags, branding_room.CLINIC_FILE)
        if document and branding:
            gathering.problems += own_periods.unknown(document, branding, self._library(today))
            signatures = self.signing.signatures(document, branding)
            gathering.problems += unsigned(job, document, signatures, translated)
        gathering.stop_at_errors()
        assert treatment, "it is there or has left an error"
        return self.ingredients(CheckedJob(job=job, treatment=treatment, languages=wanted), gathering)

    def ingredients(self, checked: CheckedJob, gathering: Gathering) -> PreparedJob:
        """Return the ingredients of a job that was checked, by this press or by another of the same clinic.

        What its schedule is worth a warning for goes to `gathering`. Raises InputError where the clinic's files are not
        fit any more.
        """
        job, treatment = checked.job, checked.treatment
        today = job.now.date()
        branding, _ = self.branding(today=today, sample=job.sample)
        document = self.document(job.document, today=today)
        own = own_periods.holding(document, treatment, branding, self._library(today))

        def text(tag: str) -> SheetText:
            return _text(self.texts.translated(document, tag), own, treatment, job, gathering)

        sheets = tuple(tuple(map(text, tags)) for tags in checked.languages)
        return PreparedJob(checked=checked, branding=branding, document=document, sheets=sheets)

    def _library(self, today: date) -> Library:
        return Library(ids=self._documents, load=partial(self.document, today=today))

    def gathered_branding(self, today: date, gathering: Gathering, *, sample: bool = False) -> Branding | None:
        """Return the clinic's branding, or leave its problems."""
        found = gathering.take(lambda: self.branding(today=today, sample=sample))
        if found is None:
            return None
        gathering.problems += found[1]
        return found[0]


def _treatment(
    job: Job, branding: Branding | None, document: Document | None, gathering: Gathering
) -> Treatment | None:
    zone = branding.time_zone if branding else "UTC"
    read = document.read if document else ReadWhen.AFTER
    found = gathering.take(
        lambda: treatment_room.treatment(job.details, zone=zone, now=job.now, read=read, strict=job.strict)
    )
    if found is None:
        return None
    gathering.problems += found[1]
    return found[0]


def _languages(
    job: Job, treatment: Treatment | None, branding: Branding | None, gathering: Gathering
) -> tuple[tuple[str, ...], ...]:
    """Return each wanted sheet's languages by their tags in languages.toml: one, or two as in ar+en.

    AUTO, or none at all, is the language that the patient reads, else the clinic's. A tag that is not there is a
    Problem, never replaced.
    """
    spoken = (treatment and treatment.patient.language) or (branding.default_language if branding else "en")
    wishes = (tuple(spoken if part == AUTO else part for part in wish.split("+")) for wish in job.languages or (AUTO,))
    return tuple(dict.fromkeys(filter(None, (known_languages(wish, gathering) for wish in wishes))))


def known_languages(parts: tuple[str, ...], gathering: Gathering) -> tuple[str, ...]:
    """Return the languages of one sheet by their tags, or () and leave a Problem for each that is not known."""
    unknown = tuple(part for part in parts if not meant_tag(part))
    gathering.problems += (unknown_language(part, "--language") for part in unknown)
    gathering.problems += (_nearest_language(part) for part in parts if of_another_country(part))
    if len(parts) > MAXIMUM_LANGUAGES:
        problem = Problem.of(Kind.TRANSLATION, Code.TOO_MANY_LANGUAGES, "--language", maximum=str(MAXIMUM_LANGUAGES))
        gathering.problems.append(problem)
        return ()
    return () if unknown else tuple(dict.fromkeys(map(meant_tag, parts)))


def _nearest_language(part: str) -> Problem:
    """Return the warning that a language is set as for every country: es-MX as es."""
    tag, language = part.strip(), meant_tag(part)
    return Problem.warning(Kind.TRANSLATION, Code.LANGUAGE_NEAREST, "--language", tag=tag, language=language)


def _selected(document: Document, treatment: Treatment, job: Job) -> Document:
    """Return what of the document applies; its Problems say in which file and line the treatment has the detail."""
    try:
        return documents.select(document, treatment, _source(job))
    except InputError as error:
        raise InputError(treatment_room.located(problem, job.details) for problem in error.problems) from None


def _text(
    translated: Translated, own: Sequence[OwnPeriod], treatment: Treatment, job: Job, gathering: Gathering
) -> SheetText:
    document = _selected(translated.document, treatment, job)
    schedule, warnings = schedule_room.schedule(document, own, treatment, _source(job), job.now)
    gathering.problems += (treatment_room.located(warning, job.details) for warning in warnings)
    timeline = dict(_timeline(document.blocks, treatment.performed_on)) if treatment.performed_on else {}
    return SheetText(document=document, translated=translated, schedule=schedule, timeline=timeline)


def _source(job: Job) -> str:
    return job.details[0].source if job.details else "command line"


def _timeline(blocks: Iterable[Block], performed_on: datetime) -> Iterator[tuple[DayRange, TimelineDates]]:
    for block in blocks:
        if block.days:
            yield block.days, schedule_room.timeline_dates(block.days, performed_on)
        yield from _timeline(block.children, performed_on)
