"""A page is read by the rules of browsers, and what reads it is made once."""

import re

import pytest
from tinyhtml5 import inputstream

from handouts.page_tree import elements, page_tree, words

PAGE = '<!doctype html><head><title>t</title></head><body class="a  b" id=c><p>One &amp; two<br>three <b>x</p></body>'


def test_a_page_is_read_as_browsers_read_it() -> None:
    page = page_tree(PAGE)
    assert [element.tag.rpartition("}")[2] for element in elements(page)] == [
        *("html", "head", "title", "body", "p", "br", "b")
    ]
    assert words(page) == "One & two\nthree x"
    assert page[1].attrib == {"class": "a  b", "id": "c"}


def test_what_finds_the_end_of_a_text_is_kept_from_page_to_page() -> None:
    page_tree(PAGE)
    made = dict(inputstream.characters_until_regex)
    page_tree(PAGE.replace("One", "Uno"))
    assert inputstream.characters_until_regex == made
    assert not any(isinstance(characters, re.Pattern) for characters, _ in made)


@pytest.mark.parametrize("is_of_set", [True, False])
def test_what_finds_the_end_of_a_text_is_what_tinyhtml5_makes(
    is_of_set: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found() -> str:
        characters: str = inputstream.HTMLUnicodeInputStream("a-b]c").chars_until(frozenset("-]b^\\"), is_of_set)
        return characters

    ours = found()
    monkeypatch.setattr(inputstream, "characters_until_regex", {})
    assert ours == found() == ("" if is_of_set else "a")
