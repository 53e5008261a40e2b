"""Problems -> sentences that a receptionist can act on, from locales/en/problems.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from handouts.errors import Problem
from handouts.resources import SHELVES


@cache
def wordings() -> Mapping[str, Mapping[str, str]]:
    """Return the wording of every code."""
    with (SHELVES["locales"] / "en" / "problems.toml").open("rb") as file:
        return tomllib.load(file)


def place(problem: Problem) -> str:
    """Return where a problem stands: clinic.toml, line 12 (colours.primary)."""
    text = problem.source
    if problem.line is not None:
        text += f", line {problem.line}"
    if problem.column is not None:
        text += f", column {problem.column}"
    if problem.path:
        text += f" ({problem.path})"
    return text


def what(problem: Problem) -> str:
    """Return what is wrong, in one sentence."""
    return wordings()[problem.code]["what"].format(**problem.values)


def remedy(problem: Problem) -> str:
    """Return what to do, the nearest valid name first."""
    guess = f"Did you mean “{problem.nearest}”? " if problem.nearest else ""
    return guess + wordings()[problem.code]["do"].format(**problem.values)


def told(problems: Iterable[Problem]) -> str:
    """Return all problems as text, each with a blank line after it."""
    return "\n".join(
        f"{problem.severity}: {place(problem)}\n  {what(problem)}\n  → {remedy(problem)}\n" for problem in problems
    )


def as_data(problem: Problem) -> dict[str, object]:
    """Return a problem for a program to read."""
    return {
        "severity": str(problem.severity),
        "kind": str(problem.kind),
        "code": problem.code,
        "source": problem.source,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "what": what(problem),
        "do": remedy(problem),
        "nearest": problem.nearest,
        "exit_code": int(problem.exit_code),
    }
