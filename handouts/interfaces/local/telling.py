"""A Problem and a language -> what is wrong and what to do, for somebody at a page who types no commands."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from handouts.errors import Problem
from handouts.languages import folder_of, known_tags, language, lineage
from handouts.shelves import SHELVES
from handouts.translation import SOURCE_LANGUAGE
from handouts.wordings import harmless

_FILE = "desk-problems.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One problem in words; `lang` is the language of the words, which is English where a language has none."""

    what: str
    do: str
    lang: str


def told(problem: Problem, tag: str, label: str = "") -> Told:
    """Return a problem in the page's own words in the language `tag`, else in English, else in those of commands.

    `label` is what the page calls the field in which it stands.
    """
    for lang in (tag, SOURCE_LANGUAGE):
        wording = page_wordings(lang).get(problem.code)
        if wording is not None:
            values = {"label": label} | {key: harmless(value) for key, value in problem.values.items()}
            if values.get("language") in known_tags():
                values["language"] = language(values["language"]).name_in(lang)
            return Told(what=wording["what"].format(**values), do=wording["do"].format(**values), lang=lang)
    return Told(what=problem.what, do=problem.remedy, lang=SOURCE_LANGUAGE)


@cache
def page_wordings(tag: str) -> Mapping[str, Mapping[str, str]]:
    """Return the page's wordings in a language by the codes of problems, as locales/LANGUAGE/desk-problems.toml has.

    A variant of another language has that one's, and those of its own file over them.
    """
    found: dict[str, Mapping[str, str]] = {}
    for one in reversed(lineage(tag)):
        path = SHELVES["locales"] / folder_of(one) / _FILE
        if path.is_file():
            with path.open("rb") as file:
                found |= tomllib.load(file)
    return found
