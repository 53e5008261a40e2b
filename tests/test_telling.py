"""What a page says of a problem: every wording has its code, every language all of them, with the same values."""

import string

import pytest

from handouts import catalogues
from handouts.codes import Code
from handouts.errors import Kind, Problem
from handouts.interfaces.local.telling import page_wordings, told
from handouts.languages import known_tags
from handouts.resources import Resources
from handouts.translation import catalogue
from handouts.wordings import wordings

ENGLISH = page_wordings("en")


def fields(text: str) -> set[str]:
    """Return the names in a wording's braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", ENGLISH)
def test_an_english_wording_needs_no_value_that_its_problem_lacks(code: str) -> None:
    assert code in set(Code)
    general = wordings()[Code(code)]
    has = fields(general["what"]) | fields(general["do"]) | {"label"}
    assert set(ENGLISH[code]) == {"what", "do"}
    assert fields(ENGLISH[code]["what"]) | fields(ENGLISH[code]["do"]) <= has
    assert "`" not in "".join(ENGLISH[code].values()), "there is no command line at a page"


@pytest.mark.parametrize("tag", [tag for tag in known_tags() if tag != "en"])
def test_every_language_says_all_of_them_with_the_same_values(tag: str) -> None:
    wanted = {code: {part: fields(text) for part, text in wording.items()} for code, wording in ENGLISH.items()}
    assert {
        code: {part: fields(text) for part, text in wording.items()} for code, wording in page_wordings(tag).items()
    } == wanted


@pytest.mark.parametrize("tag", [tag for tag in known_tags() if tag != "en"])
def test_every_language_has_all_words_of_the_page_with_the_same_values(tag: str) -> None:
    entries = catalogue(catalogues.DESK, tag, Resources()).entries
    for message in catalogues.desk_messages():
        entry = entries["", message.text]
        assert (bool(entry.text.strip()), entry.fuzzy) == (True, False), message.text
        assert fields(entry.text) == fields(message.text), message.text


def test_what_the_page_has_no_words_for_is_worded_as_for_commands() -> None:
    here = Problem.of(Kind.TREATMENT, Code.SETTING_OUT_OF_RANGE, "form", low="0.5", high="3", document="x")
    assert told(here, "en").what == "This is not between 0.5 and 3."
    draft = Problem.warning(Kind.TRANSLATION, Code.TRANSLATION_UNREVIEWED, "es.po", language="es")
    assert "into Spanish" in told(draft, "en").what
    there = Problem.of(Kind.TEMPLATE, Code.TEMPLATE_MISSING, "templates/own.html", name="own.html")
    assert (told(there, "es").what, told(there, "es").lang) == (there.what, "en")
