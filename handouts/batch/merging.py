"""Sheets in the order of their patients -> one PDF for the print room: each begins on a new piece of paper."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pikepdf

from handouts.codes import Code
from handouts.delivery.printing import add_sheet
from handouts.disk import reason_of, synced_file
from handouts.errors import InputError, Kind
from handouts.records import Planned

AT_MOST = 500
"""Sheets in one file: more go into several, since each takes 0.35 MB of memory until its file is written (measured
2026-11-21), and a person who pages through it has enough of this."""


def merge(sheets: Iterable[Planned], merged: Path) -> tuple[Path, ...]:
    """Write the sheets into `merged`, or into merged-1.pdf, merged-2.pdf … where they are many; return the files.

    A sheet with an odd number of pages is followed by an empty one, so that a two-sided print starts every patient on
    a new piece of paper. The outline names the patients in their order; the file's own title names nobody. It is for
    printing: the tags that let a screen reader follow a single sheet are not kept. Raises InputError where it cannot
    be written; then the sheets still wait in their folder.
    """
    files: list[Path] = []
    try:
        for portion in _portions(sheets):
            target = parts_folder(merged) / f"{len(files) + 1}.merged"
            _write(portion, target)
            files.append(target)
        names = [merged] if len(files) == 1 else [_numbered(merged, place) for place in range(1, len(files) + 1)]
        for file, name in zip(files, names, strict=True):
            file.replace(name)
    except OSError as error:
        raise InputError.of(Kind.DELIVERY, Code.CANNOT_WRITE, str(merged), reason=reason_of(error)) from None
    return tuple(names)


def is_there(merged: Path) -> bool:
    """Return whether a merged file, or the first of several, has been written."""
    return merged.exists() or _numbered(merged, 1).exists()


def parts_folder(merged: Path) -> Path:
    """Return where the sheets of a merged file wait until they are all there."""
    return merged.with_name(f".{merged.name}.parts")


def forget_parts(merged: Path) -> None:
    """Remove the sheets that have gone into a merged file."""
    shutil.rmtree(parts_folder(merged), ignore_errors=True)


def _numbered(merged: Path, place: int) -> Path:
    return merged.with_stem(f"{merged.stem}-{place}")


def _portions(sheets: Iterable[Planned]) -> Iterator[tuple[Planned, ...]]:
    rest = iter(sheets)
    while portion := tuple(islice(rest, AT_MOST)):
        yield portion


def _write(sheets: Iterable[Planned], target: Path) -> None:
    """Write some sheets into one file with its outline."""
    with pikepdf.new() as whole:
        places = []
        for planned in sheets:
            places.append((planned.name, len(whole.pages)))
            # Its bytes: pikepdf takes no path that is not UTF-8.
            add_sheet(whole, planned.consignment.path.read_bytes())
        with whole.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(name, page) for name, page in places)
        whole.docinfo["/Title"] = "Handouts"
        whole.Root.PageMode = pikepdf.Name.UseOutlines
        with synced_file(target, target.with_suffix(".writing")) as file:
            whole.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
