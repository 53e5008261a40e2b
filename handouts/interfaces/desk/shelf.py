"""The clinic's library -> what a person at the desk looks through, in the language that the staff reads."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from handouts.errors import InputError
from handouts.inline import without_marks
from handouts.press import Press
from handouts.records import Block, Document


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One document, in its `language`; `head` is what is looked through first, and `words` are all of its others."""

    id: str
    title: str
    summary: str
    procedures: tuple[str, ...]
    language: str
    head: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """What the clinic is called and looks like, and every document that it can hand out, by title."""

    clinic: str
    clinic_language: str
    primary: str
    tint: str
    country: str
    documents: tuple[Listed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LookThrough:
    """Reads the library for staff who read the language `tag`; a document that it lacks stands in its own."""

    tag: str
    today: date

    def __call__(self, press: Press) -> Shelf:
        """Return the shelf; raise InputError with every Problem of clinic.toml."""
        branding = press.branding(self.today)
        found = (self._listed(press, document) for document in press.library(self.today))
        name, language = branding.text("name", self.tag)
        return Shelf(
            clinic=name,
            clinic_language=language,
            primary=branding.colours.primary,
            tint=branding.colours.tint,
            country=branding.country,
            documents=tuple(sorted(found, key=lambda each: folded(each.title))),
        )

    def _listed(self, press: Press, document: Document) -> Listed:
        text = in_language(press, document, self.tag, self.today)
        procedures = tuple(each.text for each in text.treatments.values())
        head = (text.title.text, text.summary.text, *procedures, *map(_spaced, (text.id, *text.treatments)))
        return Listed(
            id=text.id,
            title=text.title.text,
            summary=text.summary.text,
            procedures=procedures,
            language=text.language,
            head=folded(" ".join(head)),
            words=" ".join(dict.fromkeys(folded(" ".join(_words(text.blocks))).split())),
        )


def in_language(press: Press, document: Document, tag: str, today: date) -> Document:
    """Return a document in the staff's language, or as it was written where it is not translated."""
    try:
        return press.text(document.id, tag, today)
    except InputError:
        return document


def folded(text: str) -> str:
    """Return a text without what makes no difference to who looks for it: case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def _spaced(identifier: str) -> str:
    return identifier.replace("-", " ")


def _words(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield every text: a symptom may be found by any of them."""
    for block in blocks:
        if block.text:
            yield without_marks(block.text)
        yield from _words(block.children)
