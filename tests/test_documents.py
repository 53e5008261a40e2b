"""Markdown becomes blocks that keep their meaning and line; what applies depends on the treatment."""

import textwrap
from dataclasses import replace
from datetime import date

import pytest

from handouts import documents
from handouts.documents.consistency import Surroundings
from handouts.errors import InputError, ValueFault
from handouts.inline import SpanKind, numbers, spans, without_marks
from handouts.records import (
    BlockKind,
    DayRange,
    Document,
    Duration,
    Patient,
    PatientPeriod,
    SettingValue,
    Treatment,
    Unit,
    messages,
)
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


def selected(document: Document, treatment: Treatment) -> Document:
    """Return what of the document applies to the treatment."""
    return documents.selected(document, documents.verdicts(document, treatment, "a test"))


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


def strength(value: str) -> dict[str, object]:
    return {"settings": (SettingValue(name="strength", value=value),)}


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (treated(), ["Wash it.", "Use the cream.", "Wipe off the oil."]),  # nothing is known: nothing is left out
        (treated(products=("water",), **strength("19.9")), ["Wash it."]),
        (treated(products=("water",), **strength("20")), ["Wash it.", "Use the cream."]),
        (treated(products=("Rosehip Oil",), **strength("19.9")), ["Wash it.", "Wipe off the oil."]),
    ],
)
def test_what_does_not_apply_goes_where_that_is_known(treatment: Treatment, expected: list[str]) -> None:
    assert texts(selected(sample(), treatment), BlockKind.DO) == expected


CONDITIONAL = """\
::: key-message
Keep it clean.
:::

::: schedule
:::

:::: normal
- It is red.

::: when strong
- It is red for long.
:::
::::

:::: timeline
::: when strong
- day 0: Red.
:::
::::

:::: do-not
::: when face
- Do not go near your eyes.
:::
::::

:::: when strong
::: urgent
- It hurts a lot.
:::

::: normal
- It hurts a little.
:::
::::

::: call-us
- It hurts.
:::

::: contact
:::
"""


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ({}, ["normal", "do-not", "urgent"]),
        ({"body_sites": ("hands",), **strength("5")}, ["normal"]),
        ({"body_sites": ("face", "hands"), **strength("25")}, ["normal", "timeline", "do-not", "urgent", "normal"]),
    ],
)
def test_a_warning_stays_where_nobody_knows_and_a_reassurance_does_not(
    given: dict[str, object], kinds: list[str]
) -> None:
    chosen = selected(sample(CONDITIONAL), treated(**given))
    always = ("key-message", "schedule", "call-us", "contact")
    assert [block.kind.value for block in chosen.blocks if block.kind.value not in always] == kinds
    certain = "timeline" in kinds
    assert texts(chosen, BlockKind.NORMAL) == ["It is red.", "It is red for long."][: 1 + certain]


BY_STRENGTH = """\
  - {id: sun, label: Sun, kind: avoid, hours: 48, source: book, when: weak}
  - {id: rubbing, label: Rubbing, kind: avoid, days: 2, source: book}
  - {id: sun, label: Sun, kind: avoid, days: 7, source: book, when: strong}
"""


def with_periods(periods: str) -> Document:
    first, last = HEAD.index("  - {id: sun"), HEAD.index("review:")
    head = HEAD[:first] + periods + HEAD[last:]
    return sample(head=head.replace("conditions:\n", "conditions:\n  weak: {setting: strength, at_most: 19.9}\n"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("sun", 48), ("sun", 7), ("rubbing", 2)]),
        (strength("19.95"), [("sun", 48), ("sun", 7), ("rubbing", 2)]),  # between the two conditions
        (strength("19.9"), [("sun", 48), ("rubbing", 2)]),
        (strength("20"), [("sun", 7), ("rubbing", 2)]),
    ],
)
@pytest.mark.parametrize("second", ["id: sun", "id: sun-after-strong"])
def test_a_row_keeps_every_period_that_may_apply(
    given: dict[str, object], expected: list[tuple[str, int]], second: str
) -> None:
    first, _, last = BY_STRENGTH.rpartition("id: sun")
    document = with_periods(first + second + last)
    chosen = selected(document, treated(**given)).waiting_periods
    ids = {7: second.removeprefix("id: ")}
    found = [(period.id, period.duration and period.duration.amount) for period in chosen]
    assert found == [(ids.get(amount, name), amount) for name, amount in expected]
    assert len({period.row for period in chosen}) == 2


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (strength("5"), ["rubbing"]),  # a row that depends on a setting is never left out
        ({}, ["rubbing"]),
        (strength("25"), ["rubbing"]),
    ],
)
def test_a_row_of_one_setting_always_stands(given: dict[str, object], ids: list[str]) -> None:
    document = with_periods("  - {id: rubbing, label: Rubbing, kind: avoid, days: 2, source: book, when: strong}\n")
    chosen = selected(document, treated(**given))
    assert [period.id for period in chosen.waiting_periods] == ids


