"""A language of a record that no sheet is in -> the one that the command or the clinic names for it, and a warning."""

from collections.abc import Sequence
from dataclasses import replace

from handouts.codes import Code
from handouts.errors import Gathering, Kind, Problem, Severity
from handouts.languages import folded, meant_tag
from handouts.records import Branding, Detail

AUTO = "auto"
"""The language that the patient's record names."""
_PATH = "patient.language"


def with_fallback(
    details: Sequence[Detail], wishes: Sequence[str], branding: Branding | None, gathering: Gathering
) -> tuple[Detail, ...]:
    """Return the details, with another language in the place of one without sheets, where somebody says which.

    That is `wishes`, where they name every sheet's language themselves, else [languages] of clinic.toml. Each time that
    is told as a warning. A language for which nobody says anything stays as it is, and is refused.
    """
    given = next((detail for detail in reversed(details) if detail.path == _PATH), None)
    if given is None or not isinstance(given.value, str) or not given.value.strip() or meant_tag(given.value):
        return tuple(details)
    parts = [part for wish in wishes for part in wish.split("+")]
    if parts and AUTO not in parts:
        instead, shown = "", ", ".join(wishes)
    else:
        instead = shown = branding.languages.get(folded(given.value), "") if branding else ""
    if not shown:
        return tuple(details)
    place, values = (given.source, given.line, given.column), {"path": _PATH, "key": _PATH, "language": shown}
    problem = Problem.of(Kind.TREATMENT, Code.LANGUAGE_FALLS_BACK, *place, **values)
    gathering.problems.append(replace(problem, severity=Severity.WARNING))
    return tuple(replace(detail, value=instead) if detail is given else detail for detail in details)
