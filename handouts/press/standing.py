"""A document, its translations and the clinic's approvals -> what nobody stands behind."""

from collections.abc import Iterator, Mapping
from datetime import date

from handouts.errors import Kind, Problem, Severity
from handouts.press.texts import Translated
from handouts.records import Approval, Branding, Document, Job, ReviewState
from handouts.translation.catalogue import po_name
from handouts.translation.labels import NAME


def approval_of(document: Document, branding: Branding) -> Approval | None:
    """Return the clinic's approval of exactly this version of the document."""
    wanted = (document.id, document.version)
    return next((found for found in branding.approvals if (found.document, found.version) == wanted), None)


def is_overdue(document: Document, today: date) -> bool:
    """Return whether the document's review date has passed."""
    return document.review.due < today


def standing(
    job: Job, document: Document, branding: Branding, translated: Mapping[str, Translated]
) -> Iterator[Problem]:
    """Yield what nobody stands behind: warnings, or refusals with --strict."""
    severity = Severity.ERROR if job.strict else Severity.WARNING

    def problem(code: str, source: str, **values: str) -> Problem:
        return Problem(kind=Kind.REVIEW, code=code, source=source, values=values, severity=severity)

    if not document.review.by:
        yield problem("document-unreviewed", document.source_name)
    if is_overdue(document, job.printed_at.date()):
        yield problem("review-overdue", document.source_name, due=document.review.due.isoformat())
    if approval_of(document, branding) is None:
        yield problem("not-approved", "clinic.toml", document=document.id, version=document.version)
    for tag, text in translated.items():
        words, labels = text.translation_review.state, text.labels.review.state
        if words is not ReviewState.REVIEWED:
            yield problem(f"translation-{words}", document.source_name, document=document.id, language=tag)
        if labels is not ReviewState.REVIEWED and (job.strict or words is ReviewState.REVIEWED):
            yield problem(f"labels-{labels}", f"locales/{po_name(NAME, tag)}", language=tag)
