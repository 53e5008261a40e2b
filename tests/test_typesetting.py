"""The sheet as PDF: accessible by the real veraPDF, two sides, nothing missing, the same bytes each time."""

import ast
import dis
import inspect
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FunctionType, ModuleType

import pikepdf
import pydyf
import pypdfium2 as pdfium
import pytest
import weasyprint
from PIL import Image, ImageChops
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.text.ffi import ffi, fontconfig, harfbuzz, harfbuzz_subset, pango

from handouts import declared
from handouts.catalogues import document_ids
from handouts.declarations import source_digest
from handouts.errors import Gathering, InputError, errors_of
from handouts.languages import known_tags
from handouts.press import Press
from handouts.records import Destination, Paper, PrintSize, Receipt
from handouts.resources import Resources
from handouts.typesetting import engine, page_numbers
from handouts.typesetting.engine import Work, wrap
from handouts.typesetting.glyph_runs import EMPTY
from tests.conftest import CHECKOUT, DETAILS, EXAMPLE_CLINIC, EXAMPLE_TREATMENT, NOW, example_press, job
from tests.verapdf import validate

PICTURES = Path(__file__).parent / "pictures"
LARGEST_DIFFERENCE = 0.02
"""Share of pixels that may differ by more than a quarter of the scale: other versions of Pango shift edges."""


@pytest.fixture(scope="module")
def press() -> Press:
    return example_press()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheets")


def made(press: Press, folder: Path, document: str, tag: str, size: PrintSize, **changed: object) -> Path:
    found = press.make(job(document, tag, size=size, **changed), Destination(folder=folder))  # type: ignore[arg-type]  # a test's own keywords
    return found.receipts[0].path


