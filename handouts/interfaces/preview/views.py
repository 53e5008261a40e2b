"""What somebody wants to look at -> the sheet, its phone form, its email or its toner; or why there is none, in words.

Each is a piece of work for a limited process: it goes there with what it needs, and comes back with all that is shown.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from handouts.catalogues import document_ids
from handouts.errors import Gathering, InputError, Kind, Problem, each_once
from handouts.languages import known_tags, language
from handouts.press import Press, Texts
from handouts.records import (
    Anatomy,
    ComposedMail,
    Detail,
    Difference,
    Format,
    Job,
    PagePicture,
    Paper,
    PrintSize,
)
from handouts.resources import Resources, read_text

_AROUND = 2
"""Lines of a file before and after the one at fault."""
_LONGEST_LINE = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What is looked at: a document in one language or two, on a paper ("" is the clinic's), in a print size.

    `sample`: with the word SAMPLE across it, and placeholders for what clinic.toml does not say yet.
    """

    document: str
    languages: str
    paper: Paper | None
    print_size: PrintSize
    sample: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitter:
    """Whose sheet is shown: `details` as somebody gave them, or () for a made-up treatment; at the time `now`."""

    details: tuple[Detail, ...] = field(repr=False)
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One problem in words: the place with its line, the file's lines around it, what is wrong and what to do."""

    severity: str
    place: str
    line: int | None
    what: str
    do: str
    excerpt: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """Why there is nothing to be seen: every problem at once."""

    problems: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetSeen:
    """A sheet as it is made: the PDF, its pages, what they are made of, what differs from before; and warnings."""

    pdf: bytes = field(repr=False)
    stem: str
    pages: tuple[PagePicture, ...]
    anatomy: Anatomy
    difference: Difference | None
    problems: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneSeen:
    """The sheet as one HTML page, and warnings."""

    html: str = field(repr=False)
    problems: tuple[Told, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailSeen:
    """The email that brings the sheet; its HTML shows its picture by itself."""

    subject: str
    sender: str
    attachment: str
    text: str
    html: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A document or a language that can be looked at. `whole`: the languages in which all of a document is there.

    None where that was not looked for.
    """

    value: str
    name: str
    whole: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What there is to look at in a clinic's folder. `clinic` is its name, "" where clinic.toml has no good one."""

    clinic: str
    paper: str
    language: str
    documents: tuple[Choice, ...]
    languages: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToChoose:
    """Looks for the documents and languages of a clinic's folder; `whole`: and which are whole, which takes longer."""

    resources: Resources
    now: datetime
    whole: bool

    def __call__(self, press: Press) -> Choices:
        """Return them; a document whose file cannot be read is among them by its id."""
        texts, gathering = Texts(self.resources), Gathering()
        branding = gathering.take(lambda: press.branding(self.now.date()))
        return Choices(
            clinic=branding.name if branding else "",
            paper=str(branding.paper) if branding else "",
            language=branding.default_language if branding else "en",
            documents=tuple(self._document(name, press, texts) for name in document_ids(self.resources)),
            languages=tuple(Choice(value=tag, name=_name(tag)) for tag in known_tags()),
        )

    def _document(self, name: str, press: Press, texts: Texts) -> Choice:
        try:
            document = press.document(name, self.now.date())
            whole = texts.languages_of(document) if self.whole else None
            return Choice(value=name, name=document.title.text, whole=whole)
        except InputError:
            return Choice(value=name, name=name)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToSheet:
    """Makes the sheet of a view; `before` is the PDF with which it is compared, or b""."""

    resources: Resources
    view: View
    sitter: Sitter
    before: bytes = field(repr=False)

    def __call__(self, press: Press) -> SheetSeen | Failed:
        """Return what is to be seen."""
        from handouts.typesetting.anatomy import anatomy  # The server itself, which has these records, opens no PDF.
        from handouts.typesetting.page_pictures import difference, page_pictures

        job = _job(press, self.view, self.sitter, Format.PDF)
        gathering = Gathering()
        try:
            composed, warnings = press.compose(job)
            (sheet,) = press.typeset(composed, job, gathering)
        except InputError as error:
            return Failed(problems=told((*gathering.problems, *error.problems), self.resources))
        return SheetSeen(
            pdf=sheet.data,
            stem=sheet.stem,
            pages=page_pictures(sheet.data),
            anatomy=anatomy(sheet.data),
            difference=difference(self.before, sheet.data) if self.before else None,
            problems=told((*warnings, *gathering.problems), self.resources),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ToPhone:
    """Makes the HTML form of a view; `judged`: and looks whether all of it would be seen, which takes longer."""

    resources: Resources
    view: View
    sitter: Sitter
    judged: bool

    def __call__(self, press: Press) -> PhoneSeen | Failed:
        """Return what is to be seen."""
        job = _job(press, self.view, self.sitter, Format.HTML)
        gathering = Gathering()
        try:
            (composed,), warnings = press.compose(job)
            if self.judged:
                press.typeset((composed,), job, gathering)
        except InputError as error:
            return Failed(problems=told((*gathering.problems, *error.problems), self.resources))
        return PhoneSeen(html=composed.html, problems=told((*warnings, *gathering.problems), self.resources))


@dataclass(frozen=True, kw_only=True, slots=True)
class ToEmail:
    """Makes the email that brings the sheet of a view."""

    resources: Resources
    view: View
    sitter: Sitter

    def __call__(self, press: Press) -> EmailSeen | Failed:
        """Return what is to be seen."""
        try:
            mail = press.mail(self.view.document, self.view.languages, self.sitter.now.date())
        except InputError as error:
            return Failed(problems=told(error.problems, self.resources))
        return EmailSeen(
            subject=mail.subject,
            sender=mail.sender_name,
            attachment=mail.attachment_name,
            text=mail.text,
            html=_with_picture(mail),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ToToner:
    """Prints a PDF without colour, as far as a picture can."""

    pdf: bytes = field(repr=False)

    def __call__(self, _press: Press) -> tuple[PagePicture, ...]:
        """Return its pages."""
        from handouts.typesetting.page_pictures import laser_pictures

        return laser_pictures(self.pdf)


def told(problems: Iterable[Problem], resources: Resources | None = None) -> tuple[Told, ...]:
    """Return problems in words; with `resources`, each also with the lines of its file.

    The lines of a treatment are left out: they are a patient's.
    """
    return tuple(
        Told(
            severity=str(problem.severity),
            place=problem.place(),
            line=problem.line,
            what=problem.what,
            do=problem.remedy,
            excerpt=_excerpt(problem, resources) if resources else (),
        )
        for problem in each_once(problems)
    )


def _excerpt(problem: Problem, resources: Resources) -> tuple[tuple[int, str], ...]:
    path = resources.displayed(problem.source)
    if problem.line is None or problem.kind is Kind.TREATMENT or path is None:
        return ()
    try:
        lines = read_text(path, kind=problem.kind, source=problem.source).splitlines()
    except InputError:
        return ()
    first = max(1, problem.line - _AROUND)
    shown = lines[first - 1 : problem.line + _AROUND]
    return tuple((number, line[:_LONGEST_LINE]) for number, line in enumerate(shown, start=first))


def _job(press: Press, view: View, sitter: Sitter, form: Format) -> Job:
    """Return the job of a view; where its document cannot be read, one that shows its problems."""
    from handouts.inspection import sample_details  # It brings the typesetter along, which the server does not need.

    found = Gathering()
    document = found.take(lambda: press.document(view.document, sitter.now.date()))
    made_up = sample_details(document, sitter.now) if document else ()
    return Job(
        document=view.document,
        languages=(view.languages,),
        details=sitter.details or made_up,
        now=sitter.now,
        format=form,
        paper=view.paper,
        print_size=view.print_size,
        sample=view.sample,
    )


def _with_picture(mail: ComposedMail) -> str:
    """Return the HTML of an email with its picture in it, since a browser does not know the message's other parts."""
    if mail.picture is None:
        return mail.html
    data = base64.b64encode(mail.picture.data).decode()
    return mail.html.replace(f"cid:{mail.picture.cid}", f"data:{mail.picture.media_type};base64,{data}")


def _name(tag: str) -> str:
    """Return a language's name in itself, and in English where that is another."""
    found = language(tag)
    same = found.own_name.lower() == found.english_name.lower()
    return found.own_name if same else f"{found.own_name} · {found.english_name}"


def languages_of(first: str, second: str) -> str:
    """Return the languages of a sheet as a job names them: es, or ar+en."""
    return f"{first}+{second}" if second and second != first else first
