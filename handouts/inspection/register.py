"""What a piece of an inspection found -> the same again, from the user's cache, while all that it rests on is the same.

A sheet rests on more than its text does: after an edit of clinic.toml or of a template, and on another day, no text is
measured again.
"""

import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from handouts.branding import CLINIC_FILE
from handouts.composition import OF_NO_SHEET
from handouts.fingerprints import fonts_fingerprint, program_fingerprint
from handouts.inspection.trials import Mailing, Reading, Tried, Work
from handouts.languages import canonical, folder_of, lineage
from handouts.records import Branding, Document
from handouts.resources import Resources, digest

_TEXTS, _SHEETS = ("library", "locales"), "templates"
_OTHERS = "templates of no sheet"
_EVERY = ""
_OF_SOME = ("services", "codes", "texts", "approvals")
"""Tables of clinic.toml that no trial rests on, or on no more of than its language's or its document's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """What was found; `lines` is a digest of where clinic.toml has its keys, "" where no problem names such a line."""

    tried: Tried
    lines: str


_ADAPTER = TypeAdapter(_Kept)
_canonical = cache(canonical)


class Register:
    """Remembers what each piece of work found, under a digest of all that it rests on: only what changed is done again.

    All rest on the program and its libraries, and on every file of the library and the locales but those of other
    languages and other documents. A sheet rests besides on its templates, the fonts of the machine, the day, and
    clinic.toml, logo and faces, but for what clinic.toml says in other languages, of services and codes, and to approve
    other documents. Of the other documents `library` tells what the clinic's own periods are held against. An email
    rests on all that a sheet does, and on templates of no sheet. Without a cache nothing is remembered, nor where one
    of the clinic's folders is a link.
    """

    def __init__(self, resources: Resources, branding: Branding, today: date, library: Sequence[Document]) -> None:
        self._resources, self._branding, self._today, self._library = resources, branding, today, library

    def get(self, work: Work) -> Tried | None:
        """Return what this piece of work found when it was last done, or None."""
        if self._resources.cache is None or self._leads_elsewhere:
            return None
        with suppress(OSError, ValidationError):
            kept = _ADAPTER.validate_json(self._path(self._resources.cache, work).read_bytes())
            return kept.tried if kept.lines in ("", self._lines) else None
        return None

    def put(self, work: Work, tried: Tried) -> None:
        """Remember what was found; a folder that cannot be written to costs time, no more."""
        if self._resources.cache is None:
            return
        names_lines = any(one.source == CLINIC_FILE and one.line is not None for one in tried.problems)
        kept = _Kept(tried=tried, lines=self._lines if names_lines else "")
        path = self._path(self._resources.cache, work)
        temporary = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # No fsync: what a crash damages is no memory, and is found anew.
            temporary.write_bytes(_ADAPTER.dump_json(kept))
            temporary.chmod(0o600)
            temporary.replace(path)

    def _path(self, cache: Path, work: Work) -> Path:
        rests_on = (repr(work), self._program, *self._of_files(work))
        if not isinstance(work, Reading):
            rests_on = (*rests_on, self._clinic, *self._of_clinic(work))
        return cache / f"trial-{digest(tuple(part.encode() for part in rests_on))[:32]}.json"

    def _of_clinic(self, work: Work) -> tuple[str, str]:
        """Return what clinic.toml says in a language, and of a document."""
        approvals = [replace(one, line=None) for one in self._branding.approvals if one.document == work.document]
        return repr(self._branding.texts.get(work.language)), repr(approvals)

    def _of_files(self, work: Work) -> Iterator[str]:
        """Yield the digests of the files that a piece of work rests on."""
        shelves = list(_TEXTS)
        shelves += () if isinstance(work, Reading) else (_SHEETS,)
        shelves += (_OTHERS,) if isinstance(work, Mailing) else ()
        tags = (*lineage(work.language), "en")
        own = ((_EVERY, work.document), *((tag, name) for tag in tags for name in (_EVERY, work.document)))
        for shelf in shelves:
            for subject in ((_EVERY, _EVERY), *own):
                yield self._files.get((shelf, *subject), "")

    @cached_property
    def _leads_elsewhere(self) -> bool:
        """Whether one of the clinic's folders is a link: what stands behind it is not seen to change."""
        roots = (root for shelf in (*_TEXTS, _SHEETS) for root in self._resources.roots(shelf))
        return any(path.is_symlink() and path.is_dir() for root in roots for path in root.rglob("*"))

    @cached_property
    def _files(self) -> dict[tuple[str, str, str], str]:
        """Return a digest of the shelves' files, the clinic's and the shipped ones, by shelf, language and document."""
        found: dict[tuple[str, str, str], list[bytes]] = defaultdict(list)
        for shelf in (*_TEXTS, _SHEETS):
            for root in self._resources.roots(shelf):
                for path in sorted(root.rglob("*")):
                    with suppress(OSError):
                        if path.is_file():
                            name = path.relative_to(root).as_posix()
                            parts = found[self._place(shelf, name)]
                            parts += (str(root).encode(), name.encode(), path.read_bytes())
        if any(f"{folder}/".encode() in part for part in found[_SHEETS, _EVERY, _EVERY] for folder in OF_NO_SHEET):
            found[_SHEETS, _EVERY, _EVERY] += found[_OTHERS, _EVERY, _EVERY]  # A sheet includes one of them, perhaps.
        return {place: digest(tuple(parts)) for place, parts in found.items()}

    def _place(self, shelf: str, name: str) -> tuple[str, str, str]:
        """Return where a file stands: on which shelf, and of which language and which document alone it is."""
        folder, stem = name.partition("/")[0], Path(name).stem
        document = stem if stem in self._documents else _EVERY
        if shelf == _SHEETS:
            return _OTHERS if folder in OF_NO_SHEET else shelf, _EVERY, _EVERY
        if shelf == "library":
            return shelf, _EVERY, document if name == f"{document}.md" else _EVERY
        language = _canonical(folder)
        is_catalogue = language and name == f"{folder_of(language)}/LC_MESSAGES/{document}.po"
        return shelf, language or _EVERY, document if is_catalogue else _EVERY

    @cached_property
    def _documents(self) -> frozenset[str]:
        return frozenset(document.id for document in self._library)

    @cached_property
    def _program(self) -> str:
        return repr(program_fingerprint())

    @cached_property
    def _clinic(self) -> str:
        """Return a digest of what every trial rests on besides files."""
        branding = self._branding
        clinic = self._resources.clinic or Path()
        table = tomllib.loads((clinic / CLINIC_FILE).read_text("utf-8-sig"))
        said = {key: value for key, value in table.items() if key not in _OF_SOME}
        declared = [
            (document.id, tuple(document.treatments), [period.id for period in document.waiting_periods])
            for document in self._library
        ]
        fonts = fonts_fingerprint(branding.typeface)
        parts = (said, fonts, branding.logo, branding.faces, self._today, declared)
        return digest(tuple(repr(part).encode() for part in parts))

    @cached_property
    def _lines(self) -> str:
        return digest((repr(self._branding.lines).encode(),))
