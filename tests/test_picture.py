"""What a letter shows of itself is measured in its own box, dot by dot."""

import numpy as np
import numpy.typing as npt
import pytest

from handouts.typesetting.picture import Letters, compared

WHITE, BLACK, GREY = 0xFFFFFFFF, 0xFF000000, 0xFF777777


def picture(*rows: str) -> npt.NDArray[np.uint32]:
    """Return a picture: # is black, o grey, anything else white."""
    colours = {"#": BLACK, "o": GREY}
    return np.array([[colours.get(dot, WHITE) for dot in row] for row in rows], dtype=np.uint32)


def measured(
    with_text: npt.NDArray[np.uint32],
    without_text: npt.NDArray[np.uint32],
    *boxes: tuple[float, float, float, float],
) -> Letters:
    return compared(["a"] * len(boxes), np.array(boxes, dtype=float).reshape(-1, 4), with_text, without_text, scale=1)


BLANK = picture(*["......"] * 5)


def test_each_letter_is_measured_in_its_own_box() -> None:
    found = measured(picture("#.....", "#...oo", "#.....", "......", "......"), BLANK, (0, 0, 2, 3), (4, 0, 6, 4))
    assert found.share.tolist() == [1 / 2, 1 / 4]
    assert found.contrast.tolist() == pytest.approx([21, 4.48], abs=0.01)
    assert found.ground.tolist() == [1, 1]


def test_a_letter_may_show_a_dot_beside_its_box() -> None:
    found = measured(picture("......", "......", "...#..", "......", "......"), BLANK, (1, 1, 3, 4), (0, 0, 2, 4))
    assert found.contrast.tolist() == pytest.approx([21, 1])
    assert found.share.tolist() == [0, 0]


def test_what_lies_behind_a_letter_is_compared_within_its_box() -> None:
    ground = picture("######", "oooooo", "......", "......", "......")
    found = measured(ground, ground, (0, 0, 3, 1), (0, 0, 3, 2), (0, 0, 3, 3), (3, 3, 6, 5))
    assert found.ground.tolist() == pytest.approx([1, 21 / 4.48, 21, 1], abs=0.01)


def test_a_box_that_leaves_the_page_is_measured_by_what_is_on_it() -> None:
    found = measured(picture("#.....", "......", "......", "......", "......"), BLANK, (-3, 0, 1, 1), (0, -1, 1, 1))
    assert found.share.tolist() == [1 / 4, 1 / 2]


@pytest.mark.parametrize("box", [(2, 2, 2, 2), (20, 20, 22, 22), (-9, 0, -3, 2), (3, 3, 1, 1)])
def test_a_box_without_a_dot_shows_nothing(box: tuple[float, float, float, float]) -> None:
    found = measured(BLANK, BLANK, box)
    assert (found.contrast.tolist(), found.share.tolist(), found.ground.tolist()) == ([1], [0], [1])


def test_a_page_without_letters_has_none() -> None:
    assert measured(BLANK, BLANK).share.tolist() == []
