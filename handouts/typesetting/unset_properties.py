"""A property that no rule of a sheet's style sets for an element -> its value, without asking what else could set it.

WeasyPrint 70 asks all that of each property of each element, and most properties of most elements are set by no rule.
"""

from collections.abc import Callable
from typing import Any

from handouts.typesetting.engine import Work, unset, wrap

_PLAIN = (str, int, float, type(None))
"""Kinds of values that are a parent's and its child's alike: no sum that is yet to be worked out."""


def pass_over_unset() -> None:
    """Put the wrapper into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.COMPUTE_STYLE, _passing_over)


def _passing_over(compute: Callable[..., Any]) -> Callable[..., Any]:
    plain, of_sides, inherited = unset()

    def passing_over(style: Any, name: str) -> Any:
        rules = style.cascaded
        if name not in rules:
            if name in plain:
                value = style[name] = plain[name]
                return value
            if name in inherited and style.parent_style is not None:
                value = style.parent_style[name]
                if type(value) in _PLAIN:
                    style[name] = value
                    return value
            elif name in of_sides and rules.keys().isdisjoint(of_sides[name].also_set_by):
                value = style[name] = of_sides[name].value
                return value
        return compute(style, name)

    return passing_over
