"""A table of treatments -> a sheet for each row, once, and a ledger that says so and names nobody."""

import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pikepdf
import psutil
import pytest

from handouts.batch import Processes
from handouts.press.bookkeeping import opened
from handouts.press.preparing import Preparing
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources
from handouts.treatment.tables import Table, TableForm, read_table
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran, numbers, task
from tests.tables import NAMES, row, write_table
from tests.waiting import until

BATCH = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--workers", "1")
BY_TWO = ("--workers", "2")
Run = Callable[..., Ran]


def text_of(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def entries(ledger: Path) -> list[dict[str, object]]:
    return [entry for line in ledger.read_text().splitlines() if "row" in (entry := json.loads(line))]


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    """A batch of eight rows in four languages, made once for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("eight")
    table = write_table(folder / "treatments.csv", [row(number) for number in range(8)])
    return folder, table, ran_apart(table, "--to", folder / "out", *BY_TWO)


def ran_apart(
    table: Path, *options: str | Path, preexec_fn: Callable[[], object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, CHECKOUT / "generate.py", "batch", table, *BATCH, *options]
    return subprocess.run(
        [*map(str, command)], env={**os.environ, "SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))},
        capture_output=True, text=True, check=False, preexec_fn=preexec_fn,
    )  # fmt: skip


def test_each_row_becomes_a_sheet_in_its_language(
    eight: tuple[Path, Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _, ran = eight
    assert ran.returncode == 0, ran.stderr
    sheets = sorted((folder / "out").glob("*.pdf"))
    assert Counter(path.name.split("-")[2] for path in sheets) == {"en": 2, "es": 2, "ar": 2, "zh": 2}
    texts = [text_of(path) for path in sheets]
    for number in range(8):
        assert sum(f"LSC-{number:05}" in text for text in texts) == 1
    assert sum("Ana Example 0" in text for text in texts) == 1
    assert "8 sheets made" in ran.stdout


def test_files_are_for_their_owner_alone(eight: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _, _ = eight
    assert {path.stat().st_mode & 0o077 for path in (folder / "out").iterdir()} == {0}


def test_no_patient_is_named_outside_the_sheets(eight: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _, ran = eight
    names = " ".join(path.name for path in (folder / "out").iterdir())
    told = ran.stdout + ran.stderr + (folder / "out" / "ledger.jsonl").read_text() + names
    for number in range(8):
        for value in (*row(number)[:2], NAMES[number % len(NAMES)], f"patient{number}"):
            assert value not in told


def test_the_ledger_knows_which_text_a_patient_got(
    eight: tuple[Path, Path, subprocess.CompletedProcess[str]], command: Run
) -> None:
    folder, _, _ = eight
    found = command("ledger", "find", folder / "out" / "ledger.jsonl", "--record-number", "LSC-00003")
    assert found.code == 0
    assert "microneedling-aftercare 1.1" in found.out
    assert "zh-Hans" in found.out
    assert command("ledger", "verify", folder / "out" / "ledger.jsonl").code == 0


def test_nothing_is_made_twice(
    eight: tuple[Path, Path, subprocess.CompletedProcess[str]], command: Run, tmp_path: Path
) -> None:
    folder, table, _ = eight
    out = Path(shutil.copytree(folder / "out", tmp_path / "out"))
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.pdf")}
    again = command("batch", table, *BATCH, "--to", out)
    assert (again.code, "8 of these 8" in again.err) == (2, True)
    more = write_table(tmp_path / "more.csv", [row(number) for number in range(9)])
    resumed = command("batch", more, *BATCH, "--to", out, "--resume", "--json")
    answer = json.loads(resumed.out)
    assert (answer["made"], answer["made_before"], answer["ledger_entries"]) == (1, 8, 9)
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in out.glob("*.pdf")}.items()


def test_the_same_row_gives_the_same_bytes_as_make(
    eight: tuple[Path, Path, subprocess.CompletedProcess[str]], command: Run, tmp_path: Path
) -> None:
    folder, _, _ = eight
    made = command(
        "make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--language", "en", "--to", tmp_path,
        "--patient", "Ana Example 0", "--record-number", "LSC-00000", "--birth-date", "1987-05-14",
        "--body-site", "face", "--performed-on", "2026-11-01 15:00",
    )  # fmt: skip
    assert made.code == 0
    (alone,) = tmp_path.glob("*.pdf")
    assert any(alone.read_bytes() == path.read_bytes() for path in (folder / "out").glob("*-en-*.pdf"))


FAULTY = [
    row(0),
    ["", "LSC-00001", "1987-05-14", "es", "face", "2026-11-02 15:00", ""],
    ["Ana Example", "LSC-00002", "14.05.1987", "xx", "elbow", "2026-11-02 15:00", "two@at@example.org"],
    row(3),
    row(0),
]


def test_every_faulty_row_is_told_before_anything_is_made(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "faulty.csv", FAULTY)
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out")
    assert ran.code == 4
    assert not list((tmp_path / "out").glob("*.pdf"))
    for place in ("line 3, column 1", "line 4, column 3", "line 4, column 4", "line 4, column 7", "line 6"):
        assert f"faulty.csv, {place}" in ran.err, place
    assert "elbow" not in ran.err
    assert "14.05.1987" not in ran.err
    assert "two@at" not in ran.err


def test_faulty_rows_can_be_skipped_and_corrected(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "faulty.csv", FAULTY)
    out = tmp_path / "out"
    ran = command("batch", table, *BATCH, "--to", out, "--skip-faulty")
    assert ran.code == 0
    assert len(list(out.glob("*.pdf"))) == 2
    rejects = out / "faulty-rejects.csv"
    assert "3 rows not made" in ran.out
    assert rejects.stat().st_mode & 0o077 == 0
    read = read_table(rejects.read_bytes(), "rejects", form=TableForm.CSV)
    assert read.columns[-2:] == ("line", "reason")
    assert [found.cells[-2] for found in read.rows()] == ["3", "4", "6"]
    assert all(found.cells[-1] for found in read.rows())
    corrected = rejects.read_text("utf-8-sig").replace("14.05.1987", "1987-05-14").replace("xx,elbow", "es,face")
    rejects.write_text(corrected.replace("two@at@example.org", "two@example.org"), "utf-8")
    assert command("batch", rejects, *BATCH, "--to", out, "--skip-faulty", "--resume").code == 0
    assert len(list(out.glob("*.pdf"))) == 3


def test_where_every_row_is_faulty_nothing_is_skipped(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "faulty.csv", [[*row(0)[:5], "yesterday", ""]] * 2)
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--skip-faulty")
    assert (ran.code, "faulty.csv, line 2" in ran.err) == (4, True), ran.err
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_a_row_needs_a_document(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    ran = command("batch", table, "--clinic", EXAMPLE_CLINIC, "--to", tmp_path / "out")
    assert (ran.code, "does not say which document" in ran.err) == (4, True)


def test_a_killed_batch_is_finished_by_resume(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number, languages=("en",)) for number in range(30)])
    out = tmp_path / "out"
    for more in (3, 7):
        kill_after(table, out, len(list(out.glob("*.pdf"))) + more)
    ended = ran_apart(table, "--to", out, "--resume", "--json", *BY_TWO)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert answer["made"] + answer["made_before"] == 30
    assert answer["made_before"] >= 8
    assert len(list(out.glob("*.pdf"))) == 30
    assert len({entry["row"] for entry in entries(out / "ledger.jsonl")}) == answer["ledger_entries"] == 30
    assert not list(out.glob(".handouts-*"))


def kill_after(table: Path, out: Path, sheets: int) -> None:
    """Run the batch and kill it, workers and all, when that many sheets are there."""
    command = [sys.executable, CHECKOUT / "generate.py", "batch", table, *BATCH, *BY_TWO, "--to", out, "--resume"]
    with subprocess.Popen(
        [*map(str, command)], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        until(lambda: len(list(out.glob("*.pdf"))) >= sheets or running.poll() is not None, f"{sheets} sheets")
        assert running.poll() is None, "it ended before it could be killed"
        os.killpg(running.pid, signal.SIGKILL)


def tasks(count: int) -> list[Task]:
    return [task(number) for number in range(1, count + 1)]


def test_a_killed_worker_is_replaced() -> None:
    engine = Processes(resources=Resources(clinic=EXAMPLE_CLINIC), workers=2)
    results: list[Sheet | Failed] = []
    for result in engine.run(tasks(20)):
        results.append(result)
        if len(results) in (2, 9):
            victim = multiprocessing.active_children()[0]
            assert victim.pid
            os.kill(victim.pid, signal.SIGKILL)
    assert numbers(results) == list(range(1, 21))
    assert all(isinstance(result, Sheet) for result in results)


def idle(worker: multiprocessing.process.BaseProcess) -> bool:
    """Return whether a worker has made something and has nothing to do now."""
    process = psutil.Process(worker.pid)
    before = process.cpu_times()
    time.sleep(0.5)
    return process.cpu_times() == before and process.status() == psutil.STATUS_SLEEPING


def test_a_worker_killed_while_none_is_at_work_is_replaced() -> None:
    engine = Processes(resources=Resources(clinic=EXAMPLE_CLINIC), workers=2)

    def slowly() -> Iterator[Task]:
        for each in tasks(12):
            if each.line == 11:
                until(lambda: all(map(idle, multiprocessing.active_children())), "all the others to be made")
                for victim in multiprocessing.active_children():
                    victim.kill()
                    victim.join()
            yield each

    results = list(engine.run(slowly()))
    assert numbers(results) == list(range(1, 13))
    assert all(isinstance(result, Sheet) for result in results)


class Deadly(datetime):
    """Ends the process that asks for its day, as a fault in a library would."""

    def date(self) -> date:
        os._exit(1)


def test_a_sheet_that_ends_its_worker_twice_is_told() -> None:
    wanted = tasks(6)
    wish = replace(wanted[2].opened().job, now=Deadly(2026, 11, 21, tzinfo=UTC))
    wanted[2] = Task.of(replace(wanted[2].opened(), job=wish), wanted[2].line)
    results = list(Processes(resources=Resources(clinic=EXAMPLE_CLINIC), workers=2).run(wanted))
    assert [type(result) for result in results] == [Sheet, Sheet, Failed, Sheet, Sheet, Sheet]
    assert isinstance(results[2], Failed)
    (problem,) = results[2].problems
    assert (problem.code, problem.line) == ("worker-died", 3)


def test_a_sheet_without_end_is_told_with_its_template_and_the_others_are_made(clinic: Path) -> None:
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    template.write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block header %}{{ super() }}'
        '{% if details[0].value.text == "Ana Example 3" %}'
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endif %}{% endblock %}"
    )
    engine = Processes(resources=Resources(clinic=clinic), workers=2, seconds=5)
    results = list(engine.run(tasks(6)))
    assert [type(result) for result in results] == [Sheet, Sheet, Failed, Sheet, Sheet, Sheet]
    (problem,) = results[2].problems
    assert (problem.code, problem.source, problem.line) == ("out-of-time", "templates/handout/sheet.html", 1)


def test_a_sheet_that_cannot_be_made_does_not_stop_the_others(command: Run, tmp_path: Path) -> None:
    rows = [row(0), ["Ana \ue000 Example", *row(1)[1:]], row(3)]
    table = write_table(tmp_path / "treatments.csv", rows)
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out")
    assert ran.code == 4
    assert "treatments.csv, line 3, column 1" in ran.err
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 2
    assert (tmp_path / "out" / "treatments-rejects.csv").exists()


def test_one_file_for_the_print_room(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number) for number in range(5)])
    merged = tmp_path / "out" / "sheets.pdf"
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--merge", merged)
    assert ran.code == 0, ran.err
    assert {path.name for path in merged.parent.iterdir()} == {"sheets.pdf", "ledger.jsonl", "ledger.key"}
    with pikepdf.open(merged) as whole:
        with whole.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert len(whole.pages) == 12
    assert titles == [row(number)[0] for number in range(5)]
    for number, first in enumerate((1, 3, 7, 9, 11)):  # One is in Spanish: three sides and a blank.
        page = subprocess.run(
            ["pdftotext", "-f", str(first), "-l", str(first), merged, "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert f"LSC-{number:05}" in page
    again = command("batch", table, *BATCH, "--to", tmp_path / "out", "--merge", merged, "--resume")
    assert (again.code, "5 made before" in again.out) == (0, True)


def test_a_sheet_with_an_odd_number_of_pages_is_padded(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    merged = tmp_path / "sheets.pdf"
    ran = command("batch", table, *BATCH, "--to", tmp_path, "--merge", merged, "--print-size", "large")
    assert ran.code == 0, ran.err
    made = command("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--language", "en", "--to",
                   tmp_path / "one", "--patient", "Ana Example 0", "--body-site", "face", "--print-size", "large",
                   "--performed-on", "2026-11-01 15:00", "--birth-date", "1987-05-14", "--record-number", "LSC-00000",
                   "--json")  # fmt: skip
    pages = json.loads(made.out)["sheets"][0]["pages"]
    with pikepdf.open(merged) as whole:
        assert len(whole.pages) == 2 * (pages + pages % 2)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number, languages=("en",)) for number in range(3)])
    small = ran_apart(
        table, "--to", tmp_path / "out",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
    )  # fmt: skip
    assert small.returncode == 9, small.stderr
    assert "Nothing can be written here" in small.stderr
    assert not list((tmp_path / "out").glob(".handouts-*"))
    ended = ran_apart(table, "--to", tmp_path / "out", "--resume")
    assert ended.returncode == 0, ended.stderr
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 3


def test_two_batches_do_not_share_a_ledger_at_once(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    with opened(tmp_path / "out" / "ledger.jsonl", lambda: NOW, resumes=True):
        ran = command("batch", table, *BATCH, "--to", tmp_path / "out")
    assert (ran.code, "Another run is going on" in ran.err) == (9, True)


def test_names_follow_the_pattern_and_stay_apart(command: Run, tmp_path: Path) -> None:
    rows = [["../Ana/Example", "LSC/1", *row(0)[2:]], ["../Ana/Example", "LSC/2", *row(0)[2:]]]
    table = write_table(tmp_path / "treatments.csv", rows)
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--pattern", "{patient}")
    assert ran.code == 0, ran.err
    names = sorted(path.name for path in (tmp_path / "out").glob("*.pdf"))
    assert len(names) == 2
    assert all(name.startswith("Ana-Example-") for name in names)
    assert "Ana" not in (tmp_path / "out" / "ledger.jsonl").read_text()


def test_a_wrong_pattern_is_refused(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    for pattern, words in (
        ("{pateint}", "Did you mean “patient”?"),
        ("{patient", "a brace too many or too few"),
        ("../{line}", "cannot have"),
        ("{patient.__class__}", "can hold only these"),
        ("{line:>999999999}", "can hold only these"),
    ):
        ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--pattern", pattern)
        assert (ran.code, words in ran.err) == (2, True), pattern


def test_a_patient_whose_language_is_left_blank_once_is_still_the_same(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), [*row(0)[:3], "", *row(0)[4:]]])
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out")
    assert (ran.code, "same sheet for the same patient as line 2" in ran.err) == (4, True)
    assert not (tmp_path / "out").exists(), "a batch that is refused leaves nothing behind"
    alone = write_table(tmp_path / "alone.csv", [[*row(0)[:3], "", *row(0)[4:]]])
    assert command("batch", alone, *BATCH, "--to", tmp_path / "out").code == 0
    assert [path.name.split("-")[2] for path in (tmp_path / "out").glob("*.pdf")] == ["en"]


def test_a_sheet_that_is_gone_is_made_again(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    assert command("batch", table, *BATCH, "--to", tmp_path / "out").code == 0
    gone = next((tmp_path / "out").glob("*.pdf"))
    gone.unlink()
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--resume")
    assert (ran.code, "1 sheet made" in ran.out, gone.exists()) == (0, True, True), ran.out


def test_the_ledger_tells_of_a_text_that_has_changed(command: Run, clinic: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    batch = ("batch", table, "--clinic", clinic, "--document", "microneedling-aftercare", "--to", tmp_path / "out")
    assert command(*batch).code == 0
    next((tmp_path / "out").glob("*.pdf")).unlink()
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("exercise = { hours = 72 }", "exercise = { hours = 96 }"))
    assert command(*batch, "--resume").code == 0
    first, second = entries(tmp_path / "out" / "ledger.jsonl")
    assert first["fingerprint"] != second["fingerprint"]


def test_a_merged_file_is_not_written_while_a_sheet_is_missing(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), ["Ana \ue000 Example", *row(1)[1:]], row(3)])
    merged = tmp_path / "out" / "all.pdf"
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--merge", merged)
    assert (ran.code, "not merged" in ran.out, merged.exists()) == (4, True, False)
    assert "The sheets are not merged yet" in ran.err
    ended = command("batch", table, *BATCH, "--to", tmp_path / "out", "--merge", merged, "--resume", "--skip-faulty")
    assert merged.exists(), ended.err
    with pikepdf.open(merged) as whole:
        assert len(whole.pages) == 4
    assert not list((tmp_path / "out").glob(".*.parts"))


def test_a_full_disk_while_merging_keeps_the_sheets(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number, languages=("en",)) for number in range(3)])
    merged = tmp_path / "out" / "all.pdf"
    small = ran_apart(
        table, "--to", tmp_path / "out", "--merge", merged,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )  # fmt: skip
    assert (small.returncode, "Nothing can be written here" in small.stderr) == (9, True), small.stderr
    assert ran_apart(table, "--to", tmp_path / "out", "--merge", merged, "--resume").returncode == 0
    with pikepdf.open(merged) as whole:
        assert len(whole.pages) == 6


def test_many_sheets_go_into_several_files(monkeypatch: pytest.MonkeyPatch, command: Run, tmp_path: Path) -> None:
    monkeypatch.setattr("handouts.batch.merging.AT_MOST", 2)
    table = write_table(tmp_path / "treatments.csv", [row(number, languages=("en",)) for number in range(3)])
    ran = command("batch", table, *BATCH, "--to", tmp_path, "--merge", tmp_path / "all.pdf")
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in tmp_path.glob("*.pdf")) == ["all-1.pdf", "all-2.pdf"]
    assert "all-1.pdf" in ran.out


def test_rejects_that_somebody_corrects_are_left_alone(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "faulty.csv", FAULTY)
    batch = ("batch", table, *BATCH, "--to", tmp_path / "out", "--skip-faulty", "--resume")
    assert command(*batch).code == 0
    rejects = tmp_path / "out" / "faulty-rejects.csv"
    rejects.write_text("corrected by hand")
    assert command(*batch).code == 0
    assert rejects.read_text() == "corrected by hand"
    assert (tmp_path / "out" / "faulty-rejects-2.csv").exists()


def test_rejects_go_past_what_stands_under_their_name(command: Run, tmp_path: Path) -> None:
    table, folder = write_table(tmp_path / "faulty.csv", FAULTY), tmp_path / "out"
    (folder / "faulty-rejects.csv").mkdir(parents=True)
    os.mkfifo(folder / "faulty-rejects-2.csv")
    (folder / "faulty-rejects-3.csv").symlink_to(tmp_path / "elsewhere")
    assert command("batch", table, *BATCH, "--to", folder, "--skip-faulty").code == 0
    assert (folder / "faulty-rejects-4.csv").is_file()
    assert not (tmp_path / "elsewhere").exists()


def test_no_sheet_waits_to_be_merged_behind_a_link(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".all.pdf.parts").symlink_to(tmp_path / "elsewhere")
    ran = command("batch", table, *BATCH, "--to", tmp_path / "out", "--merge", tmp_path / "all.pdf")
    assert (ran.code, ".all.pdf.parts" in ran.err) == (9, True), ran.err
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_wrong_document_is_no_faulty_row(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    ran = command("batch", table, "--clinic", EXAMPLE_CLINIC, "--document", "nosuch", "--to", tmp_path, "--skip-faulty")
    assert (ran.code, "There is no document" in ran.err) == (5, True)


def test_a_merged_file_is_for_the_print_room_alone(command: Run, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    ran = command("batch", table, *BATCH, "--merge", tmp_path / "all.pdf", "--email")
    assert (ran.code, "--merge puts the sheets into one file" in ran.err) == (2, True)


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, counts: Counter[str]) -> None:
    """Count the calls of a method, which goes on doing what it does."""
    done = getattr(owner, name)

    def counting(*given: Any, **named: Any) -> Any:
        counts[name] += 1
        return done(*given, **named)

    monkeypatch.setattr(owner, name, counting)


def test_a_row_is_read_once_and_checked_once(monkeypatch: pytest.MonkeyPatch, command: Run, tmp_path: Path) -> None:
    """However much is to come of it; the worker goes on with what was checked."""
    counts: Counter[str] = Counter()
    counted(monkeypatch, Preparing, "prepare", counts)
    counted(monkeypatch, Table, "rows", counts)
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4)])
    ran = command("batch", table, *BATCH, "--to", tmp_path, "--merge", tmp_path / "all.pdf", "--workers", "1")
    assert ran.code == 0, ran.err
    assert counts == {"prepare": 2, "rows": 1}
    made = command("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--to", tmp_path, "--email",
                   "--patient", "Ana Example", "--performed-on", "2026-11-01 15:00", "--patient-email",
                   "ana@example.org", "--outbox", tmp_path / "outbox", "--ledger", tmp_path / "made.jsonl")  # fmt: skip
    assert made.code == 0, made.err
    assert counts["prepare"] == 3
