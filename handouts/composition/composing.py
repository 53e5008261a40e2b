"""One sheet's ingredients, in one language or two -> ComposedHandout, with a fingerprint of its text."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from handouts.composition.environment import environment, find_template
from handouts.composition.side import Ingredients, Side
from handouts.errors import InputError, Kind, Problem, UnknownLabel, nearest
from handouts.records import ComposedHandout, Format, PrintSize
from handouts.resources import Resources, digest

SHEET = "handout/sheet.html"
BILINGUAL = "handout/bilingual.html"
MAXIMUM_PAGES = 2
"""A sheet fits one piece of paper, two sides, in one language at standard size (facts/content.md)."""

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def compose(languages: Sequence[Ingredients], resources: Resources) -> ComposedHandout:
    """Return the sheet as HTML: of one language, or of two side by side, the first one leading.

    Raises InputError for a template that cannot be read or used, with its file and line.
    """
    sides = tuple(Side(ingredients, resources) for ingredients in languages)
    fingerprint = _fingerprint(sides, resources)
    contexts = tuple({**side.context(), "fingerprint": fingerprint} for side in sides)
    first = languages[0]
    if len(sides) == 1:
        html = _render(SHEET, contexts[0], resources)
    else:
        html = _render(BILINGUAL, {**contexts[0], "sides": contexts}, resources)
    stylesheet = ""
    if first.format is Format.PDF:
        html, stylesheet = _without_style(html)
    large = first.print_size is PrintSize.LARGE
    tag = "+".join(ingredients.document.language for ingredients in languages)
    return ComposedHandout(
        html=html,
        stylesheet=stylesheet,
        title=first.document.title.text,
        stem=f"{first.document.id}-{tag}{'-large' if large else ''}",
        document=first.document.id,
        version=first.document.version,
        language=tag,
        fingerprint=fingerprint,
        families=frozenset(family for side in sides for family in side.families),
        maximum_pages=None if large or len(sides) > 1 else MAXIMUM_PAGES,
    )


def _fingerprint(sides: Sequence[Side], resources: Resources) -> str:
    """Return eight hex digits that tell this text from any other: document, language, clinic, templates.

    Nothing of the patient goes into it: all sheets of one clinic, document and language share it.
    """
    templates = tuple(
        path.read_bytes()
        for name in resources.names("templates", "handout/**/*")
        if (path := find_template(resources, name)) is not None
    )
    return digest((*(part for side in sides for part in side.text_of_all_patients()), *templates))[:8]


def _without_style(html: str) -> tuple[str, str]:
    """Return the page without its <style> elements, and their text."""
    return _STYLE.sub("", html), "\n".join(_STYLE.findall(html))


def _render(name: str, context: Mapping[str, object], resources: Resources) -> str:
    try:
        return environment(resources).get_template(name).render(context)
    except TemplateSyntaxError as error:
        raise _fault("template-syntax", error.filename, error.lineno, error.message, resources) from None
    except UndefinedError as error:
        word = (error.message or "").split("'")[1] if (error.message or "").count("'") > 1 else ""
        raise _fault("template-undefined", *_place(error), error.message, resources, nearest(word, context)) from None
    except SecurityError as error:
        raise _fault("template-forbidden", *_place(error), error.message, resources) from None
    except UnknownLabel as error:
        raise _fault("template-label", *_place(error), str(error.args[0]), resources) from None
    except TemplateError as error:
        raise _fault("template-missing", *_place(error), error.message, resources) from None


def _fault(
    code: str, filename: str | None, line: int | None, reason: str | None, resources: Resources, guess: str = ""
) -> InputError:
    problem = Problem(
        kind=Kind.TEMPLATE,
        code=code,
        source=resources.display(Path(filename)) if filename else "templates",
        line=line,
        values={"reason": reason or ""},
        nearest=guess,
    )
    return InputError([problem])


def _place(error: BaseException) -> tuple[str | None, int | None]:
    """Return the template's file and line where an error arose: the innermost frame that Jinja compiled."""
    place: tuple[str | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "/templates/" in name and not name.endswith(".py"):
            place = (name, trace.tb_lineno)
        trace = trace.tb_next
    return place
