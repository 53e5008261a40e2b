"""The ledger: what was acknowledged is there whatever happens, any change shows with its line, and it names nobody.

tests/bad/ledger holds ledgers with the fault of their name, all under the key ledger.key there but one, and beside each
what `handouts ledger verify` says; UPDATE_EXPECTED=1 writes that anew.
"""

import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from handouts import ledger
from handouts.errors import InputError, Severity
from handouts.ledger import Ledger, spellings
from handouts.ledger.references import MAXIMUM_SPELLINGS
from handouts.press.bookkeeping import opened as opened_for_batch
from handouts.records import (
    Duration,
    PatientPeriod,
    SettingValue,
    Step,
    Treatment,
    Unit,
)
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, Ran
from tests.ledger_entries import BEGUN, KEY, PATIENT, entry
from tests.patient_values import repeated
from tests.waiting import HANGS

BAD = CHECKOUT / "tests" / "bad" / "ledger"
CASES = sorted(path for path in BAD.glob("*.jsonl"))
CUT = "unfinished-last-line.jsonl"
EMPTY = "no-bytes.jsonl"
ROUNDS = 25

PERFORMED_ON = datetime(2026, 11, 21, 15, 0, tzinfo=timezone(timedelta(hours=-5)))
TREATMENT = Treatment(
    patient=PATIENT,
    performed_on=PERFORMED_ON,
    procedure="microneedling",
    body_sites=("face", "neck"),
    practitioner="Nurse Sampledottir",
    settings=(SettingValue(name="needle_depth", value="1.50"),),
    products=("Serum Exemplar",),
    follow_up=datetime(2027, 1, 4, 10, 30, tzinfo=UTC),
    note="Prone to keloid.",
    waiting_periods=(PatientPeriod(id="make-up", duration=Duration(amount=3, unit=Unit.DAY), reason="thin skin"),),
)
VALUES = (
    *("Zebulon", "Müller", "M\\u00fcller", "Quux", "1931", "04-07", "ZQ-4711", "4711", "zeb@quux", "quux.example"),
    *("Sampledottir", "1.50", "Exemplar", "2027", "keloid", "thin skin", "15:00"),
)
"""What the treatment above says: none of it may be in the ledger."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a ledger with a known key will be."""
    key = tmp_path / "ledger.key"
    key.write_text(KEY.hex() + "\n")
    key.chmod(0o600)
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def whole(path: Path) -> Path:
    """Return a ledger of six entries."""
    with Ledger(path, KEY) as opened:
        for number in range(1, 7):
            opened.append(entry(number))
    return path


def numbers(path: Path) -> list[int]:
    """Return the numbers of the entries, from the first."""
    return [int(found.row, 16) for _, found in ledger.read(path, KEY) if found is not None]


def fault(action: Callable[[], object]) -> list[tuple[str, int | None]]:
    """Return the codes and lines of what an action refuses."""
    with pytest.raises(InputError) as refused:
        action()
    return [(problem.code, problem.line) for problem in refused.value.problems]


# --- what goes in comes out ------------------------------------------------------------------------------------------


def test_entries_come_back_as_they_were(path: Path) -> None:
    given = [entry(1, where='a "quoted" — path\n/\udcff'), replace(entry(2, Step.PRINTING), fell_back=True), entry(2)]
    with Ledger(path, KEY) as opened:
        opened.append(given[0])
        opened.append(*given[1:])
        assert [found for _, found in ledger.read(path, KEY) if found is not None] == given
        assert opened.count == 3
        assert opened.warnings == ()
        last = opened.last_hash
    with Ledger(path, KEY) as again:
        assert again.last_hash == last
        assert again.count == 3
    lines = path.read_bytes().splitlines()
    assert [b"fell_back" in line for line in lines] == [False, False, True, False], "others are as they always were"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_verdict_tells_what_a_person_keeps(whole: Path) -> None:
    with Ledger(whole, KEY) as opened:
        kept = opened.last_hash
        opened.append(entry(6, Step.PRINTING), entry(6, Step.PRINTED))
        last = opened.last_hash
    verdict = ledger.verify(whole, KEY, last=kept)
    assert (verdict.entries, verdict.sheets, verdict.since, verdict.last_hash) == (8, 6, 2, last)
    assert (verdict.first_at, verdict.last_at) == (BEGUN + timedelta(seconds=1), BEGUN + timedelta(seconds=6))


