"""The user's cache folder stays small, and whoever it belongs to loses nothing but time by that."""

import os
import time
from pathlib import Path

import pytest

from handouts.interfaces.environment import cache_folder

DAY = 86_400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_folder()
    assert folder == tmp_path / "handouts"
    return folder


def a_day_later(folder: Path) -> None:
    """Let the folder be looked at as if it was looked at yesterday."""
    yesterday = time.time() - DAY - 1
    os.utime(folder / ".pruned", (yesterday, yesterday))
    assert cache_folder() == folder


def used(path: Path, days_ago: int, size: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.truncate(path, size)
    when = time.time() - days_ago * DAY
    os.utime(path, (when, when))
    return path


def test_what_was_used_longest_ago_goes_first(cache: Path) -> None:
    old = used(cache / "picture-old.json", 9, 40_000_000)
    new = used(cache / "looks" / "new", 2, 40_000_000)
    used(cache / "looks" / "newest", 1)
    a_day_later(cache)
    assert (old.exists(), new.exists(), (cache / "looks" / "newest").exists()) == (False, True, True)


def test_there_are_not_more_than_so_many_files(cache: Path) -> None:
    for number in range(5_010):
        used(cache / "looks" / str(number), number % 7)
    a_day_later(cache)
    assert len([path for path in cache.rglob("*") if path.is_file()]) == 5_000
    assert (cache / "looks" / "0").exists()
    assert not (cache / "looks" / "6").exists() or not (cache / "looks" / "13").exists()


def test_a_link_in_it_is_taken_away_and_not_followed(cache: Path, tmp_path: Path) -> None:
    kept = used(tmp_path / "kept", 400, 70_000_000)
    (cache / "link").symlink_to(kept)
    used(cache / "new", 0, 63_999_999)
    a_day_later(cache)
    assert kept.stat().st_size == 70_000_000


def test_it_is_looked_at_once_a_day(cache: Path) -> None:
    large = used(cache / "large", 9, 70_000_000)
    assert cache_folder() == cache
    assert large.exists()
    a_day_later(cache)
    assert not large.exists()
