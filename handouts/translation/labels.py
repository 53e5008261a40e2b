"""The fixed labels of the templates in one language -> a lookup that has them all, or a Problem for each it lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, UnknownLabel
from handouts.records import ReviewState, TranslationReview
from handouts.resources import Resources, read_text
from handouts.translation.catalogue import Catalogue, catalogue, parse
from handouts.translation.comparison import label_differences
from handouts.translation.reviewing import labels_digest, review_of

LABELS = "handouts"
"""The catalogue of fixed labels."""
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """Labels by their English text, and who has reviewed them: nobody need for English as it ships."""

    language: str
    texts: Mapping[str, str]
    review: TranslationReview

    def gettext(self, text: str) -> str:
        """Return the label in this language; English is its own source. Raises UnknownLabel."""
        found = self.texts.get(text, "")
        if found:
            return found
        if self.language == SOURCE_LANGUAGE:
            return text
        raise UnknownLabel(text, self.language)


def labels(language: str, resources: Resources) -> Labels:
    """Return the labels in `language`; raise InputError with each that is missing, fuzzy or changed in substance."""
    found = catalogue(LABELS, language, resources)
    problems = []
    for needed in _needed(resources):
        entry = found.entries.get(("", needed))
        if entry is None or not entry.text.strip() or entry.fuzzy:
            if language == SOURCE_LANGUAGE:
                continue
            code = Code.FUZZY if entry is not None and entry.fuzzy else Code.UNTRANSLATED
            place = entry.line if entry is not None else None
            held = found.holder(("", needed))
            values = {"language": held.language, "excerpt": needed, "what": ""}
            problems.append(Problem.of(Kind.TRANSLATION, code, held.source, place, **values))
            continue
        for code, what in label_differences(needed, entry.text):
            values = {"language": found.holder(("", needed)).language, "excerpt": needed, "what": what}
            problems.append(Problem.of(Kind.TRANSLATION, code, entry.source, entry.line, **values))
    if problems:
        raise InputError(problems)
    return Labels(language=language, texts=_texts(found), review=labels_review(found))


def labels_review(found: Catalogue) -> TranslationReview:
    """Return who reviewed a catalogue of labels, and whether every label is still what was reviewed.

    A variant has the review of the language that it is a variant of until that one is reviewed.
    """
    if found.base is not None and (of_base := labels_review(found.base)).state is not ReviewState.REVIEWED:
        return replace(of_base, language=found.base.language)
    own = own_labels(found)
    if found.language == SOURCE_LANGUAGE and not own:
        return TranslationReview(state=ReviewState.REVIEWED)
    return review_of(found, labels_digest(LABELS, found.language, own))


def own_labels(found: Catalogue) -> Mapping[str, str]:
    """Return the labels that are printed in other words than their source, by their source."""
    return {text: label for text, label in _texts(found).items() if label != text}


def _texts(found: Catalogue) -> Mapping[str, str]:
    """Return what is printed: a label has no context, so that an entry with one stands for something else."""
    return {
        text: entry.text
        for (context, text), entry in found.entries.items()
        if not context and entry.text.strip() and not entry.fuzzy
    }


def _needed(resources: Resources) -> tuple[str, ...]:
    """Return the labels that the shipped templates use, from the template catalogue."""
    path = resources.shipped("locales", f"{LABELS}.pot")
    if path is None:
        return ()
    read = parse(read_text(path, kind=Kind.TRANSLATION, source=f"locales/{LABELS}.pot"), f"locales/{LABELS}.pot")
    return tuple(message.id for message in read if message.id and isinstance(message.id, str))
