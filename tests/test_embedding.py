"""A program makes sheets by the public names alone, in many threads, and finds itself as it was."""

import gc
import importlib
import logging
import sys
import threading
import types
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn

import handouts
from handouts import Format, InputError, Press, Problem
from handouts.errors import errors_of
from tests.conftest import CHECKOUT, DETAILS, EXAMPLE_CLINIC, NOW
from tests.printers.software_printer import free_port
from tests.waiting import HANGS, until

DOCUMENT = "microneedling-aftercare"


@pytest.fixture(scope="module")
def press() -> Press:
    return Press.open(EXAMPLE_CLINIC)


def test_a_sheet_comes_as_bytes_with_its_problems_in_words(press: Press, tmp_path: Path) -> None:
    sheet = press.sheet(DOCUMENT, DETAILS, language="es", now=NOW)
    assert sheet.data.startswith(b"%PDF-")
    assert (sheet.language, sheet.pages, len(sheet.fingerprint)) == ("es", 3, 8)
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


# --- the public names are whole --------------------------------------------------------------------------------------


def parts_of(annotation: object) -> Iterator[object]:
    """Yield the classes that an annotation names: Sheet and None of `Sheet | None`."""
    yield annotation
    for part in typing.get_args(annotation):
        yield from parts_of(part)


def test_all_that_a_caller_gives_and_gets_is_exported() -> None:
    waiting: list[object] = [Press.open, Press.sheet, Press.make, InputError, Problem]
    seen: set[object] = set()
    while waiting:
        one = waiting.pop()
        seen.add(one)
        named = typing.get_type_hints(one.__func__ if isinstance(one, types.MethodType) else one)
        found = {part for annotation in named.values() for part in parts_of(annotation)}
        waiting += [each for each in found - seen if getattr(each, "__module__", "").startswith("handouts")]
    names = {each.__name__ for each in seen if isinstance(each, type)}
    assert {"Sheet", "Made", "Receipt", "PrintOrder", "MailServer", "Code"} <= names
    assert names <= set(handouts.__all__)
    assert all(getattr(handouts, name) for name in handouts.__all__)


# --- the example of the manual, as it stands there -------------------------------------------------------------------


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of the example, served by uvicorn in a thread of this process, whose logging is the host's."""
    monkeypatch.setenv("HANDOUTS_CLINIC", str(EXAMPLE_CLINIC))
    monkeypatch.syspath_prepend(CHECKOUT / "examples")
    app = importlib.import_module("embedding").app
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the service")
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join()
    del sys.modules["embedding"]


def test_the_example_of_the_manual_answers_four_at_a_time_and_leaves_the_hosts_logging_alone(service: str) -> None:
    def loggers() -> dict[str, tuple[object, ...]]:
        known = {"": logging.getLogger(), **logging.root.manager.loggerDict}
        mine = {name: each for name, each in known.items() if isinstance(each, logging.Logger)}
        return {name: (each.level, each.propagate, each.disabled, [*each.handlers]) for name, each in mine.items()}

    def asked(language: str) -> httpx.Response:
        details = {**DETAILS, "patient.language": language}
        return httpx.post(f"{service}/sheets/{DOCUMENT}", json=details, timeout=HANGS)

    for language in ("en", "zh-Hans"):  # Libraries that are imported by the first sheet bring loggers of their own.
        asked(language)
    before = loggers()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(asked, ("en", "es", "ar", "zh-Hans")))
    assert [(answer.status_code, answer.content[:5]) for answer in answers] == [(200, b"%PDF-")] * 4
    assert len({answer.content for answer in answers}) == 4
    assert loggers() == before
    refused = httpx.post(f"{service}/sheets/{DOCUMENT}", json={**DETAILS, "body_sites": ["Amina"]})
    assert refused.status_code == 422
    assert "body_sites[0]" in refused.text
    assert "Amina" not in refused.text
