"""A file's bytes -> how many pages it has and on what paper, or why it is no sheet to print."""

from dataclasses import dataclass
from io import BytesIO

import pikepdf

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.records import Paper

_POINTS = {Paper.A4: (595.28, 841.89), Paper.LETTER: (612.0, 792.0)}
"""Width and height (ISO 216, ANSI Y14.1) in PDF's points of 1/72 inch."""

_TOLERANCE = 2.0
"""How many points a page may be off: makers of PDF round, and 2 points are 0.7 mm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Printable:
    """A PDF whose pages are all of one paper, upright or across."""

    pages: int
    paper: Paper


def printable(data: bytes, source: str) -> Printable:
    """Return pages and paper; raise InputError where it is no PDF, is protected, or is neither A4 nor Letter."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise pikepdf.PasswordError
            papers = {_paper(page) for page in pdf.pages}
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise InputError.of(Kind.DELIVERY, Code.PRINT_PROTECTED, source) from None
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise InputError.of(Kind.DELIVERY, Code.PRINT_NOT_PDF, source) from None
    paper = papers.pop() if len(papers) == 1 else None
    if paper is None:
        raise InputError.of(Kind.DELIVERY, Code.PRINT_NOT_A_PAPER, source)
    return Printable(pages=pages, paper=paper)


def _paper(page: pikepdf.Page) -> Paper | None:
    """Return a page's paper by the box that is shown (ISO 32000-2, 14.11.2), in units of UserUnit."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox.as_list())
    unit = float(page.obj.get("/UserUnit", 1))
    size = sorted((abs(right - left) * unit, abs(top - bottom) * unit))
    for paper, known in _POINTS.items():
        if all(abs(found - wanted) <= _TOLERANCE for found, wanted in zip(size, known, strict=True)):
            return paper
    return None
