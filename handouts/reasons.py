"""A reason as somebody typed it -> whether it says why: dashes, single letters and "none" do not."""

import unicodedata

_NOTHING = frozenset(
    ("asap", "nil", "nada", "no", "none", "ninguno", "not", "applicable", "reason", "test", "todo", "tbd")
)


def says_why(reason: str, *, words: int) -> bool:
    """Return whether `reason` has so many different words of letters; no word is shorter than two letters.

    Words that say that there is no reason do not count. Of Chinese, which does not part its words, two characters are
    one.
    """
    text = "".join(letter.casefold() if unicodedata.category(letter)[0] in "LM" else " " for letter in reason)
    found = {word for word in text.split() if len(word) > 1 and len(set(word)) > 1} - _NOTHING
    return sum(len(word) // 2 if _is_chinese(word) else 1 for word in found) >= words


def _is_chinese(word: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("CJK") for letter in word)
