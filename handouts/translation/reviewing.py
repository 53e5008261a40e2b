"""What a catalogue would print + its files' headers -> whether the review of a named person still covers it.

A review is four fields of a PO file's header: X-Reviewed-By, X-Reviewer-Role, X-Reviewed-On, and X-Reviewed-Text, a
digest of every text with its translation. It counts for those words alone, wherever the file comes from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from handouts.records import Document, Message, ReviewState, TranslationReview, messages
from handouts.resources import digest
from handouts.translation.catalogue import Catalogue, around_header, header_fields

BY, ROLE, ON, TEXT = "X-Reviewed-By", "X-Reviewer-Role", "X-Reviewed-On", "X-Reviewed-Text"
_FORMER = "X-Reviewed-Source"
"""Held the source alone: a review that has it and no more covers no translation."""
_DIGITS = 16
_EMPTY = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


def text_digest(document: Document, catalogue: Catalogue) -> str:
    """Return what a reviewer signs: each message of the source with the translation that would be printed.

    `catalogue` is merged, the clinic's over the shipped one. A message without a translation, or with a doubtful one
    (fuzzy), counts as having none.
    """
    pairs = ((message.context, message.text, _printed(catalogue, message)) for message in messages(document))
    return _digest(document.id, catalogue.language, pairs)


def labels_digest(name: str, language: str, texts: Mapping[str, str]) -> str:
    """Return what a reviewer of the fixed labels signs: each label's English with its wording in `language`."""
    return _digest(name, language, (("", text, label) for text, label in sorted(texts.items())))


def _printed(catalogue: Catalogue, message: Message) -> str:
    entry = catalogue.entries.get((message.context, message.text))
    return entry.text if entry is not None and not entry.fuzzy else ""


def _digest(name: str, language: str, pairs: Iterable[tuple[str, str, str]]) -> str:
    parts = (name, language, *(part for pair in pairs for part in pair))
    return digest(tuple(part.encode() for part in parts))[:_DIGITS]


def review_of(catalogue: Catalogue, current: str) -> TranslationReview:
    """Return the review that covers the digest `current`; OUTDATED if all that there are cover another text.

    The fields of one file belong together: nothing of a clinic's header completes the shipped one, or the other way.
    """
    found = tuple(filter(None, (_signature(header) for header in reversed(catalogue.headers))))
    for review, signed in found:
        if signed == current:
            return review
    for review, _ in found:
        return TranslationReview(state=ReviewState.OUTDATED, by=review.by, role=review.role, on=review.on)
    return TranslationReview(state=ReviewState.UNREVIEWED)


def text_review(document: Document, catalogue: Catalogue) -> TranslationReview:
    """Return the review of a document's translation; no one need review the language that it is written in.

    A variant is reviewed when both are, the language that it is a variant of and itself: until then it has the review
    of the one that is not. A variant of the document's own language that says nothing otherwise is no translation.
    """
    if catalogue.language == document.language:
        return TranslationReview(state=ReviewState.REVIEWED)
    base = catalogue.base
    if base is not None:
        of_base = text_review(document, base)
        is_the_document = base.language == document.language and catalogue.entries == base.entries
        if of_base.state is not ReviewState.REVIEWED or is_the_document:
            return replace(of_base, language=base.language)
    return review_of(catalogue, text_digest(document, catalogue))


def _signature(header: Mapping[str, str]) -> tuple[TranslationReview, str] | None:
    fields = {key.lower(): value.strip() for key, value in header.items()}
    by = fields.get(BY.lower(), "")
    try:
        on = date.fromisoformat(fields.get(ON.lower(), ""))
    except ValueError:
        return None
    review = TranslationReview(state=ReviewState.REVIEWED, by=by, role=fields.get(ROLE.lower(), ""), on=on)
    return (review, fields.get(TEXT.lower(), "")) if by else None


def signed(text: str, review: TranslationReview, current: str) -> str:
    """Return the .po text with a header that says who reviewed what has the digest `current`, as whom and when.

    An empty `text` becomes a catalogue of a header alone: a clinic can so sign a shipped translation as its own.
    """
    fields = {BY: review.by, ROLE: review.role, ON: review.on.isoformat() if review.on else "", TEXT: current}
    before, after = around_header(text or _EMPTY)
    former = {name.lower() for name in (*fields, _FORMER)}
    kept = {name: value for name, value in header_fields(text or _EMPTY).items() if name.lower() not in former}
    lines = [f'"{name}: {value}\\n"' for name, value in (kept | fields).items()]
    return before + "\n".join(('msgid ""', 'msgstr ""', *lines)) + "\n\n" + after.lstrip("\n")
