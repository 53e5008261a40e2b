"""Sheets that share all but the patient's values -> the first are laid out by themselves, the others written from one.

Nobody chooses this way: it is taken where it has been held against at least three sheets that were laid out by
themselves, and left wherever a value or a template does not allow it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handouts.composition import Fields, identity
from handouts.errors import InputError, Problem
from handouts.records import ComposedHandout, ComposedShape, LaidOut

if TYPE_CHECKING:
    from handouts.typesetting import Drawn, Personaliser, Typesetter

PROOFS = 3
"""Sheets with different values that are made both ways and compared before the fast way is taken."""
_MOST = 64
"""Shapes that are kept, each with its laid-out page: 16 languages of four documents."""


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
    _proofs: dict[tuple[str, ...], Drawn] = field(default_factory=dict)

    @property
    def needs_proofs(self) -> bool:
        """Whether what is drawn for a sheet that is laid out by itself is of use."""
        return self.why is LaidOut.FIRST and len(self._proofs) < PROOFS

    def learn(
        self, fields: Fields, handout: ComposedHandout, problems: tuple[Problem, ...], pages: int, as_drawn: Drawn
    ) -> None:
        """Keep what was drawn for a sheet that was laid out by itself."""
        if self.handout is not None and (problems, pages) != (self.problems, self.pages):
            self.why = LaidOut.DIFFERS
            return
        self.handout, self.problems, self.pages = handout, problems, pages
        if fields.are_plain:
            self._proofs[fields.values] = as_drawn

    def written(
        self, fields: Fields, typesetter: Callable[[], Typesetter], compose: Callable[[], ComposedShape]
    ) -> bytes | LaidOut:
        """Return a sheet's PDF, or why it is to be laid out by itself."""
        if self.why is LaidOut.FIRST and len(self._proofs) >= PROOFS:
            self._prove(typesetter(), compose)
        if self.why is not None:
            return self.why
        if not fields.are_plain:
            return LaidOut.CHARACTERS
        assert self._personaliser, "made when it was proven"
        assert self.handout, "learnt from the proofs"
        return self._personaliser.sheet(fields.values, identity(self.handout.fixed, fields.values))

    def _prove(self, typesetter: Typesetter, compose: Callable[[], ComposedShape]) -> None:
        """Lay the shape's page out and hold what it would draw against the sheets that were laid out by themselves."""
        try:
            personaliser = typesetter.personaliser(compose())
        except InputError:
            self.why = LaidOut.TEMPLATE
            self._proofs.clear()
            return
        for values, as_drawn in tuple(self._proofs.items()):
            found = personaliser.drawn(values)
            if found is None:
                del self._proofs[values]  # It says nothing: such a value is never written.
            elif found != as_drawn:
                self.why = LaidOut.DIFFERS
        if self.why is LaidOut.FIRST and len(self._proofs) == PROOFS:
            self.why, self._personaliser = None, personaliser
        if self.why is not LaidOut.FIRST:
            self._proofs.clear()


class Shapes:
    """The shapes that were used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Shape] = OrderedDict()

    def of(self, fields: Fields) -> Shape:
        """Return what is known of a sheet's shape."""
        shape = self._kept.setdefault(fields.shape, Shape())
        self._kept.move_to_end(fields.shape)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return shape
