"""A text -> its letters alone, so that what was written, laid out and printed can be compared."""

import unicodedata

_SAME = str.maketrans(
    {"(": ")", "[": "]", "{": "}", "«": "»", "‹": "›", "<": ">", "\u0131": "i", "\u2010": "-", "\u2011": "-"}
)
"""Brackets that a line from right to left turns round, the dotless i that capitals lose, and hyphens."""
_NOT_PRINTED = ("Cf", "Cc", "Zs", "Zl", "Zp")
_DOT_ABOVE = "\u0307"


def letters_of(text: str) -> str:
    """Return the letters, digits and signs of `text` in their order, whatever their case.

    Without spaces, invisible formatting characters (Unicode category Cf) and controls; compatibility forms (NFKC) and
    capitals count as the same letter, since a style may set a heading in capitals and fonts join letters.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace(_DOT_ABOVE, "").translate(_SAME)
    return "".join(
        letter for letter in folded if not letter.isspace() and unicodedata.category(letter) not in ("Cf", "Cc")
    )
