"""A clinic's documents, languages and files -> which of its sheets are laid out and looked at, and mailed.

What is found how:

- of every document in every language: what its text, its catalogue, its periods, its signatures and clinic.toml are
  worth (held together, as for a sheet), and how well it reads;
- of a whole trial besides: what a template loses, loads or links to (composed); text that is missing, too small, out of
  its order or off the paper, too many pages (laid out); letters that no font has, stray fonts, tables and lists that a
  PDF cannot tell (written); text that is covered, squeezed, pale or garbled (its picture); and what an email loses.

What only a whole trial finds comes from templates, style, typeface, colours, the clinic's own words and the letters of
a language. Every shipped text has been composed and laid out in its language under the shipped look by this project's
own tests (tests/test_typesetting.py). So where templates, typeface and texts are what ships, one document is tried
whole in one language of each set of fonts, and in each for which clinic.toml has words of its own; and in one language
of each direction as many documents as have every kind of block between them. The clinic's own are whole in each. A
sheet that is made is always laid out, and judged where its look is new.
"""

from collections.abc import Iterable, Iterator, Sequence

from handouts.inspection.trials import Trial
from handouts.languages import BASE_FAMILY, folder_of, language, lineage
from handouts.records import Block, BlockKind, Branding, Document
from handouts.resources import Resources


def trials(pairs: Sequence[tuple[Document, str]], resources: Resources, branding: Branding) -> tuple[Trial, ...]:
    """Return a trial of each document in each language, in their order."""
    whole = frozenset(_whole(pairs, resources, branding))
    return tuple(
        Trial(document=document.id, language=tag, is_whole=(document.id, tag) in whole) for document, tag in pairs
    )


def _whole(
    pairs: Sequence[tuple[Document, str]], resources: Resources, branding: Branding
) -> Iterator[tuple[str, str]]:
    has_own_look = branding.faces or branding.typeface != BASE_FAMILY or resources.own_names("templates", "**/*")
    tags = dict.fromkeys((branding.default_language, *(tag for _, tag in pairs)))
    directions: set[str] = set()
    fonts: set[tuple[str, ...]] = set()
    for tag in tags:
        own = language(tag)
        shipped = []
        for document in (one for one, known in pairs if known == tag):
            if has_own_look or _is_own(document, tag, resources):
                yield document.id, tag
            else:
                shipped.append(document)
        if not shipped or (own.fonts in fonts and tag not in branding.texts):
            continue
        chosen = [*_with_every_kind(shipped)]
        yield from ((one.id, tag) for one in chosen[: 1 if own.direction in directions else None])
        directions.add(own.direction)
        fonts.add(own.fonts)


def _is_own(document: Document, tag: str, resources: Resources) -> bool:
    """Return whether the clinic has a text of its own in what a sheet says; a catalogue may hold any of them."""
    if resources.own_names("library", f"{document.id}.md"):
        return True
    return any(resources.own_names("locales", f"{folder_of(one)}/**/*") for one in lineage(tag))


def _with_every_kind(documents: Sequence[Document]) -> Iterator[Document]:
    """Yield as many documents as have every kind of block between them, those with most kinds first."""
    missing: frozenset[BlockKind] = frozenset().union(*(kinds(one.blocks) for one in documents))
    while missing:
        most = max(documents, key=lambda one: len(missing & kinds(one.blocks)))
        missing -= kinds(most.blocks)
        yield most


def kinds(blocks: Iterable[Block]) -> frozenset[BlockKind]:
    """Return the kinds of blocks and of all that stands in them."""
    return frozenset(kind for block in blocks for kind in (block.kind, *kinds(block.children)))
