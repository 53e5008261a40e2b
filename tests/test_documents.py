"""Markdown becomes blocks that keep their meaning and line; what applies depends on the treatment."""

import textwrap

import pytest

from handouts import documents
from handouts.errors import InputError
from handouts.inline import InlineFault, SpanKind, numbers, plain, spans
from handouts.records import BlockKind, DayRange, Document, Patient, SettingValue, Treatment, messages
from handouts.resources import Resources
from tests.conftest import NOW

HEAD = """\
---
id: sample
version: "1"
title: A sample
summary: What it is for.
treatments: {peel: Peel}
body_sites: {face: Face, hands: Hands}
settings:
  strength: {label: Strength, at_least: 5, at_most: 30}
conditions:
  strong: {setting: strength, at_least: 20}
  face: {body_site: [face]}
  with-oil: {product: [oil]}
waiting_periods:
  - {id: sun, label: Sun, kind: avoid, days: 7, source: book}
  - {id: rubbing, label: Rubbing, kind: avoid, days: 2, source: book, when: strong}
review: {due: 2027-01-01}
sources: {book: {citation: A book.}}
---
"""
BODY = """\
::: key-message
Keep it **clean**.
:::

::: schedule
:::

:::: do
<!-- i18n: the treated skin -->
- Wash it.

::: when strong
- Use the cream.
:::

::: when with-oil
- Wipe off the oil.
:::
::::

::: timeline
- day 0: Red.
- days 1-3: Dry.
:::

::: questions
### Is it safe?
Mostly.
:::

## More

1. First.
2. Then.

::: call-us
- It hurts.
:::

::: contact
:::
"""


def sample(body: str = BODY, head: str = HEAD) -> Document:
    return documents.parse(head + textwrap.dedent(body), "sample.md")


def treated(**changed: object) -> Treatment:
    given: dict[str, object] = {"patient": Patient(name="A"), "performed_on": NOW, **changed}
    return Treatment(**given)  # type: ignore[arg-type]  # the test's own keywords


def texts(document: Document, kind: BlockKind) -> list[str]:
    block = next(block for block in document.blocks if block.kind is kind)
    return [child.text for part in block.children for child in (part.children or (part,))]


def test_blocks_keep_kind_and_line() -> None:
    document = sample()
    kinds = [block.kind.value for block in document.blocks]
    assert kinds == [
        "key-message",
        "schedule",
        "do",
        "timeline",
        "questions",
        "section",
        "call-us",
        "contact",
    ]
    lines = (HEAD + BODY).splitlines()
    for block in document.blocks:
        for message in (child for child in block.children if child.text):
            assert message.text.split(".")[0] in lines[message.line - 1]


def test_a_timeline_holds_its_days_apart_from_its_text() -> None:
    (block,) = (block for block in sample().blocks if block.kind is BlockKind.TIMELINE)
    items = block.children[0].children
    assert [(item.days, item.text) for item in items] == [
        (DayRange(first=0, last=0), "Red."),
        (DayRange(first=1, last=3), "Dry."),
    ]


def test_messages_carry_the_kind_of_block_and_the_note_to_translators() -> None:
    found = {message.text: message for message in messages(sample())}
    assert found["Keep it **clean**."].context == "key-message paragraph"
    assert found["Wash it."].context == "do item"
    assert found["Use the cream."].context == "do item"
    assert found["Is it safe?"].context == "questions question"
    assert found["First."].context == "item"
    assert found["Sun"].context == "waiting period"
    assert found["Wash it."].comment == "the treated skin"


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (treated(), ["Wash it."]),
        (treated(settings=(SettingValue(name="strength", value="19.9"),)), ["Wash it."]),
        (treated(settings=(SettingValue(name="strength", value="20"),)), ["Wash it.", "Use the cream."]),
        (treated(products=("Rosehip Oil",)), ["Wash it.", "Wipe off the oil."]),
    ],
)
def test_only_what_applies_stays(treatment: Treatment, expected: list[str]) -> None:
    chosen = documents.select(sample(), treatment, "a test")
    assert texts(chosen, BlockKind.DO) == expected
    strong = "Use the cream." in expected
    assert [period.id for period in chosen.waiting_periods] == (["sun", "rubbing"] if strong else ["sun"])


