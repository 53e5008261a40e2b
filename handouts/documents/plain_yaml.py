"""A document's YAML -> data and lines, by the few rules that people expect: YAML 1.2's values, no marks, no depth."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from handouts.lines import KeyPath, yaml_lines

MAXIMUM_DEPTH = 20
"""No document needs more; libyaml itself crashes on some ten thousand brackets."""

_STANDARD = "tag:yaml.org,2002:"
_DIGITS = "0123456789"
_VALUES = {
    "null": (r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    "bool": (r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    "int": (r"(?:0|[-+]?[1-9][0-9]{0,17})", list("-+" + _DIGITS)),
    "float": (r"[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,18}", list("-+." + _DIGITS)),
    "timestamp": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list(_DIGITS)),
}
"""YAML 1.2's core schema and dates: `on` and `no` are words, 1:30 is no 90 and 024 is no 20, as in YAML 1.1."""


class _PlainLoader(yaml.CSafeLoader):
    """Reads what stands without quotes by _VALUES and nothing else."""

    yaml_implicit_resolvers: dict[str, object] = {}  # noqa: RUF012 - as PyYAML declares it; filled below


def _date(loader: _PlainLoader, node: yaml.ScalarNode) -> object:
    """Return the date, or the text where there is no such day, so that the model can name the key."""
    text = loader.construct_scalar(node)
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return text


for _name, (_form, _first) in _VALUES.items():
    _PlainLoader.add_implicit_resolver(_STANDARD + _name, re.compile(rf"\A{_form}\Z"), _first)
_PlainLoader.add_constructor(_STANDARD + "timestamp", _date)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainYaml:
    """What YAML says: `data`, the first line of each key path, and what no key should be.

    `twice` are the keys that stand a second time, with the line of that; `not_text` are those that would not be read
    as text. In `data` they are text all the same.
    """

    data: object
    lines: Mapping[KeyPath, int]
    twice: tuple[tuple[KeyPath, int], ...]
    not_text: tuple[KeyPath, ...]


def read_yaml(text: str) -> PlainYaml:
    """Return what the YAML in `text` says; raise yaml.YAMLError where it is none, or none that a document needs."""
    _refuse_marks_and_depth(text)
    loader = _PlainLoader(text)
    root = loader.get_single_node()
    lines: dict[KeyPath, int] = {}
    twice: list[tuple[KeyPath, int]] = []
    not_text: list[KeyPath] = []
    for path, line, node in yaml_lines(root):
        if path in lines:
            twice.append((path, line))
        lines.setdefault(path, line)
        is_key = isinstance(path[-1], str)
        if is_key and isinstance(node, yaml.ScalarNode) and node.tag != _STANDARD + "str":
            not_text.append(path)
            node.tag = _STANDARD + "str"
    data = loader.construct_document(root) if root is not None else None
    return PlainYaml(data=data, lines=lines, twice=tuple(twice), not_text=tuple(not_text))


def _refuse_marks_and_depth(text: str) -> None:
    """Raise yaml.MarkedYAMLError before anything is built from the text: what is built from these can be endless."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        reason = ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            reason = "the marks & and * have no place here"
        elif getattr(event, "tag", None):
            reason = "the mark ! has no place here"
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAXIMUM_DEPTH:
            reason = "nested too deeply"
        if reason:
            # The stubs do not know that libyaml's marks are marks.
            raise yaml.MarkedYAMLError(problem=reason, problem_mark=event.start_mark)  # type: ignore[arg-type]
