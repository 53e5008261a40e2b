"""What clinics write into templates of their own: fonts, pictures, links, headings, tables."""

import io
import subprocess
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from handouts.errors import InputError, errors_of
from handouts.press import Press
from handouts.records import Destination, Format
from handouts.resources import Resources
from tests.conftest import job

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
