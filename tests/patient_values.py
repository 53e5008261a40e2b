"""A patient's values and what came out -> those of them that it repeats."""

import re
from collections.abc import Iterable

HASH = re.compile(r"\b[0-9a-f]{16,}\b")


def repeated(values: Iterable[str], text: str) -> list[str]:
    """Return the values that stand in a text, whatever their case, but for what chance puts into hashes.

    “4711” comes about in one of some 65,000 places of a random key: it says nothing of a patient there.
    """
    without_hashes = HASH.sub("", text.casefold())
    return [value for value in values if value.casefold() in without_hashes]
