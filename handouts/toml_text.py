"""The text of a TOML file that a person wrote -> its data, or one Problem with the line where it stops being TOML."""

import tomllib
from collections.abc import Mapping

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.lines import first_line, too_deep

_PARSERS_OWN = (RecursionError, ValueError)
"""What tomllib raises besides TOMLDecodeError: for deep nesting, and for Python's limit on an integer's digits."""


def parsed_toml(text: str, *, kind: Kind, source: str) -> Mapping[str, object]:
    """Return what a TOML text says; raise InputError with the line where it is not TOML or more than can be read.

    A treatment's Problem leaves out the parser's own reason: it can quote a patient's value.
    """
    try:
        if line := too_deep(text):
            raise RecursionError
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        words = place.removesuffix(")").replace(",", "").split()
        line = int(words[1]) if len(words) > 1 and words[1].isdigit() else len(text.splitlines())
        code, values = (Code.TREATMENT_NOT_TOML, {}) if kind is Kind.TREATMENT else (Code.NOT_TOML, {"reason": reason})
    except _PARSERS_OWN as error:
        deep = isinstance(error, RecursionError)
        code, values = Code.NOT_TOML, {"reason": "nested too deeply" if deep else "a number is too long"}
        line = line or first_line(text, _raises_its_own)
    raise InputError.of(kind, code, source, line, **values)


def _raises_its_own(text: str) -> bool:
    """Return whether the parser gives up with an error of its own; a text that is cut off is not such a case."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    except _PARSERS_OWN:
        return True
    return False
