"""A clinic's template that prints another name or date, or leaves out the note or the draft mark, makes no sheet."""

from pathlib import Path

import pytest

from handouts.codes import Code
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Format
from handouts.resources import SHELVES, Resources
from tests.conftest import DETAILS, NOW, job
from tests.test_legibility import styled

PARTS = (SHELVES["templates"] / "handout" / "parts.html").read_text()
VALUE = "{{ detail.value.ordered }}"
NOTE = "{% if note %}{{ clinicians_note() }}{% endif %}"
LINE = "{% for line in note.lines() %}"
DRAFT = '<p class="draft">{{ labels.of_draft(drafts, _) }}</p>'
MOMENT = '<td><div class="value when">{{ row.moment }}</div></td>'
DAY = "{{ day.words }}"
WEEKDAY = '<div class="value">{{ day.weekday }}</div> <div class="value">{{ day.date }}</div>'
DATES = "{{ side.dates(text.days) }}</div>"


def another(beside: str = "") -> str:
    """Return a value of which the name is another's, with the true one `beside` it where nobody sees it."""
    return f"{{% if detail.name == 'patient' %}}Someone Else{beside}{{% else %}}{VALUE}{{% endif %}}"


OTHERS = "{'birth_date': 'follow_up', 'follow_up': 'birth_date'}.get(detail.name|string, detail.name|string)"
HOW_LONG = "<td>{{ row.how_long }}</td>"
TO_CALL = "{{ labels.whom_to_call(sides[0]) }}"
OF_THE_NEXT = """{% set ns = namespace(days=[]) %}{% for list in block.children %}
{%- for item in list.children|reverse %}{% set ns.days = ns.days + [item.days] %}{% endfor %}
{%- for item in list.children if item is sameas text %}{{ side.dates(ns.days[list.children.index(item)]) }}{% endfor %}
{%- endfor %}</div>"""

