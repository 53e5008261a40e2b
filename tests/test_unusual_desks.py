"""Closed streams, a full or read-only cache, no home, names that are too long or no UTF-8: a sentence, or the sheet."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, EXAMPLE_TREATMENT, Ran
from tests.waiting import HANGS, until

DOCUMENT = "microneedling-aftercare"
Run = Callable[..., Ran]
MAKE = (sys.executable, "generate.py", "make", "microneedling-aftercare", "--treatment", str(EXAMPLE_TREATMENT))


def shell(words: tuple[str, ...], redirection: str = "", **changed: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a command under sh with a redirection such as `<&-`, in a changed environment."""
    environment = {key: value for key, value in {**os.environ, **changed}.items() if value is not None}
    line = f"{shlex.join(words)} {redirection}"
    return subprocess.run(  # noqa: S602 - words of ours
        line,
        shell=True,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        cwd=CHECKOUT,
        env=environment,
        timeout=HANGS,
        check=False,
    )


@pytest.mark.parametrize("redirection", ["<&-", "2>&-", ">&-", "<&- >&- 2>&-"])
def test_a_closed_stream_stops_no_sheet(clinic: Path, tmp_path: Path, redirection: str) -> None:
    ran = shell((*MAKE, "--clinic", str(clinic), "--to", str(tmp_path / "out")), redirection)
    assert ran.returncode == 0, ran.stderr
    (sheet,) = (tmp_path / "out").iterdir()
    assert sheet.read_bytes().startswith(b"%PDF")


def test_what_is_to_be_read_from_a_closed_stream_is_empty(clinic: Path, tmp_path: Path) -> None:
    there = ("--clinic", str(clinic), "--to", str(tmp_path / "out"))
    ran = shell((*MAKE[:-1], "-", *there), "<&-")
    assert (ran.returncode, "Traceback" in ran.stderr) == (4, False), ran.stderr
    mail = ("--email", "--patient-email", "ana@example.org", "--outbox", str(tmp_path / "outbox"), "--password")
    ran = shell((*MAKE, *there, *mail), "<&-")
    assert (ran.returncode, "There is nobody here" in ran.stderr) == (9, True), ran.stderr


def test_a_stream_without_end_is_read_as_far_as_a_file(clinic: Path, tmp_path: Path) -> None:
    ran = shell((*MAKE[:-1], "-", "--clinic", str(clinic), "--to", str(tmp_path / "out")), "</dev/zero")
    assert (ran.returncode, "standard input" in ran.stderr, "larger than" in ran.stderr) == (4, True, True), ran.stderr


