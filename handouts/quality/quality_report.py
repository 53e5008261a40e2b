"""Measures of documents -> a Problem for each that exceeds its limit, and the rows of a table for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.quality.index import CDC, PEMAT, ItemResult, item_results, share
from handouts.quality.measures import LIST, SENTENCE, TELEGRAMS, Measures, measure
from handouts.quality.plain_words import MedicalTerm
from handouts.quality.reading import Sentence, excerpt
from handouts.quality.terms import Pair, Term, departures
from handouts.records import Document

COLUMNS = (
    "document", "language", "words", "sentences", "words/sentence", "longest", "over 20", "reading", "lists over 7",
    "passive", "telegrams", "unexplained terms", PEMAT, CDC,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """All that a program can say of one document in one language; `problems` are warnings, save forbidden words."""

    measures: Measures
    item_results: tuple[ItemResult, ...]
    problems: tuple[Problem, ...]


def examine(
    document: Document, medical: Sequence[MedicalTerm], pairs: Sequence[Pair] = (), glossary: Sequence[Term] = ()
) -> Quality:
    """Return the quality of a document in its own `language`.

    `medical` are the library's terms. For a translation, `pairs` are its messages and `glossary` the terms of its
    language; problems then stand where the translator can mend them, in the catalogue.
    """
    measures = measure(document, medical)
    places = {pair.text_line: (pair.source, pair.line) for pair in pairs}
    home = pairs[0].source if pairs else measures.source
    found = (*_problems(measures, home, places), *departures(pairs, glossary, document.language))
    return Quality(measures=measures, item_results=item_results(document, measures), problems=found)


def _problems(measures: Measures, home: str, places: Mapping[int, tuple[str, int]]) -> Iterator[Problem]:
    def problem(code: Code, line: int | None = None, **values: str) -> Problem:
        source, at = places.get(line or 0, (home, None if places else line))
        return Problem.warning(
            Kind.TRANSLATION if places else Kind.DOCUMENT,
            code,
            source,
            at,
            document=measures.document,
            language=measures.language,
            **values,
        )

    def about(code: Code, sentence: Sentence) -> Problem:
        count, limit = str(sentence.words), str(SENTENCE)
        return problem(code, sentence.line, excerpt=excerpt(sentence.text), words=count, limit=limit)

    for reading in measures.readings:
        # Only English has a limit with a source of good standing (AMA, NIH: grade 6); the others are told, not judged.
        if measures.language == "en" and not reading.is_easy:
            found = f"{reading.formula} {reading.value:.1f} {reading.unit}"
            side = "at least" if reading.higher_is_easier else "at most"
            yield problem(Code.READING_GRADE, found=found, wanted=f"{side} {reading.limit:.0f}")
    telegrams = measures.telegrams or ()
    if len(telegrams) > TELEGRAMS * measures.sentences:
        share_of = f"{len(telegrams)} of {measures.sentences}"
        yield problem(Code.TELEGRAMS, found=share_of, limit=f"{TELEGRAMS:.0%}", excerpts=_excerpts(telegrams[:2]))
    for sentence in measures.long_sentences:
        yield about(Code.LONG_SENTENCE, sentence)
    for run in measures.long_lists:
        yield problem(Code.LIST_TOO_LONG, run.line, items=str(run.items), limit=str(LIST))
    for sentence in measures.passives or ():
        yield about(Code.PASSIVE_VOICE, sentence)
    for term in measures.undefined_terms or ():
        yield problem(Code.UNDEFINED_TERM, term.line, term=term.term, plain=term.plain)
    if not measures.has_summary:
        yield problem(Code.MISSING_SUMMARY)
    if not measures.has_action:
        yield problem(Code.MISSING_ACTION)
    if not measures.has_contact:
        yield problem(Code.MISSING_CONTACT)


def _excerpts(sentences: Sequence[Sentence]) -> str:
    return ", ".join(f"“{excerpt(sentence.text)}”" for sentence in sentences)


def to_act_on(found: Sequence[Quality]) -> Iterator[str]:
    """Yield a line for each figure that a writer mends word by word: what SMOG counts, what is no sentence.

    Where nothing is to be found there is no line.
    """
    for measures in (quality.measures for quality in found):
        if measures.long_words:
            words = ", ".join(word if count == 1 else f"{word} {count}" for word, count in measures.long_words)
            yield f"{measures.document}, words of three syllables or more: {words}"
        if measures.telegrams:
            yield f"{measures.document}, telegrams: {_excerpts(measures.telegrams)}"


def report(found: Sequence[Quality]) -> tuple[tuple[str, ...], ...]:
    """Return the table of measures: HEADINGS, then one row of texts for each document and language."""
    return (COLUMNS, *(_row(quality) for quality in found))


def _row(quality: Quality) -> tuple[str, ...]:
    measures = quality.measures
    readings = ", ".join(f"{reading.formula} {reading.value:.1f}" for reading in measures.readings)
    return (
        measures.document,
        measures.language,
        str(measures.words),
        str(measures.sentences),
        f"{measures.sentence_length:.1f}",
        str(measures.longest.words if measures.longest else 0),
        str(len(measures.long_sentences)),
        readings or "no formula",
        str(len(measures.long_lists)),
        "–" if measures.passives is None else str(len(measures.passives)),
        "–" if measures.telegrams is None else str(len(measures.telegrams)),
        "–" if measures.undefined_terms is None else str(len(measures.undefined_terms)),
        *(f"{met}/{decided}" for met, decided in (share(quality.item_results, name) for name in (PEMAT, CDC))),
    )
