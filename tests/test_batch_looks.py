"""A batch's real workers judge finished pages: each look once, and one that hides something at every row."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.batch import Processes
from handouts.errors import ExitCode
from handouts.records import Failed
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, Ran, job, task

OBSERVER = """
import os, sys

def note(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "letters" and frame.f_code.co_filename.endswith("picture.py"):
        with open(os.environ["JUDGED"], "a") as file:
            file.write(f"{os.getpid()}\\n")

sys.setprofile(note)
"""
"""Python runs this where it begins (site.py: sitecustomize): each picture of a page that is judged leaves a line."""
NAMES = ("Zebulon Quux", "Ana Example", "Zoe Sample", "Bob Specimen")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Return a function that tells which processes have judged a page since, each as often as it did."""
    noted = tmp_path / "judged"
    (tmp_path / "observer").mkdir()
    (tmp_path / "observer" / "sitecustomize.py").write_text(OBSERVER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "observer"), prepend=":")
    monkeypatch.setenv("JUDGED", str(noted))

    def found() -> list[str]:
        lines = noted.read_text().split() if noted.exists() else []
        noted.unlink(missing_ok=True)
        return lines

    return found


def run(resources: Resources, workers: int) -> None:
    """Make a sheet for each name; all have one look."""
    tasks = (task(number, job(patient_name=name)) for number, name in enumerate(NAMES))
    made = list(Processes(resources=resources, workers=workers).run(tasks))
    assert not [sheet for sheet in made if isinstance(sheet, Failed)]
    assert len(made) == len(NAMES)


def test_a_look_is_judged_once_for_all_batches_where_there_is_a_cache(
    tmp_path: Path, judged: Callable[[], list[str]]
) -> None:
    resources = Resources(clinic=EXAMPLE_CLINIC, cache=tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    run(resources, 1)
    assert len(judged()) == 1
    assert len(list((tmp_path / "cache" / "looks").iterdir())) == 1
    run(resources, 2)
    assert judged() == []
    assert len(list((tmp_path / "cache" / "looks").iterdir())) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_look_is_judged_once_by_each_worker_where_there_is_no_cache(
    workers: int, judged: Callable[[], list[str]]
) -> None:
    run(Resources(clinic=EXAMPLE_CLINIC), workers)
    processes = judged()
    assert 1 <= len(processes) <= workers
    assert len(set(processes)) == len(processes)


def test_a_look_that_hides_a_block_refuses_every_row_and_is_told_once(
    clinic: Path, tmp_path: Path, command: Callable[..., Ran]
) -> None:
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True)
    hidden = "{% block style %}.emergency { display: none }{% endblock %}"
    (folder / "sheet.html").write_text('{% extends "@shipped/handout/sheet.html" %}' + hidden)
    table = tmp_path / "table.csv"
    rows = "".join(f"{name},2026-11-21 15:00\n" for name in NAMES)
    table.write_text(f"Patient name,Date of service\n{rows}")
    given = ("--clinic", clinic, "--document", "microneedling-aftercare", "--to", tmp_path / "out", "--workers", "2")
    ran = command("batch", table, *given, "--json")
    answer = json.loads(ran.out)
    assert ran.code == ExitCode.TEMPLATE
    assert (answer["made"], answer["rejected"]) == (0, [2, 3, 4, 5])
    told = [problem for problem in answer["problems"] if problem["severity"] == "error"]
    assert [(problem["code"], problem["source"]) for problem in told] == [
        ("text-missing", "templates/handout/sheet.html"),
        ("link-nowhere", "the sheet"),  # The red line leads to the box.
    ]
    assert "::: emergency" in told[0]["what"]
    assert not list((tmp_path / "out").glob("*.pdf"))
