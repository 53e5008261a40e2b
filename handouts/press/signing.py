"""A clinic's documents -> what a signature covers, which signatures still cover it, and new ones in their files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from handouts import branding as branding_room
from handouts import documents
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.press.texts import Translated
from handouts.records import Approval, Branding, Document, Review, ReviewState
from handouts.resources import Resources, confined, digest, read_bytes, write_texts
from handouts.translation import LABELS, po_name

_DIGITS = 16
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
_DECIDES_WORDS = (".html", ".css", ".svg", ".png", ".jpg", ".jpeg", ".ttf", ".otf", ".woff", ".woff2")
"""Files of a clinic's own templates that can put words on a sheet, or take some away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signatures:
    """The state of a document's review and of the clinic's approval, which is in force if REVIEWED."""

    review: ReviewState
    approval_state: ReviewState
    approval: Approval | None

    @property
    def approved(self) -> Approval | None:
        """The approval that covers what is printed, or None."""
        return self.approval if self.approval_state is ReviewState.REVIEWED else None


class Signing:
    """Knows for one clinic what its signatures cover; keeps what it has worked out for a document and a branding."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._templates: str | None = None
        self._kept: dict[str, tuple[Document, Branding, Signatures]] = {}

    def signatures(self, document: Document, branding: Branding) -> Signatures:
        """Return the review and approval of a document; the whole source, not a translation or a part."""
        known, clinic, found = self._kept.get(document.id, (None, None, None))
        if found is None or known is not document or clinic is not branding:
            found = self._signatures(document, branding)
            self._kept[document.id] = (document, branding, found)
        return found

    def _signatures(self, document: Document, branding: Branding) -> Signatures:
        wanted = (document.id, document.version)
        given = tuple(entry for entry in branding.approvals if (entry.document, entry.version) == wanted)
        current = self.approval_fingerprint(document, branding) if given else ""
        valid = tuple(entry for entry in given if entry.fingerprint == current)
        last_first = reversed(valid or given)
        latest = max(last_first, key=lambda entry: (bool(entry.fingerprint), entry.on), default=None)
        if latest is None:
            state = ReviewState.UNREVIEWED
        elif not latest.fingerprint:
            state = ReviewState.UNSIGNED
        else:
            state = ReviewState.REVIEWED if valid else ReviewState.OUTDATED
        return Signatures(review=documents.review_state(document), approval_state=state, approval=latest)

    def approval_fingerprint(self, document: Document, branding: Branding) -> str:
        """Return 16 hex digits of what a clinic approves: the document, and what this clinic makes of it.

        That is the clinic's name, so that nobody's approval is another clinic's; its emergency number and its own words
        for calling it; its own periods for what the document names; and its own templates.
        """
        periods = own_periods_of(document, branding)
        emergency = branding.emergency
        wording = sorted(f"{tag} {words}" for tag, words in emergency.wording.items())
        parts = (documents.fingerprint(document), branding.name, emergency.number, self._own_templates())
        return digest(tuple(part.encode() for part in (*parts, *periods, "", *wording)))[:_DIGITS]

    def _own_templates(self) -> str:
        if self._templates is None:
            self._templates = digest(tuple(_templates(self._resources)))
        return self._templates


def is_overdue(document: Document, today: date) -> bool:
    """Return whether the document's review date has passed."""
    return document.review.due < today


