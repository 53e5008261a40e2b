"""One value as it was typed -> a checked value, or a ValueFault that says what is wrong without repeating the value."""

import re
import unicodedata

from handouts.addresses import mailbox
from handouts.codes import Code
from handouts.errors import ValueFault
from handouts.languages import closest_tag, known_tags, meant_tag
from handouts.letters import stack_of_marks
from handouts.misread import holds_signs, unmisread

MAXIMUM_NAME = 200
"""Code points: a name of 100 characters, each with a combining mark."""
MAXIMUM_NOTE = 600
MAXIMUM_ITEMS = 20

_KEPT_FORMAT = "\u200c\u200d"  # ZWNJ and ZWJ spell Persian and Indic names (docs/explanation/facts.md).
_MARKS = "\u200e\u200f\u061c"
"""Invisible marks that a person types to put a number or a full stop in its place (Unicode UAX 9, 2.6)."""
_ISOLATES = "\u2066\u2067\u2068\u2069"
_PAIR = re.compile("[\u2066-\u2068]([^\u2066-\u2069\n]*)\u2069")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # Letters and a pattern that print nothing.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufff9-\ufffc\U000e0000-\U000e007f"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""C0 and C1 without white space, what no text may hold (Unicode 16, 23.7), what stands for something that is not there,
and tags: none is typed in a name or a note, and what was dropped in silence would be another name."""
_OWN_FORMS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
"""CJK compatibility ideographs: NFC makes another letter of each that has a twin (Unicode 16, 23.1)."""
_ZAWGYI = re.compile(
    "(?:^|[^\u1000-\u102a\u103b-\u103f\u1050-\u109f\uaa60-\uaa7f])\u1031|\u1039(?:$|[^\u1000-\u1021\u1050-\u109f])"
)
"""Burmese for fonts of before Unicode: the vowel sign before its letter, a stacker under which nothing stands."""
_PLAIN = re.compile(r"[a-z][a-z0-9_.-]{0,39}")


def is_plain(key: str) -> bool:
    """Return whether a typed name is spelt as names of fields and settings are: anything else may be a value."""
    return _PLAIN.fullmatch(key) is not None


def redacted(key: str) -> str:
    """Return a typed name as a Problem may show it: "?" where it may be a patient's value in the wrong place."""
    return key if is_plain(key) else "?"


def cleaned(text: str, *, lines: bool = False, marks: bool = False) -> str:
    """Return `text` in NFC without control and bidi control characters, white space single; `lines` keeps line ends.

    Unicode's bidi controls (UAX 9) could turn a neighbouring telephone number round; ZWJ and ZWNJ belong to names.
    `marks` keeps those that turn nothing outside themselves: the marks LRM, RLM and ALM, and isolates in pairs.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    harmless = _KEPT_FORMAT + (_MARKS + _ISOLATES if marks else "")
    kept = []
    for character in composed(text.replace("\r\n", "\n").replace("\r", "\n")):
        if character == "\n" and lines:
            kept.append("\n")
        elif character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp") or character in harmless:
            kept.append(character)
    joined = _paired("".join(kept))
    return "\n".join(" ".join(line.split()) for line in joined.split("\n")).strip()


def composed(text: str) -> str:
    """Return a text in NFC, but for ideographs of a form of their own: U+FA19 in a name is no U+795E."""
    return "".join(
        part if index % 2 else unicodedata.normalize("NFC", part) for index, part in enumerate(_OWN_FORMS.split(text))
    )


def _paired(text: str) -> str:
    """Return a text with those isolates alone that stand in pairs on one line."""
    split = _PAIR.split(text)
    stripped = [part.translate(dict.fromkeys(map(ord, _ISOLATES))) for part in split]
    begins = [match[0][0] for match in _PAIR.finditer(text)]
    return "".join(
        part if index % 2 == 0 else f"{begins[index // 2]}{part}\u2069" for index, part in enumerate(stripped)
    )


def words(value: object, *, marks: bool = False) -> str:
    """Return one line of text of any length; a whole number gives its digits. `marks` is for sentences, not names."""
    return cleaned(_undamaged(value), marks=marks)


def _undamaged(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueFault(Code.WRONG_TYPE, wanted="text in quotes")
    if isinstance(value, int) and abs(value) >= 10**MAXIMUM_NAME:
        raise ValueFault(Code.TOO_LONG, maximum=str(MAXIMUM_NAME))
    text = str(value)
    if text.isascii() and text.isprintable() and "&" not in text:
        return text
    if unmisread(text):
        raise ValueFault(Code.DAMAGED_TEXT)
    if any(0xD800 <= ord(character) <= 0xDFFF or character == "\ufffd" for character in text) or (
        stack_of_marks(unicodedata.normalize("NFC", text)) >= 0
    ):
        raise ValueFault(Code.DAMAGED_TEXT)
    if _ZAWGYI.search(text):
        raise ValueFault(Code.ZAWGYI)
    if _CONTROL.search(text):
        raise ValueFault(Code.CONTROL_CHARACTER)
    return text


def _short(text: str, maximum: int) -> str:
    if len(text) > maximum:
        raise ValueFault(Code.TOO_LONG, maximum=str(maximum))
    return text


def line(value: object) -> str:
    """Return one line of text, no longer than a name."""
    return _short(words(value), MAXIMUM_NAME)


def name(value: object) -> str:
    """Return a person's name, in any script."""
    if not isinstance(value, str):
        raise ValueFault(Code.WRONG_TYPE, wanted="text in quotes")
    text = line(value)
    if holds_signs(text):
        raise ValueFault(Code.DAMAGED_TEXT)
    if not any(map(_prints, text)):
        raise ValueFault(Code.EMPTY_VALUE)
    return text


def _prints(character: str) -> bool:
    """Return whether a character prints something without another one before it."""
    category = unicodedata.category(character)
    return category != "Cf" and category[0] not in "MZ" and character not in _BLANK


def note(value: object) -> str:
    """Return the clinician's note: a few lines."""
    return _short(cleaned(_undamaged(value), lines=True, marks=True), MAXIMUM_NOTE)


def email(value: object) -> str:
    """Return the one mailbox that an address names."""
    address = mailbox(_undamaged(value))
    if not address:
        raise ValueFault(Code.NOT_AN_ADDRESS)
    return address


def language(value: object) -> str:
    """Return the tag of languages.toml that a text means: a tag, or a language's name."""
    text = words(value)
    found = meant_tag(text)
    if text and not found:
        known = ", ".join(known_tags())
        raise ValueFault(Code.PATIENT_LANGUAGE_UNKNOWN, nearest=closest_tag(text), known=known)
    return found


def listed(value: object) -> tuple[str, ...]:
    """Return a list of texts of any length; one text is a list of one."""
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MAXIMUM_ITEMS:
        raise ValueFault(Code.TOO_MANY, maximum=str(MAXIMUM_ITEMS))
    return tuple(text for text in map(words, items) if text)


def many(value: object) -> tuple[str, ...]:
    """Return a list of texts, none longer than a name."""
    return tuple(_short(text, MAXIMUM_NAME) for text in listed(value))
