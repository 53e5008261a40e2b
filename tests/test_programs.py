"""Programs ask for sheets with a key, and get the sheet, or what is wrong in words that repeat nothing of theirs."""

import asyncio
import hashlib
import json
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from starlette.applications import Starlette
from starlette.types import ASGIApp

from handouts.interfaces.api_keys import FILE
from handouts.interfaces.local import Guard, Sessions, Workroom
from handouts.interfaces.programs import routes
from handouts.interfaces.programs.answering import AT_ONCE, MAXIMUM_BODY
from handouts.interfaces.programs.work import MakeSheet
from handouts.press import Press
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, Ran, job
from tests.loops import finished
from tests.printers.software_printer import free_port
from tests.test_shown_commands import commands, shown, write
from tests.waiting import HANGS, until

PORT = 8437
HOST = f"http://127.0.0.1:{PORT}"
PAGE = "docs/how-to/programs.md"
SHEETS, DOCUMENTS, DESCRIPTION = "/api/v1/sheets", "/api/v1/documents", "/api/v1/openapi.json"
WANTED: Mapping[str, Any] = {
    "document": "microneedling-aftercare",
    "language": "es",
    "treatment": {
        "patient": {"name": "Zenobia Quartzfield"},
        "body_sites": ["face"],
        "performed_on": "2026-11-21 15:00",
    },
}


