"""Sentences in a language -> how hard they are to read, by the language's own formula where it has one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handouts.quality.reading import Sentence, letters, words
from handouts.quality.syllables import syllables

GRADE = 6.0
"""US school grade that a sheet must not exceed: American Medical Association and NIH (docs/explanation/facts.md)."""
EASE = 70.0
"""Points on Flesch's scale that stand for grade 6 ("70 to 80: fairly easy, sixth grade", The Art of Readable Writing,
1949), on which the Spanish, French, German and Russian formulas were made."""
GULPEASE = 80.0
"""Below it a text is hard for readers with five years of primary school (Lucisano and Piemontese 1988)."""
FOG_PL = 6.0
"""Up to it a text is plain to pupils of primary school (Pracownia Prostej Polszczyzny, Wrocław)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one formula says: `value` in `unit`, and the `limit` that it should keep, None where it is only reported."""

    formula: str
    unit: str
    value: float
    limit: float | None
    higher_is_easier: bool

    @property
    def is_easy(self) -> bool:
        """Return whether the value, rounded to one decimal, keeps the limit or has none."""
        if self.limit is None:
            return True
        value = round(self.value, 1)
        return value >= self.limit if self.higher_is_easier else value <= self.limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What formulas are made of: totals of a text; `polysyllables` have 3 syllables or more, `long_words` 4."""

    sentences: int
    words: int
    letters: int
    syllables: int = 0
    polysyllables: int = 0
    long_words: int = 0

    @property
    def sentence_length(self) -> float:
        """Return words per sentence."""
        return self.words / self.sentences

    @property
    def word_length(self) -> float:
        """Return syllables per word."""
        return self.syllables / self.words


def flesch_kincaid(counts: Counts) -> Reading:
    """Return the Flesch-Kincaid US school grade: Kincaid, Fishburne, Rogers, Chissom 1975 (Navy report 8-75)."""
    value = 0.39 * counts.sentence_length + 11.8 * counts.word_length - 15.59
    return _grade("Flesch-Kincaid", value, GRADE)


def smog(counts: Counts) -> Reading:
    """Return the SMOG US school grade: McLaughlin 1969 (Journal of Reading 12:639-646), for any number of sentences.

    1.043 √(30 × words of three syllables or more / sentences) + 3.1291, over the whole text and each time a word stands
    there; his regression, not the easy form with 3 and a rounded root. Grade 6 is 7.6 such words in 30 sentences. It is
    made for full comprehension, where Flesch-Kincaid asks for three answers in four: it says a grade or two more.
    """
    value: float = 1.043 * (counts.polysyllables * 30 / counts.sentences) ** 0.5 + 3.1291
    return _grade("SMOG", value, GRADE)


def fernandez_huerta(counts: Counts) -> Reading:
    """Return the reading ease: Fernández Huerta 1959 (Consigna 214:29-32), as Law corrected it (LINGUIST 22.2332)."""
    return _ease("Fernández Huerta", 206.84 - 60 * counts.word_length - 1.02 * counts.sentence_length)


def kandel_moles(counts: Counts) -> Reading:
    """Return Flesch for French: Kandel and Moles 1958 (Cahiers d'études de radio-télévision 19:253-274)."""
    return _ease("Kandel-Moles", 207 - 1.015 * counts.sentence_length - 73.6 * counts.word_length)


def amstad(counts: Counts) -> Reading:
    """Return Flesch for German: Amstad 1978 (Wie verständlich sind unsere Zeitungen?)."""
    return _ease("Amstad", 180 - counts.sentence_length - 58.5 * counts.word_length)


def oborneva(counts: Counts) -> Reading:
    """Return Flesch for Russian: Oborneva 2006 (Автоматизированная оценка сложности учебных текстов)."""
    return _ease("Oborneva", 206.835 - 1.3 * counts.sentence_length - 60.1 * counts.word_length)


def gulpease(counts: Counts) -> Reading:
    """Return Gulpease: Lucisano and Piemontese 1988 (Scuola e città 3:110-124); letters, not syllables."""
    value = 89 + (300 * counts.sentences - 10 * counts.letters) / counts.words
    return Reading(formula="Gulpease", unit="points", value=value, limit=GULPEASE, higher_is_easier=True)


def fog_pl(counts: Counts) -> Reading:
    """Return FOG-PL, years at school: Gunning 1952 with hard words of 4 syllables (Broda and others, LREC 2014).

    Hard words are counted as they stand, not by their base form: the value can only come out too high.
    """
    value = 0.4 * (counts.sentence_length + 100 * counts.long_words / counts.words)
    return Reading(formula="FOG-PL", unit="years at school", value=value, limit=FOG_PL, higher_is_easier=False)


FORMULAS: Mapping[str, tuple[Callable[[Counts], Reading], ...]] = {
    "en": (flesch_kincaid, smog),
    "es": (fernandez_huerta,),
    "fr": (kandel_moles,),
    "de": (amstad,),
    "it": (gulpease,),
    "pl": (fog_pl,),
    "ru": (oborneva,),
}
"""The formulas of each language; the others are measured by the length of their sentences alone."""


def readings(sentences: Sequence[Sentence], language: str) -> tuple[Reading, ...]:
    """Return what the language's formulas say of the sentences, the leading formula first; none: an empty tuple."""
    own = FORMULAS.get(base(language), ())
    if not own or not sentences:
        return ()
    counts = count(sentences, base(language))
    return tuple(formula(counts) for formula in own)


def count(sentences: Sequence[Sentence], language: str) -> Counts:
    """Return the totals of the sentences; Italian words are counted by letters only."""
    found = [word for sentence in sentences for word in words(sentence.text)]
    lengths = [] if language == "it" else [syllables(word, language) for word in found]
    return Counts(
        sentences=len(sentences),
        words=len(found),
        letters=sum(letters(word) for word in found),
        syllables=sum(lengths),
        polysyllables=sum(length >= 3 for length in lengths),
        long_words=sum(length >= 4 for length in lengths),
    )


def polysyllables(sentences: Sequence[Sentence]) -> tuple[tuple[str, int], ...]:
    """Return each English word of three syllables or more and how often it is said, the most frequent first."""
    found = Counter(
        word.lower() for sentence in sentences for word in words(sentence.text) if syllables(word, "en") >= 3
    )
    return tuple(sorted(found.items(), key=lambda counted: (-counted[1], counted[0])))


def base(language: str) -> str:
    """Return the language of a tag without script and country."""
    return language.partition("-")[0]


def _grade(formula: str, value: float, limit: float | None) -> Reading:
    return Reading(formula=formula, unit="US grade", value=value, limit=limit, higher_is_easier=False)


def _ease(formula: str, value: float) -> Reading:
    return Reading(formula=formula, unit="points", value=value, limit=EASE, higher_is_easier=True)
