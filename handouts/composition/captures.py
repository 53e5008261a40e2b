"""A clinic's own templates -> where one of them keeps what it has printed, and could decide by a patient's value.

A probe refuses every question about a value, but `{% set x %}…{% endset %}` and what a macro returns are plain text.
"""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from handouts.codes import Code
from handouts.composition.environment import environment
from handouts.errors import Kind, Problem
from handouts.resources import Resources, read_text

_KEEPING = (nodes.AssignBlock, nodes.FilterBlock)
_DECIDING = (nodes.Assign, nodes.CondExpr, nodes.Compare, nodes.Test, nodes.Filter, nodes.Getitem, nodes.Concat)
_OF_BLOCKS = frozenset(("self", "super", "caller"))


def captures(resources: Resources) -> Iterator[Problem]:
    """Yield a Problem, with file and line, for each place of the clinic's own templates that keeps what was printed."""
    if resources.clinic is None:
        return
    folder = resources.clinic / "templates"
    for path in sorted(folder.glob("**/*.html")):
        source = resources.display(path)
        text = read_text(path, kind=Kind.TEMPLATE, source=source)
        for line in sorted(set(_lines(environment(resources), text, path))):
            yield Problem.of(Kind.TEMPLATE, Code.VALUE_USED, source, line)


def _lines(jinja: Environment, text: str, path: Path) -> Iterator[int]:
    page = jinja.parse(text, filename=str(path))
    printing = _OF_BLOCKS | {macro.name for macro in page.find_all(nodes.Macro)} | set(_imported(page))
    yield from (node.lineno for node in page.find_all(_KEEPING))
    deciding = (
        *page.find_all(_DECIDING),
        *(branch.test for branch in page.find_all(nodes.If)),
        *(loop.iter for loop in page.find_all(nodes.For)),
        *(value for scope in page.find_all(nodes.With) for value in scope.values),
    )
    for node in deciding:
        calls = [*node.find_all(nodes.Call), *((node,) if isinstance(node, nodes.Call) else ())]
        yield from (call.lineno for call in calls if _root(call.node) in printing)


def _imported(page: nodes.Template) -> Iterator[str]:
    """Yield the names under which a template has other templates' macros."""
    yield from (node.target for node in page.find_all(nodes.Import))
    for node in page.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in node.names)


def _root(node: nodes.Node) -> str:
    """Return the name that an expression such as parts.heading begins with."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""
