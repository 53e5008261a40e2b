"""What surrounds a batch's sheets costs little, and nothing counts as made before it is on the disk."""

import json
import resource
from collections.abc import Callable, Generator, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from handouts import batch
from handouts.batch import Outcome
from handouts.codes import Code
from handouts.crew import Crew, Ended
from handouts.delivery.spool import leave
from handouts.errors import InputError, Kind, Problem
from handouts.ledger import Ledger, read_key, verify
from handouts.press import Press
from handouts.records import BatchOrder, Destination, Failed, Format, LaidOut, LedgerEntry, Sheet, Task
from handouts.resources import Resources
from handouts.stopping import Stopped
from handouts.treatment.tables import Table, TableForm, read_table
from tests.conftest import EXAMPLE_CLINIC, NOW, Ran
from tests.tables import row, write_table


@dataclass
class Ready:
    """An engine whose sheets are ready, each as `laid_out` says of its number.

    It leaves them in the place for that, as processes do. It stops at the task of the number `stops_at`, one sheet may
    be large, and one fails its audit.
    """

    stops_at: int = -1
    large: int = -1
    differs: int = -1
    laid_out: Callable[[int], LaidOut | None] = lambda _: None

    def run(self, tasks: Iterable[Task], place: Path | None) -> Generator[Sheet | Failed]:
        for number, task in enumerate(tasks):
            if number == self.stops_at:
                raise Stopped(15)
            if number == self.differs:
                assert task.audited
                yield Failed(problems=(Problem.of(Kind.TYPESETTING, Code.SHEET_DIFFERS, "the sheet", page="2"),))
            else:
                made = replace(sheet(task, 60_000 if number == self.large else 0), laid_out=self.laid_out(number))
                yield leave(made, place / f"{number}") if place is not None else made


def sheet(task: Task, size: int = 0) -> Sheet:
    """Return a sheet that holds nothing but the row's line."""
    return Sheet(
        content=b"sheet %d" % task.line + bytes(size),
        format=Format.PDF,
        stem="sheet",
        document="microneedling-aftercare",
        version="1",
        language="en",
        fingerprint="f",
        pages=2,
    )


def table(folder: Path, count: int) -> Table:
    path = write_table(folder / "t.csv", [row(number, languages=("en", "es")) for number in range(count)])
    return read_table(path.read_bytes(), "t.csv", form=TableForm.CSV)


def run(
    rows: Table,
    out: Path,
    engine: batch.Engine,
    *,
    resume: bool = False,
    audit: int = 0,
    skip_faulty: bool = False,
    workers: int = 1,
    narrate: Callable[[str, str], None] = lambda *_: None,
) -> Outcome:
    order = BatchOrder(
        destination=Destination(folder=out, ledger=out / "ledger.jsonl"),
        pattern="{line}",
        document="microneedling-aftercare",
        started_at=NOW,
        resume=resume,
        audit=audit,
        skip_faulty=skip_faulty,
    )
    press = Press(Resources(clinic=EXAMPLE_CLINIC), narrate)
    return batch.run(
        rows, order, press, engine, clock=lambda: NOW, progress=lambda _: nullcontext(lambda _: None), workers=workers
    )


def test_sheets_are_made_while_rows_are_checked_and_none_is_delivered_where_one_is_wrong(tmp_path: Path) -> None:
    wanted = [row(number) for number in range(150)]
    rows = read_table(write_table(tmp_path / "t.csv", [*wanted, wanted[3]]).read_bytes(), "t.csv", form=TableForm.CSV)
    begun: list[int] = []

    def laid_out(number: int) -> None:
        begun.append(number)

    with pytest.raises(InputError) as told:
        run(rows, tmp_path / "out", Ready(laid_out=laid_out))
    (problem,) = told.value.problems
    assert (problem.code, problem.line) == ("row-twice", 152)
    assert begun, "an engine warms up meanwhile"
    assert not (tmp_path / "out").exists()


