"""A sheet's languages -> what its finished page must show: every text, label, value and date, each with its name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from handouts.composition.environment import SHIPPED, environment
from handouts.composition.side import Side
from handouts.records import Block, BlockKind, PageText
from handouts.resources import Resources

_LABELS = f"{SHIPPED}handout/labels.html"
"""What a block is called is for a catalogue to say, not for a clinic's template: “Do not” must stay “Do not”."""
_ABOUT, _TITLE, _NOTE = "{% block about %}", "{% block title %}", "note"
_FIELDS = {"patient": "patient.name", "birth_date": "patient.birth_date", "record_number": "patient.record_number"}


def contents(sides: Sequence[Side], names: Mapping[str, Any], resources: Resources) -> tuple[PageText, ...]:
    """Return what the page must show, language by language; `names` are those that its templates see.

    Texts of blocks are named as authors write them ("::: emergency"), details by their place in the field table
    ("patient.name"), and the rest by its template block ("{% block about %}").
    """
    labels: Any = environment(resources).get_template(_LABELS).make_module({})
    found = (
        *_sample(names, labels),
        *_note(names, labels),
        *(text for side, own in zip(sides, names["sides"], strict=True) for text in _side(side, own, labels)),
        *(text for own in names["sides"] for text in _about(own, names["drafts"], labels)),
    )
    return tuple(text for text in found if text.text.strip())


def _sample(names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    """Yield what a sample says of itself, in every language of the sheet."""
    if names["sample"]:
        for own in names["sides"]:
            yield PageText(name="sample", text=_words(labels.of_sample(own["gettext"])))


def _note(names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    """Yield the clinician's note, which stands once, in whatever language it is."""
    if names["note"]:
        for own in names["sides"]:
            yield PageText(
                name=_NOTE, text=_words(labels.of_block("note", own["gettext"], own["clinic"])), is_heading=True
            )
        yield from (PageText(name=_NOTE, text=str(line), varies=True) for line in names["note"].lines())


def _side(side: Side, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    yield PageText(name=_TITLE, text=names["document"]["title"], is_heading=True)
    yield PageText(name=_TITLE, text=names["document"]["summary"])
    for detail in names["details"]:
        yield PageText(name=_FIELDS.get(detail.name, detail.name), text=str(detail.value), varies=True)
    for block in names["blocks"]:
        yield from _block(block, side, names, labels)


def _block(block: Block, side: Side, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    """Yield a block's heading, whether its own or its kind's label, then its texts, rows, days and numbers."""
    name = f"::: {block.kind}" if block.kind is not BlockKind.SECTION else "## …"
    clinic = names["clinic"]
    if not (block.children and block.children[0].kind is BlockKind.HEADING):
        label = labels.of_block(block.kind, names["gettext"], clinic)
        yield PageText(name=name, text=_words(label), is_heading=True)
    for text in _texts(block):
        is_heading = text.kind in (BlockKind.HEADING, BlockKind.QUESTION)
        yield PageText(name=name, text=side.wording.words(text.text), is_heading=is_heading)
        if text.days is not None:
            yield PageText(name=name, text=names["days"](text.days), is_phrase=True)
            yield PageText(name=name, text=names["dates"](text.days), varies=True)
    if block.kind is BlockKind.SCHEDULE:
        yield from _rows(name, names, labels)
    elif block.kind is BlockKind.PLANNER:
        yield from (PageText(name=name, text=side.wording.words(task)) for task in names["planner"]["tasks"])
        days = names["planner"]["days"]
        yield from (PageText(name=name, text=day[part], varies=True) for day in days for part in ("weekday", "date"))
    elif block.kind is BlockKind.CONTACT:
        yield PageText(name=name, text=clinic["telephone"].national, is_phrase=True)
        yield PageText(name=name, text=clinic["emergency_number"], is_phrase=True)
        if clinic["out_of_hours"]:
            yield PageText(name=name, text=clinic["out_of_hours"].national, is_phrase=True)


def _texts(block: Block) -> Iterator[Block]:
    if block.text:
        yield block
    for child in block.children:
        yield from _texts(child)


def _rows(name: str, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    gettext = names["gettext"]
    for rows, kind in ((names["avoid"], "avoid"), (names["keep_up"], "keep-up")):
        if rows:
            yield PageText(name=name, text=_words(labels.of_block(kind, gettext, names["clinic"])), is_heading=True)
            yield PageText(name=name, text=_words(labels.of_moment(kind, gettext)), is_phrase=True)
        for row in rows:
            yield PageText(name=name, text=row.label)
            yield PageText(name=name, text=row.how_long, is_phrase=True)
            yield PageText(name=name, text=row.moment, varies=True)
            yield PageText(name=name, text=str(row.reason), varies=True)


def _about(names: Mapping[str, Any], drafts: Mapping[str, bool], labels: Any) -> Iterator[PageText]:
    """Yield what stands behind the text: until when it holds, who approved it, or that it is a draft."""
    yield PageText(name=_ABOUT, text=names["document"]["due"], is_phrase=True)
    yield PageText(name=_ABOUT, text=str(names["approved_by"]), is_phrase=True)
    if any(drafts.values()):
        yield PageText(name=_ABOUT, text=_words(labels.of_draft(drafts, names["gettext"])))


def _words(markup: Markup) -> str:
    """Return the words of what a template made."""
    return Markup(markup).striptags()  # noqa: S704 - only to take the marks out
