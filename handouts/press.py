"""A Job -> sheets and receipts: the only module that knows the order (load, compose, typeset, deliver)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from handouts import branding as branding_room
from handouts import composition, delivery, documents, translation
from handouts import schedule as schedule_room
from handouts import treatment as treatment_room
from handouts.errors import InputError, Kind, Problem, Severity, errors_of, nearest
from handouts.languages import canonical, known_tags
from handouts.records import (
    Approval,
    Block,
    Branding,
    ComposedHandout,
    DayRange,
    Destination,
    Document,
    Format,
    Job,
    Receipt,
    ReviewState,
    TimelineDates,
    TranslationReview,
    Treatment,
    messages,
)
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts.typesetting import Typesetter

Tell = Callable[[str, str], None]
"""Told (stage, what) as the work goes on, for progress."""

AUTO = "auto"
"""The language that the patient's record names."""

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a job made: a receipt for each language, and what is worth a warning."""

    receipts: tuple[Receipt, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Translated:
    """A document in one language and who stands behind that text."""

    document: Document
    review: TranslationReview
    labels: translation.Labels


@dataclass(kw_only=True, slots=True)
class Gathering:
    """Collects the problems of several pieces of work, so that a person sees all of them at once."""

    problems: list[Problem] = field(default_factory=list)

    def take(self, work: Callable[[], Result]) -> Result | None:
        """Return what `work` returns, or keep its problems and return None."""
        try:
            return work()
        except InputError as error:
            self.problems += error.problems
            return None

    def stop_at_errors(self) -> None:
        """Raise InputError if an error has been gathered."""
        if errors_of(self.problems):
            raise InputError(_each_once(self.problems))


def _silent(stage: str, what: str) -> None:
    pass


class Press:
    """Makes sheets for one clinic; keep it for as long as many are made."""

    def __init__(self, resources: Resources, tell: Tell = _silent) -> None:
        self._resources = resources
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
        return Made(receipts=tuple(receipts), warnings=_each_once(gathering.problems))

    def compose(self, job: Job) -> tuple[tuple[ComposedHandout, ...], tuple[Problem, ...]]:
        """Return the job's sheets as HTML and their warnings; raise InputError with every Problem."""
        self._tell("loading", job.document)
        gathering = Gathering()
        branding = self._branding(gathering)
        document = gathering.take(lambda: documents.load(job.document, self._resources))
        treatment = self._treatment(job, branding, gathering)
        tags = self._tags(job, treatment, branding, gathering)
        translated = self._all_translated(document, tags, gathering) if document else {}
        if document and treatment:
            gathering.take(lambda: documents.select(document, treatment, _source(job)))
        if document and branding:
            gathering.problems += schedule_room.unknown_periods(document, branding, "clinic.toml")
            gathering.problems += _standing(job, document, branding, translated)
        gathering.stop_at_errors()
        assert document, "it is there or has left an error"
        assert branding, "it is there or has left an error"
        assert treatment, "it is there or has left an error"
        composed = tuple(self._composed(job, branding, treatment, document, translated[tag], gathering) for tag in tags)
        return composed, _each_once(gathering.problems)

    def _all_translated(self, document: Document, tags: Sequence[str], gathering: Gathering) -> dict[str, Translated]:
        found = {}
        for tag in tags:
            text = gathering.take(partial(self.translated, document, tag))
            if text is not None:
                found[tag] = text
        return found

    def typeset(
        self, composed: Sequence[ComposedHandout], job: Job, gathering: Gathering
    ) -> tuple[tuple[bytes, int | None], ...]:
        """Return each sheet's bytes and sides, in the job's format; raise InputError with every Problem."""
        sheets = tuple(self._sheet(handout, job, gathering) for handout in composed)
        gathering.stop_at_errors()
        return sheets

    def _sheet(self, handout: ComposedHandout, job: Job, gathering: Gathering) -> tuple[bytes, int | None]:
        if job.format is Format.HTML:
            return handout.html.encode(), None
        self._tell("typesetting", handout.language)
        typeset = gathering.take(lambda: self._typesetter.typeset(handout))
        if typeset is None:
            gathering.problems = [self._located(problem, job) for problem in gathering.problems]
            return b"", None
        gathering.problems += typeset[1]
        return typeset[0].pdf, typeset[0].pages

    def translated(self, document: Document, tag: str) -> Translated:
        """Return the document and labels in the language `tag`; raise InputError with each message not fit to print."""
        gathering = Gathering()
        labels = gathering.take(lambda: translation.labels(tag, self._resources))
        review = TranslationReview(state=ReviewState.REVIEWED)
        text: Document | None = document
        if tag != document.language:
            catalogue = gathering.take(lambda: translation.catalogue(document.id, tag, self._resources))
            if catalogue is not None and not any(entry.text for entry in catalogue.entries.values()):
                raise InputError([self._untranslated(document, tag)])
            text = None
            if catalogue is not None:
                text = gathering.take(partial(translation.translate, document, catalogue))
                review = translation.review_of(document, catalogue)
        gathering.stop_at_errors()
        assert labels, "it is there or has left an error"
        assert text, "it is there or has left an error"
        return Translated(document=text, review=review, labels=labels)

    @cached_property
    def _typesetter(self) -> Typesetter:
        from handouts.typesetting import Typesetter  # Half a second that a sheet as HTML does not need.

        return Typesetter()

    def _branding(self, gathering: Gathering) -> Branding | None:
        clinic = self._resources.clinic
        assert clinic is not None, "the interface asks for a clinic"
        found = gathering.take(lambda: branding_room.load(clinic))
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

    def _tags(
        self, job: Job, treatment: Treatment | None, branding: Branding | None, gathering: Gathering
    ) -> tuple[str, ...]:
        """Return the job's languages by their tags in languages.toml; one that is not there is a Problem.

        AUTO, or none at all, is the language that the patient reads, else the clinic's.
        """
        spoken = (treatment and treatment.patient.language) or (branding.default_language if branding else "en")
        tags = []
        for wish in (spoken if tag == AUTO else tag for tag in job.languages or (AUTO,)):
            if tag := canonical(wish):
                tags.append(tag)
                continue
            gathering.problems.append(
                Problem(
                    kind=Kind.TRANSLATION,
                    code="unknown-language",
                    source="--language",
                    values={"tag": wish, "known": ", ".join(known_tags())},
                    nearest=nearest(wish, known_tags()),
                )
            )
        return tuple(dict.fromkeys(tags))

    def _untranslated(self, document: Document, tag: str) -> Problem:
        values = {"document": document.id, "language": tag, "known": ", ".join(self.languages_of(document))}
        return Problem(kind=Kind.TRANSLATION, code="no-translation", source=document.source_name, values=values)

    def languages_of(self, document: Document) -> tuple[str, ...]:
        """Return the languages that a document can be had in, its own first."""
        found = messages(document)
        others = (
            tag
            for tag in known_tags()
            if tag != document.language
            and translation.state(found, translation.catalogue(document.id, tag, self._resources)).whole
        )
        return (document.language, *others)

    def _composed(
        self,
        job: Job,
        branding: Branding,
        treatment: Treatment,
        document: Document,
        translated: Translated,
        gathering: Gathering,
    ) -> ComposedHandout:
        self._tell("composing", translated.document.language)
        text = documents.select(translated.document, treatment, _source(job))
        rows, warnings = schedule_room.schedule(text, branding, treatment, _source(job))
        gathering.problems += warnings
        ingredients = composition.Ingredients(
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
            english_labels=translation.labels("en", self._resources),
            paper=job.paper or branding.paper,
            print_size=job.print_size,
            format=job.format,
        )
        return composition.compose(ingredients, self._resources)

    def _located(self, problem: Problem, job: Job) -> Problem:
        """Say in which detail of the treatment a character stands that no font has."""
        character = problem.values.get("character", "")
        if problem.code != "missing-glyph" or not character:
            return problem
        wanted = chr(int(character.removeprefix("U+"), 16))
        for detail in job.details:
            if wanted in str(detail.value):
                return replace(problem, kind=Kind.TREATMENT, source=detail.source, line=detail.line, path=detail.path)
        return problem


