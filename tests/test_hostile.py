"""Small files that once took for ever, filled the machine or ended in a traceback, and their kin: all ends soon.

Each is laid over a clinic beside which another file stands. What a page loads is tried in test_nothing_leaves.py, what
it shows in test_wrong_sheets.py, and each single fault of a file in test_bad_input.py.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from handouts import limits
from handouts.resources import SHELVES
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, EXAMPLE_TREATMENT, Ran
from tests.waiting import HANGS

Run = Callable[..., Ran]
DOCUMENT = "microneedling-aftercare"
SECONDS = 10.0
"""Of a processor: the worst of these takes two."""
MANY = 300_000
CLINIC, SHEET, STYLE = "clinic.toml", "templates/handout/sheet.html", "templates/handout/sheet.css"
TEXT, CATALOGUE = f"library/{DOCUMENT}.md", f"locales/es/LC_MESSAGES/{DOCUMENT}.po"
SHIPPED = {
    CLINIC: (EXAMPLE_CLINIC / CLINIC).read_text(),
    TEXT: (SHELVES["library"] / f"{DOCUMENT}.md").read_text(),
    CATALOGUE: (SHELVES["locales"] / "es" / "LC_MESSAGES" / f"{DOCUMENT}.po").read_text(),
    STYLE: (SHELVES["templates"] / "handout" / "sheet.css").read_text(),
}


def page(about: str) -> str:
    """Return a template that adds something to the foot of a sheet."""
    return '{% extends "@shipped/handout/sheet.html" %}{% block about %}{{ super() }}' + about + "{% endblock %}"


ADDED: Mapping[str, tuple[str, str, int, str]] = {
    "spaces behind a bracket": (CLINIC, "x = [\n[" + " " * MANY + "\n1]]\n", 3, "clinic.toml"),
    "a table that never closes": (CLINIC, "[[" + " " * MANY, 3, "clinic.toml"),
    "a key of many parts": (CLINIC, "a." * MANY + "b = 1", 3, "clinic.toml"),
    "a list of lists": (CLINIC, "x = " + "[" * MANY, 3, "clinic.toml"),
    "a long number": (CLINIC, "x = " + "9" * MANY, 3, "clinic.toml"),
    "a quotation that never closes": (CLINIC, 'x = """' + '"\n' * MANY, 3, "clinic.toml"),
    "spaces in a comment": (TEXT, "<!-- i18n:" + " " * MANY, 5, TEXT),
    "comments in comments": (TEXT, "<!--" * MANY, 5, TEXT),
    "bold in bold": (TEXT, "**a " * 50_000, 5, TEXT),
    "links in links": (TEXT, "[a](" * 50_000, 5, TEXT),
    "boxes in boxes": (TEXT, "::: do\n" * 50_000, 5, TEXT),
    "blank lines": (CATALOGUE, "\n" * MANY, 0, ""),
    "empty comments": (CATALOGUE, "#\n" * MANY, 0, ""),
    "many quotations": (CATALOGUE, "msgid " + '"a"\n' * MANY + 'msgstr ""\n', 0, ""),
    "an open escape": (CATALOGUE, 'msgid "' + "\\" * (MANY + 1) + '"\nmsgstr ""\n', 6, CATALOGUE),
    "hyphens in a comment": (STYLE, "/*" + "-" * MANY + "*/", 0, ""),
    "a property of itself": (STYLE, ":root { --a: var(--a) var(--a); --b: var(--c); --c: var(--b) }", 0, ""),
}
"""File, what stands at its end (clinic.toml: at its beginning, too), exit code, and the file that is named."""

