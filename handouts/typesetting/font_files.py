"""A font file's bytes, as WeasyPrint takes them for each sheet -> the same bytes once, for all that keep them.

WeasyPrint 70 copies the whole file for each font of each sheet: 20 MB for a sheet in Latin letters, which a page that
is laid out once for many sheets would keep as long as itself (measured 2026-11-29).
"""

from collections import OrderedDict
from typing import Any

from handouts.typesetting.engine import Work, wrap

_LARGE = 100_000
"""Bytes; what is smaller was cut from a file, and is another one for each sheet."""
_KEPT = 24
"""Files: those of a clinic's own typeface, and of the languages that are in use, in two weights."""
_ENDS = 1024
_files: OrderedDict[tuple[int, bytes], bytes] = OrderedDict()


def _once(read: Any) -> Any:
    """Wrap WeasyPrint's reading of a font, or of a part of one."""

    def read_once(*arguments: Any, **named: Any) -> bytes | None:
        data: bytes | None = read(*arguments, **named)
        return data if data is None or len(data) < _LARGE else _same(data)

    return read_once


def _same(data: bytes) -> bytes:
    """Return these very bytes, as the object that others have of them."""
    key = (len(data), data[-_ENDS:])
    kept = _files.pop(key, None)
    if kept != data:
        kept = data
    _files[key] = kept
    if len(_files) > _KEPT:
        _files.popitem(last=False)
    return kept


def keep_files_once() -> None:
    """Put the wrapper into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.READ_FONT, _once)
