"""The code of a Problem and its values -> what is wrong and what to do, in words, from locales/en/problems.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache

from handouts.codes import Code
from handouts.shelves import SHELVES


@cache
def wordings() -> Mapping[str, Mapping[str, str]]:
    """Return the wording of every code."""
    with (SHELVES["locales"] / "en" / "problems.toml").open("rb") as file:
        return tomllib.load(file)


def worded(code: Code, values: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong and what to do, as one or a few sentences each."""
    wording = wordings()[code]
    return wording["what"].format(**values), wording["do"].format(**values)
