"""The text of a TOML or YAML file -> the line on which each key path stands, so that a Problem can name it."""

import re
from collections.abc import Iterator, Mapping
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


def yaml_lines(text: str) -> tuple[Mapping[KeyPath, int], tuple[tuple[KeyPath, int], ...]]:
    """Return the line (from 1) of each key path, and the paths that stand twice with the line of the second.

    YAML itself keeps the last of two equal keys without a word.
    Raises yaml.YAMLError as the parser does.
    """
    lines: dict[KeyPath, int] = {}
    twice: list[tuple[KeyPath, int]] = []
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    for path, line in _yaml_walk(root, ()) if root is not None else ():
        if path in lines:
            twice.append((path, line))
        lines.setdefault(path, line)
    return lines, tuple(twice)


def _yaml_walk(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _yaml_walk(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _yaml_walk(value, (*path, index))


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of `path`, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