def text_of(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def accessible(press: Press, folder: Path, document: str, tags: Sequence[str], size: PrintSize) -> dict[str, Receipt]:
    """Assert that veraPDF finds nothing in a document's sheets in these languages, and return each one's receipt."""
    receipts = {tag: press.make(job(document, tag, size=size), Destination(folder=folder)).receipts[0] for tag in tags}
    paths = [receipt.path for receipt in receipts.values()]
    assert {path.name: found for path, found in validate(paths).items() if found} == {}
    assert len(set(paths)) == len(tags)
    return receipts


@pytest.mark.parametrize("document", document_ids(Resources()))
def test_every_standard_sheet_is_accessible_and_takes_two_sides_or_a_third_where_it_is_translated(
    press: Press, folder: Path, document: str
) -> None:
    receipts = accessible(press, folder, document, known_tags(), PrintSize.STANDARD)
    pages = {tag: receipt.sheet.pages for tag, receipt in receipts.items()}
    assert pages.pop("en") == 2
    assert {tag: count for tag, count in pages.items() if count not in (2, 3)} == {}
    filled = {tag: first_page_filled(receipt.path) for tag, receipt in receipts.items()}
    assert {tag: share for tag, share in filled.items() if share < 0.7} == {}


def first_page_filled(path: Path) -> float:
    """Return how far down the text of the first page reaches, above its foot of 12 mm, as a share of the page."""
    foot = 34
    with pdfium.PdfDocument(path) as pdf:
        letters = pdf[0].get_textpage()
        bottoms = [letters.get_rect(number)[1] for number in range(letters.count_rects())]
        return 1 - float((min(bottom for bottom in bottoms if bottom > foot) - foot) / (pdf[0].get_height() - foot))


@pytest.mark.parametrize("document", document_ids(Resources()))
def test_large_sheets_are_accessible(press: Press, folder: Path, document: str) -> None:
    accessible(press, folder, document, some_tags(document, "en", "ar", "zh-Hans"), PrintSize.LARGE)


@pytest.mark.parametrize("document", document_ids(Resources()))
def test_sheets_in_two_languages_are_accessible(press: Press, folder: Path, document: str) -> None:
    with_english = [f"{tag}+en" for tag in some_tags(document) if tag != "en"]
    others = ("en+ar", "fa+ar", "es+fa") if document == "microneedling-aftercare" else ()
    accessible(press, folder, document, [*with_english, *others], PrintSize.STANDARD)


def some_tags(document: str, *always: str) -> tuple[str, ...]:
    """Return every language where all forms are asked for; else some for each document, together all of them.

    What is in every sheet of a document is judged in its standard form, and what is in every sheet of a form in one
    document. `make proof` asks for all.
    """
    documents = document_ids(Resources())
    if os.environ.get("HANDOUTS_EVERY_FORM"):
        return known_tags()
    own = known_tags()[documents.index(document) :: len(documents)]
    return tuple(dict.fromkeys((*always, *own)))


def test_in_large_print_the_questions_stand_on_the_page_of_the_telephone_number(press: Press, folder: Path) -> None:
    pages = text_of(made(press, folder, "microneedling-aftercare", "de", PrintSize.LARGE)).split("\f")
    (page,) = [page for page in pages if "Bevor Sie gehen" in page]
    assert "(212) 555-0187" in page


def test_two_languages_are_paired_row_by_row(press: Press, folder: Path) -> None:
    path = made(press, folder, "microneedling-aftercare", "ar+en", PrintSize.STANDARD)
    with pikepdf.open(path) as pdf:
        rows = [tag for tag in _tags(pdf.Root.StructTreeRoot) if tag.get("/S") == "/TR"]
        pairs = [[str(cell.Lang) for cell in row.K if "/Lang" in cell] for row in rows]
    assert pairs.count(["ar", "en"]) > 50
    assert not any(pair == ["en", "ar"] for pair in pairs)
    assert path.name.startswith("microneedling-aftercare-ar+en-")


def test_a_third_language_is_refused(press: Press, folder: Path) -> None:
    with pytest.raises(InputError) as error:
        press.make(job("microneedling-aftercare", "ar+en+es"), Destination(folder=folder))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["too-many-languages"]


def test_the_check_finds_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "untagged.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    assert validate([path])[path]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        (
            "en",
            [
                "Your skin after microneedling",
                "Amina Example",
                "Sunday, November 22, 3:00 PM",
                "Call 911 now if:",
                "(212) 555-0142",
                "Page 1 of 2",
                "Page 2 of 2",
            ],
        ),
        ("es", ["(212) 555-0142", "38 °C", "911"]),
        ("ar", ["(212) 555-0142", "Amina Example", "38 °C"]),
        ("zh-Hans", ["(212) 555-0142", "11月22日星期日 15:00", "911", "38 °C"]),
    ],
)
def test_the_pages_say(press: Press, folder: Path, tag: str, words: list[str]) -> None:
    found = " ".join(text_of(made(press, folder, "microneedling-aftercare", tag, PrintSize.STANDARD)).split())
    found = found.replace("\u202a", "").replace("\u202b", "").replace("\u202c", "")
    assert [word for word in words if word not in found] == []


@pytest.mark.parametrize("paper", list(Paper))
def test_the_paper_is_the_one_asked_for(press: Press, folder: Path, paper: Paper) -> None:
    found = press.make(job("microneedling-aftercare", "es", paper=paper), Destination(folder=folder))
    with pikepdf.open(found.receipts[0].path) as pdf:
        width, height = (round(float(value)) for value in pdf.pages[0].mediabox[2:])
    assert (width, height) == {Paper.A4: (595, 842), Paper.LETTER: (612, 792)}[paper]
    assert found.receipts[0].sheet.pages == 3


def test_the_same_job_gives_the_same_bytes(press: Press, folder: Path, tmp_path: Path) -> None:
    first = made(press, folder, "microneedling-aftercare", "ar", PrintSize.STANDARD)
    again = made(Press(Resources(clinic=EXAMPLE_CLINIC)), tmp_path, "microneedling-aftercare", "ar", PrintSize.STANDARD)
    assert first.name == again.name
    assert first.read_bytes() == again.read_bytes()


def test_metadata_names_the_text_and_not_the_patient(press: Press, folder: Path) -> None:
    path = made(press, folder, "microneedling-aftercare", "es", PrintSize.STANDARD, patient_name="Zebulon Example")
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang) == "es"
        assert bool(pdf.Root.MarkInfo.Marked)
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        assert "microneedling-aftercare, 1.1, es" in info["/Keywords"]
        assert info["/Author"] == "Lumen Skin Clinic"
        assert info["/Title"].endswith("– Lumen Skin Clinic")
        assert "Zebulon" not in str(info) + path.name
        assert "Zebulon" not in bytes(pdf.Root.Metadata.read_bytes()).decode()


