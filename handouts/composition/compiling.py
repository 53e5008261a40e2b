"""A template's text -> what Jinja compiles of it, or was kept of it before, or its faulty line."""

import pickle
import re
import threading
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, FileSystemBytecodeCache, TemplateSyntaxError
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handouts.lines import first_line
from handouts.resources import MAXIMUM_BYTES

_GIVEN_UP = (ValueError, RecursionError, MemoryError, OverflowError)
"""What Python raises for numbers of thousands of digits, and for what is nested too deeply, besides SyntaxError."""
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (RecursionError, "it is nested too deeply"),
    (MemoryError, "it makes a text that is far too long"),
    (Exception, "a number is too long"),
)
_DEBUG_INFO = re.compile(r"^debug_info = '([0-9=&]*)'", re.MULTILINE)
_DAMAGED = (OSError, ValueError, EOFError, TypeError, AttributeError, ImportError, LookupError, pickle.PickleError)
_LARGEST = 2_000_000
"""Bytes of a compiled template that are worth their place in the user's cache; a sheet's take 100,000."""
_MOST = 32
"""Compiled templates in memory: a sheet has five, an email six."""


def _bounded(value: Any) -> Any:
    """Return what one place of a template puts in; raise MemoryError for more characters than any file of ours has."""
    if isinstance(value, str) and len(value) > MAXIMUM_BYTES:
        raise MemoryError
    return value


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, for which every text that cannot be compiled is a TemplateSyntaxError with its line.

    A text without end is a MemoryError where a template puts it in, not later where no line is known.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, finalize=_bounded, **options)

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, *args: Any) -> Any:
        """Return the compiled template, as Jinja asks."""
        try:
            return super().compile(source, name, filename, *args)
        except _GIVEN_UP as error:
            line = first_line(str(source), self._gives_up)
            reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
            raise TemplateSyntaxError(reason, line, name, filename) from None

    def _gives_up(self, text: str) -> bool:
        try:
            super().compile(text)
        except _GIVEN_UP:
            return True
        except TemplateSyntaxError:
            return False
        return False

    def _compile(self, source: str, filename: str) -> CodeType:
        try:
            return super()._compile(source, filename)
        except SyntaxError as error:
            raise TemplateSyntaxError(str(error.msg), _line(source, error.lineno or 1), None, filename) from None
        except MemoryError:  # What Python's parser raises for the depth of a program; Jinja's own is of a long text.
            raise RecursionError from None


def _line(program: str, lineno: int) -> int:
    """Return the template's line from which a line of the program that Jinja made of it comes."""
    found = _DEBUG_INFO.search(program)
    pairs = (pair.split("=") for pair in found[1].split("&")) if found and found[1] else ()
    return max((int(line) for line, begins in pairs if int(begins) <= lineno), default=1)


class KeptTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder of the user's own; where it cannot be read or written, they are compiled anew."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what is kept, if anything is."""
        try:
            super().load_bytecode(bucket)
        except _DAMAGED:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in the bucket, if the disk takes it."""
        if len(bucket.bytecode_to_string()) > _LARGEST:
            return
        try:
            super().dump_bytecode(bucket)
        except OSError:
            return


class TemplatesOfThisProcess(BytecodeCache):
    """Compiled templates in memory, for presses without a cache folder: they take a fifth of a first sheet's time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what is kept, if anything is."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in the bucket, in place of what was kept first where there is too much."""
        assert bucket.code is not None, "it was compiled"
        with self._lock:
            self._kept[bucket.key, bucket.checksum] = bucket.code
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
