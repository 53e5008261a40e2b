"""A language -> each way of making its sheets, warm: one patient in, the bytes of one PDF out.

Each way gets what it needs ready made, and only what it does with that is measured:

| way | gets | does |
|---|---|---|
| handouts | a row's details as they were typed | checks them, makes the sheet (`Press.sheet`) |
| handouts, checked row | a row that was checked, as a batch has it | makes the sheet (`Press.sheet_of`) |
| handouts, 25 rows | rows that were checked, as a process of a batch gets them | their sheets (`Press.written_of`) |
| handouts, full way | a row that was checked | the same, each sheet laid out by itself |
| WeasyPrint | composed HTML, its style parsed once, fonts shared | lays it out, PDF/UA-1 |
| Chromium | composed HTML | opens it in one page, prints it with tags (DevTools: `Page.printToPDF`) |
| Typst | a source that imports the sheet's, with the values | compiles it in one compiler, PDF/UA-1 |
"""

import base64
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Protocol

import psutil

from benchmarks.patients import Patient, some
from handouts import Detail, Job, Press, Resources
from handouts.press import approve
from handouts.records import CheckedJob, ComposedHandout

CHECKOUT: Final = Path(__file__).parent.parent
CLINIC: Final = CHECKOUT / "examples" / "lumen-skin-clinic"
DOCUMENT: Final = "microneedling-aftercare"
NOW: Final = datetime(2026, 11, 21, 20, tzinfo=UTC)
APPROVED_BY: Final = "Dr. A. Example, medical director"
SLOW: Final = 2
FAST: Final = 60
"""Sheets that warm a way up; the fast way has laid out the first of each shape by then, and is proven."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """One PDF, and why handouts laid it out by itself: "" where it did not, and for other ways."""

    data: bytes
    laid_out: str = ""


class Contender(Protocol):
    """One way of making sheets in one language."""

    warm_up: int
    """How many sheets are made before any is measured."""
    portion: int
    """How many are made together."""

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what makes the patient's sheet: only calling it is measured."""

    def together(self, patients: Sequence[Patient]) -> Callable[[], list[Output]]:
        """Return what makes the sheets of a portion: only calling it is measured."""

    def processes(self) -> tuple[int, ...]:
        """Return the other processes that work for this one."""

    def close(self) -> None:
        """End every other process."""


def job(patient: Patient, language: str) -> Job:
    """Return the job that a row of a batch becomes."""
    details = tuple(Detail(path=path, value=value, source="a row") for path, value in patient.details().items())
    return Job(document=DOCUMENT, languages=(language,), details=details, now=NOW)


class Composing:
    """What the ways get that start from HTML. It is made in another process: handouts changes WeasyPrint in its own."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._other = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))

    def composed(self, patient: Patient) -> ComposedHandout:
        """Return the patient's sheet as HTML with its style."""
        return self._other.submit(_composed, job(patient, self._language)).result()

    def close(self) -> None:
        """End the other process."""
        self._other.shutdown()


@cache
def _press() -> Press:
    return Press.open(CLINIC)


def _composed(wish: Job) -> ComposedHandout:
    (handout,), _ = _press().compose(wish)
    return handout


class _OneByOne(ABC):
    portion = 1

    @abstractmethod
    def made(self, patient: Patient) -> Callable[[], Output]: ...

    def together(self, patients: Sequence[Patient]) -> Callable[[], list[Output]]:
        makes = [self.made(patient) for patient in patients]
        return lambda: [make() for make in makes]


class _InProcess(_OneByOne):
    def processes(self) -> tuple[int, ...]:
        return ()

    def close(self) -> None:
        pass


class Handouts(_InProcess):
    """`Press.sheet`: from details as they were typed."""

    warm_up = FAST

    def __init__(self, language: str) -> None:
        self._press, self._language = Press.open(CLINIC), language

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what checks the row's details and makes the sheet."""
        details = patient.details()

        def make() -> Output:
            sheet = self._press.sheet(DOCUMENT, details, language=self._language, now=NOW)
            return Output(data=sheet.data, laid_out=sheet.laid_out or "")

        return make


class HandoutsChecked(_InProcess):
    """`Press.sheet_of`: from a row that was checked, as the processes of a batch get it."""

    warm_up = FAST

    def __init__(self, language: str, clinic: Path = CLINIC) -> None:
        self._press, self._language = Press.open(clinic), language

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what makes the sheet of a row that is checked here."""
        checked: CheckedJob = self._press.check(job(patient, self._language))[0].checked

        def make() -> Output:
            sheet = self._press.sheet_of(checked)
            return Output(data=sheet.data, laid_out=sheet.laid_out or "")

        return make


class HandoutsTogether(HandoutsChecked):
    """`Press.written_of`: from as many rows as a process of a batch gets at once."""

    portion = 25

    def together(self, patients: Sequence[Patient]) -> Callable[[], list[Output]]:
        """Return what writes the sheets of rows that are checked here; the others are made one by one."""
        rows = [self._press.check(job(patient, self._language))[0].checked for patient in patients]

        def make() -> list[Output]:
            written = zip(rows, self._press.written_of(rows), strict=True)
            sheets = [sheet or self._press.sheet_of(row) for row, sheet in written]
            return [Output(data=sheet.data, laid_out=sheet.laid_out or "") for sheet in sheets]

        return make


class HandoutsFull(HandoutsChecked):
    """The same for a clinic one of whose templates asks for a value: each of its sheets is laid out by itself."""

    warm_up = SLOW

    def __init__(self, language: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        super().__init__(language, clinic_of_the_full_way(Path(self._folder.name)))

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what makes the sheet, and fails where it was not laid out by itself."""
        make = super().made(patient)

        def slowly() -> Output:
            output = make()
            assert output.laid_out, "a template that asks for a value went the fast way"
            return output

        return slowly


