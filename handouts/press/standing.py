"""A document, its translations and who has signed them -> what nobody stands behind."""

from collections.abc import Iterator, Mapping
from datetime import date

from handouts.codes import Code
from handouts.errors import Kind, Problem, Severity
from handouts.press.signing import Signatures
from handouts.press.texts import Translated
from handouts.records import Document, Job, ReviewState
from handouts.translation.catalogue import po_name
from handouts.translation.labels import NAME

_DOCUMENT = {
    ReviewState.UNREVIEWED: Code.DOCUMENT_UNREVIEWED,
    ReviewState.UNSIGNED: Code.DOCUMENT_UNSIGNED,
    ReviewState.OUTDATED: Code.DOCUMENT_OUTDATED,
}
_TRANSLATION = {
    ReviewState.UNREVIEWED: Code.TRANSLATION_UNREVIEWED,
    ReviewState.OUTDATED: Code.TRANSLATION_OUTDATED,
}
_LABELS = {ReviewState.UNREVIEWED: Code.LABELS_UNREVIEWED, ReviewState.OUTDATED: Code.LABELS_OUTDATED}
_APPROVAL = {ReviewState.UNSIGNED: Code.APPROVAL_UNSIGNED, ReviewState.OUTDATED: Code.APPROVAL_OUTDATED}

_DOCUMENT = {
    ReviewState.UNREVIEWED: Code.DOCUMENT_UNREVIEWED,
    ReviewState.UNSIGNED: Code.DOCUMENT_UNSIGNED,
    ReviewState.OUTDATED: Code.DOCUMENT_OUTDATED,
}
_TRANSLATION = {
    ReviewState.UNREVIEWED: Code.TRANSLATION_UNREVIEWED,
    ReviewState.OUTDATED: Code.TRANSLATION_OUTDATED,
}
_LABELS = {ReviewState.UNREVIEWED: Code.LABELS_UNREVIEWED, ReviewState.OUTDATED: Code.LABELS_OUTDATED}
_APPROVAL = {ReviewState.UNSIGNED: Code.APPROVAL_UNSIGNED, ReviewState.OUTDATED: Code.APPROVAL_OUTDATED}


def is_overdue(document: Document, today: date) -> bool:
    """Return whether the document's review date has passed."""
    return document.review.due < today


def standing(
    job: Job, document: Document, signatures: Signatures, translated: Mapping[str, Translated]
) -> Iterator[Problem]:
    """Yield what nobody stands behind: warnings, or refusals with --strict."""
    severity = Severity.ERROR if job.strict else Severity.WARNING

    def problem(code: Code, source: str, line: int | None = None, **values: str) -> Problem:
        named = {"document": document.id, **values}
        return Problem(kind=Kind.REVIEW, code=code, source=source, line=line, values=named, severity=severity)

    review, approval = document.review, signatures.approval
    if signatures.review is not ReviewState.REVIEWED:
        yield problem(_DOCUMENT[signatures.review], document.source_name, by=review.by, on=str(review.on))
    if is_overdue(document, job.printed_at.date()):
        yield problem(Code.REVIEW_OVERDUE, document.source_name, due=review.due.isoformat())
    if approval is None:
        yield problem(Code.NOT_APPROVED, "clinic.toml", version=document.version)
    elif signatures.approved is None:
        code = _APPROVAL[signatures.approval_state]
        yield problem(code, "clinic.toml", approval.line, by=approval.by, on=approval.on.isoformat())
    for tag, text in translated.items():
        words, labels = text.translation_review.state, text.labels.review.state
        if words is not ReviewState.REVIEWED:
            yield problem(_TRANSLATION[words], document.source_name, language=tag)
        if labels is not ReviewState.REVIEWED and (job.strict or words is ReviewState.REVIEWED):
            yield problem(_LABELS[labels], f"locales/{po_name(NAME, tag)}", language=tag)
