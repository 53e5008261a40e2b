"""The sheet as PDF: accessible by the real veraPDF, two sides, nothing missing, the same bytes each time."""

import ast
import dis
import inspect
import io
import os
import re
import struct
import subprocess
import sys
from collections import Counter
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
from handouts.codes import Code
from handouts.declarations import source_digest
from handouts.errors import Gathering, InputError, errors_of
from handouts.languages import known_tags
from handouts.press import Press
from handouts.records import CLINICS_OWN, Destination, Paper, PrintSize, Receipt
from handouts.resources import Resources
from handouts.typesetting import Typesetter, broken_once, engine, page_numbers, typesetter
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


PHRASES = """<html lang="en"><title>t</title><p>one <strong>two</strong> <span lang="fr">deux</span>
<a href="tel:1">three</a><ul><li>four</ul><div>five</div><section><h1>six</h1></section>
<table><tr><th>seven<td>eight</table>"""


def test_a_tag_that_may_hold_text_holds_its_own_and_every_other_has_one_for_it(tmp_path: Path) -> None:
    """A tag for each piece of a paragraph's text would say nothing, and take 2 kB of a sheet."""
    engine.HTML(string=PHRASES).write_pdf(tmp_path / "phrases.pdf", pdf_variant="pdf/ua-1")
    assert list(validate([tmp_path / "phrases.pdf"]).values()) == [()]
    with pikepdf.open(tmp_path / "phrases.pdf") as pdf:
        root = pdf.Root.StructTreeRoot
        held = {str(tag.S): kinds_of(tag) for tag in _tags(root.K[0]) if str(tag.S) != "/Span"}
        holders = [str(tag.S) for tag in root.ParentTree.Nums[1].as_list()]
    text = "a piece"
    assert held["/P"] == [text, "/NonStruct", text, "/Span", text, "/Link"]
    assert held["/NonStruct"] == held["/Div"] == ["/Span"]
    assert held["/Link"] == ["/OBJR", text]
    assert held["/H1"] == held["/TH"] == held["/TD"] == held["/LBody"] == held["/Lbl"] == [text]
    assert held["/Sect"] == ["/H1"]
    assert Counter(holders) == Counter(
        {"/P": 3, "/Span": 3} | dict.fromkeys(("/Link", "/H1", "/TH", "/TD", "/LBody", "/Lbl"), 1)
    )


def kinds_of(tag: pikepdf.Object) -> list[str]:
    return ["a piece" if isinstance(kid, int) else str(kid.get("/S", kid.get("/Type"))) for kid in tag.K.as_list()]


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
    assert size < 120_000 < whole_size
    assert text == whole_text
    assert pictures == whole_pictures


CLOSED = """
from pathlib import Path
from handouts.typesetting.engine import ffi, harfbuzz_subset
ffi.dlclose(harfbuzz_subset)
print("libharfbuzz-subset" in Path("/proc/self/maps").read_text())
"""


def test_a_library_stays_until_the_process_ends() -> None:
    """Else Python closes it before it lets go of what it made, and now and then the process ends with a fault."""
    command = [sys.executable, "-c", CLOSED]
    assert subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout == "True\n"


def test_a_font_says_once_what_a_reader_does_not_know(press: Press, folder: Path) -> None:
    """A width of 1000 is every glyph's of which nothing is said, so that a Chinese letter needs none."""
    with pikepdf.open(made(press, folder, "microneedling-aftercare", "zh-Hans", PrintSize.STANDARD)) as pdf:
        fonts = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing]
        texts = [re.findall(rb"(?m)^<([0-9a-f]{4})> <", font.ToUnicode.read_bytes()) for font in fonts]
        written = [numbers_in(font.DescendantFonts[0].W) for font in fonts]
    assert [codes == sorted(codes) for codes in texts] == [True] * len(fonts)
    assert [(0 < len(widths) < 100, 1000 in widths) for widths in written] == [(True, False)] * len(fonts)


def numbers_in(widths: pikepdf.Object) -> list[int]:
    return [int(width) for row in widths.as_list() if isinstance(row, pikepdf.Array) for width in row.as_list()]


def test_the_table_of_objects_says_how_each_row_differs_from_the_one_above(press: Press, folder: Path) -> None:
    data = made(press, folder, "microneedling-aftercare", "en", PrintSize.STANDARD).read_bytes()
    table = data[data.rindex(b"/Type /XRef") :]
    assert b"/Predictor 12" in table
    assert len(table) < 500
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.objects) > 500


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


