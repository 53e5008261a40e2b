"""The code of a Problem and its values -> what is wrong and what to do, in words, from locales/en/problems.toml."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from handouts.codes import Code
from handouts.shelves import SHELVES

_MOVES = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@cache
def wordings() -> Mapping[str, Mapping[str, str]]:
    """Return the wording of every code."""
    with (SHELVES["locales"] / "en" / "problems.toml").open("rb") as file:
        return tomllib.load(file)


def worded(code: Code, values: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong and what to do, as one or a few sentences each."""
    wording, shown = wordings()[code], {key: harmless(value) for key, value in values.items()}
    return wording["what"].format(**shown), wording["do"].format(**shown)


def harmless(text: str) -> str:
    """Return a file's name, or what another program said, without what moves a terminal's cursor or turns a line."""
    return text if text.isprintable() else _MOVES.sub("\ufffd", text)
