"""A program makes sheets by the public names alone, in many threads, and finds itself as it was."""

import gc
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handouts import Format, InputError, Press
from handouts.errors import Problem, errors_of
from tests.conftest import DETAILS, EXAMPLE_CLINIC, NOW

DOCUMENT = "microneedling-aftercare"


@pytest.fixture(scope="module")
def press() -> Press:
    return Press.open(EXAMPLE_CLINIC)


def test_a_sheet_comes_as_bytes_with_its_problems_in_words(press: Press, tmp_path: Path) -> None:
    sheet = press.sheet(DOCUMENT, DETAILS, language="es", now=NOW)
    assert sheet.data.startswith(b"%PDF-")
    assert (sheet.language, sheet.pages, len(sheet.fingerprint)) == ("es", 2, 8)
    assert "No named person has checked the translation into es." in "\n".join(map(str, sheet.problems))
    assert list(tmp_path.iterdir()) == []
    page = press.sheet(DOCUMENT, DETAILS, form=Format.HTML, now=NOW)
    assert "Amina Example" in page.data.decode()
    assert page.pages is None


def test_what_refuses_a_sheet_is_said_in_words_without_the_patient(press: Press) -> None:
    with pytest.raises(InputError) as error:
        press.sheet("microneedling-aftercar", {**DETAILS, "follow_up": "Amina-soon"}, now=NOW)
    text = str(error.value)
    assert "Did you mean “microneedling-aftercare”?" in text
    assert "follow_up" in text
    assert "Amina" not in text


def test_threads_keep_their_faults_to_themselves_and_the_host_as_it_was(press: Press, clinic: Path) -> None:
    colours = ("pink-ish", "green-ish", "blue-ish", "")
    folders = []
    for number, colour in enumerate(colours):
        folder = clinic.with_name(f"clinic-{number}")
        clinic_files = folder / "templates" / "handout"
        clinic_files.mkdir(parents=True)
        for name in ("clinic.toml", "logo.svg"):
            (folder / name).write_bytes((clinic / name).read_bytes())
        style = f"h1 {{ outline-color: {colour}; }}" if colour else ""
        (clinic_files / "sheet.html").write_text(
            f'{{% extends "@shipped/handout/sheet.html" %}}{{% block style %}}{style}{{% endblock %}}'
        )
        folders.append(folder)

    def made(folder: Path) -> tuple[Problem, ...]:
        found = tuple(Press.open(folder).sheet(DOCUMENT, DETAILS, language="en", now=NOW).problems for _ in range(2))
        assert found[0] == found[1]
        return found[0]

    logger, was_collecting = logging.getLogger("weasyprint"), gc.isenabled()
    press.sheet(DOCUMENT, DETAILS, now=NOW)  # WeasyPrint gives its logger a NullHandler when it is first imported.
    before = (logger.propagate, list(logger.handlers), logger.level)
    gc.disable()
    try:
        with ThreadPoolExecutor(len(folders)) as threads:
            each = tuple(threads.map(made, folders))
        assert not gc.isenabled()
    finally:
        if was_collecting:
            gc.enable()
    assert (logger.propagate, list(logger.handlers), logger.level) == before
    for colour, problems in zip(colours, each, strict=True):
        assert errors_of(problems) == ()
        told = "\n".join(str(problem) for problem in problems if problem.code == "style-passed-over")
        assert [other for other in colours if other and other in told] == ([colour] if colour else [])
