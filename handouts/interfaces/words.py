"""Problems -> sentences that a receptionist can act on, from locales/en/problems.toml."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from handouts.errors import Problem
from handouts.wordings import wordings


def place(problem: Problem, lines: Sequence[int] = ()) -> str:
    """Return where a problem stands: clinic.toml, line 12 (colours.primary); with `lines`, on all of these."""
    return problem.place(f", lines {ranges(lines)}" if lines else "")


def what(problem: Problem) -> str:
    """Return what is wrong, in one sentence."""
    return problem.what


def remedy(problem: Problem) -> str:
    """Return what to do, the nearest valid name first."""
    return problem.remedy


def format_problems(problems: Iterable[Problem], *, each: bool = False) -> str:
    """Return all problems as text, each with a blank line after it.

    One of many lines, such as a column that every row has wrong, is reported once, with all the lines; so are
    many of one kind, with a count: drafts always, what a text's quality lacks unless `each` of it is wanted.
    """
    given = tuple(problems)
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in given:
        if "many" in wordings()[problem.code] and not (each and EACH_BY in wordings()[problem.code]["many"]):
            alike.setdefault((problem.code, problem.severity), []).append(problem)
    many = {kind: found for kind, found in alike.items() if len(found) >= MANY}
    single = (problem for problem in given if (problem.code, problem.severity) not in many)
    return "\n".join((*map(_format_together, many.values()), *_format_each(single)))


def _format_each(problems: Iterable[Problem]) -> Iterator[str]:
    for problem, lines in _gathered(problems):
        yield f"{problem.severity}: {place(problem, lines)}\n  {what(problem)}\n  → {remedy(problem)}\n"


def _format_together(problems: Sequence[Problem]) -> str:
    """Return many problems of one kind as one, with their count and what they differ in."""
    first, wording = problems[0], wordings()[problems[0].code]
    listed = {key: tuple(dict.fromkeys(problem.values[key] for problem in problems)) for key in first.values}
    named = {key: ", ".join(found) for key, found in listed.items()}
    general = {key: found[0] if len(found) == 1 else key.upper() for key, found in listed.items()}
    sources = {problem.source for problem in problems}
    where = first.source if len(sources) == 1 else counted(len(sources), "file")
    count = len({(problem.source, what(problem)) for problem in problems})
    together, remedy_for_all = wording["many"].format(count=count, **named), wording["do"].format(**general)
    return f"{first.severity}: {where}\n  {together}\n  → {remedy_for_all}\n"


MANY = 4
"""A problem of so many lines, or so many of one kind, are reported once."""
EACH_BY = "--quality"
"""What the words for many say where this option of `check` names each."""


def _gathered(problems: Iterable[Problem]) -> Iterator[tuple[Problem, tuple[int, ...]]]:
    """Yield each problem in its order; of many that are alike but for their line, the first with all the lines."""
    given = [(problem, repr(replace(problem, line=None))) for problem in problems]
    lines: dict[str, list[int]] = {}
    for problem, likeness in given:
        if problem.line is not None:
            lines.setdefault(likeness, []).append(problem.line)
    for problem, likeness in given:
        found = lines.get(likeness, [])
        if problem.line is None or len(found) < MANY:
            yield problem, ()
        elif problem.line == found[0]:
            yield problem, tuple(found)


def ranges(lines: Sequence[int]) -> str:
    """Return line numbers in words for people: 3, 5 to 9, 12."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(str(line) for line in run) for run in runs)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 sheet, 2 sheets, 1,000 entries; `many` is the plural, one + "s" if left out."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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
