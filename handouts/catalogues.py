"""The library and the templates -> template catalogues, updated catalogues, and how far each translation is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2.ext import babel_extract

from handouts import composition, documents, translation
from handouts.codes import Code
from handouts.errors import InputError, Kind, nearest
from handouts.languages import base_of, known_tags
from handouts.records import HEADINGS, Document, Message, ReviewState, TranslationReview, messages
from handouts.resources import Resources, is_inside, read_text, write_texts
from handouts.translation import LABELS, SOURCE_LANGUAGE, parse, po_name

_JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_KEYWORDS = ("_", "english")


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """One cell of the status table: a document (or the labels) in a language."""

    name: str
    language: str
    state: translation.State
    review: ReviewState


def document_ids(resources: Resources) -> tuple[str, ...]:
    """Return the ids of every document in the library."""
    return tuple(name.removesuffix(".md") for name in resources.names("library", "*.md"))


def label_messages(resources: Resources) -> tuple[Message, ...]:
    """Return the labels that the templates ask for with _("..."), in the order of the files, and those of headings."""
    names = (*resources.names("templates", "**/*.html"), *resources.names("templates", "**/*.txt"))
    found = _asked_for((name for name in names if name.partition("/")[0] not in FOR_STAFF), resources)
    for text, comment in (*((heading.label, "") for heading in HEADINGS.values()), *_COMPOSED_LABELS):
        found.setdefault(text, Message(context="", text=text, line=0, comment=comment))
    return tuple(found.values())


FOR_STAFF = ("desk", "preview", "gallery")
"""Folders of templates for pages that no patient gets; the desk's words have a catalogue of its name."""
DESK = FOR_STAFF[0]


def desk_messages() -> tuple[Message, ...]:
    """Return the words of the desk's pages."""
    shipped = Resources()
    return tuple(_asked_for(shipped.names("templates", f"{DESK}/*.html"), shipped).values())


def _asked_for(names: Iterable[str], resources: Resources) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for name in names:
        path = resources.find("templates", name)
        assert path is not None, "listed a moment ago"
        composition.compiled(name, resources)  # Babel's own reader tells neither file nor line of what it cannot read.
        with path.open("rb") as file:
            for line, _, text, comments in babel_extract(file, _KEYWORDS, ("i18n:",), _JINJA):
                if isinstance(text, str):
                    comment = " ".join(part.removeprefix("i18n:").strip() for part in comments)
                    found.setdefault(text, Message(context="", text=text, line=line, comment=comment))
    return found


_COMPOSED_LABELS = (
    ("Treatment day:", "The first day of the timeline; its date follows."),
    ("Day {day}:", "A day of the timeline, counted from the treatment; its date follows."),
    ("Days {first} to {last}:", "Days of the timeline, in numbers: Days 1 to 3. Their dates follow."),
    ("{first} to {last}", "Two dates: Nov 22 to Nov 24."),
    ("{first_day} to {last_day}", "Opening hours: Monday to Friday. CLDR's names of days come in as they stand alone."),
    ("{opens} to {closes}", "Opening hours, two times: 8:00 AM to 6:00 PM. In words where a line runs from the right."),
    ("{days}: {times}", "Opening hours, a line: Monday to Friday: 8:00 AM to 6:00 PM. A language has its own colon."),
    ("{one}, {other}", "Opening hours, a list of days or times: Monday, Wednesday. A language has its own comma."),
    ("closed", "Opening hours, in the place of the times: Sunday: closed."),
    ("Always avoid", "In place of how long to wait: tanning beds. Not a bare “never”, which reads as no wait at all."),
)
"""Labels that handouts/composition asks for itself."""


def extract(resources: Resources, folder: Path) -> tuple[Path, ...]:
    """Write the template catalogue (.pot) of the labels and of each document to `folder`; return their paths."""
    made = ((name, translation.template(name, found, source)) for name, source, _, found in _sources(resources))
    return _written({folder / f"{name}.pot": text for name, text in made}, resources.clinic or folder)


def _written(texts: Mapping[Path, str], home: Path) -> tuple[Path, ...]:
    write_texts(texts, home, kind=Kind.TRANSLATION)
    return tuple(texts)


def update(resources: Resources, folder: Path, languages: Iterable[str], names: Iterable[str] = ()) -> tuple[Path, ...]:
    """Bring the catalogues of these languages in `folder` up to date with their sources; return the paths written.

    A clinic's catalogues hold what it says itself: what is in them already, and what is not translated in what ships.
    Those of a variant of another language hold what is in them already and would read otherwise without them. One that
    would be empty is not begun. Raises InputError for a name that is neither a document's nor LABELS nor DESK.
    """
    known = (LABELS, DESK, *document_ids(resources))
    wanted = tuple(names) or known
    if unknown := [name for name in wanted if name not in known]:
        raise InputError(documents.unknown_document(name, known) for name in unknown)
    written: dict[Path, str] = {}
    for name, source, spoken, found in _sources(resources):
        for language in languages:
            if name not in wanted or (resources.clinic is not None and language == spoken):
                continue
            path = folder / po_name(name, language)
            old = _so_far(path, resources.clinic or folder)
            needed = _needed(found, name, language, old, resources)
            if not needed and not old:
                continue
            written[path] = translation.updated(name, language, needed, source, old)
    return _written(written, resources.clinic or folder)


