"""A file on the disk: whole, for its owner alone, and never written through what somebody else has planted."""

import errno
import fcntl
import os
import re
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handouts.delivery import write_all_whole, write_whole
from handouts.disk import reason_of, write_inside, write_synced
from handouts.errors import InputError
from tests.conftest import CHECKOUT

SHEET = b"%PDF-1.7 a sheet"


def modes(*paths: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in paths}


@pytest.mark.parametrize("plant", [Path.symlink_to, Path.hardlink_to], ids=["symbolic link", "hard link"])
@pytest.mark.parametrize("name", [".handouts-sheet", "sheet.pdf"])
def test_a_planted_link_is_never_written_through(
    name: str, plant: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    other, folder = tmp_path / "other", tmp_path / "shared"
    other.write_bytes(b"somebody's")
    other.chmod(0o644)
    folder.mkdir()
    plant(folder / name, other)
    path = write_whole(SHEET, folder / "sheet.pdf")
    assert other.read_bytes() == b"somebody's"
    assert path.read_bytes() == SHEET
    assert not path.is_symlink()
    assert modes(path) == {0o600}
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("plant", [Path.symlink_to, Path.hardlink_to], ids=["symbolic link", "hard link"])
@pytest.mark.parametrize("name", [".handouts-1", "1.pdf"])
def test_files_written_together_are_as_whole_as_one_alone(
    name: str, plant: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    other, folder = tmp_path / "other", tmp_path / "new" / "shared"
    other.write_bytes(b"somebody's")
    folder.mkdir(parents=True)
    plant(folder / name, other)
    files = {folder / f"{number}.pdf": b"%d" % number * 50_000 for number in range(40)}
    assert write_all_whole(files)
    assert other.read_bytes() == b"somebody's"
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    assert modes(*folder.iterdir()) == {0o600}


def test_files_written_together_have_their_names_when_they_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    named: list[int] = []
    fsync, replace = os.fsync, os.replace

    def seen_fsync(handle: int) -> None:
        fsync(handle)
        synced.append(os.fstat(handle).st_ino)

    def seen_replace(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        named.append(os.stat(source, dir_fd=src_dir_fd).st_ino)
        assert named[-1] in synced, "a power cut would leave an empty file under its name"
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    assert write_all_whole({tmp_path / f"{number}.pdf": SHEET for number in range(3)})
    assert (len(named), synced[-1]) == (3, tmp_path.stat().st_ino)


def test_files_of_which_one_cannot_be_written_leave_no_part(tmp_path: Path) -> None:
    (tmp_path / ".handouts-2").mkdir()
    assert not write_all_whole({tmp_path / f"{number}.pdf": SHEET for number in range(4)})
    assert [path.name for path in tmp_path.iterdir()] == [".handouts-2"]


def test_a_planted_file_keeps_neither_its_mode_nor_its_reader(tmp_path: Path) -> None:
    temporary = tmp_path / ".temporary"
    temporary.write_bytes(b"left by a crash, longer than the sheet")
    temporary.chmod(0o666)
    with temporary.open("rb") as reader:
        write_synced(SHEET, tmp_path / "sheet.pdf", temporary)
        assert SHEET not in reader.read()
    assert (tmp_path / "sheet.pdf").read_bytes() == SHEET
    assert modes(tmp_path / "sheet.pdf") == {0o600}


def test_a_dangling_link_makes_no_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".temporary").symlink_to(tmp_path / "elsewhere")
    write_synced(SHEET, tmp_path / "sheet.pdf", tmp_path / ".temporary")
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.pdf"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / ".handouts-sheet").mkdir()
    with pytest.raises(InputError) as error:
        write_whole(SHEET, tmp_path / "sheet.pdf")
    assert [problem.code for problem in error.value.problems] == ["cannot-write"]


def test_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    path = write_whole(SHEET, tmp_path / "new" / "newer" / "sheet.pdf")
    assert modes(path.parent, path.parent.parent) == {0o700}
    assert modes(tmp_path) == {0o755}, "a folder that was there is left as it is"


@pytest.mark.parametrize("write", ["whole", "inside"])
def test_two_who_write_one_file_at_once_both_write_it_whole(tmp_path: Path, write: str) -> None:
    path = tmp_path / "sheet.pdf"

    def written(letter: bytes) -> None:
        for _ in range(100):
            data = letter * 200_000
            write_whole(data, path) if write == "whole" else write_inside(data, tmp_path, path)
            assert len(set(path.read_bytes())) == 1
            assert path.stat().st_size == 200_000

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(written, (b"a", b"b", b"c"))) == [None] * 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_another_program_keeps_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.disk._PATIENCE", 0.05)
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(InputError) as told:
        write_whole(SHEET, tmp_path / "sheet.pdf")
    os.close(holder)
    assert [problem.code for problem in told.value.problems] == ["cannot-write"]
    assert write_whole(SHEET, tmp_path / "sheet.pdf").read_bytes() == SHEET


def test_a_file_inside_a_folder_keeps_who_may_read_it_and_is_whole_or_as_it_was(tmp_path: Path) -> None:
    home, path = tmp_path / "home", tmp_path / "home" / "new" / "newer" / "file.po"
    write_inside(SHEET, home, path)
    assert path.read_bytes() == SHEET
    path.chmod(0o640)
    write_inside(b"other", home, path)
    assert (path.read_bytes(), modes(path)) == (b"other", {0o640})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_inside(bytes(100_000), home, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"other"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "place", ["link", "link/file", "folder/link", "dangling", "dangling/file", "../file", "loop/x"]
)
def test_nothing_is_written_outside_of_its_folder(place: str, tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    (home / "folder").mkdir(parents=True)
    outside.mkdir()
    (home / "link").symlink_to(outside)
    (home / "folder" / "link").symlink_to(outside / "file")
    (home / "dangling").symlink_to(outside / "not-there")
    (home / "loop").symlink_to(home / "loop")
    with pytest.raises(OSError):  # noqa: PT011 - of whatever words
        write_inside(SHEET, home, home / place)
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "file").exists()


def test_a_link_from_one_place_of_a_folder_to_another_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "file").symlink_to("there/file")
    write_inside(SHEET, tmp_path, tmp_path / "link" / "one")
    write_inside(SHEET, tmp_path, tmp_path / "file")
    assert {path.name for path in (tmp_path / "there").iterdir()} == {"one", "file"}
    assert (tmp_path / "file").is_symlink()


