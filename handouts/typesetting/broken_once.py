"""A line of text from right to left -> the same line, broken once.

WeasyPrint 70 breaks each such line twice: it holds the place of the finished line against that of an empty one, which
from right to left are never the same. Where no float stands beside a line, the second time does what the first did, and
all that stands in the line, a column of text perhaps, is laid out again. Of a line within a line that is four times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from handouts.typesetting.engine import Work, wrap


@dataclass(slots=True)
class _Beginning:
    """The line about to be broken; None between two. `collecting_complaints` lets one thread typeset at a time."""

    line: Any = None


_beginning = _Beginning()


def break_once() -> None:
    """Put the wrappers into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.NEXT_LINE, _noting)
    wrap(Work.PLACE_LINE, _settling)


def _noting(next_line: Callable[..., Any]) -> Callable[..., Any]:
    def noting(context: Any, line: Any, y: float, bottom: float, skip: Any, block: Any, *rest: Any) -> Any:
        *_, letter_style, line_style = rest
        is_plain = not (context.excluded_shapes or letter_style or line_style or _has_set_apart(line))
        _beginning.line = line if is_plain and block.style["direction"] == "rtl" else None
        return next_line(context, line, y, bottom, skip, block, *rest)

    return noting


def _settling(place: Callable[..., Any]) -> Callable[..., Any]:
    def settling(context: Any, box: Any, *rest: Any, **options: Any) -> Any:
        found = place(context, box, *rest, **options)
        if box is _beginning.line:
            _beginning.line = None
            box.height = inf  # WeasyPrint breaks a line again only if it is higher than it was.
        return found

    return settling


def _has_set_apart(box: Any) -> bool:
    """Return whether something of a line stands elsewhere, as a float or a footnote; a list's marker does not count."""
    return any(
        not (child.is_in_normal_flow() or child.is_absolutely_positioned()) or _has_set_apart(child)
        for child in getattr(box, "children", ())
    )