def _so_far(path: Path, home: Path) -> str:
    """Return the text of a catalogue that is to be written anew, or ""; raise InputError where it is outside."""
    if not is_inside(home, path):
        raise InputError.of(Kind.TRANSLATION, Code.LEADS_OUTSIDE, str(path))
    return read_text(path, kind=Kind.TRANSLATION, source=str(path)) if path.exists() else ""


def _needed(found: Sequence[Message], name: str, language: str, old: str, resources: Resources) -> tuple[Message, ...]:
    """Return the messages that belong into a catalogue, which is `old` so far."""
    keys = {(message.context, message.text): message for message in found}
    if base_of(language) != language:
        wanted = _so_far_said(found, name, old) - _catalogue(name, language, resources).repeated
    elif resources.clinic is None:
        wanted = set(keys)
    else:
        shipped = translation.catalogue(name, language, Resources()).entries
        whole = {key for key, entry in shipped.items() if entry.text and not entry.fuzzy}
        wanted = _so_far_said(found, name, old) | (keys.keys() - whole)
    return tuple(message for key, message in keys.items() if key in wanted)


def _so_far_said(found: Sequence[Message], name: str, old: str) -> set[tuple[str, str]]:
    """Return the messages of a catalogue: of a text that has changed, the nearest of today's.

    So the words that somebody wrote stay, and wait to be read.
    """
    kept = {(message.context or "", str(message.id)) for message in parse(old, name)} if old else set()
    for context, text in kept - {(message.context, message.text) for message in found}:
        texts = (message.text for message in found if message.context == context)
        kept.add((context, nearest(text, texts)))
    return kept


def _catalogue(name: str, language: str, resources: Resources) -> translation.Catalogue:
    if name in (LABELS, DESK):
        return translation.catalogue(name, language, resources)
    return translation.catalogue_of(documents.load(name, resources), language, resources)


def status(resources: Resources) -> tuple[Status, ...]:
    """Return how far the labels and each document are in each language that sheets can be set in."""
    rows = []
    for name, _, spoken, found in _sources(resources):
        document = None if name in (LABELS, DESK) else documents.load(name, resources)
        for language in known_tags():
            if language == spoken:
                continue
            if document is None:
                catalogue = translation.catalogue(name, language, resources)
                review = translation.labels_review(catalogue)
            else:
                catalogue = translation.catalogue_of(document, language, resources)
                review = translation.text_review(document, catalogue)
            state = translation.state(found, catalogue)
            rows.append(Status(name=name, language=language, state=state, review=review.state))
    return tuple(rows)


def review(resources: Resources, folder: Path, name: str, language: str, by: TranslationReview) -> Path:
    """Sign the translation of a document, or of the fixed labels, and return the catalogue that says so, in `folder`.

    What is signed is the merged text, as sheets of this clinic print it. Raises InputError where the translation is
    not whole and true to its source: nobody can have reviewed that.
    """
    catalogue = _catalogue(name, language, resources)
    if name == LABELS:
        translation.labels(language, resources)
        current = translation.labels_digest(name, language, translation.own_labels(catalogue))
    else:
        document = documents.load(name, resources)
        translation.translate(document, catalogue)
        current = translation.text_digest(document, catalogue)
    path, home = folder / po_name(name, language), resources.clinic or folder
    (written,) = _written({path: translation.signed(_so_far(path, home), by, current)}, home)
    return written


def pack(resources: Resources, name: str, language: str, folder: Path) -> Path:
    """Write a catalogue for a translator's program, each message with the place where it stands; return its path.

    That of a variant of another language has every message too, as sheets print it: what its translator leaves as it
    is, `update` takes out again.
    """
    document = documents.load(name, resources)
    known = translation.catalogue_of(document, language, resources)
    found = translation.with_places(messages(document))
    if known.base is not None:
        pack_text = translation.filled(found, document.source_name, known, name)
    else:
        old = resources.find("locales", po_name(name, language)) if known.entries else None
        text = read_text(old, kind=Kind.TRANSLATION, source=str(old)) if old else ""
        pack_text = translation.updated(name, language, found, document.source_name, text)
    (written,) = _written({folder / f"{name}.{language}.po": pack_text}, folder)
    return written


def _sources(resources: Resources) -> Iterable[tuple[str, str, str, tuple[Message, ...]]]:
    """Yield (catalogue's name, where its texts stand, in which language, its messages)."""
    yield LABELS, "templates", SOURCE_LANGUAGE, label_messages(resources)
    if resources.clinic is None:
        yield DESK, f"templates/{DESK}", SOURCE_LANGUAGE, desk_messages()
    for identifier in document_ids(resources):
        document: Document = documents.load(identifier, resources)
        yield identifier, document.source_name, document.language, messages(document)
