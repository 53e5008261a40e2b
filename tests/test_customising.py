"""A clinic's own file begins as what ships, changes no sheet by itself, and is told when what ships changes."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handouts import composition
from handouts.errors import ExitCode
from handouts.press import Press
from handouts.resources import SHELVES, Resources
from tests.conftest import NOW, Ran, job

Command = Callable[..., Ran]
NAMES = [template.name for template in composition.customisable()]
WITH_BLOCKS = {template.name for template in composition.customisable() if template.blocks}


@contextmanager
def shipped_before(changes: dict[str, tuple[str, str]], tmp_path: Path) -> Iterator[None]:
    """Let templates ship as they were before a text of theirs became another: {name: (now, before)}."""
    old = Path(shutil.copytree(SHELVES["templates"], tmp_path / "before"))
    for name, (now, before) in changes.items():
        text = (old / name).read_text()
        assert now in text, name
        (old / name).write_text(text.replace(now, before))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHELVES, "templates", old)
        yield


def changed(clinic: Path) -> dict[str, str]:
    return {each.name: each.difference for each in composition.changed_originals(Resources(clinic=clinic))}


def pages(clinic: Path) -> list[str]:
    """Return the sheets and the email of a clinic without what a comment, and the fingerprint of templates, changes."""
    press = Press(Resources(clinic=clinic))
    composed, _ = press.compose(job("microneedling-aftercare", "en", "ar+en"))
    mail = press.mail("microneedling-aftercare", "ar", NOW.date())
    made = [page.html.replace(page.fingerprint, "") for page in composed]
    made += [mail.html, mail.text, mail.subject, mail.attachment_name]
    return [re.sub(r"(?s)/\*.*?\*/\n?|url\([^)]*\)|sha256-[^']*", "", page) for page in made]


def test_what_is_begun_changes_no_sheet_before_it_is_changed(clinic: Path, command: Command) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().partition("[[approvals]]")[0])  # It ends with any file of the clinic's own.
    before = pages(clinic)
    for name in NAMES:
        ran = command("customise", name, "--clinic", clinic)
        assert (ran.code, ran.out.splitlines()[0]) == (0, str(clinic / "templates" / name)), ran.err
    assert pages(clinic) == before
    for name in WITH_BLOCKS:
        (clinic / "templates" / name).unlink()
        assert command("customise", name, "--whole", "--clinic", clinic).code == 0
    assert pages(clinic) == before
    assert changed(clinic) == {}
    assert Press(Resources(clinic=clinic)).unused_templates == ()
    assert Press(Resources(clinic=clinic)).kept_slow(job()) == (), "batches are as fast as with what ships"


def test_a_header_says_what_is_covered_in_a_comment_of_its_kind(clinic: Path, command: Command) -> None:
    for name, begins, ends in (
        ("handout/screen.css", "/* ", ". */"),
        ("email/parts.txt", "{# ", ". #}"),
        ("handout/pictograms/sun.svg", "<!-- ", ". -->"),
    ):
        command("customise", name, "--clinic", clinic)
        text = (clinic / "templates" / name).read_text()
        head, _, rest = text.partition(ends + "\n")
        assert head.startswith(f"{begins}Your own {name}. ")
        assert re.search(rf"^Covers {name} of handouts \S+, fingerprint [0-9a-f]{{16}}$", head, re.MULTILINE)
        assert rest == (SHELVES["templates"] / name).read_text()


def test_each_block_is_there_to_be_taken_out_of_its_comment(clinic: Path, command: Command) -> None:
    command("customise", "handout/sheet.html", "--clinic", clinic)
    file = clinic / "templates" / "handout" / "sheet.html"
    text = file.read_text()
    (blocks,) = [template.blocks for template in composition.customisable() if template.name == "handout/sheet.html"]
    assert re.findall(r"^\{#\n\{% block (\w+)", text, re.MULTILINE) == list(blocks)
    own = re.sub(r"(?s)\{#\n(\{% block title %\}\n)(.*?)#\}\n", r"\1<p>Our own line.</p>\n\2", text)
    file.write_text(own)
    (page,), _ = Press(Resources(clinic=clinic)).compose(job())
    assert page.html.index("Our own line.") < page.html.index("<h1>")


def test_a_whole_copy_may_have_blocks_of_its_own(clinic: Path, command: Command) -> None:
    command("customise", "handout/sheet.html", "--whole", "--clinic", clinic)
    file = clinic / "templates" / "handout" / "sheet.html"
    file.write_text(file.read_text().replace("<main>", "{% block ours %}<p>Our own line.</p>{% endblock %}<main>"))
    (page,), _ = Press(Resources(clinic=clinic)).compose(job())
    assert "Our own line." in page.html


def test_nothing_is_written_over(clinic: Path, command: Command) -> None:
    command("customise", "handout/sheet.css", "--clinic", clinic)
    file = clinic / "templates" / "handout" / "sheet.css"
    file.write_text("h1 { color: red }")
    ran = command("customise", "handout/sheet.css", "--clinic", clinic)
    assert (ran.code, file.read_text()) == (ExitCode.TEMPLATE, "h1 { color: red }")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("handout/sheeet.css", "handout/sheet.css"),
        ("bilingual.css", "handout/bilingual.css"),
        ("handout/ticks.js", "handout/sheet.css"),
        ("../clinic.toml", ""),
    ],
)
def test_a_misspelt_template_is_told_its_nearest(typed: str, meant: str, clinic: Path, command: Command) -> None:
    ran = command("customise", typed, "--clinic", clinic)
    assert ran.code == ExitCode.USAGE
    assert ("Did you mean" in ran.err) == bool(meant)
    assert meant in ran.err
    assert not (clinic / "templates").exists()


def test_without_a_name_each_template_is_listed_with_what_it_is(clinic: Path, command: Command) -> None:
    command("customise", "email/message.txt", "--clinic", clinic)
    lines = command("customise", "--clinic", clinic).out.splitlines()
    assert all(template.about for template in composition.customisable())
    named = [line.split()[0] for line in lines]
    assert [name for name in NAMES if not name.startswith(composition.PICTOGRAMS)] == named[:-1]
    assert [line.split()[0] for line in lines if " yours " in line] == ["email/message.txt"]
    assert "Blocks: style, header, title," in next(line for line in lines if line.startswith("handout/sheet.html "))


def test_what_has_changed_since_is_shown_until_somebody_has_looked(
    clinic: Path, command: Command, tmp_path: Path
) -> None:
    with shipped_before({"handout/screen.css": ("--screen-text-size: 17px", "--screen-text-size: 16px")}, tmp_path):
        command("customise", "handout/screen.css", "--clinic", clinic)
        command("customise", "handout/sheet.css", "--clinic", clinic)
        assert changed(clinic) == {}
    own = (clinic / "templates" / "handout" / "screen.css").read_text()
    (difference,) = changed(clinic).values()
    lines = difference.splitlines()
    assert re.match(r"--- handout/screen.css of handouts \S+$", lines[0])
    assert [line.strip() for line in lines[2:] if line[0] in "+-"] == [
        f"{sign}  --screen-text-size: {size}px; /* the text on a screen */" for sign, size in (("-", 16), ("+", 17))
    ]
    assert command("customise", "handout/screen.css", "--seen", "--clinic", clinic).code == 0
    assert changed(clinic) == {}
    assert (clinic / "templates" / "handout" / "screen.css").read_text() == own, "an approval would end with a change"


def test_a_file_that_extends_is_told_of_its_own_blocks_alone(clinic: Path, command: Command, tmp_path: Path) -> None:
    changes = {"handout/sheet.html": ('class="about"', 'class="old"')}
    with shipped_before(changes, tmp_path):
        command("customise", "handout/sheet.html", "--clinic", clinic)
    assert changed(clinic) == {}, "every block is a comment"
    file = clinic / "templates" / "handout" / "sheet.html"
    begun = file.read_text()
    file.write_text(begun + "{% block title %}{{ super() }}{% endblock %}")
    assert changed(clinic) == {}
    file.write_text(begun + "{% block about %}{{ super() }}{% endblock %}")
    assert '-<footer class="old">\n+<footer class="about">\n' in changed(clinic)["handout/sheet.html"]


def test_check_shows_the_difference_and_says_what_to_do(command: Command, tmp_path: Path) -> None:
    clinic = tmp_path / "new"
    command("new-clinic", clinic)  # Nothing is typeset: its gaps stop that.
    changes = dict.fromkeys(("email/parts.txt", "email/subject.txt"), ("\n", " \n"))
    with shipped_before(changes, tmp_path):
        for name in changes:
            command("customise", name, "--clinic", clinic)
    (clinic / "originals" / "email" / "subject.txt").unlink()
    data = json.loads(command("check", clinic, "--json").out)
    codes = {problem["source"]: problem["code"] for problem in data["problems"] if problem["kind"] == "template"}
    assert codes == {
        "templates/email/parts.txt": "original-changed",
        "templates/email/subject.txt": "original-not-kept",
    }
    said = command("check", clinic).out
    assert "handouts customise email/parts.txt --seen" in said
    assert data["differences"]["email/parts.txt"] in said


def test_a_file_that_was_there_before_is_compared_from_then_on(clinic: Path, command: Command, tmp_path: Path) -> None:
    assert command("customise", "handout/parts.html", "--seen", "--clinic", clinic).code == ExitCode.TEMPLATE
    file = clinic / "templates" / "handout" / "parts.html"
    file.parent.mkdir(parents=True)
    file.write_text((SHELVES["templates"] / "handout" / "parts.html").read_text())
    with shipped_before({"handout/parts.html": ("{% macro title() %}", "{% macro head() %}")}, tmp_path):
        assert command("customise", "handout/parts.html", "--seen", "--clinic", clinic).code == 0
    assert "+{% macro title() %}" in changed(clinic)["handout/parts.html"]


def test_what_is_kept_counts_only_as_it_was_kept(clinic: Path, command: Command, tmp_path: Path) -> None:
    with shipped_before({"handout/sheet.css": ("22pt", "21pt")}, tmp_path):
        for name in ("handout/sheet.css", "handout/screen.css"):
            command("customise", name, "--clinic", clinic)
    assert set(changed(clinic)) == {"handout/sheet.css"}
    kept = clinic / "originals" / "handout" / "sheet.css"
    kept.write_text(kept.read_text() + "h1 { color: red }")
    (clinic / "originals" / "handout" / "screen.css").unlink()
    assert changed(clinic) == {"handout/sheet.css": ""}, "the difference would be another, and screen.css has none"
