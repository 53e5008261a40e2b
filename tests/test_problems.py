"""Every code has words that fit its values, and every wording is used."""

import ast
import re
from inspect import signature
from string import Formatter

import pytest

from handouts.codes import Code
from handouts.errors import Kind, Problem, Severity, each_once, nearest
from handouts.interfaces.words import counted, format_problems, place, remedy, what
from handouts.resources import PACKAGE
from handouts.wordings import wordings

SOURCES = {path: path.read_text() for path in PACKAGE.rglob("*.py")}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_code_has_a_wording_and_every_wording_a_code() -> None:
    assert [str(code) for code in Code] == sorted(wordings())


def test_every_code_is_used() -> None:
    used = {name for text in SOURCES.values() for name in re.findall(r"\bCode\.([A-Z0-9_]+)", text)}
    assert set(Code.__members__) - used == set()


def test_no_wording_needs_a_value_that_is_a_place() -> None:
    places = set(signature(Problem.of).parameters) - {"values"}
    assert {
        code for code, wording in wordings().items() if any(places & fields(text) for text in wording.values())
    } == set()


BUILDERS = {"Problem.of": 1, "Problem.warning": 1, "InputError.of": 1, "file.problem": 0, "ValueFault": 0}
"""What makes a Problem, and the place of the code among its arguments; who catches a ValueFault adds the key."""


def test_what_is_raised_has_the_values_of_its_wording() -> None:
    calls = [call for text in SOURCES.values() for call in ast.walk(ast.parse(text)) if isinstance(call, ast.Call)]
    checked = 0
    for call in calls:
        builder, given = ast.unparse(call.func), {keyword.arg for keyword in call.keywords}
        if builder not in BUILDERS or None in given:
            continue
        name = ast.unparse(call.args[BUILDERS[builder]]).removeprefix("Code.")
        if name in Code.__members__:
            checked += 1
            wanted = set().union(*(fields(wordings()[Code[name]][part]) for part in ("what", "do")))
            added = {"key"} if builder == "ValueFault" else set()
            assert wanted <= given | added, f"{name} is raised without {wanted - given}"
    assert checked > 250


@pytest.mark.parametrize("code", sorted(wordings()))
def test_a_wording_says_what_is_wrong_and_what_to_do(code: str) -> None:
    assert set(wordings()[code]) - {"many"} == {"what", "do"}
    assert wordings()[code]["do"].rstrip().endswith((".", ")", "}"))


def test_a_problem_is_told_with_its_place_and_the_nearest_name() -> None:
    problem = Problem(
        kind=Kind.BRANDING,
        code=Code.UNKNOWN_KEY,
        source="clinic.toml",
        line=12,
        path="colours.primry",
        values={"key": "primry"},
        nearest="primary",
    )
    assert place(problem) == "clinic.toml, line 12 (colours.primry)"
    assert what(problem) == "“primry” is not something that can stand here."
    assert remedy(problem).startswith("Did you mean “primary”? ")
    assert format_problems([problem]).startswith("error: clinic.toml, line 12")
    assert problem.exit_code == 3


def draft(document: str, language: str) -> Problem:
    return Problem(
        kind=Kind.REVIEW,
        code=Code.TRANSLATION_UNREVIEWED,
        source=f"library/{document}.md",
        values={"document": document, "language": language},
        severity=Severity.WARNING,
    )


def test_many_drafts_of_one_kind_are_one_with_a_count() -> None:
    drafts = [draft(document, language) for document in ("a", "b") for language in ("es", "ar", "fr")]
    other = Problem(kind=Kind.BRANDING, code=Code.FILE_MISSING, source="x")
    assert format_problems([drafts[0], other, *drafts[1:], drafts[0]]) == (
        "warning: 2 files\n"
        "  6 translations have been checked by no named person: a, b; into es, ar, fr.\n"
        "  → Have it checked by somebody who reads the language well, then run `handouts translate review DOCUMENT "
        "LANGUAGE --clinic FOLDER --by NAME --role ROLE`.\n"
        "\n"
        "error: x\n  This file is not there.\n  → Check the name and the folder.\n"
    )


