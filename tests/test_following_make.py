"""The way of a sheet through the house is as short as the manual says."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, EXAMPLE_TREATMENT, Ran

PAGE = CHECKOUT / "docs" / "explanation" / "architecture.md"
STEP = re.compile(r"^\d+\. `([\w/]+\.py)` `([\w.]+)`:", re.MULTILINE)
MOST = 12


def test_a_sheet_takes_the_steps_that_the_manual_lists(command: Callable[..., Ran], tmp_path: Path) -> None:
    steps = STEP.findall(PAGE.read_text())
    called: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (step := (code.co_filename.rpartition("/handouts/")[2], code.co_qualname)) in steps:
            called.append(step)

    sys.setprofile(note)
    try:
        ran = command("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--language", "es",
                      "--treatment", EXAMPLE_TREATMENT, "--to", tmp_path)  # fmt: skip
    finally:
        sys.setprofile(None)
    assert ran.code == 0, ran.err
    assert list(dict.fromkeys(called)) == steps
    assert 0 < len(steps) <= MOST
