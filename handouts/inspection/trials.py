"""A document and a language -> every Problem of its sheet and its email; how well the text reads, with its Problems."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import cache, partial

from handouts import documents, quality, translation
from handouts.crew import Ended
from handouts.errors import Gathering, InputError, Problem
from handouts.languages import base_of
from handouts.press import Press, Texts, translated_pairs
from handouts.records import CLINICS_OWN, Detail, Document, Job, messages
from handouts.resources import Resources

SAMPLE_PATIENT = "Sample Patient"


class Extent(Enum):
    """How much of a sheet is tried."""

    TEXTS = auto()
    """What it would be composed of is held together, and no more."""
    WORDS = auto()
    """What the clinic says of itself, head and foot is composed besides, laid out and looked at."""
    WHOLE = auto()
    """All of it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One document in one language, of which so much is tried; `document` is its id."""

    document: str
    language: str
    extent: Extent = Extent.WHOLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailing:
    """One document in one language, whose email is composed, with a password and without; `document` is its id."""

    document: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One document in one language, whose text is measured; `document` is its id."""

    document: str
    language: str


Work = Trial | Mailing | Reading
"""A piece of an inspection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What a piece of work found; only a reading has a quality, if the text is whole in its language."""

    problems: tuple[Problem, ...]
    quality: quality.Quality | None


def trier(resources: Resources, now: datetime, press: Press | None = None) -> Callable[[Work], Tried]:
    """Return a function that does one piece of work after the other, with a press that stays warm."""
    press = press or Press(resources)

    @cache
    def medical() -> tuple[quality.MedicalTerm, ...]:
        return tuple(Gathering().take(lambda: quality.medical_terms(resources)) or ())  # Its problems `inspect` tells.

    @cache
    def load(identifier: str) -> Document:
        try:
            return press.document(identifier, now.date())
        except InputError:  # A review of tomorrow, say: no sheet is made of it, and its text is measured nevertheless.
            return documents.load(identifier, resources)

    def tried(work: Work) -> Tried:
        gathering, document = Gathering(), load(work.document)
        if isinstance(work, Trial):
            _try(press, document, work, now, gathering)
            return Tried(problems=tuple(gathering.problems), quality=None)
        if isinstance(work, Mailing):
            for locked in (False, True):
                gathering.take(partial(press.mail, document.id, work.language, now.date(), locked=locked))
            return Tried(problems=tuple(gathering.problems), quality=None)
        found = gathering.take(partial(_measured, document, work.language, medical(), press.texts))
        repeated = gathering.take(lambda: tuple(_repetitions(document, work.language, press.texts, resources)))
        problems = (*gathering.problems, *(found.problems if found else ()), *(repeated or ()))
        return Tried(problems=problems, quality=found)

    return tried


def ended(work: Work, how: Ended) -> Tried:
    """Return what was found by what has ended every one of its workers, or its time or memory."""
    return Tried(problems=(how.problem(f"{work.document} {work.language}"),), quality=None)


def _repetitions(document: Document, tag: str, texts: Texts, resources: Resources) -> Iterator[Problem]:
    """Yield a warning for each of the clinic's messages in a variant of a language that says nothing otherwise."""
    if base_of(tag) != tag:
        yield from translation.repetitions(texts.catalogue(document, tag))
        yield from translation.repetitions(translation.catalogue(translation.LABELS, tag, resources))


def _measured(
    document: Document, tag: str, medical: Sequence[quality.MedicalTerm], texts: Texts
) -> quality.Quality | None:
    """Return how well a document reads in one language, or None where it is not whole in it."""
    if tag == document.language:
        return quality.examine(document, medical)
    catalogue = texts.catalogue(document, tag)
    if not translation.state(messages(document), catalogue).whole:
        return None
    pairs = translated_pairs(document, catalogue, tag)
    translated = translation.translate(document, catalogue)
    return quality.examine(translated, medical, pairs, texts.glossary(tag))


def _try(press: Press, document: Document, trial: Trial, now: datetime, gathering: Gathering) -> None:
    job = sample_job(document, trial.language, now)
    if trial.extent is Extent.TEXTS:
        checked = gathering.take(partial(press.check, job))
        gathering.problems += checked[1] if checked else ()
        return
    only = CLINICS_OWN if trial.extent is Extent.WORDS else None
    composed = gathering.take(partial(press.compose, job, only))
    if composed is None:
        return
    gathering.problems += composed[1]
    gathering.take(lambda: press.typeset(composed[0], job, gathering))
    if trial.language == document.language and any(handout.own_files for handout in composed[0]):
        gathering.problems += gathering.take(partial(press.kept_slow, job)) or ()


def sample_job(document: Document, tag: str, now: datetime) -> Job:
    """Return a job for a made-up patient, treated now, that tries all of a document's text."""
    return Job(document=document.id, languages=(tag,), details=sample_details(document, now), now=now)


def sample_details(document: Document, now: datetime) -> tuple[Detail, ...]:
    """Return details that meet every condition a document declares, so that all of its text is tried."""
    values: dict[str, object] = {
        "patient.name": SAMPLE_PATIENT,
        "practitioner": "Sample Clinician",
        "procedure": next(iter(document.treatments)),
        "body_sites": list(document.body_sites)[:20],
        "performed_on": now,
        "settings": {name: setting.at_most or setting.at_least or "1" for name, setting in document.settings.items()},
        "products": [product for condition in document.conditions.values() for product in condition.products],
    }
    return tuple(Detail(path=path, value=value, source="a sample treatment") for path, value in values.items())
