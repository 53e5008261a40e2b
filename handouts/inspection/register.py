"""What a trial found -> the same again, from the user's cache, while nothing that it depends on has changed."""

import os
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from handouts.disk import write_synced
from handouts.fingerprints import fingerprints, fonts_fingerprint
from handouts.inspection.trials import Trial, Tried
from handouts.languages import known_tags
from handouts.records import Branding
from handouts.resources import SHELVES, Resources, digest

_ADAPTER = TypeAdapter(Tried)
_SHELVES = ("library", "locales", "templates")


class Register:
    """Remembers what each trial found, under a digest of all that it depends on: then only what changed is tried again.

    Those are the program and its libraries, the fonts of the machine, the day, the clinic, and every file on the
    shelves but the other documents and the other languages. Without a cache nothing is remembered.
    """

    def __init__(self, resources: Resources, branding: Branding, today: date) -> None:
        self._resources = resources
        machine = {name: value for name, value in fingerprints().items() if name not in SHELVES}
        common = (machine, fonts_fingerprint(branding.typeface), branding, today)
        self._common = digest(tuple(repr(part).encode() for part in common)).encode()
        self._files = cache(self._read)

    def get(self, trial: Trial) -> Tried | None:
        """Return what this trial found when it was last made, or None."""
        path = self._path(trial)
        with suppress(OSError, ValidationError):
            return None if path is None else _ADAPTER.validate_json(path.read_bytes())
        return None

    def put(self, trial: Trial, tried: Tried) -> None:
        """Remember what a trial found; a folder that cannot be written to costs time, no more."""
        path = self._path(trial)
        if path is not None:
            with suppress(OSError):
                write_synced(_ADAPTER.dump_json(tried), path, path.with_suffix(f".{os.getpid()}"))

    def _path(self, trial: Trial) -> Path | None:
        if self._resources.cache is None:
            return None
        parts = (f"{name} {content}".encode() for name, content in self._files().items() if _concerns(name, trial))
        key = digest((self._common, trial.document.encode(), trial.language.encode(), *parts))
        return self._resources.cache / f"trial-{key[:32]}.json"

    def _read(self) -> dict[str, str]:
        """Return a digest of every file on the shelves, the clinic's and the shipped ones, by shelf and name."""
        found: dict[str, str] = {}
        for shelf in _SHELVES:
            for root in self._resources.roots(shelf):
                for path in sorted(root.rglob("*")):
                    with suppress(OSError):
                        if path.is_file():
                            found[f"{shelf}/{path.relative_to(root)}:{root}"] = digest((path.read_bytes(),))
        return found


def _concerns(name: str, trial: Trial) -> bool:
    """Return whether a file on the shelves can matter to a trial: not another document, nor another language."""
    shelf, _, rest = name.partition(":")[0].partition("/")
    if shelf == "library" and rest.endswith(".md"):
        return rest == f"{trial.document}.md"
    language = rest.partition("/")[0]
    return shelf != "locales" or language not in known_tags() or language in (trial.language, "en")
