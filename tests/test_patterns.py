"""A pattern takes time in proportion to its text, whatever stands there: no file makes the program stall."""

import ast
import importlib
import itertools
import math
import re
import re._constants as codes  # type: ignore[import-not-found] # typeshed leaves out what is not public
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import CHECKOUT

PACKAGE = CHECKOUT / "handouts"
METHODS = ("match", "fullmatch", "search", "findall", "finditer", "split", "sub")
LENGTH = 800
LONGER = 4
TOO_LONG = 9
"""Times as long as a text of a quarter takes: 4 by a pattern that is linear, 16 by one that is not."""
HARMLESS = 0.002
"""Seconds of a processor for the longer text."""
STALLED = 0.1
"""Seconds of a processor that no pattern of ours takes for the shorter text."""
PARTS = 10


@dataclass(frozen=True, kw_only=True)
class Used:
    """A pattern and the method by which the package asks it."""

    place: str
    pattern: re.Pattern[Any]
    method: str

    def seconds(self, text: str) -> float:
        """Return the processor time that the pattern takes for a text."""
        given: Any = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        asked = getattr(self.pattern, self.method)
        begun = time.process_time()
        found = asked(given[:0], given) if self.method == "sub" else asked(given)
        if self.method == "finditer":
            deque(found, maxlen=0)
        return time.process_time() - begun


def patterns() -> Iterator[Used]:
    """Yield each pattern with each method that the package asks it by, whether a module keeps it or writes it there."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        module = importlib.import_module(f"handouts.{name.replace('/', '.')}".removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[ast.Constant(value=form), *_]
                ):
                    if method in METHODS:
                        yield Used(place=f"{name}: {form!r}", pattern=re.compile(form), method=method)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=kept), attr=method)) if method in METHODS:
                    if isinstance(pattern := getattr(module, kept, None), re.Pattern):
                        yield Used(place=f"{name}: {kept}.{method}", pattern=pattern, method=method)


def samples(tree: Any) -> Iterator[str]:
    """Yield a character or two for each part of a parsed pattern, in its order."""
    for code, value in tree:
        match code:
            case codes.LITERAL:
                yield chr(value)
            case codes.IN:
                yield "".join(of_class(value))
            case codes.ANY | codes.NOT_LITERAL:
                yield "ab"
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                yield from samples(value[2])
            case codes.SUBPATTERN:
                yield from samples(value[3])
            case codes.ATOMIC_GROUP:
                yield from samples(value)
            case codes.BRANCH:
                for branch in value[1]:
                    yield from samples(branch)


def of_class(members: list[tuple[Any, Any]]) -> Iterator[str]:
    """Yield characters of a class."""
    kinds = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}
    if members and members[0][0] is codes.NEGATE:
        yield from "a 0"
        return
    for code, value in members[:4]:
        if code is codes.LITERAL:
            yield chr(value)
        elif code is codes.RANGE:
            yield chr(value[0])
        elif code is codes.CATEGORY:
            yield kinds.get(value, "")


def pieces(pattern: re.Pattern[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what to repeat, and what to begin with: nothing, or what a match begins with, up to each of its parts."""
    form = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parts = [part for part in samples(parser.parse(form, pattern.flags & ~re.UNICODE)) if part]
    words = re.findall(r"\w{2,}|\W{2,}", "".join(part for part in parts if len(part) == 1))
    repeated = tuple(dict.fromkeys((" ", "\n", "a", "0", *words, *"".join(parts))))[:PARTS]
    begun = tuple(dict.fromkeys("".join(part[0] for part in parts[:count]) for count in range(len(parts) + 1)))[:PARTS]
    return repeated, (*begun, *words)


def texts(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """Yield texts of a length on which a backtracking pattern of these parts may stall."""
    repeated, begun = pieces(pattern)
    for begin, part in itertools.product(begun, repeated):
        yield begin + part * (length // len(part)) + "\x01"
        yield (begin + part) * (length // len(begin + part))
        yield (begin + 20 * part) * (length // len(begin + 20 * part))
    for one, two in itertools.permutations(repeated, 2):
        yield one * (length // len(one) // 2) + two * (length // len(two) // 2) + "\x01"


USED = {used.place: used for used in patterns()}


def times_as_long(used: Used) -> tuple[float, str]:
    """Return how many times as long the first text that stalls takes than its quarter, and that text; or 0."""
    for short, long in zip(texts(used.pattern, LENGTH), texts(used.pattern, LENGTH * LONGER), strict=True):
        if used.seconds(short) > STALLED:
            return math.inf, short
        if used.seconds(long) < HARMLESS or (least := min(used.seconds(long) for _ in range(3))) < HARMLESS:
            continue
        times = least / max(min(used.seconds(short) for _ in range(3)), 1e-5)
        if times > TOO_LONG:
            return times, long
    return 0.0, ""


@pytest.mark.parametrize("place", USED)
def test_a_pattern_takes_time_in_proportion_to_its_text(place: str) -> None:
    times, text = times_as_long(USED[place])
    assert times < TOO_LONG, f"{times:.0f} times as long for {text[:60]!r}"


@pytest.mark.parametrize("form", [r"<!--\s*(.*?)\s*-->\Z", r"\s*,\s*", r"(a*b?a*)c", r"(?m)^(?!\s*$).*\n"])
def test_a_pattern_that_stalls_is_found(form: str) -> None:
    assert times_as_long(Used(place="", pattern=re.compile(form), method="findall"))[0] > TOO_LONG


def test_the_package_has_patterns() -> None:
    assert len(USED) > 150
