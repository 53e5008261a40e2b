"""A clinic's folder -> every trial of its documents and languages, made side by side, and all their problems."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from handouts import catalogues, composition, documents, quality, translation
from handouts.branding import CLINIC_FILE, EXAMPLE, bears_the_examples_name
from handouts.checking import dotted
from handouts.codes import Code
from handouts.crew import Ended
from handouts.errors import Gathering, InputError, Kind, Problem, Severity, each_once, nearest
from handouts.inspection import sampling
from handouts.inspection.choosing import EVERYTHING, Choice
from handouts.inspection.register import Register
from handouts.inspection.staffing import staff
from handouts.inspection.trials import Extent, Mailing, Reading, Trial, Tried, Work, ended
from handouts.languages import canonical, known_tags, lineage
from handouts.limits import WITHOUT_END
from handouts.press import Press, Texts
from handouts.records import Branding, Condition, Detail, Document, Duration, Job
from handouts.resources import SHELVES, Resources
from handouts.translation import po_name
from handouts.treatment import tables

InspectionProgress = Callable[[int, int, str], None]
"""Told (done, of, what) while sheets are tried and texts are read."""
_Try = Callable[[Sequence[Work]], Iterator[tuple[Work, Tried | Ended]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """What an inspection found: every problem and warning, and how well each text reads.

    `changed` is what ships and has changed since the clinic looked at it; it is among the problems.
    """

    problems: tuple[Problem, ...]
    quality: tuple[quality.Quality, ...]
    changed: tuple[composition.ChangedOriginal, ...]


def inspect(
    clinic: Path | None,
    now: datetime,
    progress: InspectionProgress,
    cache: Path | None = None,
    workers: int = 1,
    only: Choice = EVERYTHING,
) -> Inspection:
    """Return what was found: each document is measured and tried, in each of its languages, as a sheet and an email.

    With `only` no others are tried than those. All files are read whatever it is, and what is wrong with them is told.

    In `cache`, a folder of the user's own, is remembered what was found of a document and a language, for as long as
    nothing changes that it depends on; the others are tried by `workers` processes.

    Without a clinic's folder the example clinic stands in, so that what ships can be checked. Where clinic.toml itself
    cannot be used no sheet can be made: its problems come first, and texts are read but neither typeset nor measured.
    Raises InputError for a chosen document that is not there.
    """
    resources = Resources(clinic=clinic or SHELVES["examples"] / EXAMPLE, cache=cache)
    only.document_ids(resources)
    with staff(resources, now, workers, is_whole=only == EVERYTHING) as try_all:
        return _inspected(resources, now, progress, try_all, only, is_clinic=clinic is not None)


def _inspected(
    resources: Resources, now: datetime, progress: InspectionProgress, try_all: _Try, only: Choice, *, is_clinic: bool
) -> Inspection:
    press = Press(resources)
    gathering = Gathering()
    branding = gathering.take(partial(press.branding, now.date()))
    gathering.problems += gathering.take(lambda: press.unused_templates) or ()
    changed = gathering.take(lambda: tuple(composition.changed_originals(resources))) or ()
    gathering.problems += (each.problem() for each in changed)
    gathering.take(partial(tables.exports_of, resources))
    gathering.problems += (*_strangers(resources), *_name_of_the_example(branding, resources))
    found = tuple(_documents(resources, gathering))
    gathering.problems += (*disagreements(found), *periods_without_address(found))
    gathering.take(lambda: quality.medical_terms(resources))
    trials = tuple(_chosen(found, only, resources))
    measured: list[quality.Quality] = []
    wanted: tuple[Work, ...] = ()
    if branding is None:
        texts = Texts(resources)
        for document, tag in trials:
            gathering.take(partial(texts.translated, document, tag))
        gathering.problems.append(_not_tried())
    else:
        gathering.problems += (*_services(press, branding, now), *_codes(branding, found))
        chosen = sampling.trials(trials, resources, branding) if is_clinic else every_trial(trials)
        wanted = tuple(work for trial in chosen for work in _works(trial))
        register = Register(resources, branding, now.date(), found)
        for tried in _in_order(wanted, _all_tried(wanted, register, try_all), progress):
            gathering.problems += tried.problems
            measured += () if tried.quality is None else (tried.quality,)
    progress(len(wanted), len(wanted), "")
    return Inspection(problems=each_once(gathering.problems), quality=tuple(measured), changed=changed)


def _chosen(library: Sequence[Document], only: Choice, resources: Resources) -> Iterator[tuple[Document, str]]:
    """Yield each document with each language that is to be tried: of all that there are, or those that were named."""
    for document in library:
        if document.id in only.documents or not only.documents:
            if only.documents and only.languages:  # Tried where it is not there, too: that says so.
                yield from ((document, tag) for tag in only.languages)
                continue
            for tag in languages_of(document, resources):
                if tag in only.languages or not only.languages:
                    yield document, tag


def _services(press: Press, branding: Branding, now: datetime) -> Iterator[Problem]:
    """Yield what the documents do not know of what clinic.toml says of its services."""
    somebody = (
        Detail(path="patient.name", value="Ana Example", source=""),
        Detail(path="performed_on", value=f"{now:%Y-%m-%d} 12:00", source=""),
    )
    for service in branding.services:
        details = tables.details_of(service)
        if not (service.document and details and service.has_sheet):
            continue
        try:
            press.check(Job(document=service.document, languages=(), details=(*somebody, *details), now=now))
        except InputError as error:
            yield from (problem for problem in error.problems if problem.source == CLINIC_FILE)


def _codes(branding: Branding, library: Sequence[Document]) -> Iterator[Problem]:
    """Yield a warning for each of [codes] in clinic.toml that no document has a treatment, a place or a setting for."""
    known = {name for one in library for names in (one.treatments, one.body_sites, one.settings) for name in names}
    for code, name in branding.codes.items():
        if name not in known:
            line, guess = branding.lines.get(dotted(("codes", code))), nearest(name, known)
            problem = Problem.of(Kind.BRANDING, Code.CODE_LEADS_NOWHERE, CLINIC_FILE, line, nearest=guess, name=name)
            yield replace(problem, severity=Severity.WARNING)


def _documents(resources: Resources, gathering: Gathering) -> Iterator[Document]:
    for identifier in catalogues.document_ids(resources):
        document = gathering.take(partial(documents.load, identifier, resources))
        if document is not None:
            yield document


def every_trial(pairs: Sequence[tuple[Document, str]]) -> tuple[Trial, ...]:
    """Return whole trials: what ships is tried whole before it ships."""
    return tuple(Trial(document=document.id, language=tag) for document, tag in pairs)


def _works(trial: Trial) -> Iterator[Work]:
    """Yield what is to be done for a document in a language, in the order in which its problems are told."""
    if trial.extent is not Extent.TEXTS:
        yield Mailing(document=trial.document, language=trial.language)
    yield trial
    yield Reading(document=trial.document, language=trial.language)


def _in_order(
    wanted: Sequence[Work], found: Iterator[tuple[Work, Tried]], progress: InspectionProgress
) -> Sequence[Tried]:
    """Return what was found in the order of `wanted`, whichever were remembered, up to one without end."""
    results: dict[Work, Tried] = {}
    for work, tried in found:
        results[work] = tried
        progress(len(results), len(wanted), f"{work.document} {work.language}")
        if any(problem.code in WITHOUT_END for problem in tried.problems):
            break  # It would be as slow in every language.
    return [results[work] for work in wanted if work in results]


def _all_tried(wanted: Sequence[Work], register: Register, try_all: _Try) -> Iterator[tuple[Work, Tried]]:
    """Yield each piece of work and what it found, those that are remembered first."""
    new = []
    for work in wanted:
        tried = register.get(work)
        if tried is None:
            new.append(work)
        else:
            yield work, tried
    for work, result in try_all(new):
        if isinstance(result, Ended):
            yield work, ended(work, result)
        else:
            register.put(work, result)
            yield work, result


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


def periods_without_address(found: Sequence[Document]) -> Iterator[Problem]:
    """Yield a warning for each document whose waiting periods rest on a source that no reader can open."""
    for document in found:
        closed = [period for period in document.waiting_periods if not document.sources[period.source].url]
        if closed:
            yield Problem.warning(
                Kind.DOCUMENT,
                Code.PERIOD_WITHOUT_ADDRESS,
                document.source_name,
                closed[0].line or None,
                document=document.id,
                names=", ".join(dict.fromkeys(period.id for period in closed)),
            )


def _declared(document: Document, name: str) -> list[tuple[Duration | None, Condition | None]]:
    """Return how long a document's periods of this id are, and when each applies."""
    periods = (period for period in document.waiting_periods if period.id == name)
    return [(period.duration, document.conditions.get(period.when)) for period in periods]


