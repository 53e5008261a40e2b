"""Document + Catalogue -> the document in that language, whole, or a Problem for each message not fit to print."""

from collections.abc import Iterator
from dataclasses import replace

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.records import Document, Message, messages, rewrite
from handouts.translation.catalogue import Catalogue
from handouts.translation.comparison import differences


def translate(document: Document, catalogue: Catalogue) -> Document:
    """Return the document in the catalogue's language; raise InputError with every message that is not fit to print.

    A sheet is never mixed: one missing or fuzzy message refuses the whole.
    """
    problems = tuple(problem for message in messages(document) for problem in catalogue_problems(message, catalogue))
    if problems:
        raise InputError(problems)

    def translated(message: Message) -> str:
        return catalogue.entries[message.context, message.text].text

    return replace(rewrite(document, translated), language=catalogue.language)


def catalogue_problems(message: Message, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what keeps the translation of one message from being printed."""
    entry = catalogue.entries.get((message.context, message.text))
    if entry is None or not any(map(str.isalnum, entry.text)):
        yield _problem(Code.UNTRANSLATED, catalogue.source, None if entry is None else entry.line, catalogue, message)
        return
    if entry.fuzzy:
        yield _problem(Code.FUZZY, entry.source, entry.line, catalogue, message)
        return
    for code, detail in differences(message.text, entry.text):
        yield _problem(code, entry.source, entry.line, catalogue, message, detail)


def _problem(
    code: Code, source: str, line: int | None, catalogue: Catalogue, message: Message, detail: str = ""
) -> Problem:
    excerpt = message.text if len(message.text) <= 60 else message.text[:57] + "..."
    return Problem.of(Kind.TRANSLATION, code, source, line, language=catalogue.language, excerpt=excerpt, what=detail)