def test_lists_that_come_to_stand_side_by_side_are_one_list() -> None:
    chosen = documents.select(sample(), treated(settings=(SettingValue(name="strength", value="25"),)), "a test")
    (block,) = (block for block in chosen.blocks if block.kind is BlockKind.DO)
    assert [child.kind for child in block.children] == [BlockKind.LIST]


@pytest.mark.parametrize(
    ("treatment", "code", "nearest"),
    [
        (treated(procedure="peal"), "not-in-document", "peel"),
        (treated(body_sites=("fase",)), "not-in-document", "face"),
        (treated(settings=(SettingValue(name="strenght", value="9"),)), "not-in-document", "strength"),
        (treated(settings=(SettingValue(name="strength", value="300"),)), "setting-out-of-range", ""),
    ],
)
def test_a_treatment_that_the_document_is_not_for_is_refused(treatment: Treatment, code: str, nearest: str) -> None:
    with pytest.raises(InputError) as error:
        documents.select(sample(), treatment, "a test")
    (problem,) = error.value.problems
    assert (problem.code, problem.nearest) == (code, nearest)


def test_a_document_for_several_treatments_needs_the_procedure() -> None:
    several = sample(head=HEAD.replace("{peel: Peel}", "{peel: Peel, laser: Laser}"))
    with pytest.raises(InputError) as error:
        documents.select(several, treated(), "a test")
    assert [problem.code for problem in error.value.problems] == ["procedure-needed"]


def test_every_fault_of_head_and_body_is_told_at_once() -> None:
    body = BODY.replace("::: schedule", "::: shedule").replace("- day 0:", "-").replace("## More", "# More")
    with pytest.raises(InputError) as error:
        sample(body, HEAD.replace("summary:", "sumary:"))
    found = [(problem.code, problem.nearest) for problem in error.value.problems]
    assert ("unknown-key", "summary") in found
    assert ("missing-key", "") in found
    assert ("unknown-container", "schedule") in found
    assert ("timeline-without-days", "") in found
    assert ("heading-level", "") in found


@pytest.mark.parametrize(
    "identifier", documents_in := [path.stem for path in Resources().roots("library")[0].glob("*.md")]
)
def test_every_shipped_document_is_whole(identifier: str) -> None:
    document = documents.load(identifier, Resources())
    assert document.sources
    assert document.notes_for_clinicians
    assert all(period.source in document.sources for period in document.waiting_periods)


@pytest.mark.parametrize(
    ("markup", "kinds"),
    [
        ("Plain.", [SpanKind.PLAIN]),
        ("**Bold** then.", [SpanKind.STRONG, SpanKind.PLAIN]),
        ("Call {telephone}.", [SpanKind.PLAIN, SpanKind.PLACEHOLDER, SpanKind.PLAIN]),
        ("[Here](https://example.org)", [SpanKind.LINK]),
    ],
)
def test_inline_text_becomes_spans(markup: str, kinds: list[SpanKind]) -> None:
    assert [span.kind for span in spans(markup)] == kinds


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        ("<b>x</b>", "raw-html"),
        ("*x*", "italics"),
        ("{telefone}", "unknown-placeholder"),
        ("[x](javascript:alert(1))", "link-scheme"),
        ("[x](http://example.org)", "link-scheme"),
    ],
)
def test_inline_text_that_no_sheet_uses_is_refused(markup: str, code: str) -> None:
    with pytest.raises(InlineFault) as fault:
        spans(markup)
    assert fault.value.code == code


def test_the_words_of_a_text_stand_without_its_marks() -> None:
    assert plain("**Do not** call {telephone}. [Read](https://example.org).") == "Do not call {telephone}. Read."


@pytest.mark.parametrize(
    ("first", "second"), [("38.5 °C", "38,5 °C"), ("7 to 14", "14 ... 7"), ("48", "٤٨"), ("30", "३०"), ("7", "۷")]
)
def test_a_number_is_the_same_in_every_script(first: str, second: str) -> None:
    assert numbers(first) == numbers(second)


def test_another_number_is_another_number() -> None:
    assert numbers("24 hours") != numbers("48 hours")
    assert numbers("7") != numbers("70")
