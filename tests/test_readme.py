"""README's own commands run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, renamed

README = (CHECKOUT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    re.sub(r"\s+#.*", "", line)
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("handouts ")
]


def test_the_first_commands_are_makes_own() -> None:
    assert [block.strip() for block in BLOCKS[:2]] == ["make demo", "make test"]
    assert len(COMMANDS) >= 10


def test_every_command_of_the_readme_runs(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "handouts"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} {CHECKOUT / "generate.py"} "$@"\n')
    shim.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
    }
    for written in COMMANDS:
        if written == "handouts check my-clinic":  # "Fill in my-clinic/clinic.toml", says the README.
            shutil.copytree(EXAMPLE_CLINIC, tmp_path / "my-clinic", dirs_exist_ok=True)
            renamed(tmp_path / "my-clinic", "Tidewater Skin Clinic")
        command = f"{written} --clinic my-clinic" if "translate" in written else written
        ran = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
    assert list((tmp_path / "out").glob("microneedling-aftercare-es-*.pdf"))


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!https?:)[^)]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    headings = {"#" + title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", README, re.MULTILINE)}
    assert link in headings or (CHECKOUT / link).exists()
