"""What a trial found -> the same again, from the user's cache, while nothing that it depends on has changed."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from handouts.disk import write_synced
from handouts.fingerprints import fingerprints, fonts_fingerprint
from handouts.inspection.trials import Trial, Tried
from handouts.languages import canonical, lineage
from handouts.records import Branding, Document
from handouts.resources import SHELVES, Resources, digest
from handouts.translation import po_name

_ADAPTER = TypeAdapter(Tried)
_SHELVES = ("library", "locales", "templates")


class Register:
    """Remembers what each trial found, under a digest of all that it depends on: then only what changed is tried again.

    Those are the program and its libraries, the fonts of the machine, the day, the clinic, and every file on the
    shelves but the other languages and the other documents, with their catalogues. Of those `library` tells what the
    clinic's own periods are held against. Without a cache nothing is remembered.
    """

    def __init__(self, resources: Resources, branding: Branding, today: date, library: Sequence[Document]) -> None:
        self._resources = resources
        self._documents = tuple(document.id for document in library)
        machine = {name: value for name, value in fingerprints().items() if name not in SHELVES}
        declared = [
            (document.id, tuple(document.treatments), [period.id for period in document.waiting_periods])
            for document in library
        ]
        common = (machine, fonts_fingerprint(branding.typeface), branding, today, declared)
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
        others = {
            f"locales/{po_name(other, tag)}"
            for other in self._documents
            for tag in lineage(trial.language)
            if other != trial.document
        }
        parts = (
            f"{place} {content}".encode()
            for place, content in self._files().items()
            if (name := place.partition(":")[0]) not in others and _concerns(name, trial)
        )
        key = digest((self._common, repr(trial).encode(), *parts))
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
    shelf, _, rest = name.partition("/")
    if shelf == "library" and rest.endswith(".md"):
        return rest == f"{trial.document}.md"
    language = canonical(rest.partition("/")[0])
    return shelf != "locales" or not language or language in (*lineage(trial.language), "en")
