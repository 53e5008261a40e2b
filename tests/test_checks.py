"""What runs at a commit, and what `make quick` runs, are checks that CI runs; nobody is asked for a patient's data."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import CHECKOUT

TEMPLATES = sorted((CHECKOUT / ".github" / "ISSUE_TEMPLATE").glob("*.md"))


def commands(script: str) -> list[str]:
    lines = (CHECKOUT / "scripts" / script).read_text().splitlines()
    return [line for line in lines if re.match(r"(ruff|mypy|lint-imports|pytest)\b", line)]


def test_a_commit_is_checked_by_the_tools_that_ci_runs() -> None:
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", CHECKOUT / ".pre-commit-config.yaml"], check=True
    )
    (local,) = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in local["hooks"]]
    assert hooks == [command for command in commands("test.sh") if not command.startswith("pytest")]
    assert all(hook["language"] == "system" for hook in local["hooks"])


def test_the_quick_checks_are_the_first_of_all_checks() -> None:
    assert commands("quick.sh")[:-1] == commands("test.sh")[:-1]
    (subjects,) = re.findall(r"^subjects=\((.*)\)$", (CHECKOUT / "scripts" / "quick.sh").read_text(), re.MULTILINE)
    for subject in subjects.split():
        text = (CHECKOUT / "tests" / f"test_{subject}.py").read_text()
        assert not re.search(r"printers|mail_server\.(?:post|fix)|tests\.browser|verapdf|subprocess", text), subject


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_report_is_asked_for_without_a_patients_data(template: Path) -> None:
    text = template.read_text()
    assert "Never attach a sheet, a table or a screen of a real patient" in text
    head = yaml.safe_load(text.split("---\n")[1])
    assert {"name", "about"} <= set(head)
