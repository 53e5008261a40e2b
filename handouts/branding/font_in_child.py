"""A clinic's font file on standard input -> what it says of itself, and it as a PDF and a browser take it.

Run by its path, not imported: `python -P font_in_child.py WEIGHT`, in an empty folder and a process that may grow
little. The answer is a line of JSON (how the file is not fit, or its family, weight and two lengths), then two fonts of
those lengths: one for PDFs, and the same as WOFF2.
"""

import io
import json
import resource
import string
import sys

from fontTools import subset, ttLib
from fontTools.varLib import instancer

_SECONDS = 30
"""Of processor time: Noto Serif, with 3,256 glyphs, takes 2.4 (measured 2026-11-28)."""
_MEMORY = 1_500_000_000
_NEEDED = ("head", "hhea", "hmtx", "maxp", "cmap", "name", "OS/2")
_LETTERS = frozenset(map(ord, string.ascii_letters + string.digits))
_WEIGHT, _BOLD = "wght", 600
_RESTRICTED, _NO_SUBSETTING, _BITMAPS_ONLY = 0x0002, 0x0100, 0x0200
_USAGE = 0x000E
"""The bits of OS/2 fsType that exclude one another; where several are set, the freest holds (OpenType 1.9.1)."""
_ABOVE, _BELOW = 1.069, 0.293
"""Of an em, above and below the line, as Noto Sans has it: rows of a sheet are as high in every typeface."""


class _Unfit(Exception):
    """The file is not fit; the argument says how."""


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _read(data: bytes) -> ttLib.TTFont:
    font = ttLib.TTFont(io.BytesIO(data), recalcTimestamp=False)
    if any(name not in font for name in _NEEDED) or not ("glyf" in font or "CFF " in font):
        raise _Unfit("not-a-font")
    licence = font["OS/2"].fsType
    if licence & _USAGE == _RESTRICTED:
        raise _Unfit("restricted")
    if licence & _NO_SUBSETTING:
        raise _Unfit("no-subsetting")
    if licence & _BITMAPS_ONLY:
        raise _Unfit("bitmaps-only")
    if _LETTERS - font.getBestCmap().keys():
        raise _Unfit("without-letters")
    return font


def _at_weight(font: ttLib.TTFont, wanted: int) -> int:
    """Make one font of a variable one, as near to the wanted weight as it goes; return the weight that it has."""
    if "fvar" not in font:
        return int(font["OS/2"].usWeightClass)
    places = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
    for axis in font["fvar"].axes:
        if axis.axisTag == _WEIGHT:
            places[_WEIGHT] = min(max(float(wanted), axis.minValue), axis.maxValue)
    instancer.instantiateVariableFont(font, places, inplace=True)
    font["OS/2"].usWeightClass = round(places.get(_WEIGHT, font["OS/2"].usWeightClass))
    return int(font["OS/2"].usWeightClass)


def _with_lining_figures(font: ttLib.TTFont) -> None:
    """Make figures that stand on the line the font's first: others are too low to be read (OpenType, lnum)."""
    if "GSUB" not in font:
        return
    table = font["GSUB"].table
    chosen = [record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "lnum"]
    exchanged: dict[str, str] = {}
    for lookup in (table.LookupList.Lookup[index] for feature in chosen for index in feature.LookupListIndex):
        for part in lookup.SubTable:
            exchanged |= getattr(getattr(part, "ExtSubTable", part), "mapping", {})
    for letters in (part.cmap for part in font["cmap"].tables if part.isUnicode()):
        letters |= {
            figure: exchanged.get(letters[figure], letters[figure])
            for figure in map(ord, string.digits)
            if figure in letters
        }


def _plain(font: ttLib.TTFont) -> None:
    """Leave the letters and how they join, without colours and hints, and lines as high as in every typeface."""
    _with_lining_figures(font)
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=["*"], recalc_timestamp=False)
    options.drop_tables += ["COLR", "CPAL", "CBDT", "CBLC", "sbix", "SVG ", "DSIG", "STAT", "meta", "MATH", "MVAR"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap().keys())
    subsetter.subset(font)
    em = font["head"].unitsPerEm
    above, below = round(_ABOVE * em), round(_BELOW * em)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = above, -below, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap, os2.usWinAscent, os2.usWinDescent = (
        *(above, -below, 0),
        *(above, below),
    )


def _saved(font: ttLib.TTFont, flavor: str | None) -> bytes:
    font.flavor = flavor
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _answer(data: bytes, wanted: int) -> bytes:
    try:
        font = _read(data)
        family = font["name"].getBestFamilyName() or ""
        weight = _at_weight(font, wanted)
        _plain(font)
        fonts = (_saved(font, None), _saved(font, "woff2"))
    except _Unfit as fault:
        return json.dumps({"fault": str(fault)}).encode() + b"\n"
    except Exception:  # noqa: BLE001 - whatever the reader stumbles over, it is no font that a sheet could be set in
        return json.dumps({"fault": "not-a-font"}).encode() + b"\n"
    said = {"family": family, "weight": weight, "lengths": [len(one) for one in fonts]}
    return json.dumps(said).encode() + b"\n" + b"".join(fonts)


def _main() -> None:
    _limit()
    sys.stdout.buffer.write(_answer(sys.stdin.buffer.read(), int(sys.argv[1])))


if __name__ == "__main__":
    _main()