def test_passages_in_another_language_carry_it_in_their_tags(press: Press, folder: Path) -> None:
    path = made(
        press, folder, "microneedling-aftercare", "ar", PrintSize.STANDARD, note="Use the blue gel.", note_language="en"
    )
    with pikepdf.open(path) as pdf:
        found = [(str(tag.S), str(tag.Lang)) for tag in _tags(pdf.Root.StructTreeRoot) if "/Lang" in tag]
    assert found.count(("/P", "en")) >= 4  # the address, the staff's line, the note, the draft's line
    assert {language for _, language in found} == {"en"}


def _tags(tag: pikepdf.Object) -> Iterator[pikepdf.Object]:
    yield tag
    kids = tag.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else ():
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _tags(kid)


@pytest.mark.parametrize(
    ("name", "character"), [("Ana \ue000", "U+E000"), ("Ana \U0001f600", "U+1F600"), ("Ana \U00013000", "U+13000")]
)
def test_a_character_that_no_font_has_is_refused_and_placed(
    press: Press, folder: Path, name: str, character: str
) -> None:
    before = set(folder.iterdir())
    with pytest.raises(InputError) as error:
        made(press, folder, "microneedling-aftercare", "en", PrintSize.STANDARD, patient_name=name)
    (problem,) = [problem for problem in error.value.problems if problem.code == "missing-glyph"]
    assert (problem.values["character"], problem.path) == (character, "patient.name")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    "name", ["محمد عبد الله", "अनुष्का श्रीवास्तव", "諸葛亮", "Ёлкин Пётр", "김민준", "สมชาย", "ანა", "A" * 100]
)
def test_a_name_in_any_script_is_printed(press: Press, folder: Path, name: str) -> None:
    for tag in ("en", "ar", "zh-Hans"):
        assert made(press, folder, "microneedling-aftercare", tag, PrintSize.STANDARD, patient_name=name).is_file()


def test_a_name_in_any_living_script_is_printed_with_what_fonts_noto_core_has(press: Press, folder: Path) -> None:
    codes = (
        *(0x13A0, 0x710, 0x787, 0x7CA, 0xB36, 0xF56, 0x1403, 0x182A, 0x1901, 0x1980, 0x1B05, 0x1BC0, 0x1C5A, 0x2D30),
        *(0xA4D0, 0xA500, 0xA892, 0xA98F, 0xAA06, 0xABC0, 0x104B0, 0x1140E, 0x16F00, 0xA000),
    )
    sheets = []
    for start in range(0, len(codes), 6):
        name = " ".join(map(chr, codes[start : start + 6]))
        # Many have no bold: a name is in them all the same, though the patient's own is to be bold.
        changed = {"patient_name": name, "practitioner": name[:3]}
        sheets.append(made(press, folder, "microneedling-aftercare", "en", PrintSize.STANDARD, **changed))
    assert not any(validate(sheets).values())
    for name in ("ଶ୍ରୀ", "𞤀𞤣𞤤𞤢𞤥", "𠮷田"):
        alone = made(press, folder, "microneedling-aftercare", "en", PrintSize.STANDARD, patient_name=name)
        assert set(name) <= set(text_of(alone))


def test_a_font_that_is_not_installed_is_refused(clinic: Path, tmp_path: Path) -> None:
    sheet = clinic / "templates" / "handout" / "sheet.html"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block style %}h1 { font-family: "Noto Serif"; }{% endblock %}'
    )
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(job(), Destination(folder=tmp_path / "out"))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["font-not-here"]
    assert not (tmp_path / "out").exists()


def test_a_clinics_typeface_that_is_not_installed_is_refused(clinic: Path, tmp_path: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text('typeface = "No Such Font"\n' + file.read_text())
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(job(), Destination(folder=tmp_path / "out"))
    (problem,) = errors_of(error.value.problems)
    assert (problem.code, problem.values["wanted"]) == ("stray-font", "No Such Font")
    assert (problem.source, problem.path) == ("clinic.toml", "typeface")


def test_text_that_runs_off_the_paper_is_refused(clinic: Path, tmp_path: Path) -> None:
    sheet = clinic / "templates" / "handout" / "sheet.html"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block style %}h1 { white-space: nowrap; margin-left: 18cm }'
        "{% endblock %}"
    )
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(job(), Destination(folder=tmp_path / "out"))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["off-the-page"]


