"""A shipped template and values -> an HTML page in a language, whose scripts and styles bear the request's nonce."""

from collections.abc import Callable
from functools import cache
from http import HTTPStatus

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from handouts import translation
from handouts.interfaces.local.guard import session_of
from handouts.languages import Language, language
from handouts.resources import SHELVES, Resources
from handouts.translation import SOURCE_LANGUAGE


class Pages:
    """The pages of one folder of templates, such as "desk", with the words of the catalogue of the same name.

    A template's words are written as _("..."). It also has `page_language` (tag, direction), `nonce` and `csrf`.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._templates = cache(self._environment)

    def page(
        self, request: Request, name: str, tag: str = SOURCE_LANGUAGE, *, status: int = HTTPStatus.OK, **values: object
    ) -> HTMLResponse:
        """Return a page; `tag` is the language of its own words."""
        nonce, csrf = request.scope["handouts.nonce"], session_of(request).csrf
        return HTMLResponse(self.text(name, tag, nonce=nonce, csrf=csrf, **values), status)

    def text(self, name: str, tag: str = SOURCE_LANGUAGE, **values: object) -> str:
        """Return a template's text, for a part of a page or its script."""
        return self._templates(tag).get_template(f"{self._folder}/{name}").render(**values)

    def words(self, tag: str) -> Callable[[str], str]:
        """Return what translates the catalogue's texts; what it lacks stays English."""
        if tag == SOURCE_LANGUAGE:
            return lambda text: text
        found = translation.catalogue(self._folder, tag, Resources()).entries

        def worded(text: str) -> str:
            entry = found.get(("", text))
            return entry.text if entry is not None and entry.text and not entry.fuzzy else text

        return worded

    def _environment(self, tag: str) -> Environment:
        jinja = Environment(
            loader=FileSystemLoader(SHELVES["templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = self.words(tag)
        jinja.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
            words, lambda one, many, number: words(one if number == 1 else many), newstyle=True
        )
        page_language: Language = language(tag)
        jinja.globals |= {"page_language": page_language}
        return jinja
