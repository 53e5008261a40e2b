"""A browser that comes, stays or leaves -> the desk's page in its reader's language, the end of its session."""

from dataclasses import replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from handouts.interfaces.desk.answers.counter import Counter, given
from handouts.interfaces.desk.wishing import NotAForm
from handouts.interfaces.local import session_of
from handouts.languages import canonical, known_tags, language
from handouts.resources import SHELVES
from handouts.translation import SOURCE_LANGUAGE


class Staying:
    """The page itself."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        posts = {"/language": self._language, "/stay": self._stay, "/leave": self._leave}
        return [Route("/", self._page), *self._counter.posts(posts)]

    async def _page(self, request: Request) -> Response:
        tag = canonical(self._counter.known.language) or _asked_for(request.headers.get("accept-language", ""))
        return self._counter.pages.page(
            request,
            "desk.html",
            tag,
            languages=[language(each) for each in known_tags()],
            idle=int(self._counter.sessions.idle),
            style=_shipped("desk.css"),
            script=_shipped("desk.js"),
        )

    async def _language(self, request: Request) -> Response:
        tag = canonical(str((await given(request)).get("language", "")))
        if not tag:
            raise NotAForm
        self._counter.remember(lambda known: replace(known, language=tag))
        return JSONResponse({})

    async def _stay(self, _request: Request) -> Response:
        return JSONResponse({})

    async def _leave(self, request: Request) -> Response:
        self._counter.sessions.end(session_of(request))
        return JSONResponse({})


def _asked_for(accepted: str) -> str:
    """Return the language of a browser's first wish that the page has (RFC 9110, 12.5.4), else English."""
    for wish_for in accepted[:1000].split(","):
        tag = wish_for.partition(";")[0].strip()
        found = canonical(tag) or canonical(tag.partition("-")[0])
        if found:
            return found
    return SOURCE_LANGUAGE


def _shipped(name: str) -> Markup:
    return Markup((SHELVES["templates"] / "desk" / name).read_text(encoding="utf-8"))  # noqa: S704 - ours
