"""A sheet that is written from one laid out for many is the one that is laid out by itself, and in doubt it is that."""

import io
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pikepdf
import pydyf
import pytest

from handouts.composition import Fields
from handouts.composition.bidi import direction
from handouts.delivery.mail.messages import identifier_of
from handouts.errors import Gathering, InputError, each_once
from handouts.languages import known_tags
from handouts.press import Press
from handouts.press.shapes import Shape, Shapes
from handouts.records import Format, Job, LaidOut, PrintSize, Sheet
from handouts.resources import Resources
from handouts.typesetting import engine
from handouts.typesetting.comparing import NO_PAGE, first_difference
from handouts.typesetting.personalising import personaliser
from handouts.typesetting.personalising.font_patterns import FIRST_NUMBER, FontPattern, SmallFont
from handouts.typesetting.personalising.outlines import Outlines
from handouts.typesetting.personalising.small_fonts import common_letters
from tests.conftest import EXAMPLE_CLINIC, example_press, job, one_of_each_font
from tests.verapdf import validate

WIDE = {("fil", "王小明")}
"""A Wednesday in November with a time after ten is the widest date there is, and wider than its field."""
FIRST = ("Ana Example", "Ben Sample", "Clara Muster")
FIRST_FROM_THE_RIGHT = ("أمينة مثال", "ليلى نموذج", "سارة عينة")
"""The direction of a value belongs to the shape."""
NAMES = (
    "Zoë Łukasz Tester",
    "Nguyễn Thị Ví Dụ",
    "Іван Зразок",
    "محمد نمونه",
    "王小明",
    "प्रिया उदाहरण",
    "Ελένη Δείγμα",
    "Jean-Luc O’Example",
    "می‌خواهم نیلوفر",
    "क्‍ष श्री",
)
DOCUMENT = "microneedling-aftercare"


@cache
def one_press() -> Press:
    return Press(Resources(clinic=EXAMPLE_CLINIC))


@pytest.fixture(scope="module", autouse=True)
def _one_press_ends() -> Iterator[None]:
    """Let go of what the press keeps of every language."""
    yield
    one_press.cache_clear()


def wish(name: str, language: str, document: str, **more: Any) -> Job:
    """Return a job for a patient whose treatment is on a day of November by the letters of the name."""
    on = f"2026-11-{1 + len(name) % 20:02d} {8 + len(name) % 9:02d}:30"
    wanted = {"performed_on": on, "follow_up": "2026-12-20 10:30", **more}
    return job(document, language, patient_name=name, **wanted)


def made(press: Press, name: str, language: str = "en", document: str = DOCUMENT, **more: Any) -> Sheet:
    """Return the sheet of a patient as a press makes it for a batch."""
    return press.sheet_of(press.check(wish(name, language, document, **more))[0].checked)


def warmed(
    press: Press, language: str = "en", document: str = DOCUMENT, names: Sequence[str] = FIRST, **more: Any
) -> Press:
    """Return a press that has laid out the first sheets of a shape."""
    for name in names:
        made(press, name, language, document, **more)
    return press


def names_of(place: int) -> tuple[str, ...]:
    """Return two names that are written in one direction: each third language has those from the right."""
    wanted = "rtl" if place % 3 == 2 else "ltr"
    names = [name for name in NAMES if direction(name) == wanted]
    return names[place % len(names)], names[(place + 1) % len(names)]


def test_shapes_that_were_not_used_for_longest_are_forgotten_before_there_is_no_memory() -> None:
    """Else a batch of many documents and languages would end in the middle, and blame a text that does nothing."""
    free = [1_000_000_000]
    shapes = Shapes(free=lambda: free[0])

    def of(number: int) -> Shape:
        return shapes.of(Fields(values=(), shape=number, are_plain=True))

    known = [of(number) for number in range(8)]
    assert [of(number) for number in range(8)] == known
    free[0] = 400_000_000
    known.append(of(8))
    assert [of(number) is known[number] for number in range(5, 9)] == [True] * 4
    assert of(0) is not known[0], "it was used before the others"
    assert of(5) is known[5], "what was given back is not asked for again"
    free[0] = 300_000_000
    of(9)
    assert of(5) is known[5]
    assert of(6) is not known[6]


