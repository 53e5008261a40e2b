"""Glyphs of a PDF -> the very letters that they were drawn for: a sheet can be searched, copied and read out.

WeasyPrint 70 keeps one text for each glyph, the first that it was drawn for, and none for the other glyphs of a
cluster: in Hindi a third of some letters is lost or exchanged (WeasyPrint issue 2841). Here each pair of glyph and text
has a code of its own. The font's CMap leads each code to its glyph (ISO 32000-1, 9.7.5) and ToUnicode to its text
(9.10.3); the glyphs themselves and their places stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from handouts.typesetting.engine import FROM_UNITS, Dictionary, Stream, String, Work, pango, wrap
from handouts.typesetting.glyph_runs import EMPTY, Glyph, Run, runs_of

SHAPED = re.compile("[\u0300-\u036f\u0590-\u1cff\u200c\u200d\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc]")
"""A run that has one of these can share a glyph among letters, or spread a letter over several glyphs."""
_JOINERS = "\u200c\u200d"
_NO_TEXT = "\u2060"
"""Word joiner, an invisible character: every glyph has to have a text (ISO 14289-1, 7.21.7)."""
_LAST_CODE = 0xFFFF
_PER_BLOCK = 100
"""Entries in one block of a CMap (Adobe Technical Note 5014)."""


def _exact(draw: Any) -> Any:
    """Wrap WeasyPrint's drawing of a line: while it draws, each glyph goes by the code of its own text."""

    def draw_exactly(stream: Any, box: Any, overflow: str, ellipsis: Any, matrix: Any) -> Any:
        if overflow == "ellipsis" or ellipsis != "none" or not box.text.strip():
            return draw(stream, box, overflow, ellipsis, matrix)
        pango.pango_layout_set_single_paragraph_mode(box.pango_layout.layout, True)  # noqa: FBT003 - C has no keywords
        changed = list(_recoded(stream, box))
        try:
            return draw(stream, box, overflow, ellipsis, matrix)
        finally:
            for info, glyph in changed:
                info.glyph = glyph

    return draw_exactly


def _recoded(stream: Any, box: Any) -> Iterator[tuple[Any, int]]:
    """Give each glyph of a line its code; yield those that were changed, with what they were."""
    line, _ = box.pango_layout.get_first_line()
    for run in runs_of(line, box.pango_layout.text.encode()):
        font, size = stream.add_font(run.font)
        for place, letters in enumerate(letters_of_glyphs(run, stream)):
            if letters is None:
                continue
            glyph = run.glyphs[place].number
            code = code_of(font, glyph, letters) if letters else EMPTY
            if code != glyph:
                if letters:
                    width_of(font, glyph, code, run.font, size, stream)
                run.infos[place].glyph = code
                yield run.infos[place], glyph


def letters_of_glyphs(run: Run, stream: Any) -> Sequence[str | None]:
    """Return for each glyph of a run the letters that it stands for.

    "" stands for a glyph that is to be drawn as nothing at all, None for one that draws nothing already. `stream` lends
    its rectangles to measure in.
    """
    return _one_each(run) or _one_a_cluster(run) or _in_clusters(run, stream)


def _one_each(run: Run) -> Sequence[str]:
    """Return each glyph's letter where there is one glyph for each; else ()."""
    text = run.text.decode()
    if len(text) != len(run.glyphs) or max(run.glyphs).number >= EMPTY or SHAPED.search(text):
        return ()
    return text[::-1] if run.is_backwards else text


def _one_a_cluster(run: Run) -> Sequence[str]:
    """Return each glyph's cluster where each has one glyph of its own, and that has ink or width; else ()."""
    starts = sorted(set(run.clusters))
    if len(starts) != len(run.clusters) or not all(glyph.width and glyph.is_drawn for glyph in run.glyphs):
        return ()
    letters = {start: run.text[start:end].decode() for start, end in pairwise((*starts, len(run.text)))}
    return [letters[start] or _NO_TEXT for start in run.clusters]


