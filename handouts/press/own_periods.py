"""The clinic's own periods + the library -> those that hold for a treatment, a Problem for each that holds for none.

A period is set once for a treatment and holds on every document of it, so that two sheets of one patient agree.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, nearest
from handouts.records import Branding, Document, OwnPeriod


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Every document's id, and how to load one, which is only done where it matters."""

    ids: tuple[str, ...]
    load: Callable[[str], Document]

    def document(self, identifier: str) -> Document | None:
        """Return a document, or None where it cannot be read: whoever asks for it gets its Problems."""
        try:
            return self.load(identifier) if identifier in self.ids else None
        except InputError:
            return None


def holding(document: Document, procedure: str, branding: Branding, library: Library) -> tuple[OwnPeriod, ...]:
    """Return the clinic's periods for what was done, whichever of its documents they are set for.

    `procedure` "" is the document's first.
    """
    procedure = procedure or next(iter(document.treatments))
    return tuple(own for own in branding.periods if procedure in _treatments(own.treatment, document, library))


def unknown(document: Document, branding: Branding, library: Library) -> Iterator[Problem]:
    """Yield a Problem for each of the clinic's own periods that no document of its treatment has.

    Periods for other treatments than this document's are left to those. Where a document cannot be read it is not
    known what it has, and nothing is reported. A period that is set for a document is a warning: it holds for the
    treatment.
    """
    reported: set[str] = set()
    for own in branding.periods:
        treatments = _treatments(own.treatment, document, library)
        concerned = [name for name in treatments if name in document.treatments]
        if concerned:
            yield from _not_declared(own, document, treatments, library)
        elif not treatments and own.treatment not in reported:
            yield from _no_treatment(own, library)
        if concerned and own.treatment not in document.treatments and own.treatment not in reported:
            values = {"name": own.treatment, "treatment": concerned[0]}
            yield replace(_problem(own, Code.PERIOD_OF_DOCUMENT, values), severity=Severity.WARNING)
        reported.add(own.treatment)


def _treatments(name: str, document: Document, library: Library) -> tuple[str, ...]:
    """Return the treatments that a table of periods is for: its name, or those of the document that has its name."""
    if name in document.treatments:
        return (name,)
    named = document if name == document.id else library.document(name)
    return tuple(named.treatments) if named else ()


def _not_declared(
    own: OwnPeriod, document: Document, treatments: tuple[str, ...], library: Library
) -> Iterator[Problem]:
    if own.id in _declared(document):
        return
    known: dict[str, None] = {}
    for identifier in library.ids:
        other = library.document(identifier)
        if other is None:
            return
        if not set(treatments).isdisjoint(other.treatments):
            known.update(dict.fromkeys(_declared(other)))
    if own.id not in known:
        values = {"name": own.id, "treatment": own.treatment, "known": ", ".join(known) or "-"}
        yield _problem(own, Code.UNKNOWN_PERIOD, values, nearest(own.id, known))


def _declared(document: Document) -> tuple[str, ...]:
    return tuple(period.id for period in document.waiting_periods)


def _no_treatment(own: OwnPeriod, library: Library) -> Iterator[Problem]:
    known: dict[str, None] = {}
    for identifier in library.ids:
        other = library.document(identifier)
        if other is None:
            return
        known.update(dict.fromkeys(other.treatments))
    if own.treatment not in known:
        values = {"name": own.treatment, "known": ", ".join(known)}
        yield _problem(own, Code.NO_SUCH_TREATMENT, values, nearest(own.treatment, known))


def _problem(own: OwnPeriod, code: Code, values: dict[str, str], guess: str = "") -> Problem:
    return Problem.of(
        Kind.BRANDING,
        code,
        "clinic.toml",
        own.line,
        path=f"waiting_periods.{own.treatment}.{own.id}",
        nearest=guess,
        **values,
    )
