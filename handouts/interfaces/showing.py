"""`handouts gallery`: pictures of a clinic's sheets on one page, to show to whoever decides."""

import os
import sys
from pathlib import Path

import click

from handouts.codes import Code
from handouts.disk import reason_of, write_inside
from handouts.errors import ExitCode, InputError, Kind
from handouts.interfaces.clinic_option import clinic_folder, clinic_option
from handouts.interfaces.environment import cache_folder, clock
from handouts.interfaces.guarded import begin
from handouts.interfaces.words import counted
from handouts.records import Paper, PrintSize
from handouts.resources import Resources


@click.command("gallery", short_help="Show all sheets as pictures on one page.")
@clinic_option()
@click.option("--to", required=True, metavar="FOLDER", help="Where to put it: a new folder, or an earlier gallery.")
@click.option(
    "--document", "documents", multiple=True, metavar="DOCUMENT", help="Only this one; may be given several times."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="Only this language, such as es, or two side by side, such as ar+en; may be given several times.",
)
@click.option("--paper", type=click.Choice([str(paper) for paper in Paper]), help="The clinic's paper, if left out.")
@click.option(
    "--print-size",
    type=click.Choice([str(size) for size in PrintSize]),
    default=str(PrintSize.STANDARD),
    show_default=True,
    help="standard is 12 point; large is 18 point, laid out for it.",
)
def gallery_command(
    clinic: str | None,
    to: str,
    documents: tuple[str, ...],
    languages: tuple[str, ...],
    paper: str | None,
    print_size: str,
) -> int:
    """Write one page with pictures of every document in every language, for a made-up patient.

    Each sheet has its state beside it: approved, draft and why, or refused with what to do. Open index.html of the
    folder in a browser; the page loads its pictures and nothing else, so that the folder can be sent as it is.

    \b
    Example:
      handouts gallery --clinic my-clinic --to gallery
    """
    from handouts import inspection
    from handouts.press import tags_meant

    folder, resources = Path(to), Resources(clinic=clinic_folder(clinic), cache=cache_folder())
    earlier = _earlier(folder)
    choice = inspection.Shown(
        documents=tuple(dict.fromkeys(documents)),
        languages=tuple(dict.fromkeys("+".join(tags_meant(each.split("+"), "--language")) for each in languages)),
        paper=Paper(paper) if paper else None,
        print_size=PrintSize(print_size),
    )

    def progress(done: int, total: int, what: str) -> None:
        begin("showing", what)
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{done}/{total} {what}", err=True, nl=not what)

    made = inspection.gallery(resources, choice, clock(), progress, os.cpu_count() or 1)
    try:
        for name, data in made.files.items():
            write_inside(data, folder, folder / name)
        for name in earlier - set(made.files):
            (folder / name).unlink()
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, to, reason=reason_of(error)) from None
    click.echo(folder / inspection.INDEX)
    sheets = made.approved + made.drafts + made.refused
    said = f"{made.approved} approved, {counted(made.drafts, 'draft')}, {made.refused} refused"
    click.echo(f"{counted(sheets, 'sheet')}: {said}.", err=True)
    return int(ExitCode.DONE)


def _earlier(folder: Path) -> set[str]:
    """Return the names of an earlier gallery's pictures; raise InputError where the folder holds anything else."""
    from handouts.inspection import GENERATOR, INDEX, PICTURES

    try:
        if not folder.is_dir() or not any(folder.iterdir()):
            return set()
        index = folder / INDEX
        if not index.is_file() or f'content="{GENERATOR}"' not in index.read_text(errors="replace"):
            raise InputError.of(Kind.DELIVERY, Code.FOLDER_NOT_EMPTY, str(folder))
        return {f"{PICTURES}/{path.name}" for path in (folder / PICTURES).glob("*.webp")}
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(folder), reason=reason_of(error)) from None
