"""A checkout's version comes from its tags; where there is none to be had, from what the checkout itself says."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0]\n\n## [1.0.0]\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "outer" / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(CHECKOUT / "scripts" / "version.py", folder / "scripts")
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    return folder


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ana Example", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command: list[str | Path] = ["git", *who, "-C", folder, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def version(folder: Path) -> str:
    code = "import version; print(version.version())"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=folder / "scripts", check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", "A change")


def test_a_tag_is_the_version_and_commits_after_it_are_counted(checkout: Path) -> None:
    git(checkout, "init", "-q")
    commit(checkout)
    assert version(checkout) == "1.1.0", "no tag: the newest release of the changelog"
    git(checkout, "tag", "v1.2.0")
    git(checkout, "tag", "not-a-version")
    assert version(checkout) == "1.2.0"
    commit(checkout)
    commit(checkout)
    assert version(checkout) == f"1.2.0.post2+g{git(checkout, 'rev-parse', '--short', 'HEAD').strip()}"


def test_a_shallow_clone_falls_back(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    commit(checkout)
    git(checkout, "tag", "v1.2.0")
    commit(checkout)
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-tags", checkout.as_uri(), "shallow")
    assert version(tmp_path / "shallow") == "1.1.0"


def test_without_git_or_inside_of_another_repository_it_is_its_own(checkout: Path) -> None:
    assert version(checkout) == "1.1.0"
    git(checkout.parent, "init", "-q")
    commit(checkout.parent)
    git(checkout.parent, "tag", "v9.0.0")
    assert version(checkout) == "1.1.0"
    (checkout / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: handouts\nVersion: 1.2.0.post2+gabc1234\n")
    assert version(checkout) == "1.2.0.post2+gabc1234"


def test_a_wheel_of_the_source_distribution_has_its_version(tmp_path: Path) -> None:
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("handouts-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.glob("handouts-*") if path.is_dir())
    assert (unpacked / "docs" / "index.md").is_file()
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", tmp_path, unpacked], check=True)
    (wheel,) = tmp_path.glob("handouts-*.whl")
    assert wheel.name == f"{unpacked.name}-py3-none-any.whl"
