"""Something to look for -> the moment it is there: tests wait for what happens, and never count on how fast it does."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

HANGS = 600.0
"""Seconds after which something counts as hung on the most loaded machine: only a test that fails waits so long."""


def until(look: Callable[[], Found], what: str | Callable[[], str]) -> Found:
    """Return what `look` finds as soon as it finds something; fail where it hangs, saying `what` did not happen."""
    end = time.monotonic() + HANGS
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"this did not happen: {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
    return found
