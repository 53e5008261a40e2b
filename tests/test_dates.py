"""The dates of a whole sheet, made as the command makes it: never too soon, one row for each thing, the same on all."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from handouts import documents
from handouts.composition.wording import Wording
from handouts.errors import InputError, Kind, Problem, errors_of
from handouts.inspection import disagreements, periods_without_address, sample_job
from handouts.languages import language
from handouts.press import Press
from handouts.records import Format, Job, Source
from handouts.resources import SHELVES, Resources
from tests.conftest import NOW, Ran, job

_ROW = re.compile(
    r'<th scope="row"[^>]*>(?:<span class="icon"[^>]*></span>)?([^<]*).*?</th>'
    r'<td>([^<]*)</td><td><div class="value when">([^<]*)</div>'
)
_DETAIL = re.compile(r'<div class="value (\w+)"[^>]*>([^<]*)</div>')
AFTERCARE = "microneedling-aftercare"


def made(clinic: Path, wanted: Job) -> tuple[str, list[str]]:
    """Return a sheet as HTML, and code and place of each warning about periods and dates."""
    (sheet,), warnings = Press(Resources(clinic=clinic)).compose(wanted)
    return unescape(sheet.html).replace("\u00a0", " "), [f"{one.code} {one.path}" for one in warnings if one.path]


def planner_head(*lines: str) -> str:
    """Return a column's head of the planner."""
    return f'<th scope="col">{" ".join(f"""<div class="value">{line}</div>""" for line in lines)}</th>'


GIVEN = (
    "patient_birth_date",
    "patient_record_number",
    "procedure",
    "body_sites",
    "practitioner",
    "settings",
    "follow_up",
)


def page(document: str = AFTERCARE, *languages: str, **changed: Any) -> Job:
    """Return a job for a page of HTML: a name, NOW, and what is told here."""
    nothing: dict[str, Any] = dict.fromkeys(GIVEN)
    return job(document, *languages, **{"form": Format.HTML, **nothing, **changed})


def refused(clinic: Path, wanted: Job) -> tuple[Problem, ...]:
    """Return the errors that refuse a sheet."""
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).check(wanted)
    return errors_of(error.value.problems)


def rows(html: str) -> dict[str, tuple[str, str]]:
    """Return the dated rows by their labels; a label that stands twice is a fault."""
    found = _ROW.findall(html)
    labels = [label.strip() for label, _, _ in found]
    assert len(set(labels)) == len(labels)
    return {label.strip(): (how_long, moment) for label, how_long, moment in found}


def change(path: Path, old: str, new: str) -> None:
    """Change a file of the clinic."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def own_periods(clinic: Path, table: str, periods: str) -> None:
    """Set the clinic's own periods."""
    change(
        clinic / "clinic.toml", "[waiting_periods.microneedling]\nexercise = { hours = 72 }", f"[{table}]\n{periods}"
    )


def test_three_days_set_in_the_evening_are_72_hours(clinic: Path) -> None:
    evening = page(
        performed_on="2026-11-21 21:00", settings=SHALLOW_NEEDLES, waiting_periods=["make-up=3 days: thin skin"]
    )
    html, warnings = made(clinic, evening)
    assert rows(html)["Make-up"] == ("3 days", "Tuesday, November 24, 9:00 PM")
    assert rows(html)["Exercise, sweating and alcohol"] == ("72 hours", "Tuesday, November 24, 9:00 PM")
    assert rows(html)["Strong sun"] == ("4 weeks", "Saturday, December 19, 9:00 PM")
    assert "period-overridden waiting_periods.make-up" in warnings


def test_days_that_the_clinician_sets_win_over_fewer_hours_of_the_clinic(clinic: Path) -> None:
    own_periods(clinic, "waiting_periods.microneedling", "make-up = { hours = 60 }")
    html, warnings = made(clinic, page(performed_on="2026-11-21 21:00", settings=SHALLOW_NEEDLES))
    assert rows(html)["Make-up"] == ("60 hours", "Tuesday, November 24, 9:00 AM")
    assert warnings == ["in-future performed_on", "period-overridden waiting_periods.make-up"]
    html, warnings = made(clinic, page(settings=SHALLOW_NEEDLES, waiting_periods=["make-up=2 days: thin skin"]))
    assert rows(html)["Make-up"] == ("60 hours", "Tuesday, November 24, 3:00 AM")
    assert warnings == ["period-overridden waiting_periods.make-up", "shorter-than-strictest waiting_periods.make-up"]


