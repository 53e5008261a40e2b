"""A clinic's look that hides something is refused by the name of what it hides; one that does not is taken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from handouts.catalogues import document_ids
from handouts.codes import Code
from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Destination, Format, PrintSize
from handouts.resources import Resources
from tests.conftest import DETAILS, NOW, example_press, job

COVER = "content: ''; position: absolute; top: 0; left: 0; width: 100%; height: 100%;"
STRIPES = "background: repeating-linear-gradient(#fff 0pt, #fff 3pt, transparent 3pt, transparent 6pt)"
SIGNS = f"font-size: 15pt; content: '{'§¶ ' * 36}'"


def styled(clinic: Path, css: str) -> Press:
    """Return the press of a clinic whose own template adds this style."""
    return templated(clinic, f"{{% block style %}}{css}{{% endblock %}}")


def templated(clinic: Path, blocks: str) -> Press:
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.html").write_text(f'{{% extends "@shipped/handout/sheet.html" %}}{blocks}', encoding="utf-8")
    return Press(Resources(clinic=clinic))


def refused(press: Press, folder: Path, form: Format = Format.PDF) -> dict[str, str]:
    """Return the codes of the problems that stop the sheet, each with the names of the parts that it is about."""
    with pytest.raises(InputError) as error:
        press.make(job(form=form), Destination(folder=folder))
    problems = errors_of(error.value.problems)
    assert {problem.source for problem in problems} <= {"templates/handout/sheet.html", "templates", "the sheet"}
    return {str(problem.code): problem.values.get("names", "") for problem in problems}


@pytest.mark.parametrize(
    ("css", "code", "part"),
    [
        (".emergency { display: none }", "text-missing", "::: emergency"),
        (".emergency { font-size: 0 }", "text-missing", "::: emergency"),
        (".do-not h2 { display: none }", "text-missing", "::: do-not"),
        (".do h2 { display: none }", "text-missing", "::: do"),
        (".contact h2 { display: none }", "text-missing", "::: contact"),
        (".rows .when { display: none }", "text-missing", "::: schedule"),
        (".ticks th { font-size: 0 }", "text-missing", "::: planner"),
        (".draft { display: none }", "text-missing", "{% block about %}"),
        (".emergency li { visibility: hidden }", "text-hidden", "::: emergency"),
        (".emergency { opacity: 0.02 }", "text-hidden", "::: emergency"),
        (".do-not li { color: #fff }", "text-hidden", "::: do-not"),
        (".where-to-go { visibility: hidden }", "text-hidden", "::: urgent"),
        (".draft { color: #fff }", "text-hidden", "{% block about %}"),
        (".details .patient { color: transparent }", "text-hidden", "patient.name"),
        (".when { color: #fff }", "text-hidden", "::: schedule"),
        (".emergency { height: 3mm; overflow: hidden }", "text-hidden", "::: emergency"),
        (".emergency { transform: translateX(900mm) }", "text-hidden", "::: emergency"),
        (".emergency { transform: scale(0.05) }", "text-hidden", "::: emergency"),
        (f".emergency {{ position: relative }} .emergency::after {{ {COVER} background: #fff }}", "text-hidden", ""),
        (
            f".urgent {{ position: relative }} .urgent::after {{ {COVER} background: #fff; {SIGNS} }}",
            "text-covered",
            "::: urgent",
        ),
        (
            f".emergency {{ position: relative }} .emergency::after {{ {COVER} {STRIPES} }}",
            "text-covered",
            "::: emergency",
        ),
        (".emergency li { text-decoration: line-through }", "text-covered", "::: emergency"),
        (".emergency li { line-height: 0 }", "text-covered", "::: emergency"),
        (".rows .when { left: -5em; position: relative }", "text-covered", "::: schedule"),
        (".rows .when { transform: scaleX(0.15) }", "text-squeezed", "::: schedule"),
        (".emergency li { transform: scaleY(0.3) }", "text-squeezed", "::: emergency"),
        (".emergency li { transform: skewY(4deg) }", "text-squeezed", "::: emergency"),
        (".rows .when { transform: scaleY(-1) }", "text-squeezed", "::: schedule"),
        (".rows .when { transform: rotate(180deg) }", "text-squeezed", "::: schedule"),
        (".rows .when { transform: matrix(0.3, 0, 0, 1, 0, 0) }", "text-squeezed", "::: schedule"),
        (".rows .when { letter-spacing: -0.2em }", "text-squeezed", "::: schedule"),
        (".details .patient { letter-spacing: -0.35em }", "text-squeezed", "patient.name"),
        (".rows .when { letter-spacing: 1em }", "text-squeezed", "::: schedule"),
        (".rows .when { word-spacing: -0.26em }", "text-squeezed", "::: schedule"),
        (".emergency li { word-spacing: -0.2em }", "text-squeezed", "::: emergency"),
        (".emergency li { transform: scale(0.7) }", "text-small", "::: emergency"),
        (".rows .when { font-feature-settings: 'sups' }", "text-small", "::: schedule"),
        (".details .value { font-variant-numeric: diagonal-fractions }", "text-small", "patient.birth_date"),
        (".contact, .contact * { direction: rtl !important }", "text-layer", "::: contact"),
        (".details .value { direction: rtl !important }", "text-layer", "setting"),
        (".do-not li { color: #999 }", "text-pale", "::: do-not"),
        (".emergency li { color: rgba(0, 0, 0, 0.4) }", "text-pale", "::: emergency"),
        (".do-not h2 { background: #a3131f; color: #5a0a10 }", "text-pale", "::: do-not"),
        (".do-not li { font-size: 9pt }", "text-small", "::: do-not"),
        (".details td { font-size: 11pt }", "text-small", "patient.name"),
        ("li { font-size: 14pt } h2 { font-size: 13pt }", "heading-small", "::: emergency"),
        (".urgent { position: absolute; left: -4000pt }", "off-the-page", ""),
        ("@page { size: 1000mm 1400mm }", "other-paper", ""),
        ("@page { size: A4 landscape }", "other-paper", ""),
    ],
)
def test_what_a_style_hides_is_named(clinic: Path, tmp_path: Path, css: str, code: str, part: str) -> None:
    found = refused(styled(clinic, css), tmp_path / "out")
    assert part in (*found[code].split(", "), "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "css",
    [
        "h2 { font-style: normal; color: #004400 }",
        "li { font-size: 12.5pt }",
        ".emergency { text-transform: uppercase }",
        ".emergency li { text-decoration: underline }",
        ".emergency { background: #fff8e0 }",
        ".do li::before { content: '→ ' }",
        ".panel { break-inside: auto }",
        "h1, h2, h3 { letter-spacing: 0.08em }",
        "body { letter-spacing: -0.02em; word-spacing: 0.1em }",
        ".plain p { text-align: justify }",
        ".value, .when { font-variant-numeric: oldstyle-nums }",
        "h2 { text-align: center; position: relative; top: -2pt; left: 5mm } .rows td { vertical-align: top }",
    ],
)
def test_a_style_that_hides_nothing_is_taken(clinic: Path, tmp_path: Path, css: str) -> None:
    made = styled(clinic, css).make(job(), Destination(folder=tmp_path / "out"))
    assert made.receipts[0].path.is_file()


def test_a_block_that_a_template_leaves_out_is_named(clinic: Path, tmp_path: Path) -> None:
    press = templated(clinic, "{% block about %}{% endblock %}")
    assert refused(press, tmp_path / "out") == {"sheet-loses": "{% block about %}"}


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("Do not</h2>", "Do</h2>", "::: do"),
        ("Get medical help now if:", "What is normal", "::: urgent"),
        ("Make-up", "Your own moisturizer and sunscreen", "::: schedule"),
        ("Strong sun and tanning beds", "Make-up", "::: schedule"),
    ],
)
def test_what_stands_under_another_head_is_named(clinic: Path, tmp_path: Path, one: str, other: str, part: str) -> None:
    swapped = f'{{{{ super()|replace("{one}", "XQ")|replace("{other}", "{one}")|replace("XQ", "{other}") }}}}'
    press = templated(clinic, f"{{% block body %}}{swapped}{{% endblock %}}")
    assert part in refused(press, tmp_path / "out")["text-misplaced"].split(", ")


AT_TOP = ".rows th, .rows td { vertical-align: top } .when, h2 { position: relative }"
FIRST, SECOND = (f".rows tbody tr:nth-child({number}) .when" for number in (1, 2))


@pytest.mark.parametrize(
    ("css", "part"),
    [
        (f"{FIRST} {{ top: 18pt }} {SECOND} {{ top: -18pt }}", "::: schedule"),
        (".do h2 { left: 96mm } .do-not h2 { left: -96mm }", "::: do-not"),
        (".urgent h2 { top: 60mm } .emergency h2 { top: -60mm }", "::: emergency"),
    ],
)
def test_what_a_style_moves_under_another_head_is_named(clinic: Path, tmp_path: Path, css: str, part: str) -> None:
    assert part in refused(styled(clinic, f"{AT_TOP} {css}"), tmp_path / "out")["text-misplaced"].split(", ")


def test_a_template_may_set_the_blocks_in_another_order(clinic: Path, tmp_path: Path) -> None:
    press = templated(
        clinic, "{% block body %}{% for block in blocks|reverse %}{{ parts.block(block) }}{% endfor %}{% endblock %}"
    )
    assert press.make(job(), Destination(folder=tmp_path / "out")).receipts


def test_an_element_that_lies_on_a_text_is_seen(clinic: Path, tmp_path: Path) -> None:
    place = "position: absolute; top: 60mm; left: 0; width: 190mm; height: 150mm; background: #fff"
    style = f"{{% block style %}}input {{ appearance: auto; {place} }}{{% endblock %}}"
    press = templated(clinic, style + '{% block header %}{{ super() }}<input value="Ok">{% endblock %}')
    assert refused(press, tmp_path / "out")


def test_the_size_of_large_print_is_eighteen_points(clinic: Path, tmp_path: Path) -> None:
    press = styled(clinic, ".emergency li { font-size: 14pt }")
    with pytest.raises(InputError) as error:
        press.make(job(size=PrintSize.LARGE), Destination(folder=tmp_path / "out"))
    problem = errors_of(error.value.problems)[0]
    assert (problem.code, problem.values["names"], problem.values["smallest"]) == ("text-small", "::: emergency", "18")


@pytest.mark.parametrize(
    ("css", "code", "named"),
    [
        (".emergency { display: none }", "text-missing", "::: emergency"),
        ("@media screen { .emergency { display: none } }", "text-missing", "::: emergency"),
        ("@media screen and (max-width: 40rem) { .emergency { display: none } }", "text-missing", "::: emergency"),
        ("@media (min-width: 20px) { .do-not li { color: #fff } }", "text-hidden", "::: do-not"),
        ("@media print { .do-not li { color: #fff } }", "text-hidden", "::: do-not"),
        ("body:has(:target) .emergency { display: none }", "text-missing", "::: emergency"),
        (".emergency:not(:target) { display: none }", "text-missing", "::: emergency"),
        ("body:hover .do-not li { color: #fff }", "text-hidden", "::: do-not"),
        (".emergency:dir(ltr) { display: none }", "style-not-judged", "selector"),
        ("@media print { :open li { color: #fff } }", "style-not-judged", "selector"),
        ("html { overflow: hidden }", "style-not-judged", "overflow"),
        ("@media (width < 1px) { body { overflow: hidden } }", "style-not-judged", "overflow"),
        ("main { height: 100vh; overflow: hidden }", "style-not-judged", "vh"),
        (".emergency { max-height: calc(1DVH + 1px) }", "style-not-judged", "dvh"),
        (".tick { position: absolute; left: 0; top: 0; width: 999px; height: 999px }", "text-hidden", "::: normal"),
        (".emergency { clip-path: inset(50%) }", "style-not-judged", "clip-path"),
        (".emergency { mask-image: linear-gradient(transparent, transparent) }", "style-not-judged", "mask-image"),
        (".emergency { filter: opacity(0) }", "style-not-judged", "filter"),
        (".emergency { -webkit-text-fill-color: #fff }", "style-not-judged", "-webkit-text-fill-color"),
        ("@keyframes away { to { opacity: 0 } }", "style-not-judged", "@keyframes"),
        (".emergency { animation: away 1s forwards }", "style-not-judged", "animation"),
        ("@supports (display: grid) { .emergency { display: none } }", "style-not-judged", "@supports"),
        ("@layer a { .emergency { display: none } }", "style-not-judged", "@layer"),
        (".emergency { scale: 0 }", "style-not-judged", "scale"),
        (".emergency { translate: -9999px }", "style-not-judged", "translate"),
        (".emergency li { color: color-mix(in srgb, #fff, #fff) }", "style-not-judged", "color"),
        (".emergency li { unicode-bidi: bidi-override }", "style-not-judged", "unicode-bidi"),
        ("main { & .emergency { display: none } }", "style-not-judged", "&"),
        ("col { visibility: collapse }", "style-not-judged", "collapse"),
        (":root { --a: collapse } col { visibility: var(--a) }", "style-not-judged", "collapse"),
        ("@media screen { @container (width > 1px) { p { display: none } } }", "style-not-judged", "@container"),
    ],
)
def test_what_hides_on_a_screen_is_named(clinic: Path, tmp_path: Path, css: str, code: str, named: str) -> None:
    assert refused(styled(clinic, css), tmp_path / "out", Format.HTML)[code].split(", ")[0] == named


def test_a_style_for_some_screens_is_looked_at_too(clinic: Path, tmp_path: Path) -> None:
    style = '<style media="(max-width: 30rem)">.emergency { display: none }</style>'
    press = templated(clinic, f"{{% block header %}}{style}{{% endblock %}}")
    assert refused(press, tmp_path / "out", Format.HTML) == {"text-missing": "::: emergency", "link-nowhere": ""}


def test_a_style_on_an_element_is_looked_at_too(clinic: Path, tmp_path: Path) -> None:
    press = templated(clinic, '{% block header %}<p style="filter: blur(9px)">Hello</p>{% endblock %}')
    assert refused(press, tmp_path / "out", Format.HTML) == {"style-not-judged": "filter"}


def test_each_look_is_judged_once(clinic: Path, tmp_path: Path, sheet_maker: Callable[..., Press]) -> None:
    """The second patient's sheet is made although nothing can look at pictures any more."""
    press = sheet_maker(clinic)
    destination = Destination(folder=tmp_path / "out")
    press.make(job(), destination)
    assert len(list((tmp_path / "cache" / "looks").iterdir())) == 1
    press.make(job(patient_name="Zoë Example"), destination)
    sheet_maker(clinic).make(job(patient_name="Björn Example", performed_on="2026-11-24 09:00"), destination)
    assert len(list((tmp_path / "cache" / "looks").iterdir())) == 1
    press.make(job("microneedling-routine"), destination)
    assert len(list((tmp_path / "cache" / "looks").iterdir())) == 2


