"""However a command ends (full disk, a reader that has gone, a signal, a narrow limit): one sentence and its code."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from handouts.stopping import ASKED, Stopped, listen, undisturbed
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, EXAMPLE_TREATMENT
from tests.tables import row, write_table
from tests.waiting import HANGS, until

HANDOUTS = (sys.executable, "generate.py")
SHEET = ("make", "microneedling-aftercare", "--clinic", str(EXAMPLE_CLINIC), "--treatment", str(EXAMPLE_TREATMENT))


def shell(words: tuple[str, ...], redirection: str = "", before: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a command under bash, with what stands before and behind it."""
    line = f"{before} {shlex.join((*HANDOUTS, *words))} {redirection}"
    command = ["bash", "-c", line]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=HANGS, check=False)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_full_disk_at_the_output_is_told_and_the_sheet_is_made(tmp_path: Path, more: tuple[str, ...]) -> None:
    ran = shell((*SHEET, *more, "--to", str(tmp_path / "out")), ">/dev/full")
    assert (ran.returncode, ran.stderr.count("No space left"), "Traceback" in ran.stderr) == (9, 1, False)
    (sheet,) = (tmp_path / "out").iterdir()
    assert sheet.read_bytes().endswith(b"%%EOF\n")


@pytest.mark.parametrize(
    ("words", "redirection", "code"),
    [
        (("list",), ">/dev/full", 9),
        (("list",), ">/dev/full 2>/dev/full", 9),
        (("--help",), ">/dev/full", 9),
        (("list",), "2>/dev/full", 0),
        (("show", "nothing-of-this-name"), "2>/dev/full", 5),
        (("show", "nothing-of-this-name", "--json"), ">/dev/full", 9),
        (("show",), "2>/dev/full", 2),
        (("list",), "| :; exit ${PIPESTATUS[0]}", 141),
        (("list", "--json"), "| head -c1; exit ${PIPESTATUS[0]}", 0),
    ],
)
def test_output_that_nobody_takes_shows_no_traceback(words: tuple[str, ...], redirection: str, code: int) -> None:
    ran = shell(words, redirection)
    assert (ran.returncode, "Traceback" in ran.stderr, "Exception" in ran.stderr) == (code, False, False), ran.stderr


@pytest.mark.parametrize("limit", ["-v 60000", "-v 150000", "-n 8", "-t 1"])
def test_a_limit_from_outside_is_named_and_blames_no_file(tmp_path: Path, limit: str) -> None:
    languages = [word for tag in ("en", "es", "ar", "ru", "vi") for word in ("--language", tag)]
    ran = shell((*SHEET, *languages, "--to", str(tmp_path / "out")), before=f"ulimit {limit};")
    assert ran.returncode == 11, ran.stderr
    assert ran.stderr.startswith("error: this computer\n  This computer allows the program only ")
    assert ran.stderr.count("error: ") == 1


def test_a_limit_from_outside_that_ends_a_batchs_workers_blames_no_row(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [row(0), row(4)])
    words = ("batch", str(table), *SHEET[2:4], "--document", SHEET[1], "--to", str(tmp_path / "out"))
    ran = shell((*words, "--workers", "1"), before="ulimit -t 1;")
    blamed = {
        line for line in ran.stderr.splitlines() if line.startswith("error: ")
    }  # Perhaps the command was ended, too.
    assert (ran.returncode, blamed) == (11, {"error: this computer"}), ran.stderr
    assert "only 1 s of a processor" in ran.stderr


def has_a_sheet(folder: Path) -> Callable[[int], bool]:
    """Return whether a folder has a sheet, whichever command makes it."""
    return lambda _: folder.exists() and any(folder.glob("*.pdf"))


def is_listening(program: int) -> bool:
    """Return whether the child in which a command works hears the signals: proc_pid_status(5), SigCgt, a mask."""
    for child in psutil.Process(program).children():
        with suppress(FileNotFoundError):
            (caught,) = re.findall(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{child.pid}/status").read_text(), re.MULTILINE)
            if all(int(caught, 16) >> (each - 1) & 1 for each in ASKED):
                return True
    return False


def ended(
    words: tuple[str, ...], number: signal.Signals, ready: Callable[[int], bool], *, whole_group: bool
) -> tuple[int, str]:
    """Start a command, send a signal once it is `ready`, and return the exit code and what it has said."""
    heard = ("env", "--default-signal")  # Under nohup, or in the background, tests run deaf to some.
    program = subprocess.Popen(
        [*heard, *HANDOUTS, *words], stderr=subprocess.PIPE, text=True, cwd=CHECKOUT, start_new_session=True
    )
    until(lambda: ready(program.pid), "what the signal waits for")
    children = psutil.Process(program.pid).children(recursive=True)
    if whole_group:
        os.killpg(program.pid, number)
    else:
        program.send_signal(number)
    _, said = program.communicate(timeout=HANGS)
    gone, alive = psutil.wait_procs(children, timeout=HANGS)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE], gone
    return program.returncode, said


ENDS = [
    (signal.SIGINT, True),
    (signal.SIGINT, False),
    (signal.SIGTERM, False),
    (signal.SIGTERM, True),
    (signal.SIGHUP, True),
    (signal.SIGQUIT, False),
]


@pytest.mark.parametrize(("number", "whole_group"), ENDS)
def test_a_batch_that_is_stopped_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals, *, whole_group: bool
) -> None:
    table, out = write_table(tmp_path / "t.csv", [row(each, languages=("en",)) for each in range(40)]), tmp_path / "out"
    words = ("batch", str(table), *SHEET[2:4], "--document", "microneedling-aftercare", "--to", str(out))
    code, said = ended((*words, "--workers", "2"), number, has_a_sheet(out), whole_group=whole_group)
    noted = (out / "ledger.jsonl").read_text().count("\n") - 1 if (out / "ledger.jsonl").exists() else 0
    made = f"{noted} sheet{'s' * (noted != 1)}"
    if whole_group and number == signal.SIGTERM:
        # It ends the workers, too: one that pebble begins anew at that moment may find its parent gone, and say so.
        said = said[: said.index("\n") + 1]
    assert (code, said) == (128 + number, f"Stopped; {made} made and noted; go on with --resume.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_stopped_says_so(tmp_path: Path, number: signal.Signals) -> None:
    several = [word for tag in ("en", "es", "ar", "ru", "vi", "hi") for word in ("--language", tag)]
    words = (*SHEET, *several, "--to", str(tmp_path / "out"))
    assert ended(words, number, is_listening, whole_group=False) == (128 + number, "Stopped.\n")
    assert not (tmp_path / "out").exists()  # `make` writes its sheets together, when all of them are made.


def test_ctrl_c_while_the_program_begins_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(CHECKOUT)))}
    command = [sys.executable, "-m", "handouts", "list"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert (ran.returncode, ran.stderr) == (-signal.SIGINT, "")


def test_what_a_library_makes_of_the_stop_is_still_a_stop() -> None:
    program = (
        "import os, signal\n"
        "from handouts.interfaces import browsing, command\n"
        "def list_command(**_):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except BaseException as error:\n"
        "        raise KeyError('a library') from error\n"
        "browsing.list_command.callback = list_command\n"
        "command.run()\n"
    )
    command = [sys.executable, "-c", program, "list"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert (ran.returncode, ran.stderr) == (143, "Stopped.\n")


def test_a_signal_waits_for_what_must_not_be_half_done() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    done = []

    def work() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            done.append("whole")

    try:
        listen()
        with pytest.raises(Stopped):
            work()
        signal.raise_signal(signal.SIGTERM)  # A second one does not disturb the end.
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert done == ["whole"]
