"""A Job -> sheets and receipts: the only module that knows the order (load, compose, typeset, deliver)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from handouts import composition, delivery
from handouts.codes import Code
from handouts.errors import Kind, Problem, each_once
from handouts.press.gathering import Gathering
from handouts.press.looks import Looks
from handouts.press.missing_glyphs import located, unassigned
from handouts.press.preparing import Prepared, Preparing, Text
from handouts.press.signing import own_periods_of
from handouts.press.standing import is_overdue
from handouts.records import (
    Branding,
    ComposedHandout,
    ComposedMail,
    Destination,
    Detail,
    FinishedSheet,
    Format,
    Job,
    Paper,
    Posted,
    PrintSize,
    Receipt,
    ReviewState,
)
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts.typesetting import Typesetter

Filed = tuple[tuple[Receipt, bytes], ...]
"""Sheets that are in their folder, with their bytes."""
HandOver = Callable[[Filed, Gathering], tuple[tuple[Receipt, ...], tuple[Posted, ...]]]
"""Brings a job's sheets on; returns their receipts with what became of each, and what was sent by email."""
Tell = Callable[[str, str], None]
"""Told (stage, what) as the work goes on, for progress."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a job made: a receipt for each language, what is worth a warning, and the emails that were sent at once."""

    receipts: tuple[Receipt, ...]
    warnings: tuple[Problem, ...]
    posted: tuple[Posted, ...] = ()


def _silent(stage: str, what: str) -> None:
    pass


