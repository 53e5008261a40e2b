"""The built wheel, installed in a clean environment, makes a sheet with the network cut off."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.locks import pins
from tests.namespaces import offline


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command: list[str | Path] = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["-w", folder, CHECKOUT]
    subprocess.run(command, check=True)
    return next(folder.glob("handouts-*.whl"))


def test_the_wheel_holds_what_ships(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for name in (
        "handouts/library/microneedling-aftercare.md",
        "handouts/py.typed",
        "handouts/shipped/templates/handout/sheet.html",
        "handouts/shipped/templates/handout/pictograms/sun.svg",
        "handouts/shipped/locales/es/LC_MESSAGES/microneedling-aftercare.po",
        "handouts/shipped/locales/en/problems.toml",
        "handouts/shipped/examples/lumen-skin-clinic/clinic.toml",
        "handouts/shipped/examples/new-clinic/clinic.toml",
        "handouts/shipped/examples/new-clinic/placeholders.toml",
    ):
        assert name in names
    assert not any(name.startswith(("tests/", "out/")) for name in names)


def test_the_wheel_makes_a_sheet_offline(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    venv.create(place)
    take_what_is_locked(place)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", place / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    wanted: tuple[list[str], ...] = (
        ["new-clinic", "my-clinic"],
        [
            *("make", "microneedling-aftercare", "--clinic", "my-clinic", "--sample", "--patient", "Ana Example"),
            *("--language", "ar", "--language", "en", "--to", "out"),
        ],
    )
    for arguments in wanted:
        subprocess.run(
            [*offline(), place / "bin" / "handouts", *arguments],
            check=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
        )
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 2
    shipped = texts(place)
    assert len(shipped) > 10
    signed = ["--by", "Dr. R. Example", "--role", "dermatologist"]
    for arguments in (
        ["translate", "update", "es"],
        ["translate", "extract"],
        ["review", "microneedling-aftercare", *signed],
    ):
        refused = subprocess.run(
            [place / "bin" / "handouts", *arguments],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert (refused.returncode, "Name the clinic's folder with --clinic FOLDER" in refused.stderr) == (2, True)
    assert texts(place) == shipped


def texts(place: Path) -> dict[Path, int]:
    """Return when each catalogue and document of an environment was last written."""
    found = (*place.rglob("locales/**/*.po"), *place.rglob("handouts/library/*.md"))
    return {path: path.stat().st_mtime_ns for path in found}


def take_what_is_locked(place: Path) -> None:
    """Put the packages of requirements.lock into an environment, as they are installed here, and no others."""
    (packages,) = place.glob("lib/python*/site-packages")
    for name in pins(CHECKOUT / "requirements.lock"):
        for file in distribution(name).files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                (packages / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), packages / file)