@pytest.fixture
def pages_made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the numbers of the pages that are laid out, as they are."""
    numbers: list[object] = []
    make_page = weasyprint.layout.page.make_page

    def counted(*given: object) -> object:
        numbers.append(given[4])
        return make_page(*given)

    monkeypatch.setattr(weasyprint.layout.page, "make_page", counted)
    return numbers


@pytest.mark.parametrize(
    ("first", "tag", "once"),
    [(2, "en", [1, 2]), (1, "en", [1, 2, 1]), (2, "ar", [1, 2, 3]), (1, "ar", [1, 2, 3, 1])],
)
def test_a_page_is_laid_out_again_only_where_a_page_that_it_names_was_guessed_wrong_and_never_the_next_time(
    pages_made: list[object], monkeypatch: pytest.MonkeyPatch, first: int, tag: str, once: Sequence[int]
) -> None:
    monkeypatch.setattr(page_numbers, "_FIRST", first)
    press, wanted = Press(Resources(clinic=EXAMPLE_CLINIC)), job("microneedling-aftercare", tag)
    (composed,), _ = press.compose(wanted)
    pages_made.clear()  # The logo's.
    (sheet,), (other,) = (press.typeset([composed], wanted, Gathering()) for _ in range(2))
    assert pages_made == [*once, *dict.fromkeys(once)]
    assert sheet.data == other.data


def test_a_translation_has_its_pages_where_one_before_with_the_same_parts_had_them(pages_made: list[object]) -> None:
    press, made = Press(Resources(clinic=EXAMPLE_CLINIC)), {}
    for tag in ("de", "es"):
        wanted = job("microneedling-aftercare", tag)
        (composed,), _ = press.compose(wanted, CLINICS_OWN)
        pages_made.clear()  # The logo's.
        press.typeset([composed], wanted, Gathering())
        made[tag] = [*pages_made]
    assert made["es"] == [1]
    assert len(made["de"]) > 1, "guessed as for a whole sheet"


def test_a_style_that_languages_share_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def noted(*, string: str, **rest: object) -> object:
        parsed.append(string)
        return weasyprint.CSS(string=string, **rest)

    monkeypatch.setattr(typesetter, "CSS", noted)
    press, before = Press(Resources(clinic=EXAMPLE_CLINIC)), 0
    for tag in ("de", "es", "ru"):
        press.sheet("microneedling-aftercare", DETAILS, language=tag, now=NOW)
        own, before = "".join(parsed[before:]), len(parsed)
        assert (".key-message" in own) is (tag == "de")


def test_what_a_style_is_complained_of_has_its_line_in_all_of_the_pages_style(clinic: Path) -> None:
    styled(clinic, "p { sparkle: yes }\n\nb { glitter: no }")
    (composed,), _ = Press(Resources(clinic=clinic)).compose(job("microneedling-aftercare", "en"))
    assert len(composed.stylesheets) == len(re.findall("<style>", composed.html)) > 1
    _, problems = Typesetter().typeset(composed)
    lines = composed.stylesheet.split("\n")
    found = {lines[one.line - 1] for one in problems if one.code == Code.STYLE_PASSED_OVER and one.line}
    assert found == {"p { sparkle: yes }", "b { glitter: no }"}


FLOATING = """
<div lang="ar" dir="rtl"><p style="line-height: 20px"><b style="float: right">واحد</b> اثنان ثلاثة أربعة خمسة ستة
<span style="display: inline-block; width: 40%">سبعة <i style="float: left">ثمانية</i> تسعة</span> عشرة</p>
<ul><li>واحد <s style="float: footnote">اثنان</s></ul></div>
"""


def test_a_line_from_right_to_left_is_broken_once_and_as_it_was_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    split, broken = weasyprint.layout.inline.split_inline_box, 0

    def counted(context: object, box: object, *rest: object) -> object:
        nonlocal broken
        broken += isinstance(box, weasyprint.formatting_structure.boxes.LineBox)
        return split(context, box, *rest)

    monkeypatch.setattr(weasyprint.layout.inline, "split_inline_box", counted)

    def drawn(html: str) -> tuple[bytes, int]:
        nonlocal broken
        broken = 0
        return weasyprint.HTML(string=html).write_pdf(uncompressed_pdf=True), broken

    plain = FLOATING.replace("float", "x-float")
    now = [drawn(html) for html in (FLOATING, plain, plain.replace("rtl", "ltr"))]
    monkeypatch.setattr(broken_once, "_has_set_apart", lambda _: True)
    before = [drawn(html) for html in (FLOATING, plain, plain.replace("rtl", "ltr"))]
    assert [pdf for pdf, _ in now] == [pdf for pdf, _ in before]
    assert now[1][1] * 2 <= before[1][1]
    assert now[2][1] == before[2][1]


@pytest.mark.parametrize("guess", [1, 2])
def test_a_text_may_name_its_own_page_and_one_before_or_after_it(
    clinic: Path, monkeypatch: pytest.MonkeyPatch, guess: int
) -> None:
    monkeypatch.setattr(page_numbers, "_FIRST", guess)
    numbers = "content: '(' counter(page) '/' target-counter(url(#{}), page) ')'"
    styled(
        clinic,
        f".key-message::after {{ {numbers.format('call-us')} }} .about::after {{ {numbers.format('help-line')} }}",
    )
    sheet = Press(Resources(clinic=clinic)).sheet("microneedling-aftercare", DETAILS, now=NOW)
    (clinic / "own.pdf").write_bytes(sheet.data)
    assert re.findall(r"\(\d/\d\)", text_of(clinic / "own.pdf")) == ["(1/3)", "(3/1)"]


STYLES = """
<html lang="ar" dir="rtl" style="--own: 3mm; font-size: 20px; line-height: calc(1.2 * 1.1); margin-inline: 1em">
<style>b { margin-inline-start: var(--own); width: 50%; inline-size: 4em; position: relative }
[dir=ltr] { direction: ltr; padding-block: 2em 1px; text-decoration: underline; page: own } q::before { content: "x" }
i { font-size: 0.5em; letter-spacing: inherit; border-inline-start: 2px solid; text-indent: 10% }</style>
<p>one <b>two <i>three</i></b><p dir="ltr">four <i>five</i> <q>six</q><table style="border-collapse: collapse"><td>7
"""


def test_what_no_rule_sets_is_what_it_would_be_had_everything_been_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = weasyprint.css.ComputedStyle
    names = [name for name in weasyprint.css.properties.INITIAL_VALUES if not re.search("inline|block", name)]

    def styles() -> list[dict[str, object]]:
        document = weasyprint.HTML(string=STYLES).render()
        boxes = document.pages[0]._page_box.descendants()  # noqa: SLF001 - what the engine takes of it
        return [{name: box.style[name] for name in names} for box in boxes if isinstance(box.style, kind)]

    now = styles()
    monkeypatch.setattr(kind, "__missing__", inspect.getclosurevars(kind.__missing__).nonlocals["compute"])
    assert repr(now) == repr(styles())
    assert len({repr(style) for style in now}) > 5


def styled(clinic: Path, style: str) -> None:
    page = clinic / "templates" / "handout" / "sheet.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'{{% extends "@shipped/handout/sheet.html" %}}{{% block style %}}{style}{{% endblock %}}')


def test_the_private_parts_of_weasyprint_are_there_and_wrapped() -> None:
    writing = {"get_hb_object_data", "_harfbuzz_subset", "_build_vector_font_dictionary", "build_fonts_dictionary"}
    counting = {"lookup_target", "collect_missing_counters"}
    breaking = {"get_next_linebox", "avoid_collisions"}
    styling = {"__missing__", "_font_style_cache_key", "get_font_description"}
    drawing = {"_build_box_tree", "draw_first_line", "draw_background_image"}
    assert {work.value[1] for work in Work} == drawing | writing | counting | breaking | styling
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
    weasyprint.pdf.stream.Stream: "_current_font _fonts _resources add_font ink_rect logical_rect",
    weasyprint.pdf.fonts.Font: "hb_face file_content to_unicode widths missing hash name family variations tables "
    "glyph_count png svg colr bitmap",
    weasyprint.text.line_break.Layout: "style layout text set_text get_first_line",
    weasyprint.css.ComputedStyle: "cascaded parent_style",
    weasyprint.css.targets.TargetCollector: "target_lookup_items collecting",
    weasyprint.css.targets.TargetLookupItem: "cached_page_counter_values",
    weasyprint.layout.LayoutContext: "excluded_shapes",
    weasyprint.formatting_structure.boxes.LineBox: "children style is_in_normal_flow is_absolutely_positioned",
    pydyf.Object: "number generation free data reference indirect compressible",
    pydyf.Stream: "stream extra compress",
    pydyf.PDF: "objects page_references info catalog",
}
"""What each class must have, of its own or from one that it is made from."""
ARGUMENTS = {
    (weasyprint.pdf.stream, "Stream.__init__"): "self fonts page_rectangle resources images tags color_profiles "
    "output_intent",
    (weasyprint.draw.text, "draw_first_line"): "stream textbox text_overflow block_ellipsis matrix",
    (weasyprint.draw, "draw_background_image"): "stream layer style",
    (weasyprint.text.fonts, "get_hb_object_data"): "hb_object ot_color glyph",
    (weasyprint.pdf.fonts, "build_fonts_dictionary"): "pdf fonts compress subset options",
    (weasyprint.pdf.fonts, "Font.clean"): "self to_unicode hinting",
    (
        weasyprint.pdf.fonts,
        "_build_vector_font_dictionary",
    ): "font_dictionary pdf font widths compress reference pdf_version",
    (weasyprint.pdf.tags, "_build_box_tree"): "box parent pdf page_number nums annotations tags",
    (weasyprint.css, "ComputedStyle.__missing__"): "self key",
    (weasyprint.text.fonts, "get_font_description"): "style",
    (weasyprint.css.targets, "TargetCollector.lookup_target"): "self anchor_token source_box css_token parse_again",
    (weasyprint.layout.inline, "get_next_linebox"): "context linebox position_y bottom_space skip_stack "
    "containing_block absolute_boxes fixed_boxes first_letter_style first_line_style",
    (weasyprint.layout.float, "avoid_collisions"): "context box containing_block outer",
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