def first_like(name: str) -> tuple[str, ...]:
    return FIRST_FROM_THE_RIGHT if direction(name) == "rtl" else FIRST


def laid_out(name: str, language: str = "en", document: str = DOCUMENT, **more: Any) -> Sheet:
    """Return the sheet of a patient as it is laid out by itself, whatever its press has made before."""
    press, wanted, gathering = example_press(), wish(name, language, document, **more), Gathering()
    (sheet,) = press.typeset(press.compose(wanted)[0], wanted, gathering)
    return replace(sheet, problems=each_once(gathering.problems))


@pytest.mark.parametrize("language", one_of_each_font("de", "fil", "fr", "ru", "ur", "vi"))
def test_a_written_sheet_is_the_sheet_that_is_laid_out(language: str) -> None:
    names = names_of(known_tags().index(language))[: 2 if language in one_of_each_font() else 1]
    press = warmed(one_press(), language, names=first_like(names[0]))
    for name in names:
        written, whole = made(press, name, language), laid_out(name, language)
        assert written.laid_out is (LaidOut.WIDE if (language, name) in WIDE else None)
        assert first_difference(written.data, whole.data) is None
        assert (written.stem, written.fingerprint, written.pages) == (whole.stem, whole.fingerprint, whole.pages)
        assert written.problems == whole.problems
        for arguments in (("pdftotext", "-layout", "-", "-"), ("pdfinfo", "-")):
            told = [
                subprocess.run(arguments, input=sheet.data, capture_output=True, check=True).stdout.splitlines()
                for sheet in (written, whole)
            ]
            assert [line for line in told[0] if b"File size" not in line] == [
                line for line in told[1] if b"File size" not in line
            ]


@pytest.mark.parametrize("form", [PrintSize.LARGE, "en+ar", "es+en"])
def test_large_and_bilingual_sheets_are_written_too(form: str) -> None:
    language = form if "+" in form else "en"
    size = PrintSize.LARGE if form == PrintSize.LARGE else PrintSize.STANDARD
    press = warmed(one_press(), language, size=size)
    written = made(press, "Zoë Łukasz Tester", language, size=size)
    assert written.laid_out is None
    assert first_difference(written.data, laid_out("Zoë Łukasz Tester", language, size=size).data) is None


def test_written_sheets_are_accessible(tmp_path: Path) -> None:
    sheets = [made(warmed(one_press(), tag), "王小明 Łukasz", tag) for tag in ("en", "ar", "zh-Hans", "hi", "ru")]
    sheets += [made(warmed(one_press(), names=first_like(name)), name) for name in ("محمد نمونه", "प्रिया उदाहरण")]
    assert {sheet.laid_out for sheet in sheets} == {None}
    paths = [tmp_path / f"{number}.pdf" for number in range(len(sheets))]
    for path, sheet in zip(paths, sheets, strict=True):
        path.write_bytes(sheet.data)
    assert validate(paths) == dict.fromkeys(paths, ())


def test_a_chinese_sheet_is_light_both_ways() -> None:
    """A clinic keeps and sends thousands; bare WeasyPrint makes 416 kB of it. A written one has letters to spare."""
    press = warmed(one_press(), "zh-Hans")
    written, by_itself = made(press, "Amina Example", "zh-Hans"), laid_out("Amina Example", "zh-Hans")
    assert (written.laid_out, by_itself.laid_out) == (None, LaidOut.FIRST)
    assert len(by_itself.data) < 120_000
    assert len(written.data) < 130_000


def test_an_email_of_a_written_sheet_is_the_same_email() -> None:
    """Else a patient could get the same sheet twice: once as it was laid out, and once as it was written."""
    written, by_itself = made(warmed(one_press()), "Amina Example"), laid_out("Amina Example")
    assert (written.laid_out, by_itself.laid_out) == (None, LaidOut.FIRST)
    to = "amina@example.org"
    assert identifier_of(written.data, to) == identifier_of(by_itself.data, to)


