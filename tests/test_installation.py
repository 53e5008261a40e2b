"""scripts/install.sh and the locks -> the locked packages and all of them, whatever has been released since."""

import hashlib
import os
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import CHECKOUT
from tests.locks import pins, this_machine

# --- what is newer stays out -----------------------------------------------------------------------------------------

NEEDS: Mapping[str, tuple[str, ...]] = {
    "sheets": ("covered[toml]>=1", "fonts[woff]", "plain"),
    "covered": ('tables>=1 ; extra == "toml"',),
    "fonts": ('packed ; extra == "woff"',),
    "plain": (),
    "tables": (),
    "packed": (),
    "building": (),
}
"""A small registry: each package, and what it requires, as coverage[toml] and fonttools[woff] are required."""

BUILDING = """
import shutil
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return shutil.copy("checkout-1.0-py3-none-any.whl", wheel_directory).rpartition("/")[2]
"""
"""A build backend (PEP 660) that has its wheel ready."""

PYPROJECT = """
[build-system]
requires = ["building"]
build-backend = "building"
[project]
name = "checkout"
version = "1.0"
"""


def write_wheel(folder: Path, name: str, version: str, needs: Iterable[str] = (), module: str = "") -> Path:
    """Write the wheel of a package of one module, and return it."""
    extras = {need.rpartition('"')[0].rpartition('"')[2] for need in needs if "extra" in need}
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    head += [f"Provides-Extra: {extra}" for extra in sorted(extras)] + [f"Requires-Dist: {need}" for need in needs]
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": module,
        f"{about}/METADATA": "\n".join(head) + "\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
        archive.writestr(f"{about}/RECORD", "".join(f"{inside},,\n" for inside in (*files, f"{about}/RECORD")))
    return path


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """A checkout with our install.sh, and a registry of its own that has two releases of each package."""

    folder: Path
    hashes: Mapping[str, str]

    def lock(self, purpose: str, names: Iterable[str]) -> None:
        """Write the lock of a purpose: the first release of these packages, as scripts/lock.sh writes it."""
        lines = [f"{name}==1.0 \\\n    --hash=sha256:{self.hashes[name]}\n" for name in names]
        (self.folder / {"run": "requirements.lock", "test": "requirements-test.lock"}[purpose]).write_text(
            "".join(lines)
        )

    def install(self, purpose: str) -> "subprocess.CompletedProcess[str]":
        """Run install.sh, its pip led to the registry by pip's own settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": (self.folder / "simple").as_uri()}
        return subprocess.run(
            [self.folder / "scripts" / "install.sh", purpose],
            env=own | settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def installed(self) -> dict[str, str]:
        """Return the version of each package of the registry that is in the checkout's .venv."""
        (place,) = self.folder.glob(".venv/lib/python*/site-packages")
        found = {package.name: package.version for package in distributions(path=[str(place)])}
        return {name: version for name, version in found.items() if name not in ("pip", "setuptools")}


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """Return a checkout in which nothing is installed and nothing locked."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(CHECKOUT / "scripts" / "install.sh", tmp_path / "scripts")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    write_wheel(tmp_path, "checkout", "1.0", ("sheets",))
    hashes = {}
    for name, needs in NEEDS.items():
        page = tmp_path / "simple" / name
        page.mkdir(parents=True)
        module = BUILDING if name == "building" else ""
        wheels = [write_wheel(page, name, version, needs, module) for version in ("1.0", "2.0")]
        (page / "index.html").write_text("".join(f'<a href="{wheel.name}">{wheel.name}</a>\n' for wheel in wheels))
        hashes[name] = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
    return Scratch(folder=tmp_path, hashes=hashes)


def test_newer_releases_change_nothing_and_a_gap_is_told(scratch: Scratch) -> None:
    to_run = [name for name in NEEDS if name != "building"]
    scratch.lock("run", [name for name in to_run if name != "plain"])
    for _ in range(2):  # A failure is not taken for an installation the next time.
        gap = scratch.install("run")
        assert gap.returncode != 0
        assert "requires plain, which is not installed" in gap.stderr
        assert "scripts/lock.sh" in gap.stderr
    scratch.lock("run", to_run)
    whole = scratch.install("run")
    assert whole.returncode == 0, whole.stderr
    assert scratch.installed() == dict.fromkeys(to_run, "1.0")
    scratch.lock("test", NEEDS)
    tests = scratch.install("test")
    assert tests.returncode == 0, tests.stderr
    assert scratch.installed() == dict.fromkeys((*NEEDS, "checkout"), "1.0")
    assert scratch.install("run").stdout == scratch.install("test").stdout == "", "nothing is left to install"


# --- a lock is whole, also where extras ask for more: `pip check` does not look at those -----------------------------

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
WANTED: Mapping[str, tuple[str, ...]] = {
    "requirements.lock": tuple(PROJECT["dependencies"]),
    "requirements-test.lock": (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]),
}


def requirements_of(name: str) -> list[Requirement]:
    """Return what a package requires; of one for other machines, which is not installed here, nothing is known."""
    try:
        return [Requirement(text) for text in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []


def gaps(versions: Mapping[str, str], wanted: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Return every requirement that these versions do not meet, extras of extras included."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    waiting = [("pyproject.toml", "", Requirement(text)) for text in wanted]
    while waiting:
        source, extra, need = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({**environment, "extra": extra}):
            continue
        name = canonicalize_name(need.name)
        if name not in versions or not need.specifier.contains(versions[name], prereleases=True):
            found.append(f"{source} requires {need}")
            continue
        for asked in {(name, one) for one in ("", *need.extras)} - seen:
            seen.add(asked)
            waiting += [(name, asked[1], further) for further in requirements_of(name)]
    return found


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("lock", WANTED)
def test_a_lock_is_a_whole_closure(lock: str, python: str) -> None:
    machine = this_machine() | {"python_version": python, "python_full_version": f"{python}.0"}
    versions = pins(CHECKOUT / lock, machine)
    assert gaps(versions, WANTED[lock], machine) == []
    for name in ("fonttools", "pydyf"):  # The search goes deep: each is needed by another package alone.
        without = {other: version for other, version in versions.items() if other != name}
        assert any(name in gap for gap in gaps(without, WANTED[lock], machine))


@pytest.mark.parametrize("lock", WANTED)
def test_what_is_installed_is_what_is_locked(lock: str) -> None:
    versions = pins(CHECKOUT / lock)
    assert {name: distribution(name).version for name in versions} == versions
