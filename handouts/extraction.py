"""The file of a document -> its messages, for Babel's extraction (entry point babel.extractors: handouts-document)."""

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from handouts.documents import parse
from handouts.records import messages


def extract_document(
    fileobj: BinaryIO,
    keywords: Mapping[str, object],  # noqa: ARG001 - Babel passes it by this name
    comment_tags: Collection[str],  # noqa: ARG001 - the same
    options: Mapping[str, object],  # noqa: ARG001 - the same
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Yield (line, "pgettext", (context, text), comments) for each text block, as Babel's extractors do.

    The context is the kind of block, so that "Do not smoke." under do-not and under another kind stay apart.
    Raises InputError where the document itself has faults.
    """
    text = fileobj.read().decode("utf-8-sig").replace("\r\n", "\n")
    for message in messages(parse(text, getattr(fileobj, "name", "document"))):
        comments = [message.comment] if message.comment else []
        yield message.line, "pgettext", (message.context, message.text), comments
