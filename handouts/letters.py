"""A text -> its letters alone, so that what was written, laid out and printed can be compared."""

import re
import unicodedata

_SAME = str.maketrans(
    {"(": ")", "[": "]", "{": "}", "«": "»", "‹": "›", "<": ">", "\u0131": "i", "\u2010": "-", "\u2011": "-"}
)
"""Brackets that a line from right to left turns round, the dotless i that capitals lose, and hyphens."""
_DOT_ABOVE = "\u0307"


MAXIMUM_MARKS = 8
"""Marks over and under one letter: no script needs more than five, and hundreds cover what stands above and below."""
_STACK = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0e31\u0e34-\u0e4e"
    f"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{MAXIMUM_MARKS + 1}}}"
)
"""The marks that fonts put on top of each other, as many as come."""


def stack_of_marks(text: str) -> int:
    """Return where a letter has more marks than any script needs, or -1."""
    found = None if text.isascii() else _STACK.search(text)
    return found.start() if found else -1


class _Alone(dict[int, int | None]):
    """What stands for each character of folded text: another one, itself, or nothing."""

    def __missing__(self, code: int) -> int | None:
        """Return and remember it."""
        letter = chr(code)
        is_seen = not letter.isspace() and unicodedata.category(letter) not in ("Cf", "Cc")
        self[code] = kept = code if is_seen else None
        return kept


_ALONE = _Alone({code: ord(same) for code, same in _SAME.items()})


def letters_of(text: str) -> str:
    """Return the letters, digits and signs of `text` in their order, whatever their case.

    Without spaces, invisible formatting characters (Unicode category Cf) and controls; compatibility forms (NFKC) and
    capitals count as the same letter, since a style may set a heading in capitals and fonts join letters.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace(_DOT_ABOVE, "")
    return folded.translate(_ALONE)


def words_of(text: str) -> str:
    """Return the letters of each word of `text`, with one space between the words."""
    return " ".join(filter(None, map(letters_of, text.split())))
