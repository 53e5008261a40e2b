"""A typeface from font files in the clinic's folder: what sheets are set in, and what is refused in words."""

import io
import string
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from fontTools import subset
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from handouts import branding
from handouts.branding import font_in_child
from handouts.errors import InputError
from handouts.press import Press
from handouts.records import Format, Job, Sheet
from handouts.resources import Resources
from tests.conftest import job

TABLE = '[typeface]\nregular = "fonts/Brand-Regular.ttf"\nbold = "fonts/Brand-Bold.ttf"\n\n'
NOTO = "/usr/share/fonts/truetype/noto/NotoSerif-{}.ttf"
"""Of fonts-noto-core, which scripts/install.sh installs; no sheet uses it by itself."""


@cache
def noto_serif(style: str, left_out: str = "") -> bytes:
    """Return the Latin letters of Noto Serif, and what stands between them, as a TTF."""
    font = TTFont(NOTO.format(style))
    options = subset.Options(hinting=False, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={*range(0x20, 0x180), *range(0x2010, 0x2070)} - set(map(ord, left_out)))
    subsetter.subset(font)
    return saved(font)


def saved(font: TTFont, flavor: str | None = None) -> bytes:
    font.flavor = flavor
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def changed(data: bytes, change: Callable[[TTFont], object], flavor: str | None = None) -> bytes:
    font = TTFont(io.BytesIO(data))
    change(font)
    return saved(font, flavor)


def licensed(bits: int) -> bytes:
    return changed(noto_serif("Regular"), lambda font: setattr(font["OS/2"], "fsType", bits))


def named(clinic: Path, table: str = TABLE, **files: bytes) -> Path:
    """Name a typeface in clinic.toml and put its files into the folder."""
    folder = clinic / "fonts"
    folder.mkdir()
    for name, data in {"Regular": noto_serif("Regular"), "Bold": noto_serif("Bold"), **files}.items():
        (folder / f"Brand-{name}.ttf").write_bytes(data)
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace("[contact]", f"{table}[contact]", 1))
    return clinic


def fonts(pdf: bytes) -> set[str]:
    """Return the names of a PDF's fonts without the letters that mark a part of one, and the mark of their content."""
    with pikepdf.open(io.BytesIO(pdf)) as read:
        found = {
            str(font.BaseFont).partition("+")[2] for page in read.pages for font in page.Resources["/Font"].values()
        }
    return {"-".join(part for part in name.split("-") if not any(map(str.isdigit, part))) for name in found}


def made(press: Press, wish: Job) -> Sheet:
    """Return a sheet; one that is written from another is held against the same one laid out."""
    checked = press.check(wish)[0].checked
    sheet = press.sheet_of(checked)
    if sheet.laid_out is None:
        press.audit(sheet, checked)
    return sheet


def test_a_sheet_is_set_in_the_clinics_own_files_and_letters_that_they_lack_in_the_shipped_families(
    clinic: Path,
) -> None:
    press = Press(Resources(clinic=named(clinic)))
    found = fonts(made(press, job(patient_name="Ana Ωμέγα")).data)
    assert {name for name in found if name.startswith("Noto-Serif")} == {"Noto-Serif", "Noto-Serif-Bold"}
    assert {name for name in found if not name.startswith("Noto-Serif")} == {"Noto-Sans-Bold"}, "the name's Greek"
    found = fonts(made(press, job("microneedling-aftercare", "ar")).data)
    assert {"Noto-Serif-Bold", "Noto-Sans-Arabic-Bold"} <= found
    found = fonts(made(press, job("microneedling-aftercare", "zh-Hans")).data)
    assert {"Noto-Serif-Latin-Bold", "Noto-Sans-CJK-SC-Bold"} <= found
    page = made(press, job("microneedling-aftercare", "zh-Hans", form=Format.HTML))
    assert page.data.count(b"unicode-range: U+20-7E, ") == 2
    page = made(press, job(form=Format.HTML))
    assert page.data.count(b"url(data:font/woff2;base64,") == 2


@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
def test_the_fast_way_writes_in_it_too(clinic: Path, tag: str) -> None:
    press = Press(Resources(clinic=named(clinic)))
    *_, last = (
        made(press, job("microneedling-aftercare", tag, patient_name=name))
        for name in ("Ana A", "Ben B", "Cleo C", "Dan D")
    )
    assert last.laid_out is None, last.laid_out
    wanted = {"Noto-Serif", "Noto-Serif-Bold"} if tag == "en" else {"Noto-Serif-Latin", "Noto-Serif-Latin-Bold"}
    assert fonts(last.data) >= wanted


