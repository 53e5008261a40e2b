"""A logo is a picture that runs, moves and loads nothing, that looks on paper as its maker saw it, and is seen."""

import io
import os
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from handouts.branding import load
from handouts.branding.logo import read_logo
from handouts.errors import InputError, Severity
from handouts.pictures.drawing import NotDrawn, draw
from handouts.press.logo import with_chosen_logo
from handouts.records import Logo
from tests.conftest import EXAMPLE_CLINIC
from tests.logos import FOLDER, printed

EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text())
LARGEST_DIFFERENCE = 12
"""Of 255, in one of the three parts of a colour: pixels are mixed at edges and in JPEG."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logo.svg"


def svg(inner: str = "", size: str = "viewBox='0 0 20 10'") -> bytes:
    names = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    editors = "xmlns:inkscape='http://www.inkscape.org/namespaces/inkscape' xmlns:x='http://example.org/x'"
    return f"<svg {names} {editors} {size}>{inner}<path d='M0 0h9v9z'/></svg>".encode()


def picture(path: Path, form: str = "PNG", size: tuple[int, int] = (600, 200), colour: object = "#063") -> Path:
    Image.new("RGBA" if form == "PNG" else "RGB", size, colour).save(path, form)  # type: ignore[arg-type]  # a name or parts
    return path


def told(path: Path) -> list[str]:
    """Return the codes of what is said about a logo: its warnings, or why it is refused."""
    try:
        return [problem.code for problem in read_logo(path, "logo")[1]]
    except InputError as error:
        return [f"refused: {problem.code}" for problem in error.problems]


def refusals(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_logo(path, "logo")
    return [problem.values.get("what", problem.code) for problem in error.value.problems]


def sheet_logo(path: Path) -> Logo:
    """Return the logo as it goes onto sheets."""
    branding, _ = load(EXAMPLE_CLINIC)
    logo = with_chosen_logo(replace(branding, logo=read_logo(path, "logo")[0]), None).logo
    assert logo
    return logo


def test_every_logo_here_has_its_expected_look() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.[sj]*g")) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_logo_looks_on_paper_as_its_maker_saw_it(name: str) -> None:
    logo = sheet_logo(next(FOLDER.glob(f"{name}.[sj]*g")))
    shown = printed(logo)
    wrong = []
    for across, down, colour in EXPECTED[name]["points"]:
        found = shown.getpixel((shown.width * across // 100, shown.height * down // 100))
        wanted = bytes.fromhex(colour[1:])
        assert isinstance(found, tuple)
        if max(abs(one - other) for one, other in zip(found, wanted, strict=True)) > LARGEST_DIFFERENCE:
            wrong.append((across, down, colour, f"#{bytes(found).hex()}"))
    assert wrong == []
    assert logo.aspect == pytest.approx(EXPECTED[name]["aspect"], rel=1e-3)
    assert logo.data_uri.startswith("data:image/svg+xml") is EXPECTED[name]["vector"]
    assert logo.width <= 50
    assert logo.width / logo.aspect <= 15.001


@pytest.mark.parametrize(
    ("size", "aspect"),
    [
        ("viewBox='0 0 20 10'", 2.0),
        ("viewBox='0,0,20,10' width='100%'", 2.0),
        ("width='10mm' height='5mm'", 2.0),
        ("width='1in' height='96'", 1.0),
        ("width='72pt' height='1in'", 1.0),
        ("width='6pc' height='2.54cm'", 1.0),
        ("viewBox='0 0 2e1 .1e2'", 2.0),
    ],
)
def test_a_size_is_read_in_every_unit_of_length(file: Path, size: str, aspect: float) -> None:
    file.write_bytes(svg(size=size))
    assert read_logo(file, "logo")[0].aspect == pytest.approx(aspect)


@pytest.mark.parametrize(
    "size",
    [
        "viewBox='0 0 inf 1'",
        "viewBox='0 0 1e99 1e-99'",
        "viewBox='0 0 5'",
        "viewBox='0 0 1_0 1'",
        "viewBox='0 0 -2 -1'",
        "width='100%' height='100%'",
        "width='2em' height='1em'",
        "width='5'",
    ],
)
def test_a_size_that_is_none_is_refused(file: Path, size: str) -> None:
    assert refusals(file, svg(size=size)) == ["svg-without-size"]


TAKEN = {
    "gradient": "<linearGradient id='a'><stop offset='0'/></linearGradient><linearGradient id='b' xlink:href='#a'/>",
    "clip": "<defs><path id='p'/></defs><clipPath id='c'><use href='#p'/></clipPath><g clip-path='url(#c)'><path/></g>",
    "quoted": """<path fill="url('#a')"/>""",
    "spaced": "<path fill='url( #a )'/>",
    "style": "<style>.a{fill:url(#a);stroke:#fff}</style><path class='a'/>",
    "editor": "<g inkscape:label='a//b' data-name='@' aria-label='a // b'/><inkscape:grid/>",
    "metadata": "<metadata><x:about url='http://example.org/'><x:by>me</x:by></x:about></metadata>",
    "metadata that would run": "<metadata><script xmlns='http://www.w3.org/1999/xhtml'/></metadata>",
    "foreign element": "<x:box/>",
    "foreign attribute": "<path x:type='a'/>",
    "base": "<g xml:base='http://example.org/'/>",
    "escaped address of its own part": "<path style='fill:u\\72l(#a)'/>",
    "font of no text": "<style>/* a */ @font-face{}</style>",
    "background of nothing": "<style>a{background:image-set('http:a')}</style>",
    "empty text": "<text> <tspan/></text>",
    "attribute of nothing": "<g zoomAndPan='magnify' src='http://example.org/a.png'/>",
    "older address beside its own part": "<use href='#a' xlink:href='http://example.org/a.svg#a'/>",
    "drawing itself": "<g id='a'><use href='#a'/></g>",
    "clipping itself": "<clipPath id='a'><path clip-path='url(#a)'/></clipPath>",
    "colour of itself": "<linearGradient id='a' href='#b'/><linearGradient id='b' href='#a'/>",
    "the same many times": "<g id='a'>" + "<path/>" * 100 + "</g>" + "<use href='#a'/>" * 50,
    "many parts": "<path/>" * 6000,
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_drawing_programs_write_is_taken(file: Path, name: str) -> None:
    file.write_bytes(svg(TAKEN[name]))
    assert read_logo(file, "logo")[0].aspect == 2.0


@pytest.mark.parametrize(
    ("inner", "what"),
    [
        ("<script/>", "script"),
        ("<g onclick='a'/>", "onclick"),
        ("<g x:onload='a'/>", "onload"),
        ("<animate/>", "animate"),
        ("<foreignObject/>", "foreignObject"),
        ("<g><iframe xmlns='http://www.w3.org/1999/xhtml'/></g>", "iframe"),
        ("<image href='logo.png'/>", "href"),
        ("<image href='/etc/passwd'/>", "href"),
        ("<image href='data:image/svg+xml;base64,PHN2Zy8+'/>", "href"),
        ("<image href='data:image/png;base64,PHN2Zy8+'/>", "href"),
        ("<use href='other.svg#a'/>", "href"),
        ("<use href='#%61'/>", "href"),
        ("<filter><feImage href='file:///etc/passwd'/></filter>", "href"),
        ("<path fill='url(data:a)'/>", "fill"),
        ("<path fill='u\\72l(http://example.org/#a)'/>", "fill"),
        ("<path style='fill:u\\72l(http://example.org/#a)'/>", "style"),
        ("<path mask='url(other.svg#m)'/>", "mask"),
        ("<style>@import 'a.css';</style>", "style"),
        ("<style>path{filter:url(http://example.org/a#f)}</style>", "style"),
        ("<text>Lumen</text>", "text"),
        ("<mesh/>", "mesh"),
        ("<path fill='var(--brand)'/>", "fill"),
        ("<path fill='oklch(0.6 0.2 30)'/>", "fill"),
        ("<path style='clip-path:circle(10px)'/>", "clip-path"),
        ("<path style='transform:rotate(9deg)'/>", "transform"),
        ("<style>path{width:9px}</style>", "width"),
        ("<style>path:nth-child(2){fill:red}</style>", "path:nth-child(2)"),
        ("<style>@media screen{path{fill:red}}</style>", "@media"),
        ("<g>" * 250_000 + "</g>" * 250_000, "groups inside groups"),
    ],
)
def test_what_would_run_or_load_or_is_not_drawn_alike_is_named(
    tmp_path: Path, inner: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.branding.logo.MAXIMUM_LOGO_BYTES", 3_000_000)
    assert refusals(tmp_path / "logo.svg", svg(inner)) == [what]


def test_everything_is_named_at_once(file: Path) -> None:
    inner = "<script/><path onclick='a'/><image href='a'/><script/>"
    assert refusals(file, svg(inner)) == ["script", "onclick", "href"]
    many = "".join(f"<a{number}/>" for number in range(100))
    assert len(refusals(file, svg(many))) == 20


@pytest.mark.parametrize(
    "declared",
    [
        "<!ENTITY a SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY a '&#38;b;'>",
        "<!ENTITY % a 'b'> %a;",
        "<!ENTITY a '<path/>'>",
        "<!ATTLIST path fill CDATA 'red'>",
        f"<!ENTITY a '{'a' * 201}'>",
        "".join(f"<!ENTITY a{number} 'a'>" for number in range(51)),
    ],
)
def test_an_entity_is_a_short_name_and_nothing_else(file: Path, declared: str) -> None:
    data = f"<!DOCTYPE svg [{declared}]>".encode() + svg()
    assert refusals(file, data)[0] in ("!ENTITY", "!ATTLIST")


def test_entities_cannot_grow(file: Path) -> None:
    data = f"<!DOCTYPE svg [<!ENTITY a '{'a' * 200}'>]>".encode() + svg("<title>" + "&a;" * 1001 + "</title>")
    assert refusals(file, data) == ["!ENTITY"]


def test_the_renderer_is_given_no_file(tmp_path: Path) -> None:
    secret = picture(tmp_path / "secret.png", colour="#f00")
    data = svg(f"<image width='20' height='10' href='{secret}'/>")
    drawn = Image.open(io.BytesIO(draw(data, 100))).convert("RGBA")
    assert drawn.getpixel((5, 45)) == (0, 0, 0, 0)


def test_the_renderer_ends_at_its_limits() -> None:
    blurred = "<filter id='f'><feGaussianBlur stdDeviation='2'/></filter>"
    layers = "<g filter='url(#f)'>" * 90 + "<path d='M0 0h20v10h-20z'/>" + "</g>" * 90
    deep = svg(blurred + layers * 40)
    with pytest.raises(NotDrawn):
        draw(deep, 20_000)
    children = subprocess.run(["pgrep", "-P", str(os.getpid())], capture_output=True, check=False).stdout
    assert b"draw_in_child" not in children


def test_what_was_drawn_once_is_not_drawn_again(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(svg("<mask id='m'/>"))
    first = read_logo(file, "logo", tmp_path)
    monkeypatch.setattr("handouts.branding.logo.draw", None)
    assert read_logo(file, "logo", tmp_path) == first
    file.write_bytes(svg("<mask id='n'/>"))
    with pytest.raises(TypeError):
        read_logo(file, "logo", tmp_path)


def test_a_damaged_cache_is_made_anew(file: Path, tmp_path: Path) -> None:
    file.write_bytes(svg())
    first = read_logo(file, "logo", tmp_path)
    (kept,) = tmp_path.glob("picture-*.json")
    kept.write_text(kept.read_text()[:-9])
    assert read_logo(file, "logo", tmp_path) == first
    assert read_logo(file, "logo", tmp_path / "missing") == first


def test_a_file_is_read_by_what_it_holds(tmp_path: Path) -> None:
    assert read_logo(picture(tmp_path / "logo.svg"), "logo")[0].data_uri.startswith("data:image/png")
    (tmp_path / "logo.png").write_bytes(svg())
    assert read_logo(tmp_path / "logo.png", "logo")[0].vector


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_is_upright_whichever_way_it_was_held(tmp_path: Path, turned: int) -> None:
    upright = Image.new("RGB", (600, 200), "#063")
    upright.paste("#c03", (0, 0, 300, 100))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    """Of each orientation, the transposition that undoes it (Exif 2.32, 4.6.5.1.8; Pillow's Transpose)."""
    held = upright.transpose(Image.Transpose(back[turned])) if turned in back else upright
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "A secret place"
    path = tmp_path / "logo.jpg"
    held.save(path, "JPEG", exif=exif, quality=95)
    logo = sheet_logo(path)
    shown = printed(logo)
    assert logo.aspect == 3.0
    assert [_near(shown, 20, 20), _near(shown, 80, 20), _near(shown, 20, 80)] == ["red", "green", "green"]


def _near(shown: Image.Image, across: int, down: int) -> str:
    found = shown.getpixel((shown.width * across // 100, shown.height * down // 100))
    assert isinstance(found, tuple)
    return "red" if found[0] > 150 > found[1] else "green" if found[1] > 80 > found[0] else str(found)


WHITE_ON_WHITE = "<path d='M0 0h20v10h-20z' fill='#fff'/>"


def test_a_logo_that_nobody_would_see_is_refused(tmp_path: Path, file: Path) -> None:
    assert told(picture(tmp_path / "white.png", colour="#fff")) == ["refused: logo-invisible"]
    assert told(picture(tmp_path / "empty.png", colour=(0, 0, 0, 0))) == ["refused: logo-invisible"]
    assert told(picture(tmp_path / "white.jpg", "JPEG", colour="#fefefe")) == ["refused: logo-invisible"]
    file.write_bytes(svg(WHITE_ON_WHITE).replace(b"<path d='M0 0h9v9z'/>", b""))
    assert told(file) == ["refused: logo-invisible"]


ICON = "<circle cx='10' cy='10' r='9' fill='#0b5c6b'/>"
LETTERS = "<path fill='#fff' d='M24 3h3v14h-3zM30 3h3v14h-3zM36 3h3v14h-3zM42 3h3v14h-3z'/>"


@pytest.mark.parametrize(
    ("inner", "codes"),
    [
        (ICON + LETTERS, ["logo-partly-white"]),
        (ICON + LETTERS.replace("#fff'", "#fdfbe8'"), ["logo-partly-white"]),
        (ICON + LETTERS.replace("M24 3h3", "M17 9h10"), ["logo-partly-white"]),
        (ICON + LETTERS.replace("#fff'", "#ffd400'"), []),
        (ICON + LETTERS.replace("#fff'", "#222'"), []),
        (ICON + "<path fill='#fff' d='M24 9h2v2h-2z'/>", []),
        (ICON + "<path fill='#fff' d='M10 3l5 12-10-8h10l-10 8z'/>", []),
        ("<circle cx='10' cy='10' r='9.5' fill='#fff'/><circle cx='10' cy='10' r='7' fill='#0b5c6b'/>", []),
        ("<rect width='50' height='20' fill='#fff'/>" + ICON, []),
        ("<rect x='1' y='1' width='48' height='18' rx='3' fill='#fff'/><g transform='scale(.5)'>" + ICON + "</g>", []),
        ("<rect width='50' height='20' fill='#0b5c6b'/>" + LETTERS, []),
        (ICON + LETTERS.replace("fill='#fff'", "fill='#fff' stroke='#0b5c6b'"), []),
    ],
    ids=[
        "white letters",
        "pale letters",
        "a letter that touches",
        "brand yellow",
        "dark letters",
        "a dot",
        "a star in a disc",
        "a white ring",
        "a white ground",
        "a white plate",
        "a dark ground",
        "outlined letters",
    ],
)
def test_white_letters_beside_a_coloured_sign_are_told(file: Path, inner: str, codes: list[str]) -> None:
    names = "xmlns='http://www.w3.org/2000/svg' viewBox='0 0 50 20'"
    file.write_text(f"<svg {names}>{inner}</svg>")
    assert told(file) == codes
    file.with_suffix(".png").write_bytes(draw(file.read_bytes(), 800))
    assert told(file.with_suffix(".png")) == codes


def test_a_pale_logo_is_told_and_brand_yellow_is_not(tmp_path: Path) -> None:
    assert told(picture(tmp_path / "pale.png", colour="#ffee99")) == ["logo-pale"]
    assert told(picture(tmp_path / "yellow.png", colour="#ffd400")) == []
    lines = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    lines.paste("#063", (0, 100, 600, 104))
    lines.save(tmp_path / "lines.png")
    assert told(tmp_path / "lines.png") == []


@pytest.mark.parametrize(
    ("size", "wanted"), [((40, 40), "200"), ((120, 40), "550"), ((290, 87), "600"), ((300, 90), "")]
)
def test_too_few_pixels_are_told_with_how_many_are_wanted(tmp_path: Path, size: tuple[int, int], wanted: str) -> None:
    _, warnings = read_logo(picture(tmp_path / "logo.png", size=size), "logo")
    assert [(problem.code, problem.severity) for problem in warnings] == (
        [("logo-coarse", Severity.WARNING)] if wanted else []
    )
    assert [problem.values["wanted"] for problem in warnings] == ([wanted] if wanted else [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_no_reader_can_decode_the_logo_otherwise(file: Path, encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    file.write_bytes(f"<?xml version='1.0' encoding='{declared}'?>\n{svg().decode()}".encode(encoding))
    assert read_logo(file, "logo")[0].aspect == 2.0


@pytest.mark.parametrize("declared", ["utf-7", "utf-16", "utf-32"])
def test_a_declared_encoding_must_be_the_real_one(file: Path, declared: str) -> None:
    data = f"<?xml version='1.0' encoding='{declared}'?>".encode() + svg()
    assert refusals(file, data) == ["svg-encoding"]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_half_a_picture_is_refused_though_weasyprint_would_take_it(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = io.BytesIO()
    Image.effect_noise((600, 300), 50).save(data, form)
    path = tmp_path / "logo.bin"
    path.write_bytes(data.getvalue())
    assert read_logo(path, "logo")[0].aspect == 2.0
    assert refusals(path, data.getvalue()[:-200]) == ["logo-not-a-picture"]
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_picture_that_only_warns_of_its_size_is_refused(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(data, "PNG")
    assert refusals(tmp_path / "logo.png", data.getvalue()) == ["logo-too-many-pixels"]
