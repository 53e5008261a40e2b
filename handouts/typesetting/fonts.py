"""The fonts of a laid-out sheet -> a Problem for each character that none can draw, and each font nobody asked for."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.languages import fonts_of_names_alone
from handouts.records import ComposedHandout
from handouts.typesetting.engine import face_of, text_boxes

_BOLD = 600
_GENERIC = frozenset(("serif", "sans-serif", "cursive", "fantasy", "monospace", "system-ui", "math", "emoji"))
"""Names that stand for any font of a kind (CSS Fonts 4, 2.1.2)."""


def font_problems(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield missing characters, then fonts that the system put in for others; nothing of an email, which has none."""
    if not composed.families:
        return
    yield from _missing_glyphs(document, composed)
    yield from _stray(document, composed)
    yield from _made_bold(document)


def _missing_glyphs(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each character that no font of the sheet can draw: it would print as an empty box.

    A few characters that came from a font nobody asked for (an emoji from DejaVu, say) count as missing too.
    """
    missing = {code for font in document.fonts.values() for code in font.missing}
    for font in document.fonts.values():
        drawn = _drawn(font)
        if font.family not in composed.families and _is_substitute(drawn):
            missing |= {ord(character) for character in drawn}
    for code in sorted(missing):
        yield Problem.of(Kind.TYPESETTING, Code.MISSING_GLYPH, "the sheet", character=f"U+{code:04X}")


def _drawn(font: Any) -> frozenset[str]:
    """Return the characters that were drawn with a font."""
    return frozenset(character for text in font.to_unicode.values() for character in text)


def _is_substitute(drawn: frozenset[str]) -> bool:
    """Return whether a font only stood in for odd characters; one that drew letters replaced a whole typeface."""
    return not any(character.isascii() and character.isalnum() for character in drawn)


def _not_here(document: Any, composed: ComposedHandout) -> frozenset[str]:
    """Return the families that a style asks for first where the sheet has none of those that it names."""
    asked = {tuple(box.style["font_family"]) for page in document.pages for *_, box in text_boxes(page)}
    named = (tuple(family for family in families if family not in _GENERIC) for families in asked)
    return frozenset(names[0] for names in named if names and not composed.families & set(names))


def _stray(document: Any, composed: ComposedHandout) -> Iterator[Problem]:
    """Yield a Problem for each font that nobody asked for: the system put it in for one that is not installed."""
    families = {font.family for font in document.fonts.values() if not _is_substitute(_drawn(font))}
    absent = sorted(_not_here(document, composed))
    yield from (Problem.of(Kind.TYPESETTING, Code.FONT_NOT_HERE, "the sheet", asked=family) for family in absent)
    for family in () if absent else sorted(families - composed.families):
        yield Problem.of(
            Kind.TYPESETTING, Code.STRAY_FONT, "the sheet", family=family, wanted=composed.typeface or "another"
        )
    if composed.typeface and composed.typeface not in families and families - composed.own_families:
        stray = Problem.of(
            Kind.TYPESETTING, Code.STRAY_FONT, "the sheet", family=", ".join(sorted(families)), wanted=composed.typeface
        )
        yield replace(stray, source="clinic.toml", path="typeface")


def _made_bold(document: Any) -> Iterator[Problem]:
    """Yield a Problem for each typeface whose bold is its regular: nothing that is to stand out does so on paper.

    Of those that only names are in, many have no bold, and a name is read all the same.
    """
    for family in sorted({*families_without_bold(document.fonts.values())} - fonts_of_names_alone()):
        yield Problem.of(Kind.TYPESETTING, Code.NO_BOLD, "the sheet", family=family)


def families_without_bold(fonts: Collection[Any]) -> list[str]:
    """Return the families among a sheet's fonts whose bold is their regular.

    The system takes the regular file where a typeface has no bold one, and the widths it then tells can be wrong
    (ISO 14289-1, 7.21.5). A typeface for headings alone needs no second one.
    """
    regular = {(font.family, face_of(font)) for font in fonts if font.weight < _BOLD}
    bold = {(font.family, face_of(font)) for font in fonts if font.weight >= _BOLD}
    return sorted({family for family, _ in regular & bold})
