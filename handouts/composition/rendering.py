"""A template's name and what it sees -> the text it makes, or a Problem with the template's file and line."""

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, TracebackType

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from handouts.codes import Code
from handouts.composition.environment import SHIPPED, environment, find_template
from handouts.composition.jinja_text import begun_blocks, names_of_blocks, without_comments
from handouts.composition.passages import marked_up
from handouts.errors import InputError, Kind, Problem, UnknownLabel, ValueFault, nearest
from handouts.limits import OutOfTime
from handouts.resources import Resources, read_text


def render(name: str, context: Mapping[str, object], resources: Resources) -> str:
    """Return the page; raise InputError for whatever a clinic's template does wrong, with its file and line."""
    jinja = environment(resources)
    try:
        template = jinja.get_template(name)
        _known_blocks(name, resources)
        return marked_up(template.render(context), plain=name.endswith(".txt"))
    except TemplateSyntaxError as error:
        raise _unreadable(error, jinja, resources) from None
    except TemplateNotFound as error:
        shown = "".join(letter if letter.isprintable() else "?" for letter in str(error.name))
        raise _fault(Code.TEMPLATE_MISSING, _source_place(error), resources, name=shown) from None
    except UndefinedError as error:
        missing = _quoted(error.message, last=True)
        guess = nearest(missing, (known for known in _names(context) if known != missing))
        raise _fault(
            Code.TEMPLATE_UNDEFINED, _source_place(error), resources, guess, reason=_sentence(error.message)
        ) from None
    except SecurityError as error:
        raise _fault(
            Code.TEMPLATE_FORBIDDEN, _source_place(error), resources, reason=_sentence(error.message)
        ) from None
    except UnknownLabel as error:
        label, language = error.args
        clinic = shlex.quote(str(resources.clinic or "."))
        raise _fault(
            Code.TEMPLATE_LABEL, _source_place(error), resources, reason=label, language=language, clinic=clinic
        ) from None
    except ValueFault as error:
        raise _fault(error.code, _source_place(error), resources, **error.values) from None
    except (OutOfTime, MemoryError) as error:
        place = _source_place(error, resources.clinic)
        code = Code.OUT_OF_TIME if isinstance(error, OutOfTime) else Code.OUT_OF_MEMORY
        raise _fault(code, place, resources) from None
    except RecursionError as error:
        place = _source_place(
            error, resources.clinic
        )  # Where it broke off is chance; the clinic's own line is the reason.
        raise _fault(Code.TEMPLATE_FAILS, place, resources, reason="it goes on without end.") from None
    except InputError as error:
        place = _source_place(error)
        raise InputError(_placed(problem, place, resources) for problem in error.problems) from None
    except Exception as error:
        place = _source_place(error)
        if place.filename is None:
            raise  # Our own fault, not a template's.
        raise _fault(Code.TEMPLATE_FAILS, place, resources, reason=_sentence(str(error))) from None


def compiled(name: str, resources: Resources) -> None:
    """Raise InputError where a template cannot be read, with its file and line."""
    jinja = environment(resources)
    try:
        jinja.get_template(name)
    except TemplateSyntaxError as error:
        raise _unreadable(error, jinja, resources) from None


def _unreadable(error: TemplateSyntaxError, jinja: Environment, resources: Resources) -> InputError:
    guess = nearest(_quoted(error.message), jinja.filters) if "filter" in (error.message or "") else ""
    filename = error.filename or error.name  # Jinja's lexer names the file where the template's name belongs.
    place = _SourcePlace(filename=filename, line=error.lineno)
    return _fault(Code.TEMPLATE_SYNTAX, place, resources, guess, reason=_sentence(error.message))


def _known_blocks(name: str, resources: Resources) -> None:
    """Raise InputError where a clinic's template fills a block that the shipped one does not have."""
    path = find_template(resources, name)
    if path is None or path == resources.shipped("templates", name):
        return
    text = read_text(path, kind=Kind.TEMPLATE, source=resources.display(path))
    if not text.strip():
        raise _fault(Code.TEMPLATE_EMPTY, _SourcePlace(filename=str(path), line=None), resources)
    if SHIPPED not in without_comments(text):
        return
    known = names_of_blocks(_shipped_text(name, resources))
    for block, line in begun_blocks(text):
        if block not in known:
            place = _SourcePlace(filename=str(path), line=line)
            raise _fault(Code.TEMPLATE_BLOCK, place, resources, nearest(block, known), name=block)


def _shipped_text(name: str, resources: Resources) -> str:
    path = resources.shipped("templates", name)
    assert path is not None, "every template that we ask for is shipped"
    return read_text(path, kind=Kind.TEMPLATE, source=name)


def _sentence(reason: str | None) -> str:
    """Return a library's message with one full stop at its end."""
    return (reason or "").rstrip(". ") + "."


def _quoted(message: str | None, *, last: bool = False) -> str:
    """Return the name in quotes in one of Jinja's messages."""
    words = re.findall(r"'([^']*)'", message or "")
    return words[-1 if last else 0] if words else ""


def _names(context: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a template can name: the context's own names and those of its tables."""
    inner = (name for value in context.values() if isinstance(value, Mapping) for name in value)
    return (*context, *inner)


@dataclass(frozen=True, kw_only=True, slots=True)
class _SourcePlace:
    """Where in a template something went wrong."""

    filename: str | None
    line: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A file and line of the clinic's own templates; `itself` where it prints, not where it calls what does."""

    source: str
    line: int
    itself: bool


def printed_now(resources: Resources) -> Printed | None:
    """Return the innermost place of the clinic's own templates that is being rendered, or None."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the way that its own documentation names
    inner = ""
    while frame is not None and resources.clinic is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            name, code = frame.f_code.co_filename, frame.f_code.co_name
            # A page that extends another is there whichever of its lines is rendered.
            if name.startswith(f"{resources.clinic}/") and not (code == inner == "root"):
                line = template.get_corresponding_lineno(frame.f_lineno)
                return Printed(source=resources.display(Path(name)), line=line, itself=not inner)
            inner = code
        frame = frame.f_back
    return None


def _fault(code: Code, place: _SourcePlace, resources: Resources, guess: str = "", **values: str) -> InputError:
    problem = Problem.of(Kind.TEMPLATE, code, "templates", nearest=guess, **values)
    return InputError([_placed(problem, place, resources)])


def _placed(problem: Problem, place: _SourcePlace, resources: Resources) -> Problem:
    if place.filename is None or problem.source != "templates":
        return problem
    return replace(problem, source=resources.display(Path(place.filename)), line=place.line)


def _line_of(trace: TracebackType) -> int:
    """Return the template's line; Jinja puts it in place of the compiled one's for an Exception only."""
    template = trace.tb_frame.f_globals.get("__jinja_template__")
    return template.get_corresponding_lineno(trace.tb_lineno) if template is not None else trace.tb_lineno


def _source_place(error: BaseException, folder: Path | None = None) -> _SourcePlace:
    """Return the innermost place of a template that Jinja compiled, below `folder` where one is named."""
    place = _SourcePlace(filename=None, line=None)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "/templates/" in name and not name.endswith(".py") and name.startswith(str(folder or "")):
            place = _SourcePlace(filename=name, line=_line_of(trace))
        trace = trace.tb_next
    return place