def partly_faulty(folder: Path) -> Table:
    """Return 400 rows: some are faulty, some say what another one far from them says, some are worth a warning."""
    rows = [row(number, languages=("en", "es", "es-MX")) for number in range(400)]
    for number in (40, 260, 261):
        rows[number][5] = "2026-13-40"
    rows[330], rows[390] = rows[3], rows[329]
    return read_table(write_table(folder / "t.csv", rows).read_bytes(), "t.csv", form=TableForm.CSV)


class Dying(Crew[Any, Any]):
    """A crew whose processes all die of every second piece of work."""

    def run(self, works: Iterable[Any]) -> Generator[tuple[Any, Any], None, None]:
        for number, (work, result) in enumerate(super().run(works)):
            yield work, result if number % 2 else Ended.DIED


@pytest.mark.parametrize("crew", [Crew, Dying])
def test_rows_that_processes_check_are_found_to_be_what_one_process_finds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crew: type[Crew[Any, Any]]
) -> None:
    monkeypatch.setattr("handouts.batch.row_checking._MANY", 400)
    monkeypatch.setattr("handouts.batch.row_checking.Crew", crew)
    rows, alone, together = partly_faulty(tmp_path), tmp_path / "alone", tmp_path / "together"
    refused = []
    for workers in (1, 2):
        with pytest.raises(InputError) as told:
            run(rows, tmp_path / "none", Ready(), workers=workers)
        refused.append(told.value.problems)
    assert refused[0] == refused[1]
    assert [problem.line for problem in refused[0]] == [42, 262, 263, 332, 392]
    found = [run(rows, out, Ready(), workers=workers, skip_faulty=True) for workers, out in ((1, alone), (2, together))]
    assert found[0].faulty == found[1].faulty
    assert found[0].warnings == found[1].warnings != ()
    assert found[0].made == found[1].made == 395
    assert [path.read_bytes() for path in sheets(alone)] == [path.read_bytes() for path in sheets(together)]
    again = run(rows, together, Ready(), workers=2, skip_faulty=True, resume=True)
    assert (again.made, again.done_before, again.faulty) == (0, 395, found[0].faulty)
    sheets(together)[200].unlink()
    once_more = run(rows, together, Ready(), workers=2, skip_faulty=True, resume=True)
    assert (once_more.made, once_more.done_before) == (1, 394)


def sheets(out: Path) -> list[Path]:
    return sorted(out.glob("*.pdf"))


def noted(out: Path) -> int:
    return (out / "ledger.jsonl").read_text().count("\n") - 1


