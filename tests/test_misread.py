"""Letters of another code page -> what they were; and no name that is real is taken for damage."""

import unicodedata
from pathlib import Path

import pytest
from babel import Locale, localedata
from hypothesis import given
from hypothesis import strategies as st

from handouts.codes import Code
from handouts.errors import InputError, Kind, ValueFault
from handouts.misread import holds_signs, unmisread
from handouts.resources import read_text
from handouts.treatment.tables.cells import checked_cell
from handouts.treatment.values import name, note

NAMES = (
    *("Małgorzata Przykład", "Ayşe Örnek", "Ștefan Țiu", "Nguyễn Văn An", "Άννα Τεστ", "Анна Тест", "שרה כהן", "张伟"),
    *("अनीता", "田中 花子", "สมชาย ใจดี", "علی رضایی", "Łukasz Żak", "Jiří Dvořák", "Zoë Nuñez", "José García"),
)
BY = {
    "cp1252": NAMES,
    "latin-1": NAMES,
    "cp1250": ("Miejscowość Żak", "José García", "Ștefan"),
    "cp1251": ("Анна Тест", "José"),
    "cp1254": ("Göktuğ", "Ayşe Örnek"),
    "cp1256": ("علی",),
    "mac-roman": ("José García", "Zoë", "Łukasz"),
    "cp437": ("José García", "Łukasz"),
    "cp850": ("José García",),
    "gbk": ("José García", "张伟"),
}


def misread(text: str, code_page: str) -> str:
    """Return a text whose UTF-8 a program took for another code page; what that lacks becomes a control, as in HTML."""
    data = text.encode()
    if code_page == "gbk":
        return data.decode(code_page)
    return "".join(bytes((one,)).decode(code_page, "ignore") or bytes((one,)).decode("latin-1") for one in data)


@pytest.mark.parametrize(("code_page", "was"), [(page, was) for page, names in BY.items() for was in names])
def test_misread_letters_are_found_and_read_again(code_page: str, was: str) -> None:
    assert unmisread(misread(was, code_page)) == was


@pytest.mark.parametrize(("text", "was"), [("O&#39;Brien", "O'Brien"), ("Jos&eacute;", "José"), ("A &amp; B", "A & B")])
def test_names_of_characters_are_read(text: str, was: str) -> None:
    assert unmisread(text) == was


@pytest.mark.parametrize("text", ["Ma³gorzata ¯ak", "¢ííá", "“c’†"])
def test_signs_are_in_no_name(text: str) -> None:
    assert holds_signs(text)
    with pytest.raises(ValueFault):
        name(text)


def test_no_word_of_any_language_is_taken_for_damage() -> None:
    words = set[str]()
    for identifier in localedata.locale_identifiers():
        if "_" not in identifier or len(identifier.split("_")[-1]) == 4:
            locale = Locale.parse(identifier)
            words.update(locale.territories.values(), locale.languages.values())
    assert len(words) > 50_000
    assert {word for word in words if unmisread(word)} == set()
    assert {word for word in words if holds_signs(word)} <= {"¨China"}  # so in CLDR


@given(st.text(st.sampled_from("茅盾寮张伟李娜王芳刘洋陈静杨赵黄周吴徐孙胡朱高林何郭马罗"), min_size=2, max_size=4))
def test_no_chinese_name_is_taken_for_damage(text: str) -> None:
    assert unmisread(text) == ""


@pytest.mark.parametrize("text", ["臉", "膿", "魏詩", "賴詠詩", 'translation = "膿"'])
def test_no_traditional_letters_are_taken_for_damage(text: str) -> None:
    """As GBK has them, these are UTF-8 as well."""
    assert text.encode("gbk").decode() != text
    assert unmisread(text) == ""


@given(st.text(st.characters(categories=["L", "M"]), max_size=20))
def test_it_ends_and_gives_something_else_or_nothing(text: str) -> None:
    found = unmisread(text)
    assert found == "" or (found != text and not any(unicodedata.category(letter) == "Cc" for letter in found))


def test_sentences_keep_their_signs() -> None:
    assert note("38 °C – call us © Example “now”…") == "38 °C – call us © Example “now”…"


@pytest.mark.parametrize("damaged", ["JosÃ© GarcÃ\u00ada", "HÃ\u00a0", "O&#39;Brien"])
def test_it_is_refused_wherever_it_comes_in(damaged: str) -> None:
    for read in (name, note, lambda text: checked_cell(text, lines=False)):
        with pytest.raises(ValueFault) as fault:
            read(damaged)
        assert fault.value.code == Code.DAMAGED_TEXT


def test_a_catalogue_tells_the_line_and_what_it_may_have_been(tmp_path: Path) -> None:
    path = tmp_path / "own.po"
    path.write_text('# PrzykÅ‚ad\nmsgid "Welcome"\nmsgstr "Bienvenida, JosÃ©"\n')
    with pytest.raises(InputError) as error:
        read_text(path, kind=Kind.TRANSLATION, source="own.po")
    assert [(problem.code, problem.line, problem.values["likely"]) for problem in error.value.problems] == [
        (Code.DAMAGED_LINE, 3, 'msgstr "Bienvenida, José"')
    ]
