"""A clinic's documents, languages and files -> which of its sheets are laid out and looked at, and mailed.

What is found how:

- of every document in every language: what its text, its catalogue, its periods, its signatures and clinic.toml are
  worth (held together, as for a sheet), and how well it reads;
- of a whole trial besides: what a template loses, loads or links to (composed); text that is missing, too small, out of
  its order or off the paper, too many pages (laid out); letters that no font has, stray fonts, tables and lists that a
  PDF cannot tell (written); text that is covered, squeezed, pale or garbled (its picture); and what an email loses.

What only a whole trial finds comes from templates, style, typeface, colours, the clinic's own words and the letters of
a language. Every shipped text has been composed and laid out in its language under the shipped look by this project's
own tests (tests/test_typesetting.py). So where templates, typeface and texts are what ships, as many documents as have
every kind of block between them are tried whole in one language of each direction. In one language of each other set
of fonts, and in each for which clinic.toml has words of its own, one document is tried with no other blocks than those
that say something of the clinic. The clinic's own are whole in each. A sheet that is made is always laid out, and
judged where its look is new.

What a sheet as short as that cannot tell is whether the clinic's words make a page too many, which is a warning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from handouts.inspection.trials import Extent, Trial
from handouts.languages import BASE_FAMILY, folder_of, language, lineage
from handouts.records import Block, BlockKind, Branding, Document
from handouts.resources import Resources

_DIRECTIONS = 2
"""Ways that a language can be written: from the left and from the right."""


def trials(pairs: Sequence[tuple[Document, str]], resources: Resources, branding: Branding) -> tuple[Trial, ...]:
    """Return a trial of each document in each language, in their order."""
    tried = {(one.document, one.language): one for one in _laid_out(pairs, resources, branding)}
    return tuple(
        tried.get((document.id, tag)) or Trial(document=document.id, language=tag, extent=Extent.TEXTS)
        for document, tag in pairs
    )


def has_own_look(resources: Resources, branding: Branding) -> bool:
    """Return whether sheets look otherwise than in what ships, but for colours, logo and order."""
    return bool(branding.faces or branding.typeface != BASE_FAMILY or resources.own_names("templates", "**/*"))


def _laid_out(pairs: Sequence[tuple[Document, str]], resources: Resources, branding: Branding) -> Iterator[Trial]:
    looks_otherwise = has_own_look(resources, branding)
    own_documents = {name.removesuffix(".md") for name in resources.own_names("library", "*.md")}
    own_folders = {name.partition("/")[0] for name in resources.own_names("locales", "*/**/*")}
    kinds_of = {document.id: kinds(document.blocks) for document, _ in pairs}
    tags = dict.fromkeys((branding.default_language, *(tag for _, tag in pairs)))
    directions: set[str] = set()
    fonts: set[tuple[str, ...]] = set()
    for tag in tags:
        own = language(tag)
        has_own_words = any(folder_of(one) in own_folders for one in lineage(tag))  # A catalogue may hold any text.
        shipped = []
        for document in (one for one, known in pairs if known == tag):
            if looks_otherwise or has_own_words or document.id in own_documents:
                yield Trial(document=document.id, language=tag)
            else:
                shipped.append(document)
        if not shipped or (own.fonts in fonts and tag not in branding.texts):
            continue
        # Which way a language is written is asked no more than it must be: Babel reads the whole language for it.
        is_known = len(directions) == _DIRECTIONS or own.direction in directions
        chosen = _with_every_kind(shipped, kinds_of)
        if is_known:
            yield Trial(document=next(chosen).id, language=tag, extent=Extent.WORDS)
        else:
            yield from (Trial(document=one.id, language=tag) for one in chosen)
        directions |= set() if is_known else {own.direction}
        fonts.add(own.fonts)


def _with_every_kind(documents: Sequence[Document], kinds_of: Mapping[str, frozenset[BlockKind]]) -> Iterator[Document]:
    """Yield as many documents as have every kind of block between them, those with most kinds first."""
    missing: frozenset[BlockKind] = frozenset().union(*(kinds_of[one.id] for one in documents))
    while missing:
        most = max(documents, key=lambda one: len(missing & kinds_of[one.id]))
        missing -= kinds_of[most.id]
        yield most


def kinds(blocks: Iterable[Block]) -> frozenset[BlockKind]:
    """Return the kinds of blocks and of all that stands in them."""
    return frozenset(kind for block in blocks for kind in (block.kind, *kinds(block.children)))
