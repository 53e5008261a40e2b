"""A file among a clinic's templates that no sheet uses is told, with the shipped name that may have been meant."""

from pathlib import Path

import pytest

from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import job


@pytest.mark.parametrize(
    ("name", "nearest"), [("handout/sheeet.css", "handout/sheet.css"), ("hanout/sheet.html", "handout/sheet.html")]
)
def test_a_misspelt_file_is_told_with_the_name_that_is_meant(name: str, nearest: str, clinic: Path) -> None:
    path = clinic / "templates" / name
    path.parent.mkdir(parents=True)
    path.write_text("h1 { color: red }")
    (problem,) = Press(Resources(clinic=clinic)).unused_templates
    assert (problem.code, problem.source, problem.nearest) == ("template-unused", f"templates/{name}", nearest)


def test_what_covers_a_shipped_file_or_is_named_is_used(clinic: Path) -> None:
    folder = clinic / "templates" / "handout"
    (folder / "pictograms").mkdir(parents=True)
    (folder / "sheet.html").write_text("{{ stylesheet('handout/own.css') }}")
    for name in ("own.css", "sheet.css", "pictograms/mine.svg"):
        (folder / name).write_text("")
    assert Press(Resources(clinic=clinic)).unused_templates == ()


def test_whoever_makes_a_sheet_is_told_of_a_misspelt_file(clinic: Path) -> None:
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "sheeet.css").write_text("h1 { color: red }")
    _, warnings = Press(Resources(clinic=clinic)).compose(job())
    assert [problem.source for problem in warnings if problem.code == "template-unused"] == [
        "templates/handout/sheeet.css"
    ]
