"""Shared by all tests: the example clinic, an aftercare job, and the command run in this process."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from handouts.inspection import inspecting
from handouts.interfaces.command import main
from handouts.languages import known_tags, language
from handouts.press import Press
from handouts.records import Detail, Failed, Format, Job, Paper, PrintSize, Sheet, Task
from handouts.resources import Resources

# Hypothesis counts seconds by the clock, and a busy machine would fail a test.
settings.register_profile("handouts", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("handouts")

LONG = (
    "test_shown_commands.py",
    "test_cluster.py",
    "test_personalising.py",
    "test_typesetting.py",
    "test_exactly_once.py",
    "test_phone.py",
    "test_desk.py",
    "test_batch.py",
    "test_preview.py",
)
"""The files whose tests take longest, the longest first: begun last, one of them would keep all others waiting."""

CHECKOUT = Path(__file__).parent.parent
EXAMPLE_CLINIC = CHECKOUT / "examples" / "lumen-skin-clinic"
EXAMPLE_TREATMENT = CHECKOUT / "examples" / "treatment.toml"
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)

DETAILS: dict[str, object] = {
    "patient.name": "Amina Example",
    "patient.birth_date": "1987-05-14",
    "patient.record_number": "LSC-00417",
    "procedure": "microneedling",
    "body_sites": ["face", "neck"],
    "performed_on": "2026-11-21 15:00",
    "practitioner": "Nurse R. Sample",
    "settings": ["needle_depth=1.5"],
    "follow_up": "2027-01-04 10:30",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long before the others, which stay in their order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def one_of_each_font(*besides: str) -> tuple[str, ...]:
    """Return the first language of each set of fonts, and those `besides`; with HANDOUTS_EVERY_FORM every language."""
    if os.environ.get("HANDOUTS_EVERY_FORM"):
        return known_tags()
    firsts = {language(tag).fonts: tag for tag in reversed(known_tags())}.values()
    return tuple(tag for tag in known_tags() if tag in (*firsts, *besides))


def details(**changed: object) -> tuple[Detail, ...]:
    """Return the example's details; `patient_name="..."` changes patient.name, None takes a detail out."""
    values = dict(DETAILS)
    for key, value in changed.items():
        values[key.replace("patient_", "patient.")] = value
    return tuple(Detail(path=path, value=value, source="a test") for path, value in values.items() if value is not None)


def job(
    document: str = "microneedling-aftercare",
    *languages: str,
    form: Format = Format.PDF,
    paper: Paper | None = None,
    size: PrintSize = PrintSize.STANDARD,
    strict: bool = False,
    **changed: object,
) -> Job:
    """Return a job for the example's treatment."""
    return Job(
        document=document,
        languages=languages or ("en",),
        details=details(**changed),
        now=NOW,
        format=form,
        paper=paper,
        print_size=size,
        strict=strict,
    )


@cache
def example_press() -> Press:
    """Return the example clinic's press, one for all tests of a process: each look is judged once."""
    return Press(Resources(clinic=EXAMPLE_CLINIC))


def task(line: int, wish: Job | None = None) -> Task:
    """Return a row's task: the wish, checked, or the example's job for Ana Example with the line as her number."""
    wanted = wish or job(patient_name=f"Ana Example {line}")
    return Task.of(example_press().check(wanted)[0].checked, line)


def numbers(sheets: Iterable[Sheet | Failed]) -> list[int]:
    """Return the number of the patient whom each sheet names as Ana Example with a number; -1 for one not made."""
    found = []
    for sheet in sheets:
        match = None
        if isinstance(sheet, Sheet):
            command = ["pdftotext", "-layout", "-", "-"]
            text = subprocess.run(command, input=sheet.data, capture_output=True, check=True).stdout.decode()
            match = re.search(r"Ana Example (\d+)", text)
        found.append(int(match[1]) if match else -1)
    return found


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """Return a copy of the example clinic that a test may change."""
    return Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path / "clinic"))


def renamed(clinic: Path, name: str) -> None:
    """Make a copy of the example clinic another clinic: of this name, with a logo, address and numbers of its own."""
    file = clinic / "clinic.toml"
    text = file.read_text().replace("Lumen Skin Clinic", name).replace("lumen.example.org", "tidewater.example.org")
    text = text.replace("120 Harbor Street, Suite 4", "7 Quay Street").replace("5550142", "5550143")
    text = (
        text.replace("5550187", "5550188").replace("Example Board", "Sample Board").replace("A. Example", "A. Sample")
    )
    text = text.partition("[texts.es]")[0]
    file.write_text(text)
    (clinic / "logo.svg").write_text((clinic / "logo.svg").read_text() + "<!-- another -->\n")


@pytest.fixture
def few_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `check` try documents in English and Spanish alone, for what is the same in all languages."""
    monkeypatch.setattr(inspecting, "known_tags", lambda: ("en", "es"))


@pytest.fixture
def resources() -> Resources:
    """Return the example clinic's resources."""
    return Resources(clinic=EXAMPLE_CLINIC)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs `handouts ...` in this process, at a fixed time."""

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
        monkeypatch.setattr("sys.argv", ["handouts", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(code=int(ended.value.code or 0), out=said.out, err=said.err)

    return run
