"""What is chosen and typed on the page -> the library, a document's form, and the sheet beside it, seen and read."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from handouts.interfaces.desk.answers.counter import Counter, given, shape_of, source_of, tag_of
from handouts.interfaces.desk.asking import AskFor
from handouts.interfaces.desk.previewing import LookAt, ReadOut
from handouts.interfaces.desk.shelf import LookThrough
from handouts.interfaces.desk.wishing import wish
from handouts.languages import known_tags, language


class Choosing:
    """The library, the form and the preview."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def routes(self) -> list[BaseRoute]:
        """Return where it answers."""
        return self._counter.posts(
            {"/library": self._library, "/form": self._form, "/preview": self._preview, "/text": self._text}
        )

    async def _library(self, request: Request) -> Response:
        tag = tag_of(await given(request))
        look = LookThrough(tag=tag, today=self._counter.clock().date())
        shelf = await self._counter.room.do(look, "library")
        return JSONResponse(
            {
                "html": self._counter.pages.text("library.html", tag, documents=shelf.documents),
                "clinic": shelf.clinic,
                "clinicLanguage": shelf.clinic_language,
                "look": {"--primary": shelf.primary, "--tint": shelf.tint},
            }
        )

    async def _form(self, request: Request) -> Response:
        sent = await given(request)
        tag, document = tag_of(sent), str(sent.get("document", ""))[:200]
        ask = AskFor(document=document, tag=tag, today=self._counter.clock().date())
        form = await self._counter.room.do(ask, "library")
        known = self._counter.known
        html = self._counter.pages.text(
            "form.html",
            tag,
            form=form,
            known=known,
            settings=known.settings.get(form.document, {}),
            note_languages=[language(each) for each in known_tags()],
        )
        return JSONResponse({"html": html})

    async def _preview(self, request: Request) -> Response:
        sent = await given(request)
        tag, width = tag_of(sent), sent.get("width")
        wanted = wish(sent.get("wish"))
        look = LookAt(wish=wanted, now=self._counter.clock(), tag=tag, width=width if isinstance(width, int) else 0)
        preview = await self._counter.room.do(look, source_of(wanted), alike=shape_of(wanted))
        return JSONResponse({**preview.as_data(), "problems": self._counter.told(preview.problems, tag)})

    async def _text(self, request: Request) -> Response:
        sent = await given(request)
        wanted = wish(sent.get("wish"))
        reading = ReadOut(wish=wanted, now=self._counter.clock())
        passages = await self._counter.room.do(reading, source_of(wanted), alike=shape_of(wanted))
        return JSONResponse({"html": self._counter.pages.text("text.html", tag_of(sent), passages=passages)})
