"""A language's glossary and its translated texts -> a Problem for each forbidden word and each term not kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field

from handouts.checking import AS_TUPLE, StrictModel, check, toml_file
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity
from handouts.languages import folder_of, lineage
from handouts.quality.formulas import base
from handouts.quality.plain_words import english_word
from handouts.quality.reading import HAN, LETTER, excerpt, plain_text
from handouts.resources import Resources, read_text

_IS_LETTER, _IS_HAN = re.compile(LETTER), re.compile(f"[{HAN}]")
_SIGNS, _UNSPACED_SIGNS = 0x20000, 0xF0000
"""Where folded text has what joins into words though Python says it does not, and Han, which does the reverse.

So a letter is one to `re` too: the class of all of them takes 1.5 ms wherever it stands in a pattern (measured
2026-11-28), and there is a pattern for each word.
"""
_LETTER, _UNSPACED = r"[^\W_]", re.compile("[\U000f0000-\U000fffff]")
_ATTACHED = {"ar": "(?:[وف]?(?:[بكل]?ال|[بكل]|لل)?)", "de": f"{_LETTER}*"}
"""What is written before a word without a space: Arabic conjunctions, prepositions and article; German compounds."""
_LOOSE_ENDING = {"zh": 0, "vi": 0}
"""How many last letters of an agreed word of 5 letters or more may change with its inflection; elsewhere 2."""
_FOLDS_OTHERWISE = re.compile("[ſıİK]")
"""Letters that a pattern takes for s, i and k where case does not matter, and that are others in lower case."""
_NOT_SPOKEN = re.compile("[\u0640\u064b-\u0652\u0670\u05b0-\u05c7\u200c\u200d\u00ad]")  # vowel signs, tatweel, joiners


class _Signs(dict[int, int]):
    """Gives each character of folded text, one for one, where Python takes exactly our letters for letters."""

    def __missing__(self, code: int) -> int:
        """Return and remember the character."""
        letter = chr(code)
        self[code] = code
        if _IS_HAN.match(letter):
            self[code] = _UNSPACED_SIGNS + code
        elif _IS_LETTER.match(letter) and not letter.isalnum():
            self[code] = _SIGNS + code
        return self[code]


_SIGNS_OF = _Signs()


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One entry of a language's glossary: an English term, its agreed translations (or stems), the forbidden ones."""

    term: str
    agreed: tuple[str, ...]
    forbidden: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A text whose translation a reviewer should judge first: how the English begins, and what to decide and why."""

    text: str
    doubt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A source text and its translation, both as written, and where each stands: a line of the document, of the PO."""

    text: str
    text_line: int
    translation: str
    source: str
    line: int


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Word = Annotated[str, Field(min_length=1, max_length=100)]


class _Entry(StrictModel):
    term: Word
    translation: Annotated[tuple[Word, ...], AS_TUPLE, BeforeValidator(_one_or_more), Field(min_length=1)]
    forbidden: Annotated[tuple[Word, ...], AS_TUPLE] = ()


class _Doubt(StrictModel):
    text: Annotated[str, Field(min_length=1)]
    doubt: Annotated[str, Field(min_length=1)]


class _File(StrictModel):
    terms: Annotated[tuple[_Entry, ...], AS_TUPLE]
    doubts: Annotated[tuple[_Doubt, ...], AS_TUPLE] = ()


def doubts(language: str, resources: Resources) -> tuple[Doubt, ...]:
    """Return what the translators of a language left to its reviewer, the clinic's doubts after the shipped ones.

    Those of a variant of another language are about its own messages alone. Raises InputError for a bad file.
    """
    found: list[Doubt] = []
    for path in resources.stacked("locales", _glossary_file(language)):
        source = resources.display(path)
        data, file = toml_file(
            read_text(path, kind=Kind.TRANSLATION, source=source), kind=Kind.TRANSLATION, source=source
        )
        found += (Doubt(text=entry.text, doubt=entry.doubt) for entry in check(_File, data, file).doubts)
    return tuple(found)