def _in_clusters(run: Run, stream: Any) -> Sequence[str | None]:
    """Return for each glyph of a run its part of the letters of its cluster."""

    def is_blank(glyph: Glyph) -> bool:
        """Return whether a glyph has neither ink nor width: a letter of it would be nowhere on the page."""
        if glyph.width:
            return False
        pango.pango_font_get_glyph_extents(run.font, glyph.number, stream.ink_rect, stream.logical_rect)
        return not stream.ink_rect.width

    found: list[str | None] = [None] * len(run.glyphs)
    clusters: list[tuple[str, list[int]]] = []
    for letters, places in _clusters(run):
        shown = [place for place in places if not is_blank(run.glyphs[place])]
        if clusters and not shown and _is_added(letters):
            before, shown = clusters.pop()
            clusters.append((before + letters, shown))
        elif places:
            shown = shown or places
            clusters.append((letters, shown))
        for place in places:
            if place not in shown:
                found[place] = ""
    for letters, places in clusters:
        for place, share in zip(places, _shared(letters, len(places)), strict=True):
            found[place] = share
    return found


def _clusters(run: Run) -> Iterator[tuple[str, list[int]]]:
    """Yield the clusters of a run in the order of the text: the letters, and the places of the glyphs that draw them.

    A joiner of a left-to-right script, which draws nothing, stands with the letter before it. In right-to-left lines it
    is lost: programs that read a PDF put the letters of such a line in order one glyph after the other.
    """
    by_start: dict[int, list[int]] = {}
    for place, start in enumerate(run.clusters):
        by_start.setdefault(start, []).append(place)
    starts = sorted(by_start)
    for start, end in zip(starts, [*starts[1:], len(run.text)], strict=True):
        places = [place for place in by_start[start] if run.glyphs[place].is_drawn]
        if places or not run.is_backwards:
            yield run.text[start:end].decode(), places[::-1] if run.is_backwards else places


def _is_added(letters: str) -> bool:
    """Return whether letters are all marks or joiners, which stand with the letter before them."""
    return all(letter in _JOINERS or unicodedata.category(letter)[0] == "M" for letter in letters)


def _shared(letters: str, glyphs: int) -> Sequence[str]:
    """Return a cluster's letters among its glyphs: one each in the order of the line, the last one has the rest."""
    first = [*letters[: glyphs - 1]]
    return [*first, *[_NO_TEXT] * (glyphs - 1 - len(first)), letters[glyphs - 1 :] or _NO_TEXT]


def code_of(font: Any, glyph: int, letters: str) -> int:
    """Return the code of a glyph that stands for these letters: the glyph's own number for the first, then new ones."""
    if font.to_unicode.setdefault(glyph, letters) == letters:
        return glyph
    aliases = _aliases(font)
    known = aliases.get((glyph, letters))
    if known is not None:
        return known
    code = _LAST_CODE - len(aliases)
    if font.bitmap or code < font.glyph_count + len(font.missing) + 1:
        return glyph  # No room for a code; the check of the finished page tells what is lost.
    aliases[glyph, letters] = code
    vars(font).setdefault("glyph_of_code", {})[code] = glyph
    font.to_unicode[code] = letters
    return code


def _aliases(font: Any) -> dict[tuple[int, str], int]:
    """Return the codes of a font that are no glyph's own number, by glyph and text."""
    found: dict[tuple[int, str], int] = vars(font).setdefault("text_layer", {})
    return found


def codes_of(font: Any) -> dict[int, tuple[int, str]]:
    """Return what each code of a font stands for: its glyph, and the letters that it is drawn for."""
    return {code: meaning_of(font, code) for code in font.to_unicode}


def meaning_of(font: Any, code: int) -> tuple[int, str]:
    """Return the glyph and the letters that a code of a font stands for."""
    glyphs: dict[int, int] = vars(font).get("glyph_of_code", {})
    return glyphs.get(code, code), font.to_unicode[code]


def number_codes(texts: Iterable[tuple[int, str]], glyph_count: int) -> tuple[int, ...]:
    """Return a code for each pair of a glyph and its letters, by the same rule as on a page: in their order.

    Raises ValueError where a font has no room for so many.
    """
    codes: list[int] = []
    for glyph, _ in texts:
        code = glyph if glyph not in codes else _LAST_CODE - sum(other >= glyph_count for other in codes)
        if code != glyph and code <= glyph_count:
            raise ValueError("no room for a code")
        codes.append(code)
    return tuple(codes)


