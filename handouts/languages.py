"""A language tag -> how sheets in it are set: CLDR locale, direction, names, fonts, line height."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global

from handouts.errors import nearest
from handouts.own_locale import OwnLocale
from handouts.resources import SHELVES

BASE_FAMILY = "Noto Sans"
_LETTERS = {
    "Latn": ("LATIN",),
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",),
    "Guru": ("GURMUKHI",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK"),
    "Kore": ("HANGUL", "CJK"),
}
"""How Unicode's names of a script's letters begin, by its ISO 15924 code; every language of languages.toml has one."""
_COUNTRY = re.compile(r"-(?:[a-z]{2}|[0-9]{3})\Z")
"""BCP 47's subtag of a country or a region: es-MX, es-419; in small letters."""
_SUBTAGS = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?")
"""BCP 47's language, script and country, in small letters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """One language of a sheet. `tag` is BCP 47 (zh-Hans); `locale` is CLDR's, with the country where CLDR has both.

    A variant of another language has that one's tag as `variant_of`, and all from it but its tag, its CLDR locale and
    its names; else that is "". `capital_nouns`: a noun keeps its capital letter inside a sentence. `date_and_time`
    joins a date ({1}) and a time ({0}). `persian_calendar` is the country, whose names of the months it uses, where its
    dates are of that calendar, else "".
    """

    tag: str
    variant_of: str
    locale: Locale
    fonts: tuple[str, ...]
    package: str
    line_height: float
    fonts_first: bool
    capital_nouns: bool
    date_and_time: str
    persian_calendar: str

    @property
    def direction(self) -> str:
        """Return "ltr" or "rtl"; right in Babel for every language tried (docs/explanation/facts.md)."""
        return _direction(self.locale)

    @property
    def english_name(self) -> str:
        """Return the language's name in English, for the staff."""
        return str(_plain_locale(self.tag).get_display_name("en"))

    def name_in(self, reader: str) -> str:
        """Return the language's name as those who read the language `reader` call it."""
        return str(_plain_locale(self.tag).get_display_name(language(reader).locale) or self.english_name)

    @property
    def own_name(self) -> str:
        """Return the language's name in itself."""
        name = str(_plain_locale(self.tag).get_display_name())
        return name[:1].upper() + name[1:]


@cache
def _direction(locale: Locale) -> str:
    # As Locale.text_direction says it, which has all of an OwnLocale's data copied first: 0.2 s for every language.
    order = str(localedata.load(str(locale))["character_order"])
    return "".join(word[0] for word in order.split("-"))


@cache
def _table() -> Mapping[str, Any]:
    with (SHELVES["locales"] / "languages.toml").open("rb") as file:
        return tomllib.load(file)


def _row(tag: str) -> Mapping[str, Any]:
    """Return the table of a language, over that of the language that it is a variant of."""
    own: Mapping[str, Any] = _table()[tag]
    return {**_table()[own["variant_of"]], **own} if "variant_of" in own else own


def known_tags() -> tuple[str, ...]:
    """Return the tags of every language that sheets can be set in."""
    return tuple(tag for tag in _table() if tag != "names")


def name_fonts() -> tuple[str, ...]:
    """Return the families for names in any script."""
    return tuple(_table()["names"]["fonts"])


@cache
def fonts_of_names_alone() -> frozenset[str]:
    """Return the families that no language's sheets are set in: only names are."""
    return frozenset(name_fonts()).difference(*(_row(tag)["fonts"] for tag in known_tags()))


def lineage(tag: str) -> tuple[str, ...]:
    """Return a language's tag, and that of the language it is a variant of: where its words are looked for, in order.

    Raises KeyError for a tag that languages.toml does not have.
    """
    base = language(tag).variant_of
    return (tag, base) if base else (tag,)


def base_of(tag: str) -> str:
    """Return the tag of the language that `tag` is a variant of, else `tag` itself."""
    return lineage(tag)[-1]


def folder_of(tag: str) -> str:
    """Return the name of a language's folder on the shelf "locales", as gettext writes it: zh_Hans."""
    return tag.replace("-", "_")


@lru_cache(maxsize=256)
def language(tag: str, country: str = "", calendar: str = "") -> Language:
    """Return the language of `tag` with the date forms of `country` where CLDR knows the pair.

    `calendar` is "persian" or "gregorian" where the clinic says which comes first in a language that has both; "" is
    what CLDR says of the country. The names of Persian months are the country's, or else Iran's. Raises KeyError for a
    tag that languages.toml does not have.
    """
    row = _row(tag)
    persian_in = row.get("persian_calendar", ())
    wanted = (country, *persian_in) if calendar == "persian" else (country,) if not calendar else ()
    return Language(
        tag=tag,
        variant_of=row.get("variant_of", ""),
        locale=OwnLocale(_locale(tag, country), row.get("words", {})),
        fonts=tuple(row["fonts"]),
        package=row["package"],
        line_height=row.get("line_height", 1.0),
        fonts_first=row.get("fonts_first", False),
        capital_nouns=row.get("capital_nouns", False),
        date_and_time=row.get("date_and_time", ""),
        persian_calendar=next((one for one in wanted if one in persian_in), ""),
    )


def canonical(tag: str) -> str:
    """Return the tag of languages.toml that `tag` means whatever its case and separator (ZH_hans -> zh-Hans), or ""."""
    wanted = tag.replace("_", "-").lower()
    return next((known for known in known_tags() if known.lower() == wanted), "")