@pytest.mark.parametrize("table", ["waiting_periods.microneedling", "waiting_periods.microneedling-aftercare"])
def test_a_clinics_period_holds_on_every_document_of_the_treatment(clinic: Path, table: str) -> None:
    own_periods(clinic, table, "strong-products = { days = 14 }\nstrong-sun = { weeks = 6 }")
    products, sun = ("14 days", "Saturday, December 5, 3:00 PM"), ("6 weeks", "Sat, Jan 2, 2027, 3:00 PM")
    by_document = f"period-of-document {table}.strong-products"
    for document in (AFTERCARE, "microneedling-bumps", "microneedling-routine"):
        html, warnings = made(clinic, page(document))
        found = rows(html)
        assert found["Vitamin A creams, acids and scrubs"] == products
        assert found.get("Strong sun", sun) == sun
        assert (by_document in warnings) is table.endswith("aftercare")


def test_a_period_that_no_document_of_the_treatment_has_is_refused_on_every_document(clinic: Path) -> None:
    own_periods(clinic, "waiting_periods.microneedling", "strong-son = { days = 14 }")
    told = {repr(refused(clinic, page(document))) for document in ("microneedling-about", AFTERCARE)}
    assert len(told) == 1, "check tells it once"
    (problem,) = refused(clinic, page())
    assert (problem.code, problem.nearest) == ("unknown-period", "strong-sun")


def test_a_treatment_that_no_document_has_is_told(clinic: Path) -> None:
    own_periods(clinic, "waiting_periods.microneedlin", "strong-sun = { days = 14 }")
    (problem,) = refused(clinic, page())
    assert (problem.code, problem.nearest) == ("no-such-treatment", "microneedling")


def test_periods_of_another_treatment_do_not_count(clinic: Path) -> None:
    by_depth(clinic, second="exercise", shallow="")
    peel = clinic / "library" / "peel.md"
    peel.write_text((clinic / "library" / f"{AFTERCARE}.md").read_text(encoding="utf-8"), encoding="utf-8")
    change(peel, "microneedling: Microneedling", "peel: Peel")
    change(peel, f"id: {AFTERCARE}", "id: peel")
    own_periods(clinic, "waiting_periods.peel", "make-up = { days = 9 }")
    assert rows(made(clinic, page(settings=SHALLOW_NEEDLES))[0])["Make-up"][0] == "48 hours"
    assert rows(made(clinic, page("peel"))[0])["Make-up"][0] == "9 days"


SHALLOW_NEEDLES = ["needle_depth=1"]
"""Of deep needles make-up waits for longer."""
SHALLOW = """\
  shallow:
    setting: needle_depth
    at_most: 1.49
waiting_periods:
"""
EXERCISE = "  - id: exercise\n    label: Exercise, sweating and alcohol\n    kind: avoid\n"
DEEP = """\
    pictogram: exercise
    source: skinpen-aftercare
  - id: {second}
    label: Exercise, sweating and alcohol
    kind: avoid
    days: 7
    when: deep-needles
"""


def by_depth(clinic: Path, *, second: str, shallow: str) -> None:
    """Give the clinic a document in which a second period for exercise holds for deep needles."""
    shipped = SHELVES["library"] / f"{AFTERCARE}.md"
    own = clinic / "library" / shipped.name
    own.parent.mkdir(exist_ok=True)
    own.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    change(own, "waiting_periods:\n", SHALLOW)
    both = f"{EXERCISE}    hours: 48\n{shallow}{DEEP.format(second=second)}"
    change(own, f"{EXERCISE}    hours: 72\n", both)


@pytest.mark.parametrize("second", ["exercise", "exercise-deep"])
@pytest.mark.parametrize("shallow", ["    when: shallow\n", ""])
@pytest.mark.parametrize(
    ("depth", "how_long"),
    [(None, "7 days"), ("1.495", "7 days"), ("1.5", "7 days"), ("1.49", "48 hours"), ("0.5", "48 hours")],
)
def test_a_row_that_depends_on_a_setting_is_one_row_and_the_strictest(
    clinic: Path, second: str, shallow: str, depth: str | None, how_long: str
) -> None:
    by_depth(clinic, second=second, shallow=shallow)
    change(clinic / "clinic.toml", "exercise = { hours = 72 }", "")
    html, warnings = made(clinic, page(body_sites=["face"], settings=depth and [f"needle_depth={depth}"]))
    assert rows(html)["Exercise, sweating and alcohol"][0] == how_long
    assert list(rows(html))[2] == "Exercise, sweating and alcohol"
    assert (warnings == ["strictest-assumed settings.needle_depth"]) is (depth in (None, "1.495"))