def width_of(font: Any, glyph: int, code: int, pango_font: Any, size: float, stream: Any) -> int:
    """Return the width of a code's glyph as WeasyPrint notes it, in thousandths of the font's size, and note it."""
    known: int | None = font.widths.get(code)
    if known is not None:
        return known
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(pango_font, glyph, stream.ink_rect, stream.logical_rect)
        font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
    width: int = font.widths[glyph]
    font.widths[code] = width
    return width


def _without_codes(build: Any) -> Any:
    """Wrap the writing of all fonts: for the fonts' files only glyphs count; their codes are added by _with_codes."""

    def build_without_codes(document: Any, used: Mapping[str, Any], *arguments: Any, **options: Any) -> Any:
        taken = []
        for font in used.values():
            codes = set(_aliases(font).values())
            taken.append((font, {code: font.to_unicode.pop(code) for code in codes}))
            for code in codes:
                del font.widths[code]
        try:
            return build(document, used, *arguments, **options)
        finally:
            for font, letters in taken:
                font.to_unicode |= letters

    return build_without_codes


def _with_codes(build: Any) -> Any:
    """Wrap the writing of one font: its ToUnicode, just added to the PDF, and its encoding get the codes too."""

    def build_with_codes(dictionary: Any, document: Any, font: Any, *arguments: Any) -> None:
        aliases = _aliases(font)
        to_unicode = document.objects[-1]
        build(dictionary, document, font, *arguments)
        if not aliases:
            return
        letters = [f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for (_, text), code in aliases.items()]
        end = to_unicode.stream.index(b"endcmap")
        to_unicode.stream[end:end] = list(_blocks(letters, "bfchar"))
        missing = set(font.missing.values())
        glyphs = {code: 0 if code in missing else code for code in font.to_unicode}
        glyphs |= {code: glyph for (glyph, _), code in aliases.items()}
        encoding = _encoding(glyphs, compress=to_unicode.compress)
        document.add_object(encoding)
        dictionary["Encoding"] = encoding.reference

    return build_with_codes


def _encoding(glyphs: Mapping[int, int], *, compress: bool) -> Stream:
    """Return the CMap that leads each code to its glyph."""
    system = Dictionary({"Registry": String("Adobe"), "Ordering": String("Identity"), "Supplement": 0})
    extra = Dictionary({"Type": "/CMap", "CMapName": "/Handouts-Codes", "CIDSystemInfo": system})
    lines = [
        b"/CIDInit /ProcSet findresource begin",
        b"12 dict begin",
        b"begincmap",
        b"/CIDSystemInfo",
        b"3 dict dup begin",
        b"/Registry (Adobe) def",
        b"/Ordering (Identity) def",
        b"/Supplement 0 def",
        b"end def",
        b"/CMapName /Handouts-Codes def",
        b"/CMapType 1 def",
        b"1 begincodespacerange",
        b"<0000> <ffff>",
        b"endcodespacerange",
        *_blocks([f"<{code:04x}> {glyph}" for code, glyph in sorted(glyphs.items())], "cidchar"),
        b"endcmap",
        b"CMapName currentdict /CMap defineresource pop",
        b"end",
        b"end",
    ]
    return Stream(lines, extra, compress=compress)


def _blocks(entries: Sequence[str], kind: str) -> Iterator[bytes]:
    for start in range(0, len(entries), _PER_BLOCK):
        block = entries[start : start + _PER_BLOCK]
        yield f"{len(block)} begin{kind}".encode()
        yield from (entry.encode() for entry in block)
        yield f"end{kind}".encode()


def make_exact() -> None:
    """Put the wrappers into WeasyPrint; done once, by typesetter.py."""
    wrap(Work.DRAW_LINE, _exact)
    wrap(Work.WRITE_FONT, _with_codes)
    wrap(Work.WRITE_FONTS, _without_codes)
