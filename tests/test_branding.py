"""clinic.toml becomes Branding: numbers as people write them, colours that can be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts import branding
from handouts.branding.colours import GRAPHIC_CONTRAST, TEXT_CONTRAST, contrast, nearest_passing, tint
from handouts.branding.telephone import is_emergency_number, telephone
from handouts.errors import Severity
from handouts.records import Paper
from tests.conftest import EXAMPLE_CLINIC

colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_the_example_clinic_is_read_whole() -> None:
    found, warnings = branding.load(EXAMPLE_CLINIC)
    assert warnings == ()
    assert found.telephone.national == "(212) 555-0142"
    assert found.paper is Paper.LETTER
    assert found.text("name", "ar") == ("عيادة لومن للبشرة", "ar")
    assert found.text("address", "ar") == ("120 Harbor Street, Suite 4\nSpringfield, NY 10000", "en")
    assert found.logo.data_uri.startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    ("number", "country", "national"),
    [
        ("+12125550142", "US", "(212) 555-0142"),
        ("+442079460123", "GB", "020 7946 0123"),
        ("+442079460123", "US", "+44 20 7946 0123"),
        ("+12125550142", "CA", "(212) 555-0142"),
    ],
)
def test_a_telephone_number_is_written_as_its_country_does(number: str, country: str, national: str) -> None:
    found = telephone(number, country)
    assert found is not None
    assert (found.e164, found.national) == (number, national)


@pytest.mark.parametrize("number", ["212-555-0142", "+1212555014", "+1 (212) CALL", "", "+999123456789"])
def test_what_cannot_be_dialled_is_no_number(number: str) -> None:
    assert telephone(number, "US") is None


@pytest.mark.parametrize(
    ("number", "country", "right"),
    [("911", "US", True), ("999", "GB", True), ("112", "DE", True), ("911", "GB", False), ("555", "US", False)],
)
def test_an_emergency_number_is_the_countrys(number: str, country: str, right: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_emergency_number(number, country) is right


@pytest.mark.parametrize(("first", "second", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_wcags(first: str, second: str, ratio: float) -> None:
    assert round(contrast(first, second), 2) == ratio
    assert contrast(first, second) == contrast(second, first)


@given(colour=colours, ratio=st.sampled_from((TEXT_CONTRAST, GRAPHIC_CONTRAST)))
def test_the_shade_that_a_sheet_uses_always_passes(colour: str, ratio: float) -> None:
    shade = nearest_passing(colour, tint(colour), ratio)
    assert contrast(shade, tint(colour)) >= ratio
    if contrast(colour, tint(colour)) >= ratio:
        assert shade == colour


def test_a_pale_colour_is_told_with_the_shade_that_is_used(clinic: Path) -> None:
    file = clinic / "clinic.toml"
    file.write_text(file.read_text().replace('primary = "#0b5c6b"', 'primary = "#7fd6e4"'))
    found, (warning,) = branding.load(clinic)
    assert warning.severity is Severity.WARNING
    assert (warning.code, warning.path) == ("low-contrast", "colours.primary")
    assert warning.values["shade"] == found.colours.primary
    assert warning.line == file.read_text().splitlines().index('primary = "#7fd6e4"') + 1
