"""Document + Catalogue -> the document in that language, whole, or a Problem for each message not fit to print."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import Document, Message, messages, rewrite
from handouts.translation.catalogue import Catalogue
from handouts.translation.comparison import differences


def translate(document: Document, catalogue: Catalogue) -> Document:
    """Return the document in the catalogue's language; raise InputError with every message that is not fit to print.

    A sheet is never mixed: one missing or fuzzy message refuses the whole.
    """
    found = messages(document)
    problems = [problem for message in found for problem in catalogue_problems(message, catalogue)]
    problems += _unused(found, catalogue)
    if problems:
        raise InputError(problems)

    def translated(message: Message) -> str:
        return catalogue.entries[message.context, message.text].text

    return replace(rewrite(document, translated), language=catalogue.language)


def labels_alone(document: Document, catalogue: Catalogue) -> Document:
    """Return the document without its text: labels by which people name things, as far as they are fit to print."""

    def translated(message: Message) -> str:
        fit = not any(catalogue_problems(message, catalogue))
        return catalogue.entries[message.context, message.text].text if fit else message.text

    return replace(rewrite(replace(document, blocks=(), planner=None), translated), language=catalogue.language)


def _unused(found: Sequence[Message], catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a Problem for each of the clinic's own messages that no text of the document has, with the nearest text."""
    used = {(message.context, message.text) for message in found}
    for key, entry in catalogue.entries.items():
        if entry.is_own and entry.text and key not in used:
            texts = (message.text for message in found if message.context == key[0])
            yield Problem.of(
                Kind.TRANSLATION,
                Code.MESSAGE_UNUSED,
                entry.source,
                entry.line,
                nearest=nearest(key[1], texts),
                language=catalogue.holder(key).language,
                excerpt=_excerpt(key[1]),
            )


def repetitions(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a warning for each of the clinic's own messages of a variant that would read the same without it.

    It does no harm today, and is not changed with the others when the clinic, or what ships, says it better one day.
    """
    for key, entry in catalogue.entries.items():
        if entry.is_own and key in catalogue.repeated and catalogue.holder(key) is catalogue:
            values = {"language": catalogue.language, "excerpt": _excerpt(key[1])}
            yield Problem.warning(Kind.TRANSLATION, Code.MESSAGE_REPEATED, entry.source, entry.line, **values)


def catalogue_problems(message: Message, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what keeps the translation of one message from being printed."""
    key = (message.context, message.text)
    entry, held = catalogue.entries.get(key), catalogue.holder(key)
    if entry is None or not any(map(str.isalnum, entry.text)):
        yield _problem(Code.UNTRANSLATED, held.source, None if entry is None else entry.line, held, message)
        return
    if entry.fuzzy:
        yield _problem(Code.FUZZY, entry.source, entry.line, held, message)
        return
    for code, detail in differences(message.text, entry.text):
        yield _problem(code, entry.source, entry.line, held, message, detail)


def _problem(
    code: Code, source: str, line: int | None, catalogue: Catalogue, message: Message, detail: str = ""
) -> Problem:
    excerpt = _excerpt(message.text)
    return Problem.of(Kind.TRANSLATION, code, source, line, language=catalogue.language, excerpt=excerpt, what=detail)


def _excerpt(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
