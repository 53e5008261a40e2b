"""The text of a TOML file or the nodes of YAML -> the line of each key path, so that a Problem can name it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import yaml

KeyPath: TypeAlias = tuple[str | int, ...]

_PART = r"""(?:[\w-]++|"[^"]*+"|'[^']*+')"""
_KEY = rf"({_PART}(?:\s*+\.\s*+{_PART})*+)\s*+"
_TOML_TABLE = re.compile(rf"\s*+(\[\[?+)\s*+{_KEY}\]\]?+\s*+(?:#.*+)?\Z")
_TOML_KEY = re.compile(rf"\s*+{_KEY}=(.*+)")
_TOML_PART = re.compile(_PART)
_TOML_INLINE_KEY = re.compile(rf"[{{,]\s*+({_PART})\s*+=")
_DEEPEST = 50
"""Parts of a key that are looked at: tomllib goes the whole way through them for each value below."""
_TOML_MULTILINE = ('"""', "'''")


def toml_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) of each table, key and key of an inline table in TOML that parsed without error."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
        elif match := _TOML_TABLE.match(line):
            table = _toml_parts(match[2])
            if match[1] == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = (*table, index)
            lines.setdefault(table, number)
        elif match := _TOML_KEY.match(line):
            path = (*table, *_toml_parts(match[1]))
            lines.setdefault(path, number)
            for inline in _TOML_INLINE_KEY.finditer(match[2]):
                lines.setdefault((*path, *_toml_parts(inline[1])), number)
            closing = next((mark for mark in _TOML_MULTILINE if match[2].count(mark) == 1), "")
    return lines


def too_deep(text: str) -> int:
    """Return the first line (from 1) of a TOML text whose key has more parts than any file of ours, or 0."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _TOML_TABLE.match(line)
        key = match[2] if match else found[1] if (found := _TOML_KEY.match(line)) else ""
        if key.count(".") >= _DEEPEST and len(_toml_parts(key)) > _DEEPEST:
            return number
    return 0


def _toml_parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _TOML_PART.findall(dotted))


def yaml_lines(root: yaml.Node | None) -> Iterator[tuple[KeyPath, int, yaml.Node]]:
    """Yield each key path below `root`, the line (from 1) on which it stands, and the node of its key or item.

    A key that stands twice is yielded twice: YAML itself keeps the last of the two without a word.
    """
    return _yaml_walk(root, ()) if root is not None else iter(())


def _yaml_walk(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, int, yaml.Node]]:
    children: Iterable[tuple[str | int, yaml.Node, yaml.Node]] = ()
    if isinstance(node, yaml.MappingNode):
        children = ((str(key.value), key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        children = ((index, value, value) for index, value in enumerate(node.value))
    for part, place, value in children:
        yield (*path, part), place.start_mark.line + 1, place
        yield from _yaml_walk(value, (*path, part))


def first_line(text: str, gives_up: Callable[[str], bool]) -> int:
    """Return the first line (from 1) at which a parser, which reads from above, gives up for good."""
    lines = text.splitlines(keepends=True)
    low, high = 1, len(lines)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if gives_up("".join(lines[:middle])) else (middle + 1, high)
    return low


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of `path`, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
