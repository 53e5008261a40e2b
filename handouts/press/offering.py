"""The library of a clinic -> what can be had of it: each document, its languages, and who has reviewed which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from handouts import documents
from handouts.errors import Gathering, Problem, each_once
from handouts.press.preparing import Preparing
from handouts.records import Document, ReviewState, TranslationReview


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """A document that sheets can be made of: whether its text is reviewed, and the review in each of its languages."""

    document: Document
    review: ReviewState
    languages: Mapping[str, TranslationReview]


def offered(preparing: Preparing, today: date) -> tuple[tuple[Offered, ...], tuple[Problem, ...]]:
    """Return the documents of a library, and what is wrong with those of which no sheet can be made."""
    gathering = Gathering()
    found = [gathering.take(partial(preparing.document, name, today=today)) for name in preparing.documents]
    offers = tuple(_offer(preparing, document, gathering) for document in found if document)
    return offers, each_once(gathering.problems)


def _offer(preparing: Preparing, document: Document, gathering: Gathering) -> Offered:
    def languages() -> Iterator[tuple[str, TranslationReview]]:
        for tag in preparing.texts.languages_of(document):
            text = gathering.take(partial(preparing.texts.translated, document, tag))
            if text is not None:
                yield tag, text.review

    return Offered(document=document, review=documents.review_state(document), languages=dict(languages()))
