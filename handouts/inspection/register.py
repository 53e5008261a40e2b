"""What a piece of an inspection found -> the same again, from the user's cache, while all that it rests on is the same.

A sheet rests on more than its text does: after an edit of clinic.toml or of a template, and on another day, no text is
measured again.
"""

import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from handouts.branding import CLINIC_FILE
from handouts.composition import OF_NO_SHEET
from handouts.fingerprints import fonts_fingerprint, program_fingerprint
from handouts.inspection.sampling import has_own_look
from handouts.inspection.trials import Extent, Mailing, Reading, Trial, Tried, Work
from handouts.languages import canonical, folder_of, lineage
from handouts.records import Branding, Document
from handouts.resources import Resources, digest

_TEXTS, _SHEETS = ("library", "locales"), "templates"
_OTHERS = "templates of no sheet"
_EVERY = ""
_OF_SOME = ("services", "codes", "texts", "approvals")
"""Tables of clinic.toml that no trial rests on, or on no more of than its language's or its document's."""
_OF_LOOK = "colours"
"""The table that only a whole sheet can be at fault for, where the templates are those that ship."""
_NUMBERS = ("telephone", "out_of_hours")
_SHOWN, _SHOWN_CONTACT = ("address", "logo", "paper", "links", "typeface"), ("email", "website")
"""What a sheet shows or is laid out by, and no trial of its texts asks for; of clinic.toml and of its `[contact]`."""
_FIGURE = re.compile(r"[0-9]")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """What was found; `lines` is a digest of what clinic.toml has where, "" where no problem names a line of it."""

    tried: Tried
    lines: str


_ADAPTER = TypeAdapter(_Kept)
_canonical = cache(canonical)


class Register:
    """Remembers what each piece of work found, under a digest of all that it rests on: only what changed is done again.

    All rest on the program and its libraries, and on every file of the library and the locales but those of other
    languages and other documents. A sheet rests besides on its templates, the fonts of the machine, the day, and
    clinic.toml, logo and faces, but for what clinic.toml says in other languages, of services and codes, to approve
    other documents, of colours where the sheet is not tried whole, and of all that a sheet shows where only its texts
    are held together. Of the other documents `library` tells what the clinic's own periods are held against. An email
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
        # What is wrong with a value has its line; what has none is that something is not there.
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

    def _of_clinic(self, work: Work) -> tuple[str, ...]:
        """Return what clinic.toml says in a language and of a document, and what can be at fault where it is shown."""
        approvals = [replace(one, line=None) for one in self._branding.approvals if one.document == work.document]
        extent = work.extent if isinstance(work, Trial) else None
        colours = self._table.get(_OF_LOOK) if extent is Extent.WHOLE or self._has_own_look else None
        shown = "" if extent is Extent.TEXTS else self._shown
        return repr(self._branding.texts.get(work.language)), repr(approvals), repr(colours), shown

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
        return any(path.is_symlink() and path.is_dir() for _, _, path in self._paths)

    @cached_property
    def _paths(self) -> tuple[tuple[str, Path, Path], ...]:
        """Return (shelf, root, path) of all that stands on the shelves, those of a root in order."""
        roots = ((shelf, root) for shelf in (*_TEXTS, _SHEETS) for root in self._resources.roots(shelf))
        return tuple((shelf, root, path) for shelf, root in roots for path in sorted(root.rglob("*")))

    @cached_property
    def _files(self) -> dict[tuple[str, str, str], str]:
        """Return a digest of the shelves' files, the clinic's and the shipped ones, by shelf, language and document."""
        found: dict[tuple[str, str, str], list[bytes]] = defaultdict(list)
        for shelf, root, path in self._paths:
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
        others = (*_OF_SOME, *_SHOWN, _OF_LOOK, "contact")
        said = {key: value for key, value in self._table.items() if key not in others}
        shown = (*_SHOWN_CONTACT, *_NUMBERS)
        contact = {key: value for key, value in self._table["contact"].items() if key not in shown}
        declared = [
            (document.id, tuple(document.treatments), [period.id for period in document.waiting_periods])
            for document in self._library
        ]
        return digest(tuple(repr(part).encode() for part in (said, contact, self._today, declared)))

    @cached_property
    def _shown(self) -> str:
        """Return a digest of what a sheet shows or is laid out by besides files."""
        branding = self._branding
        said = [self._table.get(key) for key in _SHOWN]
        contact = [self._table["contact"].get(key) for key in _SHOWN_CONTACT]
        fonts = fonts_fingerprint(branding.typeface)
        parts = (said, contact, self._numbers, fonts, branding.logo, branding.faces)
        return digest(tuple(repr(part).encode() for part in parts))

    @cached_property
    def _has_own_look(self) -> bool:
        return has_own_look(self._resources, self._branding)

    @cached_property
    def _numbers(self) -> tuple[object, ...]:
        """Return the telephone numbers, each figure as any other: all are equally wide; and whether they are the same.

        Where a template of the clinic's own may do anything with a number, or a font of its own may draw one otherwise,
        they are as they stand.
        """
        numbers = (self._branding.telephone, self._branding.out_of_hours)
        if self._has_own_look:
            return numbers
        written = [_FIGURE.sub("0", one.national) if one else "" for one in numbers]
        return (*written, numbers[0] == numbers[1])

    @cached_property
    def _table(self) -> dict[str, Any]:
        return tomllib.loads(((self._resources.clinic or Path()) / CLINIC_FILE).read_text("utf-8-sig"))

    @cached_property
    def _lines(self) -> str:
        """Return a digest of where clinic.toml has its keys, and of what else a problem may quote of it."""
        branding = self._branding
        quoted = (branding.lines, branding.telephone, branding.out_of_hours, branding.colours)
        return digest(tuple(repr(part).encode() for part in quoted))
