"""Sheets that were looked at, letter by letter -> a register: each look is judged once, not for each patient.

The press judges a look's first sheet; the others share its templates, texts, style and layout, and differ only in what
is the patient's own.
"""

from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from handouts.records import ComposedHandout
from handouts.resources import digest

_JUDGES = (
    "letters.py",
    "typesetting/characters.py",
    "typesetting/legibility.py",
    "typesetting/lines.py",
    "typesetting/picture.py",
    "typesetting/screen.py",
    "typesetting/setting.py",
)
_LIBRARIES = ("weasyprint", "pypdfium2")


class Looks:
    """Remembers which looks passed: in `folder`, the user's own, or for as long as it lives where that is None.

    A register entry is an empty file named by a digest; it holds nothing of a patient. One made by other rules or
    libraries does not count.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / "looks"
        self._passed: set[str] = set()

    def has(self, handout: ComposedHandout) -> bool:
        """Return whether a sheet of this look has passed."""
        key = self._key(handout)
        return key in self._passed or (self._folder is not None and (self._folder / key).is_file())

    def add(self, handout: ComposedHandout) -> None:
        """Note that a sheet of this look has passed; a folder that cannot be written to costs time, no more."""
        key = self._key(handout)
        is_noted = key in self._passed
        self._passed.add(key)
        if is_noted or self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            (self._folder / key).touch(mode=0o600)
        except OSError:
            return

    def _key(self, handout: ComposedHandout) -> str:
        own = (handout.look, str(handout.format), f"{handout.smallest:g}")
        return digest((*(part.encode() for part in own), self._rules.encode()))[:32]

    @cached_property
    def _rules(self) -> str:
        package = files("handouts")
        judges = tuple(package.joinpath(name).read_bytes() for name in _JUDGES)
        return digest((*judges, *(version(name).encode() for name in _LIBRARIES)))
