"""A text -> what it was before a program took its bytes for those of another code page, or "" where nobody did.

UTF-8 that was read as Windows-1252 shows José as JosÃ©. The way back is tried with each code page in use; what comes
out counts only where the text holds what no name and no sentence has, so that nothing real is taken for damage.
"""

import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_CODE_PAGES = ("cp1252", "latin-1", "cp1250", "cp1251", "cp1254", "cp1256", "mac-roman", "cp437", "cp850", "gbk")
_KEPT = 64
"""Texts: a table's cell is looked at twice, as a cell and as the detail that it is."""
_BETWEEN_LETTERS = frozenset("'’‘ʻʼ`´-‐‑–·.,()/& \t\n\u00a0\u200c\u200d\u200e\u200f")
"""What stands in names and sentences beside letters and digits."""
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8}\d{0,2});", re.IGNORECASE | re.ASCII)
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]")
_FIRST_OF_BIG5, _RARE_IN_BIG5 = b"\xa4\x40", b"\xc9\x40"
"""Big5 has its 5,401 letters of everyday use before those of its second plane."""
_IN_NO_NAME = re.compile("[¡¢£¤¥¦§¨©«¬®¯±²³¶¸¹»¼½¾¿×÷†‡•‰€™√∂∞≈◊\u2502-\u259f]")
"""Signs that code pages have where others have letters (Ma³gorzata), and that are in no person's name."""


@lru_cache(maxsize=_KEPT)
def unmisread(text: str) -> str:
    """Return the text as it was, or "" where it was not misread. HTML's names for characters (&#39;) are read, too."""
    if "&" in text and _ENTITY.search(text) and (read := html.unescape(text)) != text:
        return read
    return "" if text.isascii() else next(filter(_is_plausible, _readings(text)), "")


def _readings(text: str) -> Iterator[str]:
    """Yield what the bytes of each code page are as UTF-8, if the text holds what no real one does."""
    for code_page in _CODE_PAGES:
        try:
            found = _as_bytes(text, code_page).decode()
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if not _is_suspicious(text):
            return
        yield found


def _as_controls(error: UnicodeError) -> tuple[bytes, int]:
    if isinstance(error, UnicodeEncodeError):
        rest = error.object[error.start : error.end]
        if all("\x80" <= letter < "\xa0" for letter in rest):
            return rest.encode("latin-1"), error.end
    raise error


_CONTROLS = "handouts.controls"
codecs.register_error(_CONTROLS, _as_controls)


def holds_signs(name: str) -> bool:
    """Return whether a name holds signs that are in no name: one code page was taken for another."""
    return not name.isascii() and _IN_NO_NAME.search(name) is not None


def _as_bytes(text: str, code_page: str) -> bytes:
    """Return the bytes; Windows-1252 and its kin pass on what they have no letter for as the control of that number."""
    return text.encode(code_page, _CONTROLS if code_page.startswith("cp125") else "strict")


def _is_suspicious(text: str) -> bool:
    """Return whether a text holds what few names have: signs, controls, two scripts in a word, rare letters."""
    return (
        "–" in text
        or "\u00a0" in text
        or any(map(_is_sign, text))
        or any(map(_is_mixed, text.split()))
        or _has_rare_ideographs(text)
    )


def _is_sign(letter: str) -> bool:
    return not letter.isascii() and letter not in _BETWEEN_LETTERS and unicodedata.category(letter)[0] in "CPSN"


def _is_mixed(word: str) -> bool:
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
    return len(scripts) > 1 and "LATIN" in scripts


def _has_rare_ideographs(text: str) -> bool:
    """Return whether a Chinese letter is of no everyday use: neither simplified (GB 2312) nor traditional (Big5)."""
    return not all(map(_is_everyday, _IDEOGRAPHS.findall(text)))


def _is_everyday(ideograph: str) -> bool:
    try:
        return bool(ideograph.encode("gb2312"))
    except UnicodeEncodeError:
        return _FIRST_OF_BIG5 <= ideograph.encode("big5", "ignore") < _RARE_IN_BIG5


def _is_plausible(text: str) -> bool:
    """Return whether what came out is text: letters that do not begin with a mark, of one script in each word."""
    return (
        bool(text)
        and not any(map(_is_sign, text))
        and not any(map(_begins_with_a_mark, text.split()))
        and not any(map(_is_mixed, text.split()))
    )


def _begins_with_a_mark(word: str) -> bool:
    return unicodedata.category(word[0])[0] == "M"
