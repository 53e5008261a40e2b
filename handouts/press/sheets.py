"""What a sheet is composed of -> the sheet, written from one of its shape that was laid out, or laid out by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from handouts import composition
from handouts.errors import Gathering, Kind, Problem, each_once
from handouts.limits import blamed_on
from handouts.press.delivering import Narrate
from handouts.press.looks import Looks
from handouts.press.missing_glyphs import at_details, unassigned
from handouts.press.shapes import Lesson, Shapes
from handouts.records import ComposedHandout, Format, Job, LaidOut, Sheet, TypesetHandout
from handouts.resources import Resources

if TYPE_CHECKING:
    from handouts.typesetting import Personaliser, Typesetter


Sides = tuple[composition.Ingredients, ...]
"""What a sheet is composed of, a language each."""


class Sheets:
    """Makes the sheets of one clinic, and keeps the shapes, the looks and the fonts that the next ones share."""

    def __init__(self, resources: Resources, narrate: Narrate) -> None:
        self._resources = resources
        self._look = cache(partial(composition.look, resources))
        self._looks = Looks(resources.cache)
        self._shapes = Shapes()
        self._narrate = narrate

    @cached_property
    def unused_templates(self) -> tuple[Problem, ...]:
        """A warning for each of the clinic's own templates that no sheet and no email uses."""
        return tuple(composition.unused(self._resources, self._look()))

    def warm(self) -> None:
        """Load what sheets are typeset with, before the first is; raise InputError where there are no fonts."""
        self._typesetter.warm()

    def made(self, sides: Sides, job: Job, gathering: Gathering) -> Sheet | None:
        """Return a sheet, written if its shape allows that; None where `gathering` has what is wrong with it."""
        if is_never_written(job):
            return self._laid_out(sides, job, gathering, LaidOut.FORM)
        fields = self.fields(sides)
        shape = self._shapes.of(fields)
        written = shape.written(fields, lambda: self.personaliser(sides))
        if isinstance(written, bytes):
            assert shape.handout, "what is written is like it"
            gathering.problems += shape.problems
            return _finished(shape.handout, written, shape.pages, laid_out=None)
        return self._laid_out(sides, job, gathering, written, Lesson(shape=shape, fields=fields))

    def written(self, sheets: Sequence[composition.Fields | None]) -> tuple[Sheet | None, ...]:
        """Return the sheets that can be written by what is their patients' own, and None for each other."""
        return tuple(
            _finished(
                one.handout, one.pdf, one.pages, each_once((*one.problems, *self.unused_templates)), laid_out=None
            )
            if one is not None
            else None
            for one in self._shapes.written(sheets)
        )

    def fields(self, sides: Sides) -> composition.Fields:
        """Return what of a sheet is the patient's own, and what shape the rest has."""
        return composition.fields_of(sides, self._resources)

    def personaliser(self, sides: Sides) -> Personaliser:
        """Return what writes all sheets of a shape; raise InputError where the templates do not allow that."""
        look = self._look()
        with blamed_on(Kind.TYPESETTING, look.source):
            return self._typesetter.personaliser(composition.compose_shape(sides, self._resources, look))

    def composed(self, sides: Sides) -> ComposedHandout:
        """Return a sheet as HTML; raise InputError with every Problem of the templates."""
        self._narrate("composing", "+".join(side.document.language for side in sides))
        look = self._look()
        with blamed_on(Kind.TEMPLATE, look.source):
            return composition.compose(sides, self._resources, look)

    def typeset(
        self, handout: ComposedHandout, job: Job, gathering: Gathering, lesson: Lesson | None = None
    ) -> Sheet | None:
        """Return a sheet that is laid out by itself; None where `gathering` has what is wrong with it."""
        is_known = self._looks.has(handout)
        if job.format is Format.HTML:
            gathering.problems += (place for problem in unassigned(handout) for place in at_details(problem, job))
            if not is_known:
                gathering.take(partial(self.look_at, handout))
            return _finished(handout, handout.html.encode(), None)
        found = Gathering()
        typeset = found.take(partial(self._typeset, handout, is_known=is_known, lesson=lesson))
        gathering.problems += self._placed((*found.problems, *(typeset[1] if typeset else ())), handout, job)
        if typeset is None:
            return None
        self._looks.add(handout)
        return _finished(handout, typeset[0].pdf, typeset[0].pages)

    def look_at(self, page: ComposedHandout) -> None:
        """Judge a page as a screen shows it, once for each look; raise InputError where its text cannot be read."""
        if self._looks.has(page):
            return
        with self._begun(page):
            self._typesetter.look_at(page)
        self._looks.add(page)

    def _laid_out(
        self, sides: Sides, job: Job, gathering: Gathering, why: LaidOut, lesson: Lesson | None = None
    ) -> Sheet | None:
        handout = gathering.take(partial(self.composed, sides))
        sheet = self.typeset(handout, job, gathering, lesson) if handout else None
        return replace(sheet, laid_out=why) if sheet else None

    def _placed(self, problems: Sequence[Problem], handout: ComposedHandout, job: Job) -> Iterator[Problem]:
        """Yield problems of a page at the detail or in the template that they come from."""
        for problem in problems:
            for place in at_details(problem, job):
                yield composition.at_own_template(place, handout.stylesheet, self._resources)

    def _typeset(
        self, handout: ComposedHandout, *, is_known: bool, lesson: Lesson | None
    ) -> tuple[TypesetHandout, tuple[Problem, ...]]:
        with self._begun(handout):
            if lesson is None or not lesson.is_wanted:
                return self._typesetter.typeset(handout, is_known=is_known)
            typeset, problems, as_drawn = self._typesetter.typeset_as_proof(handout, is_known=is_known)
        placed = tuple(composition.at_own_template(one, handout.stylesheet, self._resources) for one in problems)
        lesson.learn(handout, placed, typeset.pages, as_drawn)
        return typeset, problems

    @contextmanager
    def _begun(self, handout: ComposedHandout) -> Iterator[None]:
        """Tell what is being laid out, and blame the clinic's own templates where it has no end."""
        self._narrate("typesetting", ", ".join((handout.language, *handout.own_files)))
        with blamed_on(Kind.TYPESETTING, handout.template_source):
            yield

    @cached_property
    def _typesetter(self) -> Typesetter:
        from handouts.typesetting import Typesetter  # Half a second that a sheet as HTML does not need.

        return Typesetter()


def is_never_written(job: Job) -> bool:
    """Return whether a job's sheets are laid out one by one, whatever stands in them."""
    return job.format is Format.HTML or job.sample


def _finished(
    handout: ComposedHandout,
    data: bytes,
    pages: int | None,
    problems: tuple[Problem, ...] = (),
    *,
    laid_out: LaidOut | None = LaidOut.FIRST,
) -> Sheet:
    return Sheet(
        content=data,
        format=handout.format,
        stem=handout.stem,
        document=handout.document,
        version=handout.version,
        language=handout.language,
        fingerprint=handout.fingerprint,
        pages=pages,
        problems=problems,
        laid_out=laid_out,
    )
