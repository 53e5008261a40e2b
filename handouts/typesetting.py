"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), checked for missing glyphs and stray fonts."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

import pydyf
from weasyprint import CSS, HTML, VERSION
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf import tags
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from handouts.errors import InputError, Kind, Problem, Severity
from handouts.records import ComposedHandout, TypesetHandout

VARIANT = "pdf/ua-1"


def library_versions() -> str:
    """Return the versions of the typesetter's own libraries, for `handouts doctor`."""
    number = int(pango.pango_version())
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}, WeasyPrint {VERSION}"


class NoFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no annotations
    """Serves what a sheet carries in itself (data: addresses) and refuses every other address: no file, no network."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Return the content of a data: address; raise ValueError for another, which stops the typesetting."""
        if not url.startswith("data:"):
            self.refused.append(url)
            raise ValueError(url)
        return super().fetch(url, headers)


class Typesetter:
    """Typesets sheets one after another; keep one for as long as many sheets are made, since its fonts stay loaded."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        self._fetcher = NoFetcher()
        self._stylesheet = lru_cache(maxsize=64)(self._parsed)

    def _parsed(self, stylesheet: str) -> CSS:
        return CSS(string=stylesheet, url_fetcher=self._fetcher, font_config=self._fonts)

    def typeset(self, composed: ComposedHandout) -> tuple[TypesetHandout, tuple[Problem, ...]]:
        """Return the PDF and its warnings; raise InputError where the page would not show what it says."""
        fetcher = self._fetcher
        fetcher.refused.clear()
        families: set[str] = set()

        def keep_families(_: object, pdf: pydyf.PDF) -> None:
            families.update(_families(pdf))

        with _Complaints() as complaints, _no_garbage_collection():
            try:
                html = HTML(string=composed.html, url_fetcher=fetcher)
                document = html.render(font_config=self._fonts, stylesheets=[self._stylesheet(composed.stylesheet)])
                pdf = document.write_pdf(finisher=keep_families, pdf_variant=VARIANT)
            except FatalURLFetchingError:
                raise InputError(_refused(fetcher)) from None
        problems = [*_refused(fetcher), *_missing_glyphs(document), *_stray(families, composed)]
        problems += complaints.problems()
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise InputError(problems)
        pages = len(document.pages)
        if composed.maximum_pages is not None and pages > composed.maximum_pages:
            problems.append(_problem("too-many-pages", Severity.WARNING, pages=str(pages), document=composed.stem))
        return TypesetHandout(pdf=pdf, pages=pages, composed=composed), tuple(problems)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector back while a sheet is laid out: it took 9 % of the time (facts/speed.md) and found nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _problem(code: str, severity: Severity = Severity.ERROR, **values: str) -> Problem:
    return Problem(kind=Kind.TYPESETTING, code=code, source="the sheet", values=values, severity=severity)


def _refused(fetcher: NoFetcher) -> list[Problem]:
    return [
        Problem(kind=Kind.TEMPLATE, code="address-refused", source="templates", values={"address": url[:80]})
        for url in fetcher.refused
    ]


def _missing_glyphs(document: Any) -> Iterator[Problem]:
    """Yield a Problem for each character that no font of the sheet can draw: it would print as an empty box."""
    missing = {code for font in document.fonts.values() for code in font.missing}
    for code in sorted(missing):
        yield _problem("missing-glyph", character=f"U+{code:04X}")


def _families(pdf: pydyf.PDF) -> Iterator[str]:
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Type") == "/FontDescriptor":
            family = item["FontFamily"]
            name = family.string if isinstance(family, pydyf.String) else family
            yield name.decode() if isinstance(name, bytes) else str(name)


def _stray(families: set[str], composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each font that nobody asked for: the system put it in for one that is not installed."""
    for family in sorted(families - composed.families):
        yield _problem("stray-font", family=family, wanted=", ".join(sorted(composed.families)[:3]))


class _Complaints(logging.Handler):
    """Collects what WeasyPrint logs while it works: it goes on where we would rather stop."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._found: list[logging.LogRecord] = []
        self._logger = logging.getLogger("weasyprint")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self._found.append(record)

    def __enter__(self) -> Self:
        self._before = (self._logger.propagate, list(self._logger.handlers))
        self._logger.propagate, self._logger.handlers = False, [self]
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.propagate, self._logger.handlers = self._before

    def problems(self) -> list[Problem]:
        """Return errors as errors, and CSS that was passed over as warnings. Missing glyphs are reported elsewhere."""
        found = []
        for record in self._found:
            if ".notdef" in record.getMessage():
                continue
            severity = Severity.ERROR if record.levelno >= logging.ERROR else Severity.WARNING
            found.append(_problem("typesetter-says", severity, reason=record.getMessage()[:200]))
        return found


def _with_language(build: Any) -> Any:
    """Wrap WeasyPrint's tag builder so that an element's lang becomes /Lang of its tag (PDF 32000-1, 14.9.2.2).

    WeasyPrint 70 writes the document's /Lang only. The builder calls itself by its global name, so one wrapper
    sees every element. pyproject.toml pins the version; tests/test_typesetting.py reads the tags back.
    """

    def build_with_language(box: Any, *arguments: Any) -> Iterator[Any]:
        inner = box._box if isinstance(box, AbsolutePlaceholder) else box
        element = getattr(inner, "element", None)
        language = None if element is None else element.get("lang")
        for tag in build(box, *arguments):
            if language and inner.element_tag not in ("html", "body") and "Lang" not in tag:
                tag["Lang"] = pydyf.String(language)
            yield tag

    return build_with_language


tags._build_box_tree = _with_language(tags._build_box_tree)
