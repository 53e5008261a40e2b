"""A laid-out page and samples of values -> fonts that have, from the start, the letters which most values are made of.

A value with another letter brings it in a small font of its sheet, which takes time. What is in the fonts must not
depend on the values that happened to come first: the same sheet has the same bytes.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from handouts.typesetting.engine import Brush, Layout, lines, style_key
from handouts.typesetting.personalising.places import Place
from handouts.typesetting.text_layer import SHAPED

_TYPED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;-'’()/+&@# ff fi fl ffi ffl fj"
_MANY = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Letters of which there are thousands: those of a page say little of those of a name."""
_WORD = re.compile(rf"(?:\w|{SHAPED.pattern})+")  # A sign that stands on a letter is no \w.


def have_letters(document: Any, places: Iterable[Place], samples: Sequence[str]) -> None:
    """Draw letters of the page and samples in the style of each place, on nothing: their glyphs get into the fonts."""
    styles = {style_key(place.box.style): place.box.style for place in places}
    brush = Brush(document)
    texts = (*samples, *_texts(document))
    for style in styles.values():
        for direction in ("ltr", "rtl"):  # Against its direction, a line would have its brackets turned round.
            turned = style.copy()
            turned["direction"] = direction
            layout = Layout(turned)
            for text in texts:
                if _direction(text) == direction:
                    layout.set_text(text)
                    brush.draw(_Box(turned, layout, text))


def _direction(text: str) -> str:
    return "rtl" if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text) else "ltr"


class _Box:
    """What is to be drawn, with what WeasyPrint asks of a text box."""

    __slots__ = ("baseline", "pango_layout", "style", "text")

    def __init__(self, style: Any, layout: Any, text: str) -> None:
        self.style, self.pango_layout, self.text, self.baseline = style, layout, text, 0


def _texts(document: Any) -> Iterator[str]:
    """Yield the letters of the page as a line, and whole words where a letter's glyph depends on those around it."""
    words = {word for page in document.pages for box, _ in lines(page) for word in _WORD.findall(box.text)}
    shaped = sorted(word for word in words if SHAPED.search(word))
    letters = {letter for word in words if not SHAPED.search(word) for letter in _MANY.sub("", word)}
    both = {other for letter in letters for other in (letter, letter.upper(), letter.lower()) if len(other) == 1}
    yield _TYPED
    yield "".join(sorted(both - {*_TYPED}))
    yield from shaped
    yield " ".join(_syllables("".join(shaped)))


def _syllables(text: str) -> Iterator[str]:
    """Yield each letter with each of the signs that stand on letters: some have another glyph for each width."""
    scripts: dict[str, tuple[set[str], set[str]]] = {}
    for letter in {*text} & {*filter(SHAPED.match, text)}:
        letters, signs = scripts.setdefault(unicodedata.name(letter, "").partition(" ")[0], (set(), set()))
        (signs if unicodedata.category(letter) == "Mc" else letters).add(letter)
    for letters, signs in scripts.values():
        yield from (letter + sign for letter in sorted(letters) if letter.isalpha() for sign in sorted(signs))
