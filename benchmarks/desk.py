"""A desk of the example clinic, and a browser's requests -> how long it takes to open, and to show a change."""

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handouts.records import LaidOut
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC

DOCUMENT = "microneedling-aftercare"
WIDTH = 640
"""CSS pixels of the sheet beside the form."""
STARTS, CHANGES, LANGUAGES = 5, 60, ("en", "es", "de", "ru", "ar", "zh-Hans", "hi", "vi")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """Milliseconds by the clock, the median: until the page answers, and until a change is there as pictures.

    `laid_out` is a change of a sheet that is laid out anew, `written` one of a sheet whose layout is known. `page` is
    the page's size in bytes before the pictures.
    """

    answers: float
    laid_out: float
    written: float
    page: int


def measured() -> Shown:
    """Measure a desk with warm workers; nothing else should run meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        clinic = Path(shutil.copytree(EXAMPLE_CLINIC, Path(name) / "clinic"))
        starts = []
        for _ in range(STARTS):
            began = time.perf_counter()
            with _desk(clinic) as desk:
                page = len(desk.page)
                starts.append((time.perf_counter() - began) * 1000)
        with _desk(clinic) as desk:
            for number in range(12):  # Each process reads the clinic and the library once.
                desk.preview(f"Ana Example {number}", LANGUAGES[number % 2])
            changes = [desk.preview(f"Ana Example {number}", tag) for number in range(4) for tag in LANGUAGES]
            changes += [desk.preview(f"Ana Example {number}", "en") for number in range(CHANGES)]
    laid_out = [took for took, how in changes if how]
    written = [took for took, how in changes if not how]
    return Shown(
        answers=statistics.median(starts),
        laid_out=statistics.median(laid_out),
        written=statistics.median(written),
        page=page,
    )


def table(shown: Shown) -> str:
    """Return the table of what was measured."""
    rows = (
        ("the command's start until the page answers", f"{shown.answers:,.0f} ms", "1,500 ms"),
        ("a change until the sheet's pictures are there, laid out anew", f"{shown.laid_out:,.0f} ms", "300 ms"),
        ("the same, of a sheet whose layout is known", f"{shown.written:,.0f} ms", "100 ms"),
        ("the page before its pictures", f"{shown.page / 1000:,.0f} kB", "100 kB"),
    )
    lines = ["| The desk, median | measured | goal |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


class _Desk:
    """A desk that runs, as its browser sees it."""

    def __init__(self, link: str) -> None:
        self._address = link.partition("//")[2].partition("/")[0]
        entered = self._ask("GET", "/" + link.partition(f"{self._address}/")[2], None)
        self._cookie = str(entered.getheader("set-cookie")).partition(";")[0]
        self.page = self._ask("GET", "/", None).read().decode()
        found = re.search(r'data-csrf="([^"]+)"', self.page)
        assert found, "the page has a token"
        self._csrf = found[1]

    def preview(self, name: str, tag: str) -> tuple[float, LaidOut | None]:
        """Change the name, and return how long the pictures took and why the sheet was laid out, if it was."""
        details = {"patient.name": name, "body_sites": ["face"], "settings": {"needle_depth": "1.5"}}
        wish = {"document": DOCUMENT, "languages": [tag, ""], "large": False, "details": details}
        began = time.perf_counter()
        answer = self._ask("POST", "/preview", {"page": "en", "wish": wish, "width": WIDTH})
        data = json.loads(answer.read())
        assert answer.status == http.client.OK, data
        return (time.perf_counter() - began) * 1000, LaidOut(data["laidOut"]) if data["laidOut"] else None

    def _ask(self, method: str, path: str, given: Any) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._address)
        heads = {"host": self._address, "cookie": getattr(self, "_cookie", "")}
        if method == "POST":
            heads |= {"origin": f"http://{self._address}", "x-csrf-token": self._csrf}
            heads |= {"content-type": "application/json"}
        connection.request(method, path, json.dumps(given) if given is not None else None, heads)
        return connection.getresponse()


@contextmanager
def _desk(clinic: Path) -> Iterator[_Desk]:
    command = [sys.executable, "-m", "handouts", "desk", "--clinic", str(clinic), "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=clinic
    ) as ran:
        assert ran.stdout is not None
        yield _Desk(ran.stdout.readline().strip())
        ran.terminate()