@pytest.mark.parametrize(
    "address", ["http://example.org/x.png", "file:///etc/hostname", "x.png", "ftp://example.org/x"]
)
def test_a_sheet_fetches_nothing(clinic: Path, tmp_path: Path, address: str) -> None:
    sheet = clinic / "templates" / "handout" / "sheet.html"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(
        '{% extends "@shipped/handout/sheet.html" %}{% block header %}<img alt="x" src="' + address + '">{% endblock %}'
    )
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).make(job(), Destination(folder=tmp_path / "out"))
    assert {problem.code for problem in errors_of(error.value.problems)} == {"address-refused"}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("tag", ["en", "es", "ar", "zh-Hans"])
def test_the_pages_look_as_they_were_approved(press: Press, folder: Path, tmp_path: Path, tag: str) -> None:
    path = made(press, folder, "microneedling-aftercare", tag, PrintSize.STANDARD)
    subprocess.run(["pdftoppm", "-r", "50", "-gray", "-png", path, tmp_path / tag], check=True)
    for page in sorted(tmp_path.glob(f"{tag}-*.png")):
        approved = PICTURES / page.name
        if os.environ.get("UPDATE_PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            with Image.open(page) as picture:
                picture.quantize(16).save(approved, optimize=True)
        assert difference(page, approved) < LARGEST_DIFFERENCE


def difference(first: Path, second: Path) -> float:
    """Return the share of pixels that differ by more than a quarter of the scale."""
    with Image.open(first) as one, Image.open(second) as other:
        if one.size != other.size:
            return 1.0
        counts = ImageChops.difference(one.convert("L"), other.convert("L")).histogram()
    return sum(counts[64:]) / sum(counts)


def test_the_comparison_of_pictures_sees_a_change(tmp_path: Path) -> None:
    for approved in PICTURES.glob("en-1.png"):
        with Image.open(approved) as picture:
            changed = picture.convert("L")
            changed.paste(0, (50, 50, 200, 120))
            changed.save(tmp_path / "changed.png")
        assert difference(tmp_path / "changed.png", approved) > LARGEST_DIFFERENCE
        return
    pytest.fail("no approved picture: run with UPDATE_PICTURES=1")


PARSED_BY_WEASYPRINT_ITSELF = """
import sys
from handouts import declared
declared.SOURCE = "another version"
from handouts.interfaces.command import main
main()
"""


FONTS_CUT_BY_WEASYPRINT_ALONE = """
from handouts.typesetting import compact_fonts
compact_fonts._finds_by_cid = lambda outlines, glyphs: False
from handouts.interfaces.command import main
main()
"""


def test_a_chinese_sheet_is_small_and_looks_as_with_the_fonts_that_weasyprint_cuts(tmp_path: Path) -> None:
    arguments = ("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--treatment", EXAMPLE_TREATMENT)
    shown = []
    for name, start in (("compact", ["-m", "handouts"]), ("whole", ["-c", FONTS_CUT_BY_WEASYPRINT_ALONE])):
        command: list[str | Path] = [
            sys.executable,
            *start,
            *arguments,
            "--language",
            "zh-Hans",
            "--to",
            tmp_path / name,
        ]
        subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT)
        (sheet,) = (tmp_path / name).iterdir()
        subprocess.run(["pdftoppm", "-r", "100", "-png", sheet, tmp_path / name / "page"], check=True)
        pictures = tuple(path.read_bytes() for path in sorted((tmp_path / name).glob("page*")))
        shown.append((sheet.stat().st_size, text_of(sheet), pictures))
    (size, text, pictures), (whole_size, whole_text, whole_pictures) = shown
    assert size < 140_000 < whole_size
    assert text == whole_text
    assert pictures == whole_pictures