def clinic_of_the_full_way(folder: Path) -> Path:
    """Make the example clinic anew, with a template that looks whether a value is something, and return its folder.

    What it prints is the same. No switch turns the fast way off: this is what a clinic would have to do.
    """
    clinic = folder / CLINIC.name
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    for file in CLINIC.iterdir():
        (clinic / file.name).write_bytes(file.read_bytes())
    template.write_text(
        '{% extends "@shipped/handout/sheet.html" %}\n'
        '{% block about %}{% if practitioner.text == "nobody" %}-{% endif %}{{ super() }}{% endblock %}\n'
    )
    # What was approved is what the shipped templates make of it.
    approve(Resources(clinic=clinic), DOCUMENT, by=APPROVED_BY, on=NOW.date(), today=NOW.date())
    return clinic


class _FromHtml(_InProcess):
    def __init__(self, language: str) -> None:
        self._composing = Composing(language)

    def close(self) -> None:
        self._composing.close()


class WeasyPrint(_FromHtml):
    """WeasyPrint as it comes, with what its manual advises for many documents."""

    warm_up = SLOW

    def __init__(self, language: str) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        super().__init__(language)
        self._weasyprint = weasyprint
        self._fonts = FontConfiguration()
        self._styles: dict[str, weasyprint.CSS] = {}

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what lays out the composed HTML; a style is parsed when it first comes."""
        handout = self._composing.composed(patient)
        html, style = re.sub(r"<style>.*?</style>", "", handout.html, flags=re.DOTALL), handout.stylesheet
        if style not in self._styles:
            self._styles[style] = self._weasyprint.CSS(string=style, font_config=self._fonts)
        css = self._styles[style]

        def make() -> Output:
            document = self._weasyprint.HTML(string=html)
            data = document.write_pdf(font_config=self._fonts, stylesheets=[css], pdf_variant="pdf/ua-1")
            return Output(data=data)

        return make


class Chromium(_FromHtml):
    """The system's Chromium without a window: one page that shows one sheet after another."""

    warm_up = SLOW

    def __init__(self, language: str) -> None:
        from playwright.sync_api import sync_playwright

        from tests.browser import opened

        super().__init__(language)
        self._open = ExitStack()
        profile = self._open.enter_context(tempfile.TemporaryDirectory())
        browser = self._open.enter_context(opened(self._open.enter_context(sync_playwright()), Path(profile)))
        self._page = browser.new_page()
        self._tools = browser.new_cdp_session(self._page)

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what shows the composed HTML, waits for its pictures and prints it."""
        html = self._composing.composed(patient).html

        def make() -> Output:
            self._page.set_content(html, wait_until="load")
            answer = self._tools.send(
                "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True, "generateTaggedPDF": True}
            )
            return Output(data=base64.b64decode(answer["data"]))

        return make

    def processes(self) -> tuple[int, ...]:
        """Return the browser's; what drives it is no part of the protocol and is left out."""
        return tuple(child.pid for child in psutil.Process().children(recursive=True) if _is_of_chromium(child))

    def close(self) -> None:
        """End the browser, what drives it and what composes."""
        super().close()
        self._open.close()


def _is_of_chromium(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "chrom" in process.name()
    except psutil.NoSuchProcess:  # Chromium ends some whenever it likes.
        return False


class Typst(_FromHtml):
    """Typst's Python package: one compiler, which remembers what did not change."""

    warm_up = 10

    def __init__(self, language: str) -> None:
        import typst

        from benchmarks.typst_sheet import written

        super().__init__(language)
        self._folder = tempfile.TemporaryDirectory()
        one, other = (self._composing.composed(patient) for patient in strangers(language))
        self._sheet = written(one, other, Path(self._folder.name))
        self._compiler = typst.Compiler(root=self._folder.name)

    def made(self, patient: Patient) -> Callable[[], Output]:
        """Return what compiles the sheet with the patient's values."""
        source = self._sheet.of(self._composing.composed(patient).html)

        def make() -> Output:
            data = self._compiler.compile(input=source, format="pdf", pdf_standards="ua-1", timestamp=NOW)
            assert isinstance(data, bytes), "Without an output, Typst returns a PDF as bytes."
            return Output(data=data)

        return make


def strangers(language: str) -> tuple[Patient, Patient]:
    """Return two patients who share no value: no day of the week either, of all that follow from the treatment."""
    (one,) = some(language, 1)
    others = (other for seed in count(2) for other in some(language, 1, seed=seed))
    return one, next(other for other in others if _share_nothing(one, other))


def _share_nothing(one: Patient, other: Patient) -> bool:
    moments = (
        (datetime.fromisoformat(one.performed_on), datetime.fromisoformat(other.performed_on)),
        (datetime.fromisoformat(one.follow_up), datetime.fromisoformat(other.follow_up)),
    )
    apart = all((first.date() - second.date()).days % 7 and first.time() != second.time() for first, second in moments)
    return apart and all(getattr(one, name) != getattr(other, name) for name in ("name", "birth_date", "practitioner"))


CONTENDERS: Final[dict[str, Callable[[str], Contender]]] = {
    "handouts": Handouts,
    "handouts, checked row": HandoutsChecked,
    "handouts, 25 rows": HandoutsTogether,
    "handouts, full way": HandoutsFull,
    "WeasyPrint": WeasyPrint,
    "Chromium": Chromium,
    "Typst": Typst,
}
