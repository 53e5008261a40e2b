"""A file on the disk: whole, for its owner alone, and never written through what somebody else has planted."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.delivery import write_whole
from handouts.disk import reason_of, write_synced
from handouts.errors import InputError

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


def test_a_reason_names_no_file() -> None:
    assert reason_of(PermissionError(errno.EACCES, "words", "zebulon.pdf")) == os.strerror(errno.EACCES)
    assert reason_of(OSError("only words")) == "only words"