def test_declarations_compiled_ahead_change_no_byte(tmp_path: Path) -> None:
    assert source_digest() == declared.SOURCE, "WeasyPrint has changed: run scripts/declare.py"
    arguments: list[str | Path] = [
        *("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--treatment", EXAMPLE_TREATMENT),
        *("--language", "ar", "--to"),
    ]
    for name, start in (("ahead", ["-m", "handouts"]), ("itself", ["-c", PARSED_BY_WEASYPRINT_ITSELF])):
        subprocess.run(
            [sys.executable, *start, *arguments, tmp_path / name], check=True, capture_output=True, cwd=CHECKOUT
        )
    (ahead,), (itself,) = (tuple((tmp_path / name).iterdir()) for name in ("ahead", "itself"))
    assert ahead.read_bytes() == itself.read_bytes()


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("tag", ["it", "pl", "tr", "vi"])
def test_what_a_section_asks_at_its_end_stands_on_the_page_of_its_list(
    press: Press, tmp_path: Path, tag: str, paper: Paper
) -> None:
    wish = job("microneedling-routine", tag, paper=paper)
    (composed,), _ = press.compose(wish)
    path = press.make(wish, Destination(folder=tmp_path)).receipts[0].path
    pages = ["".join(page.split()) for page in text_of(path).split("\f")]
    section = re.compile(r'class="plain section">\s*<h2>(.*?)</h2>\s*<ul>.*?</ul>\s*<p>(.*?)</p>', re.DOTALL)
    sections = section.findall(composed.html)
    assert sections
    for heading, ending in sections:
        first, last = ("".join(text.split()) for text in (heading, ending.split(".")[-2]))
        assert [number for number, page in enumerate(pages) if first in page and last in page], heading


def test_what_a_style_is_blamed_for_is_told_of_each_sheet(clinic: Path, tmp_path: Path) -> None:
    page = clinic / "templates" / "handout" / "sheet.html"
    page.parent.mkdir(parents=True)
    page.write_text('{% extends "@shipped/handout/sheet.html" %}{% block style %}.do { sparkle: yes }{% endblock %}')
    press = Press(Resources(clinic=clinic))
    for name in ("Ana Example", "Zoë Example"):
        told = press.make(job(patient_name=name), Destination(folder=tmp_path)).problems
        assert [problem.values["property"] for problem in told if problem.code == "style-passed-over"] == ["sparkle"]


@pytest.mark.parametrize("guess", [2, 1])
def test_a_page_is_laid_out_again_only_where_the_page_that_it_names_was_guessed_wrong(
    press: Press, monkeypatch: pytest.MonkeyPatch, guess: int
) -> None:
    wanted = job("microneedling-before", settings=None)
    (right,) = press.typeset(press.compose(wanted)[0], wanted, Gathering())
    numbers = []
    make_page = weasyprint.layout.page.make_page

    def counted(*given: object) -> object:
        numbers.append(given[4])
        return make_page(*given)

    monkeypatch.setattr(weasyprint.layout.page, "make_page", counted)
    monkeypatch.setattr(page_numbers, "_GUESSED", guess)
    (sheet,) = press.typeset(press.compose(wanted)[0], wanted, Gathering())
    assert (numbers == [1, 2]) is (guess == right.pages == 2)
    assert sheet.data == right.data


@pytest.mark.parametrize("guess", [1, 2])
def test_a_text_may_name_its_own_page_and_one_before_or_after_it(
    clinic: Path, monkeypatch: pytest.MonkeyPatch, guess: int
) -> None:
    monkeypatch.setattr(page_numbers, "_GUESSED", guess)
    numbers = "content: '(' counter(page) '/' target-counter(url(#{}), page) ')'"
    styled(
        clinic,
        f".key-message::after {{ {numbers.format('call-us')} }} .about::after {{ {numbers.format('help-line')} }}",
    )
    sheet = Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", DETAILS, now=NOW)
    (clinic / "own.pdf").write_bytes(sheet.data)
    assert re.findall(r"\(\d/\d\)", text_of(clinic / "own.pdf")) == ["(1/3)", "(3/1)"]


def styled(clinic: Path, style: str) -> None:
    page = clinic / "templates" / "handout" / "sheet.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'{{% extends "@shipped/handout/sheet.html" %}}{{% block style %}}{style}{{% endblock %}}')


