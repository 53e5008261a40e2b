"""What staff know of a sheet that was handed out before -> the sheets that it may be, one of them on paper again."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from handouts.errors import InputError
from handouts.interfaces.desk.answers.counter import Counter, given, tag_of
from handouts.interfaces.desk.destining import Way, destination
from handouts.interfaces.desk.handing_out import HandedOut, TellBranding, entries_of
from handouts.interfaces.desk.reprinting import TextNow, given_out, print_again, search_of
from handouts.interfaces.desk.wishing import NotAForm
from handouts.interfaces.local import session_of

_MOST_FOUND = 20


class Finding:
    """What was handed out before."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        return self._counter.posts({"/find": self._find, "/again": self._again})

    async def _find(self, request: Request) -> Response:
        sent = await given(request)
        tag, search = tag_of(sent), search_of(sent)
        ledger, sheets = self._counter.folder / "ledger.jsonl", self._counter.folder / "sheets"
        found, problems = await asyncio.to_thread(given_out, search, ledger, sheets, "UTC")
        found = found[:_MOST_FOUND]
        session_of(request).kept["found"] = {each.name: each for each in found}
        now = {pair: await self._text_now(*pair) for pair in {(each.document, each.language) for each in found}}
        html = self._counter.pages.text("found.html", tag, found=found, now=now)
        return JSONResponse({"html": html, "problems": self._counter.told(problems, tag)})

    async def _text_now(self, document: str, language: str) -> str:
        """Return the fingerprint that a sheet of today bears, or "" where none is made any more."""
        wanted = TextNow(document=document, language=language, now=self._counter.clock())
        try:
            return (await self._counter.room.do(wanted))[1]
        except InputError:
            return ""

    async def _again(self, request: Request) -> Response:
        sent = await given(request)
        way, tag = Way.of(sent.get("way")), tag_of(sent)
        sheet = session_of(request).kept.get("found", {}).get(sent.get("sheet"))
        if sheet is None or not way.prints:
            raise NotAForm
        counter = self._counter
        order = destination(way, counter.folder)
        branding = await counter.room.do(TellBranding(today=counter.clock().date()), urgent=True)
        _, made = await asyncio.to_thread(print_again, sheet, order, branding, counter.clock)
        if made is None:
            return JSONResponse({"html": counter.pages.text("found.html", tag, found=(), now={})})
        handed = HandedOut(made=made, entries=await asyncio.to_thread(entries_of, order.ledger, {sheet.row}))
        html = counter.pages.text("done.html", tag, handed=handed, way=way, outbox=counter.folder / "outbox")
        return JSONResponse({"html": html, "problems": counter.told(made.problems, tag)})
