"""The benchmark's patients, tables and Typst sheet: what they say. What anything costs only `make bench` measures."""

import csv
import re
import unicodedata
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from benchmarks.comparison import write
from benchmarks.contenders import CLINIC, clinic_of_the_full_way, job, strangers
from benchmarks.patients import SCRIPTS, TOO_LONG, some
from benchmarks.table import Batch, Cell, Measured, Warming, of_batches, of_goals, of_sheets, percentile
from benchmarks.typst_sheet import LOOK, WHOLE, UnknownMarkupError, written
from handouts import Press
from handouts.catalogues import document_ids
from handouts.languages import known_tags
from handouts.page_tree import HTML, page_tree
from handouts.records import ComposedHandout
from handouts.resources import Resources


def composed(language: str, clinic: Path = CLINIC) -> tuple[ComposedHandout, ...]:
    press = Press.open(clinic)
    return tuple(press.compose(job(patient, language))[0][0] for patient in strangers(language))


def script(name: str) -> str:
    return unicodedata.name(name[0]).split()[0]


# --- patients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_share_of_names_in_another_script_holds_from_the_first_patient_on(language: str) -> None:
    (own,) = {script(one.name) for one in some(language, 50)}
    for number, expected in ((6, 0), (7, 1), (20, 3), (400, 60)):
        assert sum(script(one.name) != own for one in some(language, number, foreign=0.15)) == expected


def test_so_many_names_are_too_long_as_were_asked_for() -> None:
    for unfit, expected in ((0, 0), (0.0025, 2), (0.01, 8)):
        assert sum(len(one.name) >= TOO_LONG for one in some("zh-Hans", 800, unfit=unfit)) == expected


def test_the_same_patients_come_each_time_and_others_with_another_seed() -> None:
    assert some("hi", 50) == some("hi", 50)
    assert len({one.name for seed in (1, 2) for one in some("hi", 50, seed=seed)}) > 95


@pytest.mark.parametrize("language", SCRIPTS)
def test_names_are_hardly_ever_the_same(language: str) -> None:
    assert len({one.name for one in some(language, 1000)}) > 980


def test_what_is_compared_is_every_document_in_every_language_in_many_scripts(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", 800)
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 800
    wanted = set(product(known_tags(), document_ids(Resources(clinic=CLINIC))))
    assert {(one["Language"], one["Handout"]) for one in rows} == wanted
    assert len({script(one["Name"]) for one in rows}) == len(SCRIPTS)
    assert any(
        script(first) != script(last) for first, *_, last in (one["Name"].split() for one in rows if " " in one["Name"])
    )


# --- tables ----------------------------------------------------------------------------------------------------------


def measured(contender: str, *milliseconds: float, unfit: float = 0, laid_out: int = 0) -> Measured:
    return Measured(
        cell=Cell(contender=contender, language="ar", foreign=0, unfit=unfit),
        milliseconds=milliseconds,
        clock=2 * sum(milliseconds) / len(milliseconds),
        size=51234.5,
        megabytes=230.4,
        laid_out={"wide": laid_out} if laid_out else {},
        warming=Warming(first=800, slowest=1712.3, laid_out=9),
        kept=f"{contender}.pdf",
    )


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_a_percentile_is_the_smallest_time_that_so_many_do_not_exceed() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert [percentile(hundred, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]
    assert percentile(hundred[-10:], 0.95) == 10
    assert percentile([7.0], 0.99) == 7


def test_a_row_says_what_a_cell_took() -> None:
    slow = measured("handouts", *[1.0] * 99, 101.0, unfit=0.0025, laid_out=1)
    head, rule, row = rows(of_sheets([slow], {"handouts.pdf": "passes"}))
    assert len(head) == len(rule) == len(row)
    assert row == [
        *("handouts", "ar", "0%", "0.25%", "100", "2", "1", "1", "1", "4", "51,234", "230", "passes", "1 wide"),
    ]


def test_few_sheets_have_no_percentiles() -> None:
    assert rows(of_sheets([measured("Chromium", 100.4, 130.4)], {}))[2][5:9] == ["115", "100", "–", "–"]


def test_the_goals_compare_the_means_of_the_plain_cells() -> None:
    found = [
        measured("handouts, checked row", 1.0, 2.0),
        measured("handouts, checked row", 90.0, unfit=0.01),
        measured("handouts, 25 rows", 1.0),
        measured("WeasyPrint", 600.0),
        measured("Typst", 7.5),
    ]
    assert rows(of_goals(found))[2] == [
        *("ar", "1.5", "1", "600", "7.5", "400.0", "600.0", "5.0", "7.5", "800", "1,712", "9")
    ]


def test_batches_are_compared_with_the_first_one() -> None:
    slow = Batch(
        name="full",
        rows=60,
        workers=1,
        seconds=30,
        processor=27,
        early=300,
        late=310.5,
        laid_out={"template": 60},
        verified=True,
    )
    fast = replace(slow, name="fast", rows=5000, workers=2, seconds=10, processor=15, laid_out={}, verified=False)
    first, second = rows(of_batches([slow, fast]))[2:]
    assert first[:7] == ["full", "60", "1", "30.0", "2.00", "1.0", "450"]
    assert second == ["fast", "5,000", "2", "10.0", "500.00", "250.0", "3", "300", "310", "–", "NOT WHOLE"]
    assert first[7:] == ["300", "310", "60 template", "whole"]


def test_the_same_rows_of_two_workers_are_compared_with_those_of_one() -> None:
    one = Batch(
        name="fits", rows=90, workers=1, seconds=30, processor=27, early=300, late=310, laid_out={}, verified=True
    )
    two, fewer = replace(one, workers=2, rows=180, seconds=32), replace(one, workers=2)
    assert of_batches([one, two, fewer]).splitlines()[-1] == (
        "fits: of 180 rows, 2 workers make 1.88 times as many a second as one makes of 90."
    )


# --- the same sheet for others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_sheet_for_typst_has_every_word_of_the_composed_one(language: str, tmp_path: Path) -> None:
    one, other = composed(language)
    sheet = written(one, other, tmp_path)
    source = (tmp_path / WHOLE).read_text()
    (first, _) = (sheet.of(handout.html).decode() for handout in (one, other))
    values = dict(re.findall(r'"(\d+)": "((?:[^"\\]|\\.)*)"', first))
    assert len(values) == len(sheet.places) >= 31
    said = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r'v\("(\d+)"\)', lambda at: f'"{values[at[1]]}"', source)))
    assert [word for word in printed(one) if word not in said] == []
    assert (tmp_path / LOOK.name).is_file()


def test_a_sheet_with_what_typst_would_leave_out_is_refused(tmp_path: Path) -> None:
    one, other = composed("en")
    strange = one.html.replace('<p class="summary">', '<aside>Also</aside><p class="summary">')
    with pytest.raises(UnknownMarkupError, match="aside"):
        written(replace(one, html=strange), replace(other, html=strange), tmp_path)


def printed(handout: ComposedHandout) -> list[str]:
    page = page_tree(handout.html)
    (footer,) = page.iter(f"{HTML}footer")
    footer.remove(footer[0])  # What a screen alone shows.
    (body,) = page.iter(f"{HTML}body")
    return [word for text in body.itertext() for word in text.split()]


def test_the_full_way_prints_what_the_example_clinic_prints(tmp_path: Path) -> None:
    (shipped, _), (own, _) = composed("en"), composed("en", clinic_of_the_full_way(tmp_path))
    assert printed(own) == printed(shipped)