def test_the_private_parts_of_weasyprint_are_there_and_wrapped() -> None:
    writing = {"get_hb_object_data", "_harfbuzz_subset", "_build_vector_font_dictionary", "build_fonts_dictionary"}
    counting = {"TargetLookupItem", "collect_missing_counters"}
    assert {work.value[1] for work in Work} == {"_build_box_tree", "draw_first_line"} | writing | counting
    for work in Work:
        module, name = work.value
        assert getattr(module, name).__module__.startswith("handouts.typesetting"), name
    assert AbsolutePlaceholder(None)._box is None  # noqa: SLF001 - what the engine takes of it


def test_pages_that_are_kept_have_the_file_of_a_font_once() -> None:
    """Else each takes as much again as the files of its fonts: 20 MB in Latin letters, more in Chinese."""
    documents = [weasyprint.HTML(string=f'<p style="font-family: Noto Sans">{text}').render() for text in ("ab", "cd")]
    for document in documents:
        document.write_pdf(full_fonts=True)
    one, other = (font.file_content for document in documents for font in document.fonts.values())
    assert len(one) > 100_000
    assert one is other


PRIVATE = {
    weasyprint.document.Page: "_page_box bookmarks",
    weasyprint.text.fonts.FontConfiguration: "_config",
    weasyprint.pdf.stream.Stream: "_current_font _fonts add_font ink_rect logical_rect",
    weasyprint.pdf.fonts.Font: "hb_face file_content to_unicode widths missing hash name family variations tables "
    "glyph_count png svg colr bitmap",
    weasyprint.text.line_break.Layout: "style layout text set_text get_first_line",
    pydyf.Object: "number generation free data reference indirect compressible",
    pydyf.Stream: "stream extra compress",
    pydyf.PDF: "objects page_references info catalog",
}
"""What each class must have, of its own or from one that it is made from."""
ARGUMENTS = {
    (weasyprint.pdf.stream, "Stream.__init__"): "self fonts page_rectangle resources images tags color_profiles "
    "output_intent",
    (weasyprint.draw.text, "draw_first_line"): "stream textbox text_overflow block_ellipsis matrix",
    (weasyprint.text.fonts, "get_hb_object_data"): "hb_object ot_color glyph",
    (weasyprint.pdf.fonts, "build_fonts_dictionary"): "pdf fonts compress subset options",
    (
        weasyprint.pdf.fonts,
        "_build_vector_font_dictionary",
    ): "font_dictionary pdf font widths compress reference pdf_version",
    (weasyprint.pdf.tags, "_build_box_tree"): "box parent pdf page_number nums annotations tags",
    (weasyprint.text.line_break, "line_size"): "line style",
    (weasyprint.text.line_break, "strut"): "style",
    (weasyprint.text.line_break, "_font_style_cache_key"): "style include_size",
    (weasyprint.text.line_break, "Layout.__init__"): "self style justification_spacing max_width",
    (weasyprint.matrix, "Matrix.__init__"): "self a b c d e f matrix",
}
"""The arguments of what is called, or gone before, in their order."""
IN_C = {
    harfbuzz_subset: "hb_subset_input_create_or_fail hb_subset_input_destroy hb_subset_input_glyph_set "
    "hb_subset_input_set hb_subset_input_set_flags hb_subset_or_fail HB_SUBSET_FLAGS_RETAIN_GIDS "
    "HB_SUBSET_FLAGS_PASSTHROUGH_UNRECOGNIZED HB_SUBSET_FLAGS_DESUBROUTINIZE HB_SUBSET_FLAGS_NO_HINTING "
    "HB_SUBSET_SETS_DROP_TABLE_TAG",
    harfbuzz: "hb_face_destroy hb_face_reference_table hb_tag_from_string hb_blob_get_data hb_blob_destroy "
    "hb_set_add_sorted_array",
    pango: "pango_version pango_layout_get_baseline pango_layout_get_line_readonly "
    "pango_layout_set_single_paragraph_mode pango_font_get_glyph_extents PANGO_GLYPH_EMPTY PANGO_GLYPH_UNKNOWN_FLAG",
    fontconfig: "FcConfigGetFonts FcSetSystem",
}
"""What the libraries behind WeasyPrint are asked for in its own declarations."""


