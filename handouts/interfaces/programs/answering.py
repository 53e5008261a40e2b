"""A clinic and its workroom -> the routes of the programs' door, which answer in HTTP's own words (RFC 9110, 9457)."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, Severity, each_once
from handouts.interfaces.api_keys import Keys
from handouts.interfaces.environment import clock
from handouts.interfaces.local import Workroom
from handouts.interfaces.programs.accepting import MEDIA_TYPES, accepted
from handouts.interfaces.programs.asking import SOURCE, job_of, placed
from handouts.interfaces.programs.description import description
from handouts.interfaces.programs.work import MakeSheet, TellDocuments
from handouts.interfaces.words import as_data
from handouts.records import Sheet
from handouts.resources import text_of
from handouts.treatment import parsed_json

MAXIMUM_BODY = 100_000
"""Bytes: a treatment with the longest note comes to a few thousand."""
AT_ONCE = 8
"""Requests that are worked on or wait for a process; a program that asks for more waits itself."""
_WAIT = "2"
"""Seconds: most sheets are made in less."""
_MISSING = {HTTPStatus.NOT_FOUND: Code.NO_SUCH_ADDRESS, HTTPStatus.METHOD_NOT_ALLOWED: Code.METHOD_REFUSED}

Answer = Callable[[Request], Awaitable[Response]]


def routes(workroom: Workroom, clinic: Path) -> list[BaseRoute]:
    """Return everything below /api/ for one clinic. What it is asked, and by whom, is neither kept nor noted down."""
    door = _Door(workroom, Keys(clinic))
    below = [
        Route("/v1/sheets", door.behind_key(door.sheet), methods=["POST"]),
        Route("/v1/documents", door.behind_key(door.documents), methods=["GET"]),
        Route("/v1/openapi.json", _description, methods=["GET"]),
    ]
    handlers = {HTTPException: _refused_by_http, InputError: _refused_by_press}
    return [Mount("/api", Starlette(routes=below, exception_handlers=handlers))]  # type: ignore[arg-type]  # Starlette's are of any Exception


class _Door:
    def __init__(self, workroom: Workroom, keys: Keys) -> None:
        self._workroom = workroom
        self._keys = keys
        self._under_way = 0

    def behind_key(self, answer: Answer) -> Answer:
        """Return an answer for programs that show a key, for a few of them at a time."""

        async def answering(request: Request) -> Response:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not self._keys.knows(key.strip()):
                return _refusal(HTTPStatus.UNAUTHORIZED, Code.API_KEY_UNKNOWN, {"WWW-Authenticate": "Bearer"})
            if self._under_way >= AT_ONCE:
                return _refusal(HTTPStatus.TOO_MANY_REQUESTS, Code.TOO_BUSY, {"Retry-After": _WAIT})
            self._under_way += 1
            try:
                return await answer(request)
            finally:
                self._under_way -= 1

        return answering

    async def sheet(self, request: Request) -> Response:
        """Answer with the sheet itself, or with what is wrong."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Code.NOT_SENT_AS_JSON)
        body = await request.body()
        if len(body) > MAXIMUM_BODY:
            return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.REQUEST_TOO_LARGE)
        formats = accepted(request.headers.get("accept", "*/*"))
        if not formats:
            return _refusal(HTTPStatus.NOT_ACCEPTABLE, Code.NOT_ACCEPTABLE)
        try:
            data = parsed_json(text_of(body, kind=Kind.TREATMENT, source=SOURCE), SOURCE)
        except InputError as error:
            return _problems(HTTPStatus.BAD_REQUEST, error.problems)
        job = job_of(data, formats, clock())
        if job.format not in formats:
            return _refusal(HTTPStatus.NOT_ACCEPTABLE, Code.NOT_ACCEPTABLE)
        try:
            kind = (job.document, job.languages, job.print_size)
            made = await self._workroom.do(MakeSheet(job=job), alike=kind)
        except InputError as error:
            raise InputError(placed(problem, job.document) for problem in error.problems) from None
        return _sheet(made)

    async def documents(self, _request: Request) -> Response:
        """Answer with what can be had."""
        return JSONResponse(await self._workroom.do(TellDocuments(today=clock().date()), "the library"))


async def _description(_request: Request) -> Response:
    return JSONResponse(description())


def _sheet(sheet: Sheet) -> Response:
    """Return the sheet; its heads say which text it is, and what `strict` would have refused it for."""
    heads = {
        "ETag": f'"{hashlib.sha256(sheet.data).hexdigest()}"',
        "Content-Language": sheet.language.replace("+", ", "),
        "Content-Disposition": f'attachment; filename="{sheet.stem}.{sheet.format}"',
        "Handouts-Document": f"{sheet.document} {sheet.version}",
        "Handouts-Fingerprint": sheet.fingerprint,
        "Handouts-Warnings": ", ".join(dict.fromkeys(problem.code for problem in sheet.problems)),
    }
    if sheet.pages is not None:
        heads["Handouts-Pages"] = str(sheet.pages)
    return Response(sheet.data, media_type=MEDIA_TYPES[sheet.format], headers=heads)


def _refusal(status: HTTPStatus, code: Code, heads: Mapping[str, str] | None = None) -> Response:
    values = {"maximum": f"{MAXIMUM_BODY // 1000} kB"} if code is Code.REQUEST_TOO_LARGE else {}
    return _problems(status, [Problem.of(Kind.USAGE, code, SOURCE, **values)], heads)


def _problems(status: HTTPStatus, problems: Iterable[Problem], heads: Mapping[str, str] | None = None) -> Response:
    found = each_once(problems)
    first = next((problem for problem in found if problem.severity is Severity.ERROR), None)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": first.what if first else status.description,
        "problems": [as_data(problem) for problem in found],
    }
    return JSONResponse(body, status, heads, media_type="application/problem+json")


async def _refused_by_http(_request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    if status not in _MISSING:
        return _problems(status, ())
    return _refusal(status, _MISSING[status], error.headers)


async def _refused_by_press(_request: Request, error: InputError) -> Response:
    """Return what is wrong with the request, or with the clinic's files; with neither where it is this computer."""
    of_machine = all(problem.kind is Kind.MACHINE for problem in error.problems)
    return _problems(HTTPStatus.SERVICE_UNAVAILABLE if of_machine else HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