WRITES = re.compile(
    r"""write_text\(|write_bytes\(|\.touch\(|shutil\.(copy|move)|open\([^)]*["'][wxa]|mkstemp|os\.open\(|\.save\("""
)
WRITERS = {
    "batch/merging.py": "a PDF into the file that disk.py opens",
    "branding/font_in_child.py": "a font in memory",
    "delivery/printing/joining.py": "a PDF in memory",
    "delivery/mail/outbox.py": "locks, never through a link",
    "delivery/mail/protection.py": "a PDF in memory",
    "disk.py": "this is the one",
    "inspection/photographing.py": "a picture in memory",
    "inspection/register.py": "in the user's own cache: what a crash damages is found anew",
    "inspection/staffing.py": "an empty mark in the user's own cache",
    "interfaces/api_keys.py": "reads",
    "interfaces/environment.py": "an empty mark in the user's own cache",
    "interfaces/streams.py": "nothing, where a stream is closed",
    "ledger/key.py": "made once, under a name of its own, then linked",
    "ledger/reading.py": "reads",
    "ledger/writing.py": "a ledger is appended to",
    "pictures/pixels.py": "a picture in memory",
    "press/looks.py": "empty files in the user's own cache",
    "resources.py": "reads",
    "typesetting/page_dots.py": "a picture in memory",
}
"""Every module that opens a file otherwise, and why it may."""


def test_whatever_writes_goes_through_the_disk() -> None:
    package = CHECKOUT / "handouts"
    found = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if WRITES.search(path.read_text())}
    assert found == set(WRITERS)


def test_a_reason_names_no_file() -> None:
    assert reason_of(PermissionError(errno.EACCES, "words", "zebulon.pdf")) == os.strerror(errno.EACCES)
    assert reason_of(OSError("only words")) == "only words"
