"""A place for sheets that wait to be delivered: for its owner alone, and gone with its run, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from handouts.delivery.spool import leave, spool
from handouts.errors import InputError
from handouts.records import Format, Sheet, Spooled
from tests.waiting import until

SHEET = Sheet(
    content=b"%PDF-1.7 a sheet", format=Format.PDF, stem="s", document="d", version="1", language="en",
    fingerprint="f", pages=2,
)  # fmt: skip
KEEPS_ONE = """
import sys, time
from pathlib import Path
from handouts.delivery.spool import spool
with spool(Path(sys.argv[1])) as place:
    (place / "7.pdf").write_bytes(b"a sheet")
    time.sleep(600)
"""


def test_what_is_left_in_a_spool_can_be_read_until_it_changes(tmp_path: Path) -> None:
    with spool(tmp_path) as place:
        assert place is not None
        left = leave(SHEET, place / "7.pdf")
        assert isinstance(left.content, Spooled)
        assert (left.data, left.digest) == (SHEET.data, SHEET.digest)
        assert {path.stat().st_mode & 0o077 for path in (place, place / "7.pdf")} == {0}
        (place / "7.pdf").write_bytes(b"another sheet")
        with pytest.raises(InputError) as told:
            _ = left.data
        assert told.value.problems[0].code == "file-missing"
    with pytest.raises(InputError) as told:
        _ = left.data
    assert told.value.problems[0].code == "file-unreadable"
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_that_cannot_be_left_keeps_its_bytes(tmp_path: Path) -> None:
    assert leave(SHEET, tmp_path / "nowhere" / "7.pdf") is SHEET


def test_folders_that_hold_nothing_go_with_the_spool(tmp_path: Path) -> None:
    with spool(tmp_path / "a" / "b") as place:
        assert place is not None
        assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []
    with spool(tmp_path / "a" / "b") as place:
        (tmp_path / "a" / "sheet.pdf").write_bytes(b"")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["sheet.pdf"]


def test_where_there_can_be_no_spool_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path)
    for folder in ("file", "file/below", "link"):
        with spool(tmp_path / folder) as place:
            assert place is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_the_next_run_takes_away_what_a_killed_one_has_left_and_nothing_of_one_that_goes_on(tmp_path: Path) -> None:
    def left() -> set[Path]:
        return {path.parent for path in tmp_path.glob("*/7.pdf")}

    other = [sys.executable, "-c", KEEPS_ONE, str(tmp_path)]
    with subprocess.Popen(other, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as running:
        try:
            (theirs,) = until(left, "another run begins")
            with spool(tmp_path) as place:
                assert place is not None
                assert left() == {theirs}
        finally:
            running.send_signal(signal.SIGKILL)
    assert left() == {theirs}
    with spool(tmp_path) as place:
        assert [*tmp_path.iterdir()] == [place]