def _glossary_file(language: str) -> str:
    return f"{folder_of(language)}/glossary.toml"


def glossary(language: str, resources: Resources) -> tuple[Term, ...]:
    """Return the glossary of a language, the clinic's entries over the shipped ones; none: an empty tuple.

    A variant of another language has that one's, with its own entries over it, in the order of its messages. Raises
    InputError with every fault of a file, an agreed word that is also forbidden for its term among them.
    """
    found: dict[str, Term] = {}
    for path in resources.stacked("locales", *map(_glossary_file, reversed(lineage(language)))):
        source = resources.display(path)
        found |= {term.term: term for term in parse(read_text(path, kind=Kind.TRANSLATION, source=source), source)}
    return tuple(found.values())


def parse(text: str, source: str) -> tuple[Term, ...]:
    """Return the terms of one glossary file; raise InputError with every fault."""
    data, file = toml_file(text, kind=Kind.TRANSLATION, source=source)
    entries = check(_File, data, file).terms
    problems = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.term in seen:
            problems.append(file.problem(Code.GLOSSARY_TWICE, ("terms", index), term=entry.term))
        seen.add(entry.term)
        problems += [
            file.problem(Code.GLOSSARY_CONTRADICTION, ("terms", index), term=entry.term, word=word)
            for word in sorted(set(entry.translation) & set(entry.forbidden))
        ]
    if problems:
        raise InputError(problems)
    return tuple(Term(term=entry.term, agreed=entry.translation, forbidden=entry.forbidden) for entry in entries)


def departures(pairs: Iterable[Pair], terms: Iterable[Term], language: str) -> tuple[Problem, ...]:
    """Return an error for each term said with a forbidden word, a warning for each term without its agreed word.

    A forbidden word is a warning where the source does not have the term: it may mean something else there. Forbidden
    words count whole (in Chinese and Japanese anywhere), and not where they are part of what is agreed for another
    term of the same text. Agreed words may be inflected: their beginning is enough.
    """
    return _departures(tuple(pairs), tuple(terms), language)


@lru_cache(maxsize=16)
def _departures(pairs: tuple[Pair, ...], terms: tuple[Term, ...], language: str) -> tuple[Problem, ...]:
    """Return the departures: a text is refused for what it says, and soon after measured, by the same glossary."""
    found: list[Problem] = []
    for pair in pairs:
        text = _folded(plain_text(pair.translation), language)
        present = tuple(_present(plain_text(pair.text), terms))
        rest = text
        for term in present:
            possible = (word for word in term.agreed if _may_hold(text, _stems(word, language)))
            patterns = [_agreed(word, language) for word in possible]
            if not any(pattern.search(text) for pattern in patterns):
                values = {"term": term.term, "word": " / ".join(term.agreed)}
                found.append(_problem(Code.GLOSSARY_NOT_KEPT, pair, language, Severity.WARNING, values))
            for pattern in patterns:
                rest = pattern.sub(" ", rest)
        found += _forbidden_in(rest, pair, present, terms, language)
    return tuple(found)


def _forbidden_in(
    text: str, pair: Pair, present: Sequence[Term], terms: tuple[Term, ...], language: str
) -> Iterator[Problem]:
    possible = {word for word, parts in _parts_of_forbidden(terms, language) if _may_hold(text, parts)}
    if not possible:
        return
    agreed = frozenset(_folded(word, language) for term in terms for word in term.agreed)
    reported = set()
    for term in (*present, *terms):
        for word in term.forbidden:
            agreed_for_another = term not in present and _folded(word, language) in agreed
            if word in reported or word not in possible or agreed_for_another:
                continue
            if _forbidden(word, language).search(text):
                reported.add(word)
                severity = Severity.ERROR if term in present else Severity.WARNING
                yield _problem(Code.GLOSSARY_FORBIDDEN, pair, language, severity, {"term": term.term, "word": word})