def test_sheets_that_are_written_together_are_those_that_are_written_one_by_one() -> None:
    press = warmed(warmed(one_press()), "ar", names=FIRST_FROM_THE_RIGHT)
    names = [(name, tag) for name in (*NAMES, "M" * 90, "Ana Example") for tag in ("en", "ar")]
    jobs = [press.check(wish(name, tag, DOCUMENT))[0].checked for name, tag in names]
    jobs.append(press.check(replace(wish("Ana Example", "en", DOCUMENT), sample=True))[0].checked)
    alone = [press.sheet_of(each) for each in jobs]
    together = zip(press.written_of(jobs), alone, strict=True)
    found = [one == (other if other.laid_out is None else None) for one, other in together if other.laid_out != "first"]
    assert all(found)
    assert len(found) > len(NAMES)


def test_the_bytes_of_a_written_sheet_do_not_depend_on_those_before_it() -> None:
    first, second = warmed(one_press(), "hi"), Press(Resources(clinic=EXAMPLE_CLINIC))
    for name in NAMES:
        made(first, name, "hi")
    for name in ("Dora Sample", "Emil Muster", "Fay Tester"):
        made(second, name, "hi")
    for name in ("श्रीमती उदाहरण", "Zoë Łukasz", "王小明"):
        one, other = made(first, name, "hi"), made(second, name, "hi")
        assert (one.laid_out, other.laid_out) == (None, None)
        assert one.data == other.data


def test_a_small_font_is_the_same_whatever_letters_came_before() -> None:
    names = ["".join(common_letters()[start : start + 3]) for start in range(0, 60, 3)]
    first, second = (warmed(Press(Resources(clinic=EXAMPLE_CLINIC)), "zh-Hans") for _ in range(2))
    before = [made(first, name, "zh-Hans").data for name in (*names, *names)]
    assert len(set(before)) == len(names)
    assert made(second, names[0], "zh-Hans").data == made(first, names[0], "zh-Hans").data == before[0]


def objects_of(sheet: Sheet) -> list[object]:
    """Return the objects of a PDF, of streams what they hold."""
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        return [
            (sorted(map(str, each.keys() - {"/Length", "/Filter"})), each.read_bytes())
            if isinstance(each, pikepdf.Stream)
            else each.unparse()
            for each in pdf.objects
            if not (isinstance(each, pikepdf.Stream) and each.get("/Type") == "/XRef")
        ]


@pytest.mark.parametrize("name", ["王小明", "Ελένη Δείγμα", "محمد نمونه"])
def test_a_small_font_by_its_pattern_is_that_which_weasyprint_writes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[FontPattern | None] = []
    pattern_of = FontPattern.of

    def noted(objects: Sequence[Any], font: SmallFont) -> FontPattern | None:
        found.append(pattern_of(objects, font))
        return found[-1]

    def sheets() -> list[Sheet]:
        press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)), names=first_like(name))
        return [made(press, each) for each in (name, name[::-1], name[:2])]

    monkeypatch.setattr(Outlines, "of", lambda *_: None)  # tests/test_outlines.py holds these against what is cut.
    monkeypatch.setattr(FontPattern, "of", noted)
    by_pattern = sheets()
    monkeypatch.setattr(FontPattern, "of", lambda *_: None)
    by_weasyprint = sheets()
    assert {sheet.laid_out for sheet in (*by_pattern, *by_weasyprint)} == {None}
    assert found
    assert None not in found
    assert list(map(objects_of, by_pattern)) == list(map(objects_of, by_weasyprint))


