"""What a page may hold: its elements, their attributes, and the functions and rules of its style.

Nothing here loads, sends or runs anything in a browser, but for <script>, <img src> and <a href>, which other modules
look at one by one; nor does it fold a text away, number it anew, or have a screen reader say another in its place. What
is not here is refused: a browser may learn to load by it tomorrow.
"""

from collections.abc import Mapping

from handouts.page_tree import HTML, SVG


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERYWHERE = _names("id class lang xml:lang dir title style role tabindex translate")
_SPOKEN = "aria-label aria-labelledby aria-describedby"
"""For what has no words of its own; elsewhere it would be read in their place."""
_CELL = _names("colspan rowspan headers scope abbr align valign width height bgcolor nowrap")
_ROW = _names("align valign bgcolor")
_COLUMN = _names("span width align")
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "html": _names("xmlns"),
    "meta": _names("charset name content"),
    "style": _names("media type"),
    "body": _names("bgcolor"),
    "a": _names("href hreflang rel target name"),
    "img": _names("src alt width height align border decoding loading"),
    "input": _names(f"type name value checked disabled {_SPOKEN}"),
    "label": _names("for"),
    "ol": _names("type"),
    "ul": _names("type"),
    "time": _names("datetime"),
    "data": _names("value"),
    "table": _names("align bgcolor border cellpadding cellspacing height summary width"),
    "caption": _names("align"),
    "colgroup": _COLUMN,
    "col": _COLUMN,
    "thead": _ROW,
    "tbody": _ROW,
    "tfoot": _ROW,
    "tr": _ROW,
    "td": _CELL,
    "th": _CELL,
    "p": _names("align"),
    "div": _names("align"),
    "hr": _names("align size width"),
    "br": _names("clear"),
}
"""What an element may have besides what each may have. Emails are laid out by attributes that HTML has given up."""
_ELEMENTS = frozenset(_ATTRIBUTES) | _names(
    """
    head title script abbr address article aside b bdi big blockquote center cite code dd dfn dl dt em figcaption figure
    footer h1 h2 h3 h4 h5 h6 header hgroup i ins kbd li main mark nav pre q samp search section small span strong tt u
    var wbr
    """
)
_SVG_ELEMENTS = _names(
    """
    svg g path circle ellipse rect line polyline polygon defs use symbol title desc text tspan linearGradient
    radialGradient stop clipPath mask pattern marker
    """
)
_SVG_ATTRIBUTES = _names(
    f"""
    {_SPOKEN} aria-hidden
    id class style lang role focusable tabindex version baseProfile viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r
    rx ry fx fy fr width height d points dx dy rotate pathLength textLength lengthAdjust offset transform gradientUnits
    gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits patternContentUnits
    patternTransform markerUnits markerWidth markerHeight refX refY orient fill fill-opacity fill-rule stroke
    stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset
    stop-color stop-opacity color opacity display visibility overflow paint-order clip-path clip-rule mask marker
    marker-start marker-mid marker-end shape-rendering text-rendering vector-effect font-family font-size font-style
    font-weight text-anchor dominant-baseline letter-spacing word-spacing direction unicode-bidi
    {{http://www.w3.org/XML/1998/namespace}}space {{http://www.w3.org/XML/1998/namespace}}lang
    {{http://www.w3.org/2000/xmlns/}}xmlns {{http://www.w3.org/2000/xmlns/}}xlink
    """
)
_META_NAMES = _names(
    """
    viewport description author keywords generator robots color-scheme theme-color format-detection application-name
    x-apple-disable-message-reformatting
    """
)
_ROLES = _names("table row cell rowheader columnheader list listitem group region note presentation none")
"""None of these keeps the words in its element from a screen reader, as img and button do (WAI-ARIA 1.2, 5.2.8)."""
_VALUES: Mapping[str, frozenset[str]] = {
    "meta charset": _names("utf-8"),
    "meta name": _META_NAMES,
    "input type": _names("checkbox radio"),
    "role": _ROLES,
}
_SPANS = _names("colspan rowspan span")
_MOST_CELLS = 1_000
"""Columns that browsers let a cell take (HTML, 4.9.11). Millions would be laid out without end."""

AT_RULES = _names(
    """
    charset media supports layer container scope starting-style page font-face counter-style keyframes -webkit-keyframes
    property font-feature-values footnote top-left-corner top-left top-center top-right top-right-corner
    bottom-left-corner bottom-left bottom-center bottom-right bottom-right-corner left-top left-middle left-bottom
    right-top right-middle right-bottom
    """
)
"""Rules of a style that load nothing by themselves."""
FUNCTIONS = _names(
    """
    var env calc min max clamp abs sign round mod rem pow sqrt hypot log exp sin cos tan asin acos atan atan2
    rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark linear-gradient radial-gradient conic-gradient
    repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient counter counters target-counter
    target-counters target-text string content leader symbols running
    matrix matrix3d translate translatex translatey translatez translate3d scale scalex scaley scalez scale3d rotate
    rotatex rotatey rotatez rotate3d skew skewx skewy perspective cubic-bezier steps linear repeat minmax fit-content
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    inset circle ellipse polygon path rect xywh format local tech selector style
    is where not has lang dir nth-child nth-last-child nth-of-type nth-last-of-type
    """
)
"""Functions of a style that load nothing. url() is looked at by itself."""


def is_element(tag: str) -> bool:
    """Return whether a page may hold the element; `tag` has its namespace."""
    return tag.removeprefix(HTML) in _ELEMENTS or (tag.startswith(SVG) and tag.removeprefix(SVG) in _SVG_ELEMENTS)


def is_attribute(tag: str, name: str, value: str) -> bool:
    """Return whether an element that is_element() takes may have the attribute with this value, in small letters.

    An SVG's own attributes have a list of their own. Its href, and any attribute's address or style, are for
    page_checks.py to look at.
    """
    if name.startswith("data-") or (tag.startswith(SVG) and name in _SVG_ATTRIBUTES):
        return True
    element = tag.removeprefix(HTML)
    if name not in _EVERYWHERE and name not in _ATTRIBUTES.get(element, ()):
        return False
    if name in _SPANS:
        return value.isascii() and value.isdigit() and int(value[:9]) <= _MOST_CELLS
    values = _VALUES.get(name) or _VALUES.get(f"{element} {name}")
    return values is None or value in values or (element == "meta" and value.startswith("dcterms."))
