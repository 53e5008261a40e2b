"""A browser's requests -> the desk's page, its previews and its deliveries; no address ever holds a patient's value."""

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from handouts.delivery.printing import keywords_of, queues, why
from handouts.errors import InputError, Problem, errors_of
from handouts.interfaces import programs
from handouts.interfaces.desk.asking import AskFor
from handouts.interfaces.desk.destining import Way, destination
from handouts.interfaces.desk.handing_out import Finish, HandedOut, TellBranding, entries_of, hand_out
from handouts.interfaces.desk.previewing import LookAt, ReadOut
from handouts.interfaces.desk.remembered import Remembered, remember, remembered
from handouts.interfaces.desk.reprinting import TextNow, given_out, print_again, search_of
from handouts.interfaces.desk.shelf import LookThrough
from handouts.interfaces.desk.telling import as_told
from handouts.interfaces.desk.todays_list import list_of
from handouts.interfaces.desk.wishing import NotAForm, Wish, wish
from handouts.interfaces.local import Event, Guard, Pages, Sessions, Workroom, events, lifespan, session_of
from handouts.interfaces.print_settings import print_server
from handouts.languages import canonical, known_tags, language
from handouts.records import Format
from handouts.resources import SHELVES, Resources
from handouts.translation import SOURCE_LANGUAGE

_KEPT_SHEETS = 10
"""Sheets that a session holds for who opens or saves one; an older one is made again."""
_KEPT_WAYS = 20
_MOST_FOUND = 20
_OWN_POLICY = "sandbox allow-scripts allow-popups; frame-ancestors 'none'"
"""Of a sheet as a web page: it has a policy of its own inside, and nothing to do with the desk's session."""
_MEDIA = {Format.PDF: "application/pdf", Format.HTML: "text/html; charset=utf-8"}

Answer = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(kw_only=True)
class _Progress:
    """What happened to one sheet so far, for the page that follows it."""

    events: list[Event] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, kind: str, data: object = None) -> None:
        """Add an event."""
        self.events.append(Event(kind=kind, data=data))
        self.changed.set()

    async def all(self) -> AsyncIterator[Event]:
        """Yield every event from the first to "done" or "refused"."""
        told = 0
        while True:
            while told < len(self.events):
                event = self.events[told]
                told += 1
                yield event
                if event.kind in ("done", "refused"):
                    return
            self.changed.clear()
            await self.changed.wait()


