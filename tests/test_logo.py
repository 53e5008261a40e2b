"""A logo is a picture that runs, moves and loads nothing, and says how wide and high it is."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from handouts.branding.logo import read_logo
from handouts.errors import InputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logo.svg"


def svg(inner: str = "<path d='M0 0h9v9z'/>", size: str = "viewBox='0 0 20 10'") -> bytes:
    names = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    editors = "xmlns:inkscape='http://www.inkscape.org/namespaces/inkscape' xmlns:x='http://example.org/x'"
    return f"<svg {names} {editors} {size}>{inner}</svg>".encode()


def refusals(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read_logo(path, "logo")
    return [problem.values.get("what", problem.code) for problem in error.value.problems]


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
    assert read_logo(file, "logo").aspect == pytest.approx(aspect)


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


PLAIN = {
    "gradient": "<linearGradient id='a'><stop offset='0'/></linearGradient><linearGradient id='b' xlink:href='#a'/>",
    "clip": "<defs><path id='p'/></defs><clipPath id='c'><use href='#p'/></clipPath><g clip-path='url(#c)'><path/></g>",
    "quoted": """<path fill="url('#a')"/>""",
    "spaced": "<path fill='url( #a )'/>",
    "style": "<style>.a{fill:url(#a);stroke:#fff}</style><path class='a'/>",
    "editor": "<g inkscape:label='a//b' data-name='@' aria-label='a // b'/><inkscape:grid/>",
    "metadata": "<metadata><x:about url='http://example.org/'><x:by>me</x:by></x:about></metadata>",
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_drawing_programs_write_is_taken(file: Path, name: str) -> None:
    file.write_bytes(svg(PLAIN[name]))
    assert read_logo(file, "logo").aspect == 2.0


@pytest.mark.parametrize(
    ("inner", "what"),
    [
        ("<text>a</text>", "text"),
        ("<x:box/>", "box"),
        ("<filter id='f'/>", "filter"),
        ("<path x:on='a'/>", "on"),
        ("<g xml:base='http://example.org/'/>", "base"),
        ("<path fill='url(data:a)'/>", "fill"),
        ("<path style='fill:u\\72l(#a)'/>", "style"),
        ("<style>/* a */ @font-face{}</style>", "style"),
        ("<style>a{background:image-set('http:a')}</style>", "style"),
        ("<use href='#%61'/>", "href"),
        ("<metadata><script xmlns='http://www.w3.org/1999/xhtml'/></metadata>", "script"),
        ("<metadata><script/></metadata>", "script"),
        ("<g id='a'><use href='#a'/></g>", "use inside use"),
        ("<clipPath id='a'><path clip-path='url(#a)'/></clipPath>", "a part that refers to itself"),
        ("<linearGradient id='a' href='#b'/><linearGradient id='b' href='#a'/>", "a part that refers to itself"),
        ("<g id='a'>" + "<path/>" * 100 + "</g>" + "<use href='#a'/>" * 50, "use too many times"),
        ("<path/>" * 5000, "more than 5000 elements"),
        ("<g>" * 250_000 + "</g>" * 250_000, "groups inside groups"),
    ],
)
def test_anything_else_is_named_and_refused(
    tmp_path: Path, inner: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.branding.logo.MAXIMUM_LOGO_BYTES", 3_000_000)
    assert refusals(tmp_path / "logo.svg", svg(inner)) == [what]


def test_everything_is_named_at_once(file: Path) -> None:
    assert refusals(file, svg("<script/><path onclick='a'/><image/><script/>")) == ["script", "onclick", "image"]
    many = "".join(f"<a{number}/>" for number in range(100))
    assert len(refusals(file, svg(many))) == 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_no_reader_can_decode_the_logo_otherwise(file: Path, encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    file.write_bytes(f"<?xml version='1.0' encoding='{declared}'?>\n{svg().decode()}".encode(encoding))
    assert read_logo(file, "logo").aspect == 2.0


@pytest.mark.parametrize("declared", ["utf-7", "iso-8859-1", "utf-16", "utf-32"])
def test_a_declared_encoding_must_be_the_real_one(file: Path, declared: str) -> None:
    data = f"<?xml version='1.0' encoding='{declared}'?>".encode() + svg()
    assert refusals(file, data) == ["logo-not-a-picture"]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_half_a_picture_is_refused_though_weasyprint_would_take_it(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = io.BytesIO()
    Image.effect_noise((80, 40), 50).save(data, form)
    path = tmp_path / "logo.bin"
    path.write_bytes(data.getvalue())
    assert read_logo(path, "logo").aspect == 2.0
    assert refusals(path, data.getvalue()[:-200]) == ["logo-not-a-picture"]
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_picture_that_only_warns_of_its_size_is_refused(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(data, "PNG")
    assert refusals(tmp_path / "logo.png", data.getvalue()) == ["logo-too-many-pixels"]
