"""A computed style -> what follows from its fonts alone, worked out once for all lines that are set in it.

WeasyPrint 70 writes the names of all fonts of a style, sixty on a sheet, into a key for each line and a description for
each piece of text. No font of a style changes once a text was set in it.
"""

from collections.abc import Callable
from typing import Any

from handouts.typesetting.engine import Work, wrap


def work_out_once() -> None:
    """Put the wrappers into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.STYLE_KEY, _kept)
    wrap(Work.DESCRIBE_FONT, _kept)


def _kept(work_out: Callable[..., Any]) -> Callable[..., Any]:
    def kept(style: Any, **options: bool) -> Any:
        known = vars(style).setdefault("worked_out", {})
        name = (work_out, *options.values())
        if name not in known:
            known[name] = work_out(style, **options)
        return known[name]

    return kept