def approval_of(document: Document, branding: Branding) -> Approval | None:
    """Return the clinic's approval of exactly this version of the document."""
    wanted = (document.id, document.version)
    return next((found for found in branding.approvals if (found.document, found.version) == wanted), None)


def is_overdue(document: Document, job: Job) -> bool:
    """Return whether the document's review date has passed on the day of the job."""
    return document.review.due < job.printed_at.date()


def _source(job: Job) -> str:
    return job.details[0].source if job.details else "command line"


def _timeline(blocks: Iterable[Block], treatment: Treatment) -> Iterator[tuple[DayRange, TimelineDates]]:
    for block in blocks:
        if block.days:
            yield block.days, schedule_room.timeline_dates(block.days, treatment.performed_on)
        yield from _timeline(block.children, treatment)


def _standing(job: Job, document: Document, branding: Branding, translated: dict[str, Translated]) -> Iterator[Problem]:
    """Yield what nobody stands behind: warnings, or refusals with --strict."""
    severity = Severity.ERROR if job.strict else Severity.WARNING

    def problem(code: str, source: str, **values: str) -> Problem:
        return Problem(kind=Kind.REVIEW, code=code, source=source, values=values, severity=severity)

    if not document.review.by:
        yield problem("document-unreviewed", document.source_name)
    if is_overdue(document, job):
        yield problem("review-overdue", document.source_name, due=document.review.due.isoformat())
    if approval_of(document, branding) is None:
        yield problem("not-approved", "clinic.toml", document=document.id, version=document.version)
    for tag, text in translated.items():
        if tag != document.language and text.review.state is not ReviewState.REVIEWED:
            yield problem(f"translation-{text.review.state}", document.source_name, language=tag)


def _each_once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems without repetitions: several languages can have the same one."""
    kept: list[Problem] = []
    for problem in problems:
        if problem not in kept:
            kept.append(problem)
    return tuple(kept)