WRONG = {
    "another name": (VALUE, another(), "patient.name"),
    "in a comment": (VALUE, another("<!-- {{ detail.value.text }} -->"), "patient.name"),
    "behind a comment": (VALUE, another("<!--><!-- {{ detail.value.text }} -->"), "patient.name"),
    "in an attribute": (VALUE, another("<i title='{{ detail.value.text }}'></i>"), "patient.name"),
    "for programs": (VALUE, another("<i data-name='{{ detail.value.text }}'></i>"), "patient.name"),
    "as a picture's words": (VALUE, another("<img src='data:,' alt='{{ detail.value.text }}'>"), "patient.name"),
    "in a drawing": (
        VALUE,
        another("<svg width='9' height='9'><title>{{ detail.value.text }}</title><path d='M0 0h9'/></svg>"),
        "patient.name",
    ),
    "in a style": (VALUE, another("<style>/* {{ detail.value.text }} */</style>"), "patient.name"),
    "not displayed": (VALUE, another("<i style='display: none'>{{ detail.value.text }}</i>"), "patient.name"),
    "transparent": (VALUE, another("<i style='color: transparent'>{{ detail.value.text }}</i>"), "patient.name"),
    "white": (VALUE, another("<i style='color: #fff; background: #fff'>{{ detail.value.text }}</i>"), "patient.name"),
    "tiny": (VALUE, another("<i style='font-size: 1pt'>{{ detail.value.text }}</i>"), "patient.name"),
    "letter by letter in two places": (
        VALUE,
        another("<p>{{ detail.value.text[:4] }}</p><p>{{ detail.value.text[4:] }}</p>"),
        "patient.name",
    ),
    "no spaces": (VALUE, "{{ detail.value.text|replace(' ', '') }}", "patient.name"),
    "a space elsewhere": (MOMENT, MOMENT.replace("row.moment", "row.moment|replace('2', '2 ')"), "::: schedule"),
    "more letters": (VALUE, f"{VALUE}son", "patient.name"),
    "the name and another": (VALUE, f"Someone Else, not {VALUE}", "patient.name"),
    "values exchanged": (
        VALUE,
        f"{{% for one in details if one.name == {OTHERS} %}}{{{{ one.value.ordered }}}}{{% endfor %}}",
        "follow_up, patient.birth_date",
    ),
    "no labels": ("{{ label_of(sides[0], detail) }}</th>", "</th>", "patient.birth_date"),
    "another weekday": (WEEKDAY, WEEKDAY.replace("{{ day.weekday }}", "Mon"), "::: planner"),
    "dates exchanged": (DATES, OF_THE_NEXT, "::: timeline"),
    "a longer time": (HOW_LONG, HOW_LONG.replace("{{", "1{{"), "::: schedule"),
    "until another day": (MOMENT, MOMENT.replace("{{", "not 1{{"), "::: schedule"),
    "another number to call": (
        TO_CALL,
        "<p>{{ clinic.out_of_hours.national }}</p>{{ labels.after_the_number(sides[0]) }}",
        "::: contact",
    ),
    "not the note": ("{{ line.ordered }}", "not: {{ line.ordered }}", "note"),
    "not a draft": (DRAFT, DRAFT.replace("{{", "Not: {{"), "{% block about %}"),
    "fixed dates": (MOMENT, "<td>Saturday, November 28</td>", "::: schedule"),
    "fixed days": (DAY, "Sat 11/21", "::: planner"),
    "fixed columns": (WEEKDAY, "<div>Sat</div> <div>Nov 21</div>", "::: planner"),
    "fixed timeline": (DATES, "Nov 21</div>", "::: timeline"),
    "no note": (NOTE, "", "note"),
    "a note in a comment": (NOTE, "{% if note %}<!-- {{ clinicians_note() }} -->{% endif %}", "note"),
    "a note without its last line": (LINE, "{% for line in note.lines()[:1] %}", "note"),
    "a note from its end": (LINE, "{% for line in note.lines()|reverse %}", "note"),
    "no draft mark": (DRAFT, "", "{% block about %}"),
    "a draft mark in a comment": (DRAFT, f"<!-- {DRAFT} -->", "{% block about %}"),
    "a draft mark off the paper": (
        DRAFT,
        DRAFT.replace("<p ", "<p style='position: absolute; left: -9999px' "),
        "{% block about %}",
    ),
}
ELSEWHERE = {("fixed columns", Format.HTML), ("another weekday", Format.HTML), ("fixed days", Format.PDF)}
"""The planner has its days in columns on paper alone, and in rows on a screen."""
CASES = [(case, form) for case in WRONG for form in Format if (case, form) not in ELSEWHERE]
REFUSALS = {
    Code.SHEET_LOSES,
    Code.TEXT_MISSING,
    Code.TEXT_HIDDEN,
    Code.TEXT_MISPLACED,
    Code.TEXT_SMALL,
    Code.TEXT_PALE,
    Code.TEXT_COVERED,
    Code.OFF_THE_PAGE,
}


@pytest.mark.parametrize(("case", "form"), CASES)
def test_a_template_that_makes_a_wrong_sheet_is_refused(clinic: Path, case: str, form: Format) -> None:
    written, instead, part = WRONG[case]
    assert written in PARTS
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(PARTS.replace(written, instead))
    given = {**DETAILS, "note": "Do not fly.\nCall before you do."}
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", given, form=form, now=NOW)
    problems = errors_of(error.value.problems)
    assert {problem.code for problem in problems} <= REFUSALS
    named = ", ".join(problem.values.get("names", "") for problem in problems)
    assert part in named or {problem.code for problem in problems} == {Code.OFF_THE_PAGE}


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("{% for item in child.children %}<li", "{% for item in child.children|reverse %}<li"),
        (
            "{% macro content(block) %}",
            "{% macro content(block) %}<style>ol { display: flex; flex-direction: column-reverse }</style>",
        ),
    ],
)
def test_steps_in_another_order_make_no_sheet(clinic: Path, written: str, instead: str, form: Format) -> None:
    assert written in PARTS
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(PARTS.replace(written, instead))
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).sheet("microneedling-about", DETAILS, form=form, now=NOW)
    assert {problem.code for problem in errors_of(error.value.problems)} <= REFUSALS


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    "turned",
    [
        f"&#x202e;{VALUE}&#x202c;",
        f"&#8238;{VALUE}",
        f"<bdo dir='rtl'>{VALUE}</bdo>",
        f"<style>.value::before {{ content: '\\202e' }}</style>{VALUE}",
        f"<font color='#ffffff'>{VALUE}</font>",
    ],
)
def test_a_template_that_turns_a_value_round_or_whitens_it_is_refused(clinic: Path, turned: str, form: Format) -> None:
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(PARTS.replace(VALUE, turned))
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", DETAILS, language="en", form=form, now=NOW)
    found = {problem.code for problem in errors_of(error.value.problems)}
    assert found & {Code.FOREIGN_CHARACTER, Code.ELEMENT_REFUSED}


