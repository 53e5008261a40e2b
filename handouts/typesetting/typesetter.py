"""Composed sheets, one after another -> PDFs and their warnings, or every Problem of a page."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from handouts.errors import InputError, Kind, Problem, Severity
from handouts.records import ComposedHandout, TypesetHandout
from handouts.typesetting.complaints import heard
from handouts.typesetting.engine import (
    CSS,
    HTML,
    FatalURLFetchingError,
    FontConfiguration,
    NoFetcher,
    all_boxes,
    is_text,
)
from handouts.typesetting.fonts import font_problems

VARIANT = "pdf/ua-1"


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
        with heard() as complaints:
            fetcher.refused.clear()
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
            problems = [*_refused(fetcher), *font_problems(document, composed), *_off_the_page(document)]
        problems += complaints.problems()
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise InputError(problems)
        pages = len(document.pages)
        if composed.maximum_pages is not None and pages > composed.maximum_pages:
            problems.append(_problem("too-many-pages", Severity.WARNING, pages=str(pages), document=composed.stem))
        return TypesetHandout(pdf=pdf, pages=pages, composed=composed), tuple(problems)


def _problem(code: str, severity: Severity = Severity.ERROR, **values: str) -> Problem:
    return Problem(kind=Kind.TYPESETTING, code=code, source="the sheet", values=values, severity=severity)


def _refused(fetcher: NoFetcher) -> list[Problem]:
    return [
        Problem(kind=Kind.TEMPLATE, code="address-refused", source="templates", values={"address": url[:80]})
        for url in fetcher.refused
    ]


def _off_the_page(document: Any) -> Iterator[Problem]:
    """Yield a Problem where text stands outside the paper: part of it would not be printed."""
    for number, page in enumerate(document.pages, start=1):
        if not all(_is_inside(box, page) for box in all_boxes(page) if is_text(box)):
            yield _problem("off-the-page", page=str(number))


def _is_inside(box: Any, page: Any) -> bool:
    right, bottom = box.position_x + box.width, box.position_y + box.height
    return bool(box.position_x >= -1 and box.position_y >= -1 and right <= page.width + 1 and bottom <= page.height + 1)
