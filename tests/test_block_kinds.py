"""Each kind of block has all that it needs, in one table; no sheet has a heading without words."""

from pathlib import Path

import pytest

from handouts.composition import look
from handouts.composition.page_checks import dangers
from handouts.documents import parse
from handouts.errors import InputError, errors_of
from handouts.page_tree import page_tree
from handouts.press import Press
from handouts.records import BlockKind
from handouts.records.block_kinds import CONTAINERS, HEADINGS, KINDS, Place
from handouts.resources import SHELVES, Resources
from tests.conftest import EXAMPLE_CLINIC, job

WITHOUT_HEADING = {BlockKind.KEY_MESSAGE, BlockKind.SCHEDULE, BlockKind.WHEN}
"""A key message stands for itself, a schedule's two tables have headings of their own, a condition is not seen."""
LIBRARY = "microneedling-aftercare"


@pytest.mark.parametrize("kind", BlockKind)
def test_a_kind_of_block_says_what_it_means_and_where_it_stands(kind: BlockKind) -> None:
    assert KINDS[kind].meaning.strip().endswith((".", "`"))
    assert (KINDS[kind].place in (Place.ALONE, Place.AROUND)) == (kind in CONTAINERS)
    assert (KINDS[kind].heading is None) == (kind not in CONTAINERS - WITHOUT_HEADING)


@pytest.mark.parametrize("name", HEADINGS)
def test_a_heading_has_words_in_every_language_a_pictogram_and_an_ink(name: str) -> None:
    heading = HEADINGS[name]
    assert heading.label.strip()
    assert (SHELVES["templates"] / "handout" / "pictograms" / f"{heading.pictogram}.svg").is_file()
    assert heading.ink == "" or heading.ink.startswith("#")
    assert f'msgid "{heading.label}"' in (SHELVES["locales"] / "handouts.pot").read_text()


@pytest.mark.parametrize("kind", sorted(CONTAINERS - WITHOUT_HEADING))
def test_every_kind_can_be_written_and_is_printed_with_its_heading(kind: BlockKind, clinic: Path) -> None:
    text = (SHELVES["library"] / f"{LIBRARY}.md").read_text()
    if kind not in {block.kind for block in parse(text, "document").blocks}:
        text += f"\n::: {kind}\n- A text of the test.\n:::\n"
    (clinic / "library").mkdir(exist_ok=True)
    (clinic / "library" / f"{LIBRARY}.md").write_text(text)
    (sheet,), _ = Press(Resources(clinic=clinic)).compose(job(LIBRARY, "en"))
    label = HEADINGS[kind].label.partition("{number}")[2] or HEADINGS[kind].label
    assert label in sheet.html
    assert "</span></h2>" not in sheet.html


@pytest.mark.parametrize("heading", ["<h2></h2>", '<h2><span class="icon"></span> </h2>', "<h3>&nbsp;</h3>"])
def test_a_heading_without_words_is_refused(heading: str) -> None:
    assert [problem.code for problem in dangers(page_tree(f"<p>Text</p>{heading}<p>Text</p>"))] == [
        "heading-without-words"
    ]
    assert dangers(page_tree('<h1>Words</h1><h2><img src="data:," alt="Words"></h2>')) == ()


def test_a_clinics_template_with_an_empty_heading_makes_no_sheet(clinic: Path) -> None:
    own = clinic / "templates" / "handout" / "sheet.html"
    own.parent.mkdir(parents=True)
    own.write_text('{% extends "@shipped/handout/sheet.html" %}{% block details %}<h2></h2>{{ super() }}{% endblock %}')
    with pytest.raises(InputError) as error:
        Press(Resources(clinic=clinic)).compose(job(LIBRARY, "en"))
    assert [problem.code for problem in errors_of(error.value.problems)] == ["heading-without-words"]


@pytest.mark.parametrize("name", HEADINGS)
def test_what_heads_a_block_counts_among_the_words_of_a_sheet(name: str) -> None:
    assert look(Resources(clinic=EXAMPLE_CLINIC)).has(HEADINGS[name].label)
