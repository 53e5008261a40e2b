"""A fault of the finished sheet is told by the file and line of the template, stylesheet or picture that it is from."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

EXTENDS = '{% extends "@shipped/handout/sheet.html" %}\n'
STYLE = EXTENDS + "{% block style %}{{ stylesheet('handout/own.css') }}{% endblock %}\n"
ABOUT = "{% block about %}{{ super() }}\n"
# One pixel of grey.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a4944415478016368000000820081dd436af40000000049454e44ae426082"
)

Told = Callable[..., list[dict[str, object]]]


@pytest.fixture
def told(command: Callable[..., Ran], clinic: Path, tmp_path: Path) -> Told:
    """Return a function that puts a sheet.html and an own.css into a clinic and returns what `make` tells of them."""

    def tell(page: str, style: str = "") -> list[dict[str, object]]:
        folder = clinic / "templates" / "handout"
        folder.mkdir(parents=True)
        (folder / "sheet.html").write_text(page)
        (folder / "map.png").write_bytes(PNG)
        if style:
            (folder / "own.css").write_text(style)
        given = ("--clinic", clinic, "--patient", "Ana Example", "--to", tmp_path / "out", "--json")
        problems = json.loads(command("make", "microneedling-aftercare", *given).out)["problems"]
        return [problem for problem in problems if problem["kind"] in ("template", "typesetting")]

    return tell


@pytest.mark.parametrize(
    ("page", "style", "source", "line"),
    [
        (STYLE, "h1 { color: red }\n\nh2 {\n  transfrom: none;\n}\n", "own.css", 4),
        (STYLE, "h2 { transfrom: var(--primary); }\n", "own.css", 1),
        (STYLE, "@media print {\n.a { color: red }\n.b { transfrom: none }\n}\n", "own.css", 3),
        (EXTENDS + "{% block style %}\nh2 { transfrom: {{ colours.tint }}; }\n{% endblock %}", "", "sheet.html", 3),
        (EXTENDS + ABOUT + '<p style="transfrom: none">x</p>{% endblock %}', "", "sheet.html", 3),
    ],
)
def test_a_style_that_is_not_followed_is_told_by_its_file_and_line(
    page: str, style: str, source: str, line: int, told: Told
) -> None:
    (problem,) = (problem for problem in told(page, style) if "transfrom" in str(problem["what"]))
    assert (problem["source"], problem["line"]) == (f"templates/handout/{source}", line)
    assert problem["severity"] == "warning"
    assert not re.search(r"\d+:\d+", str(problem["what"]))


def test_a_picture_without_words_is_told_by_its_file(told: Told) -> None:
    problems = told(EXTENDS + ABOUT + '<img src="{{ asset("handout/map.png") }}">{% endblock %}')
    (problem,) = (problem for problem in problems if problem["severity"] == "error")
    assert (problem["code"], problem["source"], problem["line"]) == (
        *("picture-without-alt", "templates/handout/sheet.html"),
        3,
    )
    assert "templates/handout/map.png" in str(problem["what"])
    assert "base64" not in json.dumps(problem)


def test_a_font_that_the_sheet_does_not_have_is_told_by_its_name_and_who_asks(told: Told) -> None:
    problems = told(STYLE, 'p { margin: 0 }\nh1 { font-family: "Comic Sans MS", sans-serif }\n')
    (problem,) = (problem for problem in problems if problem["severity"] == "error")
    assert (problem["source"], problem["line"]) == ("templates/handout/own.css", 2)
    assert "“Comic Sans MS”" in str(problem["what"])


def test_a_font_of_the_sheet_may_be_asked_for(told: Told) -> None:
    problems = told(STYLE, 'h1 { font-family: "Comic Sans MS", "Noto Sans" }\n')
    assert [problem["code"] for problem in problems if problem["severity"] == "error"] == []


@pytest.mark.parametrize("way", ['@import url("own.css");', '@import "own.css";'])
def test_an_import_is_told_how_to_be_written(way: str, told: Told) -> None:
    problems = told(EXTENDS + "{% block style %}\n" + way + "\n{% endblock %}", "h1 { color: red }")
    (problem,) = problems
    assert (problem["code"], problem["source"], problem["line"]) == (
        "import-refused",
        "templates/handout/sheet.html",
        3,
    )
    assert '{{ stylesheet("handout/own.css") }}' in str(problem["do"])
