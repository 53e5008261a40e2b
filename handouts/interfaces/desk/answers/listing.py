"""Today's list of appointments, dropped on the page -> its patients to choose from, held for this session alone."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from handouts.errors import errors_of
from handouts.interfaces.desk.answers.counter import Counter, given, tag_of
from handouts.interfaces.desk.todays_list import list_of
from handouts.interfaces.desk.wishing import NotAForm
from handouts.interfaces.local import session_of


class Listing:
    """Today's list."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        return self._counter.posts({"/list": self._list, "/list/take": self._take, "/list/away": self._put_away})

    async def _list(self, request: Request) -> Response:
        sent = await given(request)
        tag, read = tag_of(sent), list_of(sent, self._counter.clock())
        found = await self._counter.room.do(read, read.name, urgent=True)
        session_of(request).kept["list"] = found
        html = self._counter.pages.text("list.html", tag, waiting=found.waiting)
        return JSONResponse({"html": html, "problems": self._counter.told(found.problems, tag)})

    async def _take(self, request: Request) -> Response:
        sent = await given(request)
        found, line = session_of(request).kept.get("list"), sent.get("line")
        patient = found.at(line) if found is not None and isinstance(line, int) else None
        if patient is None:
            raise NotAForm
        return JSONResponse(
            {
                "document": patient.document,
                "languages": patient.languages,
                "values": dict(patient.values),
                "problems": self._counter.told(errors_of(patient.problems), tag_of(sent)),
            }
        )

    async def _put_away(self, request: Request) -> Response:
        session_of(request).kept.pop("list", None)
        return JSONResponse({})
