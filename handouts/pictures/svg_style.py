"""The style of an SVG (an attribute, a <style>) -> declarations that every viewer draws alike, or what none may read.

Drawing programs write more than they need: what is not drawn is left out, and what is written anew for new viewers
gives way to the older form beside it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tinycss2
from tinycss2 import color5

_DRAWN = frozenset(
    """
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-dasharray stroke-dashoffset stop-color stop-opacity color opacity display visibility overflow paint-order
    isolation mix-blend-mode clip-path clip-rule mask mask-type filter flood-color flood-opacity lighting-color
    color-interpolation color-interpolation-filters marker marker-start marker-mid marker-end shape-rendering image-
    rendering
    """.split()  # noqa: SIM905 - words as the standard has them
)
"""The properties that both the renderer and every browser read."""
_PLACES = frozenset(
    """
    transform translate rotate scale x y width height cx cy r rx ry d offset-path animation animation-name vector-
    effect zoom
    """.split()  # noqa: SIM905 - words as the standard has them
)
"""Properties by which a browser moves or sizes something, and others do not."""
_ROOT_PLACES = (_PLACES - {"width", "height"}) | {"background", "background-color", "background-image"}
"""The same for the whole picture, whose size is its viewBox; only there a browser paints a background."""
_HARMLESS_PLACES = {
    "background": re.compile(r"none|transparent|white|#fff(?:fff)?", re.IGNORECASE),
    "background-color": re.compile(r"none|transparent|white|#fff(?:fff)?", re.IGNORECASE),
    "animation": re.compile("none"),
    "background-image": re.compile("none"),
    "transform": re.compile("none"),
    "vector-effect": re.compile("none"),
}
_COLOURS = frozenset(("fill", "stroke", "stop-color", "flood-color", "lighting-color", "color"))
_REFERENCES = frozenset(("clip-path", "mask", "filter", "marker", "marker-start", "marker-mid", "marker-end"))
_FUNCTION = re.compile(r"(?<![\w-])([\w-]++)\(")
_FILTERS = frozenset(
    """
    url blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia rgb rgba hsl
    """.split()  # noqa: SIM905 - words as the standard has them
)
_OWN_PART = re.compile(r"""url\(\s*(["']?)#([^"'()\s\\]+)\1\s*\)""")
_REACHES_OUT = re.compile(r"""url\(|src\(|image\(|image-set\(|\\|//|@|expression\(""", re.IGNORECASE)
_SIMPLE_SELECTOR = re.compile(r"[\w\s.#*,>-]+")
_NOT_ON_PAPER = re.compile(r":(?:hover|focus|active|visited|focus-visible|focus-within)\b")
_OTHER_SCREENS = re.compile(r"prefers-|\bprint\b")
_LEFT_OUT_RULES = frozenset(("charset", "namespace", "font-face", "keyframes", "-webkit-keyframes", "page"))


class ExternalReference(ValueError):
    """A style names an address, or could."""


class NotDrawnAlike(ValueError):
    """A style says something that one viewer draws and another does not; the argument is its property or rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Declared:
    name: str
    value: str
    important: bool


def is_drawn(name: str) -> bool:
    """Return whether a property, as an attribute too, changes what is drawn."""
    return name in _DRAWN or name == "transform"


def attribute_value(name: str, value: str) -> str:
    """Return the value of a presentation attribute; raise LoadsFromElsewhere or NotDrawnAlike."""
    return _value(name, value)


def declarations(text: str, *, root: bool = False) -> Mapping[str, str]:
    """Return a style attribute's declarations that are drawn; raise LoadsFromElsewhere or NotDrawnAlike."""
    return {one.name: f"{one.value}{' !important' * one.important}" for one in _declarations(text, root=root)}


def stylesheet(text: str) -> str:
    """Return a stylesheet of what is drawn; raise LoadsFromElsewhere or NotDrawnAlike for what must not be lost."""
    rules: list[str] = []
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            _left_out(rule)
        elif rule.type == "qualified-rule":
            rules.append(_rule(rule))
        else:
            raise NotDrawnAlike("style")
    return "\n".join(filter(None, rules))


def _left_out(rule: tinycss2.ast.AtRule) -> None:
    """Raise where a rule by which something is drawn or loaded would be lost."""
    name = rule.lower_at_keyword
    if name == "import":
        raise ExternalReference
    if name == "media" and _OTHER_SCREENS.search(tinycss2.serialize(rule.prelude)):
        return
    if name not in _LEFT_OUT_RULES:
        raise NotDrawnAlike(f"@{name}")


def _rule(rule: tinycss2.ast.QualifiedRule) -> str:
    selector = tinycss2.serialize(rule.prelude).strip()
    if _NOT_ON_PAPER.search(selector):
        return ""
    found = tuple(_declarations(tinycss2.serialize(rule.content), root=selector in ("svg", ":root")))
    if not found:
        return ""
    if not _SIMPLE_SELECTOR.fullmatch(selector):
        raise NotDrawnAlike(selector[:40])
    return f"{selector} {{ {'; '.join(f'{one.name}: {one.value}' + ' !important' * one.important for one in found)} }}"


def _declarations(text: str, *, root: bool) -> Iterator[_Declared]:
    """Yield the last declaration of each property that every viewer understands."""
    found: dict[str, _Declared] = {}
    failed: dict[str, NotDrawnAlike] = {}
    for node in tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            continue  # A slip of the program that wrote it: every viewer passes over it.
        name, value = node.lower_name, tinycss2.serialize(node.value).strip()
        if name in (_ROOT_PLACES if root else _PLACES) and not _is_harmless(name, value):
            raise NotDrawnAlike(name)
        if name not in _DRAWN:
            continue
        try:
            found[name] = _Declared(name=name, value=_value(name, value), important=node.important)
        except NotDrawnAlike as error:
            failed[name] = error
    for name, failure in failed.items():
        if name not in found:
            raise failure
    yield from found.values()


def _is_harmless(name: str, value: str) -> bool:
    harmless = _HARMLESS_PLACES.get(name)
    return harmless is not None and harmless.fullmatch(value) is not None


def _value(name: str, value: str) -> str:
    """Return a property's value as every viewer reads it: its own parts as url(#id), colours as hexadecimal."""
    own = _OWN_PART.sub(lambda match: f"url(#{match[2]})", value)
    if _REACHES_OUT.search(_OWN_PART.sub("", value)):
        raise ExternalReference
    functions = {function.lower() for function in _FUNCTION.findall(own)}
    if not functions or functions == {"url"}:
        return own
    if name in _COLOURS:
        return _colour(name, own)
    if name == "filter" and functions <= _FILTERS:
        return own
    if name in _REFERENCES or name in _DRAWN:
        raise NotDrawnAlike(name)
    return own


def _colour(name: str, value: str) -> str:
    colour = color5.parse_color(value)
    if colour is None or colour == "currentcolor" or colour.space not in ("srgb", "hsl", "hwb"):
        raise NotDrawnAlike(name)
    given = colour if colour.space == "srgb" else colour.to("srgb")
    parts = (*(part or 0 for part in given.coordinates), given.alpha)
    return "#" + "".join(f"{round(255 * min(max(part, 0), 1)):02x}" for part in parts)