def test_a_clinics_own_period_counts_whichever_name_of_the_row_it_has(clinic: Path) -> None:
    by_depth(clinic, second="exercise-deep", shallow="")
    for name, how_long in (("exercise", "9 days"), ("exercise-deep", "10 days")):
        text = (clinic / "clinic.toml").read_text(encoding="utf-8")
        text = re.sub(r"exercise.* = \{.*\}", f"{name} = {{ days = {how_long.split()[0]} }}", text)
        (clinic / "clinic.toml").write_text(text, encoding="utf-8")
        assert rows(made(clinic, page())[0])["Exercise, sweating and alcohol"][0] == how_long


def test_what_depends_on_the_body_site_stays_where_none_is_given(clinic: Path) -> None:
    near_the_eyes = "Close your eyes when you wash"
    assert near_the_eyes in made(clinic, page())[0]
    assert near_the_eyes in made(clinic, page(body_sites=["neck", "around-eyes"]))[0]
    assert near_the_eyes not in made(clinic, page(body_sites=["neck"]))[0]


def test_what_calls_something_harmless_stands_only_where_it_is_true(clinic: Path) -> None:
    assert "We used longer needles" not in made(clinic, page())[0]
    assert "We used longer needles" in made(clinic, page(settings=["needle_depth=1.5"]))[0]


def test_a_conditional_warning_of_its_own_is_printed(clinic: Path) -> None:
    by_depth(clinic, second="exercise", shallow="")
    warning = ":::: when deep-needles\n::: urgent\n- You see a rail of dots.\n:::\n::::\n\n::: contact"
    change(clinic / "library" / f"{AFTERCARE}.md", "::: contact", warning)
    assert "You see a rail of dots" in made(clinic, page())[0]
    assert "You see a rail of dots" in made(clinic, page(settings=["needle_depth=2"]))[0]
    assert "You see a rail of dots" not in made(clinic, page(settings=["needle_depth=1"]))[0]


@pytest.mark.parametrize(
    ("performed_on", "told"),
    [
        ("2026-11-21 15:00", []),
        ("2026-11-21 16:00", []),  # the sheet is made while the treatment goes on
        ("2026-11-21 16:01", ["in-future performed_on"]),
        ("2026-11-22 09:00", ["in-future performed_on"]),
        ("2027-11-21 15:00", ["in-future performed_on"]),
        ("2026-11-21 21:00+05:00", []),
        ("2026-08-21 00:00", []),
        ("2026-08-20 23:59", ["long-ago performed_on"]),
        ("1996-11-21 15:00", ["long-ago performed_on"]),
    ],
)
def test_a_treatment_in_the_future_or_long_ago_is_told_and_refused_by_strict(
    clinic: Path, performed_on: str, told: list[str]
) -> None:
    treated = page(performed_on=performed_on, settings=SHALLOW_NEEDLES)
    assert made(clinic, treated)[1] == told
    strictly = replace(treated, strict=True)
    errors = [f"{one.code} {one.path}" for one in refused(clinic, strictly) if one.kind is Kind.TREATMENT]
    assert errors == told


def test_a_batch_judges_each_row_by_the_clock(clinic: Path, tmp_path: Path, command: Callable[..., Ran]) -> None:
    table = tmp_path / "day.csv"
    table.write_text("patient.name,performed_on\nA,2026-11-21 15:00\nB,2027-11-21 15:00\n", encoding="utf-8")
    ran = command(
        *("batch", table, "--clinic", clinic, "--document", AFTERCARE, "--to", tmp_path / "out", "--strict", "--json")
    )
    assert ran.code
    assert ran.out.count('"in-future"') == 1
    assert '"line": 3' in ran.out


def test_a_date_in_another_year_shows_it(clinic: Path) -> None:
    html, _ = made(clinic, page(performed_on="2026-12-30 15:00", form=Format.PDF))
    assert rows(html)["Your own moisturizer and sunscreen"][1] == "Thursday, December 31, 3:00 PM"
    assert rows(html)["Vitamin A creams, acids and scrubs"][1] == "Wed, Jan 6, 2027, 3:00 PM"
    assert "Dec 31 to Jan 2, 2027" in html
    assert "Jan 3 to Jan 6, 2027" in html, "the year once"
    assert planner_head("Wed", "Jan 6", "2027") in html


def test_all_dates_have_their_year_where_the_sheet_is_printed_in_another_one(clinic: Path) -> None:
    printed = replace(page(performed_on="2026-12-30 15:00", form=Format.PDF), now=NOW + timedelta(days=50))
    html, _ = made(clinic, printed)
    assert rows(html)["Your own moisturizer and sunscreen"][1] == "Thu, Dec 31, 2026, 3:00 PM"
    assert "Dec 31, 2026 to Jan 2, 2027" in html


