"""The library's glossary and a document -> the medical terms that it uses and nowhere explains."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import Field

from handouts.checking import AS_TUPLE, StrictModel, check, toml_file
from handouts.errors import Kind
from handouts.quality.reading import PROSE, plain_text, texts, words
from handouts.records import Document
from handouts.resources import Resources, read_text

GLOSSARY_FILE = "glossary.toml"
_WITHIN = PROSE | {"period"}
"""Where a term meets the patient: running text and the rows of the table of waiting periods."""
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "a an and another around as at be by for from has have how in into it its keep keeps kind made most not of on "
        "one or other part should skin some something that the them they thing this to under use used when where "
        "which with you your",
    )
)
"""Words of a definition that say nothing by themselves; in this library "skin" is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicalTerm:
    """A term of the library's glossary: `plain` explains it; `everyday` terms need no explanation beside them."""

    term: str
    plain: str
    everyday: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Undefined:
    """A term that a document uses without explaining it: where first, and what the glossary says instead."""

    term: str
    plain: str
    line: int


class _Entry(StrictModel):
    term: Annotated[str, Field(min_length=1)]
    plain: Annotated[str, Field(min_length=1)]
    everyday: bool = False


class _File(StrictModel):
    terms: Annotated[tuple[_Entry, ...], AS_TUPLE]


def medical_terms(resources: Resources) -> tuple[MedicalTerm, ...]:
    """Return the terms of library/glossary.toml, the clinic's over the shipped; raise InputError for a bad file."""
    found: dict[str, MedicalTerm] = {}
    for path in resources.stacked("library", GLOSSARY_FILE):
        source = resources.display(path)
        text = read_text(path, kind=Kind.DOCUMENT, source=source)
        data, file = toml_file(text, kind=Kind.DOCUMENT, source=source)
        for entry in check(_File, data, file).terms:
            found[entry.term.lower()] = MedicalTerm(term=entry.term, plain=entry.plain, everyday=entry.everyday)
    return tuple(found.values())


def undefined(document: Document, terms: Sequence[MedicalTerm]) -> tuple[Undefined, ...]:
    """Return the terms that the document uses and does not explain, in the order of their first use.

    A term is explained where one text holds it and says what it means: with "T means"; with "T is", "T, a", "T (" or
    "(T" and a word of its plain explanation; or with half of the words of that explanation. Everyday terms are
    passed over, and so is the treatment that the sheet is about.
    """
    own = {label.text.lower() for label in document.treatments.values()}
    read = [
        (plain_text(text.text), text.line) for text in texts(document) if text.context.rpartition(" ")[2] in _WITHIN
    ]
    found = {}
    for text, line in read:
        for term in _used(text, terms):
            if not term.everyday and term.term.lower() not in own and term.term not in found:
                found[term.term] = Undefined(term=term.term, plain=term.plain, line=line)
    explained = {term.term for text, _ in read for term in terms if term.term in found and _explains(text, term)}
    return tuple(term for name, term in found.items() if name not in explained)


def _used(text: str, terms: Sequence[MedicalTerm]) -> Iterator[MedicalTerm]:
    """Yield the terms that occur in a text; "hyaluronic acid serum" is not also a "serum"."""
    rest = text
    for term in sorted(terms, key=lambda term: -len(term.term)):
        rest, count = english_word(term.term).subn(" ", rest)
        if count:
            yield term


@cache
def english_word(term: str) -> re.Pattern[str]:
    """Return a pattern for an English term as a whole word or words, its plural included, in any case."""
    stem = re.escape(term[:-1]) + "(?:y|ies)" if re.search(r"[^aeiou]y\Z", term) else re.escape(term) + "(?:e?s)?"
    return re.compile(rf"(?<![\w-]){stem}(?![\w-])", re.IGNORECASE)


def _explains(text: str, term: MedicalTerm) -> bool:
    name = english_word(term.term).pattern
    if not re.search(name, text, re.IGNORECASE):
        return False
    wanted = _stems(term.plain) - _stems(term.term)
    shared = wanted & _stems(text)
    if re.search(rf"{name} means?\b", text, re.IGNORECASE):
        return True
    if shared and re.search(rf"{name}(?: is | are |, an? | \()|\({name}", text, re.IGNORECASE):
        return True
    return len(shared) >= max(1, len(wanted) / 2)


def _stems(text: str) -> frozenset[str]:
    """Return the words that carry meaning, in lower case and without their endings."""
    kept = (word.lower() for word in words(text) if word.lower() not in _FILLERS)
    return frozenset(re.sub(r"(?<=\w{3})(?:ing|ed|es|s|y|e)\Z", "", word) for word in kept)