def test_the_progress_of_the_rows_is_the_steps_and_the_last_entry_of_each_row(whole: Path) -> None:
    with Ledger(whole, KEY) as opened:
        opened.append(entry(2, Step.PRINTING))
        done = opened.done()
        assert done.steps(f"{2:032x}") == {Step.MADE, Step.PRINTING}
        assert done.last(f"{2:032x}") == entry(2, Step.PRINTING)
        assert done.last(f"{1:032x}") == entry(1)
        assert done.steps(f"{7:032x}") == frozenset()
        assert done.last(f"{7:032x}") is None


def test_a_time_without_a_zone_is_our_own_fault(path: Path) -> None:
    with Ledger(path, KEY) as opened, pytest.raises(ValueError, match="no zone"):
        opened.append(replace(entry(), at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the fault under test


# --- crashes ---------------------------------------------------------------------------------------------------------

WRITER = """
import os, signal, sys
from pathlib import Path
from handouts.ledger import Ledger, read_key
from tests.ledger_entries import entry

path, start, many, parts = Path(sys.argv[1]), *map(int, sys.argv[2:])
if parts:  # a write in many small parts, as on a slow disk; after so many of them it is killed
    real = os.write
    def write(handle, data):
        global parts
        parts -= 1
        if parts < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(handle, data[:40])
    os.write = write
with Ledger(path, read_key(path)) as opened:
    print("ready", flush=True)
    for number in range(start, start + many):
        opened.append(entry(number))
        print(number, flush=True)
"""


def writer(path: Path, start: int, many: int, parts: int = 0) -> subprocess.Popen[str]:
    """Return a process that appends entries and prints each number when its append has returned.

    With `parts` it writes so many parts of a few letters, and dies by SIGKILL before the next.
    """
    arguments = (sys.executable, "-c", WRITER, str(path), str(start), str(many), str(parts))
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)


def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(path: Path) -> None:
    chance = random.Random(4)  # noqa: S311 - moments, not secrets
    acknowledged: list[int] = []
    unfinished = 0
    for turn in range(ROUNDS):
        with writer(path, turn * 10_000, 10_000, parts=turn % 2 * chance.randrange(20, 100)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if turn % 2 == 0:
                acknowledged += [int(process.stdout.readline()) for _ in range(chance.randrange(1, 6))]
                process.kill()
            acknowledged += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line[-1] == "\n"]
        assert process.returncode == -signal.SIGKILL
        verdict = ledger.verify(path, KEY)
        unfinished += len(verdict.warnings)
        found = numbers(path)
        assert len(found) == len(set(found))
        assert set(acknowledged) <= set(found)
        assert len(found) <= len(acknowledged) + turn + 1, "at most one line a kill was written and not acknowledged"
    assert len(acknowledged) >= ROUNDS
    assert unfinished > 0, "no kill landed inside a line: the test has lost its edge"
    with Ledger(path, KEY) as opened:
        opened.append(entry(999_999))
    assert numbers(path)[-1] == 999_999


def test_a_last_line_cut_at_any_byte_is_taken_off_or_completed(whole: Path) -> None:
    data = whole.read_bytes()
    begin = data.rstrip(b"\n").rindex(b"\n") + 1
    for end in (*range(begin + 1, len(data) - 3, 11), *range(len(data) - 3, len(data))):
        whole.write_bytes(data[:end])
        complete = end == len(data) - 1
        read_only = ledger.verify(whole, KEY)
        assert read_only.entries == 5 + complete
        assert [problem.code for problem in read_only.warnings] == [] if complete else ["ledger-line-unfinished"]
        assert whole.read_bytes() == data[:end], "verify changes nothing"
        with Ledger(whole, KEY) as opened:
            assert [(problem.line, problem.severity) for problem in opened.warnings] == (
                [] if complete else [(7, Severity.WARNING)]
            )
            opened.append(entry(7))
        assert numbers(whole) == [1, 2, 3, 4, 5, *([6] if complete else []), 7]


def test_a_first_line_cut_at_any_byte_begins_anew(path: Path) -> None:
    with Ledger(path, KEY):
        pass
    head = path.read_bytes()
    for end in (*range(0, len(head) - 3, 7), *range(len(head) - 3, len(head))):
        path.write_bytes(head[:end])
        with Ledger(path, KEY) as opened:
            opened.append(entry(1))
        assert numbers(path) == [1]


@pytest.mark.parametrize("data", [b"notes", b"%PDF-1.7", bytes(700), b"\n", b"{}"])
def test_a_file_that_is_something_else_is_left_alone(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    assert fault(lambda: Ledger(path, KEY)) == [("not-a-ledger", 1)]
    assert path.read_bytes() == data


def test_a_last_line_that_was_edited_is_not_taken_for_an_unfinished_one(whole: Path) -> None:
    data = whole.read_bytes().replace(b"00000006.pdf", b"00000009.pdf").rstrip(b"\n")
    whole.write_bytes(data)
    assert fault(lambda: Ledger(whole, KEY)) == [("ledger-line-changed", 7)]
    assert whole.read_bytes() == data


def test_another_process_finds_the_line_that_a_dead_one_left(whole: Path) -> None:
    with Ledger(whole, KEY) as survivor:
        with whole.open("ab") as dying:
            dying.write(b'{"number":7,"at":"2026-')
        survivor.append(entry(8))
        assert [problem.code for problem in survivor.warnings] == ["ledger-line-unfinished"]
    assert numbers(whole) == [1, 2, 3, 4, 5, 6, 8]


def test_two_processes_append_at_once(path: Path) -> None:
    many = 300
    with writer(path, 0, many) as one, writer(path, 10_000, many) as two:
        assert one.communicate(timeout=HANGS)[0].split()[-1] == str(many - 1)
        assert two.communicate(timeout=HANGS)[0].split()[-1] == str(10_000 + many - 1)
    found = numbers(path)
    assert [number for number in found if number < 10_000] == list(range(many))
    assert [number for number in found if number >= 10_000] == list(range(10_000, 10_000 + many))
    assert ledger.verify(path, KEY).warnings == ()


def test_many_who_begin_at_once_get_one_key(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def begin(turn: int) -> bytes:
        path = tmp_path / str(turn) / "ledger.jsonl"
        together.wait()
        key = ledger.begin_key(path)
        Ledger(path, key).close()
        return key

    with ThreadPoolExecutor(8) as pool:
        for turn in range(20):
            keys = set(pool.map(begin, [turn] * 8))
            folder = tmp_path / str(turn)
            assert keys == {ledger.read_key(folder / "ledger.jsonl")}
            assert sorted(found.name for found in folder.iterdir()) == ["ledger.jsonl", "ledger.key"]
            assert len((folder / "ledger.jsonl").read_bytes().splitlines()) == 1


CLAIMER = """
import os, sys
from pathlib import Path
from handouts.ledger import Ledger, read_key

path = Path(sys.argv[1])
opened = Ledger(path, read_key(path))
opened.claim()
if os.fork() == 0:
    print(os.getpid(), flush=True)
sys.stdin.read()
"""


def test_a_claim_keeps_a_second_run_out_and_ends_with_its_process(whole: Path) -> None:
    with Ledger(whole, KEY) as second:
        command = (sys.executable, "-c", CLAIMER, whole)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT) as first:
            assert first.stdout is not None
            worker = int(first.stdout.readline())
            assert fault(second.claim) == [("ledger-claimed", None)]
            second.append(entry(7))
            first.kill()
            first.wait()
            second.claim()  # while the worker that the dead one had forked still lives
            os.kill(worker, signal.SIGKILL)
        with Ledger(whole, KEY) as third:
            assert fault(third.claim) == [("ledger-claimed", None)]
    with Ledger(whole, KEY) as fourth:
        fourth.claim()


FULL = """
import resource, sys
from pathlib import Path
from handouts.errors import InputError
from handouts.ledger import Ledger, read_key
from tests.ledger_entries import entry

path = Path(sys.argv[1])
with Ledger(path, read_key(path)) as opened:
    limit = path.stat().st_size + 4000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    number = 0
    try:
        while True:
            opened.append(entry(number), entry(number + 1))
            number += 2
    except InputError as refused:
        print(number, opened.count, refused.problems[0].code, path.stat().st_size < limit)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    opened.append(entry(500))
"""


def test_a_full_disk_leaves_nothing_half_written(path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    ran = subprocess.run(
        (sys.executable, "-c", FULL, str(path)), capture_output=True, text=True, cwd=CHECKOUT, check=True
    )
    number, count, code, is_shorter = ran.stdout.split()
    assert (number, code, is_shorter) == (count, "ledger-cannot-write", "True")
    assert int(number) > 2
    assert numbers(path) == [*range(int(number)), 500]
    assert ledger.verify(path, KEY).warnings == ()


# --- changes ---------------------------------------------------------------------------------------------------------


def test_every_changed_bit_is_told_with_its_line(whole: Path) -> None:
    data = whole.read_bytes()
    begin = len(data[: data.index(b"\n") + 1])
    ends = [place for place, byte in enumerate(data) if byte == 10]
    for place in range(begin, len(data) - 1, 7):
        changed = bytearray(data)
        changed[place] ^= 1
        whole.write_bytes(changed)
        line = data.count(b"\n", 0, place) + 1
        told = fault(lambda: ledger.verify(whole, KEY))
        assert told[0] == ("ledger-line-changed", line)
        assert len(told) == 1 or place in ends
        assert fault(lambda: Ledger(whole, KEY)) == told
        with pytest.raises(InputError):
            ledger.RowProgress(whole, KEY)


def test_cut_whole_lines_show_against_the_hash_that_was_kept(whole: Path) -> None:
    kept = ledger.verify(whole, KEY).last_hash
    lines = whole.read_bytes().splitlines(keepends=True)
    whole.write_bytes(b"".join(lines[:-1]))
    assert ledger.verify(whole, KEY).entries == 5, "the chain alone cannot show it"
    assert fault(lambda: ledger.verify(whole, KEY, last=kept)) == [("ledger-hash-not-found", None)]
    assert fault(lambda: ledger.verify(whole, KEY, last=kept[:-1])) == [("ledger-hash-misspelt", None)]


def test_a_ledger_rebuilt_without_the_key_is_not_believed(whole: Path) -> None:
    """A forger chains every line anew under a key of his own, and keeps the first line."""
    other = whole.with_name("forged.jsonl")
    with Ledger(other, bytes(32)) as forged:
        forged.append(*map(entry, range(1, 7)))
    head = whole.read_bytes().splitlines(keepends=True)[0]
    whole.write_bytes(b"".join([head, *other.read_bytes().splitlines(keepends=True)[1:]]))
    assert fault(lambda: ledger.verify(whole, KEY)) == [("ledger-line-changed", line) for line in range(2, 8)]


@pytest.mark.parametrize("how", ["deleted", "shortened", "replaced"])
def test_a_file_that_vanishes_under_the_writer_is_told(how: str, whole: Path) -> None:
    with Ledger(whole, KEY) as opened:
        if how == "deleted":
            whole.unlink()
        elif how == "shortened":
            os.truncate(whole, whole.stat().st_size - 10)
        else:
            shutil.copy(whole, whole.with_name("copy"))
            whole.with_name("copy").replace(whole)
        assert fault(lambda: opened.append(entry(7))) == [("ledger-replaced", None)]


@pytest.mark.parametrize("other", ["empty", "not there", "folder"])
def test_no_ledger_is_begun_through_a_link_or_in_a_folders_place(tmp_path: Path, other: str) -> None:
    path, target = tmp_path / "ledger.jsonl", tmp_path / "target"
    if other == "folder":
        path.mkdir()
    else:
        target.touch() if other == "empty" else None
        path.symlink_to(target)
    before = sorted(tmp_path.rglob("*"))
    assert fault(lambda: ledger.begin_key(path)) == [("not-a-file", None)]
    assert fault(lambda: Ledger(path, KEY)) == [("not-a-file", None)]
    assert sorted(tmp_path.rglob("*")) == before
    assert not target.exists() or target.read_bytes() == b""


def test_a_lock_that_is_never_given_back_is_told(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.disk._PATIENCE", 0.05)
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with Ledger(whole, KEY) as opened:
        with subprocess.Popen((sys.executable, "-c", hold, str(whole)), **pipes) as process:  # type: ignore[call-overload]
            process.stdout.readline()
            assert fault(lambda: opened.append(entry(7))) == [("ledger-in-use", None)]
            process.kill()
        opened.append(entry(7))


# --- the key ---------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledgers" / "2026.jsonl"
    key = ledger.begin_key(path)
    file = tmp_path / "ledgers" / "2026.key"
    assert file.read_text() == key.hex() + "\n"
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert ledger.begin_key(path) == key == ledger.read_key(path)
    assert ledger.begin_key(tmp_path / "other.jsonl") != key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_key_that_others_can_reach_is_refused(mode: int, whole: Path) -> None:
    ledger.key_beside(whole).chmod(mode)
    assert fault(lambda: ledger.read_key(whole)) == [("ledger-key-open", None)]
    assert fault(lambda: ledger.begin_key(whole)) == [("ledger-key-open", None)]


def test_a_lost_key_is_not_replaced_by_a_new_one(whole: Path) -> None:
    ledger.key_beside(whole).unlink()
    assert fault(lambda: ledger.begin_key(whole)) == [("ledger-key-missing", None)]
    assert not ledger.key_beside(whole).exists()


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "Z" * 64, KEY.hex() * 2])
def test_a_damaged_key_is_refused(text: str, whole: Path) -> None:
    ledger.key_beside(whole).write_text(text)
    assert fault(lambda: ledger.read_key(whole)) == [("ledger-key-damaged", None)]


def test_a_pipe_is_neither_key_nor_ledger(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.key", 0o600)
    os.mkfifo(tmp_path / "b.jsonl")
    assert fault(lambda: ledger.read_key(tmp_path / "a.jsonl")) == [("not-a-file", None)]
    assert fault(lambda: ledger.verify(tmp_path / "b.jsonl", KEY)) == [("not-a-file", None)]
    assert fault(lambda: Ledger(tmp_path / "b.jsonl", KEY)) == [("not-a-file", None)]
    assert fault(lambda: ledger.begin_key(tmp_path / "a.key")) == [("not-a-ledger", None)]


@pytest.mark.parametrize("name", [".", "/", "..", "ledgers/.."])
def test_a_path_without_a_name_is_no_ledger(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Ran]
) -> None:
    (tmp_path / "ledgers").mkdir()
    monkeypatch.chdir(tmp_path)
    file = Path(name)
    assert fault(lambda: ledger.key_beside(file)) == [("not-a-file", None)]
    assert fault(lambda: ledger.begin_key(file)) == [("not-a-file", None)]
    assert fault(lambda: Ledger(file, KEY)) == [("not-a-file", None)]
    assert fault(lambda: opened_for_batch(file, lambda: PERFORMED_ON, resumes=True).__enter__()) == [
        ("not-a-file", None)
    ]
    for arguments in (("verify", name), ("find", name, "--record-number", "ZQ-4711")):
        ran = command("ledger", *arguments, "--json")
        assert ran.code == 9
        assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == ["not-a-file"]
    assert [path.name for path in tmp_path.rglob("*")] == ["ledgers"], "no key is left behind"


def test_another_key_opens_nothing(whole: Path) -> None:
    assert fault(lambda: Ledger(whole, bytes(32))) == [("ledger-key-wrong", 1)]
    assert fault(lambda: ledger.verify(whole, bytes(32))) == [("ledger-key-wrong", 1)]


# --- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["zebulon müller quux", "ZEBULON  MÜLLER\u00a0QUUX ", "Zebulon Mu\u0308ller Quux", " Zebulon Müller Quux"]
)
def test_a_name_is_found_however_it_is_typed(name: str) -> None:
    found = ledger.patient_references(replace(PATIENT, name=name), KEY)
    assert found == ledger.patient_references(PATIENT, KEY)
    assert all(re.fullmatch("[0-9a-f]{32}", reference) for reference in found)
    assert len(set(found)) == 3


def test_accents_in_any_order_are_one_name() -> None:
    """Unicode 3.13, D145: without the first normalisation the iota below would be folded away from its letter."""
    assert ledger.name_reference("\u1fb4", KEY) == ledger.name_reference("\u03b1\u0345\u0301", KEY)


def test_references_keep_patients_and_keys_apart() -> None:
    others = (
        replace(PATIENT, name="Zebulon Müller", record_number="Quux ZQ-4711"),
        replace(PATIENT, birth_date=None),
        replace(PATIENT, birth_date=date(1931, 7, 4)),
    )
    number, _, birth = ledger.patient_references(PATIENT, KEY)
    assert [birth in ledger.patient_references(other, KEY) for other in others] == [False] * 3
    assert [number in ledger.patient_references(other, KEY) for other in others] == [False, True, True]
    assert not set(ledger.patient_references(PATIENT, bytes(32))) & {number, birth}
    assert len(ledger.patient_references(replace(PATIENT, record_number=" "), KEY)) == 2
    assert ledger.reference(KEY, "ab", "c") != ledger.reference(KEY, "a", "bc")
    assert ledger.reference(KEY, "ab") != ledger.reference(KEY, "ab", "")


CORRECTED = (
    *(replace(TREATMENT, patient=replace(PATIENT, name=name)) for name in ("zebulon Müller Quux", "Zebulon Müller")),
    replace(TREATMENT, patient=replace(PATIENT, email="")),
    replace(TREATMENT, body_sites=("neck", "face")),
    replace(TREATMENT, body_sites=("face neck",)),
    replace(TREATMENT, performed_on=PERFORMED_ON.astimezone(UTC)),
    replace(TREATMENT, settings=(SettingValue(name="needle_depth", value="1.5"),)),
    replace(TREATMENT, products=()),
    replace(TREATMENT, practitioner="", note="Nurse Sampledottir"),
    replace(TREATMENT, follow_up=None),
    replace(TREATMENT, waiting_periods=()),
)


def test_a_corrected_row_is_another_row() -> None:
    rows = [ledger.row_reference(treatment, "a", "es", KEY) for treatment in (TREATMENT, *CORRECTED)]
    rows += [ledger.row_reference(TREATMENT, "a", "ar", KEY), ledger.row_reference(TREATMENT, "b", "es", KEY)]
    assert len(set(rows)) == len(rows)
    assert ledger.row_reference(replace(TREATMENT), "a", "es", KEY) == rows[0]


def test_a_row_twice_has_one_identity() -> None:
    def identity(treatment: Treatment, language: str = "es") -> str:
        return ledger.identity_reference(treatment, "a", language, KEY)

    same = {identity(treatment) for treatment in CORRECTED if treatment.patient.name != "Zebulon Müller"}
    assert {identity(TREATMENT), identity(CORRECTED[4])} == same
    assert len(same) == 2, "face and neck are not the one place “face neck”"
    other = replace(TREATMENT, performed_on=PERFORMED_ON + timedelta(minutes=1))
    assert len({identity(TREATMENT), identity(other), identity(TREATMENT, "ar"), identity(CORRECTED[1])}) == 4


def test_the_ledger_names_nobody(path: Path) -> None:
    row = ledger.row_reference(TREATMENT, "microneedling-aftercare", "es", KEY)
    with Ledger(path, KEY) as opened:
        opened.append(*(entry(7, step, row=row) for step in Step))
    written = path.read_text(encoding="utf-8") + ledger.key_beside(path).read_text(encoding="utf-8")
    assert repeated(VALUES, written) == []
    for plain in (PATIENT.name, PATIENT.record_number, "1931-04-07"):
        for made in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert made(plain.encode()).hexdigest()[:16] not in written


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_ledger_is_told(case: Path, tmp_path: Path, command: Callable[..., Ran]) -> None:
    file = shutil.copy(case, tmp_path / "ledger.jsonl")
    shutil.copy(BAD / "ledger.key", tmp_path)
    (tmp_path / "ledger.key").chmod(0o600)
    ran = command("ledger", "verify", file)
    told = re.sub(r"\b[0-9a-f]{64}\b", "{hash}", f"{ran.err}{ran.out}exit code: {ran.code}\n")
    told = told.replace(str(tmp_path), "{folder}")
    if os.environ.get("UPDATE_EXPECTED"):
        case.with_suffix(".expected").write_text(told)
    assert told == case.with_suffix(".expected").read_text()
    assert (ran.code == 0) is (case.name == CUT)
    if case.name not in (CUT, EMPTY):
        key = ledger.read_key(Path(file))
        assert fault(lambda: Ledger(Path(file), key))
        assert Path(file).read_bytes() == case.read_bytes(), "a faulty ledger is left as it is"


def test_the_bad_ledgers_and_their_words_go_together() -> None:
    assert sorted(path.stem for path in BAD.glob("*.expected")) == [case.stem for case in CASES]


def test_verify_answers_a_person_and_a_program(whole: Path, command: Callable[..., Ran]) -> None:
    kept = ledger.verify(whole, KEY).last_hash
    ran = command("ledger", "verify", whole, "--last", kept.upper())
    assert ran.code == 0
    assert "whole: 6 entries about 6 sheets" in ran.out
    assert "Nothing up to the hash that you kept is missing; 0 entries have come since" in ran.out
    assert ran.out.splitlines()[-1] == kept
    answer = json.loads(command("ledger", "verify", whole, "--json").out)
    assert (answer["whole"], answer["entries"], answer["sheets"], answer["last_hash"]) == (True, 6, 6, kept)
    assert answer["since_last"] is None
    assert answer["from"] == "2026-11-21T20:00:01+00:00"
    refused = command("ledger", "verify", whole, "--last", "0" * 64, "--json")
    assert refused.code == 9
    assert [problem["code"] for problem in json.loads(refused.out)["problems"]] == ["ledger-hash-not-found"]


def test_an_empty_ledger_is_whole_too(path: Path, command: Callable[..., Ran]) -> None:
    Ledger(path, KEY).close()
    ran = command("ledger", "verify", path)
    assert ran.code == 0
    assert "0 entries about 0 sheets" in ran.out


@pytest.mark.parametrize(
    ("arguments", "count", "by"),
    [
        (("--record-number", "zq-4711"), 6, "record number"),
        (("--patient", "zebulon  MÜLLER quux"), 6, "name alone: another patient may bear it"),
        (("--patient", PATIENT.name, "--birth-date", "1931-04-07"), 6, "name and birth date"),
        (("--patient", PATIENT.name, "--birth-date", "1931-04-08"), 0, ""),
        (("--patient", "Berta Example"), 0, ""),
        (("--record-number", "ZQ-4712"), 0, ""),
    ],
)
def test_find_tells_which_text_a_patient_got(
    arguments: tuple[str, ...], count: int, by: str, whole: Path, command: Callable[..., Ran]
) -> None:
    answer = json.loads(command("ledger", "find", whole, *arguments, "--json").out)
    assert len(answer["entries"]) == count
    assert {found["matched_by"] for found in answer["entries"]} == ({by} if by else set())
    ran = command("ledger", "find", whole, *arguments)
    assert ran.code == 0
    if count:
        first = answer["entries"][0]
        assert first == {
            "line": 2,
            "at": "2026-11-21T20:00:01+00:00",
            "step": "made",
            "document": "microneedling-aftercare",
            "version": "1.0",
            "language": "es",
            "fell_back": False,
            "fingerprint": "0a1b2c3d",
            "where": "out/microneedling-aftercare-es-00000001.pdf",
            "sheet": hashlib.sha256(b"1").hexdigest(),
            "matched_by": by,
        }
        for words in ("2026-11-21 20:00 UTC: microneedling-aftercare 1.0, language es, made", first["sheet"]):
            assert words in ran.out
    else:
        assert ran.out == "Nothing of this is in the ledger.\n"
    assert repeated(arguments, ran.out + ran.err) == []


def test_a_sheet_without_a_birth_date_is_found_with_a_warning(path: Path, command: Callable[..., Ran]) -> None:
    unborn = ledger.patient_references(replace(PATIENT, birth_date=None), KEY)
    with Ledger(path, KEY) as opened:
        opened.append(replace(entry(), patient=unborn))
    ran = command("ledger", "find", path, "--patient", PATIENT.name, "--birth-date", "1931-04-07")
    assert "found by: name alone: this sheet's birth date was not given" in ran.out


def test_a_sheet_in_hand_is_found(path: Path, tmp_path: Path, command: Callable[..., Ran]) -> None:
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(b"%PDF-1.7 a sheet")
    with Ledger(path, KEY) as opened:
        opened.append(entry(1), entry(2, sheet=hashlib.sha256(sheet.read_bytes()).hexdigest()), entry(3))
    assert "es-00000002.pdf" in command("ledger", "find", path, "--sheet", sheet).out
    sheet.write_bytes(b"%PDF-1.7 another")
    assert "Nothing" in command("ledger", "find", path, "--sheet", sheet).out
    assert command("ledger", "find", path, "--sheet", tmp_path).code == 9
    assert command("ledger", "find", path, "--sheet", tmp_path / "none.pdf").code == 9


def test_find_answers_from_the_sound_lines_of_a_faulty_ledger(whole: Path, command: Callable[..., Ran]) -> None:
    whole.write_bytes(whole.read_bytes().replace(b"00000003.pdf", b"00000009.pdf"))
    ran = command("ledger", "find", whole, "--record-number", "ZQ-4711", "--json")
    answer = json.loads(ran.out)
    assert ran.code == 9
    assert [found["line"] for found in answer["entries"]] == [2, 3, 5, 6, 7]
    assert [(problem["code"], problem["line"]) for problem in answer["problems"]] == [("ledger-line-changed", 4)]
    text = command("ledger", "find", whole, "--record-number", "ZQ-4711")
    assert text.code == 9
    assert "line 4" in text.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--patient", "Zebulon", "Quux"), 2),
        (("Quux", "--patient", "Zebulon"), 2),
        (("--patient", "Zebulon", "--record-number", "ZQ-4711"), 2),
        (("--record-number", "ZQ-4711", "--birth-date", "1931-04-07"), 2),
        ((), 2),
        (("--patient", "Zebulon", "--birth-date", "7.4.1931"), 4),
        (("--patient", " "), 4),
        (("--record-number", " "), 4),
        (("--patient", "Zebulon\ufffd"), 4),
    ],
)
def test_a_wrong_question_does_not_repeat_the_patient(
    arguments: tuple[str, ...], code: int, whole: Path, command: Callable[..., Ran]
) -> None:
    ran = command("ledger", "find", whole, *arguments)
    assert ran.code == code
    assert ran.err
    assert repeated(("Zebulon", "Quux", "4711", "1931"), ran.out + ran.err) == []