PAGES: Mapping[str, tuple[str, str]] = {
    "a large text": ("{{ 'x' * 3000000000 }}", "memory"),
    "a large text that is measured": ('{{ "x"|center(3000000000)|length }}', "memory"),
    "a large list": ("{{ ([1] * 900000000)|length }}", "memory"),
    "a wide number": ("{{ '%0*d'|format(2000000000, 1) }}", "memory"),
    "a wide field": ("{{ '{:>2000000000}'.format(1) }}", "memory"),
    "a large separator": ("{{ range(99999)|join('x' * 100000) }}", "memory"),
    "a large batch": ("{{ [1]|batch(900000000, 'x')|list|length }}", "memory"),
    "a list that doubles": (
        "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "memory",
    ),
    "a macro in itself": ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "without end"),
    "a block in itself": ("{{ self.about() }}", "without end"),
    "a long range": ("{% for i in range(999999999) %}{% endfor %}", "Range too big"),
    "a long product": ("{{ (10**4000) * (10**4000) }}", "a number is too long"),
    "a comment that never closes": ("{#" * MANY, "Missing end of comment tag"),
    "a name like one there is": ("{{ parts.title_of() }}", "'title_of'"),
    "half a character": ("{{ '%c' % 55296 }}", "U+D800"),
    "nothing of a page": ("", "<head>"),
    "a table of many columns": ("<table><colgroup span=99999999></colgroup><tr><td>x</table>", "<colgroup> has span"),
    "a cell of many columns": ("<table><tr><td colspan=1000000>x</table>", "<td> has colspan"),
    "a cell of many rows": ("<table><tr><td rowspan='100000'>x</table>", "<td> has rowspan"),
}
"""What a template adds, and what is said of it beside its name."""


def laid_over(clinic: Path, name: str, text: str) -> None:
    path = clinic / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def every_file(folder: Path) -> dict[Path, bytes]:
    """Return what stands in each file of a folder but for the sheets."""
    files = (path for path in folder.rglob("*") if path.is_file() and "out" not in path.parts)
    return {path: path.read_bytes() for path in files}


def made(command: Run, clinic: Path) -> Ran:
    """Make a sheet for a screen, in Spanish, and see that nothing but the sheet was written."""
    (clinic.parent / "somebody's").write_text("keep")
    before = every_file(clinic.parent)
    there = ("--clinic", clinic, "--treatment", EXAMPLE_TREATMENT, "--to", clinic.parent / "out")
    with limits.time_limit(SECONDS):
        ran = command("make", DOCUMENT, *there, "--language", "es", "--format", "html")
    assert every_file(clinic.parent) == before
    assert (clinic.parent / "out").exists() == (ran.code == 0)
    return ran


@pytest.mark.parametrize("name", ADDED)
def test_what_a_file_holds_too_much_of_is_read_or_told_soon(command: Run, clinic: Path, name: str) -> None:
    file, text, code, named = ADDED[name]
    first = f"{text}\n" if file == CLINIC and text.endswith("\n") else ""
    laid_over(clinic, file, f"{first}{SHIPPED[file]}\n{'' if first else text}")
    ran = made(command, clinic)
    assert (ran.code, f"error: {named}" in ran.err) == (code, code != 0), ran.err[-2000:]


@pytest.mark.parametrize("name", [name for name, (_, told) in PAGES.items() if told != "memory"])
def test_a_template_that_cannot_be_used_is_told_with_its_name(command: Run, clinic: Path, name: str) -> None:
    text, told = PAGES[name]
    laid_over(clinic, SHEET, page(text) if text else "nothing")
    ran = made(command, clinic)
    assert (ran.code, f"error: {SHEET}" in ran.err, told in ran.err) == (7, True, True), ran.err[-2000:]
    assert "Did you mean “title_of”" not in ran.err


IN_A_PROCESS = """
import sys
from pathlib import Path
from handouts import limits
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import job
limits.limit_memory()
for clinic in sys.argv[1:]:
    try:
        Press(Resources(clinic=Path(clinic))).compose(job())
    except InputError as error:
        for problem in errors_of(error.problems):
            print(problem.code, problem.source, problem.line)
"""


def test_what_fills_the_memory_is_told_with_its_line(clinic: Path) -> None:
    growing = [text for text, told in PAGES.values() if told == "memory"]
    clinics = []
    for number, text in enumerate(growing):
        clinics.append(clinic.parent / str(number))
        laid_over(clinics[-1], CLINIC, SHIPPED[CLINIC].replace('"logo.svg"', '""'))
        laid_over(clinics[-1], SHEET, page(text))
    command = [sys.executable, "-c", IN_A_PROCESS, *map(str, clinics)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=HANGS, check=False)
    assert ran.stdout.splitlines() == [f"out-of-memory {SHEET} 1"] * len(growing), ran.stderr[-2000:]