class Press:
    """Makes sheets for one clinic; keep it for as long as many are made.

    What it has read it keeps: make a new one to see files that have changed.
    """

    def __init__(self, resources: Resources, tell: Tell = _silent) -> None:
        self._resources = resources
        self._preparing = Preparing(resources)
        self._look = cache(partial(composition.look, resources))
        self._looks = Looks(resources.cache)
        self._mail = cache(self._composed_mail)
        self._tell = tell

    @classmethod
    def open(cls, clinic: str | Path, cache: Path | None = None) -> Press:
        """Return a press for the clinic whose folder this is; threads may share it, or have one each.

        `cache` is a folder of the caller's own for compiled templates. A fault of the clinic's is told by `sheet`.
        """
        return cls(Resources(clinic=Path(clinic).resolve(), cache=cache))

    def sheet(
        self,
        document: str,
        details: Mapping[str, object],
        *,
        language: str = "",
        form: Format = Format.PDF,
        paper: Paper | None = None,
        print_size: PrintSize = PrintSize.STANDARD,
        strict: bool = False,
        now: datetime | None = None,
    ) -> FinishedSheet:
        """Return one sheet; nothing is written to a folder.

        `details` are the treatment's by their paths, as in {"patient.name": "…", "body_sites": ["face"]}. `language` is
        a tag, or two as in "ar+en"; "" is the patient's own, else the clinic's. `now` (aware) is the clock, read here
        if left out. Raises InputError with every Problem; its text says them in words, without a patient's values.
        """
        job = Job(
            document=document,
            languages=(language,) if language else (),
            details=tuple(Detail(path=path, value=value, source="details") for path, value in details.items()),
            printed_at=now or datetime.now(UTC),
            format=form,
            paper=paper,
            print_size=print_size,
            strict=strict,
        )
        (composed,), warnings = self.compose(job)
        gathering = Gathering(problems=list(warnings))
        ((data, pages),) = self.typeset((composed,), job, gathering)
        return FinishedSheet(
            data=data,
            format=form,
            document=composed.document,
            version=composed.version,
            language=composed.language,
            fingerprint=composed.fingerprint,
            pages=pages,
            problems=each_once(gathering.problems),
        )

    def make(self, job: Job, destination: Destination) -> Made:
        """Make the job's sheets in every language it asks for, and deliver all of them to the folder or none.

        Raises InputError with every Problem of every ingredient. What then goes wrong on the way to a printer or an
        mail server is among the warnings of what was made, as errors: the sheets are in their folder. Emails for a
        server that puts them off are tried again after 5 and after 30 seconds, and then wait in the outbox.
        """
        composed, warnings = self.compose(job)
        gathering = Gathering(problems=list(warnings))
        with self._handing_over(job, destination) as hand_over:
            sheets = self.typeset(composed, job, gathering)
            self._tell("delivering", str(destination.folder))
            filed = tuple(
                (_filed(handout, data, pages, job, destination), data)
                for handout, (data, pages) in zip(composed, sheets, strict=True)
            )
            receipts, posted = hand_over(filed, gathering)
        return Made(receipts=receipts, warnings=each_once(gathering.problems), posted=posted)

    @contextmanager
    def _handing_over(self, job: Job, destination: Destination) -> Iterator[HandOver]:
        """Yield what brings a sheet from its folder on to where else it is to go; raise InputError where it cannot."""
        if not (destination.printing or destination.mail or destination.ledger):
            yield lambda filed, _gathering: (tuple(receipt for receipt, _data in filed), ())
            return
        from handouts.press.handing_over import handing_over  # What prints and mails costs a tenth of a second.

        gathering = Gathering()
        prepared, _ = self.check(job)
        if job.format is Format.HTML and (destination.printing or destination.mail):
            gathering.problems.append(Problem(kind=Kind.USAGE, code=Code.ONLY_AS_PDF, source="--format"))
        mails: dict[str, ComposedMail | None] = {}
        if destination.mail is not None:
            if not prepared.treatment.patient.email:
                source = job.details[0].source if job.details else "command line"
                gathering.problems.append(
                    Problem(kind=Kind.TREATMENT, code=Code.NO_ADDRESS, source=source, path="patient.email")
                )
            today, locked = job.printed_at.date(), bool(destination.mail.password)
            for language in prepared.languages:
                mails[language] = gathering.take(partial(self.mail, job.document, language, today, locked=locked))
        gathering.stop_at_errors()
        ready = {language: mail for language, mail in mails.items() if mail is not None}
        with handing_over(prepared, ready, job, destination) as handing:
            yield partial(handing.hand_over, tell=self._tell)

    @cached_property
    def unused_templates(self) -> tuple[Problem, ...]:
        """A warning for each of the clinic's own templates that no sheet and no email uses."""
        return tuple(composition.unused(self._resources, self._look()))

    def branding(self, today: date) -> Branding:
        """Return the clinic's branding; raise InputError with every Problem of clinic.toml."""
        return self._preparing.branding(today=today, sample=False)[0]

    def check(self, job: Job) -> tuple[Prepared, tuple[Problem, ...]]:
        """Return the job's ingredients and warnings without making anything; raise InputError with every Problem.

        Only what templates and fonts may yet refuse is not seen here.
        """
        gathering = Gathering()
        return self._preparing.prepare(job, gathering), each_once(gathering.problems)

    def compose(self, job: Job) -> tuple[tuple[ComposedHandout, ...], tuple[Problem, ...]]:
        """Return the job's sheets as HTML and their warnings; raise InputError with every Problem."""
        self._tell("loading", job.document)
        gathering = Gathering()
        prepared = self._preparing.prepare(job, gathering)
        composed = [gathering.take(partial(self._composed, job, prepared, texts)) for texts in prepared.sheets]
        gathering.stop_at_errors()
        return tuple(filter(None, composed)), each_once((*gathering.problems, *self.unused_templates))

    def typeset(
        self, composed: Sequence[ComposedHandout], job: Job, gathering: Gathering
    ) -> tuple[tuple[bytes, int | None], ...]:
        """Return each sheet's bytes and sides, in the job's format; raise InputError with every Problem."""
        sheets = tuple(self._sheet(handout, job, gathering) for handout in composed)
        gathering.stop_at_errors()
        return sheets

    def mail(self, document: str, language: str, today: date, *, locked: bool = False) -> ComposedMail:
        """Return the email that brings a sheet of this document in this language (ar+en: in two).

        It is the same for every patient. `locked` says that a password protects the sheet. Raises InputError.
        """
        return self._mail(document, language, today, locked=locked)

    def _composed_mail(self, document: str, language: str, today: date, *, locked: bool) -> ComposedMail:
        from handouts.press.mailing import mail  # Milliseconds that a plain `make` does not need.

        return mail(self._preparing, self._resources, document, language, today, locked=locked)

    def _sheet(self, handout: ComposedHandout, job: Job, gathering: Gathering) -> tuple[bytes, int | None]:
        is_known = self._looks.has(handout)
        if job.format is Format.HTML:
            gathering.problems += (place for problem in unassigned(handout) for place in located(problem, job))
            if not is_known:
                gathering.take(partial(self._look_at, handout))
            return handout.html.encode(), None
        self._tell("typesetting", handout.language)
        found = Gathering()
        typeset = found.take(lambda: self._typesetter.typeset(handout, is_known=is_known))
        told = (*found.problems, *(typeset[1] if typeset else ()))
        gathering.problems += (
            composition.located(place, handout.stylesheet, self._resources)
            for problem in told
            for place in located(problem, job)
        )
        if typeset is None:
            return b"", None
        self._looks.add(handout)
        return typeset[0].pdf, typeset[0].pages

    def _look_at(self, handout: ComposedHandout) -> None:
        self._typesetter.look_at(handout)
        self._looks.add(handout)

    @cached_property
    def _typesetter(self) -> Typesetter:
        from handouts.typesetting import Typesetter  # Half a second that a sheet as HTML does not need.

        return Typesetter()

    def _composed(self, job: Job, prepared: Prepared, texts: Sequence[Text]) -> ComposedHandout:
        """Compose one sheet, in as many languages as there are texts."""
        self._tell("composing", "+".join(text.document.language for text in texts))
        branding, document = prepared.branding, prepared.document
        signatures = self._preparing.signing.signatures(document, branding)
        own_periods = own_periods_of(document, branding)
        sides = tuple(
            composition.Ingredients(
                branding=branding,
                treatment=prepared.treatment,
                document=text.document,
                source=document,
                whole_text=(text.translated.fingerprint, *own_periods),
                review=text.translated.review,
                reviewed=signatures.review is ReviewState.REVIEWED,
                approval=signatures.approved,
                overdue=is_overdue(document, job.printed_at.date()),
                schedule=text.schedule,
                timeline=text.timeline,
                labels=text.translated.labels,
                english_labels=self._preparing.texts.labels("en"),
                paper=job.paper or branding.paper,
                print_size=job.print_size,
                format=job.format,
                sample=job.sample,
            )
            for text in texts
        )
        return composition.compose(sides, self._resources, self._look())


def _filed(handout: ComposedHandout, data: bytes, pages: int | None, job: Job, destination: Destination) -> Receipt:
    """Write one sheet into the folder."""
    return Receipt(
        path=delivery.deliver(data, handout.stem, f".{job.format}", destination),
        document=handout.document,
        version=handout.version,
        language=handout.language,
        fingerprint=handout.fingerprint,
        pages=pages,
    )
