"""A page -> the same with words that no line parts, in the languages where it would.

A Korean line ends at a space between words; by Unicode's rules (UAX 14) it may end after each syllable, and WeasyPrint
70 passes over `word-break: keep-all`. A word of the others can have a hyphen of its own (dahan-dahan,
lavez-vous), and a program that reads a PDF takes one at a line's end for none. A word joiner draws nothing, and the
text layer is made of what is drawn, so that none is copied out of a PDF.
"""

import re
from xml.etree.ElementTree import Element

_SYLLABLE, _OTHER = "\uac00-\ud7a3", r"[^\s/,;:·~\u2010-\u2015-]"
_WITHIN_WORDS = {
    "ko": re.compile(f"(?<=[{_SYLLABLE}])(?={_OTHER})|(?<={_OTHER})(?=[{_SYLLABLE}])"),
    **dict.fromkeys(("bn", "fil", "fr", "ht", "pa", "pt-BR", "ro"), re.compile(r"(?<=\S-)(?=\w)")),
}
"""Where no line may end, by language."""
_JOINER = "\u2060"


def kept_whole(text: str, language: str) -> str:
    """Return a text of this language with word joiners in its words, where a line could part one."""
    within = _WITHIN_WORDS.get(language)
    return within.sub(_JOINER, text) if within else text


def keep_words_whole(page: Element) -> None:
    """Put word joiners into the words of the page's elements in these languages."""
    waiting = [(page, "")]
    while waiting:
        element, language = waiting.pop()
        language = element.attrib.get("lang", language)
        if element.text:
            element.text = kept_whole(element.text, language)
        for child in element:
            if child.tail:
                child.tail = kept_whole(child.tail, language)
            if isinstance(child.tag, str) and child.tag != "style":
                waiting.append((child, language))
