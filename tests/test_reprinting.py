"""A sheet that was given out is found again in the ledger: the very same where its file is there, else made anew."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from handouts import ledger
from handouts.interfaces.desk.reprinting import (
    Given,
    Likeness,
    Search,
    TextNow,
    compared,
    given_out,
    print_again,
    the_same,
)
from handouts.interfaces.looking_up import FoundBy
from handouts.interfaces.print_settings import print_server
from handouts.press import Press
from handouts.records import Destination, PrintOrder, PrintServer, Receipt, Step
from handouts.resources import Resources
from tests.conftest import NOW, example_press, job
from tests.printers.printroom import print_room

ZONE = "America/New_York"
AMINA = Search(record_number="lsc-00417")


@dataclass(frozen=True, kw_only=True)
class Desk:
    press: Press
    folder: Path
    receipt: Receipt

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    def search(self, search: Search) -> tuple[Given, ...]:
        found, problems = given_out(search, self.ledger, self.folder / "sheets", ZONE)
        assert problems == ()
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    press = example_press()
    made = press.make(job(), Destination(folder=folder / "sheets", ledger=folder / "ledger.jsonl"))
    return Desk(press=press, folder=folder, receipt=made.receipts[0])


@pytest.fixture
def printer() -> Iterator[PrintServer]:
    with print_room() as room:
        room.add("desk")
        yield print_server(environment=room.environment)


@pytest.mark.parametrize(
    ("search", "by"),
    [
        (AMINA, FoundBy.NUMBER),
        (Search(patient="amina example"), FoundBy.NAME),
        (Search(patient="Amina Example", birth_date="1987-05-14"), FoundBy.BIRTH_DATE),
        (replace(AMINA, day=date(2026, 11, 21)), FoundBy.NUMBER),
        (replace(AMINA, day=date(2026, 11, 22)), None),
        (Search(record_number="LSC-00418"), None),
        (Search(patient="Amina Example", birth_date="1987-05-15"), None),
        (Search(), None),
    ],
)
def test_it_is_found_by_what_the_staff_know(desk: Desk, search: Search, by: FoundBy | None) -> None:
    found = desk.search(search)
    assert [each.found_by.by for each in found] == ([by] if by else [])
    assert "mina" not in repr((search, found))


def test_the_very_same_is_there_until_its_file_is_another(desk: Desk) -> None:
    (given,) = desk.search(AMINA)
    assert (given.document, given.language, given.made_at) == ("microneedling-aftercare", "en", NOW)
    assert the_same(given) == desk.receipt.sheet.data
    moved = desk.receipt.path.with_name(f"other-{given.sheet[:8]}.pdf")
    desk.receipt.path.rename(moved)
    try:
        assert desk.search(AMINA)[0].file == moved, "known by its digest"
        moved.write_bytes(desk.receipt.sheet.data + b"\n")
        assert (desk.search(AMINA)[0].file, the_same(replace(given, file=moved))) == (None, b"")
        assert print_again(given, Destination(folder=desk.folder), desk.press.branding(NOW.date()), lambda: NOW) == (
            False,
            None,
        )
    finally:
        moved.unlink()
        desk.receipt.path.write_bytes(desk.receipt.sheet.data)


def test_what_is_made_anew_says_what_it_has_in_common(desk: Desk) -> None:
    (given,) = desk.search(AMINA)
    key = ledger.read_key(desk.ledger)

    def row(**changed: object) -> str:
        treatment = desk.press.check(job(**changed))[0].checked.treatment  # type: ignore[arg-type]  # details alone
        return ledger.row_reference(treatment, "microneedling-aftercare", "en", key)

    assert compared(given, row(), given.fingerprint) is Likeness.SAME
    assert compared(given, row(), "00000000") is Likeness.TEXT
    assert compared(given, row(practitioner="Nurse S. Sample"), given.fingerprint) is Likeness.DETAILS
    assert compared(given, row(practitioner="Nurse S. Sample"), "00000000") is Likeness.NEITHER


def test_what_the_text_is_today_is_told_before_anything_is_typed(desk: Desk, clinic: Path) -> None:
    (given,) = desk.search(AMINA)
    now = TextNow(document=given.document, language=given.language, now=NOW + timedelta(days=1))
    assert now(desk.press) == (given.version, given.fingerprint)
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("5550142", "5550143"))
    assert now(Press(Resources(clinic=clinic)))[1] != given.fingerprint, "it has another number to call"
    assert replace(now, language="es")(desk.press)[1] != given.fingerprint


def test_the_very_same_is_printed_and_the_ledger_notes_it(desk: Desk, printer: PrintServer) -> None:
    (given,) = desk.search(AMINA)
    destination = Destination(
        folder=desk.folder / "sheets",
        printing=PrintOrder(queue="desk", patience=60),
        print_server=printer,
        ledger=desk.ledger,
    )
    was_there, made = print_again(given, destination, desk.press.branding(NOW.date()), lambda: NOW + timedelta(days=1))
    assert made is not None
    assert (was_there, made.problems) == (True, ())
    (again,) = desk.search(AMINA)
    assert [step.step for step in again.steps] == [Step.MADE, Step.PRINTING, Step.PRINTED]
    assert {step.sheet for step in again.steps} == {given.sheet}
    assert (again.made_at, again.name) == (NOW, given.name)