def test_a_look_that_changes_is_judged_again(clinic: Path, tmp_path: Path, sheet_maker: Callable[..., Press]) -> None:
    sheet_maker(clinic).make(job(), Destination(folder=tmp_path / "out"))
    styled(clinic, ".emergency li { color: #fff }")
    with pytest.raises(InputError):
        sheet_maker(clinic).make(job(), Destination(folder=tmp_path / "out"))


def test_a_name_that_a_template_leaves_out_is_missed_on_a_known_look_too(
    clinic: Path, tmp_path: Path, sheet_maker: Callable[..., Press]
) -> None:
    templated(
        clinic, '{% block details %}{% if "Amina" in details[0].value.text %}{{ super() }}{% endif %}{% endblock %}'
    )
    sheet_maker(clinic).make(job(), Destination(folder=tmp_path / "out"))
    with pytest.raises(InputError) as error:
        sheet_maker(clinic).make(job(patient_name="Zoë Example"), Destination(folder=tmp_path / "out"))
    assert "patient.name" in errors_of(error.value.problems)[0].values["names"]


def test_a_style_that_chooses_one_patient_is_a_look_of_its_own(
    clinic: Path, tmp_path: Path, sheet_maker: Callable[..., Press]
) -> None:
    """A sheet of this look has passed for another name; what is hidden of this one alone is found."""
    part = (
        '{% block about %}<footer class="about {{ details[0].value.text }}">{{ parts.about() }}</footer>{% endblock %}'
    )
    templated(clinic, "{% block style %}.Zoe .draft { color: #fff }{% endblock %}" + part)
    sheet_maker(clinic).make(job(patient_name="Amina Example"), Destination(folder=tmp_path / "out"))
    with pytest.raises(InputError) as error:
        sheet_maker(clinic).make(job(patient_name="Zoe Example"), Destination(folder=tmp_path / "out"))
    assert {problem.code for problem in errors_of(error.value.problems)} == {Code.TEXT_HIDDEN}