def names_of(kind: type) -> set[str]:
    """Return the names that a class, or what it is made from, defines or gives to its instances."""
    found = set(dir(kind))
    for base in kind.__mro__:
        for member in vars(base).values():
            function = member.fget if isinstance(member, property) else member
            if isinstance(function, FunctionType):
                found |= {step.argval for step in dis.get_instructions(function) if step.opname == "STORE_ATTR"}
    return found


def arguments_of(module: ModuleType, name: str) -> str:
    """Return the arguments that a function has in the file of its module, whatever has been put in its place."""
    body = ast.parse(inspect.getsource(module)).body
    *outer, name = name.split(".")
    for kind in outer:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == kind).body
    function = next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == name)
    return " ".join(argument.arg for argument in function.args.args)


@pytest.mark.parametrize("kind", PRIVATE, ids=lambda kind: kind.__name__)
def test_what_the_engine_takes_of_a_class_is_there(kind: type) -> None:
    assert set(PRIVATE[kind].split()) - names_of(kind) == set()


@pytest.mark.parametrize(("module", "name"), ARGUMENTS, ids=lambda part: getattr(part, "__name__", part))
def test_what_the_engine_calls_takes_what_it_is_given(module: ModuleType, name: str) -> None:
    assert arguments_of(module, name) == ARGUMENTS[module, name]


@pytest.mark.parametrize("library", IN_C, ids=("harfbuzz_subset", "harfbuzz", "pango", "fontconfig"))
def test_what_the_engine_asks_of_a_library_in_c_is_declared(library: object) -> None:
    assert [name for name in IN_C[library].split() if not hasattr(library, name)] == []


def test_what_pango_says_of_a_glyph_lies_where_it_is_read() -> None:
    info, geometry = (ffi.typeof(name).fields for name in ("PangoGlyphInfo", "PangoGlyphGeometry"))
    assert ffi.sizeof("PangoGlyphInfo") == struct.calcsize("=I3i4x")
    assert [(name, field.offset) for name, field in info] == [("glyph", 0), ("geometry", 4), ("attr", 16)]
    assert [(name, field.offset) for name, field in geometry] == [("width", 0), ("x_offset", 4), ("y_offset", 8)]
    assert EMPTY == pango.PANGO_GLYPH_EMPTY < pango.PANGO_GLYPH_UNKNOWN_FLAG


def test_the_engine_uses_no_private_part_that_is_not_named_here() -> None:
    source = ast.parse(inspect.getsource(engine))
    own = {
        node.attr
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    asked = {node.attr for node in ast.walk(source) if isinstance(node, ast.Attribute)} - own
    imported = {alias.name for node in ast.walk(source) if isinstance(node, ast.ImportFrom) for alias in node.names}
    worked = {work.value[1] for work in Work}
    named = {name for names in (*PRIVATE.values(), *IN_C.values()) for name in names.split()}
    named |= {"_box"} | {part for _, name in ARGUMENTS for part in name.split(".")} | worked
    of_libraries = {name for name in asked | imported if name.startswith(("_", "hb_", "HB_", "Fc", "pango_"))}
    assert of_libraries - named == set()


def test_a_version_that_the_private_parts_were_not_written_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.typesetting.engine.VERSION", "71.0")
    with pytest.raises(RuntimeError, match="written for WeasyPrint"):
        wrap(Work.DRAW_LINE, lambda draw: draw)


def test_a_second_make_of_a_look_imports_nothing_that_only_the_first_needs(tmp_path: Path) -> None:
    script = (
        "import sys; from handouts.interfaces.command import main; sys.argv[0] = 'handouts'\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*sys.modules.keys() & {'numpy', 'pypdfium2', 'fontTools.subset', 'babel.localedata'})"
    )
    arguments = ("make", "microneedling-aftercare", "--clinic", EXAMPLE_CLINIC, "--sample", "--to", tmp_path)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    seen = [
        subprocess.run(
            [sys.executable, "-c", script, *arguments, "--patient", "Ana Example"],
            cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True,
        ).stdout.splitlines()[-1].split()
        for _ in range(2)
    ]  # fmt: skip
    assert "numpy" in seen[0], "its picture is looked at"
    assert seen[1] == ["babel.localedata"]
