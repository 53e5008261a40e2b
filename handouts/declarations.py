"""The C declarations that WeasyPrint parses at every start -> the same, parsed ahead of time and shipped."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cffi

from handouts import declared

DECLARED = Path(__file__).with_name("declared.py")


def source_digest() -> str:
    """Return a digest of the installed WeasyPrint's declarations, without importing it; "" if it is missing."""
    package = find_spec("weasyprint")
    if package is None or package.origin is None:
        return ""
    source = Path(package.origin).parent / "text" / "ffi.py"
    return hashlib.sha256(source.read_bytes()).hexdigest() if source.is_file() else ""


class PrecompiledFFI:
    """Stands for cffi.FFI: takes declarations without parsing them, since the compiled ones already hold them."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def cdef(self, text: str) -> None:
        """Do nothing: `text` was compiled ahead of time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


@contextmanager
def prepared() -> Iterator[None]:
    """While WeasyPrint is imported, hand it declarations compiled by scripts/declare.py.

    Parsing them takes 0.22 s of a cold start (docs/explanation/facts.md). Where the installed WeasyPrint is not the one
    they were made from, nothing is changed: slower, never wrong.
    """
    if source_digest() != declared.SOURCE:
        yield
        return
    original = cffi.FFI
    cffi.FFI = lambda: PrecompiledFFI(declared.ffi)
    try:
        yield
    finally:
        cffi.FFI = original
