"""A job and what becomes of it: composed HTML, typeset PDF, receipt."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records.mail import MailOrder
from handouts.records.printing import JOB_TITLE, Printed, PrintOrder, PrintServer
from handouts.records.treatment import Detail, Treatment


class Format(StrEnum):
    """What is made: a PDF to print or send, or one self-contained HTML file to read on a screen or hear."""

    PDF = "pdf"
    HTML = "html"


class Paper(StrEnum):
    """The paper sizes of CSS Paged Media 3 that clinics use."""

    A4 = "A4"
    LETTER = "Letter"


class PrintSize(StrEnum):
    """STANDARD is 12 pt; LARGE is 18 pt and laid out as large print (UKAAF G003)."""

    STANDARD = "standard"
    LARGE = "large"


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What a person asked for. `details` are unchecked; `now` (with its zone) is the time, as the interface read it.

    `beside` are further documents for the same treatment, whose sheets go into the same envelope. What only one of
    them knows, such as a setting, is left out on the others.

    A `sample` bears that word on every page and is for nobody: what clinic.toml does not say yet has placeholders.
    """

    document: str
    languages: tuple[str, ...]
    details: tuple[Detail, ...]
    now: datetime
    format: Format = Format.PDF
    paper: Paper | None = None
    print_size: PrintSize = PrintSize.STANDARD
    strict: bool = False
    sample: bool = False
    beside: tuple[str, ...] = ()

    @property
    def envelope(self) -> tuple["Job", ...]:
        """Return the jobs of all documents, this one first."""
        documents = (self.document, *self.beside)
        return tuple(
            replace(self, document=each, beside=documents[:place] + documents[place + 1 :])
            for place, each in enumerate(documents)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedJob:
    """A job that was found fit: its treatment as it was read, and the languages of each sheet, one or two.

    `fell_back`: they stand for one of the patient's record that there are no sheets in.
    It holds what is the patient's own and nothing that a press keeps: any press of the same clinic can go on with it.
    """

    job: Job
    treatment: Treatment = field(repr=False)
    languages: tuple[tuple[str, ...], ...]
    fell_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PageText:
    """A text that the finished page must show, and what people call the part of the sheet it belongs to.

    `is_phrase` says that it may stand inside a sentence, `is_alone` that nothing may stand before or after it in its
    paragraph, and `varies` that it differs from patient to patient. `is_of_one_cell` says that it may also stand on
    several lines of one cell of a table, such as a weekday and its date.
    `under` names the head that it must stand under, a part of the document ("3") or a row of it ("3.2"), and `heads`
    the one that it is itself: an answer belongs to its question, a date to its row. `sequence` names texts that must
    stand in the order in which they are given, such as steps. Each of the three is "" where that is free.
    """

    name: str
    text: str = field(repr=False)
    is_heading: bool = False
    is_phrase: bool = False
    is_alone: bool = False
    varies: bool = False
    is_of_one_cell: bool = False
    under: str = ""
    heads: str = ""
    sequence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """One weight of the clinic's own typeface, from a font file of its own: for PDFs, and the same as WOFF2.

    `family` tells the content too, so that no other font has that name. `letters` are those that it draws at most, as
    ranges of Unicode with both ends; all where there are none.
    """

    family: str
    weight: int
    printed: bytes = field(repr=False)
    on_screen: bytes = field(repr=False)
    letters: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedHandout:
    """A sheet as HTML that loads nothing; no patient's name is in `stem`.

    The page holds its style. To be typeset, `stylesheets` hold it too, each <style> one of them, with its custom
    properties put in, since all sheets of a clinic share most of them and they need be parsed only once; else it is ().

    `families` are the fonts that may draw it, `own_families` those of them that the clinic's style brings itself, and
    `typeface` the one that must draw what these do not, or "". `faces` are the clinic's own font files of it for a PDF;
    an HTML page brings them in its style.

    `contents` must be seen on the finished page, none of it below `smallest` points. `look` is a digest of the page
    without what differs from patient to patient: sheets that share it are laid out alike. `own_files` are the clinic's
    own templates, as people know them.

    `fixed` is a digest of what the sheet says to every patient, `identity` of that and of the patient's own values: two
    sheets share its 32 hex digits only if they say the same, however either was made.
    """

    html: str
    stylesheets: tuple[str, ...]
    stem: str
    document: str
    version: str
    language: str
    fingerprint: str
    families: frozenset[str]
    own_families: frozenset[str]
    typeface: str
    faces: tuple[Face, ...]
    maximum_pages: int | None
    format: Format
    paper: Paper
    contents: tuple[PageText, ...]
    smallest: float
    look: str
    own_files: tuple[str, ...]
    fixed: str
    identity: str

    @property
    def stylesheet(self) -> str:
        """Return all of its style, in the lines by which a Problem names a place in it."""
        return "\n".join(self.stylesheets)

    @property
    def template_source(self) -> str:
        """Return the files that a fault of the page's look comes from, as a Problem names its source."""
        return ", ".join(self.own_files) or "templates"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedShape:
    """The page that all sheets of one shape share, with a probe in the place of each value of the patient, in order.

    A probe is a short word that stands nowhere else. `samples` are texts in whose letters many values are written, such
    as dates. `printed` is the file and line of the clinic's own templates that print each probe, where that is known.
    Of the page neither contents nor digests are there: those of sheets count.
    """

    page: ComposedHandout
    probes: tuple[str, ...]
    printed: tuple[tuple[str, int] | None, ...]
    samples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypesetHandout:
    """A sheet as PDF bytes, checked: no missing glyph, no stray font."""

    pdf: bytes
    pages: int


class LaidOut(StrEnum):
    """Why a sheet was laid out by itself, and not written from one that was laid out for many."""

    FIRST = "first"
    """One of the first sheets of its shape: from them the others are written."""
    FORM = "form"
    """HTML, which is not laid out, or a sample."""
    WIDE = "wide"
    """A value that is wider than its field."""
    HIGH = "high"
    """A value that is higher than its field, in letters of another script."""
    LETTERS = "letters"
    """A value with a letter that no font here draws, or none that can be brought in a small font."""
    CHARACTERS = "characters"
    """A value with a character that changes how others are set, or in parts of different directions."""
    TEMPLATE = "template"
    """The template uses a value outside a field of its own."""
    DIFFERS = "differs"
    """The sheets that were written for proof were not those that were laid out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spooled:
    """Bytes that wait in a file which another process of ours has written, and their SHA-256 (hexadecimal)."""

    path: Path
    digest: str

    def read(self) -> bytes:
        """Return the bytes; raise InputError where the file is gone or holds others."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            reason = error.strerror or "unknown"
            raise InputError.of(Kind.DELIVERY, Code.FILE_UNREADABLE, str(self.path.parent), reason=reason) from None
        if sha256(data).hexdigest() != self.digest:
            raise InputError.of(Kind.DELIVERY, Code.FILE_MISSING, str(self.path.parent))
        return data


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: the bytes of a PDF or of an HTML page (UTF-8), or where they wait; which text it is; its problems.

    `stem` is a file name without its ending that names nobody; `pages` is None for HTML. `laid_out` says why it was
    laid out by itself; None for a sheet that was written from one laid out for many.
    """

    content: bytes | Spooled = field(repr=False)
    format: Format
    stem: str
    document: str
    version: str
    language: str
    fingerprint: str
    pages: int | None
    laid_out: LaidOut | None = LaidOut.FIRST
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> bytes:
        """Its bytes; raises InputError where they waited in a file and are there no more."""
        return self.content.read() if isinstance(self.content, Spooled) else self.content

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes (hexadecimal)."""
        return self.content.digest if isinstance(self.content, Spooled) else sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where a sheet goes: into a folder, and from there to a printer and into an outbox, if asked; kept in a ledger.

    `print_server` comes with `printing`. Where `mail` names a server, the email is sent at once.
    """

    folder: Path
    printing: PrintOrder | None = None
    print_server: PrintServer | None = None
    mail: MailOrder | None = None
    ledger: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordOrder:
    """The folder for what a record system (FHIR) is to keep of each sheet; `with_pdf`: the sheet itself inside."""

    folder: Path
    with_pdf: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Consignment:
    """One sheet on its way: its file, and the names under which ledger, printer and mail server know it.

    `where` is the file as the ledger names it, without a patient's name. `row` and `patients` are the ledger's keyed
    references, "" and () without a ledger. `title` is the print job's and names nobody. `source` and `line` say where a
    table has the row, for Problems; "" and None where there is no table. `fell_back` is the checked job's.
    """

    path: Path
    where: str
    address: str = field(repr=False)
    title: str = JOB_TITLE
    row: str = ""
    patients: tuple[str, ...] = ()
    source: str = ""
    line: int | None = None
    fell_back: bool = False

    def placed(self, problem: Problem) -> Problem:
        """Return a problem of this sheet's delivery with the row that it belongs to, where there is a table."""
        return replace(problem, source=self.source, line=self.line, path=problem.source) if self.source else problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What was delivered where: the sheet's file, and the print job and the message in the outbox, if there are any.

    `problems` say which step of its way was not taken, and why.
    """

    path: Path
    sheet: Sheet
    printed: Printed | None = None
    message: Path | None = None
    problems: tuple[Problem, ...] = ()
