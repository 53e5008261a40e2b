"""Events, as they come -> a response that a page's EventSource reads (HTML Standard, Server-sent events)."""

import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from starlette.responses import StreamingResponse


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event: its kind, for which a page listens, and what it says, as JSON."""

    kind: str
    data: object = None


def events(source: AsyncIterable[Event]) -> StreamingResponse:
    """Return a response that sends the events of `source` and ends with it."""
    return StreamingResponse(_written(source), media_type="text/event-stream")


async def _written(source: AsyncIterable[Event]) -> AsyncIterator[str]:
    yield ": open\n\n"  # So that the browser knows at once that somebody answers.
    async for event in source:
        yield f"event: {event.kind}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"
