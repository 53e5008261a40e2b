"""A Job -> sheets and receipts: the only module that knows the order (load, compose, typeset, deliver)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from handouts import composition
from handouts.codes import Code
from handouts.errors import Gathering, InputError, Kind, Problem, Severity, each_once
from handouts.limits import blamed_on
from handouts.press.delivering import Delivering, Made, Narrate, way_to
from handouts.press.envelopes import mixed_times
from handouts.press.offering import Offered, offered
from handouts.press.preparing import PreparedJob, Preparing, SheetText
from handouts.press.sheets import Sheets, Sides, is_never_written
from handouts.press.signing import is_overdue, own_periods_of
from handouts.press.texts import Texts
from handouts.records import (
    BlockKind,
    Branding,
    CheckedJob,
    ComposedHandout,
    ComposedMail,
    Destination,
    Detail,
    Document,
    Format,
    Job,
    MailOrder,
    Paper,
    PrintSize,
    Receipt,
    ReviewState,
    Sheet,
)
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts.treatment.tables import Exports


def _silent(stage: str, what: str) -> None:
    pass


class Press:
    """Makes sheets for one clinic; keep it for as long as many are made.

    What it has read it keeps: make a new one to see files that have changed.
    """

    def __init__(self, resources: Resources, narrate: Narrate = _silent) -> None:
        self.resources = resources
        self._preparing = Preparing(resources)
        self._making = Sheets(resources, narrate)
        self._mail = cache(self._composed_mail)
        self._offered = lru_cache(1)(partial(offered, self._preparing))
        self._narrate = narrate

    @classmethod
    def open(cls, clinic: str | Path, cache: Path | None = None) -> Press:
        """Return a press for the clinic whose folder this is; threads may share it, or have one each.

        `cache` is a folder of the caller's own for compiled templates. `sheet` raises a fault of the clinic's files.
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
    ) -> Sheet:
        """Return one sheet; nothing is written to a folder.

        `details` are the treatment's by their paths, as in {"patient.name": "…", "body_sites": ["face"]}. `language` is
        a tag, or two as in "ar+en"; "" is the patient's own, else the clinic's. `now` (aware) is the clock, read here
        if left out. Raises InputError with every Problem; its text says them in words, without a patient's values.
        """
        job = Job(
            document=document,
            languages=(language,) if language else (),
            details=tuple(Detail(path=path, value=value, source="details") for path, value in details.items()),
            now=now or datetime.now(UTC),
            format=form,
            paper=paper,
            print_size=print_size,
            strict=strict,
        )
        gathering = Gathering()
        (sheet,) = self._sheets(self._prepare(job, gathering), gathering)
        return replace(sheet, problems=each_once(gathering.problems)) if gathering.problems else sheet

    def make(self, job: Job, destination: Destination) -> Made:
        """Make the job's sheets in every language it asks for, and deliver all of them to the folder or none.

        The sheets of several documents in one language go into one envelope: one print job, one email. Raises
        InputError with every Problem of every ingredient. What then goes wrong on the way to a printer or a mail server
        is among the problems of what was made, as errors: the sheets are in their folder. Emails for a server that puts
        them off are tried again after 5 and after 30 seconds, and then wait in the outbox.
        """
        gathering = Gathering()
        prepared, composed = self._envelope(job, destination, gathering)
        with self.delivering(destination, prepared[0].branding, paper=job.paper, now=job.now) as way:
            made_of = [self.typeset(handouts, job, gathering) for handouts in composed]
            self._narrate("delivering", str(destination.folder))
            receipts: list[Receipt] = []
            for sheets in zip(*made_of, strict=True):  # of one language
                envelope = zip(prepared, sheets, strict=True)
                receipts += way.deliver_together(
                    [(way.consignment(sheet, each.checked), sheet) for each, sheet in envelope]
                )
            made = way.finish(receipts)
        return replace(made, problems=each_once((*gathering.problems, *made.problems)))

    def finished(
        self, job: Job, destination: Destination
    ) -> tuple[tuple[tuple[PreparedJob, tuple[Sheet, ...]], ...], tuple[Problem, ...]]:
        """Return the sheets that `make` makes, before any is delivered, and their warnings.

        They stand by document, each with what it was made of. Raises InputError as `make` does.
        """
        gathering = Gathering()
        prepared, composed = self._envelope(job, destination, gathering)
        made = [self.typeset(handouts, job, gathering) for handouts in composed]
        return tuple(zip(prepared, made, strict=True)), each_once(gathering.problems)

    def sheet_of(self, checked: CheckedJob) -> Sheet:
        """Return the one sheet of a job that was checked, here or by another press of the same clinic.

        Its problems are those that only show when it is made. Raises InputError.
        """
        gathering = Gathering()
        (sheet,) = self._sheets(self._preparing.ingredients(checked, Gathering()), gathering)
        return replace(sheet, problems=each_once(gathering.problems)) if gathering.problems else sheet

    def written_of(self, jobs: Sequence[CheckedJob]) -> tuple[Sheet | None, ...]:
        """Return the sheets of jobs that can be written from one laid out for many, and None for each other.

        It does what `sheet_of` does, but each step for all jobs before the next: that takes three quarters of the time
        (measured 2026-11-29). A job of None is for `sheet_of`, which lays it out, or tells what is wrong with it.
        """
        return self._making.written([self._fields_of(job) for job in jobs])

    def _fields_of(self, checked: CheckedJob) -> composition.Fields | None:
        """Return what of a job's one sheet is the patient's own, or None where it is never written or not fit."""
        if is_never_written(checked.job):
            return None
        try:
            prepared = self._preparing.ingredients(checked, Gathering())
            (texts,) = prepared.sheets
            return self._making.fields(self._ingredients(prepared, texts))
        except InputError:
            return None

    def audit(self, written: Sheet, checked: CheckedJob) -> None:
        """Lay out by itself a sheet that was written from one laid out for many; raise InputError where they differ."""
        from handouts.typesetting.comparing import first_difference  # What it needs is slow to import.

        prepared = self._preparing.ingredients(checked, Gathering())
        (laid_out,) = self.typeset(self._compose(prepared, Gathering()), checked.job, Gathering())
        page = first_difference(written.data, laid_out.data)
        if page is not None:
            raise InputError.of(Kind.TYPESETTING, Code.SHEET_DIFFERS, "the sheet", page=str(page))

    def delivering(
        self,
        destination: Destination,
        branding: Branding,
        *,
        paper: Paper | None,
        now: datetime,
        clock: Callable[[], datetime] | None = None,
        resumes: bool = False,
    ) -> AbstractContextManager[Delivering]:
        """Return what brings sheets to a destination; see `way_to` of its module. Without `clock` it is `now`."""
        return way_to(
            destination,
            branding,
            self.mail,
            paper=paper,
            now=now,
            clock=clock or (lambda: now),
            narrate=self._narrate,
            resumes=resumes,
        )

    def check_delivery(self, prepared: PreparedJob, destination: Destination) -> None:
        """Raise InputError where a job's sheets could not be printed or sent, whatever printer and server say."""
        job, gathering = prepared.checked.job, Gathering()
        if job.format is Format.HTML and (destination.printing or destination.mail):
            gathering.problems.append(Problem.of(Kind.USAGE, Code.ONLY_AS_PDF, "--format"))
        if destination.mail is not None:
            if not prepared.checked.treatment.patient.email:
                source = job.details[0].source if job.details else "command line"
                problem = Problem.of(Kind.TREATMENT, Code.NO_ADDRESS, source, path="patient.email")
                gathering.problems.append(problem)
            password, known = destination.mail.password, _known_of(prepared)
            if password:
                from handouts.delivery.mail import check_password

                gathering.take(lambda: check_password(password, known))
            today, locked = job.now.date(), bool(password)
            for tags in prepared.checked.languages:
                language = "+".join(tags)
                gathering.take(partial(self.mail, job.document, language, today, locked=locked, beside=job.beside))
        gathering.stop_at_errors()

    @property
    def unused_templates(self) -> tuple[Problem, ...]:
        """A warning for each of the clinic's own templates that no sheet and no email uses."""
        return self._making.unused_templates

    def branding(self, today: date) -> Branding:
        """Return the clinic's branding; raise InputError with every Problem of clinic.toml."""
        return self._preparing.branding(today=today, sample=False)[0]

    def exports(self, today: date, named: str = "", *, strict: bool = False) -> Exports:
        """Return how exports are read here: the clinic's own descriptions, then the shipped, and its services.

        `named` is the one that a person says; `strict` refuses a service that clinic.toml does not have. Raises
        InputError with every Problem of the descriptions.
        """
        from handouts.treatment.tables import Clinic, Exports, exports_of, service_key

        def clinic() -> Clinic:
            found = self.branding(today)
            services = {service_key(each.name): each for each in found.services}
            return Clinic(country=found.country, services=services, codes=found.codes)

        return Exports(known=exports_of(self.resources), clinic=clinic, named=named, strict=strict)

    def offered(self, today: date) -> tuple[tuple[Offered, ...], tuple[Problem, ...]]:
        """Return the documents that sheets can be made of, in which languages, and what is wrong with the others.

        The first time that takes seconds: every language of every document is read.
        """
        return self._offered(today)

    def document(self, identifier: str, today: date) -> Document:
        """Return a document of the library; raise InputError with every Problem of its file."""
        return self._preparing.document(identifier, today=today)

    def library(self, today: date) -> tuple[Document, ...]:
        """Return the documents that can be read, by their ids; what is wrong with the others `check` says."""
        found = Gathering()
        documents = (
            found.take(partial(self._preparing.document, each, today=today)) for each in self._preparing.documents
        )
        return tuple(filter(None, documents))

    def text(self, document: str, tag: str, today: date) -> Document:
        """Return a document in a language; raise InputError where it is not fit to print in it."""
        return self._preparing.texts.translated(self._preparing.document(document, today=today), tag).document

    @property
    def texts(self) -> Texts:
        """What the press reads the texts of documents by: who needs one besides need not read it again."""
        return self._preparing.texts

    def languages(self, document: str, today: date) -> tuple[str, ...]:
        """Return the languages that a document can be had in, its own first; raise InputError."""
        return self._preparing.texts.languages_of(self._preparing.document(document, today=today))

    def warm(self) -> None:
        """Load what sheets are typeset with, before the first is; raise InputError where there are no fonts."""
        self._making.warm()

    def check(self, job: Job) -> tuple[PreparedJob, tuple[Problem, ...]]:
        """Return the job's ingredients and warnings without making anything; raise InputError with every Problem.

        Only what templates and fonts may yet refuse is not seen here.
        """
        gathering = Gathering()
        return self._prepare(job, gathering), each_once(gathering.problems)

    def kept_slow(self, job: Job) -> tuple[Problem, ...]:
        """Return as warnings what in the templates makes each of a batch's sheets be laid out by itself.

        () where sheets of this job can be written from one that was laid out for many. Raises InputError.
        """
        prepared = self._prepare(job, Gathering())
        sides = self._ingredients(prepared, prepared.sheets[0])
        try:
            self._making.personaliser(sides)
        except InputError as error:
            found = (composition.at_own_style(problem, self.resources) for problem in error.problems)
            return each_once(tuple(replace(problem, severity=Severity.WARNING) for problem in found))
        return ()

    def compose(
        self, job: Job, only: frozenset[BlockKind] | None = None
    ) -> tuple[tuple[ComposedHandout, ...], tuple[Problem, ...]]:
        """Return the job's sheets as HTML and their warnings; raise InputError with every Problem.

        With `only`, which is for trials, a sheet has no other blocks than those of these kinds, and is for no patient.
        """
        gathering = Gathering()
        prepared = self._prepare(job, gathering)
        composed = self._compose(prepared if only is None else _with_blocks(prepared, only), gathering)
        return composed, each_once(gathering.problems)

    def typeset(self, composed: Sequence[ComposedHandout], job: Job, gathering: Gathering) -> tuple[Sheet, ...]:
        """Return the sheets in the job's format; raise InputError with every Problem, leave warnings to `gathering`."""
        sheets = tuple(self._making.typeset(handout, job, gathering) for handout in composed)
        gathering.stop_at_errors()
        return tuple(filter(None, sheets))

    def mail(
        self, document: str, language: str, today: date, *, locked: bool = False, beside: tuple[str, ...] = ()
    ) -> ComposedMail:
        """Return the email that brings a sheet of this document in this language (ar+en: in two), and of those beside.

        It is the same for every patient. `locked` says that a password protects the sheets. Raises InputError.
        """
        return self._mail((document, *beside), language, today, locked=locked)

    def email(
        self, pdf: bytes, source: str, address: str, order: MailOrder, now: datetime
    ) -> tuple[Path, tuple[Problem, ...]]:
        """Put a sheet that was made before into the outbox, as an email to `address`, and return the message's path.

        There are problems where the outbox has it already and did not take it again. `source` names the PDF.
        Raises InputError with everything that makes this the wrong sheet to send, or the wrong way.
        """
        from handouts.press.mailing import mail_of_sheet, there_already, to_outbox

        branding, mail = mail_of_sheet(self._preparing, self.mail, pdf, source, address, order, now.date())
        path, state = to_outbox(pdf, mail, order, branding.email, to=address, at=now)
        return path, (there_already(path, state, locked=bool(order.password)),) if state is not None else ()

    def _composed_mail(self, documents: tuple[str, ...], language: str, today: date, *, locked: bool) -> ComposedMail:
        from handouts.press.mailing import mail  # Milliseconds that a plain `make` does not need.

        with blamed_on(Kind.TEMPLATE, "templates/email"):
            composed, page = mail(self._preparing, self.resources, documents, language, today, locked=locked)
        if page.own_files:  # Of what ships the tests judge every look.
            self._making.look_at(page)
        return composed

    def _envelope(
        self, job: Job, destination: Destination, gathering: Gathering
    ) -> tuple[tuple[PreparedJob, ...], list[tuple[ComposedHandout, ...]]]:
        """Return what is to be typeset for a job's documents, with the problems of all of them at once."""
        found = [gathering.take(partial(self._prepare, each, gathering)) for each in job.envelope]
        prepared = tuple(filter(None, found))
        gathering.problems += mixed_times([each.document for each in prepared])
        gathering.stop_at_errors()
        composed = [self._compose(each, gathering) for each in prepared]
        self.check_delivery(prepared[0], destination)
        return prepared, composed

    def _prepare(self, job: Job, gathering: Gathering) -> PreparedJob:
        self._narrate("loading", job.document)
        return self._preparing.prepare(job, gathering)

    def _sheets(self, prepared: PreparedJob, gathering: Gathering) -> tuple[Sheet, ...]:
        """Return a job's sheets; those whose shape allows it are written, the others laid out."""
        job = prepared.checked.job
        sheets = [self._making.made(self._ingredients(prepared, texts), job, gathering) for texts in prepared.sheets]
        gathering.stop_at_errors()
        gathering.problems += self.unused_templates
        return tuple(filter(None, sheets))

    def _compose(self, prepared: PreparedJob, gathering: Gathering) -> tuple[ComposedHandout, ...]:
        sheets = (self._ingredients(prepared, texts) for texts in prepared.sheets)
        composed = [gathering.take(partial(self._making.composed, sides)) for sides in sheets]
        gathering.stop_at_errors()
        gathering.problems += self.unused_templates
        return tuple(filter(None, composed))

    def _ingredients(self, prepared: PreparedJob, texts: Sequence[SheetText]) -> Sides:
        """Return what one sheet is composed of, in as many languages as there are texts."""
        branding, document, job = prepared.branding, prepared.document, prepared.checked.job
        signatures = self._preparing.signing.signatures(document, branding)
        own_periods = own_periods_of(document, branding)
        return tuple(
            composition.Ingredients(
                branding=branding,
                treatment=prepared.checked.treatment,
                document=text.document,
                source=document,
                whole_text=(text.translated.fingerprint, *own_periods),
                review=text.translated.review,
                reviewed=signatures.review is ReviewState.REVIEWED,
                approval=signatures.approved,
                overdue=is_overdue(document, job.now.date()),
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


def _with_blocks(prepared: PreparedJob, kinds: frozenset[BlockKind]) -> PreparedJob:
    """Return a job's ingredients with no other blocks than those of these kinds."""

    def shortened(text: SheetText) -> SheetText:
        blocks = tuple(block for block in text.document.blocks if block.kind in kinds)
        return replace(text, document=replace(text.document, blocks=blocks))

    return replace(prepared, sheets=tuple(tuple(map(shortened, sheet)) for sheet in prepared.sheets))


def _known_of(prepared: PreparedJob) -> tuple[str, ...]:
    """Return what whoever knows the patient would try as a password first, besides dates."""
    treatment = prepared.checked.treatment
    patient = treatment.patient
    return (patient.name, patient.record_number, patient.email, treatment.practitioner, prepared.branding.name)
