"""A clinic's folder and a treatment -> the application behind the preview's page."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from handouts.errors import InputError
from handouts.interfaces.local import Guard, Pages, Sessions, Workroom, events, lifespan
from handouts.interfaces.preview.memory import Memory
from handouts.interfaces.preview.views import (
    EmailSeen,
    Failed,
    PhoneSeen,
    SheetSeen,
    Sitter,
    ToChoose,
    ToEmail,
    ToPhone,
    ToSheet,
    ToToner,
    View,
    languages_of,
    told,
)
from handouts.interfaces.preview.watching import Watch
from handouts.records import PagePicture, Paper, PrintSize
from handouts.resources import SHELVES, Resources

_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
"""Of what a patient's browser or mail program is shown: it runs no script and loads nothing. Our own page may look into
it, to keep the place to which somebody has scrolled."""
_MEDIA = {"preview.css": "text/css", "preview.js": "text/javascript"}


class Preview:
    """The preview of one clinic's folder: what its page asks for, the workers that make it, and the watch."""

    def __init__(self, resources: Resources, sitter: Sitter) -> None:
        assert resources.clinic is not None, "a preview is of a clinic"
        self._resources = resources
        self._name = resources.clinic.name
        self._sitter = sitter
        self._pages = Pages("preview")
        self._room = Workroom(resources)
        self._memory = Memory()
        self._watch = Watch(resources)
        self._watching: asyncio.Task[None] | None = None
        self._leaving = False

    def application(self, port: int, sessions: Sessions) -> Guard:
        """Return what answers at a port."""
        routes = [
            Route("/", self._page),
            Route("/choices", self._choices),
            Route("/sheet", self._sheet),
            Route("/pdf", self._pdf),
            Route("/toner", self._toner),
            Route("/phone", self._phone),
            Route("/email", self._email),
            Route("/frame/{form}", self._frame),
            Route("/events", self._events),
            Route("/{name}", _file),
        ]
        app = Starlette(routes=routes, lifespan=lifespan(self._begin, self._end))
        return Guard(app, sessions=sessions, port=port)

    def leave(self) -> None:
        """Answer all that is under way: nobody waits for it any more."""
        self._leaving = True
        self._watch.end()
        self._memory.give_up()

    def _begin(self) -> None:
        self._room.begin()
        self._watching = asyncio.get_running_loop().create_task(self._watch.run())

    def _end(self) -> None:
        self._room.end()

    async def _page(self, request: Request) -> Response:
        page = self._pages.page(request, "preview.html", folder=self._name, given=bool(self._sitter.details))
        page.headers["content-security-policy"] = _PAGE.format(nonce=request.scope["handouts.nonce"])
        return page

    async def _choices(self, request: Request) -> Response:
        whole = "whole" in request.query_params
        work = ToChoose(resources=self._resources, now=self._sitter.now, whole=whole)
        return JSONResponse(asdict(await self._room.do(work, "the clinic's folder", urgent=not whole)))

    async def _sheet(self, request: Request) -> Response:
        view, revision = _view(request.query_params), self._watch.revision
        good = self._memory.good(view)
        work = partial(self._made_sheet, view, good.pdf if good else b"")
        seen = await self._seen(view, "sheet", work, revision)
        shown = good if isinstance(seen, Failed) else seen
        answer = {"revision": revision, "problems": _problems(seen), **(_sheet_as_data(shown) if shown else {})}
        return JSONResponse(answer | {"made": not isinstance(seen, Failed)})

    async def _made_sheet(self, view: View, before: bytes) -> SheetSeen | Failed:
        work = ToSheet(resources=self._resources, view=view, sitter=self._sitter, before=before)
        return await self._room.do(work, view.document, urgent=True)

    async def _pdf(self, request: Request) -> Response:
        good = self._memory.good(_view(request.query_params))
        if good is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        named = {"content-disposition": f'attachment; filename="{good.stem}.pdf"'}
        return Response(good.pdf, media_type="application/pdf", headers=named)

    async def _toner(self, request: Request) -> Response:
        view, revision = _view(request.query_params), self._watch.revision
        good = self._memory.good(view)
        if good is None:
            return JSONResponse({"pages": []})
        pages = await self._memory.once(view, "toner", revision, lambda: self._room.do(ToToner(pdf=good.pdf)))
        return JSONResponse({"pages": [_picture(page) for page in pages]})

    async def _phone(self, request: Request) -> Response:
        view, revision = _view(request.query_params), self._watch.revision
        judged = "judged" in request.query_params
        work = ToPhone(resources=self._resources, view=view, sitter=self._sitter, judged=judged)
        form = "judged" if judged else "phone"
        seen = await self._seen(view, form, lambda: self._room.do(work, view.document), revision)
        return JSONResponse({"revision": revision, "made": isinstance(seen, PhoneSeen), "problems": _problems(seen)})

    async def _email(self, request: Request) -> Response:
        view, revision = _view(request.query_params), self._watch.revision
        work = ToEmail(resources=self._resources, view=view, sitter=self._sitter)
        seen = await self._seen(view, "email", lambda: self._room.do(work, "templates/email"), revision)
        said = asdict(seen) if isinstance(seen, EmailSeen) else {}
        said.pop("html", None)
        return JSONResponse(
            {"revision": revision, "made": isinstance(seen, EmailSeen), "problems": _problems(seen), **said}
        )

    async def _frame(self, request: Request) -> Response:
        """Answer with what a patient sees, for a frame from which nothing gets out."""
        form = request.path_params["form"]
        seen = await self._memory.now(_view(request.query_params), form) if form in ("phone", "email") else None
        if not isinstance(seen, PhoneSeen | EmailSeen):
            return Response(status_code=HTTPStatus.NOT_FOUND)
        return HTMLResponse(seen.html, headers={"content-security-policy": _FRAME})

    async def _events(self, _request: Request) -> StreamingResponse:
        return events(self._watch.changes())

    async def _seen(self, view: View, form: str, make: Callable[[], Awaitable[Any]], revision: int) -> Any:
        """Return what was made, or what a worker's own end says about it."""
        try:
            return await self._memory.once(view, form, revision, make)
        except InputError as error:
            return Failed(problems=told(error.problems))
        except asyncio.CancelledError:
            if not self._leaving:
                raise
            return Failed(problems=())


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _MEDIA:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return Response((SHELVES["templates"] / "preview" / name).read_text(), media_type=_MEDIA[name])


def _view(asked: Mapping[str, str]) -> View:
    """Return the view that an address names; what it does not name well is as if it were left out."""
    paper, size = asked.get("paper", ""), asked.get("size", "")
    return View(
        document=asked.get("document", ""),
        languages=languages_of(asked.get("language", "en"), asked.get("second", "")),
        paper=Paper(paper) if paper in list(Paper) else None,
        print_size=PrintSize(size) if size in list(PrintSize) else PrintSize.STANDARD,
        sample=asked.get("sample", "") == "yes",
    )


def _problems(seen: Any) -> list[dict[str, Any]]:
    return [asdict(problem) for problem in getattr(seen, "problems", ())]


def _sheet_as_data(seen: SheetSeen) -> dict[str, Any]:
    """Return a sheet for the page: pictures as data, every place in points."""
    changed = seen.difference
    return {
        "stem": seen.stem,
        "pages": [_picture(page) for page in seen.pages],
        "anatomy": asdict(seen.anatomy),
        "difference": asdict(changed) if changed is not None else None,
    }


def _picture(page: PagePicture) -> dict[str, Any]:
    data = base64.b64encode(page.png).decode()
    return {"width": page.width, "height": page.height, "picture": f"data:image/png;base64,{data}"}
