"""What WeasyPrint reads at every start -> the same, read ahead of time and shipped, or only once it is used."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import cffi

from handouts import declared

SELDOM_USED = {"fontTools.subset": (), "fontTools.varLib.instancer": ("instantiateVariableFont",)}
"""Modules that WeasyPrint imports for fonts that HarfBuzz cannot make smaller, and the functions it takes from them.

They take 0.06 s of a cold start.
"""
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
        for name in dir(compiled):  # Each is asked for thousands of times a sheet, and __getattr__ takes a microsecond.
            if not name.startswith("_") and not hasattr(type(self), name):
                setattr(self, name, getattr(compiled, name))

    def cdef(self, text: str) -> None:
        """Do nothing: `text` was compiled ahead of time."""

    def dlopen(self, name: str, flags: int) -> Any:
        """Return a library that stays until the process ends.

        Python closes libraries at its end before it lets go of all that they have made. Then Pango called functions
        that were not there any more: now and then a process ended with a segmentation fault.
        """
        return self._compiled.dlopen(name, flags | os.RTLD_NODELETE)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


class PutOff(ModuleType):
    """Stands for a module that is imported when something of it is first used; `functions` are there before."""

    def __init__(self, name: str, functions: tuple[str, ...]) -> None:
        super().__init__(name)
        for function in functions:
            setattr(self, function, lambda *given, _called=function, **named: self._later(_called)(*given, **named))

    def _later(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # What the import system itself asks for.
            raise AttributeError(name)
        return self._later(name)


@contextmanager
def prepared() -> Iterator[None]:
    """While WeasyPrint is imported, hand it compiled declarations (scripts/declare.py), and wait with what is rare.

    Parsing them takes 0.22 s of a cold start (docs/explanation/facts.md). Where the installed WeasyPrint is not the one
    they were made from, nothing is changed: slower, never wrong.
    """
    if source_digest() != declared.SOURCE:
        yield
        return
    original = cffi.FFI
    cffi.FFI = lambda: PrecompiledFFI(declared.ffi)
    put_off = {name: PutOff(name, names) for name, names in SELDOM_USED.items() if name not in sys.modules}
    sys.modules.update(put_off)
    try:
        yield
    finally:
        cffi.FFI = original
        for name in put_off:
            sys.modules.pop(name, None)
