"""A document in one language -> how it reads: words, sentences, grade, lists, passives, telegrams, unknown terms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handouts.quality.formulas import Reading, base, polysyllables, readings
from handouts.quality.passive import is_passive
from handouts.quality.plain_words import MedicalTerm, Undefined, undefined
from handouts.quality.reading import Sentence, prose
from handouts.quality.telegrams import is_telegram
from handouts.records import Block, BlockKind, Document

SENTENCE = 20
"""Words that a sentence should not exceed (NHS content style guide)."""
LIST = 7
"""Items that a list should not exceed (CDC Clear Communication Index, item 8)."""
TELEGRAMS = 0.05
"""Share of sentences that may be telegrams. Our own limit: a full stop after each scrap would buy any grade."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRun:
    """List items that stand together on the sheet, conditional ones among them; `line` is the first one's."""

    line: int
    items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """How one document in one language reads; lines are those of the document's source.

    `readings` is empty where the language has no formula: then words per sentence stand alone. `long_words`
    (each word that SMOG counts, and how often), `passives`, `telegrams` and `undefined_terms` are found in English
    only, and None elsewhere.
    """

    document: str
    source: str
    language: str
    words: int
    sentences: int
    readings: tuple[Reading, ...]
    longest: Sentence | None
    long_sentences: tuple[Sentence, ...]
    long_lists: tuple[ListRun, ...]
    long_words: tuple[tuple[str, int], ...] | None
    passives: tuple[Sentence, ...] | None
    telegrams: tuple[Sentence, ...] | None
    undefined_terms: tuple[Undefined, ...] | None
    has_summary: bool
    has_action: bool
    has_contact: bool

    @property
    def sentence_length(self) -> float:
        """Return words per sentence, 0 for a document without sentences."""
        return self.words / self.sentences if self.sentences else 0.0


def measure(document: Document, terms: Sequence[MedicalTerm]) -> Measures:
    """Return the measures of a document in its own `language`, source or translation.

    `terms` are those of the library's glossary: see `medical_terms`.
    """
    found = prose(document)
    english = base(document.language) == "en"
    kinds = {block.kind for block in document.blocks}
    return Measures(
        document=document.id,
        source=document.source_name,
        language=document.language,
        words=sum(sentence.words for sentence in found),
        sentences=len(found),
        readings=readings(found, document.language),
        longest=max(found, key=lambda sentence: sentence.words, default=None),
        long_sentences=tuple(sentence for sentence in found if sentence.words > SENTENCE),
        long_lists=tuple(run for run in lists(document.blocks) if run.items > LIST),
        long_words=polysyllables(found) if english else None,
        passives=tuple(sentence for sentence in found if is_passive(sentence.text)) if english else None,
        telegrams=tuple(one for one in found if is_telegram(one.text, one.words)) if english else None,
        undefined_terms=undefined(document, terms) if english else None,
        has_summary=bool(document.summary.text) and BlockKind.KEY_MESSAGE in kinds,
        has_action=any(block.kind is BlockKind.DO and block.children for block in document.blocks),
        has_contact=BlockKind.CONTACT in kinds,
    )


def lists(blocks: Sequence[Block]) -> Iterator[ListRun]:
    """Yield each run of list items; the items of a condition lengthen the list that they follow."""
    run: list[Block] = []
    for block in blocks:
        if block.kind in (BlockKind.LIST, BlockKind.STEPS):
            run += block.children
        elif block.kind is BlockKind.WHEN:
            run += [item for child in block.children for item in child.children]
        else:
            yield from _ended(run)
            run = []
            yield from lists(block.children)
    yield from _ended(run)


def _ended(run: Sequence[Block]) -> Iterator[ListRun]:
    if run:
        yield ListRun(line=run[0].line, items=len(run))
