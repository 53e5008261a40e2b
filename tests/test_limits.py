"""What computes or grows without end is stopped and told, with its file where that can be known."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from handouts import limits
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import CHECKOUT, job
from tests.waiting import until

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
GROWING = "{% for a in range(60) %}{{ 'x'.center(90000000) }}{% endfor %}"


def with_template(clinic: Path, text: str) -> Press:
    """Return a press of a clinic whose sheets have a text in their header, on the third line of its template."""
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    block = "{% block header %}{{ super() }}\n\n"
    template.write_text('{% extends "@shipped/handout/sheet.html" %}' + block + text + "{% endblock %}")
    return Press(Resources(clinic=clinic))


def refused(press: Press) -> tuple[str, str, int | None]:
    with pytest.raises(InputError) as error:
        press.compose(job())
    (problem,) = errors_of(error.value.problems)
    return problem.code, problem.source, problem.line


def test_what_a_process_may_take_yet_falls_by_what_it_takes() -> None:
    before = limits.free_memory()
    block = bytearray(200_000_000)
    assert 190_000_000 < before - limits.free_memory() < 300_000_000
    del block


def test_a_template_without_end_is_told_with_its_line(clinic: Path) -> None:
    press = with_template(clinic, ENDLESS)
    press.check(job())
    with limits.time_limit(3):
        assert refused(press) == ("out-of-time", "templates/handout/sheet.html", 3)


def test_a_template_that_grows_without_end_is_told_with_its_line(clinic: Path) -> None:
    command = [sys.executable, "-c", IN_A_PROCESS.format(work=REFUSED.format(clinic=str(clinic)))]
    with_template(clinic, GROWING)
    ran = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert ran.stdout == "out-of-memory templates/handout/sheet.html 3\n", ran.stderr[-2000:]


def test_a_style_without_end_is_told_with_the_clinics_file(clinic: Path) -> None:
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    selector, nested = "q" + " *" * 25 + " b", "<div>" * 60 + "<b>x</b>" + "</div>" * 60
    template.write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block style %}' + selector + "{color:red}{% endblock %}"
        "{% block about %}{{ super() }}" + nested + "{% endblock %}"
    )
    press = Press(Resources(clinic=clinic))
    with limits.time_limit(3), pytest.raises(InputError) as error:
        press.sheet("microneedling-aftercare", {detail.path: detail.value for detail in job().details})
    (problem,) = errors_of(error.value.problems)
    assert (problem.code, problem.source) == ("out-of-time", "templates/handout/sheet.html")


IN_A_PROCESS = """
import sys, os, itertools, signal, time
from handouts import limits
from handouts.interfaces import guarded
def tell_end(step, out_of_time):
    print("ended", step, out_of_time)
    return 8
{work}
"""
REFUSED = """
from pathlib import Path
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import job
limits.limit_memory()
try:
    Press(Resources(clinic=Path({clinic!r}))).compose(job())
except InputError as error:
    for problem in errors_of(error.problems):
        print(problem.code, problem.source, problem.line)
"""


def guarded(work: str) -> "subprocess.CompletedProcess[str]":
    program = IN_A_PROCESS.format(work=f"guarded.enter(tell_end)\n{work}")
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)


def test_the_end_of_a_command_is_its_childs() -> None:
    ran = guarded("print('made', flush=True); sys.exit(4)")
    assert (ran.returncode, ran.stdout) == (4, "made\n")


def test_what_no_handler_can_stop_is_ended_from_outside() -> None:
    work = "guarded.begin('typesetting', 'es'); limits.begin_step(0.5); sum(itertools.repeat(0))"
    ran = guarded(work)
    assert (ran.returncode, ran.stdout) == (8, "ended typesetting es True\n")


def test_a_fault_of_a_library_is_told() -> None:
    ran = guarded("guarded.begin('typesetting', 'es'); os.kill(os.getpid(), signal.SIGSEGV)")
    assert (ran.returncode, ran.stdout) == (8, "ended typesetting es False\n")


def test_memory_has_an_end() -> None:
    ran = guarded("try:\n    bytearray(limits.MEMORY)\nexcept MemoryError:\n    print('refused', flush=True)")
    assert ran.stdout == "refused\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_command(number: signal.Signals, tmp_path: Path) -> None:
    there = tmp_path / "there"
    work = (
        "def heard(number, frame):\n    print('heard', flush=True); os._exit(130)\n"
        f"signal.signal({int(number)}, heard); open({str(there)!r}, 'w').close(); time.sleep(600)"
    )
    program = IN_A_PROCESS.format(work=f"guarded.enter(tell_end)\n{work}")
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, start_new_session=True
    ) as running:
        until(there.exists, "the command to begin")
        running.send_signal(number)
        out, _ = running.communicate()
    assert (running.returncode, out) == (130, "heard\n")


def test_a_command_that_is_stopped_for_a_while_goes_on(tmp_path: Path) -> None:
    """By SIGSTOP, as a computer is that sleeps, and for longer than what waits for its child looks after it."""
    there, go = tmp_path / "there", tmp_path / "go"
    work = f"open({str(there)!r}, 'w').close()\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\nsys.exit(4)"
    program = IN_A_PROCESS.format(work=f"guarded._TICK = 0.1\nguarded.enter(tell_end)\n{work}")
    with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT) as running:
        until(there.exists, "the command to begin")
        for _ in range(3):
            running.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            running.send_signal(signal.SIGCONT)
            time.sleep(0.05)
        go.touch()
    assert running.returncode == 4


def test_no_command_goes_on_when_its_parent_was_killed(tmp_path: Path) -> None:
    there = tmp_path / "there"
    work = f"open({str(there)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    program = IN_A_PROCESS.format(work=f"guarded.enter(tell_end)\n{work}")
    with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT) as running:
        until(lambda: there.exists() and there.read_text() != "", "the command to begin")
        child = psutil.Process(int(there.read_text()))
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the child to end")


def test_each_step_has_its_own_time() -> None:
    with limits.time_limit(0.4):
        for _ in range(4):
            limits.begin_step(0.4)
            ends = time.process_time() + 0.2
            while time.process_time() < ends:
                pass
