"""A clinic's templates over the shipped ones -> a sandboxed, strict, autoescaped Jinja environment."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handouts.errors import InputError, Kind, Problem, nearest
from handouts.resources import Resources, read_bytes, read_text

SHIPPED = "@shipped/"
"""`{% extends "@shipped/handout/sheet.html" %}` reaches the original that a clinic's file of the same path covers."""

_MEDIA = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


class ShelfLoader(BaseLoader):
    """Loads templates from the clinic's folder, then from what ships; links that lead outside are not followed."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's signature
        """Return (source, file name, is it current) as Jinja asks."""
        path = find_template(self._resources, template)
        if path is None:
            raise TemplateNotFound(template)
        return read_text(path, kind=Kind.TEMPLATE, source=self._resources.display(path)), str(path), lambda: True


def find_template(resources: Resources, name: str) -> Path | None:
    """Return the file that a template name means."""
    if name.startswith(SHIPPED):
        return resources.shipped("templates", name.removeprefix(SHIPPED))
    return resources.find("templates", name)


def environment(resources: Resources) -> Environment:
    """Return the environment. Undefined names raise; HTML is escaped; no attribute that starts with _ is reachable."""
    return ImmutableSandboxedEnvironment(
        loader=ShelfLoader(resources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )


def read_asset(resources: Resources, name: str) -> tuple[str, bytes]:
    """Return the media type and bytes of a picture among the templates; raise InputError where there is none."""
    path = find_template(resources, name)
    media = _MEDIA.get(Path(name).suffix.lower(), "")
    if path is None or not media:
        known = tuple(found for found in resources.names("templates", "**/*") if Path(found).suffix in _MEDIA)
        problem = Problem(
            kind=Kind.TEMPLATE,
            code="asset-missing",
            source="templates",
            values={"name": name},
            nearest=nearest(name, known),
        )
        raise InputError([problem])
    return media, read_bytes(path, kind=Kind.TEMPLATE, source=resources.display(path))


def read_stylesheet(resources: Resources, name: str) -> str:
    """Return the text of a stylesheet among the templates; raise InputError where there is none."""
    path = find_template(resources, name)
    if path is None:
        known = resources.names("templates", "**/*.css")
        problem = Problem(
            kind=Kind.TEMPLATE,
            code="asset-missing",
            source="templates",
            values={"name": name},
            nearest=nearest(name, known),
        )
        raise InputError([problem])
    return read_text(path, kind=Kind.TEMPLATE, source=resources.display(path))
