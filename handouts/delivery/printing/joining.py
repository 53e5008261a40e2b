"""Sheets of one patient -> one PDF for the printer, in which each begins on a new piece of paper."""

from collections.abc import Iterable
from io import BytesIO

import pikepdf


def add_sheet(whole: pikepdf.Pdf, pdf: bytes, *, two_sided: bool = True) -> None:
    """Put a sheet behind those that are there; `two_sided`: an odd number of pages is followed by an empty one.

    The tags that let a screen reader follow a single sheet are not kept: it is for paper.
    """
    with pikepdf.open(BytesIO(pdf)) as sheet:
        whole.add_pages_from(sheet)
    if two_sided and len(whole.pages) % 2:
        left, bottom, right, top = map(float, whole.pages[-1].mediabox)
        whole.add_blank_page(page_size=(right - left, top - bottom))


def joined(pdfs: Iterable[bytes], *, two_sided: bool) -> tuple[bytes, int]:
    """Return the PDF of several sheets, and how many pages it has."""
    written = BytesIO()
    with pikepdf.new() as whole:
        for pdf in pdfs:
            add_sheet(whole, pdf, two_sided=two_sided)
        whole.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return written.getvalue(), len(whole.pages)
