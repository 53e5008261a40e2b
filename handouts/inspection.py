"""A clinic's folder, or what ships -> every Problem in branding, documents, catalogues and templates."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from handouts import catalogues, documents, quality, translation
from handouts.branding import CLINIC_FILE, EXAMPLE, bears_the_examples_name
from handouts.codes import Code
from handouts.errors import Gathering, Kind, Problem, each_once
from handouts.languages import known_tags
from handouts.press import Press, Texts, translated_pairs
from handouts.records import Branding, Condition, Detail, Document, Duration, Job, messages
from handouts.resources import SHELVES, Resources
from handouts.translation import po_name

InspectionProgress = Callable[[int, int, str], None]
"""Told (done, of, what) while sheets are tried."""

_WITHOUT_END = (Code.OUT_OF_TIME, Code.OUT_OF_MEMORY)
"""Problems of a file that every language and document would meet again, each as slowly."""
SAMPLE_PATIENT = "Sample Patient"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What an inspection found: every problem and warning, and how well each text reads."""

    problems: tuple[Problem, ...]
    quality: tuple[quality.Quality, ...]


def inspect(clinic: Path | None, now: datetime, progress: InspectionProgress, cache: Path | None = None) -> Inspection:
    """Return what was found: each document is measured and tried, in each of its languages, as a sheet and an email.

    In `cache`, a folder of the user's own, looks and drawings that were judged before are remembered.

    Without a clinic's folder the example clinic stands in, so that what ships can be checked. Where clinic.toml itself
    cannot be used no sheet can be made: its problems come first, and texts are read but neither typeset nor measured.
    """
    resources = Resources(clinic=clinic or SHELVES["examples"] / EXAMPLE, cache=cache)
    press = Press(resources)
    gathering = Gathering()
    branding = gathering.take(partial(press.branding, now.date()))
    gathering.problems += gathering.take(lambda: press.unused_templates) or ()
    gathering.problems += (*_strangers(resources), *_name_of_the_example(branding, resources))
    trials: list[tuple[Document, str]] = []
    for identifier in catalogues.document_ids(resources):
        document = gathering.take(lambda name=identifier: documents.load(name, resources))  # type: ignore[misc]  # mypy cannot type a lambda's default
        if document is not None:
            trials += [(document, tag) for tag in _languages(document, resources)]
    gathering.problems += disagreements(tuple({document.id: document for document, _ in trials}.values()))
    medical = gathering.take(lambda: quality.medical_terms(resources)) or ()
    measured: list[quality.Quality] = []
    texts = Texts(resources)
    for done, (document, tag) in enumerate(trials):
        progress(done, len(trials), f"{document.id} {tag}")
        if branding is None:
            gathering.take(partial(texts.translated, document, tag))
            continue
        _try(press, document, tag, now, gathering)
        if any(problem.code in _WITHOUT_END for problem in gathering.problems):
            break  # It would be as slow in every language.
        found = gathering.take(partial(_measured, document, tag, medical, resources))
        if found is not None:
            measured.append(found)
            gathering.problems += found.problems
    if branding is None:
        gathering.problems.append(_not_tried())
    progress(len(trials), len(trials), "")
    return Inspection(problems=each_once(gathering.problems), quality=tuple(measured))


def _not_tried() -> Problem:
    """Return the warning that more may be found once clinic.toml can be used."""
    return Problem.warning(Kind.BRANDING, Code.SHEETS_NOT_TRIED, CLINIC_FILE)


def disagreements(found: Sequence[Document]) -> Iterator[Problem]:
    """Yield a warning for each waiting period that two documents of one treatment do not declare alike.

    A patient who gets both sheets would read two dates for one thing.
    """
    firsts: dict[tuple[str, str], Document] = {}
    for document in found:
        for treatment in document.treatments:
            for name in dict.fromkeys(period.id for period in document.waiting_periods):
                first = firsts.setdefault((treatment, name), document)
                if _declared(first, name) != _declared(document, name):
                    yield Problem.warning(
                        Kind.DOCUMENT,
                        Code.PERIODS_DISAGREE,
                        document.source_name,
                        path=f"waiting_periods.{name}",
                        name=name,
                        document=first.id,
                        treatment=treatment,
                    )


def _declared(document: Document, name: str) -> list[tuple[Duration, Condition | None]]:
    """Return how long a document's periods of this id are, and when each applies."""
    periods = (period for period in document.waiting_periods if period.id == name)
    return [(period.duration, document.conditions.get(period.when)) for period in periods]


def _measured(
    document: Document, tag: str, medical: Sequence[quality.MedicalTerm], resources: Resources
) -> quality.Quality | None:
    """Return how well a document reads in one language, or None where it is not whole in it."""
    if tag == document.language:
        return quality.examine(document, medical)
    catalogue = translation.catalogue(document.id, tag, resources)
    if not translation.state(messages(document), catalogue).whole:
        return None
    pairs = translated_pairs(document, catalogue)
    translated = translation.translate(document, catalogue)
    return quality.examine(translated, medical, pairs, quality.glossary(tag, resources))


def _languages(document: Document, resources: Resources) -> Iterator[str]:
    """Yield the document's own language and those that have a catalogue for it, however unfinished."""
    yield document.language
    for tag in known_tags():
        if tag != document.language and resources.stacked("locales", po_name(document.id, tag)):
            yield tag


def _try(press: Press, document: Document, tag: str, now: datetime, gathering: Gathering) -> None:
    for locked in (False, True):
        gathering.take(partial(press.mail, document.id, tag, now.date(), locked=locked))
    job = sample_job(document, tag, now)
    composed = gathering.take(lambda: press.compose(job))
    if composed is None:
        return
    gathering.problems += composed[1]
    gathering.take(lambda: press.typeset(composed[0], job, gathering))


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


def _name_of_the_example(branding: Branding | None, resources: Resources) -> Iterator[Problem]:
    """Yield a warning where a clinic is still called like the example that its folder was copied from."""
    if branding and resources.clinic and bears_the_examples_name(resources.clinic, branding.name):
        yield Problem.warning(Kind.BRANDING, Code.EXAMPLE_CLINIC, CLINIC_FILE, path="name")


def _strangers(resources: Resources) -> Iterator[Problem]:
    """Yield a warning for each catalogue that belongs to no document and to no language: it is never used."""
    known = {
        po_name(name, tag) for name in (*catalogues.document_ids(resources), translation.LABELS) for tag in known_tags()
    }
    for name in resources.names("locales", "*/LC_MESSAGES/*.po"):
        if name not in known:
            yield Problem.warning(Kind.TRANSLATION, Code.CATALOGUE_UNUSED, f"locales/{name}")