@pytest.mark.parametrize(("sites", "ids"), [((), ["shaving"]), (("face",), ["shaving"]), (("hands",), [])])
def test_a_row_of_a_body_site_goes_where_another_was_treated(sites: tuple[str, ...], ids: list[str]) -> None:
    document = with_periods("  - {id: shaving, label: Shaving, kind: avoid, days: 2, source: book, when: face}\n")
    chosen = selected(document, treated(body_sites=sites))
    assert [period.id for period in chosen.waiting_periods] == ids
    assert (BlockKind.SCHEDULE in {block.kind for block in chosen.blocks}) is bool(ids), "no empty table"


@pytest.mark.parametrize(
    ("periods", "codes"),
    [
        (BY_STRENGTH, []),
        (BY_STRENGTH.replace("when: weak", "when: strong"), ["period-twice"]),
        (BY_STRENGTH.replace("Sun, kind: avoid, days", "Light, kind: avoid, days"), ["period-differs"]),
        (BY_STRENGTH.replace("hours: 48", "hours: 0"), ["value-refused"]),
        (
            "".join(f"  - {{id: p{n}, label: P {n}, kind: avoid, days: 2, source: book}}\n" for n in range(8)),
            ["too-many"],
        ),
    ],
)
def test_the_rows_of_a_schedule_are_checked(periods: str, codes: list[str]) -> None:
    try:
        with_periods(periods)
        found = []
    except InputError as error:
        found = [problem.code for problem in error.problems]
    assert found == codes


def test_lists_that_come_to_stand_side_by_side_are_one_list() -> None:
    chosen = selected(sample(), treated(settings=(SettingValue(name="strength", value="25"),)))
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
        selected(sample(), treatment)
    (problem,) = error.value.problems
    assert (problem.code, problem.nearest) == (code, nearest)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("Face",), ("face",)),
        (("HANDS", "face"), ("hands", "face")),
        (("Face, Hands",), ("face", "hands")),
        (("Face", "face"), ("face",)),
        (("Cara",), ("face",)),
        (("Face, Nose",), ("Face, Nose",)),
        (("nose",), ("nose",)),
    ],
)
def test_a_body_site_is_known_in_any_case_and_as_the_sheet_prints_it(
    typed: tuple[str, ...], meant: tuple[str, ...]
) -> None:
    spanish = sample(head=HEAD.replace("face: Face, hands: Hands", "face: Cara, hands: Manos"))
    assert documents.Names((sample(), spanish)).named(treated(body_sites=typed)).body_sites == meant


def test_treatment_settings_and_periods_are_known_by_their_labels_too() -> None:
    period = PatientPeriod(id="SUN", duration=Duration(amount=9, unit=Unit.DAY), reason="thin skin")
    typed = treated(procedure="PEEL", settings=(SettingValue(name="Strength", value="9"),), waiting_periods=(period,))
    found = documents.Names((sample(),)).named(typed)
    assert (found.procedure, found.settings[0].name, found.waiting_periods[0].id) == ("peel", "strength", "sun")


def test_one_setting_under_two_names_is_two_and_refused() -> None:
    twice = tuple(SettingValue(name=name, value=value) for name, value in (("strength", "9"), ("Strength", "25")))
    with pytest.raises(InputError) as error:
        selected(sample(), documents.Names((sample(),)).named(treated(settings=twice)))
    assert [problem.code for problem in error.value.problems] == ["not-in-document"]


def test_a_label_that_two_names_have_is_neither_and_both_are_told() -> None:
    alike = sample(head=HEAD.replace("face: Face, hands: Hands", "face: Skin, hands: Skin"))
    names = documents.Names((alike,))
    treatment = names.named(treated(body_sites=("SKIN",)))
    assert treatment.body_sites == ("SKIN",)
    with pytest.raises(InputError) as error:
        documents.verdicts(alike, treatment, "a test", names.meanings)
    (problem,) = error.value.problems
    assert (problem.code, problem.path, problem.values["known"]) == ("name-of-several", "body_sites[0]", "face, hands")


