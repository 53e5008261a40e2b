"""A browser's requests -> the desk's page, its previews and its deliveries; no address ever holds a patient's value."""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.types import ASGIApp

from handouts.interfaces import programs
from handouts.interfaces.desk.answers import Choosing, Counter, Finding, HandingOver, Listing, Staying
from handouts.interfaces.local import Guard, Sessions, lifespan
from handouts.resources import Resources


class Desk:
    """The desk of one clinic. `clock` is read for each sheet; `sessions` are those of the guard before it."""

    def __init__(self, resources: Resources, clock: Callable[[], datetime], sessions: Sessions) -> None:
        self._counter = Counter(resources, clock, sessions)

    def application(self, port: int) -> ASGIApp:
        """Return what answers on a port."""
        counter = self._counter
        routes = programs.routes(counter.room, counter.clinic)
        for done in (Staying, Choosing, Listing, Finding, HandingOver):
            routes += done(counter).routes()
        app = Starlette(routes=routes, lifespan=lifespan(counter.room.begin, counter.room.end))
        return Guard(app, sessions=counter.sessions, port=port, for_programs=("/api/",))
