"""What a program sends -> what it asks for: a job, or every Problem of the request, in words that repeat no value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from handouts import treatment
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import Detail, Format, Job, Paper, PrintSize

SOURCE = "the request"
TEXTS = {
    "document": "Which document: its id, as GET /api/v1/documents has it.",
    "language": "A tag, such as es, or two that stand side by side, such as ar+en. The patient's own, if left out, "
    "else the clinic's.",
}
CHOICES: Mapping[str, tuple[type[StrEnum], str]] = {
    "format": (Format, "What comes back. What Accept says, if left out; else a PDF."),
    "paper": (Paper, "The clinic's paper, if left out."),
    "print_size": (PrintSize, "standard is 12 point; large is 18 point, laid out for it."),
}
STRICT = "strict"
TREATMENT = "treatment"
NAMES = (*TEXTS, TREATMENT, *CHOICES, STRICT)


def job_of(data: object, accepted: Sequence[Format], now: datetime) -> Job:
    """Return what a program asks for; raise InputError with every fault of the request that shows by itself.

    `accepted` are the formats that the program takes, the one that it would rather have first.
    """
    if not isinstance(data, Mapping):
        raise InputError.of(Kind.TREATMENT, Code.NOT_AN_OBJECT, SOURCE)
    problems = [*_unknown(data)]
    texts = {name: _text(data, name, problems) for name in TEXTS}
    chosen = {name: _choice(data, name, problems) for name in CHOICES}
    details = _details(data, problems)
    strict = data.get(STRICT, False)
    if not isinstance(strict, bool):
        problems.append(_problem(Code.WRONG_TYPE, STRICT, wanted="true or false"))
    if "document" not in data:
        problems.append(_problem(Code.REQUEST_INCOMPLETE, "document"))
    if problems:
        raise InputError(problems)
    return Job(
        document=texts["document"],
        languages=(texts["language"],) if texts["language"] else (),
        details=details,
        now=now,
        format=Format(chosen["format"] or accepted[0]),
        paper=Paper(chosen["paper"]) if chosen["paper"] else None,
        print_size=PrintSize(chosen["print_size"] or PrintSize.STANDARD),
        strict=bool(strict),
    )


def placed(problem: Problem, document: str) -> Problem:
    """Return a problem with its place in the request, and without what the program has written there."""
    if problem.code is Code.UNKNOWN_DOCUMENT and problem.source == document:
        return replace(problem, source=SOURCE, path="document")
    if problem.source == "--language":
        values = {**problem.values, "tag": "?"} if problem.code is Code.UNKNOWN_LANGUAGE else problem.values
        return replace(problem, source=SOURCE, path="language", values=values)
    return problem


def _unknown(data: Mapping[str, Any]) -> Iterator[Problem]:
    for name in data:
        if name not in NAMES:
            yield _problem(Code.UNKNOWN_KEY, "", nearest=nearest(name, NAMES), key=treatment.redacted(name))


def _text(data: Mapping[str, Any], name: str, problems: list[Problem]) -> str:
    value = data.get(name, "")
    if isinstance(value, str):
        return value
    problems.append(_problem(Code.WRONG_TYPE, name, wanted="text in quotes"))
    return ""


def _choice(data: Mapping[str, Any], name: str, problems: list[Problem]) -> str:
    known, value = [str(each) for each in CHOICES[name][0]], data.get(name)
    if name not in data or value in known:
        return str(value or "")
    problems.append(_problem(Code.VALUE_REFUSED, name, reason=f"it must be {' or '.join(known)}"))
    return ""


def _details(data: Mapping[str, Any], problems: list[Problem]) -> tuple[Detail, ...]:
    value = data.get(TREATMENT, {})
    if not isinstance(value, Mapping):
        problems.append(_problem(Code.WRONG_TYPE, TREATMENT, wanted="an object of a treatment's details"))
        return ()
    try:
        return tuple(treatment.flattened(value, SOURCE)) or (Detail(path="", value="", source=SOURCE),)
    except InputError as error:
        problems += error.problems
        return ()


def _problem(code: Code, path: str, **values: str) -> Problem:
    return Problem.of(Kind.TREATMENT, code, SOURCE, **{"path": path, "key": path, **values})