LANGUAGES = [f"l{number}" for number in range(23)]
OF_EACH_LANGUAGE: tuple[tuple[Code, Kind, dict[str, str]], ...] = (
    (Code.TRANSLATION_UNREVIEWED, Kind.REVIEW, {}),
    (Code.TEXT_UNTRANSLATED, Kind.BRANDING, {"key": "regulator", "tag": "l"}),
    (Code.TOO_MANY_PAGES, Kind.TYPESETTING, {"pages": "4", "maximum": "3"}),
    (Code.LONG_SENTENCE, Kind.TRANSLATION, {"words": "21", "limit": "20", "excerpt": "So"}),
    (Code.GLOSSARY_FORBIDDEN, Kind.TRANSLATION, {"excerpt": "So", "word": "w", "term": "t"}),
)
"""What a check of 23 translations may say of each."""


def test_warnings_of_every_language_fit_on_a_screen_and_a_real_one_is_seen_among_them() -> None:
    many = [
        Problem.warning(kind, code, f"{tag}/{document}.po", document=document, language=tag, **values)
        for document in ("a", "b", "c", "d", "e")
        for tag in LANGUAGES
        for code, kind, values in OF_EACH_LANGUAGE
    ]
    real = Problem.of(Kind.BRANDING, Code.FILE_MISSING, "logo.svg")
    told = format_problems([*many, real])
    assert len(told.splitlines()) <= 24
    assert told.endswith("\nerror: logo.svg\n  This file is not there.\n  → Check the name and the folder.\n")
    assert "115 sentences have more than 20 words" in told
    each = format_problems([*many, real], each=True)
    assert each.count("This sentence has") == 115
    assert each.count("translations have been checked by no named person") == 1


def test_a_few_drafts_are_told_each() -> None:
    assert format_problems([draft("a", language) for language in ("es", "ar", "fr")]).count("warning: ") == 3


@pytest.mark.parametrize("code", sorted(code for code, wording in wordings().items() if "many" in wording))
def test_what_many_have_in_common_is_said_with_the_values_of_each(code: str) -> None:
    wording = wordings()[code]
    assert "count" in fields(wording["many"])
    assert fields(wording["many"]) - {"count"} <= fields(wording["what"]) | fields(wording["do"])


@pytest.mark.parametrize(("name", "expected"), [("fase", "face"), ("FACE", "face"), ("elbow", ""), ("", "")])
def test_only_a_near_name_is_suggested(name: str, expected: str) -> None:
    assert nearest(name, ["face", "neck", "hands"]) == expected


def test_each_problem_is_kept_once_in_its_order() -> None:
    lines = [3, 1, 3, 2, 1]
    problems = [
        Problem(kind=Kind.TREATMENT, code=Code.FILE_MISSING, source="b", line=line, values={"c": "d"}) for line in lines
    ]
    assert each_once(iter(problems)) == (problems[0], problems[1], problems[3])


def test_every_module_opens_with_one_sentence() -> None:
    for path, text in SOURCES.items():
        assert text.startswith('"""'), f"{path} has no opening sentence"


def test_a_problem_of_many_lines_is_told_once() -> None:
    problems = [
        Problem(kind=Kind.TREATMENT, code=Code.ROW_WITHOUT_DOCUMENT, source="table.csv", line=line)
        for line in (2, 3, 4, 7, 9, 10)
    ]
    text = format_problems(problems)
    assert text.startswith("error: table.csv, lines 2 to 4, 7, 9, 10\n")
    assert text.count("error:") == 1
    assert format_problems(problems[:3]).count("error:") == 3


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("sheet",), "0 sheets"),
        (1, ("sheet",), "1 sheet"),
        (1, ("entry", "entries"), "1 entry"),
        (1234, ("entry", "entries"), "1,234 entries"),
    ],
)
def test_a_number_agrees_with_its_noun(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said


def test_no_name_of_a_file_moves_the_cursor_or_turns_the_line() -> None:
    odd = "a\x1b[2J\n\u202eb\x9b"
    problem = Problem.of(Kind.DOCUMENT, Code.FILE_UNREADABLE, odd, path=odd, reason=odd)
    words = format_problems([problem])
    assert not any(letter in words for letter in "\x1b\u202e\x9b")
    assert words.count("\n") == 3