def languages_of(document: Document, resources: Resources) -> Iterator[str]:
    """Yield the document's own language and those that have a catalogue for it, however unfinished.

    A variant of another language has that one's.
    """
    yield document.language
    for tag in known_tags():
        names = [po_name(document.id, one) for one in lineage(tag)]
        if tag != document.language and (document.language in lineage(tag) or resources.stacked("locales", *names)):
            yield tag


def _name_of_the_example(branding: Branding | None, resources: Resources) -> Iterator[Problem]:
    """Yield a warning where a clinic is still called like the example that its folder was copied from."""
    if branding and resources.clinic and bears_the_examples_name(resources.clinic, branding.name):
        yield Problem.warning(Kind.BRANDING, Code.EXAMPLE_CLINIC, CLINIC_FILE, path="name")


def _strangers(resources: Resources) -> Iterator[Problem]:
    """Yield a warning for each catalogue that belongs to no document, and for a clinic's files of other languages.

    None of them is ever used: a language is added to what ships, since much more than a table of fonts goes with it.
    """
    names = (*catalogues.document_ids(resources), translation.LABELS, catalogues.DESK)
    known = {po_name(name, tag) for name in names for tag in known_tags()}
    for name in resources.names("locales", "*/LC_MESSAGES/*.po"):
        if name not in known and canonical(name.partition("/")[0]):
            yield Problem.warning(Kind.TRANSLATION, Code.CATALOGUE_UNUSED, f"locales/{name}")
    folders = dict.fromkeys(name.partition("/")[0] for name in resources.own_names("locales", "*/**/*"))
    for tag in (folder for folder in folders if not canonical(folder)):
        values = {"tag": tag, "known": ", ".join(known_tags())}
        yield Problem.warning(Kind.TRANSLATION, Code.LANGUAGE_NOT_SHIPPED, f"locales/{tag}", **values)
    for name in resources.own_names("locales", "languages.toml"):
        yield Problem.warning(Kind.TRANSLATION, Code.LANGUAGES_NOT_READ, f"locales/{name}")
