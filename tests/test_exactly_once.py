"""A clinic's morning: a table becomes sheets, some on paper, some in mailboxes, through kill -9, each exactly once.

HANDOUTS_PROOF_ROWS=1000 (`make proof`) does it with a thousand rows, a hundred kills, twenty printed, twenty mailed.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from handouts.languages import known_tags
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC
from tests.mail_server.postfix import Postfix
from tests.printers.printroom import PrintRoom, print_room
from tests.tables import row, write_table
from tests.waiting import until

pytest_plugins = ["tests.mail_server.fixtures"]

ROWS = int(os.environ.get("HANDOUTS_PROOF_ROWS", "26"))
SOME = 20 if ROWS >= 1000 else 6
KILLS = 100 if ROWS >= 1000 else 2
LANGUAGES = known_tags()
BATCH = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare", "--resume")


@pytest.fixture
def room() -> Iterator[PrintRoom]:
    with print_room() as opened:
        yield opened


def started(arguments: tuple[object, ...], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(CHECKOUT / "generate.py"), *map(str, arguments)],
        env={**os.environ, **environment}, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def killed_when(ready: Callable[[], bool], arguments: tuple[object, ...], environment: Mapping[str, str]) -> None:
    """Run a command and kill it, workers and all, as soon as `ready` says so."""
    with started(arguments, environment) as running:
        until(lambda: ready() or running.poll() is not None, "what the command is to be killed after")
        assert running.poll() is None, f"it ended before it could be killed: {running.communicate()}"
        os.killpg(running.pid, signal.SIGKILL)


def finished(arguments: tuple[object, ...], environment: Mapping[str, str]) -> str:
    with started(arguments, environment) as running:
        out, err = running.communicate()
    assert running.returncode == 0, err
    return out


def test_each_sheet_exactly_once(tmp_path: Path, room: PrintRoom, postfix: Postfix) -> None:
    desk = room.add("desk")
    out, outbox = tmp_path / "out", tmp_path / "outbox"
    rows = [row(number, languages=LANGUAGES) for number in range(ROWS)]
    table = write_table(tmp_path / "all.csv", rows)
    at_desk = write_table(tmp_path / "print.csv", rows[:SOME])
    by_mail = write_table(tmp_path / "mail.csv", [[*cells[:6], "inbox@example.org"] for cells in rows[-SOME:]])
    environment = {**room.environment, **postfix.environment(), "HOME": str(tmp_path)}

    def sheets() -> list[Path]:
        return list(out.glob("*.pdf"))

    def waiting() -> int:
        return len(list((outbox / "new").glob("*.eml")))

    made = ("batch", table, *BATCH, "--to", out)
    for _ in range(KILLS):
        enough = len(sheets()) + ROWS // (KILLS + KILLS // 3 + 2)
        killed_when(lambda wanted=enough: len(sheets()) >= wanted, made, environment)  # type: ignore[misc]  # mypy cannot type a lambda's default
    answer = json.loads(finished((*made, "--json"), environment))
    assert answer["made"] + answer["made_before"] == ROWS
    assert answer["made_before"] >= ROWS // 4  # At each kill some sheets were written that no line named yet.
    assert len(sheets()) == ROWS

    printed = ("batch", at_desk, *BATCH, "--to", out, "--print", "desk")
    killed_when(lambda: len(desk.arrived()) >= SOME // 3, printed, environment)
    finished(printed, environment)

    mailed = ("batch", by_mail, *BATCH, "--to", out, "--email", "--outbox", outbox)
    killed_when(lambda: waiting() >= SOME // 3, mailed, environment)
    finished(mailed, environment)
    assert waiting() == SOME
    finished(("outbox", "send", "--outbox", outbox), environment)

    by_digest = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sheets()}
    ledger = [json.loads(line) for line in (out / "ledger.jsonl").read_text().splitlines()]
    lines = Counter((entry["row"], entry["step"]) for entry in ledger if "row" in entry)
    assert set(lines.values()) == {1}, "a step of a sheet is written down once"
    assert sum(step == "made" for _, step in lines) == ROWS + SOME  # The mailed rows have another address: new rows.

    on_paper = Counter(hashlib.sha256(arrived.pdf).hexdigest() for arrived in desk.arrived())
    assert (len(on_paper), set(on_paper.values())) == (SOME, {1})
    assert on_paper.keys() <= by_digest.keys()

    received = [
        message_from_bytes(data, policy=policy.default)
        for path in sorted((outbox / "sent").glob("*.eml"))
        for data in postfix.settled(path.stem)
    ]
    assert len({message["Message-ID"] for message in received}) == len(received) == SOME
    attached = [hashlib.sha256(next(message.iter_attachments()).get_content()).hexdigest() for message in received]
    assert Counter(attached).keys() <= by_digest.keys()
    assert len(set(attached)) == SOME
    finished(("ledger", "verify", out / "ledger.jsonl"), environment)


def test_nothing_is_doubled_when_folder_and_ledger_are_removed_midway(tmp_path: Path) -> None:
    out, outbox = tmp_path / "out", tmp_path / "outbox"
    rows = [row(number, languages=("en", "es")) for number in range(SOME * 2)]
    table = write_table(tmp_path / "mail.csv", rows)
    mailed = ("batch", table, *BATCH, "--to", out, "--email", "--outbox", outbox)
    for _ in range(2):
        already = len(list(outbox.glob("*/*.eml")))
        killed_when(lambda wanted=already + 2: len(list(outbox.glob("*/*.eml"))) >= wanted, mailed, {})  # type: ignore[misc]  # mypy cannot type a lambda's default
        shutil.rmtree(out)
    finished(mailed, {})
    messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in outbox.glob("*/*.eml")]
    assert sorted(message["To"] for message in messages) == sorted(cells[6] for cells in rows)
    assert len(list(out.glob("*.pdf"))) == len(rows)


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0), row(4), row(8)])
    made = ("batch", table, *BATCH, "--to", tmp_path / "out", "--json")
    assert json.loads(finished(made, {"SOURCE_DATE_EPOCH": "1795903200"}))["made"] == 3
    (gone, *_) = sorted((tmp_path / "out").glob("*.pdf"))
    gone.unlink()
    again = json.loads(finished(made, {"SOURCE_DATE_EPOCH": "1795816800"}))
    assert (again["made"], again["made_before"], again["ledger_entries"]) == (1, 2, 3)
    finished(("ledger", "verify", tmp_path / "out" / "ledger.jsonl"), {})
