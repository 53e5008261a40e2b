"""A launch token, used once -> a session that a browser's cookie names, until nobody has used it for a while."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_BYTES = 32
"""Of chance in a token, a session's name and its CSRF token."""
_MOST = 20
"""Sessions at one time: browsers of one computer; the one that was used longest ago ends for a new one."""


@dataclass(kw_only=True)
class Session:
    """One browser that was let in. `kept` is what its pages hold between two requests, in memory and nowhere else."""

    name: str = field(repr=False)
    csrf: str = field(repr=False)
    used_at: float
    kept: dict[str, Any] = field(default_factory=dict, repr=False)


class Sessions:
    """The sessions of one server; one ends `idle` seconds after its last request. `clock` returns seconds."""

    def __init__(self, *, idle: float, clock: Callable[[], float]) -> None:
        self.idle = idle
        self._clock = clock
        self._token = _chance()
        self._open: dict[str, Session] = {}

    @property
    def token(self) -> str:
        """Return the token that lets the next browser in; another one takes its place once it is used."""
        return self._token

    def enter(self, token: str) -> Session | None:
        """Return a new session for a launch token, or None where that is not the present one."""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        self._token = _chance()
        self._end_the_idle()
        if len(self._open) >= _MOST:
            del self._open[min(self._open, key=lambda name: self._open[name].used_at)]
        session = Session(name=_chance(), csrf=_chance(), used_at=self._clock())
        self._open[session.name] = session
        return session

    def find(self, name: str) -> Session | None:
        """Return the session that a cookie names, used now, or None where it has ended or never was."""
        self._end_the_idle()
        session = self._open.get(name)
        if session is not None:
            session.used_at = self._clock()
        return session

    def end(self, session: Session) -> None:
        """End a session; what it kept is gone."""
        session.kept.clear()
        self._open.pop(session.name, None)

    def _end_the_idle(self) -> None:
        for session in [each for each in self._open.values() if self._clock() - each.used_at > self.idle]:
            self.end(session)


def _chance() -> str:
    return secrets.token_urlsafe(_BYTES)
