"""What clinics write into templates of their own: fonts, pictures, links, headings, tables."""

import base64
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Destination, Format
from handouts.resources import Resources
from tests.conftest import EXAMPLE_TREATMENT, Ran, job
from tests.verapdf import validate

SHEET = '{% extends "@shipped/handout/sheet.html" %}'
BRAND_FONT = """
{% block style %}
@font-face { font-family: "BrandSerif"; src: url("{{ asset('handout/brand.FORM') }}"); }
h1, h2 { font-family: "BrandSerif", {{ families|safe }}; }
{% endblock %}
"""


def installed(style: str) -> Path:
    """Return the file of an installed serif that no sheet uses by itself (Debian's fonts-dejavu-core)."""
    command = ["fc-match", "--format=%{file}", f"DejaVu Serif:style={style}"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def with_sheet(clinic: Path, text: str) -> Path:
    """Lay a page over the clinic's, and return the templates' folder."""
    folder = clinic / "templates" / "handout"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.html").write_text(SHEET + text)
    return folder


def made(clinic: Path, *languages: str, form: Format = Format.PDF) -> Path:
    press = Press(Resources(clinic=clinic))
    found = press.make(job("microneedling-aftercare", *languages, form=form), Destination(folder=clinic / "out"))
    return found.receipts[0].path


def refused(clinic: Path, *languages: str) -> list[tuple[str, str]]:
    """Return the code of each error and what it names."""
    with pytest.raises(InputError) as error:
        made(clinic, *languages)
    return [(problem.code, " ".join(problem.values.values())) for problem in errors_of(error.value.problems)]


def fonts(path: Path) -> set[str]:
    """Return the names of a PDF's fonts without the letters that mark a part of one."""
    with pikepdf.open(path) as pdf:
        return {
            str(font.BaseFont).partition("+")[2]
            for page in pdf.pages
            for font in page.Resources.get("/Font", {}).values()
        }


@pytest.mark.parametrize("form", ["ttf", "woff", "woff2"])
def test_a_brand_font_beside_the_templates_sets_headings(clinic: Path, form: str) -> None:
    folder = with_sheet(clinic, BRAND_FONT.replace("FORM", form))
    font = TTFont(installed("Bold"))
    font.flavor = None if form == "ttf" else form
    font.save(folder / f"brand.{form}")
    found = fonts(made(clinic))
    assert {name for name in found if name.startswith("BrandSerif")}
    assert {name for name in found if name.startswith("Noto-Sans")}
    assert "data:font/" in made(clinic, form=Format.HTML).read_text()


def test_a_brand_font_leaves_other_scripts_to_theirs(clinic: Path) -> None:
    folder = with_sheet(clinic, BRAND_FONT.replace("FORM", "ttf"))
    (folder / "brand.ttf").write_bytes(installed("Book").read_bytes())
    assert any(name.startswith("Noto-Naskh") or "Arabic" in name for name in fonts(made(clinic, "ar")))


def test_a_font_that_is_not_there_is_named(clinic: Path) -> None:
    with_sheet(clinic, BRAND_FONT.replace("FORM", "otf"))
    assert refused(clinic) == [("asset-missing", "handout/brand.otf")]


def test_a_brand_font_without_bold_is_refused_where_bold_is_asked_of_it(clinic: Path) -> None:
    everywhere = BRAND_FONT.replace("FORM", "ttf").replace("h1, h2", "html")
    folder = with_sheet(clinic, everywhere)
    (folder / "brand.ttf").write_bytes(installed("Book").read_bytes())
    assert refused(clinic) == [("no-bold", "BrandSerif")]
    (folder / "bold.ttf").write_bytes(installed("Bold").read_bytes())
    bold = "@font-face { font-family: BrandSerif; font-weight: bold; src: url({{ asset('handout/bold.ttf') }}) }\nhtml"
    with_sheet(clinic, everywhere.replace("html", bold))
    assert {name for name in fonts(made(clinic)) if name.startswith("BrandSerif")}


def test_a_typeface_without_bold_is_refused_by_name(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("typeface")]
    file.write_text("\n".join(['typeface = "DejaVu Math TeX Gyre"', *lines]))
    assert refused(clinic) == [("no-bold", "DejaVu Math TeX Gyre")]


@pytest.mark.parametrize("quote", ["'", '"', ""])
def test_a_background_by_asset_is_taken_with_any_quotes(clinic: Path, quote: str) -> None:
    style = f"body {{ background: url( {quote}{{{{ asset('handout/wm.png') }}}}{quote} ) no-repeat center }}"
    folder = with_sheet(clinic, f"{{% block style %}}{style}{{% endblock %}}")
    saved = io.BytesIO()
    Image.new("RGB", (40, 40), "#f4f4f4").save(saved, "PNG")
    (folder / "wm.png").write_bytes(saved.getvalue())
    with pikepdf.open(made(clinic)) as pdf:
        assert any("/XObject" in page.Resources for page in pdf.pages)


@pytest.mark.parametrize("address", ["'http://example.org/a.png'", '"wm.png"', " 'wm.png'", "wm.png"])
def test_a_background_from_elsewhere_is_refused_with_any_quotes(clinic: Path, address: str) -> None:
    with_sheet(clinic, f"{{% block style %}}body {{ background: url({address}) }}{{% endblock %}}")
    assert [code for code, _ in refused(clinic)] == ["address-refused"]


PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/%3E"
LINK = '<a href="https://lumen.example.org">'
ROWS = '<tr><th rowspan="2">e</th><th>f</th><td>g</td><td>h</td></tr><tr><th>i</th><td>k</td><td>l</td></tr>'
ACCESSIBLE = f"""
<p>{LINK}<strong>Our page</strong></a></p>
<p>{LINK}See <em>our <b>page</b></em> now</a></p>
<p>{LINK}<span class="isolate">Our page</span></a></p>
<p>{LINK}<img alt="Map" src="{PICTURE}" width="50" height="50"></a></p>
<p>{LINK}Our<br>page</a></p>
{LINK}<div><p>Our page</p><p>and more</p></div></a>
<h2>{LINK}Our page</a></h2>{LINK}<h2>Our page</h2></a>
<ul><li>{LINK}<b>Our page</b></a></li></ul>
<table><tr><td><a href="tel:+12125550142"><b>(212) 555-0142</b></a></td></tr></table>
<h2>Two</h2><h4>Four</h4><h5>Five</h5><h3>Three</h3><h6>Six</h6>
<h1>Again</h1>
<table><caption>Prices</caption><tr><th scope="col">a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>
<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>
<table><tr><th rowspan="2">a</th><th>b</th></tr><tr><td>c</td></tr></table>
<table><tr><th rowspan="2">a</th><td>b</td></tr><tr><td>c</td></tr></table>
<table><tr><th colspan="2">a</th></tr><tr><td>b</td><td>c</td></tr></table>
<table><tr><th></th><th colspan="2">a</th></tr><tr><th>b</th><td>c</td><td>d</td></tr></table>
<table><tr><th rowspan="2" colspan="2">a</th><th colspan="2">b</th></tr><tr><th>c</th><th>d</th></tr>{ROWS}</table>
<table><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><th scope="row">b</th><td>c</td></tr></tbody></table>
<table><tr><th scope="row">a</th><td>b</td></tr><tr><td colspan="2">c</td></tr></table>
<table><tr><th>a</th></tr></table>
<table><tr><th>a</th><th>b</th></tr><tr><td colspan="2">c</td></tr></table>
<p>One<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li></ul></p>
<ul style="list-style: none"><li>a</li></ul><ul style="display: flex"><li>a</li><li>b</li></ul>
<dl><dt>a</dt><dd>b</dd></dl><blockquote><p>Words</p></blockquote><p><q>words</q></p><hr>
<figure><img alt="x" src="{PICTURE}" width="50" height="50"><figcaption>Words</figcaption></figure>
<svg width="50" height="50" viewBox="0 0 10 10"><title>Square</title><rect width="9" height="9"/></svg>
"""


def about(words: str) -> str:
    return f'{{% block about %}}<footer class="about">{words}{{{{ parts.about() }}}}</footer>{{% endblock %}}'


def test_what_clinics_write_keeps_the_sheet_accessible(clinic: Path) -> None:
    with_sheet(clinic, about(f"<div>{'</div><div>'.join(ACCESSIBLE.strip().splitlines())}</div>"))
    assert validate([made(clinic)]).popitem()[1] == ()


def test_a_header_cell_tells_whose_it_is(clinic: Path) -> None:
    with_sheet(
        clinic,
        about(
            "<table><tr><th>Wa</th><th rowspan=2>Wb</th></tr><tr><th>Wc</th></tr><tr><th>Wd</th><td>x</td></tr>"
            '<tr><th scope="col">We</th><td>x</td></tr><tr><th scope="row">Wf</th><th>Wg</th></tr></table>'
        ),
    )
    with pikepdf.open(made(clinic)) as pdf:
        cells = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH"]
        scopes = [str(cell.A.Scope) for cell in cells[-7:]]
        assert not any("/Headers" in item.get("/A", {}) for item in pdf.objects if isinstance(item, pikepdf.Dictionary))
    assert scopes == ["/Column", "/Column", "/Column", "/Row", "/Column", "/Row", "/Column"]


def test_a_heading_before_the_title_keeps_the_sheet_accessible(clinic: Path) -> None:
    with_sheet(clinic, "{% block header %}<h3>Lumen</h3>{{ super() }}{% endblock %}")
    assert validate([made(clinic)]).popitem()[1] == ()


@pytest.mark.parametrize(
    ("words", "code", "element"),
    [
        ("<li>a</li>", "element-misplaced", "li"),
        ("<ul>text<li>a</li></ul>", "element-misplaced", "ul"),
        ("<ol><li>a</li><p>b</p></ol>", "element-misplaced", "ol"),
        ('<ul style="list-style: none"><li style="display: inline">a</li> <li>b</li></ul>', "element-misplaced", "ul"),
        ('<table style="display: flex"><tr><td>a</td></tr></table>', "element-misplaced", "table"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "table-uneven", "table"),
        (
            "<table><tr><td rowspan=2>a</td></tr><tr><td>c</td><td>d</td></tr></table>",
            "table-uneven",
            "table",
        ),
        ('<svg width="50" height="50" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>', "svg-without-title", "svg"),
    ],
)
def test_what_no_tag_can_make_right_is_refused_by_name(clinic: Path, words: str, code: str, element: str) -> None:
    with_sheet(clinic, about(words))
    assert refused(clinic) == [(code, element)]


def outcome(clinic: Path, language: str) -> str:
    try:
        return "made" if made(clinic, language).stat().st_size > 10_000 else "empty"
    except InputError as error:
        return ", ".join(f"{problem.code}: {problem.source}" for problem in errors_of(error.problems))


BARE_SVG = "<p><svg viewBox='0 0 10 10'><title>Square</title><rect width='9' height='9'/></svg></p>"
CLINIC_HEADER = (
    '{% block header %}<header><p><img src="{{ clinic.logo.data_uri }}" alt="{{ clinic.name }}" width="150"></p>'
    "</header>{% endblock %}"
)


@pytest.mark.parametrize("language", ["en", "ar", "ar+es"])
@pytest.mark.parametrize("words", [CLINIC_HEADER, about(BARE_SVG), "{% block header %}" + BARE_SVG + "{% endblock %}"])
def test_a_picture_without_a_size_is_laid_out_or_refused_and_never_a_traceback(
    clinic: Path, language: str, words: str
) -> None:
    with_sheet(clinic, words)
    assert outcome(clinic, language) in ("made", "page-not-laid-out: templates/handout/sheet.html")


@pytest.mark.parametrize("place", ["<img src='{}' alt=''>", "<div style='background:url({})'>x</div>"])
def test_a_picture_in_the_template_itself_has_no_more_pixels_than_a_file(
    place: str, clinic: Path, command: Callable[..., Ran], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    picture = io.BytesIO()
    Image.new("1", (13_300, 13_300)).save(picture, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    block = "{% block about %}{{ super() }}" + place.format(address) + "{% endblock %}"
    template.write_text('{% extends "@shipped/handout/sheet.html" %}' + block)
    given = ("--clinic", clinic, "--treatment", EXAMPLE_TREATMENT, "--to", tmp_path / "out")
    ran = command("make", "microneedling-aftercare", *given)
    assert (ran.code, "4000 pixels" in ran.err) == (7, True), ran.err
    assert not [warning for warning in recwarn if issubclass(warning.category, Image.DecompressionBombWarning)]


def test_what_ships_does_not_stand_in_for_a_folder_that_is_none(clinic: Path) -> None:
    shutil.rmtree(clinic / "templates", ignore_errors=True)
    (clinic / "templates").write_text("")
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).compose(job())
    assert [(problem.code, problem.source) for problem in errors_of(error.value.problems)] == [
        ("not-a-folder", "templates")
    ]