def test_a_pipe_that_never_waits_is_waited_for(clinic: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    words = (*MAKE[:-1], "-", "--clinic", str(clinic), "--to", str(tmp_path / "out"))
    with subprocess.Popen(words, stdin=reader, stderr=subprocess.PIPE, cwd=CHECKOUT) as program:
        until(lambda: os.get_blocking(reader), "the program to wait")
        os.write(writer, b'patient.name = "Ana Example"\nprocedure = "microneedling"\nbody_sites = ["face"]\n')
        os.close(writer)
        _, said = program.communicate(timeout=HANGS)
    os.close(reader)
    assert program.returncode == 0, said


@pytest.mark.parametrize("option", ["--to", "--clinic", "--treatment", "--ledger"])
@pytest.mark.parametrize("name", ["a" * 300, "a/" * 2500])
def test_a_name_that_is_too_long_is_told(clinic: Path, tmp_path: Path, option: str, name: str) -> None:
    given = {"--clinic": str(clinic), "--to": str(tmp_path / "out"), option: name}
    ran = shell((*MAKE, *(word for pair in given.items() for word in pair)))
    assert 2 <= ran.returncode <= 11, ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_folder_whose_name_is_not_utf_8_is_a_folder(clinic: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/out\xff")
    ran = shell((*MAKE, "--clinic", str(clinic), "--to", odd), PYTHONIOENCODING="utf-8:strict")
    assert ran.returncode == 0, ran.stderr
    batch = (
        sys.executable,
        "generate.py",
        "batch",
        "examples/treatments.csv",
        "--clinic",
        str(clinic),
        "--workers",
        "1",
    )
    ran = shell((*batch, "--document", "microneedling-aftercare", "--to", odd, "--merge", f"{odd}/all.pdf"))
    assert ran.returncode == 0, ran.stderr
    assert Path(odd, "all.pdf").read_bytes().startswith(b"%PDF")


HALF = "x\udcff"
"""What Python makes of a byte that is no letter in UTF-8."""


@pytest.mark.parametrize("option", ["--patient", "--note", "--pattern", "--time-zone"])
def test_half_a_letter_in_an_option_is_told(command: Run, clinic: Path, tmp_path: Path, option: str) -> None:
    there = ("--clinic", clinic, "--to", tmp_path / "out", option, f"{HALF}-{{line}}")
    if option == "--pattern":
        ran = command("batch", CHECKOUT / "examples" / "treatments.csv", "--document", DOCUMENT, *there)
    else:
        ran = command("make", DOCUMENT, "--treatment", EXAMPLE_TREATMENT, *there)
    assert 2 <= ran.code <= 11, ran.err
    assert "error: " in ran.err


def test_half_a_letter_goes_out_as_it_came_in(clinic: Path) -> None:
    ran = shell((*MAKE, "--clinic", str(clinic), "--language", HALF, "--json"), PYTHONIOENCODING="utf-8:strict")
    assert (ran.returncode, '"code": "unknown-language"' in ran.stdout) == (6, True), ran.stderr


@pytest.mark.parametrize("cache", ["read-only", "full", "damaged", "a file"])
def test_a_cache_that_cannot_be_used_stops_no_sheet(clinic: Path, tmp_path: Path, cache: str) -> None:
    folder, words, redirection = tmp_path / "cache", (*MAKE, "--clinic", str(clinic), "--to", str(tmp_path / "out")), ""
    if cache == "a file":
        folder.write_text("")
    elif cache == "read-only":
        folder = Path("/proc")
    elif cache == "damaged":
        assert shell(words, XDG_CACHE_HOME=str(folder)).returncode == 0
        shutil.rmtree(tmp_path / "out")
        for path in folder.rglob("*"):
            if path.is_file():
                path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    else:
        folder = Path("/dev/full")
    ran = shell(words, redirection, XDG_CACHE_HOME=str(folder))
    assert ran.returncode == 0, ran.stderr
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_who_has_neither_name_nor_home_gets_a_sheet(clinic: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "def home(): raise RuntimeError('Could not determine home directory.')\n"
        "pathlib.Path.home = staticmethod(home)\n"
        "from handouts.interfaces.command import main\n"
        "main()\n"
    )
    words = (sys.executable, "-c", program, *MAKE[2:], "--clinic", str(clinic), "--to", str(tmp_path / "out"))
    ran = shell(words, HOME=None, XDG_CACHE_HOME=None)
    assert ran.returncode == 0, ran.stderr
    assert shell((*words[:3], "printers"), HOME=None, XDG_CACHE_HOME=None).stderr.count("Traceback") == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"TZ": ":/dev/zero"},
        {"TZ": "garbage/:::"},
        {"LC_ALL": "xx", "LANG": "xx"},
        {"PYTHONWARNINGS": "error"},
        {"TMPDIR": "/nonexistent", "HOME": "/nonexistent"},
    ],
    ids=str,
)
def test_an_odd_environment_stops_no_sheet(clinic: Path, tmp_path: Path, changed: dict[str, str]) -> None:
    ran = shell((*MAKE, "--clinic", str(clinic), "--to", str(tmp_path / "out")), **changed)
    assert (ran.returncode, "Warning" in ran.stderr) == (0, False), ran.stderr


def test_a_batch_in_a_folder_that_has_gone_is_told(clinic: Path, tmp_path: Path) -> None:
    table = CHECKOUT / "examples" / "treatments.csv"
    words = ("batch", str(table), "--document", DOCUMENT, "--clinic", str(clinic), "--to", str(tmp_path / "out"))
    gone, program = tmp_path / "gone", CHECKOUT / "generate.py"
    gone.mkdir()
    line = f"cd {gone} && rmdir {gone} && {shlex.join((sys.executable, str(program), *words))}"
    ran = shell(("sh", "-c", line))
    assert (ran.returncode, "Traceback" in ran.stderr) == (11, False), ran.stderr


def test_no_fonts_at_all_are_told(clinic: Path, tmp_path: Path) -> None:
    (tmp_path / "none.conf").write_text("<?xml version='1.0'?><fontconfig></fontconfig>")
    words = (*MAKE, "--clinic", str(clinic), "--to", str(tmp_path / "out"))
    ran = shell(words, FONTCONFIG_FILE=str(tmp_path / "none.conf"))
    assert (ran.returncode, "handouts doctor" in ran.stderr) == (11, True), ran.stderr
