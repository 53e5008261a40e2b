"""A Job -> its ingredients, loaded and checked against each other, with every Problem of all of them at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache, partial
from pathlib import Path

from handouts import branding as branding_room
from handouts import documents
from handouts import schedule as schedule_room
from handouts import treatment as treatment_room
from handouts.codes import Code
from handouts.errors import Gathering, InputError, Kind, Problem
from handouts.languages import meant_tag, of_another_country
from handouts.limits import blamed_on
from handouts.press import envelopes, own_periods
from handouts.press.logo import with_chosen_logo
from handouts.press.own_periods import Library
from handouts.press.signing import Signing, unsigned
from handouts.press.spoken import AUTO, with_fallback
from handouts.press.texts import Texts, Translated, unknown_language
from handouts.records import (
    Block,
    BlockKind,
    Branding,
    CheckedJob,
    DayRange,
    Detail,
    Document,
    Job,
    OwnPeriod,
    Patient,
    PatientPeriod,
    ReadWhen,
    Schedule,
    SettingValue,
    TimelineDates,
    Treatment,
)
from handouts.resources import Resources

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


_KEPT = 512
"""Of each thing that rows share, such as which text applies."""
_MOMENTS_KEPT = 4096
"""As many as there are half hours in the opening times of two weeks, in each of twenty languages."""
_NOBODY = Patient(name="")
_Chosen = tuple[str, date, str, tuple[documents.Verdict, ...], tuple[BlockKind, ...]]
"""A document's id, the day, the language, what the treatment says of its conditions and the clinic of the order.

