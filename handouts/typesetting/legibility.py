"""A laid-out sheet, its PDF and what it must show -> a Problem for each part of the sheet that a patient cannot read.

Nothing here reads a style: whatever hides a text (display, opacity, white on white, 1 pt, a box on top of it) shows in
the pages that were laid out, in their picture, or in their text layer.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.letters import letters_of
from handouts.records import ComposedHandout, PageText
from handouts.typesetting.lines import Paragraph, Piece, paragraphs

if TYPE_CHECKING:
    from handouts.typesetting.picture import Letters
    from handouts.typesetting.setting import Setting

CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum)."""
_WHOLE_DOTS, _THIN_LETTER = 0.97, 0.88
"""Shares of a letter's true contrast that its picture shows: of a line's clearest letter, of its thinnest one.

Measured at 150 dpi in en, ar, fa, hi, uk, vi and zh-Hans, 12 pt and 18 pt: at least 0.96 and 0.92.
"""
_WHOLE_LETTERS, _WHOLE_SIGNS = 0.7, 0.4
"""Mean share of their boxes that letters show in: measured at least 0.80; signs such as a colon, 0.55."""
_LEAST_ROOM, _MOST_ROOM, _MOST_ON_SPACE, _MOST_OVERLAP = 0.75, 2, 0.6, 0.4
"""Shares of what the font has: the middle room of a text's letters, what they take of a space, of another text's.

Measured over every document in every language, on paper and screens, 12 pt and 18 pt: 0.83 to 1.0, 0.33 and 0.24.
"""
_LEAST_FIGURE = 0.5
"""Height of a figure as a share of its font's size: measured 0.72, as a superscript 0.43."""
_OTHERWISE = re.compile(
    "[\u0590-\u1cff\ua800-\udfff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00011fff\U0001e000-\U0001efff]"
)
"""Scripts from right to left, and those that set a letter before the one that it is read after."""
_UNEVEN = 1.5
"""Contrast within what lies behind a letter: measured 1.0. A line through most letters of a text strikes it out."""
_JOINED_LETTERS = 10
"""One letter in so many may be told beside its ink: PDFium shares a joined Devanagari sign out among its letters."""
_BESIDE = 0.35
"""Ems that letters may stand beside their box: a line from right to left begins where a space was taken off its end."""
_TOLERANCE = 0.05
"""Points that sizes may differ by rounding."""


class LegibilityFault(Enum):
    """Why a text cannot be read, worst first; the value is the code of a Problem."""

    MISSING = Code.TEXT_MISSING
    HIDDEN = Code.TEXT_HIDDEN
    COVERED = Code.TEXT_COVERED
    SQUEEZED = Code.TEXT_SQUEEZED
    PALE = Code.TEXT_PALE
    SMALL = Code.TEXT_SMALL
    MISPLACED = Code.TEXT_MISPLACED
    GARBLED = Code.TEXT_LAYER
    HEADING_SMALL = Code.HEADING_SMALL


