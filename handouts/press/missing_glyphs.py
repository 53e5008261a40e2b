"""A character that cannot be shown -> a Problem for it, in the detail of the treatment where somebody typed it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.records import ComposedHandout, Job


def unassigned(handout: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each character that no screen's font has: private use and unassigned (Unicode, 23.5, 2.4)."""
    for character in sorted(set(handout.html)):
        if unicodedata.category(character) in ("Co", "Cn"):
            yield Problem.of(Kind.TYPESETTING, Code.MISSING_GLYPH, "the sheet", character=f"U+{ord(character):04X}")


def at_details(problem: Problem, job: Job) -> tuple[Problem, ...]:
    """Say in which details of the treatment a character stands that no font has."""
    character = problem.values.get("character", "")
    if problem.code != Code.MISSING_GLYPH or not character:
        return (problem,)
    wanted = chr(int(character.removeprefix("U+"), 16))
    return tuple(
        replace(
            problem,
            kind=Kind.TREATMENT,
            source=detail.source,
            line=detail.line,
            column=detail.column,
            path=detail.path,
        )
        for detail in job.details
        if wanted in str(detail.value)
    ) or (problem,)
