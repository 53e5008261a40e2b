"""Problems -> words beside the fields of the page that they belong to, and those that belong to none."""

from collections.abc import Callable, Iterable, Iterator

from handouts import treatment
from handouts.codes import Code
from handouts.errors import Kind, Problem, Severity, errors_of
from handouts.interfaces.local import told

_OF_LANGUAGE = frozenset((Code.NO_TRANSLATION, Code.UNKNOWN_LANGUAGE, Code.TOO_MANY_LANGUAGES))
_OF_PRINTER = {
    Code.PRINT_COPIES: "copies",
    Code.PRINT_NO_TRAY: "tray",
    Code.PRINT_NO_TRAYS: "tray",
    Code.PRINT_NO_QUEUE: "queue",
    Code.PRINT_NO_QUEUES: "queue",
    Code.PRINT_NO_DEFAULT: "queue",
    Code.PRINT_REJECTING: "queue",
}
_PASSWORD = "password-"  # noqa: S105 - how the codes of its problems begin
_PATHS = tuple(each.path for each in treatment.FIELDS)


def field_of(problem: Problem) -> str:
    """Return the name of the page's field in which a problem stands, or "" where it stands in none."""
    if problem.code in _OF_LANGUAGE:
        return "language"
    if problem.code.startswith(_PASSWORD):
        return "password"
    if problem.code in _OF_PRINTER:
        return _OF_PRINTER[problem.code]
    if problem.kind is not Kind.TREATMENT:
        return ""
    path = problem.path or problem.values.get("key", "")
    within = next((each for each in _PATHS if path == each or path.startswith((f"{each}.", f"{each}["))), "")
    return path if within in ("settings", "waiting_periods") else within


def as_told(problems: Iterable[Problem], tag: str, label_of: Callable[[str], str]) -> list[dict[str, object]]:
    """Return problems for the page's script in the language `tag`, the errors first.

    `label_of` returns what the page calls a field.
    """
    return list(_told(problems, tag, label_of))


def _told(problems: Iterable[Problem], tag: str, label_of: Callable[[str], str]) -> Iterator[dict[str, object]]:
    given = tuple(problems)
    for problem in (*errors_of(given), *(one for one in given if one.severity is not Severity.ERROR)):
        field = field_of(problem)
        words = told(problem, tag, label_of(field) if field else "")
        yield {
            "field": field,
            "code": str(problem.code),
            "error": problem.severity is Severity.ERROR,
            "what": words.what,
            "do": words.do,
            "lang": words.lang,
        }