def legibility(document: Any, pdf: bytes | None, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each kind of fault, with the names of the parts that have it and the clinic's own files.

    `document` is WeasyPrint's laid-out document, `pdf` the bytes that it wrote; without them no picture is looked at.
    """
    pictures = () if pdf is None else _pictures(pdf)
    names = faults(paragraphs(document), pictures, composed.contents, composed.smallest)
    for fault in LegibilityFault:
        if names[fault]:
            yield Problem.of(
                Kind.TEMPLATE,
                fault.value,
                composed.template_source,
                names=", ".join(sorted(names[fault])),
                smallest=f"{composed.smallest:g}",
            )


def _pictures(pdf: bytes) -> "Sequence[Letters]":
    from handouts.typesetting.picture import letters  # 0.1 s of numpy that a sheet of a known look does not need.

    return letters(pdf)


def faults(
    laid_out: Sequence[Paragraph], pictures: "Sequence[Letters]", contents: Sequence[PageText], smallest: float
) -> Mapping[LegibilityFault, set[str]]:
    """Return the names of the parts that have each fault; without `pictures`, only what is missing or too small.

    `smallest` is the least size of a letter in points.
    """
    pages = _Pages(paragraphs=laid_out, pictures=pictures, contents=contents, smallest=smallest)
    names: dict[LegibilityFault, set[str]] = defaultdict(set)
    for text, count in Counter(contents).items():
        fault = pages.fault(text, count)
        if fault is not None:
            names[fault].add(text.name)
    names[LegibilityFault.MISPLACED] |= set(pages.out_of_order())
    names[LegibilityFault.HEADING_SMALL] |= set(pages.small_headings()) - names[LegibilityFault.MISSING]
    return names


@dataclass(frozen=True, kw_only=True)
class _Pages:
    """What was laid out, and its picture."""

    paragraphs: Sequence[Paragraph]
    pictures: "Sequence[Letters]"
    contents: Sequence[PageText]
    smallest: float

    @cached_property
    def _judged(self) -> dict[Piece, LegibilityFault | None]:
        return {}

    def fault(self, text: PageText, count: int) -> LegibilityFault | None:
        """Return why a text cannot be read `count` times, or None; the worst fault of the best places counts."""
        places = self._places(text)
        if len(places) < count:
            return LegibilityFault.MISSING
        faults = sorted((self._worst(place.pieces) for place in places if self._is_under(text, place)), key=_rank)
        return faults[count - 1] if len(faults) >= count else LegibilityFault.MISPLACED

    def _is_under(self, text: PageText, place: "_Place") -> bool:
        """Return whether the last head of its kind before this place, or in its paragraph, is the text's own."""
        if not text.under:
            return True
        heads = self._row_heads if "." in text.under else self._part_heads
        before = [order for order in heads if order < place.order or (order == place.order and "." in text.under)]
        if not before or text.under not in heads[max(before)]:
            return False
        return max(before) == place.order or self._is_shown_under(text.under, place)

    def _is_shown_under(self, head: str, place: "_Place") -> bool:
        """Return whether no other head stands between a text and its own on the page: a style can move either.

        What stands beside a row's head is the row's; a part's heads count where they stand over the text.
        """
        piece, is_row = place.pieces[0], "." in head
        lowest = piece.baseline + _BESIDE * piece.size
        spots = self._spots.get((piece.page, _table(head)), ())
        own = [spot for name, spot in spots if name == head]
        above = max((spot.baseline for spot in own if spot.baseline <= lowest), default=None)
        if not own or above is None:
            return not own
        is_over = is_row or any(_overlaps(spot, piece) for spot in own if spot.baseline == above)
        highest = above + _BESIDE * piece.size * (1 if is_over else -1)
        return not any(
            name != head and highest < spot.baseline <= lowest and (is_row or _overlaps(spot, piece))
            for name, spot in spots
        )

    @cached_property
    def _cells(self) -> Sequence[Paragraph]:
        """Return each cell of a table that has several paragraphs, as one."""
        runs = (tuple(run) for cell, run in groupby(self.paragraphs, key=lambda one: one.cell) if cell is not None)
        return [
            Paragraph(order=run[0].order, pieces=tuple(piece for one in run for piece in one.pieces))
            for run in runs
            if len(run) > 1
        ]

    def out_of_order(self) -> Iterator[str]:
        """Yield the name of each text that stands before one that it follows, in the text or on the page."""
        last: dict[str, _Place] = {}
        for text in self.contents:
            places = self._places(text) if text.sequence else ()
            if places:
                before = last.get(text.sequence)
                place = next((one for one in places if before is None or _precedes(before, one)), None)
                last[text.sequence] = place or places[-1]
                if place is None:
                    yield text.name

    @cached_property
    def _heads(self) -> Sequence[tuple[str, "_Place"]]:
        """Return each place of each head."""
        return [(text.heads, place) for text in self.contents if text.heads for place in self._places(text)]

    @cached_property
    def _spots(self) -> Mapping[tuple[int, str], list[tuple[str, Piece]]]:
        """Return where heads begin, by page and by what they are compared with."""
        found: dict[tuple[int, str], list[tuple[str, Piece]]] = defaultdict(list)
        for head, place in self._heads:
            found[place.pieces[0].page, _table(head)].append((head, place.pieces[0]))
        return found

    @cached_property
    def _part_heads(self) -> Mapping[int, set[str]]:
        return _by_order((head, place) for head, place in self._heads if "." not in head)

    @cached_property
    def _row_heads(self) -> Mapping[int, set[str]]:
        return _by_order((head, place) for head, place in self._heads if "." in head)

    def small_headings(self) -> Iterator[str]:
        """Yield the name of each part of the sheet whose heading is smaller than a text of it."""
        sizes: dict[tuple[str, bool], list[float]] = defaultdict(list)
        for text in self.contents:
            place = next(iter(self._places(text)), None)
            if place is not None and not (text.is_phrase or text.varies):
                sizes[text.name, text.is_heading] += (piece.size for piece in place.pieces)
        for (name, is_heading), found in sizes.items():
            texts = sizes.get((name, False), [])
            if is_heading and texts and found and min(found) < max(texts) - _TOLERANCE:
                yield name

    @cached_property
    def _letters(self) -> Sequence[tuple[Paragraph, str]]:
        return [(paragraph, paragraph.letters) for paragraph in self.paragraphs]

    @cached_property
    def _letters_of_cells(self) -> Sequence[tuple[Paragraph, str]]:
        return [(cell, cell.letters) for cell in self._cells]

    @cached_property
    def _found(self) -> dict[PageText, Sequence["_Place"]]:
        return {}

    def _places(self, text: PageText) -> Sequence["_Place"]:
        """Return each place where a text stands.

        A heading is all of its paragraph, since “Do” is no part of “Do not”, and so is a patient's name or a note;
        what is not a phrase of some sentence begins its paragraph or ends it, since a style or a template may put
        something before it or after it.
        """
        if text not in self._found:
            wanted = letters_of(text.text)
            least = wanted.strip(_MARKS)
            self._found[text] = [
                _Place(order=paragraph.order, pieces=tuple(paragraph.between(start, end)))
                for paragraph, letters in (*self._letters, *(self._letters_of_cells if text.is_of_one_cell else ()))
                if least in letters
                for start, end in _stretches(letters, wanted, text)
            ]
        return self._found[text]

    def _worst(self, place: Sequence[Piece]) -> LegibilityFault | None:
        for piece in place:
            if piece not in self._judged:
                picture = self.pictures[piece.page] if self.pictures else None
                fault = None if picture is None else _fault_in_picture(piece, picture, self.smallest)
                self._judged[piece] = fault or (
                    LegibilityFault.SMALL if piece.size < self.smallest - _TOLERANCE else None
                )
        return min((self._judged[piece] for piece in place), key=_rank_of_worst, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a text stands: the order of its paragraph, and the pieces of it."""

    order: int
    pieces: tuple[Piece, ...]


def _table(head: str) -> str:
    """Return the part of the document that a row belongs to, or "" for the head of a part."""
    return head.partition(".")[0].partition(" ")[0] if "." in head else ""


def _overlaps(one: Piece, other: Piece) -> bool:
    return one.left < other.right and other.left < one.right


def _precedes(one: _Place, other: _Place) -> bool:
    first, second = one.pieces[0], other.pieces[0]
    if first.page != second.page:
        return first.page < second.page
    is_above = first.baseline < second.baseline or not _overlaps(first, second)
    return one.order < other.order and is_above


def _by_order(heads: Iterable[tuple[str, _Place]]) -> Mapping[int, set[str]]:
    """Return which heads stand in which paragraph, by its order."""
    found: dict[int, set[str]] = defaultdict(set)
    for head, place in heads:
        found[place.order].add(head)
    return found


def _stretches(found: str, wanted: str, text: PageText) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each stretch of a paragraph that is the text."""
    if text.is_alone:
        if found == wanted:
            yield 0, len(found)
    elif text.is_heading:
        if found.strip(_MARKS) == wanted.strip(_MARKS):
            yield 0, len(found)
    elif text.is_phrase or text.varies:
        start = found.find(wanted)
        while start >= 0:
            goes_on = start and wanted[0].isdigit() and found[start - 1].isdigit()
            if not (text.is_phrase and goes_on):  # “24 hours” is no part of “124 hours”.
                yield start, start + len(wanted)
            start = found.find(wanted, start + len(wanted))
    elif found.endswith(wanted):
        yield len(found) - len(wanted), len(found)
    elif found.startswith(wanted):
        yield 0, len(wanted)


_MARKS = ".:·•-–—0123456789)"
"""What may stand around a heading's words, such as its number."""
_ORDER = list(LegibilityFault)


def _rank(fault: LegibilityFault | None) -> int:
    """Return a number that is lower for the more readable."""
    return -1 if fault is None else len(_ORDER) - _ORDER.index(fault)


def _rank_of_worst(fault: LegibilityFault | None) -> int:
    return -_rank(fault)


def _fault_in_picture(piece: Piece, picture: "Letters", smallest: float) -> LegibilityFault | None:
    """Return the worst fault of one piece of text in the page's picture."""
    inside = (
        (picture.x >= piece.left - _BESIDE * piece.size)
        & (picture.x <= piece.right + _BESIDE * piece.size)
        & (picture.y >= piece.baseline - 1.15 * piece.size)
        & (picture.y <= piece.baseline + 0.4 * piece.size)
    )
    found = letters_of("".join(picture.characters[inside]))
    inside &= ~picture.is_mark
    contrast, share, ground = (part[inside] for part in (picture.contrast, picture.share, picture.ground))
    if not contrast.size or contrast.max() < picture.VISIBLE:
        return LegibilityFault.HIDDEN
    is_strange = len(found) > 1.5 * len(piece.letters) + 2
    is_partial = share.mean() < (_WHOLE_LETTERS if len(piece.letters) > 2 else _WHOLE_SIGNS)
    is_crossed = (ground > _UNEVEN).mean() > 0.5
    if contrast.min() < picture.VISIBLE or is_strange or is_partial or is_crossed:
        return LegibilityFault.COVERED
    if picture.setting is not None and (fault := _fault_in_setting(picture.setting.of(inside), smallest)):
        return fault
    palest = sorted(contrast)[len(contrast) // _JOINED_LETTERS]
    if palest < CONTRAST * _THIN_LETTER or contrast.max() < CONTRAST * _WHOLE_DOTS:
        return LegibilityFault.PALE
    is_whole = not (Counter(piece.letters) - Counter(found)).total() and _is_in_order(piece, picture, inside)
    return None if is_whole else LegibilityFault.GARBLED


def _fault_in_setting(letters: "Setting", smallest: float) -> LegibilityFault | None:
    """Return the worst fault of how the letters of one piece of text are set."""
    if letters.overlap.max() > _MOST_OVERLAP:
        return LegibilityFault.COVERED
    has_room = _LEAST_ROOM <= median(letters.room) <= _MOST_ROOM and letters.runs_on.max() <= _MOST_ON_SPACE
    if not (has_room and letters.is_upright.all()):
        return LegibilityFault.SQUEEZED
    is_small = median(letters.size) < smallest - _TOLERANCE or letters.figure.min() < _LEAST_FIGURE
    return LegibilityFault.SMALL if is_small else None


def _is_in_order(piece: Piece, picture: "Letters", inside: Any) -> bool:
    """Return whether letters and digits stand from left to right as they are read; True for scripts that do not.

    In a browser a box is as high as its line, and lines reach into each other: nothing is known of it there.
    """
    if picture.setting is None or _OTHERWISE.search(piece.letters):
        return True
    shown = picture.characters[inside][picture.x[inside].argsort(kind="stable")]
    return _bare(piece.letters) in _bare(letters_of("".join(shown)))


def _bare(letters: str) -> str:
    """Return letters and digits alone: a comma may hang from the line above, a mark stand anywhere."""
    return "".join(letter for letter in unicodedata.normalize("NFD", letters) if letter.isalnum())