def test_the_year_is_that_of_the_sheets_calendar() -> None:
    persian, gregorian = (Wording(language("fa", country), {}) for country in ("IR", "US"))
    winter, spring = (date(2026, 12, 30), date(2027, 1, 6)), (date(2027, 3, 17), date(2027, 3, 24))
    assert (persian.year_apart(winter[1], winter[:1]), gregorian.year_apart(spring[1], spring[:1])) == ("", "")
    assert int(persian.year_apart(spring[1], spring[:1])) == 1406
    assert int(gregorian.year_apart(winter[1], winter[:1])) == 2027


def test_a_date_in_the_year_of_treatment_and_printing_does_not(clinic: Path) -> None:
    html, _ = made(clinic, page(form=Format.PDF))
    assert "Nov 22 to Nov 24" in html
    assert planner_head("Sat", "Nov 28") in html


@pytest.mark.parametrize("document", ["microneedling-before", "microneedling-about"])
def test_a_sheet_that_is_read_before_has_an_appointment_or_no_date(clinic: Path, document: str) -> None:
    html, warnings = made(clinic, page(document, performed_on=None))
    assert [name for name, _ in _DETAIL.findall(html)] == ["patient", "procedure"]
    assert warnings == []
    html, warnings = made(clinic, page(document, performed_on="2026-12-02 10:00", follow_up="2027-01-13 10:00"))
    dates = dict(_DETAIL.findall(html))
    assert dates["appointment"] == "Wed, Dec 2, 2026, 10:00 AM"
    assert dates["follow_up"] == "Wed, Jan 13, 2027, 10:00 AM"
    assert "Appointment</th>" in html
    assert "Treatment date" not in html
    assert warnings == []


@pytest.mark.parametrize(
    ("performed_on", "code"), [("2026-11-21 14:00", "appointment-past"), ("2027-12-02 10:00", "appointment-far-away")]
)
def test_an_appointment_that_cannot_be_is_told(clinic: Path, performed_on: str, code: str) -> None:
    assert made(clinic, page("microneedling-before", performed_on=performed_on))[1] == [f"{code} performed_on"]


def test_what_check_tries_is_treated_on_the_day_of_the_check(clinic: Path) -> None:
    press = Press(Resources(clinic=clinic))
    for document in (AFTERCARE, "microneedling-before"):
        wanted = sample_job(documents.load(document, Resources()), "en", NOW + timedelta(days=300))
        assert [problem.code for problem in press.check(wanted)[1] if problem.kind is Kind.TREATMENT] == []


def test_check_tells_where_two_documents_of_one_treatment_disagree(clinic: Path) -> None:
    by_depth(clinic, second="exercise", shallow="")
    found = [documents.load(name, Resources(clinic=clinic)) for name in (AFTERCARE, "microneedling-routine")]
    assert list(disagreements(found)) == []
    change(clinic / "library" / f"{AFTERCARE}.md", "weeks: 4", "weeks: 6")
    changed = documents.load(AFTERCARE, Resources(clinic=clinic))
    (problem,) = disagreements([changed, found[1]])
    assert (problem.code, problem.values["name"], problem.source) == (
        "periods-disagree",
        "strong-sun",
        "handouts/library/microneedling-routine.md",
    )


def test_check_tells_of_periods_whose_source_cannot_be_read(clinic: Path) -> None:
    by_depth(clinic, second="exercise", shallow="")
    document = documents.load(AFTERCARE, Resources(clinic=clinic))
    open_to_all = Source(citation="A leaflet.", url="https://leaflet.example.org")
    read = dict.fromkeys(document.sources, open_to_all)
    assert list(periods_without_address([replace(document, sources=read)])) == []
    first, *_ = document.waiting_periods
    (problem,) = periods_without_address(
        [replace(document, sources={**read, first.source: Source(citation="Our own facts.", url="")})]
    )
    of_that_source = {period.id for period in document.waiting_periods if period.source == first.source}
    assert (problem.code, problem.line) == ("period-without-address", first.line)
    assert set(problem.values["names"].split(", ")) == of_that_source


def test_a_planner_of_two_weeks_stands_in_two_tables(clinic: Path) -> None:
    by_depth(clinic, second="exercise", shallow="")
    change(clinic / "library" / f"{AFTERCARE}.md", "planner:\n  days: 7\n", "planner:\n  days: 14\n")
    html, _ = made(clinic, page(form=Format.PDF))
    planner = html[html.index("ick the boxes each day") :].partition("</section>")[0]
    assert [table.count('<th scope="col">') for table in planner.split("<table")[1:]] == [8, 7]
    assert planner_head("Sat", "Dec 5") in planner


def test_show_says_periods_and_days_as_people_do(command: Callable[..., Ran]) -> None:
    ran = command("show", AFTERCARE)
    assert "make-up: Make-up, 48 hours (" in ran.out
    assert "  day 0: Your skin is red" in ran.out
    assert "  days 1-3: Redness" in ran.out