def test_a_ledger_takes_the_lines_of_many_sheets_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And never one whose file is not there."""
    sizes: list[int] = []
    append = Ledger.append

    def counting(ledger: Ledger, *entries: LedgerEntry) -> None:
        assert all(Path(entry.where).exists() for entry in entries)
        sizes.append(len(entries))
        append(ledger, *entries)

    monkeypatch.setattr(Ledger, "append", counting)
    monkeypatch.setattr("handouts.batch.running._AT_LEAST_EVERY", float("inf"))  # However slow this machine is.
    outcome = run(table(tmp_path, 250), tmp_path / "out", Ready())
    assert (outcome.made, outcome.entries, sizes) == (250, 250, [1, 100, 100, 49])


def test_what_was_made_before_a_stop_is_delivered_and_noted(tmp_path: Path) -> None:
    with pytest.raises(Stopped) as stopped:
        run(table(tmp_path, 40), tmp_path / "out", Ready(stops_at=25))
    assert stopped.value.made == noted(tmp_path / "out") == len(list((tmp_path / "out").glob("*.pdf"))) == 25
    outcome = run(table(tmp_path, 40), tmp_path / "out", Ready(), resume=True)
    assert (outcome.made, outcome.done_before) == (15, 25)


def test_a_group_of_which_one_file_cannot_be_written_is_written_as_far_as_it_goes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(InputError) as told:
            run(table(tmp_path, 60), out, Ready(large=30))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [problem.code for problem in told.value.problems] == ["cannot-write", "batch-stopped"]
    assert told.value.problems[1].values["made"] == "30"
    assert (noted(out), len(list(out.iterdir()))) == (30, 32), "the sheets, ledger and key, and nothing half written"
    assert run(table(tmp_path, 60), out, Ready(), resume=True).made == 30
    verify(out / "ledger.jsonl", read_key(out / "ledger.jsonl"))


def test_sheets_that_came_to_their_place_before_another_could_not_are_delivered(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(table(tmp_path, 60), out, Ready())
    made = sheets(out)
    for path in made:
        path.unlink()

    def planted(number: int) -> None:
        if number == 0:
            made[29].mkdir()

    with pytest.raises(InputError) as told:
        run(table(tmp_path, 60), out, Ready(laid_out=planted), resume=True)
    assert [problem.code for problem in told.value.problems] == ["cannot-write", "batch-stopped"]
    made[29].rmdir()
    assert sheets(out) == made[:29]
    assert sorted(path.name for path in out.iterdir() if path.suffix != ".pdf") == ["ledger.jsonl", "ledger.key"]
    assert run(table(tmp_path, 60), out, Ready(), resume=True).made == 31, "those that are not there"
    verify(out / "ledger.jsonl", read_key(out / "ledger.jsonl"))
    assert [path.read_bytes() for path in sheets(out)] == [b"sheet %d" % line for line in range(2, 62)]


def test_a_batch_counts_the_sheets_that_were_laid_out_by_themselves(tmp_path: Path) -> None:
    why = {0: LaidOut.FIRST, 1: LaidOut.FIRST, 9: LaidOut.WIDE}
    outcome = run(table(tmp_path, 40), tmp_path / "out", Ready(laid_out=why.get), audit=10)
    assert outcome.laid_out == {LaidOut.FIRST: 2, LaidOut.WIDE: 1}
    assert outcome.audited == 3, "the tenth was not written from another"


def test_a_batch_stops_at_the_first_sheet_that_an_audit_finds_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        run(table(tmp_path, 40), tmp_path / "out", Ready(differs=19), audit=10)
    differs, stopped = told.value.problems
    assert (differs.code, differs.source, differs.line, differs.values) == ("sheet-differs", "t.csv", 21, {"page": "2"})
    assert (stopped.code, stopped.values) == ("batch-stopped", {"made": "19"})
    assert noted(tmp_path / "out") == len(list((tmp_path / "out").glob("*.pdf"))) == 19


def test_a_batch_says_how_its_sheets_were_made(
    command: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    why = dict.fromkeys(range(3), LaidOut.FIRST) | {9: LaidOut.WIDE}
    monkeypatch.setattr("handouts.interfaces.batching._engine", lambda *_: Ready(laid_out=why.get))
    rows = write_table(tmp_path / "t.csv", [row(number) for number in range(20)])
    options = ("batch", rows, "--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--audit", "5")
    said = command(*options, "--to", tmp_path / "one").out
    assert (
        "16 sheets written from one layout; 4 laid out by themselves: 3 the first of their kind, "
        "1 with a value wider than its field; 3 compared, all the same\n"
    ) in said
    answer = json.loads(command(*options, "--to", tmp_path / "two", "--json").out)
    assert (answer["written"], answer["laid_out"], answer["audited"]) == (16, {"first": 3, "wide": 1}, 3)


def test_no_limit_of_a_step_ends_a_batch_that_goes_on_for_long(tmp_path: Path) -> None:
    """Checking a row is a step that computes, and has a limit; what goes on until the last row is none."""
    steps: list[str] = []
    begun: list[str] = []

    def narrate(stage: str, _: str) -> None:
        steps.append(stage)

    def laid_out(_: int) -> None:
        begun.append(steps[-1])

    run(table(tmp_path, 3), tmp_path / "out", Ready(laid_out=laid_out), narrate=narrate)
    assert begun == ["delivering"] * 3
