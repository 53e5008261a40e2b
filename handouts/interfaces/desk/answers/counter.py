"""A clinic's folder -> what every answer of its desk stands on: workers, words, memory, and how problems are told."""

import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from handouts.errors import InputError, Problem
from handouts.interfaces.desk.remembered import Remembered, remember, remembered
from handouts.interfaces.desk.telling import as_told
from handouts.interfaces.desk.wishing import NotAForm, Wish
from handouts.interfaces.local import Pages, Sessions, Workroom
from handouts.languages import canonical
from handouts.resources import Resources
from handouts.translation import SOURCE_LANGUAGE

Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class Counter:
    """The desk of one clinic, behind which every answer is given. `clock` is read for each sheet."""

    def __init__(self, resources: Resources, clock: Callable[[], datetime], sessions: Sessions) -> None:
        assert resources.clinic is not None, "a desk is a clinic's"
        self.clinic: Path = resources.clinic
        self.clock, self.sessions = clock, sessions
        self.room = Workroom(resources)
        self.pages = Pages("desk")

    @property
    def folder(self) -> Path:
        """Where the desk keeps its sheets, its outbox and its ledger."""
        return self.clinic / "desk"

    @property
    def known(self) -> Remembered:
        """What the desk remembers."""
        return remembered(self._memory)

    @property
    def _memory(self) -> Path:
        return self.folder / "remembered.json"

    def remember(self, changed: Callable[[Remembered], Remembered]) -> None:
        """Change what the desk remembers; that it cannot be written hurts nobody, the sheet is out."""
        before = self.known
        after = changed(before)
        if after != before:
            try:
                remember(self._memory, after)
            except InputError:
                return

    def posts(self, answers: dict[str, Answer]) -> list[BaseRoute]:
        """Return the routes of answers by their paths, whose problems are told in the page's language."""
        return [Route(path, self._answering(answer), methods=["POST"]) for path, answer in answers.items()]

    def _answering(self, answer: Answer) -> Answer:
        async def answering(request: Request) -> Response:
            try:
                return await answer(request)
            except NotAForm:
                return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
            except InputError as error:
                tag = tag_of(await given(request))
                return JSONResponse({"problems": self.told(error.problems, tag)}, HTTPStatus.UNPROCESSABLE_ENTITY)

        return answering

    def told(self, problems: Sequence[Problem], tag: str) -> list[dict[str, object]]:
        """Return problems for the page's script in the language `tag`."""
        return as_told(problems, tag, lambda path: self.pages.text("label.html", tag, path=path).strip())


async def given(request: Request) -> dict[str, Any]:
    """Return the JSON table that a page of ours has sent; raise NotAForm for anything else."""
    try:
        found = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise NotAForm from None
    if not isinstance(found, dict):
        raise NotAForm
    return found


def tag_of(form: dict[str, Any]) -> str:
    """Return the language in which the page that sent a form is read."""
    return canonical(str(form.get("page", ""))[:40]) or SOURCE_LANGUAGE


def shape_of(wanted: Wish) -> tuple[object, ...]:
    """Return what sheets share whose layout one press may have learnt."""
    return wanted.document, wanted.languages, wanted.print_size


def source_of(wanted: Wish) -> str:
    """Return what is to blame where a sheet takes too long: the document's file, if its id can be one."""
    return f"library/{wanted.document}.md" if wanted.document.replace("-", "").isalnum() else "the sheet"
