"""A filled form and a way to hand it out -> the finished sheets on that way, told of step by step, and to be opened."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from handouts.delivery.printing import keywords_of, queues, why
from handouts.errors import InputError
from handouts.interfaces.desk.answers.counter import Counter, given, shape_of, source_of, tag_of
from handouts.interfaces.desk.destining import Way, destination
from handouts.interfaces.desk.handing_out import Finish, HandedOut, hand_out
from handouts.interfaces.desk.remembered import Remembered
from handouts.interfaces.desk.wishing import Wish, wish
from handouts.interfaces.local import Event, events, session_of
from handouts.interfaces.print_settings import print_server
from handouts.records import Destination, Format

_KEPT_SHEETS = 10
"""Sheets that a session holds for who opens or saves one; an older one is made again."""
_KEPT_WAYS = 20
_OWN_POLICY = "sandbox allow-scripts allow-popups; frame-ancestors 'none'"
"""Of a sheet as a web page: it has a policy of its own inside, and nothing to do with the desk's session."""
_MEDIA = {Format.PDF: "application/pdf", Format.HTML: "text/html; charset=utf-8"}


class _Kept(NamedTuple):
    """A sheet that a session holds."""

    format: Format
    name: str
    data: bytes


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


class HandingOver:
    """The printers to choose from, the handing out and what came of it."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._under_way: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        return [
            Route("/progress/{way}", self._progress),
            Route("/sheets/{sheet}", self._sheet),
            *self._counter.posts({"/printers": self._printers, "/hand-out": self._hand_out}),
        ]

    async def _printers(self, request: Request) -> Response:
        tag = tag_of(await given(request))
        found = await asyncio.to_thread(lambda: queues(print_server()))
        reasons = {queue.name: why(keywords_of(queue.reasons, queue.message), queue.message) for queue in found}
        known = self._counter.known
        chosen = known.queue if known.queue in reasons else next((each.name for each in found if each.is_default), "")
        html = self._counter.pages.text(
            "printers.html", tag, queues=found, reasons=reasons, chosen=chosen, tray=known.tray
        )
        return JSONResponse({"html": html})

    async def _hand_out(self, request: Request) -> Response:
        sent = await given(request)
        tag, wanted, way = tag_of(sent), wish(sent.get("wish")), Way.of(sent.get("way"))
        order = destination(way, self._counter.folder)
        name, progress = secrets.token_urlsafe(16), _Progress()
        kept = session_of(request).kept
        _keep(kept.setdefault("ways", OrderedDict()), name, progress, _KEPT_WAYS)
        sheets: OrderedDict[str, _Kept] = kept.setdefault("sheets", OrderedDict())

        async def going() -> None:
            try:
                handed = await self._handed_out(wanted, way, order, progress)
            except InputError as error:
                progress.tell("refused", {"problems": self._counter.told(error.problems, tag)})
            except BaseException:
                progress.tell("refused", {"problems": []})
                raise
            else:
                progress.tell("done", self._done(handed, way, tag, sheets))

        task = asyncio.create_task(going())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return JSONResponse({"way": name})

    async def _handed_out(self, wanted: Wish, way: Way, order: Destination, progress: _Progress) -> HandedOut:
        counter = self._counter
        finish = Finish(wish=wanted, now=counter.clock(), form=way.form, destination=order)
        finished = await counter.room.do(finish, source_of(wanted), urgent=True, alike=shape_of(wanted))
        loop = asyncio.get_running_loop()

        def tell(stage: str) -> None:
            loop.call_soon_threadsafe(progress.tell, stage)

        handed = await asyncio.to_thread(hand_out, finished, order, counter.clock, tell)
        counter.remember(lambda known: _after(known, wanted, way))
        return handed

    def _done(self, handed: HandedOut, way: Way, tag: str, sheets: OrderedDict[str, _Kept]) -> object:
        counter, addresses = self._counter, []
        for receipt in handed.made.receipts:
            name = secrets.token_urlsafe(16)
            kept = _Kept(format=receipt.sheet.format, name=receipt.path.name, data=receipt.sheet.data)
            _keep(sheets, name, kept, _KEPT_SHEETS)
            addresses.append(f"/sheets/{name}")
        html = counter.pages.text("done.html", tag, handed=handed, way=way, outbox=counter.folder / "outbox")
        return {"html": html, "sheets": addresses, "problems": counter.told(handed.made.problems, tag)}

    async def _progress(self, request: Request) -> Response:
        progress = session_of(request).kept.get("ways", {}).get(request.path_params["way"])
        if progress is None:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        return events(progress.all())

    async def _sheet(self, request: Request) -> Response:
        found = session_of(request).kept.get("sheets", {}).get(request.path_params["sheet"])
        if found is None:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        headers = {"content-disposition": f'attachment; filename="{found.name}"'}
        if found.format is Format.HTML:
            headers = {"content-security-policy": _OWN_POLICY}
        return Response(found.data, media_type=_MEDIA[found.format], headers=headers)


def _keep(things: OrderedDict[str, Any], name: str, thing: object, most: int) -> None:
    """Hold a thing by a name; the oldest are let go where there would be more than `most`."""
    things[name] = thing
    while len(things) > most:
        things.popitem(last=False)


def _after(known: Remembered, wanted: Wish, way: Way) -> Remembered:
    """Return what is remembered once a sheet was handed out."""
    practitioner, settings = wanted.value("practitioner"), wanted.value("settings")
    if isinstance(practitioner, str) and practitioner:
        known = replace(known, practitioner=practitioner)
    if isinstance(settings, dict):
        known = known.with_settings(wanted.document, settings)
    return replace(known, queue=way.queue, tray=way.tray) if way.prints else known
