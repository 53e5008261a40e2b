"""A document and a language tag -> the whole text of a sheet in that language, and who has reviewed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from handouts import documents, translation
from handouts.codes import Code
from handouts.errors import Gathering, InputError, Kind, Problem, errors_of
from handouts.languages import closest_tag, known_tags, lineage, meant_tag
from handouts.limits import blamed_on
from handouts.records import Document, ReviewState, TranslationReview, messages
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts import quality


@dataclass(frozen=True, kw_only=True, slots=True)
class Translated:
    """A document in one language and who has reviewed its translation; the labels have a review of their own.

    `fingerprint` identifies its whole text.
    """

    document: Document
    fingerprint: str
    translation_review: TranslationReview
    labels: translation.Labels

    @property
    def review(self) -> TranslationReview:
        """The review of all that the sheet says: the labels' where the translation is reviewed and they are not."""
        is_reviewed = self.translation_review.state is ReviewState.REVIEWED
        labels_are_reviewed = self.labels.review.state is ReviewState.REVIEWED
        return self.labels.review if is_reviewed and not labels_are_reviewed else self.translation_review


class Texts:
    """Finds the texts of documents in every language, the clinic's catalogues over the shipped ones."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._kept: dict[tuple[str, str], tuple[Document, Translated]] = {}
        self._catalogues: dict[tuple[str, str], tuple[Document, translation.Catalogue]] = {}
        self.labels = cache(partial(translation.labels, resources=resources))
        self.glossary = cache(self._glossary)

    def translated(self, document: Document, tag: str) -> Translated:
        """Return the document and labels in the language `tag`; raise InputError with each message not fit to print."""
        source, text = self._kept.get((document.id, tag), (None, None))
        if text is None or source is not document:
            with blamed_on(Kind.TRANSLATION, f"locales/{translation.po_name(document.id, tag)}"):
                text = self._translated(document, tag)
            self._kept[document.id, tag] = (document, text)
        return text

    def catalogue(self, document: Document, tag: str) -> translation.Catalogue:
        """Return the catalogue of a document in the language `tag`; raise InputError for a file that is not PO."""
        source, found = self._catalogues.get((document.id, tag), (None, None))
        if found is None or source is not document:
            found = translation.catalogue_of(document, tag, self._resources)
            self._catalogues[document.id, tag] = (document, found)
        return found

    def _translated(self, document: Document, tag: str) -> Translated:
        gathering = Gathering()
        labels = gathering.take(partial(self.labels, tag))
        review = TranslationReview(state=ReviewState.REVIEWED)
        text: Document | None = document
        if tag != document.language:
            catalogue = gathering.take(partial(self.catalogue, document, tag))
            if catalogue is not None and not any(entry.text for entry in catalogue.entries.values()):
                raise InputError([self._untranslated(document, tag)])
            text = None
            if catalogue is not None:
                text = gathering.take(partial(translation.translate, document, catalogue))
                gathering.problems += self._forbidden(document, catalogue, tag) if text else ()
                review = translation.text_review(document, catalogue)
        gathering.stop_at_errors()
        assert labels, "it is there or has left an error"
        assert text, "it is there or has left an error"
        return Translated(
            document=text, fingerprint=documents.fingerprint(text), translation_review=review, labels=labels
        )

    def _forbidden(self, document: Document, catalogue: translation.Catalogue, tag: str) -> tuple[Problem, ...]:
        """Return an error for each word that the glossary of the language forbids.

        What a variant has from the language that it is a variant of is held against that one's glossary.
        """
        from handouts import quality  # Slow to import; a sheet in the document's own language does without.

        found: list[Problem] = []
        for one in lineage(tag):
            pairs = translated_pairs(document, catalogue, one)
            found += quality.departures(pairs, self.glossary(one), one)
        return errors_of(found)

    def _glossary(self, tag: str) -> "tuple[quality.Term, ...]":
        from handouts import quality

        return quality.glossary(tag, self._resources)

    def _untranslated(self, document: Document, tag: str) -> Problem:
        values = {"document": document.id, "language": tag, "known": ", ".join(self.languages_of(document))}
        return Problem.of(Kind.TRANSLATION, Code.NO_TRANSLATION, document.source_name, **values)

    def languages_of(self, document: Document) -> tuple[str, ...]:
        """Return the languages that a document can be had in, its own first."""
        found = messages(document)
        others = (
            tag
            for tag in known_tags()
            if tag != document.language
            and translation.state(found, translation.catalogue_of(document, tag, self._resources)).whole
        )
        return (document.language, *others)

    def labelled(self, document: Document) -> tuple[Document, ...]:
        """Return the document without its text once for each other language, its labels as far as they are translated.

        What is wrong with a catalogue is told where a sheet is made from it.
        """
        gathering = Gathering()
        found = []
        for tag in known_tags():
            catalogue = gathering.take(partial(translation.catalogue_of, document, tag, self._resources))
            if catalogue is not None and tag != document.language:
                found.append(translation.labels_alone(document, catalogue))
        return tuple(found)

    def all_translated(self, document: Document, tags: Sequence[str], gathering: Gathering) -> dict[str, Translated]:
        """Return the text in each language that is fit to print; the problems of the others go to `gathering`."""
        found = {}
        for tag in tags:
            text = gathering.take(partial(self.translated, document, tag))
            if text is not None:
                found[tag] = text
        return found


def tags_meant(texts: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the tag of each language that was typed; raise InputError for those that name none beyond doubt."""
    unknown = [text for text in texts if not meant_tag(text)]
    if unknown:
        raise InputError(unknown_language(text, source) for text in unknown)
    return tuple(map(meant_tag, texts))


def unknown_language(tag: str, source: str) -> Problem:
    """Return the Problem that no sheet can be set in the language `tag`, with the tag that may have been meant."""
    return Problem.of(
        Kind.TRANSLATION,
        Code.UNKNOWN_LANGUAGE,
        source,
        nearest=closest_tag(tag),
        tag=tag,
        known=", ".join(known_tags()),
    )


def translated_pairs(document: Document, catalogue: translation.Catalogue, tag: str) -> "tuple[quality.Pair, ...]":
    """Return each text of a document whose translation stands in the files of the language `tag`, with that.

    The catalogue has them all; in that of a variant some stand in the files of the language that it is a variant of.
    """
    from handouts import quality

    entries = (
        (message, catalogue.entries[key])
        for message in messages(document)
        if catalogue.holder(key := (message.context, message.text)).language == tag
    )
    return tuple(
        quality.Pair(
            text=message.text, text_line=message.line, translation=entry.text, source=entry.source, line=entry.line
        )
        for message, entry in entries
    )