def test_a_small_font_of_many_letters_is_written_by_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ToUnicode map has no more than a hundred letters in a block, and a pattern has one block."""
    press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)))
    assert made(press, "王小").laid_out is None
    monkeypatch.setattr("handouts.typesetting.personalising.small_fonts.MOST_LETTERS", 2)
    monkeypatch.delattr(FontPattern, "written")
    assert made(press, "王小明").laid_out is None


def test_a_face_that_is_not_written_as_it_was_has_no_pattern() -> None:
    font = SmallFont(name=b"/ABCDEF+Face", file=b"outlines", widths={3: 500, 4: 600}, letters={3: "a", 4: "b"})
    lines = [b"begincmap", b"2 beginbfchar", b"<0003> <0061>", b"<0004> <0062>", b"endbfchar", b"endcmap"]
    edges = pydyf.Array([0, -288, 600, 1160])
    box = engine.Dictionary({"FontName": font.name, "Flags": 4, "FontBBox": edges})
    widths = engine.Dictionary({"W": b"[3 [500 600]]", "FontDescriptor": b"%d 0 R" % (FIRST_NUMBER + 2)})
    objects = [engine.Stream([b"outlines"], {"Length1": 8}), engine.Stream(lines), box, widths]
    pattern = FontPattern.of(objects, font)
    assert pattern is not None
    other = replace(font, name=b"/GHIJKL+Face", file=b"100% others", widths={9: 500}, letters={9: "z"})
    file, letters, *dictionaries = pattern.written(other, 12)
    assert file.startswith(b"12 0 obj\n<</Length1 11/Filter /FlateDecode/Length ")
    data = letters.partition(b"stream\n")[2].removesuffix(b"\nendstream\nendobj\n")
    assert zlib.decompress(data) == b"begincmap\n1 beginbfchar\n<0009> <007a>\nendbfchar\nendcmap"
    assert dictionaries == [
        b"14 0 obj\n<</FontName /GHIJKL+Face/Flags 4/FontBBox [0 -288 500 1160]>>\nendobj\n",
        b"15 0 obj\n<</W [9 [500]]/FontDescriptor 14 0 R>>\nendobj\n",
    ]
    bare, *_ = pattern.written(replace(other, file=b"\1\0outlines"), 12)
    assert bare == b"12 0 obj\n<</Length1 10/Length 10>>\nstream\n\1\0outlines\nendstream\nendobj\n"
    for changed in (
        [*objects[:3], engine.Dictionary({"W": b"[3 500 4 600]"})],
        [engine.Stream([b"outlines"], {"Length1": 9}), *objects[1:]],
        [objects[0], engine.Stream([*lines[:3], b"<0004> <00 62>", *lines[4:]]), *objects[2:]],
        objects[1:],
        [*objects, box],
    ):
        assert FontPattern.of(changed, font) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("A name that is far too long for any field of a sheet, and goes on and on and on", LaidOut.WIDE),
        ("Ana (محمد) Example", LaidOut.CHARACTERS),
    ],
)
def test_a_value_that_does_not_fit_is_laid_out_by_itself(name: str, why: LaidOut) -> None:
    press = warmed(one_press())
    assert made(press, name).laid_out is why
    assert made(press, "Zoë Example").laid_out is None


def test_a_letter_that_no_font_has_is_refused_as_before() -> None:
    press = warmed(one_press())
    with pytest.raises(InputError) as error:
        made(press, "Ana \U00012000 Example")
    assert {problem.code for problem in error.value.problems} == {"missing-glyph"}


def test_forty_letters_of_a_name_fit_their_field() -> None:
    press = warmed(one_press())
    assert made(press, "Maximiliane Alexandra Wolkenstein-Rodegg").laid_out is None
    assert made(press, "Ana", practitioner="Practitioner Maximiliane Example-Testing").laid_out is None


def test_html_is_never_written() -> None:
    press = one_press()
    checked = press.check(job(form=Format.HTML))[0].checked
    assert {press.sheet_of(checked).laid_out for _ in range(5)} == {LaidOut.FORM}


def test_the_same_values_again_prove_nothing() -> None:
    press = Press(Resources(clinic=EXAMPLE_CLINIC))
    assert [made(press, "Ana Example").laid_out for _ in range(5)] == [LaidOut.FIRST] * 5


MACRO = "{% macro name() %}{{ details[0].value }}{% endmacro %}"
FIELD = '<div class="value">{{ details[0].value }}</div>'
CARD = "{% block style %}\n.card { display: flex }\n{% endblock %}{% block details %}"
TWICE = "{% block style %}\nh2 { letter-spacing: 0 }\n.value { letter-spacing: 0.1pt }"
OWN = '{% extends "@shipped/handout/sheet.html" %}\n'


def own_press(clinic: Path, page: str) -> Press:
    file = clinic / "templates" / "handout" / "sheet.html"
    file.parent.mkdir(parents=True)
    file.write_text(OWN + page)
    return Press(Resources(clinic=clinic))


@pytest.mark.parametrize(
    ("page", "code", "line"),
    [
        ("\n{% block about %}{% if details[0].value == 'x' %}y{% endif %}{{ super() }}{% endblock %}", "value-used", 3),
        ("{% block about %}{{ details[0].value|upper }}{{ super() }}{% endblock %}", "value-used", 2),
        ("{% block about %}{% for part in avoid[0].moment %}{% endfor %}{{ super() }}{% endblock %}", "value-used", 2),
        (
            "{% block about %}{% set kept %}{{ details[0].value }}{% endset %}{{ super() }}{% endblock %}",
            "value-used",
            2,
        ),
        (
            MACRO + "{% block about %}\n{% if name()|length > 9 %}!{% endif %}{{ super() }}{% endblock %}",
            "value-used",
            3,
        ),
        ("{% block about %}{{ details[0].value.upper() }}{{ super() }}{% endblock %}", "value-used", 2),
        ('{% block about %}\n<p title="{{ details[0].value }}">x</p>{{ super() }}{% endblock %}', "value-used", 3),
        (
            "{% block about %}<p>x</p>\n<p>For {{ details[0].value }}</p>{{ super() }}{% endblock %}",
            "value-not-alone",
            3,
        ),
        ("{% block style %}\n.value::before { content: '» ' }{% endblock %}", "value-not-alone", 3),
        ("{% block style %}\n.value { letter-spacing: 0.1pt }{% endblock %}", "value-styled", 3),
        ("{% block style %}\n.value { text-transform: uppercase }{% endblock %}", "value-styled", 3),
        (TWICE + "{% endblock %}", "value-styled", None),
        (CARD + "<div class='card'>\n{{ super() }}</div>{% endblock %}", "value-sizes", 3),
        ("{% block details %}\n<div style='display: grid'>{{ super() }}</div>{% endblock %}", "value-sizes", 3),
        ("{% block style %}\n.value { float: right }{% endblock %}", "value-sizes", 3),
        ("{% block about %}\n<table><tr><td>" + FIELD + "</table>{{ super() }}{% endblock %}", "value-sizes", 3),
        ("{% block about %}\n<h2>{{ details[0].value }}</h2>{{ super() }}{% endblock %}", "value-in-heading", 3),
    ],
)
def test_a_template_that_does_more_with_a_value_is_told(clinic: Path, page: str, code: str, line: int | None) -> None:
    (told,) = own_press(clinic, page).kept_slow(job())
    place = (told.source, told.line)
    assert (told.code, told.severity, place) == (code, "warning", ("templates/handout/sheet.html", line))


@pytest.mark.parametrize(
    "page",
    [
        MACRO + "{% block about %}\n{% if name()|length > 9 %}!{% endif %}{{ super() }}{% endblock %}",
        "{% block style %}\n.value { letter-spacing: 0.1pt }{% endblock %}",
        "{% block about %}\n<h2>{{ details[0].value }}</h2>{{ super() }}{% endblock %}",
    ],
)
def test_the_sheets_of_a_template_that_does_more_with_a_value_are_laid_out(clinic: Path, page: str) -> None:
    press = own_press(clinic, page)
    for name in (*FIRST, "Dora Sample"):
        sheet = made(press, name)
    assert sheet.laid_out is LaidOut.TEMPLATE


def test_a_note_that_is_not_printed_line_by_line_is_told(clinic: Path) -> None:
    press = own_press(clinic, "{% block about %}\n{{ note }}{{ super() }}{% endblock %}")
    (told,) = press.kept_slow(job(note="Keep it cool."))
    assert (told.code, told.line) == ("value-used", 3)


def test_a_template_whose_fields_are_fields_is_told_nothing(clinic: Path) -> None:
    assert own_press(clinic, "{% block about %}" + FIELD + "{{ super() }}{% endblock %}").kept_slow(job()) == ()


def test_the_shipped_templates_allow_the_fast_way_in_every_form() -> None:
    for size in PrintSize:
        for language in ("en", "ar", "en+ar"):
            assert one_press().kept_slow(job(DOCUMENT, language, size=size)) == ()


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    position = personaliser._position  # noqa: SLF001 - what WeasyPrint does, and could do in another way

    def push(distance: float) -> None:
        def moved(place: Any, line: Any) -> tuple[float, float, float]:
            x, y, height = position(place, line)
            return x + (distance if line.width > 30 else 0), y, height

        monkeypatch.setattr(personaliser, "_position", moved)

    return push


def test_a_library_that_sets_text_in_another_way_makes_the_full_way_serve(pushed: Callable[[float], None]) -> None:
    pushed(0.01)
    press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)))
    sheet = made(press, "Dora Sample")
    assert sheet.laid_out is LaidOut.DIFFERS or sheet.laid_out is LaidOut.TEMPLATE
    assert first_difference(sheet.data, laid_out("Dora Sample").data) is None


def test_an_audit_finds_a_sheet_that_differs_and_names_the_page(pushed: Callable[[float], None]) -> None:
    press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)))
    assert made(press, "Dora Sample").laid_out is None
    pushed(0.5)
    checked = press.check(job(patient_name="Dora Tester Sample"))[0].checked
    assert press.sheet_of(checked).laid_out is None
    with pytest.raises(InputError) as error:
        press.audit(press.sheet_of(checked), checked)
    (problem,) = error.value.problems
    assert (problem.code, problem.values["page"]) == ("sheet-differs", "1")
    assert "Dora" not in str(error.value)


def test_an_audit_of_what_is_the_same_says_nothing() -> None:
    press = warmed(one_press())
    checked = press.check(job(patient_name="Nobody Tester"))[0].checked
    sheet = press.sheet_of(checked)
    assert sheet.laid_out is None
    press.audit(sheet, checked)


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        out = io.BytesIO()
        opened.save(out)
    return out.getvalue()


def test_a_comparison_sees_tags_metadata_pages_letters_and_pictures() -> None:
    sheet = changed(laid_out("Ana Example").data, lambda _: None)

    def language(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Lang = pikepdf.String("de")

    def title(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Title"] = "Another"

    def page(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    def tag(pdf: pikepdf.Pdf) -> None:
        next(
            thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/H1"
        ).S = pikepdf.Name.P

    def letters(pdf: pikepdf.Pdf) -> None:
        font = next(iter(pdf.pages[0].Resources.Font.values()))
        font.ToUnicode = pdf.make_stream(font.ToUnicode.read_bytes().replace(b"<0061>", b"<0062>"))

    def drawing(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1].contents_add(b"1 0 0 rg 9 9 90 90 re f")

    assert first_difference(sheet, sheet) is None
    found = [first_difference(sheet, changed(sheet, each)) for each in (language, title, page, tag, letters, drawing)]
    assert found == [NO_PAGE, NO_PAGE, NO_PAGE, NO_PAGE, 1, 2]


def test_a_small_font_with_the_wrong_glyph_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = engine.reduced_face
    monkeypatch.setattr(
        "handouts.typesetting.personalising.small_fonts.reduced_face",
        lambda face, glyphs: whole(face, glyphs[:1]),
    )
    press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)))
    written = made(press, "王小明")
    assert written.laid_out is None
    assert first_difference(written.data, laid_out("王小明").data) == 1


def test_a_name_in_a_typeface_without_bold_is_left_to_the_check_of_the_finished_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    press = warmed(Press(Resources(clinic=EXAMPLE_CLINIC)))
    assert made(press, "Dora Sample").laid_out is None
    monkeypatch.setattr("handouts.typesetting.personalising.shaping.families_without_bold", lambda _: ["a typeface"])
    assert made(press, "王小明").laid_out is LaidOut.LETTERS


def test_sheets_of_another_year_are_of_another_shape() -> None:
    press = warmed(one_press())
    for name in (*FIRST, "Dora Sample"):
        sheet = made(press, name, performed_on="2026-12-30 10:00", follow_up="2027-02-01 10:00")
        assert sheet.laid_out in (None, LaidOut.FIRST)
    assert (
        first_difference(
            sheet.data, laid_out("Dora Sample", performed_on="2026-12-30 10:00", follow_up="2027-02-01 10:00").data
        )
        is None
    )


def test_threads_that_share_a_press_get_each_their_own_sheet() -> None:
    press = Press(Resources(clinic=EXAMPLE_CLINIC))
    names = [f"Ana Example {number}" for number in range(24)]
    with ThreadPoolExecutor(4) as threads:
        sheets = list(threads.map(partial(made, press), names))
    assert {sheet.laid_out for sheet in sheets[12:]} == {None}
    for name, sheet in zip(names, sheets, strict=True):
        text = subprocess.run(
            ("pdftotext", "-", "-"), input=sheet.data, capture_output=True, check=True
        ).stdout.decode()
        assert re.findall(r"Ana Example \d+", text) == [name]
