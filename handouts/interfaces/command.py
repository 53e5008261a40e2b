"""The command line -> a job done, words on the screen and one of the fixed exit codes."""

import errno
import gc
import json
import sys
from importlib import import_module

import click

from handouts.codes import Code
from handouts.errors import InputError, Kind
from handouts.interfaces import guarded
from handouts.interfaces.environment import open_streams
from handouts.interfaces.words import as_data, format_problems
from handouts.limits import OutOfTime, end_step

_COMMANDS = {
    "make": "handouts.interfaces.making",
    "print": "handouts.interfaces.printing",
    "printers": "handouts.interfaces.printing",
    "batch": "handouts.interfaces.batching",
    "email": "handouts.interfaces.mailing",
    "outbox": "handouts.interfaces.mailing",
    "list": "handouts.interfaces.browsing",
    "show": "handouts.interfaces.browsing",
    "check": "handouts.interfaces.inspecting",
    "doctor": "handouts.interfaces.inspecting",
    "review": "handouts.interfaces.signing",
    "approve": "handouts.interfaces.signing",
    "new-clinic": "handouts.interfaces.starting",
    "schema": "handouts.interfaces.starting",
    "completion": "handouts.interfaces.starting",
    "translate": "handouts.interfaces.translating",
    "ledger": "handouts.interfaces.recording",
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
            gc.enable()  # `make` leaves that to the typesetter: see main.
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
    guarded.enter(_report_end)
    try:
        main()
    except SystemExit as ended:
        guarded.leave(ended.code)
        raise


def main() -> None:
    """Run the command line: InputError becomes words or JSON and an exit code; only our own faults show a traceback."""
    gc.disable()  # What start-up allocates stays; the typesetter enables collection after each sheet.
    try:
        code = cli(prog_name="handouts", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except InputError as error:
        sys.exit(_report(error))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        name = f"{str(error.filename)[:40]}…"
        sys.exit(_report(InputError.of(Kind.DELIVERY, Code.NAME_TOO_LONG, name)))
    except (OutOfTime, MemoryError) as error:
        code = Code.OUT_OF_TIME if isinstance(error, OutOfTime) else Code.OUT_OF_MEMORY
        sys.exit(_report(InputError.of(Kind.TYPESETTING, code, guarded.step() or "handouts")))
    finally:
        end_step()


def _report(error: InputError) -> int:
    """Print problems in words or JSON, and return the exit code."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"problems": [as_data(problem) for problem in error.problems]}, ensure_ascii=False))
    else:
        click.echo(format_problems(error.problems), err=True, nl=False)
    return int(error.exit_code)


def _report_end(step: str, out_of_time: bool) -> int:
    """Print that the process was ended while it was at a step, and return the exit code."""
    code = Code.ENDED_OUT_OF_TIME if out_of_time else Code.ENDED_UNEXPECTEDLY
    return _report(InputError.of(Kind.TYPESETTING, code, step or "handouts"))
