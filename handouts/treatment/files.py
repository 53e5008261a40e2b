"""A JSON or TOML file of treatment details -> details by path, each with the line on which it stands."""

import json
from collections.abc import Iterator, Mapping

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.lines import KeyPath, line_of, toml_lines
from handouts.records import Detail
from handouts.toml_text import parsed_toml
from handouts.treatment.fields import FIELDS
from handouts.treatment.values import redacted

_NO_LINES: Mapping[KeyPath, int] = {}
_TABLES = tuple({field.path.partition(".")[0] for field in FIELDS if "." in field.path})


def read_file(text: str, source: str, *, is_json: bool) -> tuple[Detail, ...]:
    """Return the details in `text`; raise InputError where it is not JSON or TOML, or not one object.

    A file without details is one of the path "", so that what is missing is told of the file.
    """
    data = parsed_json(text, source) if is_json else parsed_toml(text, kind=Kind.TREATMENT, source=source)
    if not isinstance(data, Mapping):
        raise InputError.of(Kind.TREATMENT, Code.NOT_AN_OBJECT, source)
    lines: Mapping[KeyPath, int] = {} if is_json else toml_lines(text)
    return tuple(flattened(data, source, lines)) or (Detail(path="", value="", source=source),)


def parsed_json(text: str, source: str) -> object:
    """Return what a JSON text says; raise InputError where it is not JSON or says a key twice."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                raise InputError.of(Kind.TREATMENT, Code.KEY_TWICE, source, key=redacted(key))
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise _not_json(source, error.msg, error.lineno, error.colno) from None
    except RecursionError:
        raise _not_json(source, "nested too deeply") from None
    except ValueError:  # Python's limit on the digits of an integer
        raise _not_json(source, "a number is too long") from None


def _not_json(source: str, reason: str, line: int | None = None, column: int | None = None) -> InputError:
    problem = Problem.of(Kind.TREATMENT, Code.NOT_JSON, source, line, column, reason=reason)
    return InputError([problem])


def flattened(data: Mapping[str, object], source: str, lines: Mapping[KeyPath, int] = _NO_LINES) -> Iterator[Detail]:
    """Yield each detail; the tables that the field table spells with a dot (patient.name) are taken apart.

    Raises InputError where a detail stands twice, as "patient.name" and as "name" of the table "patient".
    """
    found: set[str] = set()
    for path, value in _paths(data):
        detail = _detail(path, value, source, lines)
        if detail.path in found:
            raise InputError.of(Kind.TREATMENT, Code.KEY_TWICE, source, detail.line, key=redacted(detail.path))
        found.add(detail.path)
        yield detail


def _paths(data: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield the path and the value of each detail; JSON's null is none."""
    for key, value in data.items():
        if key in _TABLES and isinstance(value, Mapping):
            yield from (((key, inner), inner_value) for inner, inner_value in value.items() if inner_value is not None)
        elif value is not None:
            yield (key,), value


def _detail(path: tuple[str, ...], value: object, source: str, lines: Mapping[KeyPath, int]) -> Detail:
    names = value if isinstance(value, Mapping) else ()
    within = {name: line for name in names if (line := line_of(lines, (*path, name))) is not None}
    return Detail(path=".".join(path), value=value, source=source, line=line_of(lines, path), lines=within)