def test_a_letters_own_sign_is_no_accent() -> None:
    hindi = sample(head=HEAD.replace("face: Face, hands: Hands", "face: गाल, hands: Hände"))
    for accents_matter in (False, True):
        names = documents.Names((sample(), hindi), accents_matter=accents_matter)
        typed = ("गाल", "गला", "Hande", "HÄNDE")
        meant = [names.named(treated(body_sites=(one,))).body_sites[0] for one in typed]
        assert meant == ["face", "गला", "Hande" if accents_matter else "hands", "hands"]


def test_a_document_for_several_treatments_needs_the_procedure() -> None:
    several = sample(head=HEAD.replace("{peel: Peel}", "{peel: Peel, laser: Laser}"))
    with pytest.raises(InputError) as error:
        selected(several, treated())
    assert [problem.code for problem in error.value.problems] == ["procedure-needed"]


def test_every_fault_of_head_and_body_is_told_at_once() -> None:
    body = BODY.replace("::: schedule", "::: shedule").replace("- day 0:", "-").replace("## More", "# More")
    with pytest.raises(InputError) as error:
        sample(body, HEAD.replace("summary:", "sumary:"))
    found = [(problem.code, problem.nearest) for problem in error.value.problems]
    assert ("unknown-key", "summary") in found
    assert ("missing-entry", "") in found
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
    with pytest.raises(ValueFault) as fault:
        spans(markup)
    assert fault.value.code == code


def test_the_words_of_a_text_stand_without_its_marks() -> None:
    assert (
        without_marks("**Do not** call {telephone}. [Read](https://example.org).") == "Do not call {telephone}. Read."
    )


@pytest.mark.parametrize(
    ("first", "second"), [("38.5 °C", "38,5 °C"), ("7 to 14", "14 ... 7"), ("48", "٤٨"), ("30", "३०"), ("7", "۷")]
)
def test_a_number_is_the_same_in_every_script(first: str, second: str) -> None:
    assert numbers(first) == numbers(second)


def test_another_number_is_another_number() -> None:
    assert numbers("24 hours") != numbers("48 hours")
    assert numbers("7") != numbers("70")


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        ("a `b`", "unused-markup"),
        ("![a](https://example.org/a.png)", "unused-markup"),
        ("~~a~~", "unused-markup"),
        ("a&nbsp;b", "unused-markup"),
        ("[a][1]", "unused-markup"),
        ("[1]: https://example.org", "unused-markup"),
        ("a[^1]", "unused-markup"),
        ("a **b", "bold-not-closed"),
        ("**重要。**請", "bold-not-closed"),
        ("5 * 3", "mark-alone"),
        ("Call _now", "mark-alone"),
        ("a \\ b", "mark-alone"),
        ("##Title", "heading-without-space"),
        ("{telephone", "brace-not-closed"),
        ("telephone}", "brace-not-opened"),
        ("{}", "unknown-placeholder"),
        ("{telephone.__class__}", "unknown-placeholder"),
        ("[a](two words)", "link-scheme"),
        ("[a](tel:%7Btelephone%7D)", "link-placeholder"),
        ("a" * 1001, "text-too-long"),
        ("[" * 40_000, "text-too-long"),
    ],
)
def test_marks_that_a_patient_would_read_are_refused(markup: str, code: str) -> None:
    with pytest.raises(ValueFault) as fault:
        spans(markup)
    assert fault.value.code == code


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("5 \\* 3 \\{clinic\\}", "5 * 3 {clinic}"),
        ("R&D; a_b@example.org", "R&D; a_b@example.org"),
        ("Name: ______", "Name: ______"),
        ("See [1], #1 and 1 < 2.", "See [1], #1 and 1 < 2."),
    ],
)
def test_what_only_looks_like_a_mark_is_one_plain_text(markup: str, words: str) -> None:
    (span,) = spans(markup)
    assert (span.kind, span.text) == (SpanKind.PLAIN, words)


def faults(head: str = HEAD, body: str = BODY) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        sample(body, head)
    return [(problem.code, problem.path) for problem in error.value.problems]


@pytest.mark.parametrize("words", ["on: 2026-01-01", '"on": 2026-01-01'])
def test_on_is_a_word(words: str) -> None:
    head = HEAD.replace("review: {", f"review: {{by: A. Sample, {words}, ")
    assert sample(head=head).review.on == date(2026, 1, 1)


def test_yes_and_no_are_words() -> None:
    assert sample(head=HEAD.replace("face: Face", "face: no")).body_sites["face"].text == "no"


@pytest.mark.parametrize("days", ["1:30", "024", "0x18", "7.0", "1_0", "yes", "9" * 5000, "!!int x", "2026-13-40"])
def test_a_period_is_a_plain_whole_number(days: str) -> None:
    code = "not-yaml" if "!" in days else "wrong-type"
    path = "" if "!" in days else "waiting_periods[0].days"
    assert faults(HEAD.replace("days: 7", f"days: {days}")) == [(code, path)]


