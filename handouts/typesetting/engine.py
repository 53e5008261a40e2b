"""Everything of WeasyPrint that the project uses, its private parts above all: HTML and a style -> pages and a PDF.

No other module imports WeasyPrint or pydyf. pyproject.toml pins the version; tests/test_typesetting.py names each
private part and reads back what it is used for.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from handouts.declarations import prepared
from handouts.pictures import has_too_many_pixels
from handouts.records import Face

with prepared():
    from pydyf import PDF, Array, Dictionary, Object, Stream, String
    from weasyprint import CSS, HTML, VERSION, css, draw, pdf
    from weasyprint.css import computed_values, properties, targets
    from weasyprint.draw import text
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline
    from weasyprint.layout.absolute import AbsolutePlaceholder
    from weasyprint.matrix import Matrix
    from weasyprint.pdf import fonts, stream, tags
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, ffi, fontconfig, harfbuzz, harfbuzz_subset, pango
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.text.line_break import Layout, _font_style_cache_key, line_size, strut
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

__all__ = [
    "CSS",
    "FROM_UNITS",
    "HTML",
    "PDF",
    "Array",
    "Brush",
    "Dictionary",
    "FatalURLFetchingError",
    "FontConfiguration",
    "Layout",
    "NoFetcher",
    "Object",
    "Stream",
    "String",
    "Work",
    "add_face",
    "boxes",
    "cut_table",
    "face_of",
    "ffi",
    "has_fonts",
    "is_generated",
    "line_size",
    "lines",
    "pango",
    "pictures_of",
    "placed",
    "reduced_face",
    "strut",
    "style_key",
    "take_in",
    "text_boxes",
    "unset",
    "wrap",
    "write_fonts",
]

WRITTEN_FOR = "70."


class Work(Enum):
    """A function of WeasyPrint that we go before or after: where its module has it, and under which private name."""

    COMPUTE_STYLE = (css.ComputedStyle, "__missing__")
    BUILD_TAGS = (tags, "_build_box_tree")
    DRAW_LINE = (text, "draw_first_line")
    DRAW_BACKGROUND = (draw, "draw_background_image")
    WRITE_FONTS = (pdf, "build_fonts_dictionary")
    WRITE_FONT = (fonts, "_build_vector_font_dictionary")
    READ_FONT = (fonts, "get_hb_object_data")
    CUT_FONT = (fonts.Font, "_harfbuzz_subset")
    FIND_TARGET = (targets.TargetCollector, "lookup_target")
    MISS_COUNTERS = (targets.TargetCollector, "collect_missing_counters")
    NEXT_LINE = (inline, "get_next_linebox")
    PLACE_LINE = (inline, "avoid_collisions")
    STYLE_KEY = (line_break, "_font_style_cache_key")
    DESCRIBE_FONT = (line_break, "get_font_description")


def wrap(work: Work, wrapper: Callable[[Any], Any]) -> None:
    """Put what `wrapper` makes of a function in its place; raise RuntimeError for a version it was not written for."""
    if not VERSION.startswith(WRITTEN_FOR):
        raise RuntimeError(f"handouts is written for WeasyPrint {WRITTEN_FOR}*, not {VERSION}")
    module, name = work.value
    setattr(module, name, wrapper(getattr(module, name)))


class OfSide(NamedTuple):
    """What a property of one side is where no rule sets it, and which others set it, by another name of the side."""

    value: object
    also_set_by: tuple[str, ...]


_WORKED_OUT = ("page", "position", "float", "display")
"""Properties that WeasyPrint works out from others, whether they are set or not; so are text_decoration_*."""


def unset() -> tuple[Mapping[str, object], Mapping[str, OfSide], frozenset[str]]:
    """Return what properties are where no rule sets them, those of sides apart, and which are their parent's then."""
    plain, of_sides, inherited = {}, {}, set()
    for name, value in properties.INITIAL_VALUES.items():
        other_name = computed_values.PHYSICAL_FUNCTIONS.get(name)
        if name in _WORKED_OUT or name.startswith("text_decoration_"):
            continue
        if name in properties.INHERITED:
            inherited |= set() if other_name else {name}
        elif name not in properties.INITIAL_NOT_COMPUTED and other_name:
            of_sides[name] = OfSide(value, tuple(other_name(block="ttb", inline=way) for way in ("ltr", "rtl")))
        elif name not in properties.INITIAL_NOT_COMPUTED:
            plain[name] = value
    return plain, of_sides, frozenset(inherited)


