"""ComposedHandout -> TypesetHandout: an accessible PDF (PDF/UA-1), checked for missing glyphs and stray fonts."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

import pydyf

from handouts.declarations import prepared
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.records import ComposedHandout, TypesetHandout

with prepared():
    from weasyprint import CSS, HTML, VERSION
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout.absolute import AbsolutePlaceholder
    from weasyprint.pdf import tags
    from weasyprint.text.ffi import pango
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

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
        self._pictures: dict[str, object] = {}
        self._stylesheet = lru_cache(maxsize=64)(self._parsed)

    def _parsed(self, stylesheet: str) -> CSS:
        return CSS(string=stylesheet, url_fetcher=self._fetcher, font_config=self._fonts)

    def typeset(self, composed: ComposedHandout) -> tuple[TypesetHandout, tuple[Problem, ...]]:
        """Return the PDF and its warnings; raise InputError where the page would not show what it says."""
        fetcher = self._fetcher
        fetcher.refused.clear()
        with _Complaints() as complaints, _no_garbage_collection():
            try:
                html = HTML(string=composed.html, url_fetcher=fetcher)
                document = html.render(
                    font_config=self._fonts,
                    stylesheets=[self._stylesheet(composed.stylesheet)],
                    cache=self._pictures,
                )
                pdf = document.write_pdf(pdf_variant=VARIANT)
            except FatalURLFetchingError:
                raise InputError(_refused(fetcher)) from None
            except (RecursionError, ArithmeticError, MemoryError):
                raise InputError([_problem("page-too-large")]) from None
        problems = [*_refused(fetcher), *_missing_glyphs(document, composed), *_stray(document, composed)]
        problems += _off_the_page(document)
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


def _missing_glyphs(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each character that no font of the sheet can draw: it would print as an empty box.

    A few characters that came from a font nobody asked for (an emoji from DejaVu, say) count as missing too.
    """
    missing = {code for font in document.fonts.values() for code in font.missing}
    for font in document.fonts.values():
        drawn = _drawn(font)
        if font.family not in composed.families and _is_stand_in(drawn):
            missing |= {ord(character) for character in drawn}
    for code in sorted(missing):
        yield _problem("missing-glyph", character=f"U+{code:04X}")


def _drawn(font: Any) -> frozenset[str]:
    """Return the characters that were drawn with a font."""
    return frozenset(character for text in font.to_unicode.values() for character in text)


def _is_stand_in(drawn: frozenset[str]) -> bool:
    """Return whether a font only stood in for odd characters; one that drew letters replaced a whole typeface."""
    return not any(character.isascii() and character.isalnum() for character in drawn)


def _stray(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each font that nobody asked for: the system put it in for one that is not installed."""
    families = {font.family for font in document.fonts.values() if not _is_stand_in(_drawn(font))}
    for family in sorted(families - composed.families):
        yield _problem("stray-font", family=family, wanted=composed.typeface or "another")
    if composed.typeface and composed.typeface not in families:
        yield _problem("stray-font", family=", ".join(sorted(families)), wanted=composed.typeface)


def _off_the_page(document: Any) -> Iterator[Problem]:
    """Yield a Problem where text stands outside the paper: part of it would not be printed."""
    outside = {number for number, page in enumerate(document.pages, start=1) if not _all_inside(page)}
    for number in sorted(outside):
        yield _problem("off-the-page", page=str(number))


def _all_inside(page: Any) -> bool:
    waiting = [page._page_box]
    while waiting:
        box = waiting.pop()
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        if isinstance(box, boxes.TextBox):
            right, bottom = box.position_x + box.width, box.position_y + box.height
            if box.position_x < -1 or box.position_y < -1 or right > page.width + 1 or bottom > page.height + 1:
                return False
        else:
            waiting += getattr(box, "children", ())
    return True


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
