"""A document and its measures -> the items of PEMAT-P and of the CDC index that a program can decide, yes or no.

PEMAT-P: Shoemaker, Wolf, Brach, AHRQ publication 14-0002-EF, 24 items, 70 % is the usual pass. Clear Communication
Index: CDC, 20 items, pass 90 %. What needs judgement (an informative heading, a picture that helps) is left to people.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handouts.quality.measures import LIST, Measures, lists
from handouts.quality.reading import PROSE, count_words, plain_text, sentences, texts
from handouts.records import Block, BlockKind, Document

PEMAT = "PEMAT-P"
CDC = "CDC index"

ACTIVE_SHARE = 0.8
"""Agree where it holds for 80 to 100 % of the material (PEMAT User's Guide)."""
PARAGRAPH = 5
"""Sentences of a paragraph (GOV.UK content design: no more than 5)."""
HEADING = 8
"""Words of a table's row heading that still count as short."""
MAIN_MESSAGE = 3
"""Sentences of a main message statement: 1 to 3 short ones (CDC Clear Communication Index widget)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemResult:
    """One item of an instrument, decided: `met` means good for the patient, also where the item asks for a no."""

    instrument: str
    number: int
    name: str
    met: bool
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    document: Document
    measures: Measures

    def blocks(self, *kinds: BlockKind) -> tuple[Block, ...]:
        return tuple(block for block in self.document.blocks if block.kind in kinds)

    def prose(self, *inside: str) -> tuple[str, ...]:
        """Return the running texts, of the named containers only where names are given."""
        found = ((text, *text.context.rpartition(" ")[::2]) for text in texts(self.document))
        return tuple(
            plain_text(text.text) for text, where, kind in found if kind in PROSE and (not inside or where in inside)
        )


_Decision = tuple[bool, str] | None
"""Met, and why; None where the item does not apply or this language does not let a program decide it."""


def item_results(document: Document, measures: Measures) -> tuple[ItemResult, ...]:
    """Return every item that can be decided for this document in its language, by instrument and number."""
    sheet = _Sheet(document=document, measures=measures)
    return tuple(
        ItemResult(instrument=instrument, number=number, name=name, met=decision[0], why=decision[1])
        for instrument, number, name, decide in _ITEMS
        if (decision := decide(sheet)) is not None
    )


def share(found: Sequence[ItemResult], instrument: str) -> tuple[int, int]:
    """Return how many items of the instrument are met, and how many were decided."""
    own = [answer.met for answer in found if answer.instrument == instrument]
    return sum(own), len(own)


def _language(sheet: _Sheet) -> _Decision:
    if not sheet.measures.readings:
        return None
    found = sheet.measures.readings
    return all(one.is_easy for one in found), ", ".join(f"{one.formula} {one.value:.1f} {one.unit}" for one in found)


def _terms(sheet: _Sheet) -> _Decision:
    if sheet.measures.undefined_terms is None:
        return None
    unknown = ", ".join(term.term for term in sheet.measures.undefined_terms)
    return not unknown, f"not explained: {unknown}" if unknown else "every medical term used is explained"


def _active(sheet: _Sheet) -> _Decision:
    if sheet.measures.passives is None or not sheet.measures.sentences:
        return None
    passive = len(sheet.measures.passives)
    return 1 - passive / sheet.measures.sentences >= ACTIVE_SHARE, f"{passive} passive sentences"


def _active_message(sheet: _Sheet) -> _Decision:
    if sheet.measures.passives is None:
        return None
    passive = {sentence.text for sentence in sheet.measures.passives}
    advice = {part for text in sheet.prose("key-message", "do", "do-not", "call-us") for part in sentences(text)}
    return not passive & advice, f"{len(passive & advice)} passive sentences in the key message and the advice"


_NOT_WHOLE = re.compile(r"\d\s?[%٪]|[½¼¾⅓⅔]|\d/\d|\d[.,\u066b]\d(?!\d*\s*°)")


def _whole_numbers(sheet: _Sheet) -> _Decision:
    found = [match[0] for text in sheet.prose() for match in _NOT_WHOLE.finditer(text)]
    return not found, f"found: {', '.join(found)}" if found else "no fractions, percentages or decimals but for fever"


_TO_WORK_OUT = re.compile(
    r"\b(?:for|after|within|until|next|first)\s+(?:the\s+)?(?:\d+|one|two|three|four|five|six|seven|ten|twelve)\s+"
    r"(?:hours?|days?|weeks?|months?)\b",
    re.IGNORECASE,
)


def _no_sums(sheet: _Sheet) -> _Decision:
    if sheet.measures.passives is None:
        return None
    found = [match[0] for text in sheet.prose() for match in _TO_WORK_OUT.finditer(text)]
    return not found, f"to be worked out: {', '.join(found)}" if found else "dates stand in tables, worked out"


def _chunks(sheet: _Sheet) -> _Decision:
    longest = max((len(sentences(text)) for text in sheet.prose()), default=0)
    short = longest <= PARAGRAPH and not sheet.measures.long_lists
    return short, f"longest paragraph {longest} sentences, {len(sheet.measures.long_lists)} lists too long"


def _headings(sheet: _Sheet) -> _Decision:
    bare = [block for block in sheet.blocks(BlockKind.SECTION) if block.children[0].kind is not BlockKind.HEADING]
    return not bare, f"{len(bare)} parts without a heading"


def _summary(sheet: _Sheet) -> _Decision:
    return sheet.measures.has_summary, "a line under the title and a key message say the whole in short"


def _cues(sheet: _Sheet) -> _Decision:
    boxes = sum(block.kind is not BlockKind.SECTION for block in sheet.document.blocks)
    return boxes > 0, f"{boxes} boxes with a heading and a pictogram"


def _tables(sheet: _Sheet) -> _Decision:
    labels = [period.label for period in sheet.document.waiting_periods]
    labels += [task.text for task in sheet.document.planner.tasks] if sheet.document.planner else []
    if not labels:
        return None
    longest = max(count_words(plain_text(label)) for label in labels)
    return longest <= HEADING and len(labels) <= 2 * LIST, f"longest heading of a row {longest} words"


def _action(sheet: _Sheet) -> _Decision:
    return sheet.measures.has_action, "a box says what to do" if sheet.measures.has_action else "no box says what to do"


_THIRD_PERSON = re.compile(r"\b(?:patients?|users?|clients?|one should)\b", re.IGNORECASE)


def _direct(sheet: _Sheet) -> _Decision:
    if sheet.measures.passives is None:
        return None
    found = [match[0] for text in sheet.prose() for match in _THIRD_PERSON.finditer(text) if match[0] != "patient"]
    return sheet.measures.has_action and not found, f"third person {len(found)} times"


def _steps(sheet: _Sheet) -> _Decision:
    items = [text for text in sheet.prose("do") if len(sentences(text)) <= MAIN_MESSAGE]
    runs = list(lists(sheet.blocks(BlockKind.DO)))
    whole = sum(run.items for run in runs)
    return bool(runs) and len(items) >= whole, f"{whole} short steps in the box that says what to do"


def _tool(sheet: _Sheet) -> _Decision:
    tools = [str(block.kind) for block in sheet.blocks(BlockKind.PLANNER, BlockKind.SCHEDULE)]
    return bool(tools), f"to use at home: {', '.join(tools) or 'none'}"


def _one_message(sheet: _Sheet) -> _Decision:
    found = sheet.blocks(BlockKind.KEY_MESSAGE)
    bold = re.findall(r"\*\*(.+?)\*\*", " ".join(child.text for block in found for child in block.children))
    bold_sentences = len(sentences(plain_text(" ".join(bold))))
    return len(
        found
    ) == 1 and 1 <= bold_sentences <= MAIN_MESSAGE, f"{len(found)} key messages, {bold_sentences} sentences of it bold"


def _message_first(sheet: _Sheet) -> _Decision:
    first = sheet.document.blocks[0].kind if sheet.document.blocks else ""
    return first is BlockKind.KEY_MESSAGE, f"the first block is {first or 'missing'}"


def _message_shown(sheet: _Sheet) -> _Decision:
    found = sheet.blocks(BlockKind.KEY_MESSAGE)
    return bool(found), "a coloured box with a pictogram" if found else "there is no key message"


def _lists(sheet: _Sheet) -> _Decision:
    runs = list(lists(sheet.document.blocks))
    longest = max((run.items for run in runs), default=0)
    return bool(runs) and longest <= LIST, f"{len(runs)} lists, the longest {longest} items"


def _advice(sheet: _Sheet) -> _Decision:
    found = sheet.blocks(BlockKind.DO, BlockKind.DO_NOT)
    return bool(found), f"{len(found)} boxes of advice"


_ITEMS: tuple[tuple[str, int, str, Callable[[_Sheet], _Decision]], ...] = (
    (PEMAT, 3, "Uses common, everyday language", _language),
    (PEMAT, 4, "Defines medical terms", _terms),
    (PEMAT, 5, "Uses the active voice", _active),
    (PEMAT, 6, "Numbers are clear and easy to understand", _whole_numbers),
    (PEMAT, 7, "Does not expect the user to perform calculations", _no_sums),
    (PEMAT, 8, "Breaks information into short sections", _chunks),
    (PEMAT, 9, "Sections have headers", _headings),
    (PEMAT, 11, "Provides a summary", _summary),
    (PEMAT, 12, "Uses visual cues to draw attention to key points", _cues),
    (PEMAT, 19, "Simple tables with short row and column headings", _tables),
    (PEMAT, 20, "Identifies at least one action", _action),
    (PEMAT, 21, "Addresses the user directly", _direct),
    (PEMAT, 22, "Breaks actions into explicit steps", _steps),
    (PEMAT, 23, "Provides a tangible tool", _tool),
    (CDC, 1, "One main message statement", _one_message),
    (CDC, 2, "Main message at the beginning", _message_first),
    (CDC, 3, "Main message emphasized with visual cues", _message_shown),
    (CDC, 5, "A call to action", _action),
    (CDC, 6, "Main message and call to action in the active voice", _active_message),
    (CDC, 8, "Bulleted or numbered lists, none too long", _lists),
    (CDC, 9, "Chunks with headings", _headings),
    (CDC, 10, "Most important information summarized first", _message_first),
    (CDC, 12, "Behavioral recommendations", _advice),
    (CDC, 15, "Numbers the audience uses", _whole_numbers),
    (CDC, 17, "No mathematical calculations", _no_sums),
)