def refused(clinic: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as error:
        branding.load(clinic)
    return [(problem.code, problem.source, problem.path) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("regular", "code"),
    [
        (b"", "typeface-not-a-font"),
        (b"<html>Page not found</html>", "typeface-not-a-font"),
        (noto_serif("Regular")[:3000], "typeface-not-a-font"),
        (b"ttcf" + bytes(400), "typeface-not-a-font"),
        (bytes(5_000_001), "file-too-large"),
        (licensed(0x0002), "typeface-licence"),
        (licensed(0x0104), "typeface-licence"),
        (licensed(0x0200), "typeface-licence"),
        (noto_serif("Regular", left_out="7"), "typeface-without-letters"),
    ],
    ids=["empty", "page", "cut-off", "collection", "large", "restricted", "whole-only", "bitmaps", "no-seven"],
)
def test_what_no_sheet_may_be_set_in_is_refused_with_its_file(clinic: Path, regular: bytes, code: str) -> None:
    assert refused(named(clinic, Regular=regular)) == [(code, "fonts/Brand-Regular.ttf", "")]


@pytest.mark.parametrize("bits", [0x0000, 0x0004, 0x0008, 0x000A])
def test_what_a_licence_allows_is_taken(clinic: Path, bits: int) -> None:
    found, _ = branding.load(named(clinic, Regular=licensed(bits)))
    assert found.typeface.startswith("Noto Serif ")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (TABLE.replace("Brand-Bold", "Brand-Fat"), ("typeface-missing", "clinic.toml", "typeface.bold")),
        (TABLE.replace("fonts/Brand-Bold", "../Brand-Bold"), ("typeface-missing", "clinic.toml", "typeface.bold")),
        (TABLE.replace("fonts/", "https://x.example/"), ("typeface-missing", "clinic.toml", "typeface.regular")),
        (TABLE.partition("bold")[0] + "\n", ("typeface-without-bold", "clinic.toml", "typeface")),
        (TABLE.replace("Brand-Bold", "Brand-Regular"), ("typeface-bold-is-none", "fonts/Brand-Regular.ttf", "")),
        (TABLE.replace("bold =", "bolt ="), ("unknown-key", "clinic.toml", "typeface.bolt")),
        ("[typeface]\n", ("missing-key", "clinic.toml", "typeface.regular")),
    ],
)
def test_a_table_that_names_no_whole_typeface_is_told_where_it_stands(
    clinic: Path, table: str, expected: tuple[str, str, str]
) -> None:
    assert expected in refused(named(clinic, table))


def test_a_link_out_of_the_folder_is_not_followed(clinic: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.ttf").write_bytes(noto_serif("Regular"))
    font = named(clinic) / "fonts" / "Brand-Regular.ttf"
    font.unlink()
    font.symlink_to(tmp_path / "elsewhere.ttf")
    assert refused(clinic) == [("leads-outside", "fonts/Brand-Regular.ttf", "")]


def variable() -> bytes:
    """Return a variable font whose letters are bars, which grow from weight 400 to 700."""
    names = [f"u{ord(letter):04X}" for letter in string.ascii_letters + string.digits]
    pen = TTGlyphPen(None)
    for number, point in enumerate([(50, 0), (50, 700), (150, 700), (150, 0)]):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    bar = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap({int(name[1:], 16): name for name in names})
    builder.setupGlyf(dict.fromkeys([".notdef", *names], bar))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (300, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bars", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.setupFvar([("wght", 400, 400, 700, "Weight")], [])
    grown = TupleVariation({"wght": (0, 1, 1)}, [(0, 0), (0, 0), (100, 0), (100, 0), *[(0, 0)] * 4])
    builder.setupGvar({name: [grown] for name in names})
    return saved(builder.font)


def test_a_variable_font_brings_its_bold_itself(clinic: Path) -> None:
    found, _ = branding.load(named(clinic, TABLE.partition("bold")[0] + "\n", Regular=variable()))
    read = [TTFont(io.BytesIO(face.printed)) for face in found.faces]
    widths = [font["glyf"][font.getBestCmap()[ord("A")]].xMax for font in read]
    assert ([face.weight for face in found.faces], widths) == ([400, 700], [150, 250])


def test_figures_stand_on_the_line_and_lines_are_as_high_as_in_every_typeface() -> None:
    font = TTFont(io.BytesIO(noto_serif("Regular")))
    addOpenTypeFeaturesFromString(font, "feature lnum { sub three by eight; } lnum;")
    font["hhea"].ascent, font["OS/2"].usWinAscent = 2000, 2000
    _, _, rest = font_in_child._answer(saved(font), 400).partition(b"\n")  # noqa: SLF001 - what its process answers
    read = TTFont(io.BytesIO(rest))
    letters = read.getBestCmap()
    assert letters[ord("3")] == letters[ord("8")] != letters[ord("5")]
    assert (read["hhea"].ascent, read["hhea"].descent, read["OS/2"].usWinAscent) == (1069, -293, 1069)


def test_what_was_kept_is_taken_whole_or_read_anew(clinic: Path, tmp_path: Path) -> None:
    named(clinic)
    first, _ = branding.load(clinic, cache=tmp_path)
    kept = sorted(tmp_path.glob("font-*"))
    assert len(kept) == 2
    kept[0].write_bytes(kept[0].read_bytes()[:-9])
    again, _ = branding.load(clinic, cache=tmp_path)
    assert again.faces == first.faces
