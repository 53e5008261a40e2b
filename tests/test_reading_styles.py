"""A style and a page are read once from end to end, whatever stands in them; what was hostile takes no longer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from handouts.codes import Code
from handouts.composition.origin import at_own_template
from handouts.composition.passages import Passage, marked_up
from handouts.composition.stylesheets import own_fonts, refusals, resolved
from handouts.errors import Kind, Problem
from handouts.page_tree import page_tree
from handouts.resources import Resources
from handouts.typesetting.screen import meet_conditions

LETTERS = 100_000
LONGEST = 10.0
"""Seconds of processor time. What is read in one go takes a tenth of it; what looks ahead from each letter, hours."""
CSS = {
    "hyphens": "-",
    "hyphens in a comment": "/*-",
    "names": "--a",
    "properties": "--a:",
    "variables": "var(--",
    "spaces": "--a    ",
    "comments": "/*",
    "conditions": "@media (",
    "fonts": "@font-face {",
    "families": "font-family:",
    "blocks": "{",
    "brackets": "a(",
    "strings": "'a\n",
    "addresses": "url(",
    "escapes": "\\72",
}
PAGES = {
    "tags": "<a ",
    "quotes": "<a b=\"'",
    "open quotes": '<"',
    "styles": "<style ",
    "ends": "</style ",
    "comments": "<!--",
    "titles": "<title><",
}


@contextmanager
def soon() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < LONGEST


def long(text: str) -> str:
    return text * (LETTERS // len(text))


def put_in(css: str) -> str:
    """Return a style of one stylesheet with its custom properties put in."""
    (found,) = resolved((css,))
    return found


@pytest.mark.parametrize("read", [put_in, own_fonts, refusals])
@pytest.mark.parametrize("css", CSS.values(), ids=CSS)
def test_a_style_is_read_in_one_go(read: Callable[[str], object], css: str) -> None:
    with soon():
        read(long(css))


@pytest.mark.parametrize("css", CSS.values(), ids=CSS)
def test_conditions_are_met_in_one_go(css: str) -> None:
    page = page_tree(f"<style>{long(css)}</style>")
    with soon():
        meet_conditions(page)


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_passages_are_marked_up_in_one_go(html: str) -> None:
    printed = Passage(text="a", dir="rtl").__html__()
    with soon():
        assert "\ufdd0" not in marked_up(f"{printed}{long(html)}{printed}", plain=False)


@pytest.mark.parametrize("line", ["{{", "{{ a }}b", "{%", "var(--a"])
def test_a_fault_is_placed_in_one_go(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "templates" / "handout"
    folder.mkdir(parents=True)
    (folder / "own.css").write_text(f"{long(line)}c\n" + "p { color: red }\n" * 10_000)
    problem = replace(Problem.of(Kind.TYPESETTING, Code.STYLE_PASSED_OVER, "the sheet", 7, property="color"))
    with soon():
        found = at_own_template(
            problem, f"{'b' * LETTERS}\n" + "p { color: red }\n" * 10_000, Resources(clinic=tmp_path)
        )
    assert found.source == "templates/handout/own.css"


@pytest.mark.parametrize(
    ("css", "becomes"),
    [
        ("p { --a: 1; b: var(--a) }", "p { --a: 1; b: 1 }"),
        (":root { --a: var( --b ); --b: 2; } p { c: var(--a) }", ":root { --a: 2; --b: 2; } p { c: 2 }"),
        ("p { b: var(--none) }", "p { b: var(--none) }"),
        (":root { --a: 1 } p { --a: 2; b: var(--a) }", ":root { --a: 1 } p { --a: 2; b: var(--a) }"),
        (":root { --a: 1 } p { b: var(--a) } :root { --a: 2; }", ":root { --a: 1 } p { b: 2 } :root { --a: 2; }"),
        (":root { --a: 1 } p { b: var(--a) } @media print { :root { --a: 2 } }",) * 2,
        (":root { --a: 1 !important } p { b: var(--a) } :root { --a: 2 }",) * 2,
        (":root { --a: 1 } p { b: var(--a) } :root.large { --a: 2 }",) * 2,
        (":root { --a: var(--a)var(--a); --b: 1 } p { c: var(--b) }",) * 2,
        (":root { --a: var(--b); --b: var(--a) } p { c: var(--b) }",) * 2,
    ],
)
def test_custom_properties_are_put_in_where_one_value_is_meant(css: str, becomes: str) -> None:
    assert put_in(css) == becomes


def test_custom_properties_that_double_are_left_to_the_typesetter() -> None:
    doubling = "".join(f"--a{n}: var(--a{n + 1})var(--a{n + 1});" for n in range(40))
    css = f":root {{ {doubling} --a40: 1 }} p {{ b: var(--a0) }}"
    assert put_in(css) == css


def test_stylesheets_stay_apart_and_are_worked_out_together() -> None:
    apart = (":root { --a: 1 }", "p { b: var(--a) }", ":root { --a: 2; }")
    assert resolved(apart) == (":root { --a: 1 }", "p { b: 2 }", ":root { --a: 2; }")


@pytest.mark.parametrize("rule", ["@layer x { p { c: 1 } }", "@LAYER x;", "@l\\61yer x;"])
def test_layers_are_ordered_in_one_stylesheet(rule: str) -> None:
    assert resolved(("p { b: 1 }", rule)) == (f"p {{ b: 1 }}\n{rule}",)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>{}</p>", '<p><span class="run" dir="rtl">a</span></p>'),
        ("<p title='{}'>{}</p>", '<p title=\'a\'><span class="run" dir="rtl">a</span></p>'),
        ('<p title=">{}">b</p>', '<p title=">a">b</p>'),
        ("<style>p::before { content: '{}' }</style>", "<style>p::before { content: 'a' }</style>"),
        ("<!-- it's --><p>{}</p>", '<!-- it\'s --><p><span class="run" dir="rtl">a</span></p>'),
        ("<!-- {} -->", "<!-- a -->"),
        ("1 < 2 '{}'", '1 < 2 \'<span class="run" dir="rtl">a</span>\''),
    ],
)
def test_a_passage_has_an_element_where_text_stands_and_nowhere_else(html: str, found: str) -> None:
    printed = Passage(text="a", dir="rtl").__html__()
    assert marked_up(html.replace("{}", printed), plain=False) == found
