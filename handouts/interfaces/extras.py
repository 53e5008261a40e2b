"""The packages of an extra -> a Problem that names those that are not installed here."""

from importlib.util import find_spec

from handouts.codes import Code
from handouts.errors import InputError, Kind

_DESK = {"multipart": "python-multipart", "starlette": "starlette", "uvicorn": "uvicorn", "watchfiles": "watchfiles"}
"""The packages of the extra `desk` by the module that each brings."""


def need_desk(command: str) -> None:
    """Raise InputError where a package is not installed that local pages are served with."""
    missing = [package for module, package in _DESK.items() if find_spec(module) is None]
    if missing:
        raise InputError.of(Kind.MACHINE, Code.DESK_NOT_INSTALLED, command, packages=", ".join(missing))
