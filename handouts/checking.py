"""Data from a file + its pydantic model -> the checked model, or every Problem of the file with its line."""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, ValueFault, few, nearest
from handouts.lines import KeyPath, line_of, toml_lines
from handouts.toml_text import parsed_toml


class StrictModel(BaseModel):
    """The base of every file model: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """Annotates a text: the pattern that the whole of it has, and what it must be in words."""

    pattern: str
    must: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the form after everything else."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Keep the pattern for editors that read the schema."""
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise ValueFault(Code.VALUE_REFUSED, reason=f"it must {self.must}")
        return value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


AS_TUPLE = BeforeValidator(_tuple)
"""Annotates a tuple that files write as a list."""

FINGERPRINT = Form(
    pattern="([0-9a-f]{16})?", must="be 16 digits and letters a to f, in quotes, as the command wrote them"
)
"""Of a text that somebody signs; "" where it is left out."""

Model = TypeVar("Model", bound=StrictModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileText:
    """A file that is being read: its name as the person knows it, what its problems are, the line of each key."""

    kind: Kind
    source: str
    lines: Mapping[KeyPath, int]
    first_line: int = 0

    def line(self, path: KeyPath) -> int | None:
        """Return the line of the file, counted from 1, where `path` stands; None where it is not known."""
        line = line_of(self.lines, path)
        return None if line is None else line + self.first_line

    def problem(self, code: Code, path: KeyPath, **values: str) -> Problem:
        """Return the Problem `code` at `path`; `nearest` and what fills the wording are those of Problem.of."""
        return Problem.of(self.kind, code, self.source, self.line(path), path=dotted(path), **values)


def toml_file(text: str, *, kind: Kind, source: str) -> tuple[Mapping[str, object], FileText]:
    """Return what a TOML file says and the line of each key; raise InputError where it is not TOML."""
    data = parsed_toml(text, kind=kind, source=source)
    return data, FileText(kind=kind, source=source, lines=toml_lines(text))


def schema_of(model: type[StrictModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file; what stands below a field in its model is the field's description."""
    schema = model.model_json_schema()
    tables = {**schema["$defs"], model.__name__: schema}
    for each in _models(StrictModel):
        inherited = [pair for base in each.__mro__ if issubclass(base, StrictModel) for pair in _field_docstrings(base)]
        for name, words in inherited if each.__name__ in tables else ():
            tables[each.__name__]["properties"][name]["description"] = words
    return schema


def _models(base: type[StrictModel]) -> Iterator[type[StrictModel]]:
    for each in base.__subclasses__():
        yield each
        yield from _models(each)


def _field_docstrings(model: type[StrictModel]) -> Iterator[tuple[str, str]]:
    """Read them from the source: pydantic's own way (use_attribute_docstrings) would do it at every start."""
    for definition in ast.parse(inspect.getsource(sys.modules[model.__module__])).body:
        if isinstance(definition, ast.ClassDef) and definition.name == model.__name__:
            for field, below in pairwise(definition.body):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                        yield name, " ".join(words.split())


def check(model: type[Model], data: object, file: FileText) -> Model:
    """Return `data` as a `model`; raise InputError with every fault of the file at once."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=True)
        raise InputError(few(faults, lambda fault: fault["type"], lambda fault: _problem(model, fault, file))) from None


def dotted(path: Iterable[str | int]) -> str:
    """Return a key path as people write it: approvals[0].version."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


# pydantic's error type -> our code and what fills its wording; names in braces are filled from the error's context.
_CODES: Mapping[str, tuple[Code, Mapping[str, str]]] = {
    "missing": (Code.MISSING_KEY, {}),
    "extra_forbidden": (Code.UNKNOWN_KEY, {}),
    "string_type": (Code.WRONG_TYPE, {"wanted": "text in quotes"}),
    "int_type": (Code.WRONG_TYPE, {"wanted": "a whole number"}),
    "int_parsing": (Code.WRONG_TYPE, {"wanted": "a whole number"}),
    "int_from_float": (Code.WRONG_TYPE, {"wanted": "a whole number"}),
    "float_type": (Code.WRONG_TYPE, {"wanted": "a number"}),
    "bool_type": (Code.WRONG_TYPE, {"wanted": "true or false"}),
    "list_type": (Code.WRONG_TYPE, {"wanted": "a list in square brackets"}),
    "tuple_type": (Code.WRONG_TYPE, {"wanted": "a list in square brackets"}),
    "dict_type": (Code.NOT_A_TABLE, {}),
    "model_type": (Code.NOT_A_TABLE, {}),
    "model_attributes_type": (Code.NOT_A_TABLE, {}),
    "date_type": (Code.WRONG_TYPE, {"wanted": "a date without quotes, such as 2026-11-21"}),
    "date_from_datetime_inexact": (Code.WRONG_TYPE, {"wanted": "a date without a time, such as 2026-11-21"}),
    "string_too_short": (Code.EMPTY_VALUE, {}),
    "string_too_long": (Code.TOO_LONG, {"maximum": "{max_length}"}),
    "too_short": (Code.EMPTY_VALUE, {}),
    "too_long": (Code.TOO_MANY, {"maximum": "{max_length}"}),
    "greater_than_equal": (Code.VALUE_REFUSED, {"reason": "it must be {ge} or more"}),
    "less_than_equal": (Code.VALUE_REFUSED, {"reason": "it must be {le} or less"}),
    "literal_error": (Code.VALUE_REFUSED, {"reason": "it must be {expected}"}),
}
_OTHER = (Code.VALUE_REFUSED, {"reason": "it does not have the right form"})
"""Never pydantic's own words: they speak of Python."""

_FORMS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "it must be small letters and digits, with - between words",
    r"^https://": "it must begin with https://",
}
"""What pydantic's own patterns in the model of a document mean."""


_QUOTED = re.compile("'([^']+)'")


def _problem(model: type[BaseModel], fault: Mapping[str, Any], file: FileText) -> Problem:
    path: KeyPath = tuple(part for part in fault["loc"] if not str(part).startswith("["))
    context = fault.get("ctx", {})
    code, wording = _CODES.get(fault["type"], _OTHER)
    values = {name: text.format_map(context).replace("'", "") for name, text in wording.items()}
    guess = ""
    if fault["type"] == "extra_forbidden":
        guess = nearest(str(path[-1]), _names_at(model, path[:-1]))
    elif fault["type"] == "literal_error":
        guess = nearest(str(fault["input"]), _QUOTED.findall(context["expected"]))
    elif fault["type"] == "missing" and file.kind is Kind.DOCUMENT:
        code = Code.MISSING_ENTRY
    elif fault["type"] == "string_pattern_mismatch":
        values["reason"] = _FORMS.get(context["pattern"], values["reason"])
    elif fault["type"] == "value_error":
        refused: ValueFault = context["error"]  # All that our own validators raise.
        code, values, guess = refused.code, dict(refused.values), refused.nearest
    return file.problem(code, path, nearest=guess, **{"key": _key(path), **values})


def _key(path: KeyPath) -> str:
    """Return what the last part of a path is called: an item of a list by the list's name."""
    names = [place for place, part in enumerate(path) if isinstance(part, str)]
    return dotted(path[names[-1] :]) if names else dotted(path)


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
