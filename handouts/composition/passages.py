"""A text with its language and direction -> what a template prints of it: in an element, an attribute, a style."""

import re
from dataclasses import dataclass, replace
from html import unescape

from markupsafe import Markup, escape

from handouts.composition.bidi import direction, ordered
from handouts.languages import Language, is_written_in, lineage

_BEGIN, _TEXT, _END = "\ufdd0", "\ufdd1", "\ufdd2"
"""Noncharacters (Unicode 23.7): no font draws them, no text holds them."""
_MARKED = re.compile(f"{_BEGIN}([A-Za-z-]*) (ltr|rtl|){_TEXT}([^{_BEGIN}{_TEXT}{_END}]*){_END}")
_NO_ELEMENTS = re.compile(
    r"""<(?:
    !--.*?(?:-->|\Z)
    |(style|title|script)\b.*?(?:</\1\s*+>|\Z)
    |[a-z/!?](?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+)*+(?:>|\Z)
    )""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
"""A comment, an element of mere text, a tag; each goes on to the page's end where it has none of its own."""
_COMMAS = (("\u0600", "\u06ff", "\u060c "), ("\u3400", "\u9fff", "\uff0c"))
"""First and last letter of a script, and its comma, where that is not ", "."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A text with its language where that is known and another than the sheet's, else "", and its direction.

    `dir` is "" where the text is one of the sheet's own, such as a date.
    `{{ passage }}` prints the words: in an element with their language and direction, in an attribute, a title or a
    style alone (see `marked_up`).
    """

    text: str
    lang: str = ""
    dir: str = ""

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return f"{_BEGIN}{self.lang} {self.dir}{_TEXT}{escape(self.text)}{_END}"

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def ordered(self) -> Markup:
        """The text as HTML for an element that has the passage's direction: numbers and names in it do not turn."""
        return ordered(self.text, self.dir) if self.dir else escape(self.text)

    def lines(self) -> tuple["Passage", ...]:
        """Return the lines of the text, each in the direction of its own first letter."""
        if "\n" not in self.text and direction(self.text, self.dir) == self.dir:
            return (self,)
        return tuple(replace(self, text=line, dir=direction(line, self.dir)) for line in self.text.split("\n"))

    def in_one_line(self) -> "Passage":
        """Return the lines one after the other, each with the comma of its own script behind it."""
        first, *others = self.text.split("\n")
        text = first
        for line in others:
            text += _comma(text) + line
        return replace(self, text=text, dir=direction(text, self.dir))


def passage(text: str, sheet: Language, of: str = "") -> Passage:
    """Return a text as it stands on a sheet; `of` is the tag of its language, "" where it is not known.

    A text in the language that the sheet's is a variant of is one in the sheet's language.
    """
    return Passage(text=text, lang="" if of in lineage(sheet.tag) else of, dir=direction(text, sheet.direction))


def clinics_passage(text: str, sheet: Language, of: str) -> Passage:
    """Return a text of clinic.toml, which is in the language `of` only if it is written in that language's letters."""
    return passage(text, sheet, of if is_written_in(text, of) else "")


def marked_up(page: str, *, plain: bool) -> str:
    """Return a page with each printed passage as it must stand where it was printed.

    Inside a tag, a title or a style it is the words alone, elsewhere an element with language and direction. `plain`
    says that the page is no HTML.
    """
    if _BEGIN not in page:
        return page
    if plain:
        return _MARKED.sub(lambda match: match[3], page)
    bare = _NO_ELEMENTS.sub(lambda match: _MARKED.sub(lambda passage: passage[3], match[0]), page)
    return _MARKED.sub(_element, bare)


def _element(match: re.Match[str]) -> str:
    lang, direction_of_it, text = match.groups()
    if not direction_of_it:
        return text
    language = f' lang="{lang}"' if lang else ""
    words = ordered(unescape(text), direction_of_it)
    return f'<span class="run"{language} dir="{direction_of_it}">{words}</span>'


def _comma(text: str) -> str:
    """Return what stands between a line and the next by the script of its last letter."""
    last = next((letter for letter in reversed(text) if letter.isalpha()), "")
    return next((comma for first, final, comma in _COMMAS if first <= last <= final), ", ")