class Program:
    """A program with a key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app, self.key = app, key

    async def asked(self, method: str, path: str, content: Any = None, **heads: str) -> Response:
        given = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        given |= {name.replace("_", "-"): text for name, text in heads.items()}
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(
                method, path, content=content, headers={name: text for name, text in given.items() if text}
            )

    def ask(self, method: str, path: str, content: Any = None, **heads: str) -> Response:
        return finished(self.asked(method, path, content, **heads))

    def post(self, wish: object, **heads: str) -> Response:
        return self.ask("POST", SHEETS, json.dumps(wish), **heads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(EXAMPLE_CLINIC, tmp_path_factory.mktemp("programs") / "clinic"))


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[ASGIApp]:
    room = Workroom(Resources(clinic=folder, cache=folder.parent / "cache"))
    room.begin()
    yield Starlette(routes=routes(room, folder))
    room.end()


@pytest.fixture
def program(door: ASGIApp, folder: Path, command: Callable[..., Ran]) -> Iterator[Program]:
    (folder / FILE).unlink(missing_ok=True)
    guarded = Guard(door, sessions=Sessions(idle=1, clock=lambda: 0.0), port=PORT, for_programs=("/api/",))
    yield Program(guarded, command("api-key", "new", "practice software", "--clinic", folder).out.strip())
    (folder / FILE).unlink(missing_ok=True)


def codes(answer: Response) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (body["status"], bool(body["title"]), bool(body["detail"])) == (answer.status_code, True, True)
    return [problem["code"] for problem in body["problems"]]


def test_the_same_request_gives_the_same_sheet_whichever_process_makes_it(program: Program) -> None:
    async def both() -> list[Response]:
        wish = json.dumps(WANTED)
        return await asyncio.gather(*(program.asked("POST", SHEETS, wish) for _ in range(2)))

    first, second = finished(both())
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf"), first.text
    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content
    heads = {name: first.headers[name] for name in first.headers if name.startswith(("etag", "content-", "handouts"))}
    assert heads.pop("etag") == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert heads.pop("content-disposition") == 'attachment; filename="microneedling-aftercare-es.pdf"'
    assert "translation-unreviewed" in heads.pop("handouts-warnings").split(", ")
    assert (heads["content-language"], heads["handouts-pages"]) == ("es", "3")
    assert "Zenobia" not in str(first.headers)


def test_a_sheet_is_the_same_whatever_its_process_has_made_before() -> None:
    press = Press(Resources(clinic=EXAMPLE_CLINIC))
    first = MakeSheet(job=job())(press)
    for name in ("Ana Example", "Bo Example", "Cy Example"):  # From so many others are written, were it a batch.
        MakeSheet(job=job(patient_name=name))(press)
    assert MakeSheet(job=job())(press).data == first.data


def test_html_comes_where_it_is_asked_for_or_alone_is_accepted(program: Program) -> None:
    page = program.post(WANTED, accept="text/html;q=0.9, application/pdf;q=0")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Zenobia Quartzfield" in page.text
    assert program.post({**WANTED, "format": "html"}).content == page.content
    assert codes(program.post({**WANTED, "format": "pdf"}, accept="text/html")) == ["not-acceptable"]
    assert program.post(WANTED, accept="image/png").status_code == 406


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"document": "Zenobia-aftercare"}, {("unknown-document", "document")}),
        ({"document": "../clinic"}, {("unknown-document", "document")}),
        ({"document": 5, "language": None}, {("wrong-type", "document"), ("wrong-type", "language")}),
        ({"language": "Zenobian"}, {("unknown-language", "language")}),
        ({"paper": "Zenobia", "format": 1}, {("value-refused", "paper"), ("value-refused", "format")}),
        ({"strict": "yes", "Zenobia Q": 1}, {("wrong-type", "strict"), ("unknown-key", "")}),
        ({"treatment": "Zenobia"}, {("wrong-type", "treatment")}),
        ({"treatment": {}}, {("detail-missing", "")}),
        (
            {"treatment": {**WANTED["treatment"], "follow_up": "Zenobia-soon", "body_sites": ["Zenobia"]}},
            {("not-a-time", "follow_up")},
        ),
        ({"treatment": {**WANTED["treatment"], "body_sites": ["Zenobia"]}}, {("not-in-document", "body_sites[0]")}),
        ({"strict": True}, None),
    ],
    ids=lambda each: "+".join(each) if isinstance(each, dict) else "",
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_repeated(
    program: Program, changed: dict[str, Any], found: set[tuple[str, str]] | None
) -> None:
    answer = program.post({**WANTED, **changed})
    assert (answer.status_code, bool(codes(answer))) == (422, True)
    errors = [problem for problem in answer.json()["problems"] if problem["severity"] == "error"]
    assert "Zenobia" not in answer.text
    if found is not None:
        assert {(problem["code"], problem["path"]) for problem in errors} == found
        assert {problem["source"] for problem in errors} == {"the request"}


def test_what_is_no_request_is_refused_by_its_status(program: Program) -> None:
    refused = {
        400: program.ask("POST", SHEETS, b'{"document": "Zenobia",'),
        413: program.ask("POST", SHEETS, b" " * (MAXIMUM_BODY + 1)),
        415: program.post(WANTED, content_type="text/plain"),
        404: program.ask("GET", "/api/v1/sheets/Zenobia"),
        405: program.ask("DELETE", SHEETS),
    }
    assert {status: answer.status_code for status, answer in refused.items()} == {status: status for status in refused}
    assert [codes(answer) for answer in refused.values()] == [
        ["not-json"],
        ["request-too-large"],
        ["not-sent-as-json"],
        ["no-such-address"],
        ["method-refused"],
    ]
    assert refused[405].headers["allow"] == "POST"
    assert "Zenobia" not in "".join(answer.text for answer in refused.values())


def test_only_a_key_of_this_clinic_lets_a_program_in_until_it_is_taken_back(
    program: Program, folder: Path, command: Callable[..., Ran]
) -> None:
    file = folder / FILE
    assert program.key.removeprefix("handouts_") not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    for head in ("", "Bearer ", f"Basic {program.key}", f"Bearer {program.key}x", f"Bearer {program.key[:-1]}"):
        answer = program.ask("GET", DOCUMENTS, authorization=head)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert codes(answer) == ["api-key-unknown"]
    assert program.ask("GET", DOCUMENTS, origin="http://127.0.0.1:8437").status_code == 403, "no page may call it"
    twice = command("api-key", "new", "practice software", "--clinic", folder)
    assert (twice.code, "has a key already" in twice.err) == (2, True)
    command("api-key", "new", "other", "--clinic", folder)
    assert command("api-key", "list", "--clinic", folder).out == "2026-11-21  practice software\n2026-11-21  other\n"
    assert "practice software" in command("api-key", "revoke", "practise software", "--clinic", folder).err
    assert program.ask("GET", DESCRIPTION, authorization="").status_code == 200
    command("api-key", "revoke", "practice software", "--clinic", folder)
    assert program.post(WANTED).status_code == 401
    file.chmod(0o640)
    opened = program.post(WANTED)
    assert (opened.status_code, codes(opened)) == (503, ["api-keys-open"])


def test_more_than_a_few_at_a_time_are_asked_to_come_again(program: Program) -> None:
    async def many() -> list[Response]:
        wish = json.dumps({**WANTED, "document": "nothing"})
        return await asyncio.gather(*(program.asked("POST", SHEETS, wish) for _ in range(AT_ONCE + 3)))

    answers = finished(many())
    busy = [answer for answer in answers if answer.status_code == 429]
    assert [(codes(answer), answer.headers["retry-after"]) for answer in busy] == [(["too-busy"], "2")] * 3
    assert program.post({**WANTED, "document": "nothing"}).status_code == 422, "and then there is room again"


def test_the_library_tells_languages_reviews_and_what_a_treatment_may_name(program: Program) -> None:
    told = program.ask("GET", DOCUMENTS).json()
    assert told["problems"] == []
    (document,) = (each for each in told["documents"] if each["id"] == WANTED["document"])
    assert {"tag": "es", "review": "unreviewed"} in document["languages"]
    assert document["body_sites"]["face"] == "Face"
    assert document["settings"]["needle_depth"]["unit"] == "millimeter"
    fields = {field["path"]: (field["kind"], field["required"]) for field in told["fields"]}
    assert (fields["patient.name"], fields["performed_on"]) == (("name", True), ("moment", False))


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_description_holds_for_whatever_is_asked(door: ASGIApp, program: Program, mode: GenerationMode) -> None:
    # Which documents, languages and procedures there are, no description says: what fits it may yet be refused.
    checks = {"positive_data_acceptance": {"expected-statuses": ["200", "422"]}}
    heads = {"Authorization": f"Bearer {program.key}"}
    config = schemathesis.Config.from_dict({"headers": heads, "checks": checks, "request-timeout": HANGS})
    described = schemathesis.openapi.from_asgi(DESCRIPTION, door, config=config)
    making = described["/api/v1/sheets"]["POST"]
    asked: Counter[int] = Counter()

    @given(case=making.as_strategy(generation_mode=mode))
    @settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:  # So that every detail is read, and no sheet laid out.
            case.body = {**case.body, "document": WANTED["document"], "strict": True}  # It may be the example.
        asked[case.call_and_validate().status_code] += 1

    ask()
    assert set(asked) <= ({422} if mode is GenerationMode.POSITIVE else {400, 415, 422})
    assert asked[422] > 30
    if mode is GenerationMode.POSITIVE:
        example = described.raw_schema["paths"][SHEETS]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert (
            making.Case(body=example, headers=heads, media_type="application/json").call_and_validate().status_code
            == 200
        )
        assert described[DOCUMENTS]["GET"].Case(headers=heads).call_and_validate().status_code == 200


@pytest.fixture
def served(door: ASGIApp) -> Iterator[int]:
    """Yield the port at which the door answers."""
    port = free_port()
    guarded = Guard(door, sessions=Sessions(idle=1, clock=lambda: 0.0), port=port, for_programs=("/api/",))
    server = uvicorn.Server(uvicorn.Config(guarded, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the door")
    yield port
    server.should_exit = True
    thread.join()


def test_the_lines_of_the_manual_get_what_it_says(program: Program, served: int, tmp_path: Path) -> None:
    (tmp_path / "practice-software.key").write_text(f"{program.key}\n")
    answers = []
    for block in shown(PAGE):
        if block.title:
            write(block, tmp_path)
        for line in commands(block) if block.reason else ():
            ran = subprocess.run(
                ["/bin/sh", "-c", line.replace("8437", str(served))], cwd=tmp_path, capture_output=True, check=True
            )
            answers.append(ran.stdout)
    assert json.loads(answers[0])["documents"]
    assert (tmp_path / "ana.pdf").read_bytes().startswith(b"%PDF-")