def placed(box: Any) -> Any:
    """Return a box itself for what stands in its place while it is laid out."""
    return box._box if isinstance(box, AbsolutePlaceholder) else box


_PHRASES = frozenset(("span", "a", "strong", "b", "em", "i", "bdi", "bdo", "time", "small", "abbr", "mark", "u"))
"""Elements that stand inside a sentence, even where a style makes boxes of them."""
_CONTAINERS = (boxes.BlockContainerBox, boxes.FlexContainerBox, boxes.GridContainerBox)


def library_versions() -> str:
    """Return the versions of the typesetter's own libraries, for `handouts doctor`."""
    number = int(pango.pango_version())
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}, WeasyPrint {VERSION}"


class NoFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no annotations
    """Serves what a sheet carries in itself (data: addresses) and refuses every other address: no file, no network."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
        self.refused: list[str] = []
        self.too_many_pixels = False

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Return the content of a data: address; raise ValueError for another, which stops the typesetting.

        So does a picture of more pixels than any may have.
        """
        if not url.startswith("data:"):
            self.refused.append(url)
            raise ValueError(url)
        response = super().fetch(url, headers)
        if not url.startswith("data:image/") or url.startswith("data:image/svg"):
            return response
        data = response.read()
        if has_too_many_pixels(data):
            self.too_many_pixels = True
            raise ValueError
        return URLFetcherResponse(url, data, response.headers)


def text_boxes(page: Any) -> Iterator[tuple[object, object, Any]]:
    """Yield each piece of text of a laid-out page in the order of reading.

    Before it come its paragraph's element and the innermost cell of a table around it, or None.
    """
    waiting: list[tuple[object, object, Any]] = [(None, None, page._page_box)]
    while waiting:
        owner, cell, box = waiting.pop()
        box = placed(box)
        if isinstance(box, boxes.TextBox):
            yield owner, cell, box
        elif isinstance(box, _CONTAINERS) and box.element_tag not in _PHRASES:
            owner = id(box) if box.element is None else id(box.element)
        if isinstance(box, boxes.TableCellBox):
            cell = owner
        waiting += ((owner, cell, child) for child in reversed(getattr(box, "children", ())))


def can_be_scrolled(document: Any) -> bool:
    """Return whether a browser lets its reader go to what stands below the window's edge (CSS Overflow 3, 3.3)."""
    return bool(document.pages[0]._page_box.style["overflow"] != "hidden")


