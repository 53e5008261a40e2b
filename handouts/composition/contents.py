"""A sheet's languages -> what its finished page must show: every text, label, value and date, each with its name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from markupsafe import Markup

from handouts.composition.environment import SHIPPED, environment
from handouts.composition.side import Side
from handouts.records import HEADINGS, Block, BlockKind, PageText
from handouts.resources import Resources

_LABELS = f"{SHIPPED}handout/labels.html"
"""What a block is called is for a catalogue to say, not for a clinic's template: “Do not” must stay “Do not”."""
_ABOUT, _DETAILS, _TITLE, _NOTE = "{% block about %}", "{% block details %}", "{% block title %}", "note"
_HELP, _HELP_ID = "{% block help %}", "help-line"
_POINTED = (BlockKind.EMERGENCY, BlockKind.CALL_US)
"""The boxes that the red line of the first page leads to."""
_FIELDS = {"patient": "patient.name", "birth_date": "patient.birth_date", "record_number": "patient.record_number"}


def contents(
    sides: Sequence[Side], names: Mapping[str, Any], resources: Resources, page: Element
) -> tuple[PageText, ...]:
    """Return what the page must show, language by language; `names` are those that its templates see.

    The red line of the first page counts where the `page` has one: a clinic's own template may do without.

    Texts of blocks are named as authors write them ("::: emergency"), details by their place in the field table
    ("patient.name"), and the rest by its template block ("{% block about %}").
    """
    labels = _label_macros(resources)
    found = (
        *_sample(names, labels),
        *_note(names, labels),
        *(text for own in names["sides"] for text in _help_line(own, page, labels)),
        *(text for side, own in zip(sides, names["sides"], strict=True) for text in _side(side, own, labels)),
        *(text for own in names["sides"] for text in _about(own, names["drafts"], labels)),
    )
    return tuple(text for text in found if text.text)


def draft_mark(drafts: Mapping[str, bool], gettext: Callable[[str], str], resources: Resources) -> str:
    """Return the words that say what nobody stands behind yet, or "" where somebody stands behind all of it."""
    return _words(_label_macros(resources).of_draft(drafts, gettext)) if any(drafts.values()) else ""


def _label_macros(resources: Resources) -> Any:
    return environment(resources).get_template(_LABELS).make_module({"headings": HEADINGS})


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
        for line in names["note"].lines():
            yield PageText(name=_NOTE, text=str(line), is_alone=True, varies=True, sequence=_NOTE)


def _help_line(names: Mapping[str, Any], page: Element, labels: Any) -> Iterator[PageText]:
    """Yield whom to call in an emergency together with the first box that the line leads to, then the others."""
    if all(element.get("id") != _HELP_ID for element in page.iter()):
        return
    words, gettext = "In an emergency, call {number}.", names["gettext"]
    said = _words(labels.phrase(gettext(words), names["clinic"]["emergency_number"]))
    kinds = {block.kind for block in names["blocks"]}
    if names["on_screen"]:  # There each has a line of its own.
        yield PageText(name=_HELP, text=said, is_phrase=True)
        said = ""
    for kind in (kind for kind in _POINTED if kind in kinds):
        pieces = _words(labels.of_pointer(kind, names["on_screen"], gettext)).split("{page}")
        yield PageText(name=_HELP, text=f"{said} {max(pieces, key=len)}".strip(), is_phrase=True)
        said = ""
    if said:
        yield PageText(name=_HELP, text=said, is_phrase=True)


