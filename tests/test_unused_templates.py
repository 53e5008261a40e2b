"""A file among a clinic's templates that no sheet uses is told, with the shipped name that may have been meant."""

from pathlib import Path

import pytest

from handouts.inspection import unused_templates
from handouts.resources import Resources


@pytest.mark.parametrize(
    ("name", "nearest"), [("handout/sheeet.css", "handout/sheet.css"), ("hanout/sheet.html", "handout/sheet.html")]
)
def test_a_misspelt_file_is_told_with_the_name_that_is_meant(name: str, nearest: str, clinic: Path) -> None:
    path = clinic / "templates" / name
    path.parent.mkdir(parents=True)
    path.write_text("h1 { color: red }")
    (problem,) = unused_templates(Resources(clinic=clinic))
    assert (problem.code, problem.source, problem.nearest) == ("template-unused", f"templates/{name}", nearest)


def test_what_covers_a_shipped_file_or_is_named_is_used(clinic: Path) -> None:
    folder = clinic / "templates" / "handout"
    (folder / "pictograms").mkdir(parents=True)
    (folder / "sheet.html").write_text("{{ stylesheet('handout/own.css') }}")
    for name in ("own.css", "sheet.css", "pictograms/mine.svg"):
        (folder / name).write_text("")
    assert list(unused_templates(Resources(clinic=clinic))) == []