That is what of its text applies, and how it is arranged."""


class Preparing:
    """Loads and checks for one clinic. What it has read it keeps: make a new one to see files that have changed.

    It also keeps, up to a number, what many treatments share: which part of a document applies, and what the schedule
    of a moment is. Such parts are the very same objects for all of them. None is a patient's own.
    """

    def __init__(self, resources: Resources) -> None:
        self.texts = Texts(resources)
        self.signing = Signing(resources)
        names = tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))
        self._resources, self.documents = resources, names
        self.branding = cache(self._branding)
        self.document = cache(self._document)
        self._names = lru_cache(_KEPT)(self._names_of)
        self._every_name = lru_cache(_KEPT)(self._every_name_of)
        self._assumed = lru_cache(_KEPT)(self._assumed_of)
        self._untranslated = lru_cache(_KEPT)(self._untranslated_of)
        self._unfit = lru_cache(_KEPT)(self._unfit_of)
        self._own = lru_cache(_KEPT)(self._own_of)
        self._selected = lru_cache(_KEPT)(self._selected_of)
        self._dated = lru_cache(_MOMENTS_KEPT)(self._dated_of)
        self._found = lru_cache(_KEPT)(self._found_of)

    def _branding(self, today: date, *, sample: bool) -> tuple[Branding, tuple[Problem, ...]]:
        resources = self._resources
        with blamed_on(Kind.BRANDING, branding_room.CLINIC_FILE):
            branding, warnings = branding_room.load(
                resources.clinic or Path(), documents=self.documents, today=today, cache=resources.cache, sample=sample
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
        details = with_fallback(job.details, job.languages, branding, gathering)
        treatment = _treatment(job, details, branding, document, gathering)
        wanted = _languages(job, treatment, branding, gathering)
        tags = tuple(dict.fromkeys(tag for pair in wanted for tag in pair))
        translated = self.texts.all_translated(document, tags, gathering) if document else {}
        if document and treatment:
            treatment = self._named(treatment, document, job, tuple(translated))
            gathering.take(partial(self._verdicts, document, treatment, job, self._meanings(document, today)))
            gathering.problems += self._assumed(job.document, today, treatment.settings, _source(job))
        if branding:
            gathering.problems += self._untranslated(today, tags, sample=job.sample)
        if document and branding:
            key = (job.document, today, tuple(translated))
            gathering.problems += self._unfit(*key, sample=job.sample, strict=job.strict)
        gathering.stop_at_errors()
        assert treatment, "it is there or has left an error"
        fell_back = details != job.details
        checked = CheckedJob(job=job, treatment=treatment, languages=wanted, fell_back=fell_back)
        return self.ingredients(checked, gathering)

    def _named(self, treatment: Treatment, document: Document, job: Job, tags: tuple[str, ...]) -> Treatment:
        """Return a treatment in the document's own names, without what only others of its envelope know."""
        today = job.now.date()
        named = self._in_names(treatment, document, today, tags)
        if not job.beside or not (treatment.settings or treatment.waiting_periods):
            return named
        texts = Gathering()  # Their faults are told where they are prepared themselves.
        others = [texts.take(partial(self.document, each, today=today)) for each in job.beside]
        fit = [(other, tuple(self.texts.all_translated(other, tags, texts))) for other in others if other]
        beside = [(self._in_names(treatment, other, today, known), other) for other, known in fit]
        return envelopes.of_its_own(named, document, beside)

    def _in_names(self, treatment: Treatment, document: Document, today: date, tags: tuple[str, ...]) -> Treatment:
        """Return a treatment in the document's names: by its labels in these languages, else in any that it has."""
        named = self._names(document.id, today, tags).named(treatment)
        return named if documents.knows(document, named) else self._every_name(document.id, today).named(named)

    def _verdicts(
        self, document: Document, treatment: Treatment, job: Job, *meanings: documents.Meanings
    ) -> tuple[documents.Verdict, ...]:
        """Return what decides which text applies, the same for all who were treated in the same way.

        Its Problems say in which file and line the treatment has the detail.
        """
        try:
            if not treatment.waiting_periods:  # These have a reason of the patient's own, which is not kept.
                with suppress(InputError):
                    return self._found(document.id, job.now.date(), _of_nobody(treatment))
            return documents.verdicts(document, treatment, _source(job), *meanings)
        except InputError as error:
            raise InputError(treatment_room.located(problem, job.details) for problem in error.problems) from None

    def _found_of(self, identifier: str, today: date, treatment: Treatment) -> tuple[documents.Verdict, ...]:
        return documents.verdicts(self.document(identifier, today=today), treatment, "")

    def _meanings(self, document: Document, today: date) -> documents.Meanings:
        """Return what tells which names a typed one can mean; every language is read only where that is asked."""
        return lambda path, typed: self._every_name(document.id, today).meanings(path, typed)

    def ingredients(self, checked: CheckedJob, gathering: Gathering) -> PreparedJob:
        """Return the ingredients of a job that was checked, by this press or by another of the same clinic.

        What its schedule is worth a warning for goes to `gathering`. Raises InputError where the clinic's files are not
        fit any more.
        """
        job, treatment = checked.job, checked.treatment
        today = job.now.date()
        branding, _ = self.branding(today=today, sample=job.sample)
        document = self.document(job.document, today=today)
        found = self._verdicts(document, treatment, job)
        own = self._own(job.document, today, treatment.procedure, sample=job.sample)

        def text(tag: str) -> SheetText:
            return self._text((job.document, today, tag, found, branding.look.order), own, checked, gathering)

        sheets = tuple(tuple(map(text, tags)) for tags in checked.languages)
        return PreparedJob(checked=checked, branding=branding, document=document, sheets=sheets)

    def _text(
        self, chosen: _Chosen, own: tuple[OwnPeriod, ...], checked: CheckedJob, gathering: Gathering
    ) -> SheetText:
        """Return a sheet's text in one language, the same for all who have nothing of their own in it."""
        job, treatment = checked.job, checked.treatment
        now = job.now.astimezone(UTC)
        if treatment.waiting_periods or treatment.performed_on is None:
            wishes, source = treatment.waiting_periods, _source(job)
            text, warnings = self._scheduled(chosen, own, treatment.performed_on, wishes, source, now)
            gathering.problems += (treatment_room.located(warning, job.details) for warning in warnings)
            return text
        moment = treatment.performed_on
        # Taken apart: moments of two zones, or of both passes of an hour that comes twice, count as equal.
        text, warnings = self._dated(chosen, own, moment.replace(tzinfo=None, fold=0), moment.fold, moment.tzinfo, now)
        gathering.problems += warnings
        return text

    def _dated_of(
        self,
        chosen: _Chosen,
        own: tuple[OwnPeriod, ...],
        clock: datetime,
        fold: int,
        zone: tzinfo | None,
        now: datetime,
    ) -> tuple[SheetText, tuple[Problem, ...]]:
        return self._scheduled(chosen, own, clock.replace(tzinfo=zone, fold=fold), (), "", now)

    def _scheduled(
        self,
        chosen: _Chosen,
        own: Sequence[OwnPeriod],
        moment: datetime | None,
        wishes: Sequence[PatientPeriod],
        source: str,
        now: datetime,
    ) -> tuple[SheetText, tuple[Problem, ...]]:
        translated, document, ranges = self._selected(*chosen)
        schedule, warnings = schedule_room.schedule(document, own, moment, wishes, source, now)
        timeline = {days: schedule_room.timeline_dates(days, moment) for days in ranges} if moment else {}
        return SheetText(document=document, translated=translated, schedule=schedule, timeline=timeline), warnings

    def _selected_of(
        self,
        identifier: str,
        today: date,
        tag: str,
        found: tuple[documents.Verdict, ...],
        order: tuple[BlockKind, ...],
    ) -> tuple[Translated, Document, tuple[DayRange, ...]]:
        """Return a document's text, what of it applies, and the days of its timelines."""
        translated = self.texts.translated(self.document(identifier, today=today), tag)
        document = documents.arranged(documents.selected(translated.document, found), order)
        return translated, document, tuple(_ranges(document.blocks))

    def _names_of(self, identifier: str, today: date, tags: tuple[str, ...]) -> documents.Names:
        document = self.document(identifier, today=today)
        return documents.Names((document, *(self.texts.translated(document, tag).document for tag in tags)))

    def _every_name_of(self, identifier: str, today: date) -> documents.Names:
        document = self.document(identifier, today=today)
        return documents.Names((document, *self.texts.labelled(document)), accents_matter=True)

    def _assumed_of(
        self, identifier: str, today: date, settings: tuple[SettingValue, ...], source: str
    ) -> tuple[Problem, ...]:
        return tuple(documents.assumed(self.document(identifier, today=today), settings, source))

    def _untranslated_of(self, today: date, tags: tuple[str, ...], *, sample: bool) -> tuple[Problem, ...]:
        branding, _ = self.branding(today=today, sample=sample)
        return tuple(branding_room.untranslated(branding, tags, branding_room.CLINIC_FILE))

    def _unfit_of(
        self, identifier: str, today: date, tags: tuple[str, ...], *, sample: bool, strict: bool
    ) -> tuple[Problem, ...]:
        """Return what is to be said of a document in these languages, whoever is treated: periods and signatures."""
        document, (branding, _) = self.document(identifier, today=today), self.branding(today=today, sample=sample)
        translated = {tag: self.texts.translated(document, tag) for tag in tags}
        signatures = self.signing.signatures(document, branding)
        return (
            *own_periods.unknown(document, branding, self._library(today)),
            *unsigned(document, signatures, translated, today=today, strict=strict),
        )

    def _own_of(self, identifier: str, today: date, procedure: str, *, sample: bool) -> tuple[OwnPeriod, ...]:
        branding, _ = self.branding(today=today, sample=sample)
        return own_periods.holding(self.document(identifier, today=today), procedure, branding, self._library(today))

    def _library(self, today: date) -> Library:
        return Library(ids=self.documents, load=partial(self.document, today=today))

    def gathered_branding(self, today: date, gathering: Gathering, *, sample: bool = False) -> Branding | None:
        """Return the clinic's branding, or leave its problems."""
        found = gathering.take(lambda: self.branding(today=today, sample=sample))
        if found is None:
            return None
        gathering.problems += found[1]
        return found[0]


def _treatment(
    job: Job, details: Sequence[Detail], branding: Branding | None, document: Document | None, gathering: Gathering
) -> Treatment | None:
    zone = branding.time_zone if branding else "UTC"
    read = document.read if document else ReadWhen.AFTER
    found = gathering.take(
        lambda: treatment_room.treatment(details, zone=zone, now=job.now, read=read, strict=job.strict)
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


def _of_nobody(treatment: Treatment) -> Treatment:
    """Return what of a treatment decides which text applies."""
    return Treatment(
        patient=_NOBODY,
        performed_on=None,
        procedure=treatment.procedure,
        body_sites=treatment.body_sites,
        settings=treatment.settings,
        products=treatment.products,
    )


def _source(job: Job) -> str:
    return job.details[0].source if job.details else "command line"


def _ranges(blocks: Iterable[Block]) -> Iterator[DayRange]:
    for block in blocks:
        if block.days:
            yield block.days
        yield from _ranges(block.children)
