"""A text of a document -> its sentences and words, in every script that sheets are set in."""

import math
import re
import unicodedata
from dataclasses import dataclass

from handouts.inline import SpanKind, spans
from handouts.records import Document, Message, rewrite

PROSE = frozenset({"summary", "paragraph", "item", "question", "answer"})
"""The kinds of text that are read as sentences. Flesch: test the running text, skip titles and headings (How to Write
Plain English, 1979, chapter 2). Labels, headings and rows of tables are fragments and would flatter a document."""

HAN_PER_WORD = 1.6
"""Characters to a Chinese word: 824,983 / 507,222 in the Penn Chinese Treebank 5.0 (LDC2005T01)."""

KANA_PER_WORD = 2.0
"""Characters to a word of a text with kana, which is Japanese: an English word is about two Japanese characters, so
that the 10 to 20 words of English manuals for the public make a sentence of up to about 40 characters (University of
Tokyo, ez2understand.ifi.u-tokyo.ac.jp/checklist-basic/yomiyasusa, 2023, item 5: leaflets on health). The Agency for
Cultural Affairs' average of 50 (文章の書き方) is for any reader, not for a patient."""

_MARKS = "".join(chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code))[0] == "M")
KANA = "\u3040-\u30ff"
HAN = rf"{KANA}\u3400-\u9fff"
LETTER = rf"(?:[^\W_{HAN}]|[{_MARKS}\u200c\u200d])"
"""One character of a word in a script that has words: a letter, a digit, a vowel sign or a joiner."""

_WORD = re.compile(rf"{LETTER}+(?:[-‑'’]{LETTER}+|(?<=\d)[.,\u066b](?=\d){LETTER}+)*")
_HAN = re.compile(rf"[{HAN}]")
_KANA = re.compile(rf"[{KANA}]")
_CLOSERS = "\"'”’»›)\\]）】」』*"
_ENDS = ".!?…؟۔।॥։።။"
_LETTER_FOLLOWS = re.compile(r"[^\W\d_]\.")
_LETTER_BEFORE = re.compile(r"\b[^\W\d_]\.\s*\Z")
_END = re.compile(rf"(?:(?<![{_ENDS}])[{_ENDS}]++[{_CLOSERS}]*+(?=\s|\Z)|[。！？]+[{_CLOSERS}]*)")
_BEFORE = re.compile(rf"(?<!{LETTER})({LETTER}++)\Z")
_ABBREVIATED = re.compile(r"\b[^\W\d_A-Z]\.\s?[A-Z]\Z")  # z. B.
_ABBREVIATIONS = frozenset({"bzw", "ca", "dr", "dra", "etc", "evtl", "mr", "mrs", "nr", "prof", "sr", "sra", "vs"})
_FILLED_IN = "X"  # What branding puts for a placeholder is one word.


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence: its words as read, the line of its block and how many words it has."""

    text: str
    line: int
    words: int


def plain_text(markup: str) -> str:
    """Return the words of inline Markdown as a patient reads them; each placeholder is one word."""
    return "".join(_FILLED_IN if span.kind is SpanKind.PLACEHOLDER else span.text for span in spans(markup))


def texts(document: Document) -> tuple[Message, ...]:
    """Return every text of the document in reading order, repeated ones too."""
    found: list[Message] = []

    def collect(message: Message) -> str:
        found.append(message)
        return message.text

    rewrite(document, collect)
    return tuple(found)


def prose(document: Document) -> tuple[Sentence, ...]:
    """Return the sentences of the document's running text; a text without a full stop is one sentence."""
    return tuple(
        Sentence(text=sentence, line=message.line, words=count_words(sentence))
        for message in texts(document)
        if message.context.rpartition(" ")[2] in PROSE
        for sentence in sentences(plain_text(message.text))
    )


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text. Decimal points and usual abbreviations do not end one."""
    found = []
    start = 0
    for match in _END.finditer(text):
        if _ends_here(text, match):
            found.append(text[start : match.end()].strip())
            start = match.end()
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if count_words(sentence))


def _ends_here(text: str, match: re.Match[str]) -> bool:
    rest = text[match.end() :].lstrip()
    if rest[:1].islower():
        return False
    if match[0] != "." or not rest:
        return True
    before = _BEFORE.search(text, 0, match.start())
    word = before[1] if before else ""
    # "z. B." and "u. a." are letters in a row; "ý." (Vietnamese) and "a." (Creole) are words that end a sentence.
    in_a_row = _LETTER_FOLLOWS.match(rest) or _LETTER_BEFORE.search(text, 0, match.start() - 1)
    initial = len(word) == 1 and word.islower() and in_a_row
    return not (initial or word.lower() in _ABBREVIATIONS or _ABBREVIATED.search(text, 0, match.start()))


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, figures among them; what has a hyphen or an apostrophe inside is one word.

    Han characters are not among them: `count_words` counts those.
    """
    return tuple(_WORD.findall(text))


def count_words(text: str) -> int:
    """Return how many words a text has; HAN_PER_WORD Chinese or KANA_PER_WORD Japanese characters count as one."""
    per_word = KANA_PER_WORD if _KANA.search(text) else HAN_PER_WORD
    return len(words(text)) + math.ceil(len(_HAN.findall(text)) / per_word)


def is_abbreviation(word: str) -> bool:
    """Return whether a word stands in capitals, such as SPF."""
    return len(word) > 1 and word.isupper()


def letters(text: str) -> int:
    """Return how many letters and digits a text has."""
    return sum(character.isalnum() for word in words(text) for character in word)


def excerpt(text: str) -> str:
    """Return the first 60 characters of a text, for a Problem to name it by."""
    return text if len(text) <= 60 else text[:57] + "..."