@pytest.fixture
def sheet_maker(tmp_path: Path) -> Callable[[Path], Press]:
    """Return a function that gives a new press with one cache folder for all."""
    (tmp_path / "cache").mkdir()
    return lambda clinic: Press(Resources(clinic=clinic, cache=tmp_path / "cache"))


@pytest.mark.parametrize("nothing", [".", "…", "\u200b", "\u3164", "\u00ad"])
def test_a_translation_without_a_word_is_no_translation(clinic: Path, tmp_path: Path, nothing: str) -> None:
    path = clinic / "locales" / "es" / "LC_MESSAGES" / "microneedling-aftercare.po"
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    message = f'msgctxt "emergency item"\nmsgid "You feel faint or confused."\nmsgstr "{nothing}"\n'
    path.write_text(head + message, encoding="utf-8")
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(job("microneedling-aftercare", "es"), Destination(folder=tmp_path / "out"))
    codes = {str(problem.code) for problem in errors_of(error.value.problems)}
    assert codes & {"untranslated", "text-hidden", "sheet-loses"}


@pytest.mark.parametrize("document", document_ids(Resources()))
def test_every_document_is_made_for_a_screen(document: str) -> None:
    press = example_press()
    for languages in ("zh-Hans", "ar+en"):
        assert press.sheet(document, DETAILS, language=languages, form=Format.HTML, now=NOW).data.startswith(
            b"<!DOCTYPE"
        )