@lru_cache(maxsize=64)
def _parts_of_forbidden(terms: tuple[Term, ...], language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each forbidden word, and what of it must be somewhere in a text that has it."""
    return tuple((word, tuple(_folded(word, language).split())) for term in terms for word in term.forbidden)


def _present(text: str, terms: tuple[Term, ...]) -> Iterator[Term]:
    """Yield the terms that occur in an English text, longer ones first; "hyaluronic acid" is not also an "acid"."""
    lowered = text.lower()
    for term, stem, pattern in _longest_first(terms):
        if stem not in lowered and not _FOLDS_OTHERWISE.search(text):
            continue
        text, count = pattern.subn(" ", text)
        if count:
            lowered = text.lower()
            yield term


@lru_cache(maxsize=64)
def _longest_first(terms: tuple[Term, ...]) -> tuple[tuple[Term, str, re.Pattern[str]], ...]:
    """Return each term with the letters, in lower case, that any form of it begins with, and its pattern."""
    words = ((term, term.term.partition(" (")[0]) for term in sorted(terms, key=lambda term: -len(term.term)))
    return tuple((term, word[:-1].lower(), english_word(word)) for term, word in words)


def _may_hold(text: str, parts: Iterable[str]) -> bool:
    """Return whether every part is somewhere in the text: only then is a pattern worth 20 ms of compiling."""
    return all(map(text.__contains__, parts))


@cache
def _stems(word: str, language: str) -> tuple[str, ...]:
    """Return the beginnings of the words of a phrase, without what inflection may change."""
    folded = _folded(word, language)
    if _UNSPACED.search(folded):
        return (folded,)
    loose = _LOOSE_ENDING.get(base(language), 2)
    parts = re.findall(r"[^\s()]+", folded)
    return tuple(part[: max(4, len(part) - loose)] if len(part) > 4 else part for part in parts)


@cache
def _agreed(word: str, language: str) -> re.Pattern[str]:
    """Return a pattern for a word or phrase in any inflection, each of its words by its beginning."""
    if _UNSPACED.search(_folded(word, language)):
        return re.compile(re.escape(_folded(word, language)))
    attached = _ATTACHED.get(base(language), "")
    body = rf"{_LETTER}*[\s()]+{attached}".join(map(re.escape, _stems(word, language)))
    return re.compile(rf"(?<!{_LETTER}){attached}{body}{_LETTER}*")


@cache
def _forbidden(word: str, language: str) -> re.Pattern[str]:
    """Return a pattern for exactly this word or phrase, in Arabic with what may be attached before it."""
    folded = _folded(word, language)
    if _UNSPACED.search(folded):
        return re.compile(re.escape(folded))
    attached = _ATTACHED["ar"] if base(language) == "ar" else ""
    body = r"\s+".join(re.escape(part) for part in folded.split())
    return re.compile(rf"(?<!{_LETTER})(?<!{_LETTER}-){attached}{body}(?!{_LETTER})(?!-{_LETTER})")


@lru_cache(maxsize=16_384)
def _folded(text: str, language: str) -> str:
    """Return a text for comparison: lower case (Turkish by its own rule), without vowel signs and invisible marks.

    What is left has letters where `_LETTER` finds them.
    """
    if base(language) == "tr":
        text = text.replace("İ", "i").replace("I", "ı")
    spoken = _NOT_SPOKEN.sub("", unicodedata.normalize("NFC", text)).lower().replace("’", "'")
    return spoken.translate(_SIGNS_OF)


def _problem(code: Code, pair: Pair, language: str, severity: Severity, values: Mapping[str, str]) -> Problem:
    problem = Problem.of if severity is Severity.ERROR else Problem.warning
    named = {"language": language, "excerpt": excerpt(pair.text), **values}
    return problem(Kind.TRANSLATION, code, pair.source, pair.line, **named)
