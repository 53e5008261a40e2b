"""Files that are a little wrong, thousands of them: each is read, or refused in words, in a bounded time.

With HANDOUTS_FUZZ_SECONDS=600 (`make fuzz`) each reader goes on for so many seconds of a processor, with other files
each time; a file is known by its number, which a failure tells.
"""

import io
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from handouts import ledger
from tests import fuzzing
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC
from tests.fuzzing import Reader
from tests.ledger_entries import KEY, entry

SECONDS = float(os.environ.get("HANDOUTS_FUZZ_SECONDS", "0"))
JSON = b'{"patient": {"name": "Ana Example", "birth_date": "1987-05-14"}, "performed_on": "2026-11-21 15:00"}'
JSON_LINES = b"".join(b'{"patient": "Ana Example %d", "performed_on": "2026-11-21 15:00"}\n' % n for n in range(3))
MESSAGE = (
    b"From: clinic@example.org\r\nTo: ana@example.org\r\nSubject: Your sheet\r\nMessage-ID: <a@b>\r\n\r\nHello\r\n"
)


def clinic_files(folder: Path) -> tuple[bytes, ...]:
    shutil.copy(EXAMPLE_CLINIC / "logo.svg", folder)
    return ((EXAMPLE_CLINIC / "clinic.toml").read_bytes(),)


def documents(_: Path) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((CHECKOUT / "handouts" / "library").glob("*.md")))


def catalogues(_: Path) -> tuple[bytes, ...]:
    return tuple(
        (CHECKOUT / "locales" / tag / "LC_MESSAGES" / "microneedling-bumps.po").read_bytes() for tag in ("es", "ar")
    )


def workbooks(_: Path) -> tuple[bytes, ...]:
    book, data = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (("patient", "performed_on"), ("Ana Example", "2026-11-21 15:00"), ("Bob Example", 46000.5)):
        book.active.append(row)
    book.save(data)
    return (data.getvalue(),)


def ledgers(folder: Path) -> tuple[bytes, ...]:
    path = folder / "written.jsonl"
    with ledger.Ledger(path, KEY) as written:
        written.append(*(entry(number) for number in range(5)))
    return (path.read_bytes(),)


READERS = {
    "clinic.toml": (clinic_files, fuzzing.read_clinic, 300),
    "t.toml": (lambda _: ((CHECKOUT / "examples" / "treatment.toml").read_bytes(),), fuzzing.read_treatment, 1_500),
    "t.json": (lambda _: (JSON,), fuzzing.read_treatment, 3_000),
    "t.csv": (lambda _: ((CHECKOUT / "examples" / "treatments.csv").read_bytes(),), fuzzing.read_rows, 800),
    "t.jsonl": (lambda _: (JSON_LINES,), fuzzing.read_rows, 1_200),
    "t.xlsx": (workbooks, fuzzing.read_rows, 2_000),
    "d.md": (documents, fuzzing.read_document, 500),
    "c.po": (catalogues, fuzzing.read_catalogue, 800),
    "l.svg": (lambda _: ((EXAMPLE_CLINIC / "logo.svg").read_bytes(),), fuzzing.read_drawing, 3_000),
    "ledger.jsonl": (ledgers, fuzzing.read_ledger, 1_500),
    "m.eml": (lambda _: (MESSAGE,), fuzzing.read_messages, 800),
}
"""Of each reader its good files, what it does, and how many faulty ones a test tries: about ten seconds' worth."""

NEVER_REFUSED = ("m.eml",)
"""Whatever lies in an outbox is listed."""


def numbers(few: int) -> Iterator[int]:
    """Yield the numbers of the files to try: always the same few, or others for as long as was asked for."""
    if not SECONDS:
        yield from range(few)
        return
    number, ends = time.time_ns() // 1_000_000, _processor_seconds() + SECONDS
    while _processor_seconds() < ends:
        number += 1
        yield number


def _processor_seconds() -> float:
    """Return what this process has used, and the processes that draw logos for it."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("name", READERS)
def test_a_faulty_file_is_read_or_refused_in_words(name: str, tmp_path: Path) -> None:
    seeds, read, few = READERS[name]
    reader = Reader(name=name, seeds=seeds(tmp_path), read=read)
    refused = tried = 0
    for number in numbers(few):
        try:
            refused += reader.refuses_in_words(tmp_path, number)
        except BaseException as error:
            error.add_note(f"{name}, file {number}: tests.fuzzing.mutated(seeds, {number})")
            raise
        tried += 1
    assert refused < tried, "some are not faulty"
    assert refused or name in NEVER_REFUSED, "some are faulty"
