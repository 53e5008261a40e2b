"""A clinic's templates over the shipped ones -> a sandboxed, strict, autoescaped Jinja environment."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from handouts.codes import Code
from handouts.composition.bidi import isolated, kept, ordered_plain
from handouts.composition.compiling import KeptTemplates, Sandbox, TemplatesOfThisProcess
from handouts.composition.wording import Wording, css_string, spaced
from handouts.errors import InputError, Kind, nearest
from handouts.pictures import MAXIMUM_PIXELS, has_too_many_pixels
from handouts.resources import SHELVES, Resources, read_bytes, read_text

SHIPPED = "@shipped/"
"""`{% extends "@shipped/handout/sheet.html" %}` reaches the original that a clinic's file of the same path covers."""

MEDIA = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""Media types of the pictures and fonts among the templates, by the ending of their names."""
_IN_MEMORY = TemplatesOfThisProcess()


class ShelfLoader(BaseLoader):
    """Loads templates from the clinic's folder, then from what ships; links that lead outside are not followed."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's signature
        """Return (source, file name, is it current) as Jinja asks."""
        path = find_template(self._resources, template)
        if path is None:
            raise TemplateNotFound(template)
        text = read_text(path, kind=Kind.TEMPLATE, source=self._resources.display(path))
        changed = path.stat().st_mtime_ns

        def is_current() -> bool:
            """Return whether the name still means this file, and the file is as it was."""
            return find_template(self._resources, template) == path and path.stat().st_mtime_ns == changed

        return text, str(path), is_current


def find_template(resources: Resources, name: str) -> Path | None:
    """Return the file that a template name means."""
    if name.startswith(SHIPPED):
        return resources.shipped("templates", name.removeprefix(SHIPPED))
    return resources.find("templates", name)


@pass_context
def inline(context: Context, markup: str) -> Markup:
    """Return a block's text as HTML in the language of the sheet that is being made."""
    wording = context["wording"]
    assert isinstance(wording, Wording)
    return wording.inline(markup)


@lru_cache(maxsize=16)
def environment(resources: Resources) -> Environment:
    """Return the environment. Undefined names raise; HTML is escaped; no attribute that starts with _ is reachable.

    It is kept with its compiled templates; a template that has changed on disk is compiled again.
    """
    jinja = Sandbox(
        loader=ShelfLoader(resources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_IN_MEMORY if resources.cache is None else KeptTemplates(str(resources.cache)),
    )
    jinja.filters |= {"inline": inline, "css_string": css_string, "spaced": spaced}
    jinja.filters |= {"isolated": isolated, "kept": kept, "ordered_plain": ordered_plain}
    return jinja


def own_files(found: Iterable[Path | None], resources: Resources) -> tuple[str, ...]:
    """Return which of the templates that were found are the clinic's own, as people know them."""
    shipped = SHELVES["templates"].resolve()
    return tuple(resources.display(path) for path in found if path and not path.is_relative_to(shipped))


def read_asset(resources: Resources, name: object) -> tuple[str, bytes]:
    """Return the media type and bytes of a picture or font of the templates; raise InputError where there is none."""
    if not isinstance(name, str):
        raise TypeError("asset() needs the name of a file")
    path = find_template(resources, name)
    media = MEDIA.get(Path(name).suffix.lower(), "")
    if path is None or not media:
        raise _missing(name, (found for found in resources.names("templates", "**/*") if Path(found).suffix in MEDIA))
    source = resources.display(path)
    data = read_bytes(path, kind=Kind.TEMPLATE, source=source)
    if media in ("image/png", "image/jpeg") and has_too_many_pixels(data):
        raise InputError.of(Kind.TEMPLATE, Code.ASSET_TOO_MANY_PIXELS, source, maximum=str(MAXIMUM_PIXELS))
    return media, data


def read_stylesheet(resources: Resources, name: str) -> str:
    """Return the text of a stylesheet among the templates; raise InputError where there is none."""
    path = find_template(resources, name)
    if path is None:
        raise _missing(name, resources.names("templates", "**/*.css"))
    return read_text(path, kind=Kind.TEMPLATE, source=resources.display(path))


def ticks_script(resources: Resources) -> str:
    """Return the script that keeps ticked boxes ticked: the shipped one, since no other may run on a sheet."""
    path = resources.shipped("templates", "handout/ticks.js")
    assert path is not None, "it ships"
    return read_text(path, kind=Kind.TEMPLATE, source="handout/ticks.js")


def _missing(name: str, known: Iterable[str]) -> InputError:
    values, guess = {"name": name}, nearest(name, known)
    return InputError.of(Kind.TEMPLATE, Code.ASSET_MISSING, "templates", nearest=guess, **values)
