"""What the options of a batch cannot mean is refused, before anything is made, and never passed over in silence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE_CLINIC, Ran

ROWS = "Patient name,Datum,Notes\nZebulon Quux,2026-03-15 15:00,for staff\n"
READ = ("--column", "Datum=performed_on", "--ignore", "Notes")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((*READ, "--column", "Datum=follow_up"), 2, "said twice what the column “Datum” holds"),
        ((*READ, "--column", "DATUM=follow_up"), 4, "said twice what the column “DATUM” holds"),
        ((*READ, "--ignore", "Datum"), 4, "and that it is to be passed over"),
        ((*READ, "--ignore", "Nope"), 4, "This table has no column “Nope”."),
        ((*READ, "--worksheet", "March"), 4, "--worksheet means nothing for a table of this kind."),
        ((*READ, "--ledger", ""), 9, "error: --ledger"),
        ((*READ, "--merge", ""), 9, "error: --merge"),
        ((*READ, "--cluster", ""), 2, "This is not the address of a cluster."),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused(
    command: Callable[..., Ran], tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    table, folder = tmp_path / "table.csv", tmp_path / "out"
    table.write_text(ROWS)
    given = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--to", folder)
    ran = command("batch", table, *given, *options)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert "Zebulon" not in ran.err
    assert not folder.exists()


EXPORT = """\
\ufeffPatient Name;DOB;MRN;Email;Phone;Language;Treatment;Area;Date of service;Time;Provider;Comments
Layla Example ;14/05/1987;00417;layla@patient.example.org;020 7946 0123;Arabic;Microneedling;Face, Neck;28/11/2026;\
09:30;Sr. O'Brien;nervous
Jane Sample;03/12/1962;00419;;;;microneedling;face;28/11/2026;2:30 PM;Sr. O'Brien;
;;;;;;;;;;;
"""


def test_an_export_is_read_with_its_own_spelling_of_treatment_and_place(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    table, folder = tmp_path / "table.csv", tmp_path / "out"
    table.write_text(EXPORT)
    known = ("--dates", "day/month/year", "--ignore", "Phone", "--ignore", "Comments", "--column", "Time=time")
    ran = command("batch", table, "--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", *known)
    assert "Did you mean “performed_on.time”?" in ran.err
    known = (*known[:-1], "Time=performed_on.time")
    given = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--to", folder, "--workers", "1")
    ran = command("batch", table, *given, *known)
    assert ran.code == 0, ran.err
    assert sorted(path.name.rpartition("-")[0] for path in folder.glob("*.pdf")) == [
        "microneedling-aftercare-ar",
        "microneedling-aftercare-en",
    ]


def test_a_column_may_be_named_by_the_details_option(command: Callable[..., Ran], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("Wer,Wann,Geboren\nZebulon Quux,2026-03-15 15:00,1931-01-02\n")
    columns = ("Wer=patient", "Wann=--performed-on", "Geboren=birth-date")
    given = [option for column in columns for option in ("--column", column)]
    clinic = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--to", tmp_path / "out")
    ran = command("batch", table, *clinic, *given, "--workers", "1")
    assert ran.code == 0, ran.err


def test_a_batch_tells_which_language_one_of_a_country_became(command: Callable[..., Ran], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("Patient name,Date of service\nZebulon Quux,2026-11-21 15:00\nZoe Quux,2026-11-21 15:30\n")
    clinic = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--to", tmp_path / "out")
    ran = command("batch", table, *clinic, "--language", "es-MX", "--workers", "1", "--json")
    assert ran.code == 0, ran.err
    told = [problem["what"] for problem in json.loads(ran.out)["problems"] if problem["code"] == "language-nearest"]
    assert told == ["There are no sheets in “es-MX” of its own: this one is in es."]
    assert len(list((tmp_path / "out").glob("microneedling-aftercare-es-*.pdf"))) == 2


def test_a_sheet_without_a_ledgers_name_is_refused(command: Callable[..., Ran], tmp_path: Path) -> None:
    given = ("--clinic", EXAMPLE_CLINIC, "--patient", "Zebulon Quux", "--to", tmp_path / "out", "--ledger", "")
    ran = command("make", "microneedling-aftercare", *given)
    assert (ran.code, "error: --ledger" in ran.err) == (9, True)
    assert not (tmp_path / "out").exists()