def unsigned(
    document: Document, signatures: Signatures, translated: Mapping[str, Translated], *, today: date, strict: bool
) -> Iterator[Problem]:
    """Yield each review and approval that is missing, outdated or overdue: warnings, or errors with `strict`."""

    def problem(code: Code, source: str, line: int | None = None, **values: str) -> Problem:
        made = Problem.of if strict else Problem.warning
        return made(Kind.REVIEW, code, source, line, document=document.id, **values)

    review, approval = document.review, signatures.approval
    if signatures.review is not ReviewState.REVIEWED:
        yield problem(_DOCUMENT[signatures.review], document.source_name, by=review.by, on=str(review.on))
    if is_overdue(document, today):
        yield problem(Code.REVIEW_OVERDUE, document.source_name, due=review.due.isoformat())
    if approval is None:
        yield problem(Code.NOT_APPROVED, "clinic.toml", version=document.version)
    elif signatures.approved is None:
        code = _APPROVAL[signatures.approval_state]
        yield problem(code, "clinic.toml", approval.line, by=approval.by, on=approval.on.isoformat())
    for tag, text in translated.items():
        words, labels = text.translation_review.state, text.labels.review.state
        if words is not ReviewState.REVIEWED:
            yield problem(_TRANSLATION[words], document.source_name, language=text.translation_review.language or tag)
        if labels is not ReviewState.REVIEWED and (strict or words is ReviewState.REVIEWED):
            first = text.labels.review.language or tag
            yield problem(_LABELS[labels], f"locales/{po_name(LABELS, first)}", language=first)


def own_periods_of(document: Document, branding: Branding) -> tuple[str, ...]:
    """Return what the clinic has set of its own for the periods that a document names, each in words, sorted."""
    known = {period.id for period in document.waiting_periods}
    return tuple(
        sorted(
            f"{own.treatment}.{own.id} {own.duration.amount} {own.duration.unit} {own.shorter_because}"
            for own in branding.periods
            if own.id in known
        )
    )


def _templates(resources: Resources) -> Iterator[bytes]:
    """Yield the name and content of each file of the clinic's own that a sheet can be made of."""
    if resources.clinic is None:
        return
    root = resources.clinic / "templates"
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix.lower() in _DECIDES_WORDS and not name.startswith("email/") and confined(root, name):
            yield from (name.encode(), read_bytes(path, kind=Kind.TEMPLATE, source=resources.display(path)))


def approve(resources: Resources, document_id: str, *, by: str, on: date, today: date) -> tuple[Path, Approval]:
    """Write into clinic.toml that `by` has approved a document as it is printed now; return the file and the approval.

    The file's text stays as it is; the approval is put after it. Raises InputError with every Problem of the document
    and of clinic.toml.
    """
    folder = _clinic(resources)
    names = tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))
    document = documents.load(document_id, resources, today=today)
    branding, _ = branding_room.load(folder, documents=names, today=today)
    fingerprint = Signing(resources).approval_fingerprint(document, branding)
    approval = Approval(document=document.id, version=document.version, by=by, on=on, fingerprint=fingerprint)
    path = folder / branding_room.CLINIC_FILE
    text = read_bytes(path, kind=Kind.BRANDING, source=branding_room.CLINIC_FILE).decode()
    signed = branding_room.with_approval(text, approval, branding_room.CLINIC_FILE)
    write_texts({path: signed}, folder, kind=Kind.BRANDING)
    return path, approval


def review(resources: Resources, document_id: str, given: Review, today: date) -> tuple[Path, Review]:
    """Write into a document that somebody has reviewed it as it is now; return its file and the review.

    A clinic's review of a shipped document stands in a copy in the clinic's library, which from then on is the clinic's
    own. Raises InputError with every Problem of the document.
    """
    document = documents.load(document_id, resources, today=today)
    dated = replace(document, review=given)
    complete = replace(given, fingerprint=documents.fingerprint(dated))
    source = resources.find("library", f"{document_id}.md")
    assert source, "it has been read"
    path = resources.roots("library")[0] / f"{document_id}.md"
    text = documents.signed(read_bytes(source, kind=Kind.DOCUMENT, source=document.source_name).decode(), complete)
    signed = documents.parse(text.removeprefix("\ufeff").replace("\r\n", "\n"), document.source_name)
    if documents.review_state(signed) is not ReviewState.REVIEWED:
        raise InputError.of(Kind.DOCUMENT, Code.CANNOT_SIGN, document.source_name, lines=text)
    write_texts({path: text}, resources.clinic or path.parent, kind=Kind.DOCUMENT)
    return path, complete


def _clinic(resources: Resources) -> Path:
    assert resources.clinic, "a command that approves asks for the clinic's folder"
    return resources.clinic
