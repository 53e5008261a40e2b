"""The text of a TOML file or the nodes of YAML -> the line of each key path, so that a Problem can name it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import yaml

KeyPath: TypeAlias = tuple[str | int, ...]

_TOML_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$""")
_TOML_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TOML_INLINE_KEY = re.compile(r"""[{,]\s*((?:[\w-]+|"[^"]*"|'[^']*'))\s*=""")
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


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of `path`, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