class Desk:
    """The desk of one clinic. `clock` is read for each sheet; `sessions` are those of the guard before it."""

    def __init__(self, resources: Resources, clock: Callable[[], datetime], sessions: Sessions) -> None:
        assert resources.clinic is not None, "a desk is a clinic's"
        self._clinic, self._folder = resources.clinic, resources.clinic / "desk"
        self._memory = self._folder / "remembered.json"
        self._clock, self._sessions = clock, sessions
        self._room = Workroom(resources)
        self._pages = Pages("desk")
        self._under_way: set[asyncio.Task[None]] = set()

    def application(self, port: int) -> ASGIApp:
        """Return what answers on a port."""
        posts: dict[str, Answer] = {
            "/library": self._library,
            "/form": self._form,
            "/preview": self._preview,
            "/text": self._text,
            "/printers": self._printers,
            "/list": self._list,
            "/list/take": self._take,
            "/list/away": self._put_away,
            "/find": self._find,
            "/again": self._again,
            "/hand-out": self._hand_out,
            "/language": self._language,
            "/stay": self._stay,
            "/leave": self._leave,
        }
        routes: list[BaseRoute] = [
            Route("/", self._page),
            Route("/progress/{way}", self._progress),
            Route("/sheets/{sheet}", self._sheet),
            *(Route(path, self._answering(answer), methods=["POST"]) for path, answer in posts.items()),
        ]
        routes += programs.routes(self._room, self._clinic)
        app = Starlette(routes=routes, lifespan=lifespan(self._room.begin, self._room.end))
        return Guard(app, sessions=self._sessions, port=port, for_programs=("/api/",))

    # --- the page ----------------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        known = remembered(self._memory)
        tag = canonical(known.language) or _asked_for(request.headers.get("accept-language", ""))
        return self._pages.page(
            request,
            "desk.html",
            tag,
            languages=[language(each) for each in known_tags()],
            idle=int(self._sessions.idle),
            style=_shipped("desk.css"),
            script=_shipped("desk.js"),
        )

    async def _language(self, request: Request) -> Response:
        tag = canonical(str((await _given(request)).get("language", "")))
        if not tag:
            raise NotAForm
        self._remember(lambda known: replace(known, language=tag))
        return JSONResponse({})

    async def _stay(self, _request: Request) -> Response:
        return JSONResponse({})

    async def _leave(self, request: Request) -> Response:
        self._sessions.end(session_of(request))
        return JSONResponse({})

    # --- what is chosen and typed ------------------------------------------------------------------------------------

    async def _library(self, request: Request) -> Response:
        tag = _tag(await _given(request))
        shelf = await self._room.do(LookThrough(tag=tag, today=self._clock().date()), "library")
        html = self._pages.text("library.html", tag, documents=shelf.documents)
        look = {"--primary": shelf.primary, "--tint": shelf.tint}
        return JSONResponse(
            {"html": html, "clinic": shelf.clinic, "clinicLanguage": shelf.clinic_language, "look": look}
        )

    async def _form(self, request: Request) -> Response:
        given = await _given(request)
        tag, document = _tag(given), str(given.get("document", ""))[:200]
        form = await self._room.do(AskFor(document=document, tag=tag, today=self._clock().date()), "library")
        known = remembered(self._memory)
        html = self._pages.text(
            "form.html",
            tag,
            form=form,
            known=known,
            settings=known.settings.get(form.document, {}),
            note_languages=[language(each) for each in known_tags()],
        )
        return JSONResponse({"html": html})

    async def _preview(self, request: Request) -> Response:
        given = await _given(request)
        tag, width = _tag(given), given.get("width")
        look = LookAt(
            wish=wish(given.get("wish")), now=self._clock(), tag=tag, width=width if isinstance(width, int) else 0
        )
        preview = await self._room.do(look, _source(look.wish), alike=_kind(look.wish))
        return JSONResponse({**preview.as_data(), "problems": self._told(preview.problems, tag)})

    async def _text(self, request: Request) -> Response:
        given = await _given(request)
        wanted = wish(given.get("wish"))
        reading = ReadOut(wish=wanted, now=self._clock())
        passages = await self._room.do(reading, _source(wanted), alike=_kind(wanted))
        return JSONResponse({"html": self._pages.text("text.html", _tag(given), passages=passages)})

    # --- today's list ------------------------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        given = await _given(request)
        tag, read = _tag(given), list_of(given, self._clock())
        found = await self._room.do(read, read.name, urgent=True)
        session_of(request).kept["list"] = found
        html = self._pages.text("list.html", tag, waiting=found.waiting)
        return JSONResponse({"html": html, "problems": self._told(found.problems, tag)})

    async def _take(self, request: Request) -> Response:
        given = await _given(request)
        found, line = session_of(request).kept.get("list"), given.get("line")
        patient = found.at(line) if found is not None and isinstance(line, int) else None
        if patient is None:
            raise NotAForm
        return JSONResponse(
            {
                "document": patient.document,
                "languages": patient.languages,
                "values": dict(patient.values),
                "problems": self._told(errors_of(patient.problems), _tag(given)),
            }
        )

    async def _put_away(self, request: Request) -> Response:
        session_of(request).kept.pop("list", None)
        return JSONResponse({})

    # --- what was handed out before ----------------------------------------------------------------------------------

    async def _find(self, request: Request) -> Response:
        given = await _given(request)
        tag, search = _tag(given), search_of(given)
        ledger, sheets = self._folder / "ledger.jsonl", self._folder / "sheets"
        found, problems = await asyncio.to_thread(given_out, search, ledger, sheets, "UTC")
        found = found[:_MOST_FOUND]
        session_of(request).kept["found"] = {each.name: each for each in found}
        now = {pair: await self._text_now(*pair) for pair in {(each.document, each.language) for each in found}}
        html = self._pages.text("found.html", tag, found=found, now=now)
        return JSONResponse({"html": html, "problems": self._told(problems, tag)})

    async def _text_now(self, document: str, language: str) -> str:
        """Return the fingerprint that a sheet of today bears, or "" where none is made any more."""
        try:
            return (await self._room.do(TextNow(document=document, language=language, now=self._clock())))[1]
        except InputError:
            return ""

    async def _again(self, request: Request) -> Response:
        given = await _given(request)
        way, tag = Way.of(given.get("way")), _tag(given)
        sheet = session_of(request).kept.get("found", {}).get(given.get("sheet"))
        if sheet is None or not way.prints:
            raise NotAForm
        order = destination(way, self._folder)
        branding = await self._room.do(TellBranding(today=self._clock().date()), urgent=True)
        _, made = await asyncio.to_thread(print_again, sheet, order, branding, self._clock)
        if made is None:
            return JSONResponse({"html": self._pages.text("found.html", tag, found=(), now={})})
        handed = HandedOut(made=made, entries=await asyncio.to_thread(entries_of, order.ledger, {sheet.row}))
        html = self._pages.text("done.html", tag, handed=handed, way=way, outbox=self._folder / "outbox")
        return JSONResponse({"html": html, "problems": self._told(made.problems, tag)})

    # --- printers ----------------------------------------------------------------------------------------------------

    async def _printers(self, request: Request) -> Response:
        tag = _tag(await _given(request))
        found = await asyncio.to_thread(lambda: queues(print_server()))
        reasons = {queue.name: why(keywords_of(queue.reasons, queue.message), queue.message) for queue in found}
        known = remembered(self._memory)
        chosen = known.queue if known.queue in reasons else next((each.name for each in found if each.is_default), "")
        html = self._pages.text("printers.html", tag, queues=found, reasons=reasons, chosen=chosen, tray=known.tray)
        return JSONResponse({"html": html})

    # --- handing out -------------------------------------------------------------------------------------------------

    async def _hand_out(self, request: Request) -> Response:
        given = await _given(request)
        tag, wanted, way = _tag(given), wish(given.get("wish")), Way.of(given.get("way"))
        order = destination(way, self._folder)
        name, progress = secrets.token_urlsafe(16), _Progress()
        kept: OrderedDict[str, _Progress] = session_of(request).kept.setdefault("ways", OrderedDict())
        kept[name] = progress
        while len(kept) > _KEPT_WAYS:
            kept.popitem(last=False)
        sheets: OrderedDict[str, tuple[Format, str, bytes]] = session_of(request).kept.setdefault(
            "sheets", OrderedDict()
        )

        async def going() -> None:
            try:
                handed = await self._handed_out(wanted, way, order, progress)
            except InputError as error:
                progress.tell("refused", {"problems": self._told(error.problems, tag)})
            except BaseException:
                progress.tell("refused", {"problems": []})
                raise
            else:
                progress.tell("done", self._done(handed, way, tag, sheets))

        task = asyncio.create_task(going())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return JSONResponse({"way": name})

    async def _handed_out(self, wanted: Wish, way: Way, order: Any, progress: _Progress) -> HandedOut:
        finish = Finish(wish=wanted, now=self._clock(), form=way.form, destination=order)
        finished = await self._room.do(finish, _source(wanted), urgent=True, alike=_kind(wanted))
        loop = asyncio.get_running_loop()

        def tell(stage: str) -> None:
            loop.call_soon_threadsafe(progress.tell, stage)

        handed = await asyncio.to_thread(hand_out, finished, order, self._clock, tell)
        self._remember(lambda known: _after(known, wanted, way))
        return handed

    def _done(
        self, handed: HandedOut, way: Way, tag: str, sheets: OrderedDict[str, tuple[Format, str, bytes]]
    ) -> object:
        names = []
        for receipt in handed.made.receipts:
            names.append(secrets.token_urlsafe(16))
            sheets[names[-1]] = (receipt.sheet.format, receipt.path.name, receipt.sheet.data)
        while len(sheets) > _KEPT_SHEETS:
            sheets.popitem(last=False)
        html = self._pages.text("done.html", tag, handed=handed, way=way, outbox=self._folder / "outbox")
        addresses = [f"/sheets/{name}" for name in names]
        problems = self._told(handed.made.problems, tag)
        return {"html": html, "sheets": addresses, "problems": problems}

    async def _progress(self, request: Request) -> Response:
        progress = session_of(request).kept.get("ways", {}).get(request.path_params["way"])
        if progress is None:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        return events(progress.all())

    async def _sheet(self, request: Request) -> Response:
        found = session_of(request).kept.get("sheets", {}).get(request.path_params["sheet"])
        if found is None:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        form, name, data = found
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        if form is Format.HTML:
            headers = {"content-security-policy": _OWN_POLICY}
        return Response(data, media_type=_MEDIA[form], headers=headers)

    # --- what all of it needs ----------------------------------------------------------------------------------------

    def _answering(self, answer: Answer) -> Answer:
        """Return an answer whose problems are told in the page's language."""

        async def answering(request: Request) -> Response:
            try:
                return await answer(request)
            except NotAForm:
                return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
            except InputError as error:
                tag = _tag(await _given(request))
                return JSONResponse({"problems": self._told(error.problems, tag)}, HTTPStatus.UNPROCESSABLE_ENTITY)

        return answering

    def _told(self, problems: Sequence[Problem], tag: str) -> list[dict[str, object]]:
        return as_told(problems, tag, lambda path: self._pages.text("label.html", tag, path=path).strip())

    def _remember(self, changed: Callable[[Remembered], Remembered]) -> None:
        before = remembered(self._memory)
        after = changed(before)
        if after != before:
            try:
                remember(self._memory, after)
            except InputError:
                return  # The sheet is out; that the next one is not filled in beforehand hurts nobody.