def _side(side: Side, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    yield PageText(name=_TITLE, text=names["document"]["title"], is_heading=True)
    for number, detail in enumerate(names["details"]):
        name, head = _FIELDS.get(detail.name, detail.name), f"{_DETAILS}.{number}"
        label = detail.label or _words(labels.of_detail(detail.name, names["gettext"]))
        yield PageText(name=name, text=label, is_heading=True, heads=head)
        yield PageText(name=name, text=str(detail.value), is_alone=True, varies=True, under=head)
    for number, block in enumerate(names["blocks"]):
        yield from _block(block, str(number), side, names, labels)


def _block(block: Block, part: str, side: Side, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    """Yield a block's heading, whether its own or its kind's label, then its texts, rows, days and numbers."""
    name = _name(block)
    if block.kind is BlockKind.SCHEDULE:
        yield from _rows(name, part, names, labels)
        return
    if not (block.children and block.children[0].kind is BlockKind.HEADING):
        label = _words(labels.of_block(block.kind, names["gettext"], names["clinic"]))
        yield PageText(name=name, text=label, is_heading=True, heads=part)
        part = part if label else ""
    question, steps = "", frozenset(map(id, _steps(block)))
    for index, text in enumerate(_texts(block)):
        words = side.wording.words(text.text)
        if text.kind is BlockKind.HEADING:
            yield PageText(name=name, text=words, is_heading=True, heads=part)
        elif text.kind is BlockKind.QUESTION:
            question = f"{part}.{index}"
            yield PageText(name=name, text=words, is_heading=True, under=part, heads=question)
        else:
            row = f"{part}.{index}" if part and text.days is not None and not question else ""
            sequence = f"{side.language.tag} {part}" if id(text) in steps else ""
            if text.days is not None:
                days = names["days"](text.days)
                yield PageText(name=name, text=days, is_phrase=True, under=question or part, heads=row)
                yield PageText(name=name, text=names["dates"](text.days), varies=True, under=row)
            yield PageText(name=name, text=words, under=row or question or part, sequence=sequence)
    if block.kind is BlockKind.PLANNER:
        yield from _planner(name, part, side, names)
    elif block.kind is BlockKind.URGENT:
        yield PageText(name=name, text=_words(labels.where_to_go(names)), under=part)
    elif block.kind is BlockKind.CONTACT:
        yield from _numbers(name, part, names["clinic"])


def _name(block: Block) -> str:
    return f"::: {block.kind}" if block.kind is not BlockKind.SECTION else "## …"


def _planner(name: str, part: str, side: Side, names: Mapping[str, Any]) -> Iterator[PageText]:
    for task in names["planner"]["tasks"]:
        yield PageText(name=name, text=side.wording.words(task), under=part)
    for day in names["planner"]["days"]:
        for text in (day["weekday"], day["date"]):
            yield PageText(name=name, text=text, varies=True, under=part)
        together = f"{day['weekday']} {day['date']}"
        yield PageText(name=name, text=together, varies=True, is_of_one_cell=True, under=part)


def _numbers(name: str, part: str, clinic: Mapping[str, Any]) -> Iterator[PageText]:
    yield PageText(name=name, text=clinic["telephone"].national, is_phrase=True, under=part)
    yield PageText(name=name, text=clinic["emergency_number"], is_phrase=True, under=part)
    if clinic["out_of_hours"]:
        yield PageText(name=name, text=clinic["out_of_hours"].national, is_phrase=True, under=part)


def _texts(block: Block) -> Iterator[Block]:
    if block.text:
        yield block
    for child in block.children:
        yield from _texts(child)


def _steps(block: Block) -> Iterator[Block]:
    for child in block.children:
        yield from child.children if child.kind is BlockKind.STEPS else _steps(child)


def _rows(name: str, part: str, names: Mapping[str, Any], labels: Any) -> Iterator[PageText]:
    """Yield the dated rows, each value under its row's label, and the labels under the heading of their kind."""
    gettext = names["gettext"]
    for rows, kind in ((names["avoid"], "avoid"), (names["keep_up"], "keep-up")):
        if rows:
            label = _words(labels.of_block(kind, gettext, names["clinic"]))
            yield PageText(name=name, text=label, is_heading=True, heads=f"{part} {kind}")
            yield PageText(name=name, text=_words(labels.of_moment(kind, gettext)), is_phrase=True)
        for index, row in enumerate(rows):
            head = f"{part} {kind}.{index}"
            yield PageText(name=name, text=row.label, under=f"{part} {kind}", heads=head)
            yield PageText(name=name, text=row.how_long, is_phrase=True, under=head)
            yield PageText(name=name, text=row.moment, is_alone=True, varies=True, under=head)
            yield PageText(name=name, text=str(row.reason), varies=True, under=head)


def _about(names: Mapping[str, Any], drafts: Mapping[str, bool], labels: Any) -> Iterator[PageText]:
    """Yield how far the text can be relied on: until when it holds, who approved it, or that it is a draft."""
    yield PageText(name=_ABOUT, text=names["document"]["due"], is_phrase=True)
    yield PageText(name=_ABOUT, text=str(names["approved_by"]), is_phrase=True)
    yield PageText(name="footer", text=str(names["clinic"]["footer"]), is_phrase=True)
    if any(drafts.values()):
        yield PageText(name=_ABOUT, text=_words(labels.of_draft(drafts, names["gettext"])), is_alone=True)


def _words(markup: Markup) -> str:
    """Return the words of what a template made."""
    return Markup(markup).striptags()  # noqa: S704 - only to take the marks out