@lru_cache(maxsize=256)
def meant_tag(text: str) -> str:
    """Return the tag of the language that `text` names beyond doubt, or "".

    A tag in any case, also with a country that has no texts of its own (es-MX is es, zh-CN is zh-Hans); a code of ISO
    639-2 (spa); or a language's name in English, in itself or in another of the languages, whatever its case and
    accents. A country with texts of its own is told from the others: spa-ES is es-ES. "Chinese" and pt-PT name none:
    the script is missing or the country is another one, and is not guessed. `pt` is pt-BR, which is the Portuguese that
    there is.
    """
    wanted = text.strip()
    return (
        canonical(wanted) or canonical(_without_country(wanted)) or _by_cldr(wanted) or _names().get(folded(text), "")
    )


def _by_cldr(text: str) -> str:
    """Return the known tag of a language, script and country (BCP 47), or "", by CLDR's aliases and likely subtags."""
    match = _SUBTAGS.fullmatch(text.replace("_", "-").lower())
    if match is None:
        return ""
    spoken = str(get_global("language_aliases").get(match[1], match[1])).partition("_")[0]
    script, country = (match[2] or "").title(), (match[3] or "").upper()
    likely = get_global("likely_subtags")
    of_country = likely.get(f"{spoken}_{country}") or likely.get(spoken) or ""
    parts = str(of_country).split("_")
    if not script and country and len(parts) == 3:
        script = parts[1]
    tags = [f"{spoken}-{country}" if country else "", f"{spoken}-{script}" if script else ""]
    tags.append(spoken if script in ("", _likely_script(spoken)) else "")
    if not country and not script and len(parts) == 3:
        tags.append(f"{spoken}-{parts[2]}")
    return next(filter(None, map(canonical, filter(None, tags))), "")


def of_another_country(text: str) -> bool:
    """Return whether `text` is a tag with a country that has no texts of its own: es-MX, which is set as es."""
    return not canonical(text.strip()) and bool(canonical(_without_country(text.strip())))


def _without_country(tag: str) -> str:
    """Return a tag without its country, unless the language has another script there: pa-PK is not pa."""
    plain = tag.replace("_", "-").lower()
    spoken, _, country = plain.partition("-")
    there = _likely_script(f"{spoken}_{country.upper()}")
    return plain if there and there != _likely_script(spoken) else _COUNTRY.sub("", plain)


def _likely_script(subtags: str) -> str:
    """Return the ISO 15924 code of the script that CLDR has for a language, or for it in a country, or ""."""
    parts = str(get_global("likely_subtags").get(subtags) or "").split("_")
    return parts[1] if len(parts) == 3 else ""


def folded(name: str) -> str:
    """Return a name or tag of a language without what makes no difference: case, accents, brackets, order of words."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(sorted(re.findall(r"\w+", plain)))


@cache
def _names() -> Mapping[str, str]:
    """Return the tag of each language by its names, folded; a name that two languages have is left out."""
    found: dict[str, str] = {}
    for tag in known_tags():
        for reader in known_tags():
            for name in _called(tag, language(reader).locale):
                found[name] = tag if found.get(name, tag) == tag else ""
        found |= {folded(name): tag for name in _table()[tag].get("also", ())}
    return found


def _called(tag: str, reader: Locale) -> Iterator[str]:
    """Yield what a language is called in another, folded; with a country or a script it may have two names."""
    locale = _plain_locale(tag)
    yield folded(str(locale.get_display_name(reader)))
    if own := reader.languages.get(str(locale)):
        yield folded(own)


def closest_tag(text: str) -> str:
    """Return the known tag that `text` most likely means, or "".

    It may be in another case, misspelt, without its script (zh), with a country of its own (es-MX), or a language's
    name in English or in itself. A language that is another one is no misspelling: Cantonese is zh-Hant, as it is
    written, and Klingon none.
    """
    wanted = text.strip().replace("_", "-").lower()
    if found := meant_tag(wanted):
        return found
    bare = wanted.partition("-")[0]
    if other := _others().get(folded(text)) or _others().get(bare):
        return canonical(f"zh-{_likely_script(other)}")
    names: dict[str, str] = {}
    for tag in known_tags():
        locale = _plain_locale(tag)
        if bare == locale.language:
            return tag
        own_names = (tag, locale.get_language_name("en"), locale.get_display_name("en"), locale.get_display_name())
        names = {**{name: tag for name in map(str.lower, map(str, own_names)) if name[:1] == wanted[:1]}, **names}
    return names.get(nearest(wanted, names), "")


@cache
def _others() -> Mapping[str, str]:
    """Return the code of each language that CLDR knows and no sheet is in, by its code and its names in English.

    Those of China are also known without the word Chinese (Hakka).
    """
    ours = {_plain_locale(tag).language for tag in known_tags()}
    aliases = get_global("language_aliases")
    found: dict[str, str] = {}
    for code, name in _plain_locale("en").languages.items():
        if "_" not in code and str(aliases.get(code, code)).partition("_")[0] not in ours:
            found |= dict.fromkeys((code, folded(name), folded(name.replace("Chinese", ""))), code)
    return found


def is_written_in(text: str, tag: str) -> bool:
    """Return whether most letters of a text are of the script that the language `tag` is written in (CLDR)."""
    letters = [letter for letter in text if letter.isalpha()]
    beginning = _LETTERS[_script(tag)]
    own = sum(unicodedata.name(letter, "").startswith(beginning) for letter in letters)
    return own * 2 > len(letters)


def _script(tag: str) -> str:
    """Return the ISO 15924 code of a language's script: its tag's own, or CLDR's likely one (ar is ar_Arab_EG)."""
    locale = _plain_locale(tag)
    return locale.script or _likely_script(locale.language)


def _locale(tag: str, country: str) -> Locale:
    plain = _plain_locale(tag)
    if not country or plain.territory:
        return plain
    try:
        return Locale(plain.language, territory=country, script=plain.script)
    except UnknownLocaleError:
        return plain


def _plain_locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")
