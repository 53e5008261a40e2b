"""The command line -> a job done, words on the screen and one of the fixed exit codes."""

import errno
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module

import click

from handouts.codes import Code
from handouts.disk import reason_of
from handouts.errors import InputError, Kind, Problem
from handouts.interfaces import guarded
from handouts.interfaces.streams import OutputLost, open_streams
from handouts.interfaces.words import as_data, counted, format_problems
from handouts.limits import OutOfTime, end_step, narrow_memory, narrow_time, out_of_memory, too_narrow
from handouts.stopping import Stopped, asked, ignore

_SYSTEMS_OWN = (
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC),
    *(errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ELOOP, errno.ENOTDIR, errno.ESTALE),
)
"""What the system answers where a process may have no more, or not that: nobody's fault but the machine's."""
_NO_THREAD = "can't start new thread"
"""What Python says where the system answers so."""
_COMMANDS = {
    "make": "handouts.interfaces.making",
    "print": "handouts.interfaces.printing",
    "printers": "handouts.interfaces.printing",
    "batch": "handouts.interfaces.batching",
    "exports": "handouts.interfaces.describing",
    "email": "handouts.interfaces.mailing",
    "outbox": "handouts.interfaces.mailing",
    "list": "handouts.interfaces.browsing",
    "show": "handouts.interfaces.browsing",
    "preview": "handouts.interfaces.preview.command",
    "check": "handouts.interfaces.inspecting",
    "gallery": "handouts.interfaces.showing",
    "doctor": "handouts.interfaces.inspecting",
    "review": "handouts.interfaces.signing",
    "approve": "handouts.interfaces.signing",
    "new-clinic": "handouts.interfaces.starting",
    "new-document": "handouts.interfaces.customising",
    "customise": "handouts.interfaces.customising",
    "schema": "handouts.interfaces.starting",
    "completion": "handouts.interfaces.starting",
    "translate": "handouts.interfaces.translating",
    "ledger": "handouts.interfaces.recording",
    "api-key": "handouts.interfaces.keying",
    "desk": "handouts.interfaces.desking",
}


class LazyGroup(click.Group):
    """Imports a command only when it is asked for: `make` must not pay for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help and of the manual."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_") + "_command")
        assert isinstance(command, click.Command)
        if cmd_name != "make":
            gc.enable()  # `make` does it itself, if it makes several sheets.
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for a misspelt one."""
        from handouts.errors import nearest

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            guess = nearest(args[0], _COMMANDS)
            hint = f" Did you mean “{guess}”?" if guess else ""
            ctx.fail(f"There is no command “{args[0]}”.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handouts")
def cli() -> None:
    """Aftercare sheets that patients can read, in their language, with their clinic's name on them.

    \b
    Begin with:
      handouts new-clinic my-clinic
      handouts make microneedling-aftercare --clinic my-clinic --patient "Ana Example" --language es --sample
    """


def run() -> None:
    """Run the command line in a child process that has limits of time and memory; exit as it does."""
    open_streams()
    os.environ.pop("TZ", None)  # Babel fails over a file that is no time zone; no time of ours is this computer's.
    code = _ended(_limited)
    guarded.leave(code)
    sys.exit(code)


def main() -> None:
    """Run the command line: InputError becomes words or JSON and an exit code; only our own faults show a traceback."""
    sys.exit(_ended(_carried_out))


def _ended(work: Callable[[], int]) -> int:
    """Return the exit code of work whose output has gone out, or of what has kept it from that."""
    try:
        code = work()
        sys.stdout.flush()
    except Stopped as stopped:
        return _stopped(stopped)
    except OutputLost as lost:
        return _lost(lost)
    except Exception:
        if not asked():
            raise
        return _stopped(Stopped(asked()))
    return code


def _stopped(stopped: Stopped) -> int:
    """Say that the command was stopped, and return the exit code."""
    ignore()
    ended = "\n" if sys.stderr.isatty() else ""  # Of a line that shows how far it is.
    made = "" if stopped.made is None else f"; {counted(stopped.made, 'sheet')} made and noted; go on with --resume"
    click.echo(f"{ended}Stopped{made}.", err=True)
    return 128 + stopped.number


def _lost(lost: OutputLost) -> int:
    """Say that standard output takes no more, and return the exit code."""
    if lost.number == errno.EPIPE:  # Nobody reads any more: end as every program of Unix does.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    problem = Problem.of(Kind.DELIVERY, Code.OUTPUT_LOST, "standard output", reason=os.strerror(lost.number))
    click.echo(format_problems([problem]), err=True, nl=False)
    return int(problem.exit_code)


def _limited() -> int:
    narrow = too_narrow()
    if narrow is not None:
        return _report(InputError([narrow]))
    try:
        guarded.enter(lambda step, out_of_time: _ended(partial(_report_end, step, out_of_time)))
    except OSError as error:
        return _report(_refused(error))
    return _carried_out()


def _carried_out() -> int:
    """Carry out the command and return its exit code."""
    collects = gc.isenabled()
    gc.disable()  # What start-up allocates stays.
    try:
        code = cli(prog_name="handouts", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except InputError as error:
        return _report(error)
    except (OSError, RuntimeError) as error:
        return _report(_of_the_system(error))
    except (OutOfTime, MemoryError) as error:
        what = guarded.step() or "handouts"
        timely = Problem.of(Kind.TYPESETTING, Code.OUT_OF_TIME, what)
        return _report(InputError([timely if isinstance(error, OutOfTime) else out_of_memory(Kind.TYPESETTING, what)]))
    finally:
        end_step()
        if collects:
            gc.enable()


def _of_the_system(error: OSError | RuntimeError) -> InputError:
    """Return what the system's error means wherever it comes from; raise it where that is not known."""
    if isinstance(error, RuntimeError):
        if str(error) != _NO_THREAD:
            raise error
        return _refused(OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
    if error.errno == errno.ENAMETOOLONG:
        return InputError.of(Kind.DELIVERY, Code.NAME_TOO_LONG, f"{str(error.filename)[:40]}…")
    if error.errno not in _SYSTEMS_OWN:
        raise error
    return _refused(error)


def _refused(error: OSError) -> InputError:
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "this computer"
    return InputError.of(Kind.MACHINE, Code.MACHINE_REFUSES, where, reason=reason_of(error))


def _report(error: InputError) -> int:
    """Print problems in words or JSON, and return the exit code."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"problems": [as_data(problem) for problem in error.problems]}, ensure_ascii=False))
    else:
        click.echo(format_problems(error.problems), err=True, nl=False)
    return int(error.exit_code)


def _report_end(step: str, out_of_time: bool) -> int:
    """Print that the process was ended while it was at a step, and return the exit code."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The kernel holds a limit against whole ticks of its clock: on a busy machine it ends what has used less.
    at_most = 2 * (used.ru_utime + used.ru_stime)
    code = Code.ENDED_OUT_OF_TIME if out_of_time else Code.ENDED_UNEXPECTEDLY
    problem = narrow_time(at_most) or (None if out_of_time else narrow_memory())
    return _report(InputError([problem or Problem.of(Kind.TYPESETTING, code, step or "handouts")]))