def lines(page: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each piece of text of a laid-out page with the boxes around it, the outermost first."""
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(page._page_box, ())]
    while waiting:
        box, around = waiting.pop()
        box = placed(box)
        if isinstance(box, boxes.TextBox):
            yield box, around
        else:
            waiting += ((child, (*around, box)) for child in reversed(getattr(box, "children", ())))


def style_key(style: Any) -> tuple[object, ...]:
    """Return what of a computed style tells how a line of text is set in it."""
    others = ("direction", "font_kerning", "hyphens", "word_break", "line_height")
    return (_font_style_cache_key(style, include_size=True), *(repr(style[name]) for name in others))


class Brush:
    """Draws single lines of text as WeasyPrint draws them on a page of a document, with the document's fonts."""

    def __init__(self, document: Any) -> None:
        self.fonts = document.fonts
        self.stream = stream.Stream(self.fonts, (0, 0, 0, 0), {}, {}, None, {}, None)

    def draw(self, box: Any) -> list[bytes]:
        """Return the operators for a text box after its position; [] where nothing of it is drawn, or not by a font."""
        self.stream.stream.clear()
        self.stream._current_font = None
        if text.draw_first_line(self.stream, box, "clip", "none", Matrix()):
            return []
        return [bytes(operator) for operator in self.stream.stream[1:]]


def pictures_of(target: Any) -> dict[str, Any]:
    """Return what a stream's operators draw by a name: pictures, and groups of operators."""
    pictures: dict[str, Any] = target._resources["XObject"]
    return pictures


def take_in(target: Any, group: Any) -> bool:
    """Let a stream use the states of a group; False where either has one that is not opaque, or more than states."""
    states = target._resources["ExtGState"], group._resources["ExtGState"]
    if any(group._resources[kind] for kind in ("XObject", "Pattern", "Shading")):
        return False
    if any(state not in ({"ca": 1}, {"CA": 1}) for known in states for state in known.values()):
        return False
    states[0].update(states[1])
    return True


def write_fonts(document: Any, used: Mapping[str, Any]) -> Any:
    """Write fonts, cut to the glyphs that they map to texts, as objects of a PDF; return their references by name."""
    return pdf.build_fonts_dictionary(document, used, True, True, {"hinting": False, "pdf_version": "1.7"})  # noqa: FBT003 - WeasyPrint's own order


def cut_font(font: Any) -> None:
    """Cut a font's file to the glyphs that it maps to texts, as `write_fonts` does before it writes it."""
    font.clean(font.to_unicode, False)  # noqa: FBT003 - WeasyPrint's own order: hinting


def reduced_face(face: Any, glyphs: Sequence[int]) -> Any:
    """Return a face with some glyphs of another, in their places: small ones are cut from it many times faster."""
    wanted = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    _add(harfbuzz_subset.hb_subset_input_glyph_set(wanted), glyphs)
    flags = (
        harfbuzz_subset.HB_SUBSET_FLAGS_RETAIN_GIDS
        | harfbuzz_subset.HB_SUBSET_FLAGS_PASSTHROUGH_UNRECOGNIZED
        | harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
    )
    harfbuzz_subset.hb_subset_input_set_flags(wanted, flags)
    cut = harfbuzz_subset.hb_subset_or_fail(face, wanted)
    return face if cut == ffi.NULL else ffi.gc(cut, harfbuzz.hb_face_destroy)


class _Range(NamedTuple):
    """A range of letters as the style's parser would give it."""

    start: int
    end: int


def add_face(configuration: FontConfiguration, face: Face) -> None:
    """Let sheets be set in a clinic's own font; one that is there already is not read again."""
    address = f"data:font/sfnt;base64,{base64.b64encode(face.printed).decode()}"
    rule: dict[str, object] = {"font_family": face.family, "font_weight": face.weight, "src": [("external", address)]}
    if face.letters:
        rule["unicode_range"] = [_Range(*both) for both in face.letters]
    configuration.add_font_face(rule, NoFetcher())


def is_generated(box: Any) -> bool:
    """Return whether a piece of text is a list's marker or stands in a style's `content`."""
    return "::" in (box.element_tag or "")


def has_fonts(configuration: FontConfiguration) -> bool:
    """Return whether there is any font: without one, Pango ends the process."""
    return int(fontconfig.FcConfigGetFonts(configuration._config, fontconfig.FcSetSystem).nfont) > 0


def face_of(font: Any) -> bytes:
    """Return what tells a font's file from any other: its head table, whose checksum is of the whole (OpenType 1.9).

    A variable font is many: of those, what was asked of it is part of the answer.
    """
    return _table(font.hb_face, b"head") + repr(sorted(font.variations.items())).encode()


def cut_table(face: Any, table: bytes, glyphs: Sequence[int]) -> bytes:
    """Return one table of a face cut down to some glyphs, given in order; b"" where HarfBuzz cannot cut it."""
    wanted = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    _add(harfbuzz_subset.hb_subset_input_glyph_set(wanted), glyphs)
    # Else HarfBuzz adds what the glyphs could be exchanged for.
    dropped = harfbuzz_subset.hb_subset_input_set(wanted, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG)
    _add(dropped, [harfbuzz.hb_tag_from_string(name, 4) for name in (b"GPOS", b"GSUB")])
    flags = harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING | harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
    harfbuzz_subset.hb_subset_input_set_flags(wanted, flags)
    cut = harfbuzz_subset.hb_subset_or_fail(face, wanted)
    return b"" if cut == ffi.NULL else _table(ffi.gc(cut, harfbuzz.hb_face_destroy), table)


def _add(numbers: Any, more: Sequence[int]) -> None:
    """Add numbers, given in order, to a set of HarfBuzz's."""
    harfbuzz.hb_set_add_sorted_array(numbers, ffi.new("hb_codepoint_t[]", more), len(more))


def _table(face: Any, name: bytes) -> bytes:
    blob = harfbuzz.hb_face_reference_table(face, harfbuzz.hb_tag_from_string(name, 4))
    try:
        length = ffi.new("unsigned int *")
        data = harfbuzz.hb_blob_get_data(blob, length)
        return bytes(ffi.buffer(data, length[0]))
    finally:
        harfbuzz.hb_blob_destroy(blob)
