"""Several pieces of work -> their results, and all their Problems together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from handouts.errors import InputError, Problem, each_once, errors_of

Result = TypeVar("Result")


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