@pytest.mark.parametrize(
    ("css", "named"),
    [
        (".when::after { content: ' or any day before' }", "content"),
        (".how-long::before { c\\6fntent: '\\31 ' }", "content"),
        ("@media print { .when::after { content: '' leader('no ') } }", "content"),
        (".when { --a: ' or before' } .when::after { content: var(--a) }", "content"),
        (".when::after { content: ' ' target-text(url(#a)) }", "content"),
        (".when::after { content: '№' }", "content"),
        ("q { quotes: 'not ' '' }", "quotes"),
        ("li { list-style: inside '不' }", "list-style"),
        ("li { list-style-type: 'Never mind: ' }", "list-style-type"),
        ("@counter-style a { system: cyclic; symbols: never mind } li { list-style: a }", "symbols"),
        ("@counter-style a { system: cyclic; symbols: '·'; prefix: 'no ' } li { list-style: a }", "prefix"),
        ("p { hyphenate-character: ' not ' }", "hyphenate-character"),
        ("@page { content: 'a' } .when::after { content: 'a' }", "content"),
        (f".when::after {{ content: {'leader(' * 5000}'a' }}", "content"),
    ],
)
def test_a_style_that_writes_words_beside_ours_is_refused(clinic: Path, css: str, named: str) -> None:
    with pytest.raises(InputError) as error:
        styled(clinic, css).compose(job())
    problems = errors_of(error.value.problems)
    assert {(problem.code, problem.values["what"]) for problem in problems} == {(Code.STYLE_WRITES, named)}


@pytest.mark.parametrize(
    "css",
    [
        "@page { @top-left { content: 'Tel. 123' counter(page) } }",
        "ol > li::before { content: counter(list-item) '. ' } li::marker { content: '→ ' }",
        "@counter-style a { system: cyclic; symbols: a b c; suffix: ') ' } ol { list-style: a }",
    ],
)
def test_a_style_may_write_signs_and_counters_and_in_the_margin(clinic: Path, css: str) -> None:
    assert styled(clinic, css).compose(job())[0]


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize(
    "around",
    [
        *(f"<{name}>{VALUE}</{name}>" for name in ("s", "del", "strike", "sup", "sub", "details", "dialog", "ruby")),
        *(f"<{name}>{VALUE}</{name}>" for name in ("template", "noscript", "slot", "textarea", "meter", "marquee")),
        *(f"<i {name}>{VALUE}</i>" for name in ("hidden", "hidden=until-found", "inert", "popover", "contenteditable")),
        *(f"<i {name}>{VALUE}</i>" for name in ("aria-hidden=true", "aria-label=a", "role=img", "role=button")),
        f"<ol reversed><li>{VALUE}</li></ol>",
        f"<ol start=5><li>{VALUE}</li></ol>",
        f"<ul><li value=7>{VALUE}</li></ul>",
        f"<meta name=viewport content='width=4000'>{VALUE}",
    ],
)
def test_what_browsers_fold_away_strike_out_number_or_read_otherwise_is_refused(
    clinic: Path, around: str, form: Format
) -> None:
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(PARTS.replace(VALUE, around))
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", form=form))
    found = {problem.code for problem in errors_of(error.value.problems)}
    assert found & {Code.ATTRIBUTE_REFUSED, Code.ELEMENT_REFUSED}


@pytest.mark.parametrize("attributes", ["bgcolor=black", "bgcolor='#1a1a1a'", "style='background: #222'"])
@pytest.mark.parametrize("element", ["table", "tr", "td"])
def test_a_ground_that_browsers_draw_and_that_swallows_a_value_is_refused(
    clinic: Path, element: str, attributes: str
) -> None:
    table = f"<table><tr><td>{VALUE}</td></tr></table>".replace(f"<{element}", f"<{element} {attributes}")
    own = clinic / "templates" / "handout" / "parts.html"
    own.parent.mkdir(parents=True)
    own.write_text(PARTS.replace(VALUE, table))
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", DETAILS, form=Format.HTML, now=NOW)
    assert {problem.code for problem in errors_of(error.value.problems)} <= {
        Code.TEXT_COVERED,
        Code.TEXT_HIDDEN,
        Code.TEXT_PALE,
    }
