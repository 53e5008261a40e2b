"""Sheets that share all but the patient's values -> the first are laid out by themselves, the others written from one.

Nobody chooses this way: it is taken where it has been held against at least three sheets that were laid out by
themselves, and left wherever a value or a template does not allow it.
"""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handouts.composition import Fields, identity
from handouts.errors import InputError, Problem
from handouts.limits import WITHOUT_END, free_memory
from handouts.records import ComposedHandout, LaidOut

if TYPE_CHECKING:
    from handouts.typesetting import Drawn, Personaliser

PROOFS = 3
"""Sheets with different values that are made both ways and compared before the fast way is taken."""
_MOST = 128
"""Shapes that are kept, each with its laid-out page, the fonts of its language and the lines that were set in it: 5 MB
each at first, 30 when many sheets were written (measured 2026-11-29)."""
_SPARE = 500_000_000
"""Bytes that stay free for what is laid out by itself, which takes 260 MB: before less is, shapes are forgotten."""
_STEP = 50_000_000
"""Bytes that are to be taken before more shapes are forgotten, where those before have given back too little."""
_LOOKS = 256
"""Sheets of known shapes after which it is looked how much is free: their lines are kept, too."""


@dataclass(kw_only=True, slots=True)
class Shape:
    """What is known of one shape.

    `why` says why its sheets are laid out by themselves; None once they are written by the personaliser. `handout` is
    one of its sheets, which all are like but for the patient's values, `problems` what each of them is worth a warning
    for, and `pages` how many each has.
    """

    why: LaidOut | None = LaidOut.FIRST
    handout: ComposedHandout | None = None
    problems: tuple[Problem, ...] = ()
    pages: int = 0
    _personaliser: Personaliser | None = None
    _waiting: dict[tuple[str, ...], Drawn] = field(default_factory=dict)
    _proven: set[int] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def needs_proofs(self) -> bool:
        """Whether what is drawn for a sheet that is laid out by itself is of use."""
        return self.why is LaidOut.FIRST and len(self._waiting) < PROOFS

    def learn(
        self, fields: Fields, handout: ComposedHandout, problems: tuple[Problem, ...], pages: int, as_drawn: Drawn
    ) -> None:
        """Keep what was drawn for a sheet that was laid out by itself, or hold it against what would be written."""
        with self._lock:
            if self.handout is not None and (problems, pages) != (self.problems, self.pages):
                self._give_up(LaidOut.DIFFERS)
                return
            self.handout, self.problems, self.pages = handout, problems, pages
            if fields.are_plain and self._personaliser is None:
                self._waiting[fields.values] = as_drawn
            elif fields.are_plain and self._personaliser is not None:
                self._hold(self._personaliser, fields.values, as_drawn)

    def written(self, fields: Fields, compiled: Callable[[], Personaliser]) -> bytes | LaidOut:
        """Return a sheet's PDF, or why it is to be laid out by itself; `compiled` lays out the shape's page.

        Raises InputError where that takes too much time or memory.
        """
        with self._lock:
            if self.why is LaidOut.FIRST and len(self._waiting) >= PROOFS:
                self._compile(compiled)
        personaliser = self._personaliser
        if personaliser is None:
            return self.why or LaidOut.FIRST
        if not fields.are_plain:
            return LaidOut.CHARACTERS
        assert self.handout, "learnt from the first sheets"
        (pdf,) = personaliser.sheets([(fields.values, identity(self.handout.fixed, fields.values))])
        return pdf if isinstance(pdf, LaidOut) else self.why or pdf

    def written_together(self, several: Sequence[Fields]) -> Iterator[Written | None]:
        """Yield several sheets, or None for each that cannot be written now; nothing is laid out."""
        with self._lock:
            personaliser = self._personaliser if self.why is None else None
        if personaliser is None:
            yield from (None for _ in several)
            return
        assert self.handout, "learnt from the first sheets"
        handout, problems, pages = self.handout, self.problems, self.pages
        plain = [fields.values for fields in several if fields.are_plain]
        pdfs = iter(personaliser.sheets([(values, identity(handout.fixed, values)) for values in plain]))
        for fields in several:
            pdf = next(pdfs) if fields.are_plain else LaidOut.CHARACTERS
            if isinstance(pdf, LaidOut) or self.why is not None:
                yield None
            else:
                yield Written(pdf=pdf, handout=handout, problems=problems, pages=pages)

    def _compile(self, compiled: Callable[[], Personaliser]) -> None:
        """Lay the shape's page out and hold what it would draw against the sheets that were laid out by themselves."""
        try:
            personaliser = compiled()
        except InputError as error:
            self._give_up(LaidOut.TEMPLATE)
            if any(problem.code in WITHOUT_END for problem in error.problems):
                raise
            return
        waiting, self._waiting, self._personaliser = self._waiting, {}, personaliser
        for values, as_drawn in waiting.items():
            self._hold(personaliser, values, as_drawn)

    def _give_up(self, why: LaidOut) -> None:
        """From now on lay all sheets out by themselves, and keep nothing for another way."""
        self.why, self._personaliser = why, None
        self._waiting.clear()

    def _hold(self, personaliser: Personaliser, values: tuple[str, ...], as_drawn: Drawn) -> None:
        """Hold what would be written for a sheet against what was drawn; values that do not fit prove nothing."""
        would_be = personaliser.drawn(values)
        if would_be is not None and would_be != as_drawn:
            self._give_up(LaidOut.DIFFERS)
        elif would_be is not None:
            self._proven.add(hash(values))
        if self.why is LaidOut.FIRST and len(self._proven) >= PROOFS:
            self.why = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A sheet's PDF; `handout` is one that it is like but for the patient's values, with its problems and pages."""

    pdf: bytes
    handout: ComposedHandout
    problems: tuple[Problem, ...]
    pages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """A sheet that is laid out by itself, from whose values its shape may learn."""

    shape: Shape
    fields: Fields

    @property
    def is_wanted(self) -> bool:
        """Whether what is drawn for the sheet is of use."""
        return self.shape.needs_proofs

    def learn(self, handout: ComposedHandout, problems: tuple[Problem, ...], pages: int, as_drawn: Drawn) -> None:
        """Let the shape learn what was drawn."""
        self.shape.learn(self.fields, handout, problems, pages, as_drawn)


class Shapes:
    """The shapes that were used last, as many as there is memory for; `free` says how many bytes of it there are."""

    def __init__(self, free: Callable[[], int] = free_memory) -> None:
        self._kept: OrderedDict[Hashable, Shape] = OrderedDict()
        self._last: Shape | None = None
        self._lock = threading.Lock()
        self._free, self._enough, self._asked = free, _SPARE, 0

    def of(self, fields: Fields) -> Shape:
        """Return what is known of a sheet's shape."""
        with self._lock:
            shape = self._kept.get(fields.shape)
            is_new = shape is None
            if shape is None:
                shape = self._kept[fields.shape] = Shape()
            elif shape is not self._last:  # What tells shapes apart is large: to look for it takes as long as a line.
                self._kept.move_to_end(fields.shape)
            self._last = shape
            self._asked += 1
            if is_new or self._asked % _LOOKS == 0:
                self._make_room()
            return shape

    def _make_room(self) -> None:
        """Forget shapes, those first that were not used for longest: what is above their number, or half of them."""
        if self._free() < self._enough:
            for _ in range(len(self._kept) // 2):
                self._kept.popitem(last=False)
            gc.collect()
            self._enough = min(_SPARE, self._free() - _STEP)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def written(self, several: Sequence[Fields | None]) -> tuple[Written | None, ...]:
        """Return sheets, those of one shape made together; None for each that cannot be written now, or is None."""
        alike: dict[int, tuple[Shape, dict[int, Fields]]] = {}
        for place, fields in enumerate(several):
            if fields is not None:
                shape = self.of(fields)
                alike.setdefault(id(shape), (shape, {}))[1][place] = fields
        found: dict[int, Written | None] = {}
        for shape, theirs in alike.values():
            found |= zip(theirs, shape.written_together([*theirs.values()]), strict=True)
        return tuple(map(found.get, range(len(several))))
