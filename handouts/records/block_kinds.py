"""The one table of what a document's blocks mean, where each may stand, and what heads it on a sheet.

What a kind looks like besides is in templates/handout: its element in parts.html, its box in sheet.css.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block means to the patient. The first group holds other blocks; the second holds text."""

    SECTION = "section"
    KEY_MESSAGE = "key-message"
    NORMAL = "normal"
    DO = "do"
    DO_NOT = "do-not"
    TIMELINE = "timeline"
    CALL_US = "call-us"
    URGENT = "urgent"
    EMERGENCY = "emergency"
    QUESTIONS = "questions"
    TEACH_BACK = "teach-back"
    SCHEDULE = "schedule"
    PLANNER = "planner"
    CONTACT = "contact"
    WHEN = "when"
    LIST = "list"
    STEPS = "steps"

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    QUESTION = "question"
    ANSWER = "answer"


class Place(StrEnum):
    """Where a block may stand: written as `::: name` ALONE, or AROUND other blocks or parts of one.

    BETWEEN is what an author writes outside of all blocks, and INSIDE a part of a block; neither has a `::: name`.
    """

    ALONE = "alone"
    AROUND = "around"
    BETWEEN = "between"
    INSIDE = "inside"


CLINICS_COLOUR = ""
"""As ink: the clinic's own primary colour."""
RED, AMBER, WHITE = "#a3131f", "#7a3e00", "#ffffff"
"""As --red and --amber of sheet.css; white stands on the dark bar of an emergency."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What heads a block: a fixed label (English, for the catalogues), a pictogram by name, its ink as CSS colour.

    A heading that an author writes in the block stands in place of the label. `{number}` is the emergency number.
    """

    label: str
    pictogram: str
    ink: str = CLINICS_COLOUR


@dataclass(frozen=True, kw_only=True, slots=True)
class KindEntry:
    """One kind of block: what it means to an author, where it may stand, what heads it (None: nothing of its own).

    A block that takes no text is filled from the treatment or from clinic.toml.
    """

    meaning: str
    place: Place
    heading: Heading | None
    takes_text: bool = True


KINDS: Mapping[BlockKind, KindEntry] = {
    BlockKind.SECTION: KindEntry(
        meaning="What stands outside of all blocks, from one heading to the next.", place=Place.BETWEEN, heading=None
    ),
    BlockKind.KEY_MESSAGE: KindEntry(
        meaning="The one thing to remember. Every document has one.", place=Place.ALONE, heading=None
    ),
    BlockKind.DO: KindEntry(
        meaning="What to do: whole sentences.", place=Place.ALONE, heading=Heading(label="Do", pictogram="do")
    ),
    BlockKind.DO_NOT: KindEntry(
        meaning="What to leave alone: whole sentences.",
        place=Place.ALONE,
        heading=Heading(label="Do not", pictogram="do-not", ink=RED),
    ),
    BlockKind.NORMAL: KindEntry(
        meaning="What to expect that needs no call.",
        place=Place.ALONE,
        heading=Heading(label="What is normal", pictogram="normal"),
    ),
    BlockKind.TIMELINE: KindEntry(
        meaning="Items that begin with their days: `- days 1-3: Redness goes down.` The sheet adds the dates.",
        place=Place.ALONE,
        heading=Heading(label="What to expect", pictogram="clock"),
    ),
    BlockKind.SCHEDULE: KindEntry(
        meaning="Where the dated rows stand. It takes no text.", place=Place.ALONE, heading=None, takes_text=False
    ),
    BlockKind.PLANNER: KindEntry(
        meaning="Where the day planner stands. It takes no text.",
        place=Place.ALONE,
        heading=Heading(label="Your planner: tick the boxes each day", pictogram="checklist"),
        takes_text=False,
    ),
    BlockKind.CALL_US: KindEntry(
        meaning="When to call the clinic the same day.",
        place=Place.ALONE,
        heading=Heading(label="Call us the same day if:", pictogram="phone"),
    ),
    BlockKind.URGENT: KindEntry(
        meaning="When to get medical help now.",
        place=Place.ALONE,
        heading=Heading(label="Get medical help now if:", pictogram="urgent", ink=AMBER),
    ),
    BlockKind.EMERGENCY: KindEntry(
        meaning="When to call the emergency number.",
        place=Place.ALONE,
        heading=Heading(label="Call {number} now if:", pictogram="emergency", ink=WHITE),
    ),
    BlockKind.CONTACT: KindEntry(
        meaning="Whom to call, filled from `clinic.toml`.",
        place=Place.ALONE,
        heading=Heading(label="Worried? Call us.", pictogram="phone"),
        takes_text=False,
    ),
    BlockKind.QUESTIONS: KindEntry(
        meaning="`### A question?` and its answer.",
        place=Place.ALONE,
        heading=Heading(label="Questions and answers", pictogram="question"),
    ),
    BlockKind.TEACH_BACK: KindEntry(
        meaning="What the patient says in own words before going.",
        place=Place.ALONE,
        heading=Heading(label="Before you go, tell us:", pictogram="teach-back"),
    ),
    BlockKind.WHEN: KindEntry(
        meaning="Blocks for some treatments only; the condition NAME is declared above.",
        place=Place.AROUND,
        heading=None,
    ),
    BlockKind.LIST: KindEntry(meaning="Items in any order.", place=Place.INSIDE, heading=None),
    BlockKind.STEPS: KindEntry(meaning="Items one after another.", place=Place.INSIDE, heading=None),
    BlockKind.HEADING: KindEntry(meaning="A heading of the author's own.", place=Place.INSIDE, heading=None),
    BlockKind.PARAGRAPH: KindEntry(meaning="A paragraph.", place=Place.INSIDE, heading=None),
    BlockKind.ITEM: KindEntry(meaning="One item of a list or of steps.", place=Place.INSIDE, heading=None),
    BlockKind.QUESTION: KindEntry(meaning="A question among questions.", place=Place.INSIDE, heading=None),
    BlockKind.ANSWER: KindEntry(meaning="A paragraph that answers a question.", place=Place.INSIDE, heading=None),
}

CONTAINERS = frozenset(kind for kind, entry in KINDS.items() if entry.place in (Place.ALONE, Place.AROUND))
"""The kinds that an author writes as `::: name`."""

CLINICS_OWN = frozenset({BlockKind.URGENT, BlockKind.EMERGENCY, BlockKind.CONTACT})
"""The kinds that say something from clinic.toml."""

MOVABLE = (
    BlockKind.SCHEDULE,
    BlockKind.DO,
    BlockKind.DO_NOT,
    BlockKind.PLANNER,
    BlockKind.NORMAL,
    BlockKind.TIMELINE,
    BlockKind.QUESTIONS,
    BlockKind.TEACH_BACK,
)
"""Blocks that a clinic may have change places. Nothing moves or passes the others: when and whom to call above all."""

HEADINGS: Mapping[str, Heading] = {
    **{str(kind): entry.heading for kind, entry in KINDS.items() if entry.heading is not None},
    "note": Heading(label="A note for you", pictogram="note"),
    "avoid": Heading(label="When you can start again", pictogram="calendar"),
    "keep-up": Heading(label="Keep doing", pictogram="calendar"),
}
"""What heads a part of a sheet: the kinds of blocks, the clinician's note, and the two tables of a schedule."""
