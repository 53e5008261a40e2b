"""A reason says why in words; what only fills the place of one does not."""

import pytest

from handouts.reasons import says_why


@pytest.mark.parametrize("reason", ["", "x", "-", "--", "n/a", "None.", "no reason", "12", "!!!", "xx", "a b c", "mmm"])
def test_what_says_nothing(reason: str) -> None:
    assert not says_why(reason, words=1)


@pytest.mark.parametrize("reason", ["acne", "Rosacea.", "皮肤薄", "त्वचा", "حب", "da mỏng"])
def test_one_word_says_why(reason: str) -> None:
    assert says_why(reason, words=1)


@pytest.mark.parametrize(
    ("reason", "enough"),
    [
        ("mineral make-up only", True),
        ("solo maquillaje mineral", True),
        ("只用矿物化妆品", True),
        ("مكياج معدني فقط", True),
        ("make make", False),
        ("because", False),
        ("皮肤", False),
    ],
)
def test_a_clinics_reason_has_more_than_one_word(reason: str, enough: bool) -> None:  # noqa: FBT001 - a case's answer
    assert says_why(reason, words=2) is enough