@pytest.mark.parametrize(("written", "kept"), [("5", "5"), ('"5"', "5"), ("0.00001", "0.00001"), (".5", "0.5")])
def test_a_bound_is_kept_digit_by_digit(written: str, kept: str) -> None:
    head = HEAD.replace("at_least: 5", f"at_least: {written}")
    assert sample(head=head).settings["strength"].at_least == kept


@pytest.mark.parametrize("written", ["deep", "true", '""', ".nan", "1e400", "[5]", "2026-01-01"])
def test_a_bound_is_a_number(written: str) -> None:
    head = HEAD.replace("at_least: 5", f"at_least: {written}")
    assert faults(head) == [("wrong-type", "settings.strength.at_least")]


@pytest.mark.parametrize("unit", ["millimeter", "length-millimeter", "milligram", ""])
def test_a_unit_of_cldr_is_known(unit: str) -> None:
    head = HEAD.replace("label: Strength", f'label: Strength, unit: "{unit}"')
    assert sample(head=head).settings["strength"].unit == unit


@pytest.mark.parametrize("unit", ["millimetre", "illimeter", "mm"])
def test_another_unit_is_refused(unit: str) -> None:
    head = HEAD.replace("label: Strength", f"label: Strength, unit: {unit}")
    assert faults(head) == [("unknown-unit", "settings.strength.unit")]


@pytest.mark.parametrize("title", ["Skin **now**", "Call {telephone}", '"[a](https://example.org)"'])
def test_a_label_takes_no_markup(title: str) -> None:
    assert faults(HEAD.replace("title: A sample", f"title: {title}")) == [("markup-in-label", "title")]


def test_a_bound_needs_its_setting() -> None:
    head = HEAD.replace("face: {body_site: [face]}", "face: {body_site: [face], at_least: 5}")
    assert faults(head) == [("empty-condition", "conditions.face")]


def test_faults_of_keys_and_of_values_are_told_together() -> None:
    head = HEAD.replace("face: Face", "face: 1, face: 2, 3: Three")
    assert faults(head) == [
        ("key-twice", "body_sites.face"),
        ("wrong-type", "body_sites.3"),
        ("wrong-type", "body_sites.face"),
    ]


def test_the_text_of_an_unknown_container_is_checked() -> None:
    found = [
        code for code, _ in faults(body=BODY.replace("::: questions", "::: question").replace("Mostly", "*Mostly*"))
    ]
    assert found == ["unknown-container", "italics"]


def test_a_line_that_closes_nothing_keeps_what_follows() -> None:
    assert faults(body=BODY.replace("## More", ":::\n\n## More")) == [("closes-nothing", "")]


def test_blocks_too_deep_for_the_parser_do_not_vanish() -> None:
    depth = 30
    deep = "".join(f"{':' * (depth - level + 3)} when strong\n" for level in range(depth))
    close = "".join(f"{':' * (level + 4)}\n" for level in range(depth))
    assert faults(body=f"{BODY}\n{deep}Lost.\n{close}") == [("empty-container", "")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("microneedling", "microneedling-aftercare"),
        ("Microneedling", "microneedling-aftercare"),
        ("microneedling-befor", "microneedling-before"),
        ("laser", ""),
    ],
)
def test_a_treatments_name_alone_most_likely_means_its_aftercare(typed: str, meant: str) -> None:
    with pytest.raises(InputError) as error:
        documents.load(typed, Resources())
    assert [problem.nearest for problem in error.value.problems] == [meant]


def test_what_stands_around_a_document_must_fit_it() -> None:
    head = HEAD.replace("review: {", "review: {by: A. Sample, on: 2026-01-02, ")
    head = head.replace("days: 7,", "days: 7, pictogram: suns,").replace("days: 2,", "days: 2, pictogram: hand,")
    around = Surroundings(stem="simple", pictograms=("sun", "hand"), today=date(2026, 1, 1))
    with pytest.raises(InputError) as error:
        documents.parse(head + BODY, "simple.md", around)
    assert [(problem.code, problem.path, problem.nearest) for problem in error.value.problems] == [
        ("id-is-not-file-name", "id", ""),
        ("unknown-pictogram", "waiting_periods[0].pictogram", "sun"),
        ("in-the-future", "review.on", ""),
    ]
    assert documents.parse(head.replace("suns", "sun") + BODY, "sample.md", replace(around, stem="sample", today=None))
