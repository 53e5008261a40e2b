"""A word of English, Spanish, French, German, Polish or Russian -> how many syllables it is spoken with, by rule."""

import re
from collections.abc import Callable, Mapping

from handouts.quality.reading import is_abbreviation

_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_ENGLISH_SILENT = re.compile(
    r"(?<=[^aeiouy])e\Z(?<![^aeiouyrw]le)"  # care, not needle
    r"|(?<=[^aeiouysxzcg])es\Z(?<!ches)(?<!shes)(?<![^aeiouyrw]les)"  # cares, not faces, not needles
    r"|(?<=[^aeiouytd])ed\Z(?<![^aeiouyrw]led)"  # cared, not needed
    r"|(?<=[^aeiouy])e(?:ly|ful|fully|less|ness|ty)\Z"  # careful, safety
    r"|(?<=[^aeiouyl])ements?\Z|(?<=[^aeiouy])e(?=heads?\Z)"  # movement, whitehead
)
_ENGLISH_APART = re.compile(
    r"(?<![ctsg])ia(?!ge)|[tc]ia(?=te)"  # milia, appreciate; not facial
    r"|(?<![tscxgln])io|(?<![tg])iu"  # radio, medium; not infection, million
    r"|(?<!y)iet|(?<![tc])ien(?=t|ce)|(?<=[^aeiou])ie(?=r\Z|st\Z)"  # variety, ingredient, easier; not patient
    r"|(?<![pgh])eo(?!u)|(?<=[rd])ea(?=s?\Z)|cr?eat(?=e|i)|\Are(?=act|app|u|o)"  # video, idea, create, reaction
    r"|(?<![qg])ua|(?<![qg])ue(?=[ln])|(?<![qg])uid|(?<![qg])uin(?!t)"  # usual, fluent, fluid, ruin
    r"|[aeiouy](?=ing\Z)|(?<!\Ae)(?<=[aeou])y(?=[aeou])(?!e[ds]?\Z)|(?<=[^aeiouy])ya"  # being, beyond, hyaluronic
    r"|sm(?=s?\Z)"  # organism
)
_ENGLISH_WHOLE: Mapping[str, int] = {
    **dict.fromkeys(("herpes", "every", "naked", "lukewarm", "forehead", "sometimes", "something", "someone"), 2),
    **dict.fromkeys(("business", "somewhere", "therefore", "moreover", "science", "lifetime"), 2),
    **dict.fromkeys(("everything", "everyone", "everywhere", "anyone", "recipe"), 3),
    **dict.fromkeys(("diabetes", "everybody"), 4),
    "isotretinoin": 6,
}
"""What the rules get wrong among words that patients' sheets use. Of two ways to say a word the shorter counts."""


def english(word: str) -> int:
    """Return the syllables of an English word: vowel groups, less the silent e, more the vowels that stand apart."""
    if word in _ENGLISH_WHOLE:
        return _ENGLISH_WHOLE[word]
    if word.endswith("n't"):
        return english(word[:-3]) + (word[-4:-3] not in "aeiouy")
    word = word.removesuffix("'s").replace("'", "")
    groups = len(_ENGLISH_VOWELS.findall(word))
    return groups - len(_ENGLISH_SILENT.findall(word)) + len(_ENGLISH_APART.findall(word))


_SPANISH = re.compile(r"[iuüy]?[aeoáéó](?:[iuüy](?![aeoáéó]))?|[íú]|[iuüy]+")


def spanish(word: str) -> int:
    """Return the syllables of a Spanish word: strong vowels stand apart, weak ones lean on them unless accented."""
    word = re.sub(r"qu|gu(?=[eéií])", "k", word)
    return len(_SPANISH.findall(re.sub(r"y(?=[aeiouáéíóú])", "j", word)))


_FRENCH = re.compile(r"[éèêë](?=[aoiouâôûîïy])|[aeiouyàâäéèêëîïôöùûüœæ]+")
_FRENCH_SILENT = re.compile(r"(?<=[^aeiouyàâéèêëîïôùûüœæ])es?\Z")
_FRENCH_SILENT_ENT = re.compile(r"(?:peuv|doiv|veul|aid|part|gliss|rest|dur|cach|touch|mont|donn|serv|gratt|brûl)ent\Z")


def french(word: str) -> int:
    """Return the syllables of a French word as it is read in prose, a final silent e left out.

    A final -ent counts, save in some frequent verbs: a word alone does not say whether it is one.
    """
    word = re.sub(r"qu|gu(?=[eéèêiîy])", "k", word)
    word = re.sub(r"(?<=[aeou])y(?=[aeouéè])", "j", word)
    return len(_FRENCH.findall(word)) - bool(_FRENCH_SILENT.search(word) or _FRENCH_SILENT_ENT.search(word))


_GERMAN = re.compile(r"aa|ai|au|äu|ee|ei|eu|ie|oo|[aeiouyäöü]")


def german(word: str) -> int:
    """Return the syllables of a German word: its vowels, each diphthong and doubled vowel once."""
    return len(_GERMAN.findall(word.replace("qu", "k")))


_POLISH = re.compile(r"i?[aąeęoóu]|[iy]")


def polish(word: str) -> int:
    """Return the syllables of a Polish word: its vowels; an i before another vowel only softens."""
    return len(_POLISH.findall(word))


def russian(word: str) -> int:
    """Return the syllables of a Russian word: it has as many as it has vowels."""
    return sum(letter in "аеёиоуыэюя" for letter in word)


COUNTERS: Mapping[str, Callable[[str], int]] = {
    "en": english,
    "es": spanish,
    "fr": french,
    "de": german,
    "pl": polish,
    "ru": russian,
}
"""The languages whose formula needs syllables."""


def syllables(word: str, language: str) -> int:
    """Return how many syllables a word has, at least one; raises KeyError for a language without a counter.

    Figures and abbreviations count as one syllable, the parts of a hyphenated word are added (Flesch, How to Write
    Plain English, 1979, chapter 2).
    """
    if is_abbreviation(word):
        return 1
    counter = COUNTERS[language]
    parts = word.lower().replace("’", "'").replace("‑", "-").split("-")
    return sum(max(1, counter(part)) for part in parts if part)