def test_a_ledger_that_is_not_there_is_told_before_its_key(tmp_path: Path, command: Callable[..., Ran]) -> None:
    ran = command("ledger", "verify", tmp_path / "none.jsonl")
    assert ran.code == 9
    assert "This file is not there." in ran.err


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        *(("فاطمة", "فاطمه"), ("أحمد", "احمد"), ("مصطفى", "مصطفي"), ("کریم", "كريم"), ("إيمان علي", "ايمان علی")),
        *(("فاطمه", "فاطِمَة"), ("محمد", "محـــمد"), ("آمنة الأحمدي", "امنه الاحمدى")),
    ],
)
def test_a_name_is_found_in_the_letters_of_another_writer(kept: str, typed: str) -> None:
    assert kept in set(spellings(typed))
    assert next(iter(spellings(typed))) == typed


def test_another_name_is_no_spelling_and_spellings_end() -> None:
    assert list(spellings("Ana Example")) == ["Ana Example"]
    assert "فاطن" not in set(spellings("فاطمه"))
    assert len(list(spellings("ا" * 40))) <= MAXIMUM_SPELLINGS + 2


def test_a_ledger_of_before_is_found_in_by_another_spelling(
    tmp_path: Path, command: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ("--clinic", EXAMPLE_CLINIC, "--format", "html", "--ledger", "ledger.jsonl")
    assert command("make", "microneedling-aftercare", *given, "--patient", "فاطمة").code == 0
    answer = json.loads(command("ledger", "find", "ledger.jsonl", "--patient", "فاطمه", "--json").out)
    assert [found["line"] for found in answer["entries"]] == [2]
    assert answer["entries"][0]["matched_by"].endswith("the name is spelt with other letters there")
    exact = json.loads(command("ledger", "find", "ledger.jsonl", "--patient", "فاطمة", "--json").out)
    assert exact["entries"][0]["matched_by"] == "name alone: another patient may bear it"
