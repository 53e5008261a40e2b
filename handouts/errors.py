"""What went wrong -> Problem: where it stands, what is wrong, what to do, as data for the interfaces to word."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from typing import Self, TypeVar

from handouts.codes import Code
from handouts.wordings import harmless, worded

Result = TypeVar("Result")
Item = TypeVar("Item")


class Kind(StrEnum):
    """Which ingredient or stage a Problem belongs to; each kind has one exit code."""

    USAGE = "usage"
    BRANDING = "branding"
    TREATMENT = "treatment"
    DOCUMENT = "document"
    TRANSLATION = "translation"
    TEMPLATE = "template"
    TYPESETTING = "typesetting"
    DELIVERY = "delivery"
    REVIEW = "review"
    MACHINE = "machine"


class ExitCode(IntEnum):
    """The fixed exit codes of every command. 2 is what Click and POSIX tools use for wrong usage."""

    DONE = 0
    """Done."""
    OUR_FAULT = 1
    """Our own fault: please report the traceback."""
    USAGE = 2
    """The command was used wrongly."""
    BRANDING = 3
    """Branding: `clinic.toml`, logo."""
    TREATMENT = 4
    """The treatment's details, a table's rows among them."""
    DOCUMENT = 5
    """A document."""
    TRANSLATION = 6
    """A translation."""
    TEMPLATE = 7
    """A template."""
    TYPESETTING = 8
    """Typesetting: a font, a picture."""
    DELIVERY = 9
    """Delivery: the folder cannot be written, the sheet is not printed or sent, a ledger is not whole."""
    REVIEW = 10
    """Review: refused by `--strict`."""
    MACHINE = 11
    """This machine lacks something; `handouts doctor` says what."""


class Severity(StrEnum):
    """An error stops the job; a warning is reported and the job goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One fault in one place.

    `code` is worded in locales/en/problems.toml; `values` fills that wording. `line` and `column` count from 1.
    `path` is where it stands inside a structured source ("colours.primary"). `nearest` is the closest valid spelling
    of what was written, or "".
    `values` never holds what a person typed about a patient: only names of fields, files, languages and the like.
    """

    kind: Kind
    code: Code
    source: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    nearest: str = ""
    severity: Severity = Severity.ERROR

    @classmethod
    def of(
        cls,
        kind: Kind,
        code: Code,
        source: str,
        line: int | None = None,
        column: int | None = None,
        /,
        *,
        path: str = "",
        nearest: str = "",
        **values: str,
    ) -> Self:
        """Return the Problem that stops a job; what is not a place in the source fills the wording."""
        return cls(
            kind=kind, code=code, source=source, line=line, column=column, path=path, values=values, nearest=nearest
        )

    @classmethod
    def warning(cls, kind: Kind, code: Code, source: str, line: int | None = None, /, **values: str) -> Self:
        """Return the Problem that is reported while the job goes on; the arguments are those of `of`."""
        return replace(cls.of(kind, code, source, line, **values), severity=Severity.WARNING)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that this kind of problem always has."""
        return ExitCode[self.kind.name]

    @property
    def what(self) -> str:
        """What is wrong, in words."""
        return worded(self.code, self.values)[0]

    @property
    def remedy(self) -> str:
        """What to do, the nearest valid name first."""
        guess = f"Did you mean “{self.nearest}”? " if self.nearest else ""
        return guess + worded(self.code, self.values)[1]

    @property
    def identity(self) -> tuple[object, ...]:
        """What two problems share that say the same."""
        place = (self.kind, self.code, self.source, self.line, self.column, self.path)
        return (*place, self.nearest, self.severity, *self.values.items())

    def place(self, lines: str = "") -> str:
        """Return where it stands: clinic.toml, line 12 (colours.primary); `lines` stands in place of its own line."""
        line = lines or (f", line {self.line}" if self.line is not None else "")
        column = f", column {self.column}" if self.column is not None else ""
        path = f" ({self.path})" if self.path else ""
        return harmless(f"{self.source}{line}{column}{path}")

    def __str__(self) -> str:
        """Return the problem in words: its place, what is wrong, what to do; no value of a patient."""
        return f"{self.severity}: {self.place()}: {self.what} {self.remedy}"


class InputError(Exception):
    """Something that a person gave us cannot be used; carries every Problem found, never just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(f"{problem.source}: {problem.code}" for problem in self.problems))

    @classmethod
    def of(cls, kind: Kind, code: Code, source: str, line: int | None = None, /, **values: str) -> Self:
        """Return the InputError of one Problem; the arguments are those of `Problem.of`."""
        return cls([Problem.of(kind, code, source, line, **values)])

    def __str__(self) -> str:
        """Return every problem in words, each on a line of its own."""
        return "\n".join(map(str, self.problems))

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the first problem that stops the job."""
        return (errors_of(self.problems) or self.problems)[0].exit_code


class ValueFault(ValueError):
    """What is wrong with a value, raised where nobody knows yet in which file it stands; it never holds the value.

    `values` fills the wording of `code`. `nearest` is the closest valid value, or "". `part` is the name, as it was
    typed, of the value of a table that is at fault, or "".
    """

    def __init__(self, code: Code, *, nearest: str = "", part: str = "", **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.nearest = nearest
        self.part = part
        self.values: Mapping[str, str] = values


class UnknownLabel(LookupError):
    """A template asks for a label that the catalogue of a language does not have; the arguments are label and tag."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is spelt most like `name`, or "" where none is close."""
    candidates = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower(), candidates, n=1, cutoff=0.6)
    return candidates[matches[0]] if matches else ""


def errors_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that stop a job."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def each_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems in their order without repetitions: several languages, or rows, can have the same one."""
    return tuple({problem.identity: problem for problem in problems}.values())


MOST = 50
"""Problems of one kind in one file that are told: who mends these sees that the others are like them."""


def few(found: Sequence[Item], alike: Callable[[Item], str], problem: Callable[[Item], Problem]) -> Iterator[Problem]:
    """Yield what `problem` makes of the first MOST that are alike, and how many more there are."""
    counts, told = Counter(map(alike, found)), Counter[str]()
    for item in found:
        kind = alike(item)
        told[kind] += 1
        if told[kind] <= MOST:
            last = problem(item)
            yield last
        if told[kind] == MOST < counts[kind]:
            yield Problem.of(last.kind, Code.MORE_OF_THIS, last.source, count=f"{counts[kind] - MOST:,}")


def few_of_each(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the first MOST problems of each code in one file, and how many more there are."""
    return few(tuple(problems), lambda problem: problem.code, lambda problem: problem)


@dataclass(kw_only=True, slots=True)
class Gathering:
    """Collects the problems of several pieces of work, so that a person sees all of them at once."""

    problems: list[Problem] = field(default_factory=list)

    def take(self, work: Callable[[], Result]) -> Result | None:
        """Return what `work` returns, or keep its problems and return None."""
        try:
            return work()
        except InputError as error:
            self.problems += error.problems
            return None

    def stop_at_errors(self) -> None:
        """Raise InputError if an error has been gathered."""
        if errors_of(self.problems):
            raise InputError(each_once(self.problems))
