"""A batch at work and its outcome -> a bar on the terminal, a file of rejects, words or JSON, and an exit code."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.errors import InputError, Problem, each_once
from handouts.interfaces.words import as_data, counted, remedy, told, what
from handouts.records import BatchOrder

if TYPE_CHECKING:
    from handouts.batch import Checked, Outcome
    from handouts.records import Row
    from handouts.treatment.tables import Table


@contextmanager
def progress(length: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a bar with count, rate and time left; a bar is shown on a terminal only."""
    if quiet:
        yield lambda _: None
        return
    began, count = time.monotonic(), 0

    def rate(_: int | None) -> str:
        return f"{count / max(time.monotonic() - began, 0.001):.1f} sheets/s"

    hidden = not sys.stderr.isatty()
    with click.progressbar(
        length=length, file=sys.stderr, hidden=hidden, show_pos=True, show_eta=True, item_show_func=rate
    ) as bar:

        def tell(step: int) -> None:
            nonlocal count
            count += step
            bar.update(step, None)

        yield tell


def said(table: "Table", order: BatchOrder, checked: "Checked", outcome: "Outcome", *, as_json: bool) -> int:
    """Say what a batch has come to, write its rejects, and return the exit code.

    Rows that the person chose to skip do not count as a failure; a sheet that could not be made does.
    """
    rejected = dict(sorted({**checked.faulty, **outcome.failed}.items()))
    rejects = _rejects(table, order, rejected) if rejected else None
    problems = each_once(problem for found in rejected.values() for problem in found)
    failed = [*(problem for found in outcome.failed.values() for problem in found), *outcome.held_up]
    where = ", ".join(map(str, outcome.merged)) or str(order.folder if order.merged is None else "")
    if as_json:
        answer = {
            "made": outcome.made,
            "made_before": outcome.done_before,
            "rejected": list(rejected),
            "where": where,
            "rejects": str(rejects) if rejects else None,
            "ledger_entries": outcome.entries,
            "last_hash": outcome.last_hash,
            "problems": [as_data(problem) for problem in (*problems, *outcome.held_up, *outcome.warnings)],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        if heard := (*outcome.warnings, *problems, *outcome.held_up):
            click.echo(told(heard), err=True)
        click.echo(f"{counted(outcome.made, 'sheet')} made" + (f": {where}" if where else ", not merged"))
        if outcome.done_before:
            click.echo(f"{outcome.done_before:,} made before")
        if rejects:
            click.echo(f"{counted(len(rejected), 'row')} not made: {rejects}")
        click.echo(f"ledger: {counted(outcome.entries, 'entry', 'entries')}, last hash {outcome.last_hash}")
    return int(InputError(failed).exit_code) if failed else 0


def _rejects(table: "Table", order: BatchOrder, rejected: Mapping[int, tuple[Problem, ...]]) -> Path:
    """Write the rows that were not made, each with its reasons in words, and return the file's path.

    A file that is there already, where somebody may be correcting rows, is left alone.
    """
    from handouts.delivery import write_whole
    from handouts.treatment.tables import TableForm, rejects

    def faulty() -> Iterator[tuple["Row", str]]:
        for row in table.rows():
            if row.line in rejected:
                yield row, " ".join(f"{what(problem)} {remedy(problem)}" for problem in rejected[row.line])

    suffix = "jsonl" if table.form is TableForm.JSON_LINES else "csv"
    data = b"".join(rejects(table, faulty()))
    names = (
        f"{Path(table.source).stem}-rejects{number}.{suffix}" for number in chain([""], map("-{}".format, count(2)))
    )
    paths = (order.folder / name for name in names)
    path = next(path for path in paths if not path.exists() or path.read_bytes() == data)
    return write_whole(data, path)
