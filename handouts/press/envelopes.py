"""The documents of one envelope and a treatment -> the treatment as each of them knows it, or why they do not fit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.records import Document, Treatment


def of_its_own(treatment: Treatment, document: Document, beside: Sequence[tuple[Treatment, Document]]) -> Treatment:
    """Return a treatment without the settings and waiting periods that only documents beside this one know.

    `beside` has those documents, each with the same treatment in its own names. What none of them knows stays, and is
    reported. Procedure and body sites stay too: a sheet that does not know them is for something else.
    """
    periods = _periods(document)
    settings = tuple(
        setting
        for place, setting in enumerate(treatment.settings)
        if setting.name in document.settings
        or not any(named.settings[place].name in other.settings for named, other in beside)
    )
    waits = tuple(
        wait
        for place, wait in enumerate(treatment.waiting_periods)
        if wait.id in periods or not any(named.waiting_periods[place].id in _periods(other) for named, other in beside)
    )
    return replace(treatment, settings=settings, waiting_periods=waits)


def mixed_times(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield a Problem where one document is read before a treatment and another after it: the time means two things."""
    first = documents[0] if documents else None
    other = next((each for each in documents if first and each.read is not first.read), None)
    if first and other:
        yield Problem.of(Kind.USAGE, Code.ENVELOPE_MIXES_TIMES, other.source_name, document=other.id, other=first.id)


def _periods(document: Document) -> frozenset[str]:
    return frozenset(period.id for period in document.waiting_periods)
