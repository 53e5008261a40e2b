"""What every page that a person opens on this computer stands on: its server, its guard, its words and its workers."""

from handouts.interfaces.local.events import Event, events
from handouts.interfaces.local.guard import Guard, session_of
from handouts.interfaces.local.pages import Pages
from handouts.interfaces.local.serving import Serving, lifespan, serve
from handouts.interfaces.local.sessions import Session, Sessions
from handouts.interfaces.local.telling import Told, told
from handouts.interfaces.local.workroom import Workroom, state_of_files

__all__ = [
    "Event",
    "Guard",
    "Pages",
    "Serving",
    "Session",
    "Sessions",
    "Told",
    "Workroom",
    "events",
    "lifespan",
    "serve",
    "session_of",
    "state_of_files",
    "told",
]