def _after(known: Remembered, wanted: Wish, way: Way) -> Remembered:
    """Return what is remembered once a sheet was handed out."""
    practitioner, settings = wanted.value("practitioner"), wanted.value("settings")
    if isinstance(practitioner, str) and practitioner:
        known = replace(known, practitioner=practitioner)
    if isinstance(settings, dict):
        known = known.with_settings(wanted.document, settings)
    return replace(known, queue=way.queue, tray=way.tray) if way.prints else known


async def _given(request: Request) -> dict[str, Any]:
    """Return the JSON table that a page of ours has sent; raise NotAForm for anything else."""
    try:
        found = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise NotAForm from None
    if not isinstance(found, dict):
        raise NotAForm
    return found


def _tag(given: dict[str, Any]) -> str:
    return canonical(str(given.get("page", ""))[:40]) or SOURCE_LANGUAGE


def _asked_for(accepted: str) -> str:
    """Return the language of a browser's first wish that the page has (RFC 9110, 12.5.4), else English."""
    for wish_for in accepted[:1000].split(","):
        tag = wish_for.partition(";")[0].strip()
        found = canonical(tag) or canonical(tag.partition("-")[0])
        if found:
            return found
    return SOURCE_LANGUAGE


def _kind(wanted: Wish) -> tuple[object, ...]:
    """Return what sheets share whose layout one press may have learnt."""
    return wanted.document, wanted.languages, wanted.print_size


def _source(wanted: Wish) -> str:
    """Return what is to blame where a sheet takes too long: the document's id, if it can be one."""
    return f"library/{wanted.document}.md" if wanted.document.replace("-", "").isalnum() else "the sheet"


def _shipped(name: str) -> Markup:
    return Markup((SHELVES["templates"] / "desk" / name).read_text(encoding="utf-8"))  # noqa: S704 - ours
