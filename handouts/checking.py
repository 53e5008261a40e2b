"""Data from a file + its pydantic model -> the checked model, or every Problem of the file with its line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from handouts.errors import InputError, Kind, Problem, nearest
from handouts.lines import KeyPath, line_of


class StrictModel(BaseModel):
    """The base of every file model: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=StrictModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileText:
    """A file that is being read: its name as the person knows it, what its problems are, the line of each key."""

    kind: Kind
    source: str
    lines: Mapping[KeyPath, int]
    first_line: int = 0

    def problem(self, code: str, path: KeyPath, **values: str) -> Problem:
        """Return the Problem `code` at `path`."""
        line = line_of(self.lines, path)
        return Problem(
            kind=self.kind,
            code=code,
            source=self.source,
            line=None if line is None else line + self.first_line,
            path=dotted(path),
            values=values,
        )


def check(model: type[Model], data: object, file: FileText) -> Model:
    """Return `data` as a `model`; raise InputError with every fault of the file at once."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=True)
        raise InputError(_problem(model, fault, file) for fault in faults) from None


def dotted(path: Iterable[str | int]) -> str:
    """Return a key path as people write it: approvals[0].version."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


# pydantic's error type -> our code, and what kind of value the wording asks for.
_CODES = {
    "missing": ("missing-key", ""),
    "extra_forbidden": ("unknown-key", ""),
    "string_type": ("wrong-type", "text in quotes"),
    "int_type": ("wrong-type", "a whole number"),
    "int_parsing": ("wrong-type", "a whole number"),
    "float_type": ("wrong-type", "a number"),
    "bool_type": ("wrong-type", "true or false"),
    "list_type": ("wrong-type", "a list in square brackets"),
    "tuple_type": ("wrong-type", "a list in square brackets"),
    "dict_type": ("wrong-type", "a table of names and values"),
    "model_type": ("wrong-type", "a table of names and values"),
    "model_attributes_type": ("wrong-type", "a table of names and values"),
    "date_type": ("wrong-type", "a date without quotes, such as 2026-11-21"),
    "date_from_datetime_inexact": ("wrong-type", "a date without a time, such as 2026-11-21"),
}


def _problem(model: type[BaseModel], fault: Mapping[str, Any], file: FileText) -> Problem:
    path: KeyPath = tuple(fault["loc"])
    code, wanted = _CODES.get(fault["type"], ("value-refused", ""))
    values = {"key": str(path[-1]) if path else ""}
    guess = ""
    if code == "unknown-key":
        guess = nearest(str(path[-1]), _names_at(model, path[:-1]))
    elif code == "wrong-type":
        values["wanted"] = wanted
    elif fault["type"] == "value_error":
        # Our own validators raise ValueError("code") or ValueError("code", {values}).
        arguments = fault["ctx"]["error"].args
        code = arguments[0]
        values |= arguments[1] if len(arguments) > 1 else {}
    elif code == "value-refused":
        values["reason"] = fault["msg"]
    found = file.problem(code, path, **values)
    return Problem(
        kind=found.kind,
        code=found.code,
        source=found.source,
        line=found.line,
        path=found.path,
        values=found.values,
        nearest=guess,
    )


def _names_at(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """Return the field names of the model that stands at `path` inside `model`."""
    here: Any = model
    for part in path:
        here = here.model_fields[part].annotation if _is_model(here) and part in here.model_fields else here
        here = _model_inside(here)
    return tuple(here.model_fields) if _is_model(here) else ()


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _model_inside(annotation: Any) -> Any:
    """Return the model that an annotation such as `tuple[Model, ...] | None` holds, else the annotation."""
    if _is_model(annotation) or get_origin(annotation) is None:
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple, list, dict, Mapping) or get_args(annotation):
        for argument in get_args(annotation):
            inside = _model_inside(argument)
            if _is_model(inside):
                return inside
    return annotation
