"""A PDF that was made before -> which document, version, languages and fingerprint it says it is, and of whom."""

from dataclasses import dataclass
from io import BytesIO

import pikepdf

from handouts.codes import Code
from handouts.errors import InputError, Kind

CREATOR = "handouts"
_PARTS = 4
_SAMPLE = "sample"
"""What the keywords of a sample end with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetIdentity:
    """What a sheet's metadata say about it; `language` is a tag, or two as in ar+en.

    `clinic` is the clinic's name as it stands in the (first) language, or "".
    """

    document: str
    version: str
    language: str
    fingerprint: str
    clinic: str


def identity(pdf: bytes, source: str) -> SheetIdentity:
    """Return what sheet a PDF is; raise InputError where it is none of ours, or opens with a password only."""
    try:
        with pikepdf.open(BytesIO(pdf)) as opened:
            if opened.is_encrypted:
                raise InputError.of(Kind.DELIVERY, Code.SHEET_LOCKED, source)
            creator = str(opened.docinfo.get("/Creator", ""))
            clinic = " ".join(str(opened.docinfo.get("/Author", "")).split())
            keywords = tuple(part.strip() for part in str(opened.docinfo.get("/Keywords", "")).split(","))
    except pikepdf.PasswordError:
        raise InputError.of(Kind.DELIVERY, Code.SHEET_LOCKED, source) from None
    except pikepdf.PdfError:
        raise InputError.of(Kind.DELIVERY, Code.NOT_A_PDF, source) from None
    if creator == CREATOR and keywords[-1] == _SAMPLE:
        raise InputError.of(Kind.DELIVERY, Code.SHEET_IS_SAMPLE, source)
    if creator != CREATOR or len(keywords) != _PARTS or not all(keywords):
        raise InputError.of(Kind.DELIVERY, Code.NOT_OUR_SHEET, source)
    document, version, language, fingerprint = keywords
    return SheetIdentity(document=document, version=version, language=language, fingerprint=fingerprint, clinic=clinic)
