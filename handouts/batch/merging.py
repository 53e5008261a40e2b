"""Sheets in the order of their patients -> one PDF for the print room: each begins on a new piece of paper."""

import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pikepdf

from handouts.delivery import write_whole
from handouts.records import Planned

_OPEN_AT_ONCE = 100
"""Files that are open together; systems allow 256 or more."""


def merge(sheets: Iterable[Planned], merged: Path) -> int:
    """Write the one file and return how many sheets it holds.

    A sheet with an odd number of pages is followed by an empty one, so that a two-sided print starts every patient on
    a new piece of paper. The outline names the patients in their order; the file's own title names nobody. It is for
    printing: the tags that let a screen reader follow a single sheet are not kept. Raises InputError where it cannot
    be written.
    """
    count = 0
    with tempfile.TemporaryDirectory(dir=merged.parent, prefix=".handouts-") as folder:
        stages: list[tuple[Path, list[tuple[str, int]]]] = []
        rest = iter(sheets)
        while batch := tuple(islice(rest, _OPEN_AT_ONCE)):
            stage = Path(folder) / f"{len(stages)}.pdf"
            stages.append((stage, _joined(batch, stage)))
            count += len(batch)
        write_whole(_whole(stages), merged)
    return count


def _joined(batch: Sequence[Planned], target: Path) -> list[tuple[str, int]]:
    """Write some sheets into one file; return each one's name in the outline and its first page there, from 0."""
    starts = []
    with pikepdf.new() as whole:
        for planned in batch:
            starts.append((planned.name, len(whole.pages)))
            with pikepdf.open(planned.path) as sheet:
                whole.pages.extend(sheet.pages)
            if len(whole.pages) % 2:
                left, bottom, right, top = map(float, whole.pages[-1].mediabox)
                whole.add_blank_page(page_size=(right - left, top - bottom))
        whole.save(target)
    return starts


def _whole(stages: Sequence[tuple[Path, list[tuple[str, int]]]]) -> bytes:
    """Return all stages as one file with its outline."""
    with pikepdf.new() as whole:
        entries = list(_extended(whole, stages))
        with whole.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(name, page) for name, page in entries)
        whole.docinfo["/Title"] = "Handouts"
        whole.Root.PageMode = pikepdf.Name.UseOutlines
        data = io.BytesIO()
        whole.save(data, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return data.getvalue()


def _extended(whole: pikepdf.Pdf, stages: Sequence[tuple[Path, list[tuple[str, int]]]]) -> Iterator[tuple[str, int]]:
    for stage, starts in stages:
        before = len(whole.pages)
        with pikepdf.open(stage) as part:
            whole.pages.extend(part.pages)
        yield from ((name, before + page) for name, page in starts)


def forget_parts(folder: Path) -> None:
    """Remove the sheets that have gone into the one file."""
    shutil.rmtree(folder, ignore_errors=True)
